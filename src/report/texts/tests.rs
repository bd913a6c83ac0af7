//! The analyst's words from run to run, in the report and in a file.

use std::time::Duration;

use super::*;
use crate::analysis::{Diagnosis, Summary, sample, summarize};
use crate::metrics::{Outcome, RunRecord};
use crate::report::{document, json, markdown};

struct Run {
    record: RunRecord,
    summary: Summary,
    diagnosis: Diagnosis,
}

impl Run {
    fn of(record: RunRecord) -> Self {
        let summary = summarize(&record).unwrap();
        Self { record, summary, diagnosis: Diagnosis::default() }
    }

    fn paper(&self) -> Paper<'_> {
        Paper::new(&self.record, &self.summary, &self.diagnosis)
    }
}

/// The run that the words are written for.
fn first() -> Run {
    Run::of(sample::record(sample::scenario()))
}

/// A later one, in which signing in was slower at times.
fn later() -> Run {
    let mut record = sample::record(sample::scenario());
    record.run_id = RunId(8);
    sample::add(&mut record, 20, 1, &[(Outcome::Ok, Duration::from_millis(101)); 120]);
    Run::of(record)
}

fn texts() -> ReportTexts {
    ReportTexts {
        title: "Checkout before the sale: {{verdict}}".to_owned(),
        author: "A. Analyst".to_owned(),
        audience: "the release board".to_owned(),
        summary: "The p95 was 74.0 ms. It is {{p95}} now, at {{throughput of stage Sustain (50)}}.\n\n- No request failed: \
                  0 % error share.\n- We expect 40 ms after the next release."
            .to_owned(),
        notes: "Signing in had a p95 of 76 ms.".to_owned(),
        approval: "J. Doe, for the sale only".to_owned(),
        ..ReportTexts::default()
    }
}

#[test]
fn words_stand_in_the_report_marked_as_the_analyst_s() {
    let run = first();
    let texts = texts().kept_with(&run.paper());
    let text = markdown(&run.paper().with_texts(&texts));
    let until = text.find("## Context and method").unwrap();
    let notes = text.find("## Notes by the analyst").unwrap();
    let length = text[notes..].find("\n## Configuration").unwrap();
    insta::assert_snapshot!(format!("{}…\n\n{}", &text[..until], &text[notes..notes + length]));
}

#[test]
fn words_survive_a_run_and_what_has_changed_in_them_is_said() {
    let (first, later) = (first(), later());
    let kept = texts().kept_with(&first.paper());
    let inherited = ReportTexts::of_run(None, Some((RunId(7), &kept.to_json()))).unwrap();
    assert_eq!((inherited.summary.as_str(), inherited.approval.as_str()), (kept.summary.as_str(), ""));
    let text = markdown(&later.paper().with_texts(&inherited));
    let from = text.find("### In the analyst's words").unwrap();
    let until = text.find("## Context and method").unwrap();
    let notes = text.find("## Notes by the analyst").unwrap();
    let length = text[notes..].find("\n## Configuration").unwrap();
    insta::assert_snapshot!(format!("{}…\n\n{}", &text[from..until], &text[notes..notes + length]));
    let value = &json(&later.paper().with_texts(&inherited))["texts"];
    assert_eq!(value["inherited_from_run"], 7);
    assert_eq!(value["outdated_sentences"].as_array().unwrap().len(), 2, "{value}");

    // Kept with the later run as they are, they are as outdated as before.
    let again = inherited.clone().kept_with(&later.paper());
    assert_eq!(again.outdated(&later.paper()).len(), 2);
    assert_eq!(again.inherited_from, None);
    // Another sentence is another matter.
    let mended = ReportTexts { summary: "The p95 is {{p95}}.".to_owned(), ..again };
    assert_eq!(mended.kept_with(&later.paper()).outdated(&later.paper()).len(), 1, "the notes still stand");
}

#[test]
fn words_do_not_change_what_the_machine_says() {
    let run = first();
    let texts = texts().kept_with(&run.paper());
    let figures = |paper: &Paper<'_>| {
        let figures = document(paper).figures().into_iter();
        figures.filter(|figure| !figure.place.section.contains("verify")).collect::<Vec<_>>()
    };
    assert_eq!(figures(&run.paper()), figures(&run.paper().with_texts(&texts)));
}

#[test]
fn all_that_is_wrong_with_words_is_told_at_once_and_with_its_field() {
    let run = first();
    let texts = ReportTexts {
        title: "x".repeat(301),
        summary: "The {{p59}} and the {{p95 of step Sing in}}. An {{open".to_owned(),
        notes: "{{troughput}}".to_owned(),
        ..ReportTexts::default()
    };
    let problems = texts.problems(&run.paper());
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(words.join("\n"));
}

#[test]
fn numbers_that_are_no_figures_are_noted_for_the_editor_and_not_in_the_report() {
    let run = first();
    let texts = texts().kept_with(&run.paper());
    let notes = texts.strangers();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].1.words().contains("40 ms is not a figure"), "{}", notes[0].1.words());
    assert!(!markdown(&run.paper().with_texts(&texts)).contains("not a figure"));
}

#[test]
fn kept_words_read_back_and_newer_ones_are_refused() {
    let kept = texts().kept_with(&first().paper());
    assert!(!kept.marks.is_empty());
    let read = ReportTexts::from_json(&kept.to_json()).unwrap();
    assert_eq!(read.to_json(), kept.to_json());
    assert!(ReportTexts::from_json("{}").unwrap().is_empty());
    let message = ReportTexts::from_json("{\"format\": 9}").unwrap_err().to_string();
    assert!(message.contains("newer Stagewright") && message.contains("format is 9"), "{message}");
    assert!(matches!(ReportTexts::from_json("{\"title\": 3}"), Err(TextsError::Damaged(_))));
}

#[test]
fn variant_and_sections_are_kept_with_the_words() {
    let run = first();
    let texts = ReportTexts {
        variant: Variant::OnePage,
        left_out: vec![Section::Baseline, Section::Steps],
        ..ReportTexts::default()
    };
    let text = markdown(&run.paper().with_texts(&texts));
    assert!(!text.contains("## Baseline metrics") && text.contains("## Executive summary"), "{text}");
    let sections = texts.options().sections;
    assert!(sections.contains(&Section::Summary) && !sections.contains(&Section::Baseline), "{sections:?}");
}

fn whole() -> ReportTexts {
    let mut texts = texts();
    texts.variant = Variant::OnePage;
    texts.left_out = vec![Section::Phases];
    texts.notes = "Two lines:\n\n- \"quoted\" and \\ back".to_owned();
    texts.recommendations = RecommendationTexts {
        words: [("pool-size".to_owned(), "Use a pool of 20.".to_owned())].into(),
        order: vec!["pool-size".to_owned(), "cache".to_owned()],
        hidden: vec!["tls".to_owned()],
        added: vec![OwnRecommendation {
            horizon: TextHorizon::LongTerm,
            text: "Plan for growth.".to_owned(),
        }],
    };
    texts.checklist = [("Error budget".to_owned(), "Agreed with operations.".to_owned())].into();
    texts
}

#[test]
fn a_file_of_words_explains_itself_and_reads_back() {
    let text = write_texts(&whole());
    insta::assert_snapshot!(text);
    assert_eq!(read_texts(&text), Ok(whole()));
    assert_eq!(read_texts(&text.replace('\n', "\r\n")), Ok(whole()));
    assert_eq!(read_texts(&write_texts(&ReportTexts::default())), Ok(ReportTexts::default()));
}

#[test]
fn all_problems_of_a_file_come_at_once_with_line_and_remedy() {
    let text = "titel = \"a\"\nsummary = 3\nvariant = \"short\"\nwithout = [\"stpes\"]\n[recommendations]\nordre = []\n\
                own = [{ horizon = \"soon\", text = \"x\" }, { horizon = \"immediate\" }]\n[checklist]\na = 1\n";
    let problems = read_texts(text).unwrap_err();
    insta::assert_snapshot!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    let problems = read_texts("title = \"a\nnotes = 1").unwrap_err();
    assert!(problems[0].to_string().starts_with("line 1, the file: "), "{}", problems[0]);
}
