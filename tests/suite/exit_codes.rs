//! Exit codes, and words for those who read them.

use crate::program::{Workbench, closed_scenario};

#[test]
fn a_kept_must_threshold_exits_with_0_and_a_missed_one_with_1() {
    let check = |limit: &str, code: i32, verdict: &str| {
        let bench = Workbench::new();
        let threshold = format!("[[thresholds]]\nmetric = \"p95\"\nlimit = \"{limit}\"\n");
        bench.write("a.toml", closed_scenario("sandbox:", "1s", &threshold));
        let answer = bench.run_validly(&["run", "a.toml", "--quiet"]);
        assert_eq!(answer.code, Some(code), "{answer:?}");
        assert!(answer.out.starts_with(verdict), "{answer:?}");
    };
    check("9s", 0, "PASS");
    check("100us", 1, "FAIL");
}

#[test]
fn a_run_too_short_to_decide_its_threshold_exits_with_2() {
    let bench = Workbench::new();
    let threshold = "[[thresholds]]\nmetric = \"p99.999\"\nlimit = \"9s\"\n";
    bench.write("a.toml", closed_scenario("sandbox:", "1s", threshold));
    let answer = bench.run(&["run", "a.toml", "--quiet"]);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(answer.out.starts_with("INCONCLUSIVE"), "{answer:?}");
}

#[test]
fn wrong_usage_exits_with_3_and_help_with_0() {
    let bench = Workbench::new();
    for args in [
        &["run"][..],
        &["run", "quickstart", "--time-scale", "0"],
        &["run", "quickstart", "--time-scale", "inf"],
        &["run", "quickstart", "--report", "out.docx"],
        &["run", "quickstart", "--report", "no/such/folder/out.md"],
        &["run", "quickstart", "--quiet", "--plain"],
        &["run", "quickstart", "--var", "colour=blue"],
        &["run", "quickstart", "--baseline", "latest"],
        &["fly"],
        &["runs", "show", "1"],
        &["presets", "show", "nothing"],
    ] {
        let answer = bench.run(args);
        assert_eq!(answer.code, Some(3), "{args:?}: {answer:?}");
        assert!(!answer.err.is_empty() && !answer.err.contains("panicked"), "{args:?}: {answer:?}");
    }
    assert_eq!(bench.run(&["--help"]).code, Some(0));
    assert!(bench.file_names().is_empty(), "nothing is written");
}

#[test]
fn an_unsupported_report_names_those_that_are_supported() {
    let answer = Workbench::new().run(&["run", "quickstart", "--report", "out.docx"]);
    assert!(answer.err.contains(".docx") && answer.err.contains(".md, .html, .json"), "{answer:?}");
}

#[test]
fn an_unknown_variable_is_answered_with_the_nearest() {
    let answer = Workbench::new().run(&["run", "comprehensive", "--var", "usr=me"]);
    assert!(answer.err.contains("`user`"), "{answer:?}");
}

#[test]
fn every_preset_is_valid_and_can_be_printed() {
    let bench = Workbench::new();
    let presets = bench.json(&["presets", "list", "--json"]);
    let presets = presets.as_array().unwrap();
    assert!(presets.len() >= 9);
    for preset in presets {
        let name = preset["preset"].as_str().unwrap();
        let validated = bench.json(&["validate", name, "--json"]);
        assert_eq!(validated["valid"], true, "{name}");
        assert_eq!(validated["planned"]["transport"], "wire", "{name}");
        bench.write("copy.toml", bench.run(&["presets", "show", name]).out);
        let answer = bench.run(&["validate", "copy.toml"]);
        assert!(answer.code == Some(0) && answer.out.starts_with("valid: "), "{answer:?}");
        let chosen = "\ntransport: wire, because nothing asks for more than HTTP/1.1\n";
        assert!(answer.out.ends_with(chosen), "{answer:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_fault() {
    let bench = Workbench::new();
    let program = env!("CARGO_BIN_EXE_stagewright");
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("'{program}' presets show comprehensive | true; '{program}' --help | head -1")])
        .current_dir(bench.path(""))
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"), "{output:?}");
}
