//! The audit of a run's own traffic: what its answers are made of, and what caches of several times to live would have
//! done. Pure, and bounded in time by how much it looks at.
//!
//! It tells sizes, counts and names. What they would bring is for findings to say.

mod cache;
mod packing;
mod payload;
mod shape;
#[cfg(test)]
mod testing;
mod timings;
mod uses;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::metrics::{Lookup, SampledAnswer, StepTraffic, TrafficAudit, TrafficSample};
use crate::model::{Scenario, Step};

pub use cache::TTLS_SECS;
pub use shape::LONG_ARRAY;

use payload::Budget;

/// Tells the time, from any moment on: packing on trial is timed.
pub type Clock<'a> = &'a dyn Fn() -> Duration;

/// Examines what was set aside of a run's traffic.
pub fn audit_traffic(scenario: &Scenario, sample: &TrafficSample, clock: Clock<'_>) -> TrafficAudit {
    let mut answers: BTreeMap<u16, Vec<&SampledAnswer>> = BTreeMap::new();
    // What an error says tells nothing of what a sound answer is made of.
    for answer in sample.answers.iter().filter(|answer| (200..300).contains(&answer.status)) {
        answers.entry(answer.step).or_default().push(answer);
    }
    let mut lookups = by_step(&sample.lookups);
    let mut shared = by_step(&sample.shared_lookups);
    let budget = Budget::for_steps(answers.len());
    let of_step = |(index, (_, step)): (usize, (usize, &Step))| {
        let index = index as u16;
        let answers = answers.remove(&index).unwrap_or_default();
        let lookups = lookups.remove(&index).unwrap_or_default();
        let shared = shared.remove(&index).unwrap_or_default();
        let payload = payload::facts(step, &answers, budget, clock);
        let timings = timings::facts(&answers);
        let has_seen = !(answers.is_empty() && lookups.is_empty());
        let cache = (is_cacheable(step) && has_seen).then(|| cache::facts(lookups, shared, &answers));
        let is_told = payload.is_some() || cache.is_some() || !timings.is_empty();
        is_told.then_some(StepTraffic { step: index, payload, cache, timings })
    };
    let steps = scenario.steps().enumerate().filter_map(of_step).collect();
    TrafficAudit { steps, key_ratio: sample.key_ratio }
}

fn by_step(lookups: &[Lookup]) -> BTreeMap<u16, Vec<Lookup>> {
    let mut of_steps: BTreeMap<u16, Vec<Lookup>> = BTreeMap::new();
    for lookup in lookups {
        of_steps.entry(lookup.step).or_default().push(*lookup);
    }
    of_steps
}

/// How much sooner an answer is there that is smaller by so many bytes, where nothing but the way decides.
// SCIENCE §7: valid only where the way is what is waited for; rounds of a beginning connection are left out.
pub fn transfer_saved(bytes: f64, bits_per_sec: f64) -> Duration {
    let secs = 8.0 * bytes / bits_per_sec;
    Duration::try_from_secs_f64(secs).unwrap_or_default()
}

/// Caches keep answers to these alone.
fn is_cacheable(step: &Step) -> bool {
    ["GET", "HEAD"].iter().any(|method| step.method.eq_ignore_ascii_case(method))
}

#[cfg(test)]
mod tests {
    use super::testing::{answer, lookup, no_time, scenario};
    use super::*;
    use crate::model::Step;

    #[test]
    fn each_step_is_told_apart_and_errors_are_left_out() {
        let mut posting = Step::get("buy", "/buy");
        posting.method = "POST".to_owned();
        let scenario = scenario([Step::get("list", "/list"), posting, Step::get("idle", "/idle")]);
        let failed = SampledAnswer { status: 503, ..answer(0, br#"{"error":"busy"}"#) };
        let sample = TrafficSample {
            answers: vec![answer(0, b"{}"), failed, answer(1, br#"{"id":7}"#)],
            lookups: vec![lookup(0, 1, 1, 0)],
            key_ratio: 0.5,
            ..TrafficSample::default()
        };
        let audit = audit_traffic(&scenario, &sample, &no_time);
        let told: Vec<_> = audit.steps.iter().map(|step| (step.step, step.cache.is_some())).collect();
        assert_eq!((told, audit.key_ratio), (vec![(0, true), (1, false)], 0.5));
        let payload = audit.steps[0].payload.as_ref().unwrap();
        assert_eq!((payload.n_answers, payload.wire_bytes), (1, 2.0));
    }

    #[test]
    fn the_audit_of_nothing_is_empty() {
        let scenario = scenario([Step::get("list", "/list")]);
        assert_eq!(audit_traffic(&scenario, &TrafficSample::default(), &no_time).steps, []);
    }

    #[test]
    fn fewer_bytes_are_there_sooner_by_their_bits() {
        assert_eq!(transfer_saved(1_250_000.0, 10e6), Duration::from_secs(1));
        assert_eq!(transfer_saved(1.0, 0.0), Duration::ZERO);
        assert_eq!(transfer_saved(-1.0, 10e6), Duration::ZERO);
    }

    #[test]
    fn the_largest_sample_is_audited_within_a_bound_of_work() {
        // Sixteen mebibytes of answers over many steps: what is packed and walked is bounded, whatever comes.
        let items: Vec<String> =
            (0..4_000).map(|n| format!(r#"{{"id":{n},"name":"course number {n}"}}"#)).collect();
        let body = format!("[{}]", items.join(","));
        let steps: Vec<Step> = (0..8).map(|n| Step::get(format!("step {n}"), "/")).collect();
        let n_answers = 16 * 1024 * 1024 / body.len();
        let answers = (0..n_answers).map(|n| answer((n % 8) as u16, body.as_bytes())).collect();
        let sample = TrafficSample { answers, key_ratio: 1.0, ..TrafficSample::default() };
        let audit = audit_traffic(&scenario(steps), &sample, &no_time);
        let payload = audit.steps[7].payload.as_ref().unwrap();
        assert_eq!(payload.n_answers as usize, n_answers / 8);
        assert_eq!(payload.long_arrays, [("$".to_owned(), 4_000.0)]);
        assert!(payload.packed_bytes["gzip"] < payload.plain_bytes / 4.0);
    }
}
