//! Runs beside each other: what changed against a baseline, how sure that is, and what differs in the set-up.
//!
//! One run a side is compared by ten blocks of each stretch, since requests of one run depend on each other; with five
//! repetitions a side the run is the unit. Requests are never the unit: two runs of one system would differ.

mod alignment;
mod change;
mod curves;
mod measured;
mod resources;
mod rows;
mod sentence;
mod setup;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

pub use alignment::{Alignment, match_steps};
pub use change::{CandidateChange, Change, ChangeVerdict, Measured, RELEVANT_ERROR_CHANGE};
pub use curves::{LoadPoint, ShapeChange, Spectrum};
pub use measured::{ComparedRun, Stretches};
pub(in crate::analysis) use measured::{ScopeSample, part_of_time};
pub use resources::{ResourceChange, ResourceRow};
pub use rows::{ComparisonRow, RowScope};

use crate::metrics::{HistogramError, RunId, SecondPoint};
use crate::model::{Metric, Plan, Scenario, StepKey, StepMatches};

use alignment::Common;
use rows::{PlacedRun, SideRuns, Tables};

/// Most sides that can be compared.
pub const MAX_SIDES: usize = 8;

/// Repetitions from which on the run is the unit.
pub const MIN_REPETITIONS: usize = super::stats::MIN_RUNS_A_SIDE;

/// How runs are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareOptions {
    pub alignment: Alignment,
    /// Changes up to this share of the baseline's value do not matter.
    pub smallest_relevant: f64,
    /// Percentiles shown, as quantiles.
    pub quantiles: Vec<f64>,
    /// Steps that somebody put beside each other, for each candidate.
    pub by_hand: Vec<StepMatches>,
}

impl CompareOptions {
    pub const DEFAULT_SMALLEST_RELEVANT: f64 = 0.05;
    const DEFAULT_QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

    /// What is compared of each scope.
    pub fn metrics(&self) -> Vec<Metric> {
        let quantiles = self.quantiles.iter().copied().map(Metric::Quantile);
        quantiles.chain([Metric::Mean, Metric::Throughput, Metric::ErrorShare]).collect()
    }
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self {
            alignment: Alignment::default(),
            smallest_relevant: Self::DEFAULT_SMALLEST_RELEVANT,
            quantiles: Self::DEFAULT_QUANTILES.to_vec(),
            by_hand: Vec::new(),
        }
    }
}

/// One side of a comparison: a run, or at least [`MIN_REPETITIONS`] repetitions.
#[derive(Clone, Debug)]
pub struct Side {
    pub runs: Vec<ComparedRun>,
}

/// Candidates relative to a baseline.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub options: CompareOptions,
    /// The baseline first.
    pub sides: Vec<SideFacts>,
    /// The stretches that all runs have in common, in words.
    pub window: String,
    /// The run, then stages, services and steps that all have.
    pub rows: Vec<ComparisonRow>,
    /// What monitors read, of series that all have; empty where nothing was watched.
    pub resources: Vec<ResourceRow>,
    /// How each candidate's distribution differs from the baseline's.
    pub shapes: Vec<ShapeChange>,
    /// What differs in the set-up, one plain sentence each, for each candidate.
    pub setup_differences: Vec<Vec<String>>,
    /// Why the runs should not be compared without thought; empty when nothing stands against it.
    pub cautions: Vec<String>,
    /// One plain sentence for each candidate.
    pub sentences: Vec<String>,
    /// Steps of one run that others do not have, and how steps were put beside each other.
    pub steps: Vec<StepMatch>,
}

/// What is drawn of one side.
#[derive(Clone, Debug)]
pub struct SideFacts {
    pub run_ids: Vec<RunId>,
    pub scenario_name: String,
    /// The plan of each run.
    pub plans: Vec<Plan>,
    /// One point per second of each run, for charts.
    pub points: Vec<Arc<Vec<SecondPoint>>>,
    pub spectrum: Spectrum,
    /// By throughput; empty where runs are aligned by time.
    pub load_curve: Vec<LoadPoint>,
}

impl SideFacts {
    /// `run 12`, or `runs 12, 13, 14, 15, 16`.
    pub fn words(&self) -> String {
        let ids: Vec<String> = self.run_ids.iter().map(RunId::to_string).collect();
        format!("run{} {}", if ids.len() == 1 { "" } else { "s" }, ids.join(", "))
    }
}

/// A step of a candidate with the one of the baseline that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct StepMatch {
    /// Place of the candidate among the candidates.
    pub candidate: usize,
    pub step: Option<StepKey>,
    pub baseline: Option<StepKey>,
    pub is_by_hand: bool,
}

impl Comparison {
    pub fn baseline(&self) -> &SideFacts {
        &self.sides[0]
    }

    pub fn candidates(&self) -> &[SideFacts] {
        &self.sides[1..]
    }

    /// The row of a metric over everything that the runs have in common.
    pub fn headline(&self, metric: Metric) -> Option<&ComparisonRow> {
        self.rows.iter().find(|row| row.scope == RowScope::Run && row.metric == metric)
    }

    /// Whether any row of any candidate got worse.
    pub fn has_worse(&self) -> bool {
        self.rows.iter().flat_map(|row| &row.candidates).any(|change| change.verdict == ChangeVerdict::Worse)
    }
}

/// Compares sides with the first of them; none where it was cancelled.
///
/// # Errors
/// Where a kept histogram cannot be read.
///
/// # Panics
/// Without a baseline and a candidate, each with a run.
pub fn compare(
    sides: &[Side],
    options: &CompareOptions,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<Comparison>, HistogramError> {
    assert!(sides.len() > 1 && sides.iter().all(|side| !side.runs.is_empty()), "two sides with runs");
    let runs: Vec<&ComparedRun> = sides.iter().flat_map(|side| &side.runs).collect();
    let baseline = &runs[0].start.scenario;
    let common = Common::of(&runs, options.alignment);
    let side_runs = placed(sides, baseline, options);
    let tables = Tables { sides: &side_runs, common: &common, options, is_cancelled };
    let evidence =
        side_runs.iter().map(|side| tables.evidence_of_run(side)).collect::<Result<Vec<_>, _>>()?;
    let Some(rows) = tables.rows(baseline, &evidence)? else { return Ok(None) };
    let mut facts = Vec::new();
    for ((side, side_runs), evidence) in sides.iter().zip(&side_runs).zip(&evidence) {
        facts.push(SideFacts {
            run_ids: side.runs.iter().map(|run| run.run_id).collect(),
            scenario_name: side.runs[0].start.scenario.name.clone(),
            plans: side.runs.iter().map(|run| run.plan.clone()).collect(),
            points: side.runs.iter().map(|run| Arc::clone(&run.points)).collect(),
            spectrum: Spectrum::of(&curves::merged(evidence)),
            load_curve: match options.alignment {
                Alignment::Time => Vec::new(),
                _ => curves::load_curve(side_runs)?,
            },
        });
    }
    let candidates = || sides[1..].iter().map(|side| &side.runs[0]);
    let mut cautions = setup::cautions(&sides[0].runs, &runs[sides[0].runs.len()..], options.alignment);
    cautions.extend(common.left_out.iter().cloned());
    if common.stretches.is_empty() {
        cautions.insert(0, setup::nothing_in_common(options.alignment).to_owned());
    }
    Ok(Some(Comparison {
        window: setup::window_words(runs[0], &common.of_run(0), options.alignment),
        shapes: evidence[1..].iter().map(|candidate| curves::shape_change(&evidence[0], candidate)).collect(),
        setup_differences: candidates()
            .map(|candidate| setup::setup_differences(&runs[0].start, &candidate.start))
            .collect(),
        sentences: (1..sides.len()).map(|side| sentence::sentence(&facts, side, &rows)).collect(),
        steps: step_matches(baseline, &side_runs[1..], options),
        resources: resources::rows(&side_runs, &common),
        options: options.clone(),
        sides: facts,
        cautions,
        rows,
    }))
}

/// Each run with its place and its steps by the baseline's.
fn placed<'a>(sides: &'a [Side], baseline: &Scenario, options: &CompareOptions) -> Vec<SideRuns<'a>> {
    let mut places = 0..;
    let mut of_side = |(index, side): (usize, &'a Side)| {
        let by_hand = index.checked_sub(1).and_then(|candidate| options.by_hand.get(candidate));
        let none = StepMatches::new();
        let placed = |run: &'a ComparedRun| PlacedRun {
            place: places.next().unwrap_or_default(),
            run,
            steps: match_steps(baseline, &run.start.scenario, by_hand.unwrap_or(&none)),
        };
        SideRuns { runs: side.runs.iter().map(placed).collect() }
    };
    sides.iter().enumerate().map(&mut of_side).collect()
}

/// Which steps stand beside which, and which stand alone.
fn step_matches(
    baseline: &Scenario,
    candidates: &[SideRuns<'_>],
    options: &CompareOptions,
) -> Vec<StepMatch> {
    let mut matches = Vec::new();
    for (candidate, side) in candidates.iter().enumerate() {
        let Some(PlacedRun { run, steps: partners, .. }) = side.runs.first() else { continue };
        let keys: Vec<StepKey> = run.start.scenario.steps().map(|(_, step)| StepKey::of(step)).collect();
        let by_hand =
            |step: &StepKey| options.by_hand.get(candidate).is_some_and(|by_hand| by_hand.contains_key(step));
        let mut taken = BTreeSet::new();
        for (index, _, step) in baseline.sent_steps() {
            taken.extend(partners[index]);
            let step = Some(StepKey::of(step));
            let found = partners[index].map(|partner| keys[partner].clone());
            let is_by_hand = found.as_ref().is_some_and(by_hand);
            matches.push(StepMatch { candidate, step: found, baseline: step, is_by_hand });
        }
        let alone = run.start.scenario.sent_steps().filter(|(index, _, _)| !taken.contains(index));
        matches.extend(alone.map(|(_, _, step)| {
            let step = StepKey::of(step);
            StepMatch { candidate, is_by_hand: by_hand(&step), step: Some(step), baseline: None }
        }));
    }
    matches
}
