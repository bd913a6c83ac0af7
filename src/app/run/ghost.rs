//! A kept run that runs along as a ghost: its curves over the same stages, and what each step's p95 has changed by.

use std::{ops::Range, sync::Arc, time::Duration};

use super::{
    lines::RunLines,
    response_lines::ResponseLines,
    sight::{Sight, Source},
};
use crate::analysis::{CommonSeconds, StageAlignment, is_thin, matching_steps};
use crate::app::{
    charts::{Series, TimePoint},
    command::{Command, Commands},
    state::{LoadedRun, Shelf},
};
use crate::humanize::{self, MISSING};
use crate::metrics::{History, RunId, SecondPoint, StepStats};
use crate::model::Scenario;

/// A line is broken where two of its points are further apart.
const LONGEST_STEP_SECS: f64 = 1.5;

/// Which run is the ghost, and what was made of it for the run on the screen.
#[derive(Default)]
pub struct Ghost {
    choice: Choice,
    /// The scenario for which it was chosen.
    chosen_for: String,
    run: Option<Arc<LoadedRun>>,
    made_of: Option<MadeOf>,
    alignment: StageAlignment,
    changes: Vec<P95Change>,
}

/// What the analyst wants to see along with a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Choice {
    /// The baseline of the scenario at its base URL, if there is one.
    #[default]
    Baseline,
    Chosen(Option<RunId>),
}

/// What alignment and changes were made from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MadeOf {
    revision: u64,
    ghost: RunId,
    seconds: Option<Range<u32>>,
}

/// What a step's p95 has changed by since the ghost: a difference, and no verdict on it.
#[derive(Clone, Debug, PartialEq)]
pub struct P95Change {
    /// Of the ghost's p95; none where there is nothing to tell.
    pub ratio: Option<f64>,
    pub text: String,
    /// What it is a difference of.
    pub explanation: String,
}

impl Ghost {
    /// Shows this run along, or none.
    pub fn choose(&mut self, run_id: Option<RunId>) {
        self.choice = Choice::Chosen(run_id);
    }

    /// Takes the run that is to be seen along from the shelf, and asks for it where it is not read yet.
    pub fn follow(&mut self, sight: &Sight<'_>, shelf: &Shelf, commands: &mut Commands) {
        if self.chosen_for != sight.scenario.name {
            (self.choice, self.chosen_for) = (Choice::Baseline, sight.scenario.name.clone());
        }
        let wanted = match self.choice {
            Choice::Chosen(run_id) => run_id,
            Choice::Baseline => baseline_of(sight, shelf),
        };
        let wanted = wanted.filter(|run_id| *run_id != sight.run_id);
        self.run = wanted.and_then(|run_id| shelf.loaded(run_id)).map(Arc::clone);
        if let Some(run_id) = wanted
            && self.run.is_none()
            && shelf.trouble(run_id).is_none()
        {
            commands.push(Command::LoadRun(run_id));
        }
    }

    /// The run that is seen along.
    pub fn run_id(&self) -> Option<RunId> {
        self.run.as_ref().map(|run| run.record.run_id)
    }

    /// Works out anew what depends on the run on the screen, if that has something new.
    pub fn renew(&mut self, sight: &Sight<'_>) {
        let Some(run) = &self.run else {
            (self.made_of, self.changes) = (None, Vec::new());
            return;
        };
        let seconds = sight.sums.map(|sums| sums.seconds.clone());
        let made_of = MadeOf { revision: sight.revision(), ghost: run.record.run_id, seconds };
        if self.made_of.as_ref() == Some(&made_of) {
            return;
        }
        self.alignment = StageAlignment::new(sight.plan, &run.plan, run.record.end.load_duration);
        self.changes = p95_changes(sight, run, &self.alignment);
        self.made_of = Some(made_of);
    }

    /// What each step's p95 has changed by, by its index in the scenario; empty without a ghost.
    pub fn changes(&self) -> &[P95Change] {
        &self.changes
    }

    /// Adds the ghost's curves behind those of the run.
    pub fn haunt(&self, lines: &mut RunLines, chosen: ResponseLines) {
        let Some(run) = &self.run else { return };
        let secs = |latency: Option<Duration>| latency.map(|latency| latency.as_secs_f64());
        let line = |hue, value: &dyn Fn(&SecondPoint) -> Option<f64>| {
            let points = beside(&run.points, &self.alignment, value);
            Series::new(format!("baseline run {}", run.record.run_id), hue, points).ghost()
        };
        lines.rate.insert(0, line(2, &|point| Some(point.completed_per_sec)));
        let latency = chosen.chosen().map(|of| {
            let ghost = line(of.hue(), &|point| secs(of.of(point)));
            if of.is_dashed() { ghost.dashed() } else { ghost }
        });
        lines.latency.splice(0..0, latency);
    }
}

/// The baseline of the scenario as it is run here.
fn baseline_of(sight: &Sight<'_>, shelf: &Shelf) -> Option<RunId> {
    let (name, base_url) = (&sight.scenario.name, &sight.scenario.base_url);
    let mut baselines = shelf.listings().iter().filter(|listing| listing.is_baseline);
    baselines
        .find(|listing| listing.scenario_name == *name && listing.base_url == *base_url)
        .map(|listing| listing.run_id)
}

/// A ghost's values at the moments of the run to which they belong.
pub fn beside(
    points: &[SecondPoint],
    alignment: &StageAlignment,
    value: &dyn Fn(&SecondPoint) -> Option<f64>,
) -> Vec<TimePoint> {
    let moved = points.iter().filter_map(|point| {
        let at = alignment.to_run(Duration::from_millis(u64::from(point.second) * 1_000 + 500))?;
        Some(TimePoint { at_secs: at.as_secs_f64(), value: value(point) })
    });
    let mut moved: Vec<TimePoint> = moved.collect();
    moved.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
    let mut out: Vec<TimePoint> = Vec::with_capacity(moved.len());
    for point in moved {
        if let Some(last) = out.last().filter(|last| point.at_secs - last.at_secs > LONGEST_STEP_SECS) {
            out.push(TimePoint { at_secs: last.at_secs, value: None });
        }
        out.push(point);
    }
    out
}

/// The requests of a step that are held against each other.
struct Beside {
    run: StepStats,
    ghost: StepStats,
}

fn p95_changes(sight: &Sight<'_>, ghost: &LoadedRun, alignment: &StageAlignment) -> Vec<P95Change> {
    let matching = matching_steps(sight.scenario, &ghost.record.start.scenario);
    let steps = match (sight.sums, sight.source) {
        (Some(sums), _) => steps_in_common(sight, ghost, &alignment.in_common(sums.seconds.clone())),
        (None, Source::Kept(run)) => {
            (steps_of_summary(sight.scenario, run), steps_of_summary(&ghost.record.start.scenario, ghost))
        }
        (None, Source::Live(_)) => (Vec::new(), Vec::new()),
    };
    let window = match sight.sums {
        Some(_) => "of the same seconds of the same stages".to_owned(),
        None => format!("({} of each run)", ghost.digest.window),
    };
    let words = Words { ghost: ghost.record.run_id, window };
    let change = |(index, place): (usize, &Option<usize>)| match place {
        None => words.no_counterpart(),
        Some(place) => {
            let of = |steps: &[StepStats], index: usize| steps.get(index).cloned().unwrap_or_default();
            words.change(&Beside { run: of(&steps.0, index), ghost: of(&steps.1, *place) })
        }
    };
    matching.iter().enumerate().map(change).collect()
}

/// The steps of both runs, over the seconds that they have in common.
fn steps_in_common(
    sight: &Sight<'_>,
    ghost: &LoadedRun,
    common: &CommonSeconds,
) -> (Vec<StepStats>, Vec<StepStats>) {
    let run = match sight.sums {
        Some(sums) if common.run == [sums.seconds.clone()] => sums.steps.clone(),
        _ => merged(sight.history, &common.run),
    };
    (run, merged(&ghost.history, &common.baseline))
}

fn merged(history: &History, pieces: &[Range<u32>]) -> Vec<StepStats> {
    let mut merged = vec![StepStats::default(); history.n_steps()];
    for piece in pieces {
        // A damaged second is told of when a run is opened; without it there is nothing to sum up.
        let Ok(sums) = history.sums(piece.clone()) else { continue };
        merged.iter_mut().zip(&sums.steps).for_each(|(mine, more)| mine.merge_responses(more));
    }
    merged
}

/// The steps as the summary has them, by their index in the scenario.
fn steps_of_summary(scenario: &Scenario, run: &LoadedRun) -> Vec<StepStats> {
    let mut steps = vec![StepStats::default(); scenario.n_steps()];
    for ((index, ..), row) in scenario.sent_steps().zip(&run.summary.steps) {
        steps[index] = row.aggregate.stats.clone();
    }
    steps
}

/// How changes are told.
struct Words {
    ghost: RunId,
    window: String,
}

impl Words {
    fn no_counterpart(&self) -> P95Change {
        let explanation = format!("Run {} has no such step", self.ghost);
        P95Change { ratio: None, text: MISSING.to_owned(), explanation }
    }

    fn change(&self, beside: &Beside) -> P95Change {
        let n = |stats: &StepStats| humanize::counted(stats.response_time.n_samples(), "successful request");
        if is_thin(&beside.run, 0.95) || is_thin(&beside.ghost, 0.95) {
            let explanation = format!(
                "Too few to tell a p95: {} here, {} in run {}, {}",
                n(&beside.run),
                n(&beside.ghost),
                self.ghost,
                self.window
            );
            return P95Change { ratio: None, text: "no answer yet".to_owned(), explanation };
        }
        let p95 = |stats: &StepStats| stats.response_time.quantile(0.95).unwrap_or_default();
        let (now, then) = (p95(&beside.run), p95(&beside.ghost));
        let difference = now.as_secs_f64() - then.as_secs_f64();
        let ratio = (!then.is_zero()).then(|| difference / then.as_secs_f64());
        let explanation = format!(
            "p95 is {} of {} here, and was {} of {} in run {}, {}: {}. Difference only; Compare tells whether it is \
             more than noise.",
            humanize::latency(now),
            n(&beside.run),
            humanize::latency(then),
            n(&beside.ghost),
            self.ghost,
            self.window,
            humanize::latency_change(difference)
        );
        P95Change { ratio, text: ratio.map_or_else(|| MISSING.to_owned(), humanize::change), explanation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{Outcome, RunRecord};

    /// A run of the sample scenario in which the first step takes so long beside its usual answers, five times a
    /// second from second 10 to 30.
    fn run(run_id: i64, slow: Duration) -> LoadedRun {
        let mut record: RunRecord = sample::record(sample::scenario());
        record.run_id = RunId(run_id);
        for second in 10..30 {
            sample::add(&mut record, second, 0, &[(Outcome::Ok, slow); 5]);
        }
        LoadedRun::new(record).unwrap()
    }

    fn ghost_of(run: LoadedRun) -> Ghost {
        Ghost { run: Some(Arc::new(run)), ..Ghost::default() }
    }

    #[test]
    fn the_difference_is_of_the_merged_histograms_of_the_same_seconds_of_both_runs() {
        let (now, then) = (run(2, Duration::from_millis(300)), run(1, Duration::from_millis(200)));
        let sums = now.history.sums(12..18).unwrap();
        let base = then.history.sums(12..18).unwrap();
        let p95 = |steps: &[StepStats]| steps[0].response_time.quantile(0.95).unwrap().as_secs_f64();
        let expected = (p95(&sums.steps) - p95(&base.steps)) / p95(&base.steps);
        let mut ghost = ghost_of(then);
        let sight = Sight::kept(&now).with_sums(Some(&sums));
        ghost.renew(&sight);
        let [first, second] = ghost.changes() else { panic!("two steps") };
        assert_eq!(first.text, humanize::change(expected));
        assert!(first.explanation.contains("Difference only; Compare tells"), "{}", first.explanation);
        assert_eq!(second.text, "±0 %");
    }

    #[test]
    fn few_requests_give_no_answer_and_an_unknown_step_says_so() {
        let (now, mut then) = (run(2, Duration::from_millis(300)), run(1, Duration::from_millis(200)));
        then.record.start.scenario.journeys[0].steps[1].name = "Sign out".to_owned();
        then.record.start.scenario.journeys[0].steps[1].path = "/out".to_owned();
        let nothing = now.history.sums(40..41).unwrap();
        let mut ghost = ghost_of(then);
        ghost.renew(&Sight::kept(&now).with_sums(Some(&nothing)));
        let texts: Vec<_> = ghost.changes().iter().map(|change| change.text.as_str()).collect();
        assert_eq!(texts, ["no answer yet", MISSING]);
        assert_eq!(ghost.changes()[1].explanation, "Run 1 has no such step");
    }

    #[test]
    fn without_a_selection_a_kept_run_is_held_against_the_ghosts_summary() {
        let (now, then) = (run(2, Duration::from_millis(300)), run(1, Duration::from_millis(200)));
        let p95 = |run: &LoadedRun| {
            run.summary.steps[0].aggregate.stats.response_time.quantile(0.95).unwrap().as_secs_f64()
        };
        let expected = (p95(&now) - p95(&then)) / p95(&then);
        let mut ghost = ghost_of(then);
        ghost.renew(&Sight::kept(&now));
        assert_eq!(ghost.changes()[0].text, humanize::change(expected));
    }

    #[test]
    fn the_curves_stand_behind_the_runs_own_under_one_name() {
        let (now, then) = (run(2, Duration::from_millis(300)), run(1, Duration::from_millis(200)));
        let n_seconds = then.points.len();
        let mut ghost = ghost_of(then);
        let sight = Sight::kept(&now);
        ghost.renew(&sight);
        let mut lines = RunLines::new(sight.scenario, sight.points, ResponseLines::default());
        let n_before = (lines.rate.len(), lines.latency.len());
        ghost.haunt(&mut lines, ResponseLines::default());
        assert_eq!((lines.rate.len(), lines.latency.len()), (n_before.0 + 1, n_before.1 + 3));
        assert!(lines.rate[0].ghost && lines.latency[..3].iter().all(|line| line.ghost));
        assert!(lines.latency[..3].iter().all(|line| line.name == "baseline run 1"));
        assert_eq!(lines.rate[0].points.len(), n_seconds);
        assert_eq!(lines.rate[0].points[12].at_secs, 12.5);
    }

    #[test]
    fn a_stage_that_the_run_does_not_have_is_left_out() {
        let mut scenario = sample::scenario();
        scenario.load.stages.remove(1);
        let now = LoadedRun::new(sample::record(scenario)).unwrap();
        let then = run(1, Duration::from_millis(200));
        let alignment = StageAlignment::new(&now.plan, &then.plan, then.record.end.load_duration);
        let points = beside(&then.points, &alignment, &|point| Some(point.completed_per_sec));
        assert_eq!(points.len(), 20, "two stages of 10 s");
        let alone = beside(&then.points[..12], &StageAlignment::default(), &|_| Some(1.0));
        assert!(alone.is_empty());
    }
}
