//! The rows of the table of series: figures over a stretch of the run, and stage by stage where that is asked for.

use std::time::Duration;

use super::lines::long_name;
use crate::analysis::{StretchUse, WatchedUse, series_limit_text, series_text, window_words};
use crate::app::run::sight::{Sight, WatchSight};
use crate::humanize::{self, MISSING};
use crate::metrics::{ResourceSeries, Watched};
use crate::model::{Aspect, Monitor, SeriesUnit, Window};

/// One series over one stretch, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceRow {
    /// The series; empty in rows of its stages.
    pub name: String,
    /// The stage; empty in the row of the whole stretch.
    pub stage: String,
    pub meaning: String,
    pub now: String,
    pub mean: String,
    pub p95: String,
    pub max: String,
    pub limit: String,
    pub beyond: String,
    pub is_beyond: bool,
    pub n_gaps: String,
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowChoice {
    pub all_series: bool,
    pub by_stage: bool,
}

/// Whether a short list shows it: it has a limit, or says how much of something there is was in use.
fn is_telling(series: &ResourceSeries, monitors: &[Monitor]) -> bool {
    let info = &series.info;
    let has_limit = monitors.iter().any(|monitor| {
        monitor.name == info.monitor && monitor.limits.iter().any(|limit| limit.series == info.name)
    });
    let is_share = info.aspect == Aspect::Utilisation && info.unit == SeriesUnit::Ratio;
    has_limit || is_share && series.values.iter().any(|value| value.is_finite())
}

/// How many rows a short list leaves out.
pub fn n_left_out(watched: &Watched, monitors: &[Monitor]) -> usize {
    let n_telling = watched.series.iter().filter(|series| is_telling(series, monitors)).count();
    if n_telling == 0 { 0 } else { watched.series.len() - n_telling }
}

/// The stretch that the figures cover, in words.
pub fn stretch_words(sight: &Sight<'_>) -> String {
    match sight.selection {
        Some((from, to)) => {
            let clock = |secs: u32| humanize::clock(Duration::from_secs(secs.into()));
            format!("{} to {}", clock(from), clock(to))
        }
        None if sight.is_live() => "run so far".to_owned(),
        None => window_words(&Window::Steady, sight.plan),
    }
}

/// The rows in the order of the monitors.
pub fn rows(sight: &Sight<'_>, watch: WatchSight<'_>, choice: RowChoice) -> Vec<ResourceRow> {
    let monitors = &sight.scenario.monitors;
    let shows_all = choice.all_series || n_left_out(watch.watched, monitors) == 0;
    let shown = watch.watched.series.iter().filter(|series| shows_all || is_telling(series, monitors));
    // Of a long run, only what is shown is worth working out.
    let shown = Watched { monitors: Vec::new(), series: shown.cloned().collect() };
    let used = WatchedUse::of(&shown, monitors, sight.plan, (sight.elapsed, &Window::Steady));
    let mut rows = Vec::new();
    for (series, used) in shown.series.iter().zip(&used.series) {
        let bound = used.limit.as_ref().map(|limit| limit.bound);
        let stretch = match sight.selection {
            Some((from, to)) => {
                let value = |second: u32| series.at(second).unwrap_or(f64::NAN);
                let end = to.min(sight.elapsed.as_secs_f64().ceil() as u32).max(from);
                StretchUse::of((from..end).map(value), bound)
            }
            None if sight.is_live() => used.whole,
            None => used.steady,
        };
        let unit = series.info.unit;
        let now = series.values.iter().rev().copied();
        let now = if sight.is_live() { now.take(1).next() } else { None };
        rows.push(ResourceRow {
            name: long_name(&series.info),
            meaning: series.info.meaning.clone(),
            now: text(unit, now.filter(|value| value.is_finite())),
            limit: used.limit.as_ref().map_or_else(String::new, |limit| {
                format!("{} {}", limit.statistic.name(), series_limit_text(unit, limit.bound))
            }),
            ..figures(unit, &stretch)
        });
        if choice.by_stage {
            let stages = used.stages.iter().enumerate().filter(|(_, stage)| stage.n_seconds > 0);
            rows.extend(stages.map(|(index, stage)| ResourceRow {
                stage: sight.plan.stages()[index].name.clone(),
                ..figures(unit, stage)
            }));
        }
    }
    rows
}

fn figures(unit: SeriesUnit, stretch: &StretchUse) -> ResourceRow {
    let spread = stretch.spread;
    ResourceRow {
        mean: text(unit, spread.map(|spread| spread.mean)),
        p95: text(unit, spread.map(|spread| spread.p95)),
        max: text(unit, spread.map(|spread| spread.max)),
        beyond: stretch.n_beyond.map_or_else(String::new, |n| humanize::span(Duration::from_secs(n))),
        is_beyond: stretch.n_beyond.is_some_and(|n| n > 0),
        n_gaps: if stretch.n_gaps() == 0 {
            String::new()
        } else {
            humanize::span(Duration::from_secs(stretch.n_gaps()))
        },
        ..ResourceRow::default()
    }
}

fn text(unit: SeriesUnit, value: Option<f64>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |value| series_text(unit, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::sample, app::state::LoadedRun};

    fn of(sight: &Sight<'_>, choice: RowChoice) -> Vec<ResourceRow> {
        rows(sight, sight.watch.unwrap(), choice)
    }

    #[test]
    fn figures_are_of_the_steady_stages_or_of_the_selection() {
        let run = LoadedRun::new(sample::watched()).unwrap();
        let sight = Sight::kept(&run);
        let short = of(&sight, RowChoice::default());
        let names: Vec<&str> = short.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["CPU (machine)", "memory (machine)", "hit share (cache)"]);
        assert_eq!((short[0].mean.as_str(), short[0].beyond.as_str()), ("60 %", "0 s"));
        assert_eq!(short[0].limit, "p95 ≤ 70 %");
        assert_eq!(short[2].n_gaps, "5 s");
        let selected = of(&sight.with_selection(Some((28, 34))), RowChoice::default());
        assert_eq!((selected[0].max.as_str(), selected[0].beyond.as_str()), ("90 %", "4 s"));
        assert!(selected[0].is_beyond);
        let behind = of(&sight.with_selection(Some((50, 60))), RowChoice::default());
        assert_eq!(behind[0].mean, MISSING);
    }

    #[test]
    fn all_series_and_all_stages_show_where_they_are_asked_for() {
        let run = LoadedRun::new(sample::watched()).unwrap();
        let sight = Sight::kept(&run);
        assert_eq!(n_left_out(&run.record.watched, &sight.scenario.monitors), 3);
        let all = of(&sight, RowChoice { all_series: true, by_stage: false });
        assert_eq!(all.len(), 6);
        let by_stage = of(&sight, RowChoice { all_series: false, by_stage: true });
        let cpu: Vec<(&str, &str)> =
            by_stage[..4].iter().map(|row| (row.stage.as_str(), row.max.as_str())).collect();
        assert_eq!(
            cpu,
            [("", "60 %"), ("Ramp-up (50)", "30 %"), ("Sustain (50)", "60 %"), ("Spike (200)", "90 %")]
        );
    }
}
