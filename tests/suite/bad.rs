//! Bad scenarios are refused with words, and nothing is written.

use std::net::TcpListener;

use crate::{
    program::{Answer, Workbench, steady_scenario},
    project,
};

#[test]
fn every_bad_scenario_is_refused_with_line_field_and_remedy() {
    let bench = Workbench::new();
    let mut n_files = 0;
    for entry in std::fs::read_dir(project().join("tests/bad")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        n_files += 1;
        let file = path.to_str().unwrap();
        for answer in [bench.run(&["run", file]), bench.run(&["validate", file])] {
            refused(&answer, file);
        }
    }
    assert!(n_files >= 15, "{n_files} files");
    assert!(bench.file_names().is_empty(), "nothing is written: {:?}", bench.file_names());
}

#[test]
fn what_is_no_scenario_file_at_all_is_refused() {
    let bench = Workbench::new();
    bench.write("empty.toml", "");
    bench.write("binary.toml", [0xff, 0xfe, 0x00, 0x9f, 0x92, 0x96]);
    bench.write("picture.toml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    std::fs::create_dir(bench.path("folder.toml")).unwrap();
    let huge = std::fs::File::create(bench.path("huge.toml")).unwrap();
    huge.set_len(50 * 1024 * 1024).unwrap();
    let before = bench.file_names();
    for file in [
        "empty.toml",
        "binary.toml",
        "picture.toml",
        "folder.toml",
        "huge.toml",
        "missing.toml",
        "quickstrat",
    ] {
        refused(&bench.run(&["run", file]), file);
    }
    assert_eq!(bench.file_names(), before, "nothing is written");
}

#[test]
fn a_bad_scenario_names_all_its_problems_at_once() {
    let bench = Workbench::new();
    let scenario = steady_scenario("sandbox:", 5, "1s")
        .replace("model = \"open\"", "modell = \"open\"\nwarm_up = \"soon\"");
    bench.write("a.toml", scenario);
    let answer = bench.run(&["run", "a.toml"]);
    refused(&answer, "a.toml");
    assert!(answer.err.lines().any(|line| line.starts_with("a.toml:6: error: ")), "{answer:?}");
    assert!(answer.err.lines().any(|line| line.starts_with("a.toml:7: error: ")), "{answer:?}");
}

#[test]
fn an_unreachable_target_is_refused_before_anything_is_written() {
    let bench = Workbench::new();
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.write("a.toml", steady_scenario(&format!("http://{address}"), 5, "1s"));
    let answer = bench.run(&["run", "a.toml"]);
    refused(&answer, &address.to_string());
    assert_eq!(bench.file_names(), ["a.toml"], "nothing is written");
}

fn refused(answer: &Answer, named: &str) {
    assert_eq!(answer.code, Some(3), "{named}: {answer:?}");
    assert!(answer.err.contains(named), "{named}: {answer:?}");
    assert!(!answer.err.contains("panicked") && !answer.err.contains("itself failed"), "{named}: {answer:?}");
}
