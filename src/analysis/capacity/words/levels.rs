//! A level in words: its figures with their intervals, whether its targets were met, why it does not count.

use crate::analysis::{
    capacity::{
        Capacity, InFlight, InFlightSource, Level, LevelPercentile, LevelVerdict, NotCounted, TargetDoubt,
        TargetResult, TargetVerdict,
    },
    limit_text, metric_text, metric_words, short_interval,
    stats::Estimate,
    words::listed,
};
use crate::humanize;
use crate::model::Unit;

/// What the columns of a table of levels mean.
pub const CAPACITY_NOTE: &str = "Window: each stage that held its level, warm-up left out. Offered is what was asked \
    for; achieved is requests that ended within the stage's whole seconds, failed ones included. In brackets the 95 % \
    interval; «≥»: no upper bound, run longer. A target is met where its whole interval keeps the limit, missed where \
    the whole interval misses it.";

impl Level {
    /// What was asked for, and what it comes to in requests: `200/s (602/s of requests)`.
    pub fn offered_words(&self, is_open: bool) -> String {
        let offered = self.offered_text(is_open);
        match self.offered_per_sec.filter(|rate| *rate != self.offered) {
            Some(rate) => format!("{offered} ({} of requests)", humanize::rate(rate)),
            None => offered,
        }
    }

    /// Requests per second that were achieved, with their interval.
    pub fn achieved_text(&self) -> String {
        self.achieved.map_or_else(|| humanize::MISSING.to_owned(), rate_text)
    }

    /// The error share with its interval: `0.08 % (0.03–0.2)`.
    pub fn errors_text(&self) -> String {
        let Some(ratio) = self.error_ratio else { return humanize::MISSING.to_owned() };
        let share = humanize::percent(ratio);
        match self.error_interval {
            None => share,
            Some((low, high)) => format!("{share} ({})", share_interval(low, high)),
        }
    }

    /// Mean number of requests in flight.
    pub fn in_flight_text(&self) -> String {
        self.in_flight.map_or_else(|| humanize::MISSING.to_owned(), |in_flight| in_flight.text())
    }

    /// Whether its targets were met, and what stands against it.
    pub fn verdict_words(&self) -> String {
        if let Some(reason) = self.not_counted {
            return format!("not counted: {}", reason.words());
        }
        match self.verdict {
            None => humanize::MISSING.to_owned(),
            Some(LevelVerdict::Met) => "met".to_owned(),
            Some(LevelVerdict::Missed) => format!("missed: {}", self.missed_names()),
            Some(LevelVerdict::Undecided) => format!("undecided: {}", self.doubt_words()),
        }
    }

    /// The targets that were missed with their figures, within a sentence.
    pub fn missed_words(&self) -> String {
        let mut missed: Vec<String> = self.missed().map(TargetResult::text).collect();
        missed.extend(self.piling_words());
        listed(&missed)
    }

    fn missed_names(&self) -> String {
        let mut missed: Vec<String> = self.missed().map(|target| metric_words(target.metric)).collect();
        missed.extend(self.piling_words());
        listed(&missed)
    }

    fn missed(&self) -> impl Iterator<Item = &TargetResult> {
        self.targets.iter().filter(|target| target.verdict == TargetVerdict::Missed)
    }

    fn piling_words(&self) -> Option<String> {
        let ended = self.ended_ratio.filter(|_| self.piles_up())?;
        Some(format!(
            "only {} of the requests sent ended meanwhile, so that they pile up",
            humanize::percent(ended)
        ))
    }

    fn doubt_words(&self) -> String {
        let doubt = |target: &TargetResult| {
            Some(format!("{}, {}", metric_words(target.metric), target.doubt()?.words()))
        };
        self.targets.iter().filter_map(doubt).collect::<Vec<_>>().join("; ")
    }

    /// As many independent requests as a percentile's interval rests on.
    pub(super) fn n_effective(&self, quantile: f64) -> Option<f64> {
        let exact = self.percentile(quantile).and_then(|percentile| percentile.interval);
        let nearest = || self.percentiles.iter().rev().find_map(|percentile| percentile.interval);
        Some(exact.or_else(nearest)?.n_effective)
    }
}

impl LevelPercentile {
    /// The value with its interval: `74.0 ms (70.1–79.9)`.
    pub fn text(&self) -> String {
        let Some(reading) = self.reading else { return humanize::MISSING.to_owned() };
        match self.interval.filter(|_| !reading.is_censored) {
            Some(interval) => format!("{} ({})", reading.text(), interval.short_text()),
            None => reading.text(),
        }
    }
}

impl Capacity {
    /// Where the requests in flight come from, where they were not counted; to stand behind [`CAPACITY_NOTE`].
    pub fn in_flight_note(&self) -> &'static str {
        let is_derived = |level: &Level| {
            level.in_flight.is_some_and(|in_flight| in_flight.source == InFlightSource::LittlesLaw)
        };
        if self.levels.iter().any(is_derived) {
            " In flight is throughput × mean service time (Little's law), because it was not counted."
        } else {
            ""
        }
    }
}

impl InFlight {
    pub fn text(&self) -> String {
        humanize::number(self.mean)
    }
}

impl TargetResult {
    /// The figure beside its limit: `p95 response time 212 ms (190–240), limit 100 ms`.
    pub fn text(&self) -> String {
        let name = metric_words(self.metric);
        let limit = self.limit_text();
        let Some(reading) = self.reading else { return format!("{name} not measured, limit {limit}") };
        let interval = self.interval_text().filter(|_| !reading.is_censored);
        let interval = interval.map(|interval| format!(" ({interval})")).unwrap_or_default();
        format!("{name} {}{interval}, limit {limit}", reading.text())
    }

    pub fn limit_text(&self) -> String {
        limit_text(self.metric, self.limit)
    }

    /// Its bounds as short as can be; none where it has none.
    pub fn interval_text(&self) -> Option<String> {
        match (self.metric.unit(), self.low, self.high) {
            (_, None, None) => None,
            (Unit::Seconds, low, high) => Some(short_interval(low, high)),
            (Unit::Ratio, Some(low), Some(high)) => Some(share_interval(low, high)),
            (_, low, high) => {
                let text = |bound: Option<f64>| bound.map(|bound| metric_text(self.metric, bound));
                Some(format!("{}–{}", text(low).unwrap_or_default(), text(high).unwrap_or_default()))
            }
        }
    }

    /// Why it is undecided; none where it is not.
    pub fn doubt(&self) -> Option<TargetDoubt> {
        match self.verdict {
            TargetVerdict::Undecided(doubt) => Some(doubt),
            TargetVerdict::Met | TargetVerdict::Missed => None,
        }
    }
}

impl TargetDoubt {
    pub fn words(self) -> &'static str {
        match self {
            Self::NothingMeasured => "nothing was measured there",
            Self::TooFewRequests => "too few requests: run longer",
            Self::NoInterval => "too short for an interval: run longer",
            Self::NoUpperBound => "no upper bound: run longer",
            Self::WithinBounds => "the limit lies within the 95 % interval: run longer",
            Self::HiddenByTimeouts => "hidden by timeouts",
        }
    }
}

impl NotCounted {
    pub fn words(self) -> String {
        match self {
            Self::InvalidRun => "the run's measurement is invalid".to_owned(),
            Self::StartLag(lag) => format!(
                "1 % of its requests left {} or more after their intended start, so that the generator made the \
                 latencies",
                humanize::latency(lag)
            ),
            Self::GeneratorCpu(ratio) => {
                format!(
                    "the generator was {} busy, so that it made rate and latencies",
                    humanize::percent(ratio)
                )
            }
            Self::Dropped(ratio) => format!(
                "only {} of its iterations started, because all users that max_users allows were busy",
                humanize::percent(ratio)
            ),
        }
    }
}

/// A rate with its interval: `1,240/s (1,236–1,244)`.
fn rate_text(rate: Estimate) -> String {
    let value = humanize::rate(rate.value);
    match (rate.low, rate.high) {
        (Some(low), Some(high)) => {
            let bare = |bound: f64| humanize::rate(bound).trim_end_matches("/s").to_owned();
            format!("{value} ({}–{})", bare(low), bare(high))
        }
        _ => value,
    }
}

fn share_interval(low: f64, high: f64) -> String {
    let bare = |bound: f64| humanize::percent(bound).trim_end_matches(" %").to_owned();
    format!("{}–{}", bare(low), bare(high))
}
