//! Missing validators: answers that are sent whole again, though nothing in them has changed and nothing lets a client ask.

use crate::analysis::audit::transfer_saved;
use crate::humanize;

use super::traffic::{Audited, MIN_ANSWERS, audited, confidence_of};
use super::{
    Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule, SharePart,
    weight,
};

/// Repeated requests that a share has to stand on; ours.
const MIN_REPEATED: u64 = 30;

/// The least share of repeated requests that got the same answer; ours.
const MIN_SAME: f64 = 0.8;

/// The largest share of answers with an `ETag` or a `Last-Modified`; ours.
const MAX_WITH: f64 = 0.1;

/// Of smaller answers a validator saves next to nothing, in bytes; ours.
const MIN_BYTES: f64 = 4_096.0;

/// The most steps that are told each by itself.
const MAX_STEPS: usize = 3;

/// A step whose answers lack validators.
struct Lacking<'a> {
    step: Audited<'a>,
    n_answers: u64,
    wire_bytes: f64,
    same: f64,
}

pub fn missing_validators(grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut found: Vec<Lacking<'_>> = audited(grounds).into_iter().filter_map(lacking).collect();
    found.sort_by(|a, b| (b.wire_bytes * b.same).total_cmp(&(a.wire_bytes * a.same)));
    found.iter().take(MAX_STEPS).filter_map(|lacking| told(grounds, lacking)).collect()
}

fn lacking(step: Audited<'_>) -> Option<Lacking<'_>> {
    let (cache, payload) = (step.traffic.cache.as_ref()?, step.traffic.payload.as_ref()?);
    let n_repeated = cache.own.n_same + cache.own.n_changed;
    let same = cache.own.n_same as f64 / n_repeated.max(1) as f64;
    let lacks = n_repeated >= MIN_REPEATED
        && same >= MIN_SAME
        && cache.etag_ratio.max(cache.last_modified_ratio) <= MAX_WITH
        && !cache.cache_control.contains("no-store")
        && payload.n_answers >= MIN_ANSWERS
        && payload.wire_bytes >= MIN_BYTES;
    let (n_answers, wire_bytes) = (payload.n_answers, payload.wire_bytes);
    lacks.then_some(Lacking { step, n_answers, wire_bytes, same })
}

fn told(grounds: &Grounds<'_>, lacking: &Lacking<'_>) -> Option<Finding> {
    let Lacking { step, n_answers, wire_bytes, same } = lacking;
    let cache = step.traffic.cache.as_ref()?;
    let name = &step.row.name;
    let saved = wire_bytes * same;
    let confidence = confidence_of(*n_answers);
    let control = if cache.cache_control.is_empty() { "none" } else { &cache.cache_control };
    let part = |name: &str, value: u64| SharePart { name: name.to_owned(), value: value as f64 };
    Some(Finding {
        rule: Rule::MissingValidators,
        scope: step.row.scope.clone(),
        claim: format!(
            "{} of the repeated requests of step {name} got the same answer once more, {} on average, and nothing in it lets \
             a client ask whether it has changed.",
            humanize::percent((same * 100.0).floor() / 100.0),
            humanize::bytes(wire_bytes.round() as u64)
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!("the whole run, {}", humanize::counted(cache.own.n_lookups, "request")),
            figures: vec![
                Figure::share("Repeated requests with the same answer", *same),
                Figure::share("Answers with an ETag", cache.etag_ratio),
                Figure::share("Answers with a Last-Modified", cache.last_modified_ratio),
                Figure::share("Answers with a Cache-Control", cache.cache_control_ratio).told(format!(
                    "{}, mostly {control}",
                    humanize::percent(cache.cache_control_ratio)
                )),
                Figure::new("Mean size of an answer over the wire", FigureUnit::Bytes, *wire_bytes)
                    .keyed(FigureKey::AnswerBytes),
                Figure::new("Saved per repeated request", FigureUnit::Bytes, saved).keyed(FigureKey::SavedBytes),
                Figure::latency("Sooner by that at 10 Mbit/s", transfer_saved(saved, 10e6)),
            ],
            chart: EvidenceChart::Shares {
                what: format!("Repeated requests of step {name}"),
                unit: FigureUnit::Count,
                parts: vec![part("same answer", cache.own.n_same), part("another answer", cache.own.n_changed)],
            },
        },
        weight: weight(Rule::MissingValidators, &confidence, *same),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Clients of this target may keep nothing between requests: then a validator saves nothing.".to_owned(),
            "Another user asks from elsewhere: only what the same client, or a cache before the target, asks for again is \
             saved."
                .to_owned(),
        ],
        next_experiment: Experiment::again(
            "with validators",
            "Send an ETag with these answers, let a client send it back in `If-None-Match`, and compare the bytes received.",
        ),
    })
}
