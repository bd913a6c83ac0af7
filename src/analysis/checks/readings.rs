//! Do the readings agree with each other, and with what this machine can measure at all?

use crate::analysis::limits::{CEILING, FLOOR, FLOOR_MOST, LITTLES_LAW};
use crate::analysis::quality::Finding;
use crate::analysis::words::peak_requests_per_sec;
use crate::humanize;
use crate::metrics::{Calibration, IntervalLoad, LatencyHistogram};

use super::{Examined, finding};

/// Shorter windows are all edge.
const N_SECONDS_NEEDED: usize = 5;
const N_REQUESTS_NEEDED: u64 = 100;

/// Requests in flight on average, counted as they came and went, and by rate × service time.
struct InFlight {
    counted: f64,
    computed: f64,
    /// How far the two may be apart because of requests in flight when the window began and ended, ÷ counted.
    edge_ratio: f64,
}

/// Little's law: L = X W, whatever the distributions; only a fault in measuring breaks it.
pub fn littles_law(run: &Examined) -> Finding {
    let Some(in_flight) = in_flight(run) else { return Finding::default() };
    let InFlight { counted, computed, edge_ratio } = in_flight;
    let apart = (counted - computed).abs() / counted;
    let weight = LITTLES_LAW.weight((apart - edge_ratio).max(0.0));
    let (counted, computed) = (humanize::number(counted), humanize::number(computed));
    let apart = format!("{} apart, {} by the edges", humanize::percent(apart), humanize::percent(edge_ratio));
    let text = format!(
        "Counted as they came and went, {counted} requests were in flight on average; rate × service time \
         makes {computed} ({apart} at most). The generator lost sight of requests or mistook their times, so \
         do not trust the latencies; run again on a quieter machine."
    );
    finding(
        LITTLES_LAW.kind,
        (
            "Requests in flight by Little's law",
            format!("{counted} counted, {computed} by rate × service time ({apart})"),
            format!("≤ {} beyond the edges", humanize::percent(LITTLES_LAW.weak)),
        ),
        weight.map(|weight| (weight, text)),
    )
}

fn in_flight(run: &Examined) -> Option<InFlight> {
    let measured: Vec<_> =
        run.seconds.iter().filter_map(|second| Some((*second, second.load.generator.as_ref()?))).collect();
    let n_requests: u64 = measured.iter().map(|(second, _)| second.n_requests).sum();
    if measured.len() < N_SECONDS_NEEDED || n_requests < N_REQUESTS_NEEDED {
        return None;
    }
    let secs: f64 = measured.iter().map(|(second, _)| second.load.span.as_secs_f64()).sum();
    let counted: f64 = measured.iter().map(|(_, generator)| generator.in_flight_time.as_secs_f64()).sum();
    let served: f64 = measured.iter().map(|(_, generator)| generator.service_time_total.as_secs_f64()).sum();
    if secs <= 0.0 || counted <= 0.0 {
        return None;
    }
    // Requests in flight at an edge count with their whole service time on one side and with a part of it on
    // the other. Long ones are in flight more often than they are sent, so their mean is E[S²]/E[S].
    let mean_service = served / n_requests as f64;
    let edge_secs = mean_service * (1.0 + cv_squared(run));
    let edge_ratio = counted.max(served) / counted * edge_secs * run.spans.len() as f64 / secs;
    let edge_ratio = edge_ratio.max(piled_up(run, counted / secs) / counted);
    Some(InFlight { counted: counted / secs, computed: served / secs, edge_ratio })
}

/// Seconds that are looked at together at an edge.
const N_EDGE_SECONDS: usize = 3;

/// Times the mean number in flight from which on requests have piled up at an edge.
const PILE: f64 = 2.0;

/// Time in flight that the law misses at edges where requests have piled up: each was there no longer than requests took
/// then.
// A queue that grows until the window's end holds far more there than on average, and for longer.
fn piled_up(run: &Examined, mean_in_flight: f64) -> f64 {
    let took = |seconds: &[&IntervalLoad]| -> f64 {
        let served = seconds.iter().filter_map(|second| second.load.generator.as_ref());
        let served: f64 = served.map(|generator| generator.service_time_total.as_secs_f64()).sum();
        let n_requests: u64 = seconds.iter().map(|second| second.n_requests).sum();
        if n_requests == 0 { 0.0 } else { served / n_requests as f64 }
    };
    let missed_at = |n_in_flight: u32, near: &[&IntervalLoad]| {
        let n = f64::from(n_in_flight);
        if n > PILE * mean_in_flight { n * took(near) } else { 0.0 }
    };
    let missed = |stretch: &[&IntervalLoad]| {
        let n_seconds = stretch.len();
        let before = stretch[0].second.checked_sub(1);
        let before = run.record.intervals.iter().find(|interval| Some(interval.second) == before);
        let n_before = before.map_or(0, |interval| interval.load.n_in_flight);
        let n_after = stretch[n_seconds - 1].load.n_in_flight;
        missed_at(n_before, &stretch[..n_seconds.min(N_EDGE_SECONDS)])
            + missed_at(n_after, &stretch[n_seconds.saturating_sub(N_EDGE_SECONDS)..])
    };
    // Stretches that follow each other have no edge between them.
    run.seconds.chunk_by(|a, b| b.second == a.second + 1).map(missed).sum()
}

/// The squared coefficient of variation of how long requests took, failed ones included.
fn cv_squared(run: &Examined) -> f64 {
    let stats = &run.headline.stats;
    let mut all: LatencyHistogram = stats.service_time.clone();
    all.merge(&stats.error_time);
    all.cv_squared().unwrap_or(0.0)
}

/// What this machine was measured to do, for the transport of this run.
fn calibration<'a>(run: &Examined<'a>) -> Option<&'a Calibration> {
    let start = &run.record.start;
    start.calibration.as_ref().filter(|calibration| calibration.transport == start.engine.transport)
}

/// What the generator and its machine need even if the target needs nothing.
pub fn floor(run: &Examined) -> Finding {
    let (Some(calibration), Some(median)) = (calibration(run), run.headline.stats.service_time.quantile(0.5))
    else {
        return Finding::default();
    };
    if calibration.floor_p50.is_zero() {
        return Finding::default();
    }
    let ratio = calibration.floor_p50.as_secs_f64() / median.as_secs_f64();
    let (floor, median, share) =
        (humanize::latency(calibration.floor_p50), humanize::latency(median), humanize::percent(ratio));
    let text = if FLOOR_MOST.weight(ratio).is_some() {
        format!(
            "The target is about as fast as can be measured here: one that answers at once takes {floor}, this \
             one {median} at the median of service time. Read latencies as upper bounds; changes of the target \
             hardly show in them."
        )
    } else {
        format!(
            "{share} of the median service time ({median}) is the generator's own: a target that answers at once \
             takes {floor} here. The target is that much faster than the figures say."
        )
    };
    finding(
        FLOOR.kind,
        (
            "Floor of a reading ÷ median service time",
            format!("{share} ({floor} of {median})"),
            format!("≤ {}", humanize::percent(FLOOR.weak)),
        ),
        FLOOR.weight(ratio).map(|weight| (weight, text)),
    )
}

/// Whether the plan asks for more than this machine was measured to do.
pub fn ceiling(run: &Examined) -> Finding {
    let scenario = &run.record.start.scenario;
    let (Some(calibration), Some(peak)) =
        (calibration(run), peak_requests_per_sec(scenario, run.totals.plan()))
    else {
        return Finding::default();
    };
    if calibration.requests_per_sec <= 0.0 {
        return Finding::default();
    }
    let weight = CEILING.weight(peak / calibration.requests_per_sec);
    let (peak, most) = (humanize::rate(peak), humanize::rate(calibration.requests_per_sec));
    let text = format!(
        "The plan asks for up to {peak} requests, and this machine was measured to make at most {most} against \
         a target that answers at once. Ask for less, or use a faster machine."
    );
    finding(
        CEILING.kind,
        ("Highest planned request rate", peak, format!("≤ {most}, this machine's ceiling")),
        weight.map(|weight| (weight, text)),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{check, each_second, has_row, sentence};
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{CaveatKind, RunRecord, Weight};

    #[test]
    fn requests_in_flight_agree_with_rate_and_service_time() {
        let name = "Requests in flight by Little";
        let factor = |factor: f64| {
            let mut record = sample::record(sample::scenario());
            each_second(&mut record, |_, generator| {
                generator.in_flight_time = generator.service_time_total.mul_f64(factor);
            });
            record
        };
        let row = check(&factor(1.0), name, CaveatKind::InFlight, None);
        assert!(row.starts_with("1.75 counted, 1.75 by rate × service time (0 % apart, "), "{row}");
        check(&factor(1.02), name, CaveatKind::InFlight, None);
        check(&factor(0.98), name, CaveatKind::InFlight, None);
        check(&factor(1.05), name, CaveatKind::InFlight, Some(Weight::Weak));
        check(&factor(0.95), name, CaveatKind::InFlight, Some(Weight::Weak));
        check(&factor(1.3), name, CaveatKind::InFlight, Some(Weight::Invalid));
        check(&factor(0.8), name, CaveatKind::InFlight, Some(Weight::Invalid));
    }

    #[test]
    fn long_requests_in_a_short_window_explain_a_difference() {
        let mut record = sample::record(sample::scenario());
        // Ten requests of 20 s each in a window of 20 s: most of their time may lie outside it.
        sample::add(&mut record, 12, 0, &[(crate::metrics::Outcome::Timeout, Duration::from_secs(20)); 10]);
        each_second(&mut record, |second, generator| {
            if second == 12 {
                generator.service_time_total += Duration::from_secs(200);
            }
        });
        let row = check(&record, "Requests in flight by Little", CaveatKind::InFlight, None);
        assert!(row.starts_with("1.75 counted, 11.8 by rate"), "{row}");
    }

    #[test]
    fn short_or_unmeasured_windows_have_no_law() {
        let mut record = sample::record(sample::scenario());
        sample::cut(&mut record, crate::metrics::Finish::Stopped, 14);
        assert!(!has_row(&record, "Requests in flight"));
        let mut old = sample::record(sample::scenario());
        old.intervals.iter_mut().for_each(|interval| interval.load.generator = None);
        assert!(!has_row(&old, "Requests in flight"));
    }

    fn calibrated(record: &mut RunRecord, floor_micros: u64, requests_per_sec: f64) {
        record.start.calibration = Some(Calibration {
            transport: record.start.engine.transport.clone(),
            requests_per_sec,
            floor_p50: Duration::from_micros(floor_micros),
            ..Calibration::default()
        });
    }

    #[test]
    fn a_reading_near_the_floor_is_weak_and_one_at_it_says_so() {
        // The median service time is 38.6 ms.
        let name = "Floor of a reading";
        for (micros, expected) in
            [(60, None), (3_800, None), (5_000, Some(Weight::Weak)), (30_000, Some(Weight::Weak))]
        {
            let mut record = sample::record(sample::scenario());
            calibrated(&mut record, micros, 50_000.0);
            check(&record, name, CaveatKind::Floor, expected);
        }
        let mut record = sample::record(sample::scenario());
        calibrated(&mut record, 30_000, 50_000.0);
        assert!(
            sentence(&record, CaveatKind::Floor)
                .starts_with("The target is about as fast as can be measured")
        );
    }

    #[test]
    fn a_plan_above_the_ceiling_is_weak() {
        // 200 iterations per second of two steps at the peak.
        for (ceiling, expected) in [(400.0, None), (399.0, Some(Weight::Weak))] {
            let mut record = sample::record(sample::open_scenario());
            calibrated(&mut record, 60, ceiling);
            let row = check(&record, "Highest planned request rate", CaveatKind::Ceiling, expected);
            assert!(row.starts_with("400/s | ≤ "), "{row}");
        }
    }

    #[test]
    fn without_a_calibration_of_this_transport_nothing_is_said() {
        let mut record = sample::record(sample::open_scenario());
        assert!(!has_row(&record, "Floor") && !has_row(&record, "Highest planned"));
        calibrated(&mut record, 30_000, 1.0);
        record.start.engine.transport = "another".to_owned();
        assert!(!has_row(&record, "Floor") && !has_row(&record, "Highest planned"));
    }
}
