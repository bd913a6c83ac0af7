//! `send`: one iteration against the built-in target.

use serde_json::Value;

use crate::program::{Sandbox, Workbench};

fn scenario(base_url: &str, check: &str) -> String {
    format!(
        r#"format = 1
name = "Learning"
base_url = "{base_url}"

[variables]
user = "ada"

[load]
model = "open"

[[load.stages]]
name = "Hold"
duration = "1s"
rate = 1

[[journeys]]
name = "Learn"
think_time = "20s"

[[journeys.steps]]
name = "Log in"
method = "POST"
path = "/auth/login"
body = {{ json = '{{"user": "{{{{user}}}}", "password": "x"}}' }}
extract = [{{ name = "token", jsonpath = "$.token" }}]

[[journeys.steps]]
name = "Wallet"
path = "/mint/wallet"
headers = {{ authorization = "Bearer {{{{token}}}}" }}
{check}"#
    )
}

#[test]
fn one_iteration_is_sent_and_shown_without_think_times() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("sandbox:", "checks = [{ status = 200 }]"));
    let answer = bench.run(&["send", "a.toml"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    for words in ["POST http://127.0.0.1:", r#"{"user": "ada""#, "HTTP 200", "✓ status is 200", "token = "]
    {
        assert!(answer.out.contains(words), "{words}: {answer:?}");
    }
    assert_eq!(bench.file_names(), ["a.toml"], "nothing is kept");
}

#[test]
fn a_failed_check_exits_with_1_and_json_tells_all() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("sandbox:", "checks = [{ body_contains = \"nowhere\" }]"));
    let answer = bench.run(&["send", "a.toml", "--json", "--var", "user=grace"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    let told: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((&told["passed"], &told["steps"][0]["outcome"]), (&false.into(), &"ok".into()));
    let wallet = &told["steps"][1];
    assert_eq!((&wallet["outcome"], &wallet["checks"][1]["passed"]), (&"check".into(), &false.into()));
    assert!(told["steps"][0]["requests"][0]["body"]["text"].as_str().unwrap().contains("grace"));
    let token = told["steps"][0]["variables_after"]["token"].as_str().unwrap();
    let headers = wallet["requests"][0]["headers"].as_array().unwrap();
    assert!(
        headers.iter().any(|header| header[0] == "authorization" && header[1] == format!("Bearer {token}"))
    );
}

#[test]
fn one_step_is_sent_alone_with_given_values() {
    let bench = Workbench::new();
    let sandbox = Sandbox::start(&bench);
    bench.write("a.toml", scenario(&sandbox.base_url, ""));
    let answer = bench.run(&["send", "a.toml", "--step", "Wallet", "--var", "token=given"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(
        answer.out.contains("authorization: Bearer given") && !answer.out.contains("Log in"),
        "{answer:?}"
    );
    assert_eq!(sandbox.n_received(), 1);
}

#[test]
fn wrong_names_exit_with_3_and_name_the_nearest() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("sandbox:", ""));
    for (args, nearest) in [
        (["--step", "Walet"], "`Wallet`"),
        (["--journey", "Lern"], "`Learn`"),
        (["--var", "usr=x"], "`user`"),
        (["--env", "test"], "no environment"),
    ] {
        let answer = bench.run(&["send", "a.toml", args[0], args[1]]);
        assert_eq!(answer.code, Some(3), "{answer:?}");
        assert!(answer.err.contains(nearest), "{answer:?}");
    }
}

#[test]
fn a_refused_connection_is_told_in_words() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario("http://127.0.0.1:9", ""));
    let answer = bench.run(&["send", "a.toml", "--step", "Log in"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.out.contains("connection refused"), "{answer:?}");
}
