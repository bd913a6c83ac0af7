//! Limits on series: what was read, what was asked, and one sentence for each.

use crate::humanize;
use crate::model::{Bound, Monitor, SeriesLimit, SeriesStatistic, SeriesUnit, ThresholdSeverity};

use super::super::{ThresholdVerdict, capitalized};
use super::words::{limit_value_text, name, series_limit_text, series_text, statistic_words};
use super::{SeriesUse, StretchUse};

/// The fewest seconds of which anything but a percentile is judged.
pub const MIN_SECONDS: u64 = 10;

/// A limit on a series and what was read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesResult {
    /// The monitor's name.
    pub monitor: String,
    pub limit: SeriesLimit,
    pub unit: SeriesUnit,
    /// The stretch that it was put to, in words.
    pub window_words: String,
    /// Seconds of that stretch, and those in which the series was read.
    pub n_seconds: u64,
    pub n_read: u64,
    /// None where nothing was read.
    pub actual: Option<f64>,
    pub verdict: ThresholdVerdict,
}

/// One result for each limit of the monitors that are watched.
pub(super) fn results(monitors: &[Monitor], series: &[SeriesUse], window_words: &str) -> Vec<SeriesResult> {
    let of_monitor = |monitor: &Monitor| {
        let descriptions = if monitor.limits.is_empty() { Vec::new() } else { monitor.series() };
        let result = |limit: &SeriesLimit| {
            let found = series
                .iter()
                .find(|series| series.info.monitor == monitor.name && series.info.name == limit.series);
            let described = descriptions.iter().find(|series| series.name == limit.series);
            let unit = found.map(|found| found.info.unit).or(described.map(|series| series.unit));
            let stretch = found.map(|found| found.steady).unwrap_or_default();
            SeriesResult {
                monitor: monitor.name.clone(),
                limit: limit.clone(),
                unit: unit.unwrap_or_default(),
                window_words: window_words.to_owned(),
                n_seconds: stretch.n_seconds,
                n_read: stretch.n_read,
                actual: stretch.statistic(limit.statistic),
                verdict: judged(limit, &stretch),
            }
        };
        monitor.limits.iter().map(result).collect::<Vec<_>>()
    };
    monitors.iter().filter(|monitor| monitor.enabled).flat_map(of_monitor).collect()
}

fn judged(limit: &SeriesLimit, stretch: &StretchUse) -> ThresholdVerdict {
    match stretch.statistic(limit.statistic) {
        None => ThresholdVerdict::NotEnoughData,
        Some(_) if stretch.n_read < n_needed(limit.statistic) => ThresholdVerdict::NotEnoughData,
        Some(_) if is_mostly_gaps(stretch.n_read, stretch.n_seconds) => ThresholdVerdict::NotEnoughData,
        Some(actual) if limit.bound.holds(actual) => ThresholdVerdict::Pass,
        Some(_) => ThresholdVerdict::Fail,
    }
}

/// Of fewer than twenty seconds a 95th percentile would be their maximum under another name.
fn n_needed(statistic: SeriesStatistic) -> u64 {
    if statistic == SeriesStatistic::P95 { 20 } else { MIN_SECONDS }
}

fn is_mostly_gaps(n_read: u64, n_seconds: u64) -> bool {
    2 * n_read < n_seconds
}

impl SeriesResult {
    pub fn is_must(&self) -> bool {
        self.limit.severity == ThresholdSeverity::Must
    }

    /// `CPU (machine)`.
    pub fn name(&self) -> String {
        name(&self.limit.series, &self.monitor)
    }

    /// `p95 of CPU (machine)`.
    pub fn subject(&self) -> String {
        format!("{} of {}", statistic_words(self.limit.statistic), self.name())
    }

    /// `≤ 70 %`.
    pub fn limit_words(&self) -> String {
        series_limit_text(self.unit, self.limit.bound)
    }

    /// What was read, as it may be printed.
    pub fn actual_text(&self) -> String {
        self.actual.map_or_else(|| humanize::MISSING.to_owned(), |actual| series_text(self.unit, actual))
    }

    /// How it came out, in one sentence.
    pub fn sentence(&self) -> String {
        let statistic = capitalized(statistic_words(self.limit.statistic));
        let subject =
            format!("{statistic} of {} ({}; {})", self.limit.series, self.monitor, self.window_words);
        let limit = limit_value_text(self.unit, self.limit.bound.value());
        let (inside, outside) = match self.limit.bound {
            Bound::AtMost(_) => ("within", "above"),
            Bound::AtLeast(_) => ("at least", "below"),
        };
        match self.verdict {
            ThresholdVerdict::Pass => format!("{subject} was {}, {inside} {limit}.", self.actual_text()),
            ThresholdVerdict::Fail => {
                format!("{subject} was {}, {outside} the limit of {limit}.", self.actual_text())
            }
            ThresholdVerdict::NotEnoughData => {
                format!("{subject} cannot be held against {limit}: {}.", self.why_not())
            }
        }
    }

    /// Why it could not be judged.
    fn why_not(&self) -> String {
        let needed = n_needed(self.limit.statistic);
        if self.n_read == 0 {
            "nothing was read there".to_owned()
        } else if self.n_read < needed {
            let read = humanize::count(self.n_read);
            format!("it takes at least {}, and {read} were read", humanize::counted(needed, "second"))
        } else {
            let (read, all) = (humanize::count(self.n_read), humanize::counted(self.n_seconds, "second"));
            format!("only {read} of {all} could be read")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::metrics::{RunRecord, Verdict};

    /// A watched run whose one limit is that on the machine's processors.
    fn with_limit(limit: f64, severity: ThresholdSeverity) -> RunRecord {
        let mut record = sample::watched();
        let monitors = &mut record.start.scenario.monitors;
        monitors[1].limits.clear();
        monitors[0].limits = vec![SeriesLimit {
            series: "CPU".to_owned(),
            statistic: SeriesStatistic::P95,
            bound: Bound::AtMost(limit),
            severity,
        }];
        record
    }

    /// Leaves so many of its first steady seconds.
    fn gaps(record: &mut RunRecord, n_kept: usize) {
        let mut watched = (*record.watched).clone();
        watched.series[0].values[10 + n_kept..30].fill(f64::NAN);
        record.watched = watched.into();
    }

    fn check(record: &RunRecord, verdict: Verdict, reason: &str) {
        let summary = summarize(record).unwrap();
        assert_eq!(summary.verdict, verdict, "{:?}", summary.reasons);
        assert!(summary.reasons.iter().any(|text| text == reason), "{:?}", summary.reasons);
    }

    #[test]
    fn a_must_on_a_series_fails_the_run_and_a_should_is_told() {
        let sentence =
            "P95 of CPU (machine; steady stages, warm-up left out) was 60 %, above the limit of 50 %.";
        check(&with_limit(0.5, ThresholdSeverity::Must), Verdict::Fail, sentence);
        let told = format!("Should hold, does not fail the run: {sentence}");
        check(&with_limit(0.5, ThresholdSeverity::Should), Verdict::Pass, &told);
        check(&with_limit(0.7, ThresholdSeverity::Must), Verdict::Pass, "The resource limit holds.");
    }

    #[test]
    fn a_limit_that_cannot_be_judged_leaves_the_run_inconclusive_only_where_it_is_a_must() {
        let mut record = with_limit(0.5, ThresholdSeverity::Must);
        gaps(&mut record, 9);
        let sentence = "P95 of CPU (machine; steady stages, warm-up left out) cannot be held against 50 %: it takes at \
                        least 20 seconds, and 9 were read.";
        check(&record, Verdict::Inconclusive, sentence);
        record.start.scenario.monitors[0].limits[0].severity = ThresholdSeverity::Should;
        assert_eq!(summarize(&record).unwrap().verdict, Verdict::Pass);
        gaps(&mut record, 0);
        record.start.scenario.monitors[0].limits[0].severity = ThresholdSeverity::Must;
        let sentence = "P95 of CPU (machine; steady stages, warm-up left out) cannot be held against 50 %: nothing was \
                        read there.";
        check(&record, Verdict::Inconclusive, sentence);
    }

    #[test]
    fn more_gaps_than_seconds_read_decide_nothing() {
        let limit = |statistic| SeriesLimit {
            series: "CPU".to_owned(),
            statistic,
            bound: Bound::AtMost(0.5),
            severity: ThresholdSeverity::Must,
        };
        let stretch = |n_read: u64| StretchUse {
            n_seconds: 100,
            n_read,
            spread: crate::analysis::Spread::of(vec![0.6; n_read as usize]),
            n_beyond: None,
        };
        let mean = limit(SeriesStatistic::Mean);
        assert_eq!(judged(&mean, &stretch(49)), ThresholdVerdict::NotEnoughData);
        assert_eq!(judged(&mean, &stretch(50)), ThresholdVerdict::Fail);
        let short = |n_read| StretchUse { n_seconds: n_read, ..stretch(n_read) };
        assert_eq!(judged(&mean, &short(9)), ThresholdVerdict::NotEnoughData);
        assert_eq!(judged(&mean, &short(10)), ThresholdVerdict::Fail);
        assert_eq!(judged(&limit(SeriesStatistic::P95), &short(19)), ThresholdVerdict::NotEnoughData);
        assert_eq!(judged(&limit(SeriesStatistic::P95), &short(20)), ThresholdVerdict::Fail);
    }

    #[test]
    fn a_limit_below_a_series_and_one_on_a_series_that_never_came_are_told() {
        let mut record = sample::watched();
        record.start.scenario.monitors[1].limits[0].bound = Bound::AtLeast(0.95);
        let summary = summarize(&record).unwrap();
        let hits = &summary.watched.results[1];
        assert_eq!(
            hits.sentence(),
            "Mean of hit share (cache; steady stages, warm-up left out) was 80 %, below the limit of 95 %."
        );
        record.start.scenario.monitors[1].limits[0].series = "expired keys".to_owned();
        let result = summarize(&record).unwrap().watched.results[1].clone();
        assert_eq!((result.unit, result.verdict), (SeriesUnit::PerSec, ThresholdVerdict::NotEnoughData));
    }

    #[test]
    fn a_monitor_that_is_switched_off_judges_nothing() {
        let mut record = with_limit(0.5, ThresholdSeverity::Must);
        record.start.scenario.monitors[0].enabled = false;
        let summary = summarize(&record).unwrap();
        assert!(summary.watched.results.is_empty(), "{:?}", summary.watched.results);
    }
}
