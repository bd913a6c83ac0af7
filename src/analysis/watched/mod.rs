//! What monitors saw of a run, stage by stage, and whether it kept its limits. A gap is never taken for a value.

mod caveats;
mod health;
mod limits;
mod words;

use std::time::Duration;

use crate::metrics::{ResourceSeries, RunRecord, SeriesInfo, Watched};
use crate::model::{Aspect, Bound, Monitor, Plan, SeriesLimit, SeriesUnit, ThresholdSeverity, Window};

use super::Spread;

pub(super) use caveats::caveats;
pub(super) use health::health;
pub use limits::{MIN_SECONDS, SeriesResult};
pub use words::{byte_rate_or_bytes, series_change_text, series_limit_text, series_text, statistic_words};

/// What all series of a run came to; empty where nothing was watched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WatchedUse {
    /// In the order in which they were read.
    pub series: Vec<SeriesUse>,
    /// The names of the plan's stages.
    pub stages: Vec<String>,
    /// What was held against the limits of the scenario's monitors, in their order.
    pub results: Vec<SeriesResult>,
}

/// What one series came to.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesUse {
    pub info: SeriesInfo,
    /// The first of its limits, musts before others: what time beyond the limit is counted by.
    pub limit: Option<SeriesLimit>,
    /// The whole run, warm-up included.
    pub whole: StretchUse,
    /// The stretch that limits are put to.
    pub steady: StretchUse,
    /// By the place of the stage in the plan, warm-up and pauses left out.
    pub stages: Vec<StretchUse>,
    /// The stage in which it was highest, or lowest where a limit bounds it below.
    pub peak_stage: Option<usize>,
}

/// How a series lay in a stretch of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StretchUse {
    /// Seconds that the stretch has.
    pub n_seconds: u64,
    /// Seconds in which it was read; the others are gaps.
    pub n_read: u64,
    /// None where it was never read.
    pub spread: Option<Spread>,
    /// Seconds beyond the limit; none where there is no limit.
    pub n_beyond: Option<u64>,
}

/// Which seconds of a run count where.
struct Calendar {
    /// By second: the stage, and whether it belongs to the stretch that is judged; none within warm-up and pauses.
    seconds: Vec<Option<(usize, bool)>>,
}

impl WatchedUse {
    /// What was seen of a run that has ended; limits are put to `window`.
    pub fn new(record: &RunRecord, window: &Window) -> Self {
        let monitors = &record.start.scenario.monitors;
        Self::of(&record.watched, monitors, &record.plan(), (record.end.load_duration, window))
    }

    /// What was seen until a moment of the run; limits are put to `window`.
    pub fn of(
        watched: &Watched,
        monitors: &[Monitor],
        plan: &Plan,
        (until, window): (Duration, &Window),
    ) -> Self {
        if watched.is_empty() && monitors.iter().all(|monitor| !monitor.enabled) {
            return Self::default();
        }
        let calendar = Calendar::new(plan, until, window);
        let n_stages = plan.stages().len();
        let limit = |info: &SeriesInfo| first_limit(monitors, info);
        let series =
            watched.series.iter().map(|series| calendar.series(series, limit(&series.info), n_stages));
        let series: Vec<SeriesUse> = series.collect();
        let window_words = super::words::window_words(window, plan);
        Self {
            results: limits::results(monitors, &series, &window_words),
            stages: plan.stages().iter().map(|stage| stage.name.clone()).collect(),
            series,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty() && self.results.is_empty()
    }

    /// A series of a monitor by its name.
    pub fn series(&self, monitor: &str, name: &str) -> Option<&SeriesUse> {
        self.series.iter().find(|series| series.info.monitor == monitor && series.info.name == name)
    }

    /// The series that a short list shows: those with a limit, and shares of what there is.
    pub fn telling(&self) -> impl Iterator<Item = &SeriesUse> {
        self.series.iter().filter(|series| series.is_telling())
    }
}

impl SeriesUse {
    /// `CPU (machine)`.
    pub fn name(&self) -> String {
        words::name(&self.info.name, &self.info.monitor)
    }

    /// Whether it says how much of something there is was in use.
    pub fn is_utilisation(&self) -> bool {
        self.info.aspect == Aspect::Utilisation && self.info.unit == SeriesUnit::Ratio
    }

    /// Whether a short list shows it.
    pub fn is_telling(&self) -> bool {
        self.limit.is_some() || self.is_utilisation() && self.whole.n_read > 0
    }

    /// A value of it as text.
    pub fn text(&self, value: f64) -> String {
        series_text(self.info.unit, value)
    }
}

impl StretchUse {
    pub fn n_gaps(&self) -> u64 {
        self.n_seconds - self.n_read
    }

    /// What a statistic comes to; none where nothing was read.
    pub fn statistic(&self, statistic: crate::model::SeriesStatistic) -> Option<f64> {
        self.spread.map(|spread| spread.statistic(statistic))
    }

    /// Of values second by second, of which those that are not finite are gaps.
    pub fn of(values: impl Iterator<Item = f64>, bound: Option<Bound>) -> Self {
        let (mut n_seconds, mut read) = (0, Vec::new());
        for value in values {
            n_seconds += 1;
            read.extend(Some(value).filter(|value| value.is_finite()));
        }
        let n_beyond = bound.map(|bound| read.iter().filter(|value| !bound.holds(**value)).count() as u64);
        Self { n_seconds, n_read: read.len() as u64, n_beyond, spread: Spread::of(read) }
    }
}

impl Calendar {
    // A second counts where its middle lies, as those of the generator's machine do.
    fn new(plan: &Plan, until: Duration, window: &Window) -> Self {
        let pauses: Vec<(Duration, Duration)> = plan.pauses().collect();
        let place = |second: u32| {
            let middle = Duration::from_millis(u64::from(second) * 1_000 + 500);
            let segment = plan.segment_at(middle);
            let is_paused = pauses.iter().any(|(from, to)| (*from..*to).contains(&middle));
            let place = (usize::from(segment.stage), plan.window_contains(window, segment));
            (!segment.warm_up && !is_paused).then_some(place)
        };
        let n_seconds = (until + Duration::from_millis(499)).as_secs() as u32;
        Self { seconds: (0..n_seconds).map(place).collect() }
    }

    fn series(&self, series: &ResourceSeries, limit: Option<SeriesLimit>, n_stages: usize) -> SeriesUse {
        let bound = limit.as_ref().map(|limit| limit.bound);
        let value = |second: usize| series.values.get(second).copied().unwrap_or(f64::NAN);
        let mut of_stages: Vec<Vec<f64>> = vec![Vec::new(); n_stages];
        let mut steady = Vec::new();
        for (second, place) in self.seconds.iter().enumerate() {
            let Some((stage, is_judged)) = place else { continue };
            if let Some(values) = of_stages.get_mut(*stage) {
                values.push(value(second));
            }
            if *is_judged {
                steady.push(value(second));
            }
        }
        let stages: Vec<StretchUse> =
            of_stages.into_iter().map(|values| StretchUse::of(values.into_iter(), bound)).collect();
        SeriesUse {
            info: series.info.clone(),
            whole: StretchUse::of((0..self.seconds.len()).map(value), bound),
            steady: StretchUse::of(steady.into_iter(), bound),
            peak_stage: peak_stage(&stages, bound),
            stages,
            limit,
        }
    }
}

/// The first of the stages in which a series went furthest.
fn peak_stage(stages: &[StretchUse], bound: Option<Bound>) -> Option<usize> {
    let furthest = |(index, stage): (usize, &StretchUse)| {
        let spread = stage.spread?;
        let value = if matches!(bound, Some(Bound::AtLeast(_))) { -spread.min } else { spread.max };
        Some((index, value))
    };
    let known = stages.iter().enumerate().filter_map(furthest);
    known.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(index, _)| index)
}

fn first_limit(monitors: &[Monitor], info: &SeriesInfo) -> Option<SeriesLimit> {
    let monitor = monitors.iter().find(|monitor| monitor.name == info.monitor)?;
    let of_series = || monitor.limits.iter().filter(|limit| limit.series == info.name);
    let first_must = of_series().find(|limit| limit.severity == ThresholdSeverity::Must);
    first_must.or_else(|| of_series().next()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::model::SeriesStatistic;

    fn watched_use(record: &RunRecord) -> WatchedUse {
        WatchedUse::new(record, &Window::Steady)
    }

    #[test]
    fn each_stage_has_its_own_seconds_and_gaps_are_counted() {
        let record = sample::watched();
        let watched = watched_use(&record);
        let cpu = watched.series("machine", "CPU").unwrap();
        let facts = |stretch: &StretchUse| (stretch.n_seconds, stretch.n_read, stretch.spread.unwrap().max);
        assert_eq!(facts(&cpu.whole), (40, 39, 0.9));
        assert_eq!(facts(&cpu.steady), (20, 20, 0.6));
        // The first five seconds are the warm-up.
        let stages: Vec<_> = cpu.stages.iter().map(facts).collect();
        assert_eq!(stages, [(5, 5, 0.3), (20, 20, 0.6), (10, 10, 0.9)]);
        assert_eq!(cpu.peak_stage, Some(2));
        assert_eq!((cpu.whole.n_beyond, cpu.steady.n_beyond), (Some(10), Some(0)));
        let hits = watched.series("cache", "hit share").unwrap();
        assert_eq!((hits.steady.n_read, hits.steady.n_gaps()), (15, 5));
        assert_eq!(hits.peak_stage, Some(1), "bounded below, so its lowest");
    }

    #[test]
    fn a_series_without_a_value_has_no_figure_at_all() {
        let mut record = sample::watched();
        let mut watched = (*record.watched).clone();
        watched.series[0].values.iter_mut().for_each(|value| *value = f64::NAN);
        record.watched = watched.into();
        let cpu = watched_use(&record).series("machine", "CPU").unwrap().clone();
        assert_eq!((cpu.whole.spread, cpu.whole.n_read, cpu.whole.n_gaps()), (None, 0, 40));
        assert_eq!(cpu.peak_stage, None);
        assert!(cpu.is_telling(), "it has a limit");
    }

    #[test]
    fn seconds_behind_the_load_and_pauses_do_not_count() {
        let mut record = sample::watched();
        record.end.load_duration = Duration::from_millis(30_400);
        let cpu = watched_use(&record).series("machine", "CPU").unwrap().clone();
        assert_eq!((cpu.whole.n_seconds, cpu.stages[2].n_seconds), (30, 0));
        record.end.load_duration = Duration::from_millis(30_501);
        assert_eq!(watched_use(&record).series[0].whole.n_seconds, 31);
    }

    #[test]
    fn what_was_not_watched_is_not_there() {
        let record = sample::record(sample::scenario());
        assert_eq!(watched_use(&record), WatchedUse::default());
        assert_eq!(StretchUse::default().statistic(SeriesStatistic::Max), None);
    }
}
