//! Did the generator's machine run out of something, or lose its clock?

use std::time::Duration;

use crate::analysis::limits::{CLOCK_GRAIN, CLOCK_JUMP, OPEN_FILES, RAN_OUT};
use crate::analysis::quality::Finding;
use crate::analysis::words::listed;
use crate::humanize;
use crate::metrics::{ErrorGroup, OUT_OF_DESCRIPTORS, OUT_OF_PORTS};

use super::{Examined, finding};

/// Requests that failed on the generator's machine say nothing of the target.
pub fn ran_out(run: &Examined) -> Finding {
    let is_ours = |group: &&ErrorGroup| {
        [OUT_OF_DESCRIPTORS, OUT_OF_PORTS].iter().any(|signature| group.signature.contains(signature))
    };
    let groups: Vec<&ErrorGroup> = run.record.error_groups.iter().filter(is_ours).collect();
    let n_errors: u64 = groups.iter().map(|group| group.n_errors).sum();
    // Without any, a row would only say that nothing happened that nobody expected.
    let Some(weight) = RAN_OUT.weight(n_errors as f64) else { return Finding::default() };
    let mut what: Vec<String> = groups.iter().map(|group| group.signature.clone()).collect();
    what.sort();
    what.dedup();
    let n_errors = humanize::counted(n_errors, "request");
    let text = format!(
        "{n_errors} failed on the generator's machine ({}), not at the target. Raise the limit of open files \
         (ulimit -n) or the range of local ports, keep connections open, or ask for fewer users.",
        listed(&what)
    );
    finding(
        RAN_OUT.kind,
        ("Failed for want of descriptors or ports", n_errors, "none".to_owned()),
        Some((weight, text)),
    )
}

pub fn open_files(run: &Examined) -> Finding {
    let most = run.generator().map(|generator| generator.n_connections).max();
    let (Some(most), Some(allowed)) = (most, run.record.start.engine.max_open_files) else {
        return Finding::default();
    };
    let ratio = f64::from(most) / allowed.max(1) as f64;
    let (most, allowed) = (humanize::count(u64::from(most)), humanize::count(allowed));
    let text = format!(
        "{most} connections were open at once, and the system allows {allowed} open files: a little more load \
         would have failed on the generator's machine. Raise the limit (ulimit -n)."
    );
    finding(
        OPEN_FILES.kind,
        (
            "Most connections open at once",
            most,
            format!("≤ {} of {allowed} open files", humanize::percent(OPEN_FILES.weak)),
        ),
        OPEN_FILES.weight(ratio).map(|weight| (weight, text)),
    )
}

pub fn clock_jump(run: &Examined) -> Finding {
    let Some(jump) = run.generator().map(|generator| generator.clock_jump).max() else {
        return Finding::default();
    };
    let weight = CLOCK_JUMP.weight(jump.as_secs_f64());
    let jump = humanize::latency(jump);
    let text = format!(
        "The clock jumped by {jump}, or the generator's machine slept: what was planned and measured in that \
         time is not what happened. Run again, with sleep and clock corrections off."
    );
    finding(
        CLOCK_JUMP.kind,
        (
            "Largest jump of the clock",
            jump,
            format!("≤ {}", humanize::span(Duration::from_secs_f64(CLOCK_JUMP.invalid))),
        ),
        weight.map(|weight| (weight, text)),
    )
}

pub fn clock_grain(run: &Examined) -> Finding {
    let Some(grain) = run.record.start.engine.clock_grain else { return Finding::default() };
    let weight = CLOCK_GRAIN.weight(grain.as_secs_f64());
    let grain = humanize::fine_time(grain);
    let text = format!(
        "The clock of the generator's machine moves in steps of {grain}: no latency is known better than that. \
         Another clock source of the system may be finer."
    );
    finding(
        CLOCK_GRAIN.kind,
        ("Smallest step of the clock", grain, format!("≤ {}", humanize::latency_limit(CLOCK_GRAIN.weak))),
        weight.map(|weight| (weight, text)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, each_second, has_row, sentence};
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{CaveatKind, Outcome, RunRecord, Weight};

    #[test]
    fn descriptors_or_ports_that_ran_out_invalidate() {
        for signature in [OUT_OF_DESCRIPTORS, OUT_OF_PORTS] {
            let mut record = sample::record(sample::scenario());
            assert!(!has_row(&record, "Failed for want"));
            record.error_groups.push(ErrorGroup {
                step: 0,
                outcome: Outcome::Connect,
                signature: signature.to_owned(),
                n_errors: 3,
                first_seen: Duration::ZERO,
                last_seen: Duration::ZERO,
                exemplars: Vec::new(),
            });
            let row = check(&record, "Failed for want", CaveatKind::Resources, Some(Weight::Invalid));
            assert_eq!(row, "3 requests | none");
            assert!(sentence(&record, CaveatKind::Resources).contains(signature));
        }
    }

    #[test]
    fn connections_near_the_limit_of_open_files_weaken() {
        for (allowed, expected) in [(Some(1_000), None), (Some(540), Some(Weight::Weak))] {
            let mut record = sample::record(sample::scenario());
            each_second(&mut record, |second, generator| generator.n_connections = 480 + second);
            record.start.engine.max_open_files = allowed;
            check(&record, "Most connections open", CaveatKind::Resources, expected);
        }
    }

    #[test]
    fn a_jump_of_the_clock_invalidates_and_a_coarse_clock_weakens() {
        let jumped = |millis: u64| {
            let mut record = sample::record(sample::scenario());
            each_second(&mut record, |second, generator| {
                generator.clock_jump = Duration::from_millis(if second == 3 { millis } else { 0 });
            });
            record
        };
        check(&jumped(900), "Largest jump of the clock", CaveatKind::Clock, None);
        check(&jumped(1_100), "Largest jump of the clock", CaveatKind::Clock, Some(Weight::Invalid));
        for (micros, expected) in [(1, None), (15, Some(Weight::Weak))] {
            let mut record = sample::record(sample::scenario());
            record.start.engine.clock_grain = Some(Duration::from_micros(micros));
            check(&record, "Smallest step of the clock", CaveatKind::Clock, expected);
        }
    }

    #[test]
    fn what_was_not_measured_has_no_row() {
        let mut record: RunRecord = sample::record(sample::scenario());
        record.intervals.iter_mut().for_each(|interval| interval.load.generator = None);
        record.start.engine.clock_grain = None;
        record.start.engine.max_open_files = Some(1_024);
        for name in ["Most connections", "Largest jump", "Smallest step", "Failed for want"] {
            assert!(!has_row(&record, name), "{name}");
        }
    }
}
