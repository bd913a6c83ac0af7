//! `monitors`: what a scenario watches, tried out.

use std::net::TcpListener;

use serde_json::Value;

use crate::program::Workbench;

/// A scenario that watches this machine, and a cache at an address where nobody listens.
fn scenario() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    format!(
        r#"format = 1
name = "Watched"
base_url = "http://{closed}"

[load]
model = "closed"

[[load.stages]]
name = "Hold"
duration = "1s"
users = 1

[[journeys]]
name = "Learn"

[[journeys.steps]]
name = "Courses"
path = "/courses"

[[monitors]]
name = "this machine"
kind = "machine"

[[monitors]]
name = "cache"
kind = "redis"
url = "redis://{closed}"
"#
    )
}

#[test]
fn a_monitor_that_is_read_shows_its_series_and_exits_with_0() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario());
    let answer = bench.run(&["monitors", "a.toml", "--monitor", "this machine"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.starts_with("this machine: "), "{answer:?}");
    for words in ["Series", "memory", "Share of the memory that is not available to programs"] {
        assert!(answer.out.contains(words), "{words}: {answer:?}");
    }
    let answer = bench.run(&["monitors", "a.toml", "--monitor", "this machine", "--json"]);
    let told: Value = serde_json::from_str(&answer.out).unwrap();
    let series = told["monitors"][0]["series"].as_array().unwrap();
    let memory = series.iter().find(|series| series["name"] == "memory").unwrap();
    assert_eq!((memory["unit"].as_str(), memory["aspect"].as_str()), (Some("ratio"), Some("utilisation")));
    assert!((0.0..=1.0).contains(&memory["value"].as_f64().unwrap()), "{memory}");
    assert_eq!(bench.file_names(), ["a.toml"], "nothing is kept");
}

#[test]
fn one_that_cannot_be_read_exits_with_3_and_the_others_are_shown() {
    let bench = Workbench::new();
    bench.write("a.toml", scenario());
    let answer = bench.run(&["monitors", "a.toml"]);
    assert_eq!(answer.code, Some(3), "{answer:?}");
    assert!(
        answer.out.contains("this machine: ") && answer.out.contains("cache: cannot be read: "),
        "{answer:?}"
    );
    let answer = bench.run(&["monitors", "a.toml", "--monitor", "cash"]);
    assert_eq!(answer.code, Some(3), "{answer:?}");
    assert!(answer.err.contains("It has: this machine, cache"), "{answer:?}");
}
