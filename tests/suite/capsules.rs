//! Runs that travel, libraries that are tended: what the commands say and leave behind.

use serde_json::json;

use crate::program::{Workbench, closed_scenario};

/// A library with two runs of one scenario and one of another.
fn bench_with_runs() -> Workbench {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "1s", ""));
    let other = closed_scenario("sandbox:", "1s", "").replacen("name = \"", "name = \"Other ", 1);
    bench.write("b.toml", other);
    for (file, label) in [("a.toml", "commit=1a"), ("a.toml", "commit=2b"), ("b.toml", "commit=2b")] {
        let answer = bench.run(&["run", file, "--quiet", "--label", label]);
        assert!(answer.is_of_a_run(), "{answer:?}");
    }
    bench
}

#[test]
fn a_report_is_the_same_from_the_library_that_a_run_was_imported_into() {
    let home = bench_with_runs();
    home.run(&["runs", "note", "2", "after the fix"]);
    home.run(&["runs", "tag", "2", "nightly"]);
    let out = home.run(&["runs", "export", "2", "-o", "two.stagewright"]);
    assert!(out.code == Some(0) && out.out.contains("two.stagewright"), "{out:?}");

    let away = Workbench::new();
    away.write("came.stagewright", std::fs::read(home.path("two.stagewright")).unwrap());
    let said = away.run(&["runs", "import", "came.stagewright"]);
    assert!(said.code == Some(0) && said.out.contains("run 2"), "{said:?}");
    for format in ["md", "json", "csv", "xml"] {
        let report = |bench: &Workbench| bench.run(&["report", "2", "--format", format]).out;
        assert!(!report(&home).is_empty() && report(&home) == report(&away), "{format}");
    }
    let again = away.json(&["runs", "import", "came.stagewright", "--json"]);
    assert_eq!(again[0]["outcome"], "already there");
    assert_eq!(again[0]["run_id"], 2);

    away.write("no.stagewright", "no capsule");
    let mixed = away.run(&["runs", "import", "no.stagewright", "came.stagewright", "missing", "--json"]);
    assert_eq!(mixed.code, Some(3), "{mixed:?}");
    let outcomes: serde_json::Value = serde_json::from_str(&mixed.out).unwrap();
    let words: Vec<_> = outcomes.as_array().unwrap().iter().map(|file| &file["outcome"]).collect();
    assert_eq!(words, ["refused", "already there", "refused"]);
    assert!(mixed.err.contains("it is no capsule") && mixed.err.contains("does not exist"), "{mixed:?}");
}

#[test]
fn lists_show_the_runs_for_which_all_that_is_asked_holds() {
    let bench = bench_with_runs();
    bench.run(&["runs", "star", "1"]);
    bench.run(&["runs", "note", "3", "slow disk"]);
    let check = |args: &[&str], expected: &[i64]| {
        let runs = bench.json(&[&["runs", "list", "--json"], args].concat());
        let found: Vec<_> =
            runs.as_array().unwrap().iter().map(|run| run["run_id"].as_i64().unwrap()).collect();
        assert_eq!(found, expected, "{args:?}");
    };
    check(&[], &[3, 2, 1]);
    check(&["--starred"], &[1]);
    check(&["--label", "commit=2b"], &[3, 2]);
    check(&["--label", "commit"], &[3, 2, 1]);
    check(&["--label", "commit=2b", "--text", "slow DISK"], &[3]);
    check(&["--env", "sandbox:"], &[3, 2, 1]);
    check(&["--since", "1h"], &[3, 2, 1]);
    check(&["--until", "1h"], &[]);
    check(&["--since", "2020-01-01", "--until", "2020-12-31"], &[]);
    let table = bench.run(&["runs", "list", "--text", "slow"]);
    assert!(table.out.contains("1 of 3 runs"), "{table:?}");
    assert!(bench.run(&["runs", "list", "--text", "nowhere"]).out.contains("None of the 3 runs"));
    assert_eq!(bench.run(&["runs", "list", "--since", "yesterday"]).code, Some(3));

    let labelled = bench.run(&["runs", "label", "3", "build=17", "--remove", "commit"]);
    assert!(labelled.out.contains("build=17") && !labelled.out.contains("commit"), "{labelled:?}");
    check(&["--label", "build=17"], &[3]);
    bench.run(&["runs", "unstar", "1"]);
    check(&["--starred"], &[]);
}

#[test]
fn runs_go_by_a_rule_when_they_are_told_to() {
    let bench = bench_with_runs();
    let listed = || bench.json(&["runs", "list", "--json"]).as_array().unwrap().len();
    assert_eq!(bench.run(&["runs", "prune"]).code, Some(3), "there is no rule");
    let dry = bench.json(&["runs", "prune", "--last", "1", "--remember", "--dry-run", "--json"]);
    assert_eq!((dry["runs"].as_array().unwrap().len(), listed()), (1, 3));
    assert_eq!((&dry["runs"][0]["run_id"], &dry["rule"]["n_per_scenario"]), (&json!(1), &json!(1)));
    assert!(dry["runs"][0]["n_bytes"].as_u64().unwrap() > 1_000, "{dry}");
    // The rule that was kept.
    let said = bench.run(&["runs", "prune"]);
    assert!(said.out.contains("1 run with") && said.out.contains("runs restore"), "{said:?}");
    assert_eq!(listed(), 2);
    bench.run(&["runs", "restore", "1"]);
    bench.run(&["runs", "star", "1"]);
    assert!(bench.run(&["runs", "prune"]).out.contains("No run goes"));
    assert_eq!(listed(), 3);
}

#[test]
fn a_damaged_library_is_told_repaired_and_told_to_be_sound() {
    let bench = bench_with_runs();
    assert_eq!(bench.run(&["runs", "check"]).code, Some(0));
    let mut bytes = std::fs::read(bench.library()).unwrap();
    bytes[..8].fill(b'x');
    bench.write("library.sqlite", &bytes);
    let list = bench.run(&["runs", "list"]);
    assert!(list.code == Some(3) && list.err.contains("runs check --repair"), "{list:?}");
    let told = bench.run(&["runs", "check", "--json"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    let repaired = bench.json(&["runs", "check", "--repair", "--json"]);
    assert_eq!(repaired["losses"], json!([]));
    assert!(repaired["old_file"].as_str().unwrap().contains("damaged-"), "{repaired}");
    assert!(bench.run(&["runs", "check"]).out.contains("sound: 3 runs"));
    assert_eq!(bench.json(&["runs", "list", "--json"]).as_array().unwrap().len(), 3);
}
