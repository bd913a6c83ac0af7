//! Had the generator the processors it needed?

use crate::analysis::limits::{CPU_PRESSURE, Limit, MACHINE_CPU, PROCESS_CPU, RUN_QUEUE, WORKER_CPU};
use crate::analysis::quality::Finding;
use crate::humanize;
use crate::metrics::{Caveat, IntervalLoad, Weight};

use super::{Examined, finding};

/// A check of a mean share over the headline window.
struct Share<'a> {
    limit: Limit,
    name: &'a str,
    share: f64,
}

impl Share<'_> {
    fn finding(&self, weight: Option<Weight>, text: impl FnOnce(&str) -> String) -> Finding {
        let share = humanize::percent(self.share);
        let weight_and_text = weight.map(|weight| (weight, text(&share)));
        let limit = format!("≤ {}", humanize::percent(self.limit.weak));
        finding(self.limit.kind, (self.name, share, limit), weight_and_text)
    }

    fn weight(&self) -> Option<Weight> {
        self.limit.weight(self.share)
    }
}

/// A worker that is never idle makes the rate and the latencies, whatever the target could do.
// Waiting for a processor counts as well: on a machine with other work, a worker may be as full with half of one.
pub fn worker_cpu(run: &Examined) -> Finding {
    let busiest = |second: &IntervalLoad| second.load.generator.as_ref()?.busiest_worker_ratio;
    let Some(on_one) = run.mean(busiest) else { return Finding::default() };
    let waiting = run.mean(waiting_ratio).unwrap_or(0.0);
    let share = (on_one + waiting).min(1.0);
    let weight = WORKER_CPU.weight(share);
    let remedy = if run.totals.plan().is_open() {
        "Give the generator more processors, or ask for less."
    } else {
        "Give the generator more processors, or the users think time, or use an open model at a rate that it \
         can make."
    };
    let used = format!(
        "{} of a processor and waited for one another {} of the time",
        humanize::percent(on_one),
        humanize::percent(waiting)
    );
    let text = match weight {
        Some(Weight::Invalid) => format!(
            "The generator was saturated: its busiest worker used {used}, so that rate and latencies are its own \
             and not the target's. {remedy}"
        ),
        _ => format!(
            "The busiest worker of the generator used {used}: part of the latencies may be its own. {remedy}"
        ),
    };
    let figures = format!(
        "{} ({} on one, {} waiting for one)",
        humanize::percent(share),
        humanize::percent(on_one),
        humanize::percent(waiting)
    );
    let limit = format!("≤ {}", humanize::percent(WORKER_CPU.weak));
    finding(
        WORKER_CPU.kind,
        ("Busiest worker on a processor or waiting for one, mean", figures, limit),
        weight.map(|weight| (weight, text)),
    )
}

fn waiting_ratio(second: &IntervalLoad) -> Option<f64> {
    second.load.generator.as_ref()?.run_queue_ratio
}

pub fn process_cpu(run: &Examined) -> Finding {
    let Some(share) = run.mean(|second| second.load.host.map(|host| host.process_cpu_ratio)) else {
        let text =
            "The generator's processor use could not be read, so nothing tells whether it was the limit.";
        let caveat = Caveat { kind: PROCESS_CPU.kind, weight: Weight::Note, text: text.to_owned() };
        return Finding { row: None, caveat: Some(caveat) };
    };
    let check = Share { limit: PROCESS_CPU, name: "Generator CPU, mean", share };
    check.finding(check.weight(), |share| {
        format!(
            "The generator used {share} of its machine's processors: the latencies may be its own. Use a faster \
             machine, or ask for less."
        )
    })
}

pub fn machine_cpu(run: &Examined) -> Finding {
    let Some(share) = run.mean(|second| second.load.host.map(|host| host.machine_cpu_ratio)) else {
        return Finding::default();
    };
    let is_shared = is_loopback(&run.record.start.base_url);
    let sharing = if is_shared { ", target included, since it ran on the same machine" } else { "" };
    let name = if is_shared { "Machine CPU, mean (target on it too)" } else { "Machine CPU, mean" };
    let check = Share { limit: MACHINE_CPU, name, share };
    check.finding(check.weight(), |share| {
        format!(
            "The generator's machine was {share} busy{sharing}: requests may have waited for a processor."
        )
    })
}

pub fn run_queue(run: &Examined) -> Finding {
    let Some(share) = run.mean(waiting_ratio) else { return Finding::default() };
    let check = Share { limit: RUN_QUEUE, name: "Worker ready without a processor, mean", share };
    check.finding(check.weight(), |share| {
        format!(
            "A worker of the generator was ready and had no processor {share} of the time: other programs on \
             its machine, or too few processors, delayed requests. Use a quieter or larger machine."
        )
    })
}

pub fn cpu_pressure(run: &Examined) -> Finding {
    let pressed = |second: &IntervalLoad| second.load.generator.as_ref()?.cpu_pressure_ratio;
    let Some(share) = run.mean(pressed) else { return Finding::default() };
    let is_shared = is_loopback(&run.record.start.base_url);
    let name = if is_shared { "CPU pressure, mean (target on it too)" } else { "CPU pressure, mean" };
    let check = Share { limit: CPU_PRESSURE, name, share };
    let weight = check.weight().map(|weight| if is_shared { Weight::Note } else { weight });
    let whose =
        if is_shared { "the target, which ran there too, or another program" } else { "some program" };
    let mut finding = check.finding(weight, |share| {
        format!("{share} of the time {whose} on the generator's machine waited for a processor.")
    });
    if let Some(row) = finding.row.as_mut().filter(|_| is_shared) {
        row.limit.push_str(", beyond it only noted");
    }
    finding
}

/// Whether requests to a base URL stay on this machine.
pub fn is_loopback(base_url: &str) -> bool {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]", "sandbox:"].iter().any(|start| host.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, each_second, has_row, sentence};
    use super::*;
    use crate::analysis::{Standing, sample, summarize};
    use crate::metrics::CaveatKind;

    const CPU: CaveatKind = CaveatKind::GeneratorCpu;

    #[test]
    fn a_busy_generator_weakens_and_then_invalidates() {
        for (ratio, expected) in [(0.69, None), (0.75, Some(Weight::Weak)), (0.95, Some(Weight::Invalid))] {
            let mut record = sample::record(sample::scenario());
            for interval in &mut record.intervals {
                interval.load.host.as_mut().unwrap().process_cpu_ratio = ratio;
            }
            check(&record, "Generator CPU", CPU, expected);
        }
    }

    #[test]
    fn a_full_worker_weakens_and_then_invalidates_and_says_what_to_do() {
        for (ratio, expected) in [(0.69, None), (0.75, Some(Weight::Weak)), (0.97, Some(Weight::Invalid))] {
            let mut record = sample::record(sample::scenario());
            each_second(&mut record, |_, generator| generator.busiest_worker_ratio = Some(ratio));
            check(&record, "Busiest worker", CPU, expected);
        }
        let mut record = sample::record(sample::scenario());
        each_second(&mut record, |_, generator| generator.busiest_worker_ratio = Some(0.99));
        assert!(sentence(&record, CPU).starts_with("The generator was saturated"));
        assert!(sentence(&record, CPU).contains("think time"));
        // Half a processor and waiting for the other half is as full.
        each_second(&mut record, |_, generator| {
            (generator.busiest_worker_ratio, generator.run_queue_ratio) = (Some(0.5), Some(0.45));
        });
        let row = check(&record, "Busiest worker", CPU, Some(Weight::Invalid));
        assert!(row.starts_with("95 % (50 % on one, 45 % waiting for one) | "), "{row}");
        // Ramps before and after the steady stage do not count.
        each_second(&mut record, |second, generator| {
            generator.busiest_worker_ratio = Some(if (10..30).contains(&second) { 0.5 } else { 1.0 });
            generator.run_queue_ratio = None;
        });
        check(&record, "Busiest worker", CPU, None);
    }

    #[test]
    fn a_busy_machine_only_weakens_and_says_that_the_target_is_on_it() {
        let mut record = sample::record(sample::scenario());
        record.start.base_url = "http://127.0.0.1:4600".to_owned();
        for interval in &mut record.intervals {
            interval.load.host.as_mut().unwrap().machine_cpu_ratio = 0.99;
        }
        check(&record, "Machine CPU, mean (target on it too)", CPU, Some(Weight::Weak));
    }

    #[test]
    fn waiting_for_a_processor_weakens_but_pressure_beside_the_target_is_a_note() {
        let mut record = sample::record(sample::scenario());
        each_second(&mut record, |_, generator| generator.run_queue_ratio = Some(0.04));
        check(&record, "Worker ready without", CPU, None);
        each_second(&mut record, |_, generator| generator.run_queue_ratio = Some(0.06));
        check(&record, "Worker ready without", CPU, Some(Weight::Weak));

        let mut pressed = sample::record(sample::scenario());
        each_second(&mut pressed, |_, generator| generator.cpu_pressure_ratio = Some(0.3));
        check(&pressed, "CPU pressure, mean", CPU, Some(Weight::Weak));
        pressed.start.base_url = "http://127.0.0.1:4600".to_owned();
        check(&pressed, "CPU pressure, mean (target", CPU, Some(Weight::Note));
    }

    #[test]
    fn an_unread_generator_is_told_and_has_no_figures() {
        let mut record = sample::record(sample::scenario());
        for interval in &mut record.intervals {
            (interval.load.host, interval.load.generator) = (None, None);
        }
        let quality = summarize(&record).unwrap().quality;
        assert!(quality.caveats.iter().any(|caveat| caveat.kind == CPU));
        assert_eq!(quality.standing, Standing::Valid);
        for name in ["Busiest", "Generator CPU", "Machine CPU", "Worker ready", "CPU pressure", "Hiccups"] {
            assert!(!has_row(&record, name), "{name}");
        }
    }
}
