//! What monitors read on both sides: series of one monitor and name, over what the runs have in common and stage by stage.
//!
//! A series is neither better nor worse for being higher, so there is no verdict: the sizes, and for means an interval.

use std::collections::BTreeSet;

use crate::analysis::stats::{MeanDifference, N_BLOCKS, WelchStratum, welch, welch_stratified};
use crate::analysis::{Spread, series_change_text, series_text};
use crate::metrics::{ResourceSeries, SeriesInfo};
use crate::model::{Aspect, SeriesStatistic, SeriesUnit};

use super::{RowScope, alignment::Common, measured::ComparedRun, rows::SideRuns};

/// What stands where a change has none.
const NO_INTERVAL: &str = "no interval";

/// A statistic of a series on the baseline and on each candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceRow {
    /// The run or a stage.
    pub scope: RowScope,
    pub info: SeriesInfo,
    /// Mean or p95.
    pub statistic: SeriesStatistic,
    /// In the unit of the series; of repetitions the mean of theirs. None where nothing was read.
    pub baseline: Option<f64>,
    /// In the order of the candidates.
    pub candidates: Vec<ResourceChange>,
    /// Whether a short list shows it: a limit is set on it, or it is a share of what there is.
    pub is_telling: bool,
}

/// What a candidate's series came to beside the baseline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResourceChange {
    pub measured: Option<f64>,
    /// Candidate − baseline, in the unit of the series; none where one of them was not read.
    pub difference: Option<f64>,
    /// Of the difference, at 95 % confidence; none where the readings carry none.
    pub interval: Option<(f64, f64)>,
}

impl ResourceRow {
    /// `CPU (machine)`.
    pub fn name(&self) -> String {
        format!("{} ({})", self.info.name, self.info.monitor)
    }

    /// A value as it may be printed.
    pub fn text(&self, value: Option<f64>) -> String {
        value.map_or_else(|| crate::humanize::MISSING.to_owned(), |value| series_text(self.info.unit, value))
    }

    /// How far a candidate lies from the baseline: shares in percentage points, all else in per cent.
    pub fn change_text(&self, change: &ResourceChange) -> String {
        let text = self.baseline.zip(change.measured);
        let text = text.and_then(|(from, to)| series_change_text(self.info.unit, from, to));
        text.unwrap_or_else(|| crate::humanize::MISSING.to_owned())
    }

    /// The interval of the change in the same measure.
    pub fn interval_text(&self, change: &ResourceChange) -> String {
        let bound = |base: f64, bound: f64| series_change_text(self.info.unit, base, base + bound);
        let texts = self.baseline.zip(change.interval);
        let texts = texts.and_then(|(base, (low, high))| Some((bound(base, low)?, bound(base, high)?)));
        texts.map_or_else(|| NO_INTERVAL.to_owned(), |(low, high)| format!("{low} to {high}"))
    }
}

impl ResourceChange {
    /// Whether the interval says that the two differ at all.
    pub fn is_shown(&self) -> bool {
        self.interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    }
}

/// A series' seconds in each stretch of one run, in order; gaps are left out.
type Stretched = Vec<Vec<f64>>;

/// Rows of every series that all runs have, the run first, then stage by stage.
pub(super) fn rows(sides: &[SideRuns<'_>], common: &Common) -> Vec<ResourceRow> {
    let Some(first) = sides.first().and_then(|side| side.runs.first()).map(|placed| placed.run) else {
        return Vec::new();
    };
    let mut of_run = Vec::new();
    let mut of_stages = Vec::new();
    for series in shared(first, sides) {
        // By side and run: the stretches that all have in common.
        let read: Vec<Vec<Stretched>> =
            sides.iter().map(|side| side_values(side, &series.info, common)).collect();
        let is_telling = is_telling(first, &series.info);
        let add = |rows: &mut Vec<ResourceRow>, scope: &RowScope, stretches: &[usize]| {
            for statistic in [SeriesStatistic::Mean, SeriesStatistic::P95] {
                rows.extend(row((scope, &series.info, is_telling), statistic, &read, stretches));
            }
        };
        let every: Vec<usize> = (0..common.stretches.len()).collect();
        add(&mut of_run, &RowScope::Run, &every);
        if every.len() > 1 && is_telling {
            for stretch in every {
                let name = first.stretches[common.stretches[stretch][0]].name.clone();
                add(&mut of_stages, &RowScope::Stage(name), &[stretch]);
            }
        }
    }
    of_run.append(&mut of_stages);
    of_run
}

/// The baseline's series that every run has.
fn shared<'a>(first: &'a ComparedRun, sides: &[SideRuns<'_>]) -> Vec<&'a ResourceSeries> {
    let names = |run: &ComparedRun| -> BTreeSet<(String, String)> {
        let series = run.watched.series.iter();
        series.map(|series| (series.info.monitor.clone(), series.info.name.clone())).collect()
    };
    let runs = sides.iter().flat_map(|side| &side.runs).map(|placed| names(placed.run));
    let shared = runs.reduce(|all, names| all.intersection(&names).cloned().collect()).unwrap_or_default();
    let is_shared =
        |series: &&ResourceSeries| shared.contains(&(series.info.monitor.clone(), series.info.name.clone()));
    first.watched.series.iter().filter(is_shared).collect()
}

fn is_telling(run: &ComparedRun, info: &SeriesInfo) -> bool {
    let monitors = run.start.scenario.monitors.iter().filter(|monitor| monitor.name == info.monitor);
    let is_limited = monitors.flat_map(|monitor| &monitor.limits).any(|limit| limit.series == info.name);
    is_limited || info.aspect == Aspect::Utilisation && info.unit == SeriesUnit::Ratio
}

fn side_values(side: &SideRuns<'_>, info: &SeriesInfo, common: &Common) -> Vec<Stretched> {
    let of_run = |placed: &super::rows::PlacedRun<'_>| -> Stretched {
        let found = placed.run.watched.series(&info.monitor, &info.name);
        let stretches = common.of_run(placed.place);
        let values = |stretch: &usize| -> Vec<f64> {
            let seconds = &placed.run.stretches[*stretch].seconds;
            seconds.iter().filter_map(|second| found?.at(*second)).collect()
        };
        stretches.iter().map(values).collect()
    };
    side.runs.iter().map(of_run).collect()
}

/// None where no side read anything.
fn row(
    (scope, info, is_telling): (&RowScope, &SeriesInfo, bool),
    statistic: SeriesStatistic,
    sides: &[Vec<Stretched>],
    stretches: &[usize],
) -> Option<ResourceRow> {
    let figures: Vec<Vec<Option<f64>>> =
        sides.iter().map(|runs| runs.iter().map(|run| figure(run, stretches, statistic)).collect()).collect();
    let baseline = mean_of(&figures[0]);
    let candidates: Vec<ResourceChange> = (1..sides.len())
        .map(|side| {
            let measured = mean_of(&figures[side]);
            let difference = baseline.zip(measured).map(|(base, candidate)| candidate - base);
            let found = match (&sides[0][..], &sides[side][..]) {
                ([base], [candidate]) => of_blocks(base, candidate, stretches, statistic),
                _ => of_runs(&figures[0], &figures[side]),
            };
            let interval = found.map(|found| (found.low, found.high)).filter(|_| difference.is_some());
            ResourceChange { measured, difference, interval }
        })
        .collect();
    let is_read = baseline.is_some() || candidates.iter().any(|change| change.measured.is_some());
    is_read.then(|| ResourceRow {
        scope: scope.clone(),
        info: info.clone(),
        statistic,
        baseline,
        candidates,
        is_telling,
    })
}

fn figure(run: &Stretched, stretches: &[usize], statistic: SeriesStatistic) -> Option<f64> {
    let values = stretches.iter().flat_map(|stretch| run[*stretch].iter().copied()).collect();
    Some(Spread::of(values)?.statistic(statistic))
}

/// None where one of them is missing: a mean of fewer runs would be another figure.
fn mean_of(figures: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = figures.iter().copied().collect::<Option<_>>()?;
    Some(known.iter().sum::<f64>() / known.len() as f64)
}

/// The run is the unit.
fn of_runs(base: &[Option<f64>], candidate: &[Option<f64>]) -> Option<MeanDifference> {
    let known = |figures: &[Option<f64>]| figures.iter().copied().collect::<Option<Vec<f64>>>();
    welch(&known(base)?, &known(candidate)?)
}

/// Of two runs: means of equal blocks of each stretch, as latencies are compared; a percentile of seconds that depend on
/// each other has none.
fn of_blocks(
    base: &Stretched,
    candidate: &Stretched,
    stretches: &[usize],
    statistic: SeriesStatistic,
) -> Option<MeanDifference> {
    if statistic != SeriesStatistic::Mean {
        return None;
    }
    let stratum = |stretch: &usize| WelchStratum {
        weight: base[*stretch].len() as f64,
        base: block_means(&base[*stretch]),
        candidate: block_means(&candidate[*stretch]),
    };
    let strata: Vec<WelchStratum> = stretches.iter().map(stratum).collect();
    // An interval of some stages alone would be that of another figure.
    let is_whole = strata.iter().all(|stratum| !stratum.base.is_empty() && !stratum.candidate.is_empty());
    if is_whole { welch_stratified(&strata) } else { None }
}

fn block_means(values: &[f64]) -> Vec<f64> {
    if values.len() < N_BLOCKS {
        return Vec::new();
    }
    let block = |block: usize| {
        let within = &values[values.len() * block / N_BLOCKS..values.len() * (block + 1) / N_BLOCKS];
        within.iter().sum::<f64>() / within.len() as f64
    };
    (0..N_BLOCKS).map(block).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::super::{CompareOptions, Comparison, Side, Stretches, compare};
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::metrics::{KeptRun, RunRecord};

    /// A watched run whose processors sway around a level by a tenth of it.
    fn run(seed: u64, level: f64) -> RunRecord {
        let mut record = sample::watched();
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut watched = (*record.watched).clone();
        watched.series[0]
            .values
            .iter_mut()
            .for_each(|value| *value = level * (0.95 + 0.1 * random.random::<f64>()));
        record.watched = watched.into();
        record.run_id = crate::metrics::RunId(seed as i64);
        record
    }

    fn side(records: &[RunRecord], stretches: &Stretches) -> Side {
        let measured = |record: &RunRecord| {
            let kept = KeptRun::from(record.clone());
            let summary = summarize(&kept.record).unwrap();
            super::ComparedRun::new(&kept.record, &summary, &kept.history, stretches).unwrap()
        };
        Side { runs: records.iter().map(measured).collect() }
    }

    fn compared(base: &[RunRecord], candidate: &[RunRecord]) -> Comparison {
        let sides = [side(base, &Stretches::Held), side(candidate, &Stretches::Held)];
        compare(&sides, &CompareOptions::default(), &|| false).unwrap().unwrap()
    }

    fn find<'a>(
        comparison: &'a Comparison,
        scope: &RowScope,
        name: &str,
        statistic: SeriesStatistic,
    ) -> &'a ResourceRow {
        let is_it =
            |row: &&ResourceRow| row.scope == *scope && row.name() == name && row.statistic == statistic;
        comparison.resources.iter().find(is_it).unwrap()
    }

    #[test]
    fn a_mean_that_moved_is_told_with_its_interval_and_a_percentile_without() {
        let comparison = compared(&[run(1, 0.5)], &[run(2, 0.6)]);
        let mean = find(&comparison, &RowScope::Run, "CPU (machine)", SeriesStatistic::Mean);
        let change = &mean.candidates[0];
        assert!(change.is_shown() && (change.difference.unwrap() - 0.1).abs() < 0.01, "{change:?}");
        let (low, high) = change.interval.unwrap();
        assert!(low < 0.1 && 0.1 < high && high - low < 0.05, "{change:?}");
        assert!(mean.change_text(change).ends_with(" pp"), "{}", mean.change_text(change));
        assert!(mean.interval_text(change).contains(" pp to +"), "{}", mean.interval_text(change));
        let p95 = find(&comparison, &RowScope::Run, "CPU (machine)", SeriesStatistic::P95);
        assert_eq!(p95.interval_text(&p95.candidates[0]), "no interval");
        assert!(comparison.setup_differences[0].is_empty(), "{:?}", comparison.setup_differences);
    }

    #[test]
    fn stages_have_rows_of_what_tells_most_and_a_short_one_leaves_the_whole_without_interval() {
        let sides = [run(1, 0.5), run(2, 0.6)].map(|record| side(&[record], &Stretches::All));
        let comparison = compare(&sides, &CompareOptions::default(), &|| false).unwrap().unwrap();
        let mean = |scope: &RowScope| find(&comparison, scope, "CPU (machine)", SeriesStatistic::Mean);
        let stage = |name: &str| RowScope::Stage(name.to_owned());
        assert!(mean(&stage("Sustain (50)")).candidates[0].is_shown());
        // Five seconds make no ten blocks.
        assert_eq!(mean(&stage("Ramp-up (50)")).candidates[0].interval, None);
        assert_eq!(mean(&RowScope::Run).candidates[0].interval, None);
        let is_untelling = |row: &ResourceRow| row.info.name == "network sent" && row.scope != RowScope::Run;
        assert!(!comparison.resources.iter().any(is_untelling));
    }

    #[test]
    fn two_runs_alike_are_seldom_told_apart() {
        let n_shown = (1..=20)
            .filter(|pair| {
                let comparison = compared(&[run(2 * pair, 0.5)], &[run(2 * pair + 1, 0.5)]);
                let row = find(&comparison, &RowScope::Run, "CPU (machine)", SeriesStatistic::Mean);
                row.candidates[0].is_shown()
            })
            .count();
        assert!(n_shown <= 4, "{n_shown} of 20");
    }

    #[test]
    fn of_repetitions_the_run_is_the_unit() {
        let runs = |level: f64, from: u64| (from..from + 5).map(|seed| run(seed, level)).collect::<Vec<_>>();
        let comparison = compared(&runs(0.5, 1), &runs(0.6, 11));
        let p95 = find(&comparison, &RowScope::Run, "CPU (machine)", SeriesStatistic::P95);
        assert!(p95.candidates[0].is_shown(), "{p95:?}");
    }

    #[test]
    fn what_only_one_run_has_is_no_row_but_a_difference_of_the_set_up() {
        let mut other = run(2, 0.5);
        let mut watched = (*other.watched).clone();
        watched.series.retain(|series| series.info.monitor == "cache");
        other.watched = watched.into();
        other.start.scenario.monitors.remove(0);
        let comparison = compared(&[run(1, 0.5)], &[other]);
        assert!(comparison.resources.iter().all(|row| row.info.monitor == "cache"));
        assert_eq!(comparison.setup_differences[0], ["Monitors: machine, cache → cache."]);
    }
}
