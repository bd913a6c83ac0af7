//! Thresholds that end a run: which are being missed, since when, and whether their time is up.

use std::time::Duration;

use crate::humanize;
use crate::metrics::RunTotals;
use crate::model::{Scenario, Threshold};

use super::{
    ThresholdVerdict,
    judge::judge,
    summary::shortest_timeout,
    words::{capitalized, limit_words, metric_words, scope_words, window_words},
};

/// Watches the thresholds with `abort_after` of a run that goes on.
#[derive(Clone, Debug)]
pub struct BreachWatch {
    watched: Vec<Watched>,
    timeout: Duration,
    /// A run is ended once; what is still under way closes seconds after that.
    has_ended: bool,
}

#[derive(Clone, Debug)]
struct Watched {
    threshold: Threshold,
    /// How long the limit may be missed without a break.
    patience: Duration,
    missed_since: Option<Duration>,
}

impl BreachWatch {
    /// The watch over a run whose stages take `time_scale` times what the scenario says, and patience with them.
    pub fn new(scenario: &Scenario, time_scale: f64) -> Self {
        let watched = |threshold: &Threshold| {
            let patience = threshold.abort_after?.mul_f64(time_scale);
            Some(Watched { threshold: threshold.clone(), patience, missed_since: None })
        };
        Self {
            watched: scenario.thresholds.iter().filter_map(watched).collect(),
            timeout: shortest_timeout(scenario),
            has_ended: false,
        }
    }

    /// Whether any threshold can end the run.
    pub fn is_needed(&self) -> bool {
        !self.watched.is_empty()
    }

    /// Looks at the sums after a closed second, `at` since the start of the run: why the run is to end, said once.
    // A limit without data is not missed, so a stage that has not begun cannot end a run. One that has ended can:
    // its figures only change by answers that are still under way.
    pub fn second(&mut self, totals: &RunTotals, at: Duration) -> Option<String> {
        if self.has_ended {
            return None;
        }
        let mut breach = None;
        for watched in &mut self.watched {
            let threshold = &watched.threshold;
            let aggregate = totals.select(&threshold.scope, &threshold.window);
            let (reading, verdict) = judge(&aggregate, threshold.metric, threshold.limit, self.timeout);
            let (Some(reading), ThresholdVerdict::Fail) = (reading, verdict) else {
                watched.missed_since = None;
                continue;
            };
            let since = *watched.missed_since.get_or_insert(at);
            let missed_for = at.saturating_sub(since);
            if missed_for >= watched.patience && breach.is_none() {
                breach = Some(format!(
                    "{} of {} ({}) missed its limit for {} without a break: {}, limit {}.",
                    capitalized(&metric_words(threshold.metric)),
                    scope_words(&threshold.scope),
                    window_words(&threshold.window, totals.plan()),
                    humanize::span(missed_for),
                    reading.text(),
                    limit_words(threshold.metric, threshold.limit),
                ));
            }
        }
        self.has_ended = breach.is_some();
        breach
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{RunRecord, StepStats};
    use crate::model::{Metric, Window};

    const P95: Metric = Metric::Quantile(0.95);

    fn watching(threshold: Threshold, abort_after_secs: u64) -> Scenario {
        let abort_after = Some(Duration::from_secs(abort_after_secs));
        Scenario { thresholds: vec![Threshold { abort_after, ..threshold }], ..sample::scenario() }
    }

    /// Feeds a run second by second; the second that ended it, with the sentence.
    fn ended(record: &RunRecord) -> Option<(u32, String)> {
        let scenario = &record.start.scenario;
        let mut watch = BreachWatch::new(scenario, record.start.time_scale);
        assert!(watch.is_needed());
        let mut totals = RunTotals::empty(record.plan(), scenario);
        for interval in &record.intervals {
            for row in &interval.rows {
                let mut stats = StepStats::default();
                stats.merge_encoded(&row.stats).unwrap();
                totals.add_cell(row.segment, row.step, &stats);
            }
            totals.add_load(&interval.load).unwrap();
            let at = Duration::from_secs(u64::from(interval.second) + 1);
            totals.set_load_duration(at);
            if let Some(sentence) = watch.second(&totals, at) {
                return Some((interval.second, sentence));
            }
        }
        None
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
    fn a_run_is_ended_once() {
        let record = sample::record(watching(sample::must(P95, 0.05), 0));
        let mut watch = BreachWatch::new(&record.start.scenario, 1.0);
        let totals = RunTotals::new(&record).unwrap();
        assert!(watch.second(&totals, Duration::from_secs(40)).is_some());
        assert_eq!(watch.second(&totals, Duration::from_millis(40_200)), None);
    }

    #[test]
    fn a_break_starts_the_time_anew() {
        let mut record = sample::record(watching(sample::must(Metric::ErrorShare, 0.01), 5));
        let errors = |n| vec![(crate::metrics::Outcome::Status, Duration::from_millis(1)); n];
        sample::add(&mut record, 10, 0, &errors(1));
        // 1 of 41 is over 1 %; from 100 requests on it is not, until second 20.
        sample::add(&mut record, 20, 0, &errors(9));
        assert_eq!(ended(&record).unwrap().0, 25);
    }

    #[test]
    fn a_stage_that_has_not_begun_and_thin_data_are_not_missed() {
        let spike = Window::Stage("Spike (200)".to_owned());
        let on_spike = Threshold { window: spike, ..sample::must(Metric::Throughput, 1_000.0) };
        assert_eq!(ended(&sample::record(watching(on_spike, 0))).unwrap().0, 30);
        // p99.9 of 40 a second takes 1,000 requests: 25 steady seconds, and there are 20.
        let thin = sample::must(Metric::Quantile(0.999), 0.001);
        assert_eq!(ended(&sample::record(watching(thin, 0))), None);
    }

    #[test]
    fn patience_shrinks_with_the_stages() {
        let mut record = sample::record(watching(sample::must(P95, 0.05), 8));
        record.start.time_scale = 0.5;
        let mut watch = BreachWatch::new(&record.start.scenario, 0.5);
        assert_eq!(watch.watched[0].patience, Duration::from_secs(4));
        let totals = RunTotals::empty(record.plan(), &record.start.scenario);
        assert_eq!(watch.second(&totals, Duration::from_secs(1)), None);
        assert!(!BreachWatch::new(&sample::scenario(), 1.0).is_needed());
    }

    #[test]
    fn a_run_fed_second_by_second_has_the_sums_of_a_kept_one() {
        let record = sample::record(sample::open_scenario());
        let kept = RunTotals::new(&record).unwrap();
        let mut fed = RunTotals::empty(record.plan(), &record.start.scenario);
        fed.set_load_duration(record.end.load_duration);
        for interval in &record.intervals {
            for row in &interval.rows {
                let mut stats = StepStats::default();
                stats.merge_encoded(&row.stats).unwrap();
                fed.add_cell(row.segment, row.step, &stats);
            }
            fed.add_load(&interval.load).unwrap();
        }
        let run = |totals: &RunTotals| totals.select(&crate::model::Scope::Run, &Window::Steady);
        assert_eq!(run(&kept), run(&fed));
        assert_eq!(kept.n_started_and_due(), fed.n_started_and_due());
    }
}
