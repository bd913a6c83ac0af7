//! Title block, and the executive summary: did it pass, how sure is that, what limits it, what to do next.

use crate::analysis::{Diagnosis, recommendations::Recommendation, uncapitalized};
use crate::humanize;
use crate::model::Metric;
use crate::report::document::{Document, Table};
use crate::report::facts::Facts;
use crate::report::texts::prose;
use crate::report::{Paper, Section, TemplateName, templates};

use super::{Subject, analyst, n_requests};

/// Reasons of a verdict that the summary lists; the tables behind it have all of them.
const MAX_REASONS: usize = 8;

/// The same of a report that fits one sheet.
const MAX_ON_ONE_PAGE: usize = 2;

/// The report's title: the analyst's, or the scenario's name.
pub fn title(paper: &Paper<'_>) -> String {
    match paper.texts.title.trim() {
        "" => format!("Benchmark report: {}", paper.record.start.scenario.name),
        title => prose::filled(title, Facts::of(paper)).text,
    }
}

/// What limits the run, in one sentence; none where nothing was found.
pub fn limit_sentence(paper: &Paper<'_>) -> Option<String> {
    let Diagnosis { search, findings, .. } = paper.diagnosis;
    let found = search.as_ref().map(|outcome| outcome.sentence.clone());
    found.or_else(|| {
        let heaviest = findings.iter().find(|finding| finding.rule.is_limit())?;
        Some(format!(
            "What limits it, with {} confidence: {}",
            heaviest.confidence.level.name(),
            one_line(&heaviest.claim)
        ))
    })
}

/// What to do next, in one sentence; none where nothing was found.
pub fn next_sentence(paper: &Paper<'_>) -> Option<String> {
    let Diagnosis { recommendations, .. } = paper.diagnosis;
    let arranged = paper.texts.recommendations.arranged(recommendations);
    let mut all: Vec<&Recommendation> = arranged.iter().map(|one| one.recommendation).collect();
    all.sort_by_key(|one| one.horizon);
    let title = |one: &Recommendation| uncapitalized(one.title.trim_end_matches('.'));
    Some(match all[..] {
        // That nothing presses is no step: the first that is one follows.
        [first, then, ..] if first.is_all_well() => format!("Next: {}; {}.", title(first), title(then)),
        [first, ..] => format!("Next: {}.", title(first)),
        [] => return None,
    })
}

/// As the template of the summary takes it: one line is one sentence.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

pub fn write_title(document: &mut Document, subject: Subject) {
    let Subject { record, summary, paper, .. } = subject;
    let title = title(paper);
    let scenario = &record.start.scenario.name;
    // A title of the analyst's need not name what was run.
    let named = if title.contains(scenario.as_str()) { String::new() } else { format!("{scenario} · ") };
    document.heading(1, title);
    document.paragraph(format!(
        "Run {} · {named}{} · {} · {}",
        record.run_id,
        humanize::moment(record.start.started_at_unix_millis),
        record.start.base_url,
        load_words(subject)
    ));
    analyst::write_byline(document, subject);
    document.lead(format!("Verdict: {}", summary.verdict.name()));
    analyst::write_approval(document, subject);
}

pub fn write(document: &mut Document, subject: Subject) {
    let summary = subject.summary;
    document.heading(2, "Executive summary");
    match templates::text(TemplateName::ExecutiveSummary, subject.paper) {
        Ok(text) => prose::write(document, &text),
        // Checked before a report is written; whoever did not check reads it here.
        Err(error) => document.paragraph(error.to_string()),
    }
    let is_sheet = subject.is_sheet();
    let most = if is_sheet { MAX_ON_ONE_PAGE } else { MAX_REASONS };
    if !summary.reasons.is_empty() && !is_sheet {
        document.paragraph("Why:");
    }
    let mut reasons = summary.reasons.clone();
    if reasons.len() > most {
        let n_more = humanize::counted((reasons.len() - most) as u64, "more reason");
        reasons.truncate(most);
        reasons.push(format!("And {n_more}: see the targets below."));
    }
    document.bullets(reasons);
    // On one sheet the same figures stand beside their targets.
    if !(is_sheet && subject.paper.options.sections.contains(&Section::Baseline)) {
        document.table(headline(subject));
    }
    analyst::write_summary(document, subject);
}

fn load_words(Subject { record, summary, .. }: Subject) -> String {
    let plan = record.plan();
    let peak = humanize::level(plan.peak_level(), plan.is_open());
    let model = if plan.is_open() { "open model" } else { "closed model" };
    format!(
        "{model}, up to {peak}, load for {}, {}",
        humanize::span(record.end.load_duration),
        humanize::counted(summary.whole.stats.counters.n_requests(), "request")
    )
}

fn headline(subject: Subject) -> Table {
    let headline = &subject.summary.headline;
    let titles = ["Requests", "p50", "p95", "p99", "Throughput", "Error share", "Availability"];
    let intervals = &subject.summary.headline_intervals;
    let quantile = |quantile| subject.sure(headline, intervals, Metric::Quantile(quantile));
    let mut table = Table::new(subject.headline_note() + &subject.brackets_note(), &titles, 0);
    table.row([
        n_requests(headline),
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        subject.metric(headline, Metric::Throughput),
        subject.metric(headline, Metric::ErrorShare),
        subject.metric(headline, Metric::Availability),
    ]);
    table
}
