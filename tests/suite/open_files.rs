//! A system that allows too few open files.

use std::process::Command;

use crate::program::{Workbench, closed_scenario};

#[test]
fn a_plan_with_more_users_than_the_system_allows_connections_is_refused_with_what_to_do() {
    let bench = Workbench::new();
    let scenario = closed_scenario("sandbox:", "1s", "").replace("users = 2", "users = 12000");
    bench.write("a.toml", scenario);
    let answer = Command::new("sh")
        .args(["-c", "ulimit -n 200 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_stagewright")])
        .args(["run", "a.toml", "--quiet", "--library", "library.sqlite"])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&answer.stderr);
    assert_eq!(answer.status.code(), Some(3), "{words}");
    for part in ["12,100 open files", "12,000 users", "allows 200", "ulimit -n"] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(bench.file_names(), ["a.toml"], "nothing is kept");
}

#[test]
fn a_soft_limit_that_is_too_low_is_raised_by_itself() {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "1s", "").replace("users = 2", "users = 40"));
    let answer = Command::new("sh")
        .args([
            "-c",
            "ulimit -Hn 400 && ulimit -Sn 60 && exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_stagewright"),
        ])
        .args(["run", "a.toml", "--quiet", "--library", "library.sqlite"])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    assert!(matches!(answer.status.code(), Some(0 | 2)), "{answer:?}");
}
