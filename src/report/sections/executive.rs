//! Title, verdict and executive summary.

use crate::analysis::Standing;
use crate::humanize;
use crate::metrics::Verdict;
use crate::model::Metric;
use crate::report::document::{Document, Table};

use super::{Subject, n_requests};

pub fn write_title(document: &mut Document, Subject { record, summary, .. }: Subject) {
    document.heading(1, format!("Benchmark report: {}", record.start.scenario.name));
    document.paragraph(format!(
        "Run {} · {} · {}",
        record.run_id,
        humanize::moment(record.start.started_at_unix_millis),
        record.start.base_url
    ));
    document.lead(format!("Verdict: {}", summary.verdict.name()));
}

pub fn write(document: &mut Document, subject: Subject) {
    let summary = subject.summary;
    document.heading(2, "Executive summary");
    let mut sentences = vec![verdict_sentence(subject), load_sentence(subject), answer_sentence(subject)];
    sentences.extend(summary.interleaved.iter().map(|sides| sides.sentence.clone()));
    document.paragraph(sentences.join(" "));
    if !summary.reasons.is_empty() {
        document.paragraph("Why:");
    }
    document.bullets(summary.reasons.clone());
    document.table(headline(subject));
}

fn verdict_sentence(Subject { summary, .. }: Subject) -> String {
    let verdict = match summary.verdict {
        Verdict::Pass => "The run passes",
        Verdict::Fail => "The run fails",
        Verdict::Inconclusive => "The run is inconclusive",
    };
    let standing = match summary.quality.standing {
        Standing::Valid => "its measurement is valid",
        Standing::Weak => "its measurement is weak",
        Standing::Invalid => "its measurement is invalid",
    };
    format!("{verdict}, and {standing}.")
}

fn load_sentence(Subject { record, summary, .. }: Subject) -> String {
    let plan = record.plan();
    let peak = humanize::level(plan.peak_level(), plan.is_open());
    let load = if plan.is_open() {
        format!("an open model of up to {peak} arrivals")
    } else {
        format!("a closed model of up to {peak}")
    };
    format!(
        "Load was made for {} by {load}; {} were completed.",
        humanize::span(record.end.load_duration),
        humanize::counted(summary.whole.stats.counters.n_requests(), "request")
    )
}

fn answer_sentence(subject: Subject) -> String {
    let headline = &subject.summary.headline;
    let answered = match subject.summary.reading(headline, Metric::Quantile(0.95)) {
        None => "no request succeeded".to_owned(),
        Some(p95) if p95.is_censored => {
            "timeouts hide how long the slowest 5 % of the requests take".to_owned()
        }
        Some(p95) => format!("95 % of the successful requests were answered within {}", p95.text()),
    };
    format!(
        "Measured over {}: {answered}, throughput was {}, and {} of the requests failed.",
        subject.summary.headline_words,
        subject.metric(headline, Metric::Throughput),
        subject.metric(headline, Metric::ErrorShare)
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
