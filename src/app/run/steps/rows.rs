//! The steps of a run in figures and words: by service, with each service's own merged percentiles.

use std::{cmp::Ordering, time::Duration};

use super::{
    StepColumn,
    budget::{Budgets, step_budgets},
};
use crate::analysis::{Intervals, Reading, StretchIntervals, Summary, shortest_timeout};
use crate::app::run::{
    ghost::P95Change,
    sight::{Sight, Source},
};
use crate::humanize::{self, MISSING};
use crate::metrics::PercentileInterval;
use crate::metrics::{Aggregate, StepStats};
use crate::model::{Metric, Scenario, Scope, Service};

/// The response times of a row, in the order of their columns.
const LATENCIES: [Metric; 5] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.9),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Max,
];

/// A step, or several together, in numbers: to sort by.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub n_requests: u64,
    pub n_errors: u64,
    pub error_ratio: Option<f64>,
    pub per_sec: Option<f64>,
    /// p50, p90, p95, p99 and the longest.
    pub latencies: [Option<Reading>; LATENCIES.len()],
    pub bytes_received: u64,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    /// The journey of a step whose name others have too; nothing else tells them apart.
    pub journey: Option<String>,
    /// Which steps it counts, by their index among all steps.
    pub steps: Vec<usize>,
    pub figures: Figures,
    /// Of its percentiles, where they are known: for a kept run's own numbers, and for a selected stretch.
    pub intervals: Intervals,
    pub budgets: Budgets,
    /// What its p95 has changed by since the ghost; of several steps together, the largest.
    pub p95_change: Option<f64>,
    /// Where its curve stands among the curves of all rows.
    pub spark: usize,
}

/// The steps of one service, or those that belong to none.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceGroup {
    pub service: Option<String>,
    /// All steps of the service together.
    pub row: Row,
    pub rows: Vec<Row>,
}

/// All that the table shows of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct StepGroups {
    pub groups: Vec<ServiceGroup>,
    /// All steps together.
    pub all: Row,
}

impl StepGroups {
    /// The steps grouped by service, in the order of the scenario.
    pub fn new(sight: &Sight<'_>) -> Self {
        let maker = Maker::new(sight);
        let mut groups: Vec<(Option<String>, Vec<usize>)> = Vec::new();
        for (step, _, described) in sight.scenario.sent_steps() {
            match groups.iter_mut().find(|(service, _)| *service == described.service) {
                Some((_, steps)) => steps.push(step),
                None => groups.push((described.service.clone(), vec![step])),
            }
        }
        let all_steps: Vec<usize> = sight.scenario.sent_steps().map(|(step, ..)| step).collect();
        let mut made = Self {
            groups: groups.into_iter().map(|(service, steps)| maker.group(service, steps)).collect(),
            all: Row {
                intervals: maker
                    .intervals(|summary| Some(&summary.headline_intervals), |stretch| Some(&stretch.all)),
                ..maker.row("All steps".to_owned(), all_steps, Budgets::default())
            },
        };
        made.rows_mut().enumerate().for_each(|(index, row)| row.spark = index);
        made
    }

    /// Whether any step belongs to a service.
    pub fn has_services(&self) -> bool {
        self.groups.iter().any(|group| group.service.is_some())
    }

    /// Whether any row has a limit to be held against.
    pub fn has_budgets(&self) -> bool {
        self.rows().any(|row| !row.budgets.is_empty())
    }

    /// Every row: each service followed by its steps, then all steps together.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        let of_groups = self.groups.iter().flat_map(|group| std::iter::once(&group.row).chain(&group.rows));
        of_groups.chain(std::iter::once(&self.all))
    }

    /// Takes over what each step's p95 has changed by, by its index in the scenario.
    pub fn set_changes(&mut self, changes: &[P95Change]) {
        for row in self.rows_mut() {
            let of_steps = row.steps.iter().filter_map(|step| changes.get(*step)?.ratio);
            row.p95_change = of_steps.max_by(f64::total_cmp);
        }
    }

    fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        let of_groups =
            self.groups.iter_mut().flat_map(|group| std::iter::once(&mut group.row).chain(&mut group.rows));
        of_groups.chain(std::iter::once(&mut self.all))
    }
}

/// Makes rows of what was measured of each step.
struct Maker<'a> {
    scenario: &'a Scenario,
    timeout: Duration,
    /// By the index among all steps.
    measured: Vec<Option<&'a StepStats>>,
    /// The stretch's length, and nothing in it.
    stretch: Aggregate,
    sure: Sure<'a>,
}

/// Where the intervals come from.
enum Sure<'a> {
    Unknown,
    Run(&'a Summary),
    Stretch(&'a StretchIntervals),
}

impl<'a> Maker<'a> {
    fn new(sight: &Sight<'a>) -> Self {
        let scenario = sight.scenario;
        let nothing = Aggregate::default();
        let (measured, stretch) = match (sight.sums, sight.source) {
            (Some(sums), _) => (sums.steps.iter().map(Some).collect(), sums.aggregate(StepStats::default())),
            (None, Source::Live(_)) => (Vec::new(), nothing),
            (None, Source::Kept(run)) => {
                let mut measured = vec![None; scenario.n_steps()];
                for ((step, ..), row) in scenario.sent_steps().zip(&run.summary.steps) {
                    measured[step] = Some(&row.aggregate.stats);
                }
                let headline = &run.summary.headline;
                let stretch =
                    Aggregate { duration: headline.duration, sent_ratio: headline.sent_ratio, ..nothing };
                (measured, stretch)
            }
        };
        let sure = match (sight.sums, sight.source) {
            (None, Source::Kept(run)) => {
                run.precise().map_or(Sure::Unknown, |precise| Sure::Run(&precise.summary))
            }
            _ => sight.intervals.map_or(Sure::Unknown, Sure::Stretch),
        };
        Self { scenario, timeout: shortest_timeout(scenario), measured, stretch, sure }
    }

    fn group(&self, service: Option<String>, steps: Vec<usize>) -> ServiceGroup {
        let place = self.scenario.services.iter().position(|known| Some(&known.name) == service.as_ref());
        let described = place.map(|place| &self.scenario.services[place]);
        let rows = steps.iter().map(|step| self.step(*step, described)).collect();
        let name = service.clone().unwrap_or_else(|| "No service".to_owned());
        let limits = described.map_or(Budgets::default(), Budgets::of_service);
        let of_service = service.as_ref().map(|name| Scope::Service(name.clone()));
        let intervals = self.intervals(
            |summary| summary.intervals_of(of_service.as_ref()?),
            |stretch| stretch.services.get(place?),
        );
        ServiceGroup { row: Row { intervals, ..self.row(name, steps, limits) }, rows, service }
    }

    fn step(&self, step: usize, service: Option<&Service>) -> Row {
        let described = self.scenario.steps().nth(step);
        let (journey, name) = described.map_or((0, ""), |(journey, step)| (journey, &step.name));
        let has_namesake = self.scenario.sent_steps().filter(|(_, _, other)| other.name == name).count() > 1;
        let limits = step_budgets(self.scenario, name, service);
        let journey = has_namesake.then(|| self.scenario.journeys[journey].name.clone());
        let place = self.scenario.sent_steps().position(|(index, ..)| index == step);
        let intervals = self.intervals(
            |summary| Some(&summary.steps.get(place?)?.intervals),
            |stretch| stretch.steps.get(step),
        );
        Row { journey, intervals, ..self.row(name.to_owned(), vec![step], limits) }
    }

    fn intervals(
        &self,
        of_run: impl Fn(&'a Summary) -> Option<&'a Intervals>,
        of_stretch: impl Fn(&'a StretchIntervals) -> Option<&'a Intervals>,
    ) -> Intervals {
        let found = match self.sure {
            Sure::Unknown => None,
            Sure::Run(summary) => of_run(summary),
            Sure::Stretch(stretch) => of_stretch(stretch),
        };
        found.cloned().unwrap_or_default()
    }

    fn row(&self, name: String, steps: Vec<usize>, budgets: Budgets) -> Row {
        let mut together = self.stretch.clone();
        for stats in steps.iter().filter_map(|step| *self.measured.get(*step)?) {
            together.stats.merge_responses(stats);
        }
        let figures = Figures::of(&together, self.timeout);
        let budgets = budgets.held_against(&together, self.timeout);
        let intervals = Intervals::default();
        Row { name, journey: None, steps, figures, intervals, budgets, p95_change: None, spark: 0 }
    }
}

impl Figures {
    fn of(aggregate: &Aggregate, timeout: Duration) -> Self {
        let counters = &aggregate.stats.counters;
        Self {
            n_requests: counters.n_requests(),
            n_errors: counters.n_errors(),
            error_ratio: counters.error_ratio(),
            per_sec: aggregate.throughput_per_sec(),
            latencies: LATENCIES.map(|metric| Reading::of(aggregate, metric, timeout)),
            bytes_received: counters.bytes_received,
        }
    }
}

/// Which of the latencies a column shows.
fn latency_index(column: StepColumn) -> Option<usize> {
    [StepColumn::P50, StepColumn::P90, StepColumn::P95, StepColumn::P99, StepColumn::Max]
        .iter()
        .position(|latency| *latency == column)
}

impl Row {
    /// The interval of a percentile's column, where it is known and timeouts hide nothing.
    pub fn interval(&self, column: StepColumn) -> Option<&PercentileInterval> {
        let reading = self.figures.latencies[latency_index(column)?]?;
        self.intervals.at(reading.metric).filter(|_| !reading.is_censored)
    }

    /// The text of a column; none where it is drawn.
    pub fn text(&self, column: StepColumn) -> Option<String> {
        let figures = &self.figures;
        let or_missing = |text: Option<String>| text.unwrap_or_else(|| MISSING.to_owned());
        Some(match column {
            StepColumn::Name => self.name.clone(),
            StepColumn::Requests => humanize::count(figures.n_requests),
            StepColumn::Rate => or_missing(figures.per_sec.map(humanize::rate)),
            StepColumn::Errors => humanize::count(figures.n_errors),
            StepColumn::ErrorShare => or_missing(figures.error_ratio.map(humanize::percent)),
            StepColumn::Received => humanize::bytes(figures.bytes_received),
            StepColumn::Trend | StepColumn::Budget | StepColumn::Change => return None,
            latency => {
                let reading = latency_index(latency).and_then(|index| figures.latencies[index]);
                or_missing(reading.map(|reading| reading.text()))
            }
        })
    }

    /// The order of two rows by a column, the smaller first; what was not measured is smallest.
    pub fn compare(&self, other: &Self, column: StepColumn) -> Ordering {
        let (a, b) = (&self.figures, &other.figures);
        // A percentile that the timeout hides is longer than one of that length.
        let place = |reading: Option<Reading>| reading.map(|reading| (reading.value, reading.is_censored));
        match column {
            StepColumn::Name | StepColumn::Trend => self.name.cmp(&other.name),
            StepColumn::Change => measured_order(self.p95_change, other.p95_change),
            StepColumn::Requests => a.n_requests.cmp(&b.n_requests),
            StepColumn::Rate => measured_order(a.per_sec, b.per_sec),
            StepColumn::Errors => a.n_errors.cmp(&b.n_errors),
            StepColumn::ErrorShare => measured_order(a.error_ratio, b.error_ratio),
            StepColumn::Received => a.bytes_received.cmp(&b.bytes_received),
            StepColumn::Budget => measured_order(self.budgets.used_ratio(), other.budgets.used_ratio()),
            latency => {
                let index = latency_index(latency).unwrap_or(0);
                let (a, b) = (place(a.latencies[index]), place(b.latencies[index]));
                measured_order(a.map(|a| a.0), b.map(|b| b.0)).then(a.map(|a| a.1).cmp(&b.map(|b| b.1)))
            }
        }
    }
}

fn measured_order(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.is_some().cmp(&b.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::app::state::LoadedRun;
    use crate::metrics::{Outcome, RunRecord, RunTotals};
    use crate::model::{Step, Window};

    /// The sample run with a second step of service auth, of which some requests time out.
    fn record() -> RunRecord {
        let mut scenario = sample::scenario();
        let step = Step { service: Some("auth".to_owned()), ..Step::get("Sign out", "/") };
        scenario.journeys[0].steps.push(step);
        scenario.services[1].budgets.push(sample::budget_p95(90));
        let mut record = sample::record(scenario);
        sample::add(&mut record, 12, 1, &[(Outcome::Timeout, Duration::from_secs(30)); 20]);
        record
    }

    fn quantile(row: &Row, column: StepColumn) -> String {
        row.text(column).unwrap()
    }

    #[test]
    fn a_service_has_percentiles_of_its_own_from_merged_histograms() {
        let run = LoadedRun::new(record()).unwrap();
        let groups = StepGroups::new(&Sight::kept(&run));
        let names: Vec<_> = groups.rows().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["education", "List courses", "auth", "Sign in", "Sign out", "All steps"]);
        let totals = RunTotals::new(&run.record).unwrap();
        let auth = totals.select(&Scope::Service("auth".to_owned()), &Window::Steady);
        let row = &groups.groups[1].row;
        assert_eq!(row.figures, Figures::of(&auth, run.summary.timeout));
        assert_ne!(quantile(row, StepColumn::P95), quantile(&groups.groups[1].rows[0], StepColumn::P95));
        assert_eq!(groups.all.figures, Figures::of(&run.summary.headline, run.summary.timeout));
    }

    #[test]
    fn a_selected_stretch_is_summed_up_by_itself() {
        let run = LoadedRun::new(record()).unwrap();
        let sums = run.history.sums(12..14).unwrap();
        let groups = StepGroups::new(&Sight::kept(&run).with_sums(Some(&sums)));
        let sign_in = &groups.groups[1].rows[0];
        assert_eq!((sign_in.figures.n_requests, sign_in.figures.n_errors), (60, 20));
        assert_eq!(quantile(sign_in, StepColumn::ErrorShare), "33.3 %");
        assert_eq!(sign_in.figures.per_sec, Some(30.0));
    }

    #[test]
    fn a_selected_stretch_has_intervals_of_its_own() {
        let run = LoadedRun::new(record()).unwrap();
        let sums = run.history.sums(3..19).unwrap();
        let found = StretchIntervals::of(&run.record.start.scenario, &run.history, 3..19).unwrap();
        let sight = Sight::kept(&run).with_sums(Some(&sums));
        assert_eq!(StepGroups::new(&sight).all.interval(StepColumn::P50), None, "not yet");
        let groups = StepGroups::new(&sight.with_intervals(Some(&found)));
        for row in groups.rows().filter(|row| row.name != "Sign in" && row.name != "auth") {
            let interval = row.interval(StepColumn::P50).unwrap();
            assert_eq!(interval.n_samples, row.figures.n_requests - row.figures.n_errors, "{}", row.name);
            let p50 = Duration::from_secs_f64(row.figures.latencies[0].unwrap().value);
            assert!(interval.low.unwrap() <= p50 && p50 <= interval.high.unwrap(), "{interval:?}");
        }
        let short = StretchIntervals::of(&run.record.start.scenario, &run.history, 3..9).unwrap();
        assert!(short.all.is_empty(), "too short to be cut into blocks");
    }

    #[test]
    fn percentiles_that_timeouts_hide_say_so_and_sort_last() {
        let run = LoadedRun::new(record()).unwrap();
        let sums = run.history.sums(12..14).unwrap();
        let groups = StepGroups::new(&Sight::kept(&run).with_sums(Some(&sums)));
        let (sign_in, sign_out) = (&groups.groups[1].rows[0], &groups.groups[1].rows[1]);
        assert_eq!(quantile(sign_in, StepColumn::P95), "> 30.0 s");
        assert_eq!(quantile(sign_in, StepColumn::Max), "> 30.0 s");
        assert_eq!(sign_in.compare(sign_out, StepColumn::P95), Ordering::Greater);
        let mut measured = sign_in.clone();
        measured.figures.latencies[2] =
            measured.figures.latencies[2].map(|reading| Reading { is_censored: false, ..reading });
        assert_eq!(sign_in.compare(&measured, StepColumn::P95), Ordering::Greater, "longer than the timeout");
    }
}
