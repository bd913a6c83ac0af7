//! What to do about findings on a run's own traffic, and on the statements of its target's database.

use crate::analysis::{
    Summary,
    audit::transfer_saved,
    findings::{Figure, FigureKey, FigureUnit, Finding, HIT_SECS, PAGE, Rule},
    what_if::{Hits, caching_step},
};
use crate::humanize;
use crate::model::Scope;

use super::of_findings::Said;
use super::projected::{quick, shorter_mean, step_index};
use super::{Horizon, ProjectedEffect};

/// The networks that the way of an answer is told for, in bits per second.
const NETWORKS: [f64; 2] = [100e6, 10e6];

/// What to do about a finding of the traffic; nothing for any other.
pub fn said(summary: &Summary, finding: &Finding) -> Option<Said> {
    let name =
        step_index(summary, &finding.scope).map_or("the step", |index| summary.steps[index].name.as_str());
    Some(match finding.rule {
        Rule::CacheableAnswers => Said::new(
            Horizon::ShortTerm,
            format!("Keep answers of step {name} in a cache"),
            "Keep them under what was asked for, and by whom where users get answers of their own, for the time to live that \
             the finding names, and fetch each only once when it is over (get-or-set). Throw away what a change makes \
             wrong, and watch the share of hits.",
        )
        .bringing(cached(summary, finding)),
        Rule::LargePayloads => Said::new(
            Horizon::ShortTerm,
            format!("Send fewer bytes for step {name}"),
            "Pack answers for those who ask for it (gzip is understood by all, Brotli and zstd save more), and let clients \
             choose the fields that they need. Watch the processors: packing is work.",
        )
        .bringing(fewer_bytes(
            finding,
            name,
            "nothing but the way decides, and packing an answer costs nothing",
        )),
        Rule::MissingPaging if finding.scope == Scope::Run => Said::new(
            Horizon::ShortTerm,
            "Ask the database for a page at a time",
            "Limit what a statement gives, and go on from the last key; where rows are only summed up, let the database do \
             that.",
        ),
        Rule::MissingPaging => Said::new(
            Horizon::ShortTerm,
            format!("Send the list of step {name} in pages"),
            format!("Give {PAGE} items or so at once, with a way to the next, and no more than a limit even where more are asked for."),
        )
        .bringing(fewer_bytes(
            finding,
            name,
            &format!("clients need the first {PAGE} items alone, and items are all that an answer holds"),
        )),
        Rule::MissingValidators => Said::new(
            Horizon::LongTerm,
            format!("Let clients ask whether answers of step {name} have changed"),
            "Send an ETag or a Last-Modified with them, say in Cache-Control how long they hold, and answer 304 where nothing \
             has changed.",
        )
        .bringing(fewer_bytes(
            finding,
            name,
            "clients keep what they got and ask whether it still holds each time; a request that was not asked for before \
             saves nothing",
        )),
        Rule::SlowStatements => Said::new(
            Horizon::ShortTerm,
            "Make the slowest statement faster",
            "Read its plan with EXPLAIN (ANALYZE, BUFFERS): look for whole tables that are read, sorts on disk, and estimates \
             that are far off. Add the index that it lacks, or ask for less.",
        )
        .bringing(faster_statement(finding)),
        Rule::ManyStatements => Said::new(
            Horizon::ShortTerm,
            "Fetch what a request needs with few statements",
            "Find where the statement runs in a loop, and fetch all items at once, by a join or by a list of keys.",
        )
        .bringing(joined(summary, finding)),
        _ => return None,
    })
}

fn value(finding: &Finding, key: FigureKey) -> Option<f64> {
    finding.figure(key)?.value
}

fn cached(summary: &Summary, finding: &Finding) -> Option<ProjectedEffect> {
    let step = step_index(summary, &finding.scope)?;
    let ratio = value(finding, FigureKey::ServedRatio)?;
    let effect = caching_step(summary, step, Hits { ratio, secs: HIT_SECS }, 0.95)?.of_step;
    let assumption = format!(
        "{} are hits, each takes {} (assumed, not measured), and the others take what they take now; the range is that \
         between hits on requests of all kinds and hits on those alone that are the fastest already",
        humanize::percent_at_least(ratio, 100.0),
        humanize::latency_secs(HIT_SECS)
    );
    Some(quick(effect, &format!("step {}", summary.steps[step].name), &assumption))
}

fn fewer_bytes(finding: &Finding, step: &str, assumption: &str) -> Option<ProjectedEffect> {
    let (before, saved) = (value(finding, FigureKey::AnswerBytes)?, value(finding, FigureKey::SavedBytes)?);
    let after = (before - saved).max(0.0);
    let size = |bytes: f64| humanize::bytes(bytes.round() as u64);
    let sooner = NETWORKS.map(|bits| {
        format!("{} sooner at {}", humanize::latency(transfer_saved(saved, bits)), humanize::bandwidth(bits))
    });
    Some(ProjectedEffect::Model {
        words: format!("an answer of step {step} {} → {}, {}", size(before), size(after), sooner.join(", ")),
        assumption: assumption.to_owned(),
        figures: vec![
            Figure::new("Size of an answer as measured", FigureUnit::Bytes, before),
            Figure::new("Size of an answer afterwards", FigureUnit::Bytes, after),
        ],
    })
}

fn faster_statement(finding: &Finding) -> Option<ProjectedEffect> {
    let load = value(finding, FigureKey::StatementLoad)?;
    let words = format!("time of all statements together falls by {}", humanize::percent(load / 2.0));
    Some(ProjectedEffect::Model {
        words,
        assumption: "the statement takes half as long and no other gets slower".to_owned(),
        figures: vec![Figure::share("Share of all statements' time saved", load / 2.0)],
    })
}

fn joined(summary: &Summary, finding: &Finding) -> Option<ProjectedEffect> {
    let step = step_index(summary, &finding.scope).map(|index| &summary.steps[index]);
    let (stats, what) = match step {
        Some(row) => (&row.aggregate.stats, format!("mean service time of step {}", row.name)),
        None => (&summary.whole.stats, "mean service time".to_owned()),
    };
    let mean = stats.service_time.mean()?.as_secs_f64();
    let (spent, times) =
        (value(finding, FigureKey::StatementMean)?, value(finding, FigureKey::CallsPerRequest)?);
    // One call stays.
    let saved = spent * (1.0 - 1.0 / times);
    (saved < mean).then(|| {
        shorter_mean(
            &what,
            mean,
            saved,
            "the calls of a request run one after the other, and one call in their place takes as long as one of them",
        )
    })
}
