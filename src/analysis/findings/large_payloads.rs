//! Large payloads: a step's answers that could come in far fewer bytes, packed or without what nobody uses.

use crate::analysis::audit::transfer_saved;
use crate::humanize;
use crate::metrics::PayloadFacts;

use super::traffic::{Audited, MIN_ANSWERS, audited, confidence_of};
use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule,
    ScenarioChange, SharePart, weight,
};

/// The share of an answer's bytes that has to be saved, and how many at least; ours.
// SCIENCE §7: what fits into a few packets comes in one round whatever its size.
const MIN_SHARE: f64 = 0.3;
const MIN_SAVED: f64 = 4_096.0;

/// From this share on a second way of saving is told, too; ours.
const WORTH_TELLING: f64 = 0.1;

/// The most steps that are told each by itself.
const MAX_STEPS: usize = 3;

/// Networks that the time saved is told for, in bits per second.
const NETWORKS: [f64; 2] = [100e6, 10e6];

/// What could be saved of a step's answers, in bytes over the wire per answer.
struct Savings<'a> {
    step: Audited<'a>,
    payload: &'a PayloadFacts,
    /// The encoding that saves most, of answers that come unpacked, with the size that it leaves.
    packed: Option<(&'a str, f64)>,
    nulls: f64,
    unused: f64,
    /// What the best single way saves.
    most: f64,
}

pub fn large_payloads(grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut found: Vec<Savings<'_>> = audited(grounds).into_iter().filter_map(savings_of).collect();
    found.sort_by(|a, b| b.most.total_cmp(&a.most));
    found.iter().take(MAX_STEPS).map(|savings| told(grounds, savings)).collect()
}

fn savings_of(step: Audited<'_>) -> Option<Savings<'_>> {
    let payload = step.traffic.payload.as_ref()?;
    let wire = payload.wire_bytes;
    // What is left out of a packed answer saves as much of its packed size as it took of the whole.
    let over_wire = |bytes: f64| bytes * wire / payload.plain_bytes.max(1.0);
    let packed = payload.encoding.is_empty().then(|| {
        let sizes = payload.packed_bytes.iter().map(|(encoding, bytes)| (encoding.as_str(), *bytes));
        sizes.min_by(|a, b| a.1.total_cmp(&b.1))
    });
    let packed = packed.flatten();
    let (nulls, unused) = (over_wire(payload.null_bytes), over_wire(payload.unused_bytes));
    let by_packing = packed.map_or(0.0, |(_, bytes)| wire - bytes);
    let most = by_packing.max(nulls).max(unused);
    let is_large = payload.n_answers >= MIN_ANSWERS && most >= MIN_SAVED && most >= MIN_SHARE * wire;
    is_large.then_some(Savings { step, payload, packed, nulls, unused, most })
}

fn told(grounds: &Grounds<'_>, savings: &Savings<'_>) -> Finding {
    let Savings { step, payload, most, .. } = savings;
    let name = &step.row.name;
    let confidence = confidence(grounds, savings);
    let mut figures = vec![
        Figure::new("Mean size of an answer over the wire", FigureUnit::Bytes, payload.wire_bytes)
            .keyed(FigureKey::AnswerBytes),
        Figure::new("The same unpacked", FigureUnit::Bytes, payload.plain_bytes),
    ];
    let packed = payload.packed_bytes.iter();
    figures.extend(packed.map(|(encoding, bytes)| {
        Figure::new(format!("The same packed with {}", packer(encoding)), FigureUnit::Bytes, *bytes)
    }));
    figures.push(Figure::new("Null fields take, per answer unpacked", FigureUnit::Bytes, payload.null_bytes));
    // Of a step that looks into no answer, which fields it needs is not known.
    if payload.unused_bytes > 0.0 {
        figures.push(Figure::new(
            "Fields that no check or extract of the step uses take, per answer unpacked",
            FigureUnit::Bytes,
            payload.unused_bytes,
        ));
    }
    figures.push(
        Figure::new("Saved per answer in the best single way", FigureUnit::Bytes, *most)
            .keyed(FigureKey::SavedBytes),
    );
    figures.extend(NETWORKS.map(|bits| {
        let what = format!("Sooner by that at {}", humanize::bandwidth(bits));
        Figure::latency(what, transfer_saved(*most, bits))
    }));
    figures.push(Figure::count("Answers taken apart", payload.n_answers));
    Finding {
        rule: Rule::LargePayloads,
        scope: step.row.scope.clone(),
        claim: claim(savings),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!(
                "the whole run, {} of step {name}",
                humanize::counted(payload.n_answers, "answer")
            ),
            figures,
            chart: chart(savings),
        },
        weight: weight(Rule::LargePayloads, &confidence, most / payload.wire_bytes.max(1.0)),
        confidence,
        rests_on: None,
        other_explanations: other_explanations(grounds, savings),
        next_experiment: experiment(grounds, savings),
    }
}

fn claim(savings: &Savings<'_>) -> String {
    let Savings { step, payload, packed, nulls, unused, most } = savings;
    let share = |bytes: f64| humanize::percent(rounded(bytes / payload.wire_bytes.max(1.0)));
    let size = |bytes: f64| humanize::bytes(bytes.round() as u64);
    let mut claim = format!("Answers of step {} take {} on average", step.row.name, size(payload.wire_bytes));
    let ways = [
        packed.map(|(encoding, bytes)| {
            let saved = payload.wire_bytes - bytes;
            (
                saved,
                format!(
                    "packed with {} they would take {}, {} less",
                    packer(encoding),
                    size(bytes),
                    share(saved)
                ),
            )
        }),
        Some((*unused, format!("fields that nothing in the step uses make {} of them", share(*unused)))),
        Some((*nulls, format!("null fields make {} of them", share(*nulls)))),
    ];
    let worth = WORTH_TELLING * payload.wire_bytes;
    let told: Vec<String> = ways
        .into_iter()
        .flatten()
        .filter(|(saved, _)| saved >= most || *saved >= worth)
        .map(|(_, words)| words)
        .collect();
    claim.push_str(&format!(": {}.", told.join("; ")));
    claim
}

/// What people call a content coding.
fn packer(encoding: &str) -> &str {
    if encoding == "br" { "Brotli" } else { encoding }
}

/// To a whole percent: a sample tells no more.
fn rounded(ratio: f64) -> f64 {
    (ratio * 100.0).round() / 100.0
}

fn chart(savings: &Savings<'_>) -> EvidenceChart {
    let part = |name: &str, value: f64| SharePart { name: name.to_owned(), value };
    let mut parts = vec![part("as it came", savings.payload.wire_bytes)];
    parts.extend(savings.payload.packed_bytes.iter().map(|(encoding, bytes)| part(packer(encoding), *bytes)));
    let what = format!("Mean size of an answer of step {}", savings.step.row.name);
    EvidenceChart::Shares { what, unit: FigureUnit::Bytes, parts }
}

/// Whether what would save most is to pack answers that nobody asked to have packed.
fn was_not_asked_for(grounds: &Grounds<'_>, savings: &Savings<'_>) -> bool {
    let by_packing = savings.packed.map_or(0.0, |(_, bytes)| savings.payload.wire_bytes - bytes);
    by_packing >= savings.most && !grounds.scenario().transport.compression
}

fn confidence(grounds: &Grounds<'_>, savings: &Savings<'_>) -> Confidence {
    if was_not_asked_for(grounds, savings) {
        return Confidence::medium(
            "the answers were taken apart and packed on trial, but the scenario does not ask for packed ones",
        );
    }
    confidence_of(savings.payload.n_answers)
}

fn other_explanations(grounds: &Grounds<'_>, savings: &Savings<'_>) -> Vec<String> {
    let mut others = Vec::new();
    if was_not_asked_for(grounds, savings) {
        others.push(
            "The target may pack its answers for those who ask, as browsers do: this run did not ask."
                .to_owned(),
        );
    }
    if savings.unused >= WORTH_TELLING * savings.payload.wire_bytes {
        others.push("Real clients may use fields that this scenario has no check or extract for.".to_owned());
    }
    others.push("The way may be so fast, or answers so few, that their size decides nothing.".to_owned());
    others
}

fn experiment(grounds: &Grounds<'_>, savings: &Savings<'_>) -> Experiment {
    if was_not_asked_for(grounds, savings) {
        return Experiment {
            name: "compressed answers".to_owned(),
            words: "Ask for compressed answers: if they come smaller, the target packs already for those who ask, and what \
                    the response times change by is what that is worth here."
                .to_owned(),
            changes: vec![ScenarioChange::Compression(true)],
        };
    }
    Experiment::again(
        "smaller answers",
        "Send smaller answers and run the same again: compare the step's response times and the target's processor time, \
         which packing adds to.",
    )
}
