//! Reports that can be checked, the analyst's words in them, and templates: as the commands do it.

use std::fs;

use serde_json::Value;

use crate::program::{Answer, Workbench, closed_scenario};

/// A library with so many short runs of one scenario.
fn bench_with_runs(n: usize) -> Workbench {
    let bench = Workbench::new();
    bench.write("a.toml", closed_scenario("sandbox:", "1s", ""));
    for _ in 0..n {
        let answer = bench.run(&["run", "a.toml", "--quiet"]);
        assert!(answer.is_of_a_run(), "{answer:?}");
    }
    bench
}

#[track_caller]
fn well(bench: &Workbench, args: &[&str]) -> Answer {
    let answer = bench.run(args);
    assert_eq!(answer.code, Some(0), "{args:?}: {answer:?}");
    answer
}

/// Answers with this code and these words on standard error or output.
#[track_caller]
fn ends(bench: &Workbench, args: &[&str], code: i32, words: &str) -> Answer {
    let answer = bench.run(args);
    assert_eq!(answer.code, Some(code), "{args:?}: {answer:?}");
    assert!(answer.err.contains(words) || answer.out.contains(words), "{args:?}: {words}: {answer:?}");
    assert!(!answer.err.contains("panicked"), "{answer:?}");
    answer
}

fn text(bench: &Workbench, name: &str) -> String {
    fs::read_to_string(bench.path(name)).unwrap()
}

/// The 95th percentile of a run as the report prints it.
fn p95(bench: &Workbench, run: &str) -> String {
    let value = bench.json(&["report", run, "--json"]);
    let millis = value["headline"]["figures"]["response_time"]["p95_millis"].as_f64().unwrap();
    stagewright::humanize::latency_secs(millis / 1e3)
}

#[test]
fn reports_are_verified_in_every_format_and_changed_ones_are_found() {
    let bench = bench_with_runs(1);
    let names = ["r.md", "r.html", "r.json", "r.csv", "r.xml"];
    let outputs: Vec<&str> = names.iter().flat_map(|name| ["-o", name]).collect();
    well(&bench, &[&["report", "latest"], &outputs[..]].concat());
    let all = well(&bench, &[&["report", "--verify"], &names[..]].concat());
    assert_eq!(all.out.matches("everything in it is as run 1 gives it").count(), names.len(), "{all:?}");
    well(&bench, &[&["report", "1", "--verify"], &names[..]].concat());

    // Without charts beside it, and with other line ends.
    bench.write("piped.md", bench.run(&["report", "1"]).out.replace('\n', "\r\n"));
    bench.write("comment.md", bench.run(&["report", "1", "--variant", "pull-request"]).out);
    well(&bench, &["report", "--verify", "piped.md", "comment.md"]);

    for name in names {
        let whole = text(&bench, name);
        let printed = p95(&bench, "1");
        // The first figure that only the run can tell: one digit more.
        let at = match name {
            "r.md" | "r.html" => whole.find(&printed).unwrap(),
            "r.json" => whole.find("\"n_requests\": ").unwrap() + 14,
            "r.csv" => whole.find("\n0,").unwrap() + 3,
            _ => whole.find("time=\"").unwrap() + 6,
        };
        let digit = whole[at..].chars().next().unwrap();
        let other = if digit == '9' { '8' } else { char::from(digit as u8 + 1) };
        bench.write(name, format!("{}{other}{}", &whole[..at], &whole[at + 1..]));
        let found = ends(&bench, &["report", "--verify", name], 1, "not say what run 1 gives");
        assert!(found.out.contains(", the run gives "), "{found:?}");
        let answer = bench.run(&["report", "--verify", name, "--json"]);
        let value: Value = serde_json::from_str(&answer.out).unwrap();
        assert_eq!((answer.code, &value[0]["is_as_the_run_gives_it"]), (Some(1), &Value::Bool(false)));
        assert!(
            value[0]["differences"][0]["place"].is_string() && value[0]["made_of"]["run"] == 1,
            "{value}"
        );
        bench.write(name, whole);
    }
    well(&bench, &[&["report", "--verify"], &names[..]].concat());

    let charts = fs::read_dir(bench.path("r-charts")).unwrap().map(|entry| entry.unwrap().path());
    let chart = charts.into_iter().min().unwrap();
    let drawn = fs::read_to_string(&chart).unwrap();
    let at = drawn.rfind(|letter: char| letter.is_ascii_digit()).unwrap();
    let other = if drawn.as_bytes()[at] == b'9' { '8' } else { '9' };
    fs::write(&chart, format!("{}{other}{}", &drawn[..at], &drawn[at + 1..])).unwrap();
    let name = chart.file_name().unwrap().to_str().unwrap();
    ends(&bench, &["report", "--verify", "r.md"], 1, name);
    fs::remove_file(&chart).unwrap();
    ends(&bench, &["report", "--verify", "r.md"], 1, name);
}

#[test]
fn what_cannot_be_verified_says_why_and_exits_with_3() {
    let bench = bench_with_runs(2);
    well(&bench, &["report", "1", "-o", "one.json"]);
    bench.write("words.md", "# No report\n");
    ends(&bench, &["report", "--verify", "words.md"], 3, "says what it was made of");
    ends(&bench, &["report", "--verify", "missing.md"], 3, "does not exist");
    ends(&bench, &["report", "2", "--verify", "one.json"], 3, "this is a report of run 1, not of run 2");
    let whole = text(&bench, "one.json");
    bench.write("newer.json", whole.replace("\"report_format\": 1", "\"report_format\": 9"));
    ends(&bench, &["report", "--verify", "newer.json"], 3, "written by a newer Stagewright");
    let identity =
        serde_json::from_str::<Value>(&whole).unwrap()["made_of"]["identity"].as_str().unwrap().to_owned();
    bench.write("foreign.json", whole.replace(&identity, "00000000000000000000000000000000"));
    ends(&bench, &["report", "--verify", "foreign.json"], 3, "is not in the library");
    let mixed =
        ends(&bench, &["report", "--verify", "words.md", "one.json"], 3, "everything in it is as run 1");
    assert!(mixed.err.contains("words.md"), "{mixed:?}");
    let version = format!("\"stagewright\": \"{}\"", env!("CARGO_PKG_VERSION"));
    bench.write("other.json", whole.replace(&version, "\"stagewright\": \"99.0.0\""));
    let other = ends(&bench, &["report", "--verify", "other.json"], 1, "made_of.seal");
    assert!(other.out.starts_with("other.json: It was written by Stagewright 99.0.0"), "{other:?}");
    for args in [
        &["report"][..],
        &["report", "1", "--variant", "pull-request", "-o", "x.html"],
        &["report", "1", "--format", "json", "-o", "x.json", "-o", "y.json"],
        &["report", "1", "-o", "x.docx"],
        &["report", "1", "--sections", "sumary"],
        &["report", "1", "--against", "1"],
        &["report", "9"],
    ] {
        let answer = bench.run(args);
        assert_eq!(answer.code, Some(3), "{args:?}: {answer:?}");
    }
    assert!(
        !bench.file_names().iter().any(|name| name.starts_with('x') || name.starts_with('y')),
        "nothing written"
    );
}

#[test]
fn a_report_is_verified_where_its_run_was_imported_under_another_number() {
    let home = bench_with_runs(1);
    well(
        &home,
        &["report", "1", "--author", "A. Analyst", "--summary", "As expected.", "-o", "r.md", "-o", "r.json"],
    );
    well(&home, &["runs", "export", "1", "-o", "one.stagewright"]);
    let away = bench_with_runs(1);
    away.write("one.stagewright", fs::read(home.path("one.stagewright")).unwrap());
    assert!(well(&away, &["runs", "import", "one.stagewright"]).out.contains("run 2"));
    away.write("piped.md", home.run(&["report", "1"]).out);
    away.write("r.json", text(&home, "r.json"));
    well(&away, &["report", "--verify", "piped.md", "r.json"]);
    well(&away, &["report", "2", "--verify", "piped.md"]);
    ends(&away, &["report", "1", "--verify", "piped.md"], 3, "a report of run 2, not of run 1");
}

#[test]
fn words_are_kept_with_the_run_and_later_runs_start_from_them() {
    let bench = bench_with_runs(1);
    let first = p95(&bench, "1");
    bench.write("summary.txt", format!("The p95 was {first}. It is {{{{p95}}}} here.\n"));
    let words = [
        "--title",
        "Checkout",
        "--author",
        "A. Analyst",
        "--approval",
        "J. Doe",
        "--summary",
        "@summary.txt",
    ];
    let said = well(&bench, &[&["report", "1"], &words[..]].concat());
    assert!(said.err.contains("Kept with run 1: title, author, summary and approval."), "{said:?}");
    assert!(said.out.starts_with("# Checkout\n") && said.out.contains("By A. Analyst"), "{said:?}");
    assert!(said.out.contains(&format!("The p95 was {first}. It is {first} here.")), "{said:?}");

    // Another run, whose threshold changes nothing but its numbers.
    let answer = bench.run(&["run", "a.toml", "--quiet", "--report", "two.md"]);
    assert!(answer.is_of_a_run(), "{answer:?}");
    let (second, report) = (p95(&bench, "2"), text(&bench, "two.md"));
    assert!(
        report.starts_with("# Checkout\n") && report.contains("taken over from the report of run 1"),
        "{report}"
    );
    assert!(report.contains("Approval: none yet."), "an approval is of one run: {report}");
    assert!(report.contains(&format!("The p95 was {first}. It is {second} here.")), "{report}");
    let flag = format!("p95 was {first} when this was written (run 1), and is {second} in this run.");
    assert_eq!(report.contains(&flag), first != second, "{flag}: {report}");
    well(&bench, &["report", "--verify", "two.md"]);

    // Later words do not make the figures of an earlier report wrong, and that is said.
    well(&bench, &["report", "2", "--notes", "Quiet night."]);
    ends(&bench, &["report", "--verify", "two.md"], 1, "differences in them are no wrong figures");

    let refused = ends(&bench, &["report", "2", "--summary", "{{p59th}}"], 3, "the words were not kept");
    assert!(refused.err.contains("summary: "), "{refused:?}");
    assert!(bench.run(&["report", "2"]).out.contains("Quiet night."));
    well(&bench, &["report", "2", "--title", "", "--summary", "", "--notes", "", "--author", ""]);
    assert!(bench.run(&["report", "2"]).out.starts_with("# Benchmark report: Closed\n"));
}

#[test]
fn words_go_through_a_file_and_back() {
    let bench = bench_with_runs(1);
    well(&bench, &["report", "1", "--title", "Checkout", "--write-texts", "words.toml"]);
    let file = text(&bench, "words.toml");
    assert!(file.contains("title = \"Checkout\"") && file.contains("{{p95}}"), "{file}");
    ends(&bench, &["report", "1", "--write-texts", "words.toml"], 3, "is there already");
    bench.write(
        "words.toml",
        file.replace("notes = \"\"", "notes = \"Read me.\"").replace("without = []", "without = [\"steps\"]"),
    );
    let said = well(&bench, &["report", "1", "--texts", "words.toml"]);
    assert!(
        said.out.contains("## Notes by the analyst") && !said.out.contains("## Results per step"),
        "{said:?}"
    );
    assert!(well(&bench, &["report", "1", "--sections", "steps"]).out.contains("## Results per step"));
    bench.write("words.toml", "titel = \"a\"\nsummary = 3\n");
    let refused = ends(&bench, &["report", "1", "--texts", "words.toml"], 3, "Did you mean `title`?");
    assert!(refused.err.contains("line 1") && refused.err.contains("line 2"), "{refused:?}");
    assert!(bench.run(&["report", "1"]).out.starts_with("# Checkout\n"), "nothing was changed");
    ends(&bench, &["report", "1", "--summary", "@no-such-file"], 3, "does not exist");
}

#[test]
fn a_report_stands_beside_another_run() {
    let bench = bench_with_runs(2);
    let with = well(&bench, &["report", "2", "--against", "1", "--sections", "summary,comparison"]);
    assert!(
        with.out.contains("## Comparison with run 1") && !with.out.contains("## Results per step"),
        "{with:?}"
    );
    bench.write("r.md", &with.out);
    well(&bench, &["report", "--verify", "r.md"]);
    assert!(!bench.run(&["report", "2"]).out.contains("## Comparison with run 1"));
    well(&bench, &["runs", "delete", "1"]);
    ends(&bench, &["report", "--verify", "r.md"], 3, "the run that this report is compared with");
}

#[test]
fn reports_are_written_by_templates_of_ones_own() {
    let bench = bench_with_runs(1);
    bench.write("mine.md", "{{ scenario }}: {{ printed.p95 }}\n{{ sections.summary }}\n");
    let said = well(&bench, &["report", "1", "--template", "mine.md"]);
    assert!(said.out.starts_with(&format!("Closed: {}\n## Executive summary", p95(&bench, "1"))), "{said:?}");
    bench.write("mine.md", "one\n{{ sectons.summary }}\n");
    let refused = ends(&bench, &["report", "1", "--template", "mine.md"], 3, "did you mean `sections`?");
    assert!(refused.err.contains("template mine.md, line 2"), "{refused:?}");
    bench
        .write("mine.md", "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}");
    ends(&bench, &["report", "1", "--template", "mine.md", "-o", "x.md"], 3, "does not come to an end");
    assert!(!bench.path("x.md").exists());

    // Those of the program, edited in a folder, and then in the one beside the library.
    well(&bench, &["report", "--templates", "own"]);
    ends(&bench, &["report", "--templates", "own"], 3, "it is there already");
    fs::write(bench.path("own/executive-summary.md"), "Own words: {{ p95 }}.\n").unwrap();
    let said = well(&bench, &["report", "1", "--templates-from", "own", "-o", "own.md"]);
    assert!(text(&bench, "own.md").contains(&format!("Own words: {}.", p95(&bench, "1"))), "{said:?}");
    ends(&bench, &["report", "--verify", "own.md"], 1, "written with other templates");
    well(&bench, &["report", "--verify", "own.md", "--templates-from", "own"]);
    ends(&bench, &["report", "1", "--templates-from", "nowhere"], 3, "there is no such folder");
    fs::rename(bench.path("own"), bench.path("report-templates")).unwrap();
    assert!(bench.run(&["report", "1"]).out.contains("Own words: "));
    well(&bench, &["report", "--verify", "own.md"]);
    fs::write(bench.path("report-templates/executive-sumary.md"), "x").unwrap();
    assert!(bench.run(&["report", "1"]).err.contains("did you mean `executive-summary.md`?"));
    fs::write(bench.path("report-templates/executive-summary.md"), "{{ p95").unwrap();
    ends(&bench, &["report", "1"], 3, "executive-summary.md, line 1");
}
