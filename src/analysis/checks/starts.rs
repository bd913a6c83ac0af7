//! Did requests leave when and as often as the plan wanted?

use std::time::Duration;

use crate::analysis::gaps::{Gap, even_share, random_fit, rescaled};
use crate::analysis::limits::{
    EVEN_GAPS, RANDOM_GAPS, SENT_SHARE, START_LAG_FLOOR, START_LAG_GROWTH, START_LAG_GROWTH_FLOOR,
    START_LAG_SHARE,
};
use crate::analysis::quality::Finding;
use crate::humanize;
use crate::metrics::{HistogramError, IntervalLoad, LatencyHistogram, Weight};
use crate::model::{Arrivals, LoadModel};

use super::{Examined, finding};

/// What SCIENCE wants to see the share of.
const NOTABLE_LAG: Duration = Duration::from_millis(1);

/// Fewer seconds than this have no quarters worth comparing.
const N_SECONDS_FOR_GROWTH: usize = 8;

/// Fewer gaps than this tell nothing.
const N_GAPS_NEEDED: usize = 50;

/// Even gaps may be off by this share of the planned gap.
const GAP_TOLERANCE_RATIO: f64 = 0.1;

/// Or by this much.
// At 10,000/s a gap is 100 µs and a tenth of it 10 µs: less than a wake-up costs on any system we know.
const GAP_TOLERANCE: Duration = Duration::from_micros(100);

/// Distances with a p value above this are told by chance.
const CHANCE: f64 = 0.001;

pub fn start_lag(run: &Examined) -> Finding {
    let all = run.totals.start_lag();
    let (Some(lag), Some(median), Some(prompt)) =
        (all.quantile(0.99), run.median(), all.share_at_most(NOTABLE_LAG))
    else {
        return Finding::default();
    };
    let share = lag.as_secs_f64() / median.as_secs_f64();
    let weight = START_LAG_SHARE.weight(share).min(START_LAG_FLOOR.weight(lag.as_secs_f64()));
    let (lag, share, late) =
        (humanize::latency(lag), humanize::percent(share), humanize::percent(1.0 - prompt));
    let limit = format!(
        "≤ {} of the median response time, or ≤ {}",
        humanize::percent(START_LAG_SHARE.weak),
        humanize::latency_limit(START_LAG_FLOOR.weak)
    );
    let text = format!(
        "1 % of the requests left {lag} or more after their intended start, which is {share} of the median \
         response time: that part was made by the generator or its machine, not by the target. Compare with \
         the service time; ask for less, or use a faster or quieter machine."
    );
    let figures = format!("{lag} ({share} of the median response time); {late} left more than 1 ms late");
    finding(START_LAG_SHARE.kind, ("Start lag, p99", figures, limit), weight.map(|weight| (weight, text)))
}

/// A generator that cannot keep up falls behind more and more.
pub fn start_lag_growth(run: &Examined) -> Result<Finding, HistogramError> {
    let loaded: Vec<&IntervalLoad> =
        run.seconds.iter().copied().filter(|second| second.load.n_sent > 0).collect();
    if loaded.len() < N_SECONDS_FOR_GROWTH {
        return Ok(Finding::default());
    }
    let quarter = loaded.len() / 4;
    let median = |seconds: &[&IntervalLoad]| -> Result<Option<Duration>, HistogramError> {
        let mut lag = LatencyHistogram::default();
        for second in seconds {
            lag.merge_encoded(&second.load.start_lag)?;
        }
        Ok(lag.quantile(0.5))
    };
    let (Some(first), Some(last)) = (median(&loaded[..quarter])?, median(&loaded[loaded.len() - quarter..])?)
    else {
        return Ok(Finding::default());
    };
    let ratio = last.as_secs_f64() / first.as_secs_f64();
    let growth = last.saturating_sub(first).as_secs_f64();
    let weight = START_LAG_GROWTH.weight(ratio).min(START_LAG_GROWTH_FLOOR.weight(growth));
    let (first, last) = (humanize::latency(first), humanize::latency(last));
    let limit = format!(
        "≤ {}-fold, or ≤ {} more",
        humanize::count(START_LAG_GROWTH.invalid as u64),
        humanize::latency_limit(START_LAG_GROWTH_FLOOR.invalid)
    );
    let text = format!(
        "The median start lag grew from {first} in the first quarter of the window to {last} in the last: the \
         generator fell behind its timetable and did not catch up. Ask for less, or use a faster machine."
    );
    Ok(finding(
        START_LAG_GROWTH.kind,
        ("Start lag through the run, median", format!("{first} → {last} (first and last quarter)"), limit),
        weight.map(|weight| (weight, text)),
    ))
}

pub fn sent_share(run: &Examined) -> Finding {
    let (n_started, n_due) = run.totals.n_started_and_due();
    if n_due == 0 {
        return Finding::default();
    }
    let share = n_started as f64 / n_due as f64;
    let n_dropped: u64 = run.record.intervals.iter().map(|interval| interval.load.n_dropped).sum();
    let text = format!(
        "{} of {} were started ({}), {} were dropped because all virtual users were busy: the target did not \
         get the load that was asked for. Raise max_users, or ask for less.",
        humanize::count(n_started),
        humanize::counted(n_due, "iteration"),
        humanize::percent(share),
        humanize::count(n_dropped)
    );
    let figures = format!(
        "{} of {} ({})",
        humanize::count(n_started),
        humanize::count(n_due),
        humanize::percent(share)
    );
    finding(
        SENT_SHARE.kind,
        ("Iterations started ÷ due", figures, format!("100 % ± {}", humanize::percent(SENT_SHARE.weak))),
        SENT_SHARE.weight((1.0 - share).abs()).map(|weight| (weight, text)),
    )
}

/// The gaps between sampled starts against those of the plan (open model).
pub fn gaps(run: &Examined) -> Finding {
    let plan = run.totals.plan();
    let LoadModel::Open { arrivals, .. } = plan.model() else { return Finding::default() };
    let Some(starts) = &run.record.end.starts else { return Finding::default() };
    let gaps = rescaled(plan, starts);
    if gaps.len() < N_GAPS_NEEDED {
        return Finding::default();
    }
    match arrivals {
        Arrivals::Constant => even_gaps(&gaps),
        Arrivals::Poisson => random_gaps(&gaps),
    }
}

fn even_gaps(gaps: &[Gap]) -> Finding {
    let share = even_share(gaps, GAP_TOLERANCE_RATIO, GAP_TOLERANCE);
    let figures = format!(
        "{} of {} within {} or {} of the planned one",
        humanize::percent(share),
        humanize::counted(gaps.len() as u64, "gap"),
        humanize::percent(GAP_TOLERANCE_RATIO),
        humanize::latency(GAP_TOLERANCE)
    );
    let text = format!(
        "Only {figures}: the target got its load less evenly than the scenario says, and queues behind the \
         bursts. Ask for less, or use a faster or quieter machine."
    );
    let limit = format!("≥ {}", humanize::percent(1.0 - EVEN_GAPS.weak));
    finding(
        EVEN_GAPS.kind,
        ("Gaps between starts, even", figures, limit),
        EVEN_GAPS.weight_of_shortfall(share).map(|weight| (weight, text)),
    )
}

fn random_gaps(gaps: &[Gap]) -> Finding {
    let fit = random_fit(gaps);
    let weight: Option<Weight> = RANDOM_GAPS.weight(fit.distance).filter(|_| fit.p_value < CHANCE);
    let distance = humanize::number(fit.distance);
    let p = if fit.p_value < CHANCE {
        format!("p < {CHANCE}")
    } else {
        format!("p {}", humanize::number(fit.p_value))
    };
    let figures = format!(
        "D {distance}, {p}, A² {}, cv² {} of {}",
        humanize::number(fit.a_squared),
        humanize::number(fit.cv_squared),
        humanize::counted(gaps.len() as u64, "gap")
    );
    let manner = if fit.cv_squared < 1.0 { "more evenly" } else { "in more bursts" };
    let text = format!(
        "The gaps between starts are not those of random arrivals (distance D {distance}, {p}): the target got \
         its load {manner} than the scenario says, so queueing differs. Ask for less, or use a faster or \
         quieter machine."
    );
    let limit = format!("D ≤ {}, or p ≥ {CHANCE}", RANDOM_GAPS.weak);
    finding(
        RANDOM_GAPS.kind,
        ("Gaps between starts, random", figures, limit),
        weight.map(|weight| (weight, text)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, has_row, sentence};
    use super::*;
    use crate::analysis::{Standing, sample, summarize};
    use crate::metrics::{CaveatKind, RunRecord, StartsSample};

    fn lag_of(micros: u64) -> LatencyHistogram {
        let mut lag = LatencyHistogram::default();
        (0..100).for_each(|_| lag.record(Duration::from_micros(micros)));
        lag
    }

    fn with_lag(micros_in: impl Fn(u32) -> u64) -> RunRecord {
        let mut record = sample::record(sample::scenario());
        for interval in &mut record.intervals {
            interval.load.start_lag = lag_of(micros_in(interval.second)).encode();
        }
        record
    }

    #[test]
    fn late_starts_weaken_once_they_exceed_share_and_floor() {
        // The median response time is 39 ms, of which 5 % are 1.95 ms and 25 % are 9.75 ms.
        for (micros, expected) in [
            (400, None),
            (1_900, None),
            (2_100, Some(Weight::Weak)),
            (9_900, Some(Weight::Weak)),
            (11_000, Some(Weight::Invalid)),
        ] {
            check(&with_lag(|_| micros), "Start lag, p99", CaveatKind::StartLag, expected);
        }
    }

    #[test]
    fn the_share_of_late_starts_is_shown() {
        let mut record = with_lag(|_| 400);
        record.intervals[3].load.start_lag = lag_of(1_200).encode();
        let row = check(&record, "Start lag, p99", CaveatKind::StartLag, None);
        assert!(row.contains("; 2.5 % left more than 1 ms late | "), "{row}");
    }

    #[test]
    fn a_lag_that_grows_manifold_and_noticeably_is_invalid() {
        let name = "Start lag through the run";
        // Eightfold but by 7 ms only; by 10.5 ms but twofold only.
        for (first, last) in [(1_000, 8_000), (9_000, 19_500)] {
            let record = with_lag(|second| if second < 28 { first } else { last });
            let quality = summarize(&record).unwrap().quality;
            let row = quality.rows.iter().find(|row| row.name.starts_with(name)).unwrap();
            assert_eq!(row.standing, Standing::Valid, "{}", row.measured);
        }
        // Steady seconds are 10 to 29.
        let growing = with_lag(|second| u64::from(second.saturating_sub(10)) * 1_000 + 100);
        check(&growing, name, CaveatKind::StartLag, Some(Weight::Invalid));
    }

    #[test]
    fn iterations_that_did_not_start_weaken_and_then_invalidate() {
        for (n_missing, expected) in
            [(0, None), (1, None), (20, Some(Weight::Weak)), (60, Some(Weight::Invalid))]
        {
            let mut record = sample::record(sample::open_scenario());
            let load = &mut record.intervals[20].load;
            load.n_due += 1_000 - load.n_started;
            load.n_started = 1_000;
            for interval in record.intervals.iter_mut().filter(|interval| interval.second != 20) {
                (interval.load.n_due, interval.load.n_started) = (0, 0);
            }
            record.intervals[20].load.n_started -= n_missing;
            check(&record, "Iterations started", CaveatKind::SentShare, expected);
        }
    }

    #[test]
    fn the_closed_model_has_no_timetable_to_miss() {
        let mut record = sample::record(sample::scenario());
        record.end.starts = Some(StartsSample { first_iteration: 0, sent: vec![Some(Duration::ZERO); 200] });
        assert!(!has_row(&record, "Iterations started") && !has_row(&record, "Gaps"));
    }

    /// An open run whose starts are where `place` moves the intended ones.
    fn started(arrivals: Arrivals, place: impl Fn(usize, Duration) -> Duration) -> RunRecord {
        let mut scenario = sample::open_scenario();
        scenario.load.model = LoadModel::Open { arrivals, max_users: 1_000, seed: 7 };
        let mut record = sample::record(scenario);
        let plan = record.plan();
        let sent = plan.intended_starts().enumerate().map(|(n, start)| Some(place(n, start))).collect();
        record.end.starts = Some(StartsSample { first_iteration: 0, sent });
        record
    }

    #[test]
    fn even_starts_weaken_and_then_invalidate_as_gaps_go_astray() {
        // A start that is late by most of a gap spoils the gap before it and the one after.
        let one_in = |n_between: usize| {
            started(Arrivals::Constant, move |n, start| {
                let late = n % n_between == n_between - 1;
                if late { start + Duration::from_millis(3) } else { start }
            })
        };
        let name = "Gaps between starts, even";
        let row = check(&one_in(usize::MAX), name, CaveatKind::Gaps, None);
        assert!(row.starts_with("100 % of ") && row.ends_with("| ≥ 99 %"), "{row}");
        check(&one_in(500), name, CaveatKind::Gaps, None);
        check(&one_in(50), name, CaveatKind::Gaps, Some(Weight::Weak));
        check(&one_in(10), name, CaveatKind::Gaps, Some(Weight::Invalid));
    }

    #[test]
    fn random_starts_hold_and_too_even_ones_do_not() {
        let name = "Gaps between starts, random";
        check(&started(Arrivals::Poisson, |_, start| start), name, CaveatKind::Gaps, None);
        let mut even = started(Arrivals::Constant, |_, start| start);
        even.start.scenario.load.model =
            LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 1, seed: 7 };
        check(&even, name, CaveatKind::Gaps, Some(Weight::Invalid));
        assert!(sentence(&even, CaveatKind::Gaps).contains("more evenly than the scenario says"));
        // Starts that wait for the next full 4 ms are off by a part of each gap.
        let coarse = started(Arrivals::Poisson, |_, start| {
            let grain = Duration::from_millis(4);
            grain * (start.as_nanos().div_ceil(grain.as_nanos())) as u32
        });
        let row = check(&coarse, name, CaveatKind::Gaps, Some(Weight::Invalid));
        assert!(row.contains("p < 0.001"), "{row}");
        let slightly_coarse = started(Arrivals::Poisson, |_, start| {
            let grain = Duration::from_micros(1_500);
            grain * (start.as_nanos().div_ceil(grain.as_nanos())) as u32
        });
        check(&slightly_coarse, name, CaveatKind::Gaps, Some(Weight::Weak));
    }

    #[test]
    fn few_gaps_tell_nothing() {
        let mut record = started(Arrivals::Constant, |_, start| start);
        record.end.starts.as_mut().unwrap().sent.truncate(50);
        assert!(!has_row(&record, "Gaps"));
        record.end.starts = None;
        assert!(!has_row(&record, "Gaps"));
    }
}
