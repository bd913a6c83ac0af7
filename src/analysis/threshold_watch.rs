//! How a run that goes on stands against its thresholds: which are missed, for how long, and which end it.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{LimitTotals, ThresholdLive, ThresholdState, WatchNews};
use crate::model::{Plan, Scenario, Threshold};

use super::{
    Reading, ThresholdVerdict,
    judge::judge,
    summary::shortest_timeout,
    words::{capitalized, limit_words, metric_words, scope_words, window_words},
};

/// Watches the thresholds of a run that goes on.
#[derive(Clone, Debug)]
pub struct ThresholdWatch {
    watched: Vec<Watched>,
    timeout: Duration,
    /// When the watch looked last.
    looked_at: Duration,
    /// A run is ended once; what is still under way closes seconds after that.
    has_ended: bool,
}

#[derive(Clone, Debug)]
struct Watched {
    threshold: Threshold,
    /// How long the limit may be missed without a break; without it a miss ends nothing.
    patience: Option<Duration>,
    miss: Option<Miss>,
    /// For how long it was missed in all.
    missed_for: Duration,
}

/// A limit that is being missed.
#[derive(Clone, Copy, Debug)]
struct Miss {
    since: Duration,
    /// Pauses left out.
    lasted: Duration,
}

impl ThresholdWatch {
    /// The watch over a run whose stages take `time_scale` times what the scenario says, and patience with them.
    pub fn new(scenario: &Scenario, time_scale: f64) -> Self {
        let watched = |threshold: &Threshold| Watched {
            threshold: threshold.clone(),
            patience: threshold.abort_after.map(|patience| patience.mul_f64(time_scale)),
            miss: None,
            missed_for: Duration::ZERO,
        };
        Self {
            watched: scenario.thresholds.iter().map(watched).collect(),
            timeout: shortest_timeout(scenario),
            looked_at: Duration::ZERO,
            has_ended: false,
        }
    }

    /// Whether there is any threshold to watch.
    pub fn is_needed(&self) -> bool {
        !self.watched.is_empty()
    }

    /// Looks at the sums after a closed second, `at` since the start of the run; says once why the run is to end.
    // A limit without data is not missed, so a stage that has not begun cannot end a run. One that has ended can:
    // its figures only change by answers that are still under way.
    pub fn second(&mut self, totals: &LimitTotals, at: Duration) -> WatchNews {
        let loaded = loaded_time(totals.plan(), self.looked_at, at);
        self.looked_at = at;
        let mut news = WatchNews::default();
        for (index, watched) in self.watched.iter_mut().enumerate() {
            let threshold = &watched.threshold;
            let (reading, verdict) =
                judge(totals.of_threshold(index), threshold.metric, threshold.limit, self.timeout);
            watched.look(verdict, at, loaded);
            if let (false, None, Some(reading), true) =
                (self.has_ended, &news.breach, reading, watched.is_over())
            {
                news.breach = Some(watched.breach_words(reading, totals.plan()));
            }
            news.thresholds.push(watched.live(index, reading, verdict));
        }
        self.has_ended |= news.breach.is_some();
        news
    }
}

impl Watched {
    /// Takes a look's verdict; `loaded` is how long load was made since the look before.
    // The limit counts as missed from the end of the first second that says so.
    fn look(&mut self, verdict: ThresholdVerdict, at: Duration, loaded: Duration) {
        self.miss = match (verdict, self.miss) {
            (ThresholdVerdict::Fail, None) => Some(Miss { since: at, lasted: Duration::ZERO }),
            (ThresholdVerdict::Fail, Some(miss)) => {
                self.missed_for += loaded;
                Some(Miss { lasted: miss.lasted + loaded, ..miss })
            }
            _ => None,
        };
    }

    fn is_over(&self) -> bool {
        matches!((self.miss, self.patience), (Some(miss), Some(patience)) if miss.lasted >= patience)
    }

    fn live(&self, index: usize, reading: Option<Reading>, verdict: ThresholdVerdict) -> ThresholdLive {
        let ends_in = |miss: Miss| Some(self.patience?.saturating_sub(miss.lasted));
        ThresholdLive {
            threshold: index,
            actual: reading.map(|reading| reading.value),
            is_censored: reading.is_some_and(|reading| reading.is_censored),
            state: match verdict {
                ThresholdVerdict::Pass => ThresholdState::Met,
                ThresholdVerdict::Fail => ThresholdState::Missed,
                ThresholdVerdict::NotEnoughData => ThresholdState::NoData,
            },
            missed_since: self.miss.map(|miss| miss.since),
            missed_for: self.missed_for,
            patience: self.patience,
            ends_in: self.miss.and_then(ends_in),
        }
    }

    fn breach_words(&self, reading: Reading, plan: &Plan) -> String {
        let threshold = &self.threshold;
        let lasted = self.miss.map_or(Duration::ZERO, |miss| miss.lasted);
        format!(
            "{} of {} ({}) missed its limit for {} without a break: {}, limit {}.",
            capitalized(&metric_words(threshold.metric)),
            scope_words(&threshold.scope),
            window_words(&threshold.window, plan),
            humanize::span(lasted),
            reading.text(),
            limit_words(threshold.metric, threshold.limit),
        )
    }
}

/// How much of a stretch of time was not paused.
// Nothing is measured in a pause, so that a limit cannot recover in it: its time is held against nobody.
fn loaded_time(plan: &Plan, from: Duration, to: Duration) -> Duration {
    let open_pause = plan.paused_since().map(|since| (since, to));
    let overlap = |(start, end): (Duration, Duration)| end.min(to).saturating_sub(start.max(from));
    let paused: Duration = plan.pauses().chain(open_pause).map(overlap).sum();
    to.saturating_sub(from).saturating_sub(paused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{IntervalStats, Outcome, RunRecord, feed};
    use crate::model::{Metric, PlanChange, PlanChangeKind, Window};

    const P95: Metric = Metric::Quantile(0.95);

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn watching(threshold: Threshold, abort_after_secs: u64) -> Scenario {
        let abort_after = Some(secs(abort_after_secs));
        Scenario { thresholds: vec![Threshold { abort_after, ..threshold }], ..sample::scenario() }
    }

    /// What the watch says after each second of a run.
    fn watched(record: &RunRecord) -> Vec<WatchNews> {
        let scenario = &record.start.scenario;
        let mut watch = ThresholdWatch::new(scenario, record.start.time_scale);
        assert!(watch.is_needed());
        let mut totals = LimitTotals::new(record.plan(), scenario);
        let look = |interval: &IntervalStats| {
            feed(&mut totals, interval).unwrap();
            watch.second(&totals, secs(u64::from(interval.second) + 1))
        };
        sample::intervals(record).iter().map(look).collect()
    }

    /// The second that ended a run, with the sentence.
    fn ended(record: &RunRecord) -> Option<(usize, String)> {
        watched(record).into_iter().enumerate().find_map(|(second, news)| Some((second, news.breach?)))
    }

    /// A run whose error share is over 1 % in seconds 10 and 20 to 29 of its steady stage.
    fn with_errors(abort_after_secs: u64) -> RunRecord {
        let mut record = sample::record(watching(sample::must(Metric::ErrorShare, 0.01), abort_after_secs));
        let errors = |n| vec![(Outcome::Status, Duration::from_millis(1)); n];
        // 1 of 41 is over 1 %; from 100 requests on it is not, until second 20.
        sample::add(&mut record, 10, 0, &errors(1));
        sample::add(&mut record, 20, 0, &errors(9));
        record
    }

    #[test]
    fn a_limit_that_is_missed_for_long_enough_ends_the_run() {
        let record = sample::record(watching(sample::must(P95, 0.05), 4));
        // Steady seconds begin at 10: missed from the end of second 10 to the end of second 14.
        let (second, sentence) = ended(&record).unwrap();
        assert_eq!(second, 14);
        assert_eq!(
            sentence,
            "P95 response time of the run (steady stages, warm-up left out) missed its limit for 4 s without a \
             break: 74.0 ms, limit ≤ 50 ms."
        );
        assert_eq!(ended(&sample::record(watching(sample::must(P95, 0.08), 4))), None);
    }

    #[test]
    fn every_second_says_how_each_threshold_stands() {
        let mut scenario = watching(sample::must(P95, 0.05), 4);
        scenario.thresholds.push(sample::must(P95, 0.08));
        scenario.thresholds.push(sample::must(P95, 0.05));
        let news = watched(&sample::record(scenario));
        let of = |second: usize, threshold: usize| news[second].thresholds[threshold].clone();
        // Before the steady stage nothing counts.
        assert_eq!((of(9, 0).state, of(9, 0).actual), (ThresholdState::NoData, None));
        let missed = of(12, 0);
        assert_eq!((missed.threshold, missed.state), (0, ThresholdState::Missed));
        assert!((missed.actual.unwrap() - 0.074).abs() < 1e-4, "{missed:?}");
        assert_eq!((missed.missed_since, missed.missed_for), (Some(secs(11)), secs(2)));
        assert_eq!((missed.patience, missed.ends_in), (Some(secs(4)), Some(secs(2))));
        let met = of(12, 1);
        assert_eq!((met.threshold, met.state, met.missed_since), (1, ThresholdState::Met, None));
        assert_eq!((met.missed_for, met.patience, met.ends_in), (secs(0), None, None));
        let harmless = of(12, 2);
        assert_eq!(
            (harmless.state, harmless.patience, harmless.ends_in),
            (ThresholdState::Missed, None, None)
        );
    }

    #[test]
    fn a_run_is_ended_once_and_watched_to_its_last_second() {
        let news = watched(&sample::record(watching(sample::must(P95, 0.05), 0)));
        assert_eq!(news.iter().filter(|news| news.breach.is_some()).count(), 1);
        let last = &news.last().unwrap().thresholds[0];
        assert_eq!((last.state, last.missed_for), (ThresholdState::Missed, secs(29)));
    }

    #[test]
    fn a_break_starts_the_time_anew_and_all_misses_add_up() {
        assert_eq!(ended(&with_errors(5)).unwrap().0, 25);
        let news = watched(&with_errors(60));
        let after_break = &news[15].thresholds[0];
        assert_eq!((after_break.state, after_break.missed_since), (ThresholdState::Met, None));
        let first = after_break.missed_for;
        assert!(first > Duration::ZERO && after_break.ends_in.is_none());
        let last = &news[25].thresholds[0];
        assert_eq!((last.missed_since, last.missed_for), (Some(secs(21)), first + secs(5)));
        assert_eq!(last.ends_in, Some(secs(55)));
    }

    #[test]
    fn a_pause_costs_no_patience() {
        let mut record = sample::record(watching(sample::must(P95, 0.05), 4));
        let change = |at, kind| PlanChange { at: secs(at), kind };
        record.plan_changes = vec![change(12, PlanChangeKind::Pause), change(15, PlanChangeKind::Resume)];
        assert_eq!(ended(&record).unwrap().0, 17);
        record.plan_changes.truncate(1);
        let news = watched(&record);
        assert!(news.iter().all(|news| news.breach.is_none()));
        assert_eq!(news[20].thresholds[0].ends_in, Some(secs(3)));
    }

    #[test]
    fn timeouts_that_hide_a_percentile_miss_its_limit() {
        let mut record = sample::record(watching(sample::must(P95, 0.05), 60));
        let timeouts = vec![(Outcome::Timeout, secs(30)); 20];
        sample::add(&mut record, 12, 0, &timeouts);
        let found = &watched(&record)[12].thresholds[0];
        assert!(found.is_censored && found.state == ThresholdState::Missed, "{found:?}");
        assert_eq!(found.actual, Some(record.start.scenario.timeout.as_secs_f64()));
    }

    #[test]
    fn a_stage_that_has_not_begun_and_thin_data_are_not_missed() {
        let spike = Window::Stage("Spike (200)".to_owned());
        let on_spike = Threshold { window: spike, ..sample::must(Metric::Throughput, 1_000.0) };
        assert_eq!(ended(&sample::record(watching(on_spike, 0))).unwrap().0, 30);
        // p99.9 of 40 a second takes 1,000 requests: 25 steady seconds, and there are 20.
        let thin = sample::must(Metric::Quantile(0.999), 0.001);
        let record = sample::record(watching(thin, 0));
        assert_eq!(ended(&record), None);
        let found = &watched(&record)[20].thresholds[0];
        assert!(found.state == ThresholdState::NoData && found.actual.is_some());
    }

    #[test]
    fn patience_shrinks_with_the_stages() {
        let mut record = sample::record(watching(sample::must(P95, 0.05), 8));
        record.start.time_scale = 0.5;
        let mut watch = ThresholdWatch::new(&record.start.scenario, 0.5);
        let totals = LimitTotals::new(record.plan(), &record.start.scenario);
        let news = watch.second(&totals, secs(1));
        assert_eq!((news.breach, news.thresholds[0].patience), (None, Some(secs(4))));
        assert!(!ThresholdWatch::new(&sample::scenario(), 1.0).is_needed());
    }
}
