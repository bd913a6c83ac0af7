//! The runs of a scenario in order of time, told apart by their set-up, with the changes found among those of one.

use std::collections::HashMap;

use super::metric::TrendMetric;
use crate::{
    analysis::trend::{MIN_RUNS, Trend, TrendMetric as Measured, TrendPoint, TrendScale},
    app::history::run_title,
    humanize,
    launch::unfit_for_trends,
    metrics::{Finish, RunId, Verdict},
    store::RunListing,
};

/// What is shown of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub scenario: String,
    pub metric: TrendMetric,
    /// The set-up whose runs are joined; none for that of the newest run.
    pub fingerprint: Option<String>,
}

/// One run in the trend.
#[derive(Clone, Debug)]
pub struct TrendRun {
    pub run_id: RunId,
    /// The name that it was given, or its number.
    pub title: String,
    pub started_at_unix_millis: i64,
    pub value: Option<f64>,
    /// Place among the set-ups.
    pub setup: usize,
    pub verdict: Option<Verdict>,
    pub window: String,
    pub is_baseline: bool,
    /// Why its number does not count.
    pub unfit: Option<&'static str>,
    pub is_outlier: bool,
}

/// Runs that may stand in one line: same scenario, target, machine and program.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    pub fingerprint: String,
    /// Where its runs went.
    pub place: String,
    pub n_runs: usize,
    pub newest: RunId,
}

/// Between two runs the numbers moved.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendChange {
    /// Places of the runs on both sides, in the list of all runs.
    pub before_at: usize,
    pub after_at: usize,
    pub before: f64,
    pub after: f64,
    /// As a ratio, or in percentage points.
    pub words: String,
    pub p_value: f64,
    pub is_provisional: bool,
    pub is_worse: bool,
}

/// Runs at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    pub first_at: usize,
    pub last_at: usize,
    pub value: f64,
}

/// A scenario's runs, made ready to be drawn.
#[derive(Debug, Default)]
pub struct TrendLine {
    /// All runs of the scenario that have ended, in order of time.
    pub runs: Vec<TrendRun>,
    /// The set-up of the newest run first.
    pub setups: Vec<Setup>,
    /// The set-up whose runs are joined.
    pub chosen: usize,
    pub changes: Vec<TrendChange>,
    /// The levels between changes.
    pub levels: Vec<Level>,
    /// Runs that changes were looked for in.
    pub n_counted: usize,
    pub baseline: Option<(RunId, f64)>,
}

impl TrendLine {
    /// Puts the runs of a scenario in line; `listings` are newest first.
    pub fn of(listings: &[RunListing], wanted: &Wanted) -> Self {
        let mut of_scenario: Vec<&RunListing> = listings
            .iter()
            .filter(|listing| listing.scenario_name == wanted.scenario && listing.finish != Finish::Running)
            .collect();
        of_scenario.sort_by_key(|listing| (listing.started_at_unix_millis, listing.run_id));
        let setups = setups(&of_scenario);
        let fingerprint = wanted.fingerprint.as_deref().or_else(|| {
            let newest = of_scenario
                .iter()
                .rev()
                .find(|listing| listing.digest.is_some() && unfit_for_trends(listing).is_none());
            newest.map(|listing| listing.fingerprint.as_str())
        });
        let chosen = setups.iter().position(|setup| fingerprint == Some(setup.fingerprint.as_str()));
        let places: HashMap<&str, usize> =
            setups.iter().enumerate().map(|(place, setup)| (setup.fingerprint.as_str(), place)).collect();
        let run =
            |listing: &&RunListing| trend_run(listing, places[listing.fingerprint.as_str()], wanted.metric);
        let mut line = Self {
            runs: of_scenario.iter().map(run).collect(),
            chosen: chosen.unwrap_or(0),
            setups,
            ..Self::default()
        };
        line.find_changes(wanted.metric);
        let is_baseline = |run: &&TrendRun| run.is_baseline && run.setup == line.chosen;
        let baseline = line.runs.iter().rev().find(is_baseline);
        line.baseline = baseline.and_then(|run| Some((run.run_id, run.value?)));
        line
    }

    /// Places of the runs that count for the line, with their numbers.
    pub fn counted(&self) -> Vec<(usize, f64)> {
        let counts = |run: &TrendRun| run.setup == self.chosen && run.unfit.is_none();
        let runs = self.runs.iter().enumerate().filter(|(_, run)| counts(run));
        runs.filter_map(|(place, run)| Some((place, run.value?))).collect()
    }

    fn find_changes(&mut self, metric: TrendMetric) {
        let counted = self.counted();
        self.n_counted = counted.len();
        let point = |&(place, value): &(usize, f64)| {
            let run = &self.runs[place];
            TrendPoint {
                at_unix_millis: run.started_at_unix_millis,
                value: Some(value),
                run_id: Some(run.run_id),
            }
        };
        let trend = Trend::new(Measured::OfRuns(metric.metric()), counted.iter().map(point).collect());
        if counted.len() < MIN_RUNS {
            return;
        }
        for outlier in &trend.outliers {
            self.runs[counted[*outlier].0].is_outlier = true;
        }
        let words = |change: f64| match trend.scale {
            TrendScale::Ratios => humanize::change(change),
            TrendScale::Differences => humanize::percent_change(change),
        };
        let changes = trend.change_points.iter().map(|point| TrendChange {
            before_at: counted[point.index_before].0,
            after_at: counted[point.index].0,
            before: point.before,
            after: point.after,
            words: words(point.change),
            p_value: point.p_value,
            is_provisional: point.is_provisional,
            is_worse: point.is_worse,
        });
        self.changes = changes.collect();
        let levels = trend.segments.iter().map(|segment| Level {
            first_at: counted[segment.first].0,
            last_at: counted[segment.last].0,
            value: segment.level,
        });
        self.levels = levels.collect();
    }

    /// Runs that the line leaves out, and why, in words; none where it has all.
    pub fn left_out_words(&self) -> Option<String> {
        let n_elsewhere = self.runs.iter().filter(|run| run.setup != self.chosen).count();
        let n_unfit = self.runs.iter().filter(|run| run.setup == self.chosen && run.unfit.is_some()).count();
        let without =
            |run: &&TrendRun| run.setup == self.chosen && run.unfit.is_none() && run.value.is_none();
        let n_without = self.runs.iter().filter(without).count();
        let parts = [
            (n_elsewhere, "of another set-up (load, target, machine or version), shown apart"),
            (n_unfit, "that ended early or whose measurement is invalid, marked by a cross"),
            (n_without, "without such a number"),
        ];
        let words: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, words)| format!("{} {words}", humanize::counted(*n as u64, "run")))
            .collect();
        (!words.is_empty()).then(|| format!("Not in the line: {}.", words.join("; ")))
    }
}

fn trend_run(listing: &RunListing, setup: usize, metric: TrendMetric) -> TrendRun {
    let digest = listing.digest.as_ref();
    TrendRun {
        run_id: listing.run_id,
        title: run_title(listing),
        started_at_unix_millis: listing.started_at_unix_millis,
        value: digest.and_then(|digest| digest.metric(metric.metric())),
        setup,
        verdict: digest.map(|digest| digest.verdict),
        window: digest.map(|digest| digest.window.clone()).unwrap_or_default(),
        is_baseline: listing.is_baseline,
        unfit: unfit_for_trends(listing),
        is_outlier: false,
    }
}

/// The set-ups in order of their newest runs; `runs` are oldest first.
fn setups(runs: &[&RunListing]) -> Vec<Setup> {
    let mut setups: Vec<Setup> = Vec::new();
    for listing in runs.iter().rev() {
        match setups.iter_mut().find(|setup| setup.fingerprint == listing.fingerprint) {
            Some(setup) => setup.n_runs += 1,
            None => setups.push(Setup {
                fingerprint: listing.fingerprint.clone(),
                place: listing.place().to_owned(),
                n_runs: 1,
                newest: listing.run_id,
            }),
        }
    }
    setups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::history::sample_listing;

    fn wanted(metric: TrendMetric) -> Wanted {
        Wanted { scenario: "Search".to_owned(), metric, fingerprint: None }
    }

    /// Runs of 40 ms that take 60 ms from run 13 on, newest first.
    fn listings(n_runs: i64) -> Vec<RunListing> {
        let p95 = |run_id: i64| if run_id < 13 { 40 } else { 60 } + (run_id % 3) as u64;
        (1..=n_runs).rev().map(|run_id| sample_listing(run_id, "Search", Some(p95(run_id)))).collect()
    }

    #[test]
    fn a_change_stands_between_the_runs_on_both_sides() {
        let line = TrendLine::of(&listings(24), &wanted(TrendMetric::P95));
        let [change] = line.changes.as_slice() else { panic!("{:?}", line.changes) };
        let ids = [change.before_at, change.after_at].map(|place| line.runs[place].run_id);
        assert_eq!(ids, [RunId(12), RunId(13)]);
        assert!(change.is_worse && change.words.starts_with("+4"), "{}", change.words);
        assert_eq!(line.left_out_words(), None);
    }

    #[test]
    fn runs_of_another_set_up_and_runs_that_ended_early_do_not_count() {
        let mut listings = listings(24);
        listings[3].fingerprint = "another machine".to_owned();
        listings[4].finish = Finish::Aborted;
        let line = TrendLine::of(&listings, &wanted(TrendMetric::P95));
        assert_eq!((line.n_counted, line.setups.len(), line.setups[0].n_runs), (22, 2, 23));
        let words = line.left_out_words().unwrap();
        assert!(
            words.contains("1 run of another set-up") && words.contains("1 run that ended early"),
            "{words}"
        );
        let other = Wanted { fingerprint: Some("another machine".to_owned()), ..wanted(TrendMetric::P95) };
        assert_eq!(TrendLine::of(&listings, &other).n_counted, 1);
    }

    #[test]
    fn few_runs_and_runs_without_the_number_make_no_changes() {
        assert!(TrendLine::of(&listings(9), &wanted(TrendMetric::P95)).changes.is_empty());
        let line = TrendLine::of(&listings(24), &wanted(TrendMetric::P99));
        assert_eq!(line.n_counted, 0);
        assert!(line.left_out_words().unwrap().contains("24 runs without such a number"));
    }
}
