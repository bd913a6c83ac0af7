//! Templates: the built-in ones, the user's own, and those that are refused.

use super::*;
use crate::analysis::{Diagnosis, Summary, sample, summarize};
use crate::metrics::RunRecord;
use crate::model::Metric;
use crate::report::{MAX_COMMENT, Provenance, ReportOptions, Variant, markdown};

fn run() -> (RunRecord, Summary) {
    let record = crate::report::tests::eventful();
    let summary = summarize(&record).unwrap();
    (record, summary)
}

fn rendered(source: &str) -> Result<String, TemplateError> {
    let (record, summary) = run();
    by_template("mine.md", source, &Paper::new(&record, &summary, &Diagnosis::default()))
}

#[test]
fn a_template_has_the_json_the_sections_and_the_printed_figures() {
    let source = "{{ scenario | md }}: {{ verdict }}\n{% for stage in stages %}\n{{ stage.name }}: {{ \
                  stage.figures.response_time.p95_millis | latency_millis }}\n{% endfor %}\n{{ printed.p95 }} {{ \
                  error_share }} {{ headline.figures.error_ratio | percent }}\n{{ sections.services }}\n{{ \
                  figures[0].text }}\n";
    insta::assert_snapshot!(rendered(source).unwrap());
}

#[track_caller]
fn refused(source: &str, expected: &str) {
    let message = rendered(source).unwrap_err().to_string();
    assert!(message.starts_with("template mine.md"), "{message}");
    assert!(message.contains(expected), "{message}");
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_its_line_and_the_nearest_name() {
    refused("one\n{{ sectons.summary }}", "line 2: there is no `sectons`; did you mean `sections`?");
    refused("{{ sections.sumary }}", "line 1: there is no `sumary` in `sections`; did you mean `summary`?");
    refused("a\nb\n{% if %}", "line 3: ");
    refused("{{ p95 | latncy }}", "latncy");
    refused("{{ xyzzy }}", "there is no `xyzzy`");
}

#[test]
fn no_template_can_hang() {
    let endless = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    refused(endless, "does not come to an end");
    refused("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion");
    refused("{% for a in range(99999) %}{{ sections.appendix }}{% endfor %}", "writes more than 8 MiB");
    refused(&"x".repeat(300 << 10), "more than 256 KiB");
}

#[test]
fn own_templates_take_the_place_of_those_of_the_program() {
    let (record, summary) = run();
    let diagnosis = Diagnosis::default();
    let mut own = Templates::default();
    own.replace(
        TemplateName::ExecutiveSummary,
        "folder/executive-summary.md",
        "p95: {{ p95 }}.\r\n\r\n- {{ measurement }}\n",
    );
    let paper = Paper { templates: Some(&own), ..Paper::new(&record, &summary, &diagnosis) };
    own.check(&paper).unwrap();
    let text = markdown(&paper);
    assert!(text.contains("## Executive summary\n\np95: 74.0 ms.\n\n- valid\n\nWhy:"), "{text}");
    let provenance = Provenance::find_in(&text).unwrap();
    assert!(provenance.templates.is_some() && provenance.is_sealed());

    own.replace(TemplateName::ExecutiveSummary, "folder/executive-summary.md", "{{ p59 }}");
    let paper = Paper { templates: Some(&own), ..Paper::new(&record, &summary, &diagnosis) };
    let message = own.check(&paper).unwrap_err().to_string();
    assert!(
        message.contains("folder/executive-summary.md, line 1: there is no `p59`; did you mean `p50`?"),
        "{message}"
    );
    assert!(markdown(&paper).contains("there is no"), "whoever did not check reads it");
    assert_eq!(
        TemplateName::of_file("pull-reqest.md").unwrap_err(),
        "a report has no template `pull-reqest.md`; did you mean `pull-request.md`?"
    );
}

#[test]
fn the_comment_under_a_change_reads_like_this() {
    let (record, summary) = run();
    let diagnosis = Diagnosis::default();
    let options = ReportOptions::of(Variant::PullRequest);
    insta::assert_snapshot!(markdown(&Paper { options, ..Paper::new(&record, &summary, &diagnosis) }));
}

#[test]
fn one_page_reads_like_this() {
    let (record, summary) = run();
    let diagnosis = Diagnosis::default();
    let options = ReportOptions::of(Variant::OnePage);
    insta::assert_snapshot!(markdown(&Paper { options, ..Paper::new(&record, &summary, &diagnosis) }));
}

#[test]
fn a_comment_fits_however_many_limits_there_are() {
    let mut scenario = sample::scenario();
    scenario.thresholds = (1..=900).map(|index| sample::must(Metric::Max, f64::from(index) / 1e5)).collect();
    let record = sample::record(scenario);
    let summary = summarize(&record).unwrap();
    let diagnosis = Diagnosis::default();
    let options = ReportOptions::of(Variant::PullRequest);
    let text = markdown(&Paper { options, ..Paper::new(&record, &summary, &diagnosis) });
    assert!(text.chars().count() <= MAX_COMMENT, "{}", text.chars().count());
    assert!(
        text.contains("other thresholds together")
            && text.contains("more reasons")
            && Provenance::find_in(&text).is_some(),
        "{text}"
    );
}

/// The executive summary's sentences of a run with these limits.
fn summary_of(thresholds: Vec<crate::model::Threshold>, change: impl FnOnce(&mut RunRecord)) -> String {
    let mut scenario = sample::scenario();
    scenario.thresholds = thresholds;
    let mut record = sample::record(scenario);
    change(&mut record);
    let kept = crate::metrics::KeptRun::from(record);
    let summary = summarize(&kept.record).unwrap().with_intervals(&kept.record, &kept.history).unwrap();
    text(TemplateName::ExecutiveSummary, &Paper::new(&kept.record, &summary, &Diagnosis::default())).unwrap()
}

#[test]
fn the_executive_summary_answers_what_its_readers_ask() {
    let p95 = |limit| sample::must(Metric::Quantile(0.95), limit);
    let cases = [
        ("all met", summary_of(vec![p95(0.1), p95(0.2)], |_| ())),
        ("one of one met", summary_of(vec![p95(0.1)], |_| ())),
        ("one of two missed", summary_of(vec![p95(0.1), p95(0.01)], |_| ())),
        ("no target", summary_of(vec![], |_| ())),
        (
            "inconclusive",
            summary_of(vec![p95(0.1)], |record| record.end.finish = crate::metrics::Finish::Stopped),
        ),
        (
            "nothing measured",
            summary_of(vec![p95(0.1)], |record| {
                record.rows.iter_mut().for_each(|row| row.stats = Default::default());
            }),
        ),
    ];
    insta::assert_snapshot!(cases.map(|(case, text)| format!("{case}:\n{text}")).join("\n"));
}
