//! The outcome of a search from its kept run alone: its probes are known by their stages.

use std::time::Duration;

use super::{
    machine::{Probe, ProbeKind, ProbePlan, SearchEnd, end_after, replayed},
    measure::{ProbeFigures, measure},
    outcome::SearchOutcome,
    settings::SearchSettings,
};
use crate::metrics::{ErrorGroup, Finish, HistogramError, History, RunRecord, SecondPoint};
use crate::model::{Plan, PlannedStage, SearchStage};

/// The seconds of a run, as far as they are closed.
pub struct Seconds<'a> {
    pub history: &'a History,
    pub points: &'a [SecondPoint],
    pub error_groups: &'a [ErrorGroup],
}

impl Seconds<'_> {
    /// What was measured in the first so many whole seconds of a probe's stage; none before they are closed.
    ///
    /// # Errors
    /// Where a histogram cannot be read.
    pub fn of_hold(
        &self,
        settings: &SearchSettings,
        plan: &Plan,
        stage: &PlannedStage,
        n_seconds: u32,
    ) -> Result<Option<ProbeFigures>, HistogramError> {
        let from = first_whole_second(stage.start);
        let seconds = from..from + n_seconds;
        if self.history.extent().end < seconds.end {
            return Ok(None);
        }
        let mut figures = measure(settings, self.history, self.points, self.error_groups, seconds.clone())?;
        let (start, end) = (Duration::from_secs(from.into()), Duration::from_secs(seconds.end.into()));
        figures.was_paused = plan.pauses().any(|(from, until)| from < end && until > start);
        Ok(Some(figures))
    }
}

fn first_whole_second(start: Duration) -> u32 {
    (start.as_secs() + u64::from(start.subsec_nanos() > 0)) as u32
}

/// The outcome of a kept run; none where it was no search.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn outcome_of(record: &RunRecord, history: &History) -> Result<Option<SearchOutcome>, HistogramError> {
    let scenario = &record.start.scenario;
    if !scenario.is_search() {
        return Ok(None);
    }
    let Ok(settings) = SearchSettings::of(scenario) else { return Ok(None) };
    let plan = record.plan();
    let seconds = Seconds { history, points: &record.points, error_groups: &record.error_groups };
    let mut probes: Vec<Probe> = Vec::new();
    for stage in plan.stages() {
        let (number, kind) = match SearchStage::of(&stage.name) {
            Some(SearchStage::Probe(number)) if is_second_look(&probes, stage) => (number, ProbeKind::Again),
            Some(SearchStage::Probe(number)) => (number, ProbeKind::Search),
            Some(SearchStage::Confirm(number)) => (number, ProbeKind::Confirm),
            _ => continue,
        };
        let level = stage.end_level;
        let probe = ProbePlan { number, kind, level, hold_secs: settings.hold_secs(kind, level) };
        let Some(probe) = judged(&settings, &plan, &seconds, stage, (probe, record.end.load_duration))?
        else {
            break;
        };
        probes.push(probe);
    }
    let end = end_after(&settings, &probes).unwrap_or_else(|| cut_short(record, &plan));
    Ok(Some(SearchOutcome::new(settings, probes, end)))
}

fn is_second_look(probes: &[Probe], stage: &PlannedStage) -> bool {
    probes.iter().any(|probe| probe.plan.level == stage.end_level)
}

/// A probe as it was judged; none where its load ended before.
fn judged(
    settings: &SearchSettings,
    plan: &Plan,
    seconds: &Seconds<'_>,
    stage: &PlannedStage,
    (probe, load_end): (ProbePlan, Duration),
) -> Result<Option<Probe>, HistogramError> {
    let held = stage.end.min(load_end).as_secs();
    for (n_seconds, is_extended) in [(probe.hold_secs, false), (2 * probe.hold_secs, true)] {
        if u64::from(first_whole_second(stage.start) + n_seconds) > held {
            return Ok(None);
        }
        let Some(figures) = seconds.of_hold(settings, plan, stage, n_seconds)? else { return Ok(None) };
        if let Some(probe) = replayed(settings, probe, is_extended, figures) {
            return Ok(Some(probe));
        }
    }
    Ok(None)
}

/// How a search ended whose probes ask for more: by requests that stayed in flight, or by its user.
fn cut_short(record: &RunRecord, plan: &Plan) -> SearchEnd {
    let last = plan.stages().last().and_then(|stage| SearchStage::of(&stage.name));
    let is_draining = matches!(last, Some(SearchStage::Drain(_)));
    let is_idle = record.points.last().is_none_or(|point| point.n_in_flight == 0);
    if is_draining && record.end.finish == Finish::Completed && (record.end.n_abandoned > 0 || !is_idle) {
        SearchEnd::NeverDrained
    } else {
        SearchEnd::Interrupted
    }
}
