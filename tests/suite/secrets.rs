//! A secret goes to the target and nowhere else, though the target shows it in every failing answer.

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};

use crate::program::Workbench;

/// With characters that every way of writing it changes.
const SECRET: &str = "s3cr3t/+ \"key\" 42%&=~x";

/// What may not be found anywhere.
fn ways_of_writing_it() -> Vec<(&'static str, String)> {
    let percent = |set| percent_encoding::utf8_percent_encode(SECRET, set).to_string();
    let mut ways = vec![
        ("as it is", SECRET.to_owned()),
        ("in JSON", SECRET.replace('"', "\\\"")),
        ("in JSON within JSON", SECRET.replace('"', "\\\\\\\"")),
        ("percent-encoded", percent(percent_encoding::NON_ALPHANUMERIC)),
        ("in a query", "s3cr3t%2F%2B%20%22key%22%2042%25%26%3D~x".to_owned()),
        ("in a form", "s3cr3t%2F%2B+%22key%22+42%25%26%3D%7Ex".to_owned()),
        ("in a target", percent(percent_encoding::CONTROLS)),
        ("its beginning", SECRET[..8].to_owned()),
    ];
    // Whatever stands before it shifts it by none, one or two bytes.
    for before in ["", "a", "ab"] {
        let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{SECRET}"));
        ways.push(("in base64", encoded[4..encoded.len() - 2].to_owned()));
    }
    ways
}

fn scenario(transport: &str, base_url: &str) -> String {
    format!(
        r#"format = 1
name = "Secret"
base_url = "{base_url}"

[variables]
user = "ada"

[secrets]
password = {{ env = "STAGEWRIGHT_TEST_SECRET" }}

[[feeders]]
name = "people"
file = "people.csv"

[transport]
use = "{transport}"

[load]
model = "open"
[[load.stages]]
name = "Hold"
duration = "1s"
rate = 10
shape = "step"

[[journeys]]
name = "Echo"

[[journeys.steps]]
name = "Header and query"
path = "/gateway/echo?status=500&raw={{{{password}}}}"
query = {{ key = "{{{{password}}}}" }}
headers = {{ x-key = "{{{{password}}}}", authorization = "Bearer {{{{password}}}}" }}

[[journeys.steps]]
name = "Body"
method = "POST"
path = "/gateway/echo?status=500"
auth = {{ basic = {{ user = "{{{{people.name}}}}", password = "{{{{password}}}}" }} }}
body = {{ text = "{{{{user}}}} and {{{{password}}}}" }}

[[journeys.steps]]
name = "Form"
method = "POST"
path = "/gateway/echo?status=500"
auth = {{ basic = {{ user = "{{{{user}}}}", password = "{{{{password}}}}" }} }}
body = {{ form = {{ secret = "{{{{password}}}}" }} }}
checks = [{{ status = 200 }}, {{ body_contains = "nothing" }}]

[[journeys.steps]]
name = "Takes nothing out"
path = "/gateway/echo"
headers = {{ x-key = "{{{{password}}}}" }}
extract = [{{ name = "missing", jsonpath = "$.nothing" }}]

[[journeys.steps]]
name = "Unsent"
path = "/{{{{password}}}}/{{{{missing}}}}"
"#
    )
}

#[test]
fn a_secret_is_in_no_file_and_on_no_screen() {
    for transport in ["wire", "reqwest"] {
        for progress in ["--plain", "--json-lines"] {
            let bench = Workbench::new();
            bench.write("people.csv", "name\nada\nbo\nclara\n");
            bench.write("a.toml", scenario(transport, "sandbox:"));
            let args = ["run", "a.toml", "--report", "a.md", "--report", "a.json", "--report", "a.csv"];
            let mut args = args.to_vec();
            args.extend(["--report", "a.xml", progress]);
            let environment = [("STAGEWRIGHT_TEST_SECRET", SECRET)];
            let answer = bench.run_within(&args, &environment);
            assert!(matches!(answer.code, Some(0..=2)), "{answer:?}");
            let report = std::fs::read_to_string(bench.path("a.md")).unwrap();
            assert!(report.contains("•••"), "the target showed it, and it was hidden: {report}");
            // What went out and what came back is kept with the run, without it.
            let library = std::fs::read(bench.library()).unwrap();
            for kept in ["x-key: •••", "authorization: Bearer •••", "secret=•••", "HTTP/1.1 500"]
            {
                let is_kept = library.windows(kept.len()).any(|window| window == kept.as_bytes());
                assert!(is_kept, "{transport}: {kept}");
            }
            let shown = bench.run_within(&["runs", "show", "1", "--json"], &environment);
            let exported = bench.run(&["runs", "export", "1", "-o", "a.stagewright"]);
            assert_eq!(exported.code, Some(0), "{exported:?}");
            let places = bench.all_file_names().into_iter().map(|name| {
                let bytes = std::fs::read(bench.path(&name)).unwrap();
                (name, bytes)
            });
            let said = [("stdout", answer.out), ("stderr", answer.err), ("runs show", shown.out)];
            let said = said.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
            for (place, bytes) in places.chain(said) {
                for (way, written) in ways_of_writing_it() {
                    let is_there = bytes.windows(written.len()).any(|window| window == written.as_bytes());
                    assert!(!is_there, "{transport} {progress}: {place} has the secret {way}: {written}");
                }
            }
        }
    }
}

#[test]
fn a_missing_secret_is_named_before_anything_is_sent() {
    let bench = Workbench::new();
    bench.write("people.csv", "name\nada\n");
    bench.write("a.toml", scenario("wire", "sandbox:"));
    for environment in [&[][..], &[("STAGEWRIGHT_TEST_SECRET", "")]] {
        let answer = bench.run_within(&["run", "a.toml"], environment);
        assert_eq!(answer.code, Some(3), "{answer:?}");
        let words = "the secret `password` is missing: the environment variable STAGEWRIGHT_TEST_SECRET is";
        assert!(answer.err.contains(words), "{answer:?}");
    }
    assert!(!bench.library().exists(), "nothing was written");
}
