//! A report is as its run gives it, or the place is named.

use super::*;
use crate::analysis::{Diagnosis, Summary, summarize_precisely};
use crate::metrics::{KeptRun, RunRecord};
use crate::report::{Paper, ReportOptions, ReportTexts, Variant, csv, json, junit, markdown};

struct Run {
    record: RunRecord,
    summary: Summary,
    texts: ReportTexts,
}

fn run() -> Run {
    let kept = KeptRun::from(crate::report::tests::eventful());
    let summary = summarize_precisely(&kept).unwrap();
    let record = kept.record;
    let texts = ReportTexts {
        author: "A. Analyst".to_owned(),
        summary: "The p95 was 74.0 ms. We expect 40 ms next.".to_owned(),
        ..ReportTexts::default()
    };
    let texts = texts.kept_with(&Paper::new(&record, &summary, &Diagnosis::default()));
    Run { record, summary, texts }
}

/// The report of the run in each way in which it is written.
fn reports(run: &Run) -> Vec<(&'static str, String)> {
    let diagnosis = Diagnosis::default();
    let paper = Paper::new(&run.record, &run.summary, &diagnosis).with_texts(&run.texts);
    let comment = Paper { options: ReportOptions::of(Variant::PullRequest), ..paper.clone() };
    vec![
        ("Markdown", markdown(&paper)),
        ("a comment", markdown(&comment)),
        ("JSON", format!("{:#}\n", json(&paper))),
        ("CSV", csv(&paper).unwrap()),
        ("JUnit", junit(&paper)),
    ]
}

#[test]
fn a_report_is_as_its_run_gives_it_whatever_its_white_space() {
    for (name, text) in reports(&run()) {
        assert_eq!(differences(&text, &text), [], "{name}");
        assert_eq!(differences(&text.replace('\n', "\r\n"), &text), [], "{name}");
        assert_eq!(differences(&format!("\u{feff}{text}\n\n"), &text), [], "{name}");
        assert!(provenance_of(&text).is_some_and(|provenance| provenance.is_sealed()), "{name}");
        assert!(provenance_of(&text.replace('\n', "\r\n")).is_some(), "{name}");
    }
    let markdown = &reports(&run())[0].1;
    assert_eq!(differences(&markdown.replace("  ", " ").replace("----", "---"), markdown), []);
    let value: serde_json::Value = serde_json::from_str(&reports(&run())[2].1).unwrap();
    assert_eq!(differences(&value.to_string(), &reports(&run())[2].1), [], "JSON on one line");
}

#[test]
fn one_changed_digit_is_found_wherever_it_is() {
    for (name, text) in reports(&run()) {
        let written_as = WrittenAs::of(&text);
        let right = read(&text, written_as);
        let digits: Vec<usize> =
            text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
        assert!(digits.len() > 30, "{name}: {}", digits.len());
        let check = &|at: usize| {
            let other = if text.as_bytes()[at] == b'9' { '8' } else { char::from(text.as_bytes()[at] + 1) };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            let found = compare::compare(&read(&changed, written_as), &right);
            let line = 1 + text[..at].matches('\n').count();
            assert!(!found.is_empty(), "{name}, line {line}: a changed digit was not found");
            // A key of JSON is in the path of all that is under it.
            assert!(found.len() <= 4 || name == "JSON", "{name}, line {line}: {found:#?}");
        };
        // Thousands of digits, a report to be read for each of them.
        std::thread::scope(|scope| {
            for part in digits.chunks(digits.len().div_ceil(4)) {
                scope.spawn(move || part.iter().for_each(|at| check(*at)));
            }
        });
    }
}

#[track_caller]
fn told(name: &str, from: &str, to: &str) -> String {
    let all = reports(&run());
    let (_, text) = all.iter().find(|(other, _)| *other == name).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    let found = differences(&text.replacen(from, to, 1), text);
    found.iter().map(Difference::words).collect::<Vec<_>>().join("\n")
}

#[test]
fn differences_are_told_by_their_place() {
    let cases = [
        (
            "a cell",
            told(
                "Markdown",
                "| 74.0 ms (74.0–76.0) | 78.0 ms (78.0–78.0) |",
                "| 74.3 ms (74.0–76.0) | 78.0 ms (78.0–78.0) |",
            ),
        ),
        (
            "a sentence",
            told("Markdown", "the p95 response time is 74.0 ms", "the p95 response time is 47.0 ms"),
        ),
        ("the analyst's", told("Markdown", "We expect 40 ms next.", "We expect 30 ms next.")),
        (
            "a row's name",
            told("Markdown", "| Sustain (50) |                20 s", "| Sustain (60) |                20 s"),
        ),
        ("the scenario", told("Markdown", "warm_up = \"5s\"", "warm_up = \"6s\"")),
        ("the title", told("Markdown", "# Benchmark report: Checkout", "# Benchmark report: Checkin")),
        ("what it was made of", told("Markdown", "\"run\":7", "\"run\":8")),
        (
            "a left out caveat",
            told("Markdown", "- 800 successful requests are few", "- 900 successful requests are few"),
        ),
        ("in JSON", told("JSON", "\"p95_millis\": 74.", "\"p95_millis\": 75.")),
        ("in CSV", told("CSV", "\n7,37.5,20,0,40,40,0,", "\n7,37.5,20,0,40,41,0,")),
        ("in JUnit", told("JUnit", "measured 78.0 ms", "measured 48.0 ms")),
        ("in a comment", told("a comment", "| 74.0 ms (74.0–76.0)", "| 73.0 ms (74.0–76.0)")),
    ];
    insta::assert_snapshot!(cases.map(|(case, text)| format!("{case}:\n{text}")).join("\n\n"));
}

#[test]
fn rows_left_out_and_rows_added_are_found() {
    let all = reports(&run());
    for (name, start) in [
        ("Markdown", "| auth      |"),
        ("CSV", "12,"),
        ("JUnit", "    <testcase"),
        ("JSON", "      \"n_ok\""),
    ] {
        let text = &all.iter().find(|(other, _)| *other == name).unwrap().1;
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.starts_with(start)).unwrap();
        let mut without = lines.clone();
        without.remove(at);
        let found = differences(&without.join("\n"), text);
        assert!(found.iter().any(|one| matches!(one.what, What::Missing { .. })), "{name}: {found:#?}");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        let found = differences(&twice.join("\n"), text);
        assert!(found.iter().any(|one| matches!(one.what, What::Added { .. })), "{name}: {found:#?}");
    }
}

#[test]
fn something_else_differs_everywhere_and_is_soon_told() {
    let all = reports(&run());
    for (name, text) in &all {
        for other in ["", "another text", "{\"a\": 1}", "a,b\n1,2\n"] {
            let found = differences(other, text);
            assert!(!found.is_empty() && found.len() <= MAX_DIFFERENCES, "{name}: {other}");
        }
    }
    let long: String = (0..50_000).map(|index| format!("line {index}\n\n")).collect();
    assert!(differences(&long, &all[0].1).len() <= MAX_DIFFERENCES);
}

#[test]
fn charts_and_pages_differ_at_their_place() {
    let page = "<!doctype html><html><head><style>p { margin: 3px; }</style></head><body><h2>Results</h2>\n<table>\n<thead>\
                <tr><th>Step</th><th>p95</th></tr></thead><tbody><tr><td>Sign in</td><td>95.2 ms</td></tr></tbody></table>\
                <svg viewBox=\"0 0 10 10\"><title>Latency</title><path d=\"M1 2L3 4\"/></svg></body></html>";
    assert_eq!(WrittenAs::of(page), WrittenAs::Html);
    assert_eq!(differences(&page.replace("><", ">\n  <"), page), []);
    let told = |from: &str, to: &str| {
        let found = differences(&page.replace(from, to), page);
        found.iter().map(Difference::words).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told("95.2", "95.3"), "Results › Sign in › p95: says 95.3 ms, the run gives 95.2 ms");
    assert!(told("L3 4", "L3 5").starts_with("Results › chart «Latency»: says "), "{}", told("L3 4", "L3 5"));
    assert!(told("3px", "4px").contains("margin: 4px"), "{}", told("3px", "4px"));
}
