//! Where a model does not hold: what is the case, and what to do.

use crate::humanize;

use super::{
    base::Base,
    inputs::{CallTime, Change, InputRange},
    model::{Busy, Misfit, Outcome},
    projection::{Line, Refusal, RefusalReason},
};

/// The formulas of queues are no longer to be trusted beyond this share of busy time.
pub(super) const BUSIEST: f64 = 0.9;

/// Fewer successful requests than that say too little.
const FEWEST: u64 = 100;

/// A transfer bounds a request where it is at least this share of its time.
const TRANSFER_BOUND: f64 = 0.1;

/// Transfers that should have taken so many times as long as they did are not those of the given bandwidth.
const TRANSFER_FITS: f64 = 2.0;

/// A rate beyond the highest measured one by no more than this share is not beyond it.
const BEYOND: f64 = 1.05;

/// Something queues where it waits for at least this share of its time at low load.
const QUEUES: f64 = 0.5;

/// More of the draws than that must not leave the workers too busy.
const FEW_DRAWS: f64 = 0.05;

/// Why nothing can be projected from this base.
pub(super) fn of_base(base: &Base, change: &Change) -> Vec<Refusal> {
    let all = |reason, text: String| Refusal { reason, line: None, text };
    let n_ok = base.changed_ok();
    if n_ok == 0 {
        return vec![all(
            RefusalReason::NoHistogram,
            format!(
                "The run has no response times of successful requests for {} in its window.",
                base.subject.changed
            ),
        )];
    }
    let has_blocks = base.changed.iter().any(|step| step.strata.iter().any(|stratum| !stratum.is_empty()));
    if n_ok < FEWEST || !has_blocks {
        return vec![all(
            RefusalReason::TooFewSamples,
            format!(
                "{} in {} are too few: a projection needs {FEWEST} and ten seconds of one stage. Run longer.",
                humanize::counted(n_ok, "successful request"),
                humanize::span(std::time::Duration::from_secs_f64(base.secs))
            ),
        )];
    }
    match change {
        Change::Payload { bits_per_sec, rtt_secs, initial_window_bytes, .. } => {
            transfer(base, *bits_per_sec, *rtt_secs, *initial_window_bytes)
                .map(|(reason, text)| all(reason, text))
                .into_iter()
                .collect()
        }
        Change::Faster { call: CallTime::Step { name }, .. } => call(base, name).into_iter().collect(),
        Change::Traffic { times } => beyond(base, *times).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Why the window has no queue that a model could describe.
pub(super) fn of_window(base: &Base) -> Option<Refusal> {
    (base.n_levels > 1).then(|| Refusal {
        reason: RefusalReason::SeveralLevels,
        line: Some(Line::Rescaled),
        text: "The window mixes several levels of load, and a queue has one: choose one stage that holds its level."
            .to_owned(),
    })
}

fn mean_secs(base: &Base) -> f64 {
    let known = base
        .changed
        .iter()
        .filter_map(|step| Some((step.response_time.mean()?.as_secs_f64(), step.n_ok as f64)));
    super::base::weighted_mean(known).unwrap_or_default()
}

fn transfer(
    base: &Base,
    bits_per_sec: InputRange,
    rtt_secs: InputRange,
    window_bytes: f64,
) -> Option<(RefusalReason, String)> {
    let mean = mean_secs(base);
    let Some(receive) = base.receive_secs() else {
        return Some((
            RefusalReason::NotTransferBound,
            "The run does not tell how long answers took to come, so nobody knows whether their size matters."
                .to_owned(),
        ));
    };
    if receive < TRANSFER_BOUND * mean {
        return Some((
            RefusalReason::NotTransferBound,
            format!(
                "The requests are not bound by their transfer: of {} on average, an answer takes {} from its first byte to its \
                 last. Smaller answers would not be noticed.",
                humanize::latency_secs(mean),
                humanize::latency_secs(receive)
            ),
        ));
    }
    // The mildest of what was given: less would be even farther from what was measured.
    let mildest = super::inputs::PayloadAt {
        size_ratio: 1.0,
        bits_per_sec: bits_per_sec.high,
        rtt_secs: rtt_secs.low,
        initial_window_bytes: window_bytes,
        compression_secs: 0.0,
    };
    let expected =
        super::base::weighted_mean(base.changed.iter().filter(|step| step.n_requests > 0).map(|step| {
            let bytes = step.bytes_received as f64 / step.n_requests as f64;
            (mildest.transfer_before_secs(bytes), step.n_ok as f64)
        }))?;
    (expected > TRANSFER_FITS * receive).then(|| {
        (
            RefusalReason::DoesNotFit,
            format!(
                "At {} the answers would take {} on average; they took {}. Give the bandwidth that a transfer really gets.",
                humanize::bandwidth(bits_per_sec.high),
                humanize::latency_secs(expected),
                humanize::latency_secs(receive)
            ),
        )
    })
}

fn call(base: &Base, name: &str) -> Option<Refusal> {
    let mean = mean_secs(base);
    let call = base.call.as_ref().and_then(|call| call.response_time.mean());
    let (reason, text) = match call {
        None => (
            RefusalReason::NoHistogram,
            format!("The run has no response times of successful requests for step {name} in its window."),
        ),
        Some(call) if call.as_secs_f64() > mean => (
            RefusalReason::DoesNotFit,
            format!(
                "A call that takes {} on average, as step {name} does, cannot be part of requests that take {}.",
                humanize::latency(call),
                humanize::latency_secs(mean)
            ),
        ),
        Some(_) => return None,
    };
    Some(Refusal { reason, line: None, text })
}

fn beyond(base: &Base, times: InputRange) -> Option<Refusal> {
    let asked = base.changed_per_sec() * times.high;
    (asked > BEYOND * base.highest_per_sec).then(|| Refusal {
        reason: RefusalReason::BeyondMeasuredRate,
        line: None,
        text: format!(
            "{} would be beyond the highest rate that a held stage of this run measured, {}: what limits there is not \
             known. Measure a stage at that rate.",
            humanize::rate(asked),
            humanize::rate(base.highest_per_sec)
        ),
    })
}

/// Why the queue's line does not hold at the middle of what was given.
pub(super) fn of_misfit(misfit: Misfit, base: &Base) -> Refusal {
    let rho = |rho: f64| format!("{:.2}", rho);
    let (reason, text) = match misfit {
        Misfit::Unknown => (
            RefusalReason::UnknownQueue,
            "Nothing is known of the queue: give the workers and the service time, or measure a stage at half the rate or \
             less, which tells both."
                .to_owned(),
        ),
        Misfit::NotQuiet { rho: busy } => (
            RefusalReason::UnknownQueue,
            format!(
                "At the quietest stage workers are busy for {} of the time, so that it does not tell what requests take \
                 without a queue: give the workers and the service time.",
                humanize::percent(busy)
            ),
        ),
        Misfit::NoWaiting => (
            RefusalReason::UnknownQueue,
            "Requests take hardly longer than at low load, so the number of workers cannot be told: give it."
                .to_owned(),
        ),
        Misfit::CannotKeepUp { rho: busy } => (
            RefusalReason::DoesNotFit,
            format!(
                "The workers would have to be busy for more time than there is (rho {}) at {}: workers or service time are \
                 not those of this target.",
                rho(busy),
                humanize::rate(base.changed_per_sec())
            ),
        ),
        Misfit::Mean { model_secs, measured_secs } => (
            RefusalReason::DoesNotFit,
            format!(
                "With this queue the mean response time would be {}; {} was measured. Workers, service time or Cs² are not \
                 those of this target.",
                humanize::latency_secs(model_secs),
                humanize::latency_secs(measured_secs)
            ),
        ),
        Misfit::Overloaded { rho } => return too_busy(rho),
    };
    Refusal { reason, line: Some(Line::Rescaled), text }
}

fn too_busy(rho: f64) -> Refusal {
    Refusal {
        reason: RefusalReason::TooBusy,
        line: Some(Line::Rescaled),
        text: format!(
            "After the change workers would be busy for {} of the time (rho {rho:.2}); beyond {BUSIEST} the formulas of queues \
             are not to be trusted.",
            humanize::percent(rho)
        ),
    }
}

/// Why the queue's line does not hold after the change.
pub(super) fn of_busy(busy: &Busy, base: &Base, change: &Change) -> Option<Refusal> {
    if busy.rho_after > BUSIEST {
        return Some(too_busy(busy.rho_after));
    }
    if matches!(change, Change::Traffic { .. }) {
        return None;
    }
    // Something else is the bottleneck afterwards where it queues, and waits longer than what was changed then does.
    let waits = |place: &&super::base::Elsewhere| {
        let grown = place.base_secs - place.low_secs;
        grown >= QUEUES * place.low_secs && grown > busy.waited_after_secs && grown < busy.waited_secs
    };
    let place =
        base.elsewhere.iter().filter(waits).max_by(|one, other| {
            (one.base_secs - one.low_secs).total_cmp(&(other.base_secs - other.low_secs))
        })?;
    Some(Refusal {
        reason: RefusalReason::MovesBottleneck,
        line: Some(Line::Rescaled),
        text: format!(
            "The change moves the bottleneck: afterwards requests would wait {} here and {} at service {}, by what it takes more \
             than at low load. The model holds only where what limits stays the same.",
            humanize::latency_secs(busy.waited_after_secs),
            humanize::latency_secs(place.base_secs - place.low_secs),
            place.name
        ),
    })
}

/// Why too many draws contradict what was measured.
pub(super) fn of_draws(n_contradicting: usize, n: usize) -> Refusal {
    Refusal {
        reason: RefusalReason::DoesNotFit,
        line: Some(Line::Rescaled),
        text: format!(
            "In {} of {} draws workers, service time and Cs² contradict what was measured: they are not those of this target, or \
             their ranges are too wide.",
            humanize::count(n_contradicting as u64),
            humanize::count(n as u64)
        ),
    }
}

/// Why too many draws leave the workers too busy.
pub(super) fn of_busy_draws(drawn: &[Outcome]) -> Option<Refusal> {
    let busy: Vec<f64> = drawn.iter().filter_map(|outcome| Some(outcome.busy?.rho_after)).collect();
    let too_busy: Vec<f64> = busy.iter().copied().filter(|rho| *rho > BUSIEST).collect();
    (too_busy.len() as f64 > FEW_DRAWS * busy.len() as f64).then(|| Refusal {
        reason: RefusalReason::TooBusy,
        line: Some(Line::Rescaled),
        text: format!(
            "Within the ranges that were given, workers would be busy for more than {BUSIEST} of the time in {} of the draws; \
             beyond that the formulas of queues are not to be trusted.",
            humanize::percent(too_busy.len() as f64 / busy.len() as f64)
        ),
    })
}
