//! Repeated runs of the library against each other: each is read, summed up and let go.

use crate::analysis::noise::{CHANGES_ASKED_FOR, GOOD_N_RUNS, MetricNoise, NOISE_METRICS, RunFigure};
use crate::analysis::{Summary, summarize_precisely};
use crate::humanize;
use crate::metrics::{HistogramError, RunId, Standing};
use crate::model::Metric;
use crate::store::{Library, RunListing, StoreError};

use super::reading::read_all;

/// What repeated runs of one scenario say of noise.
#[derive(Clone, Debug, PartialEq)]
pub struct RunNoise {
    pub scenario: String,
    pub runs: Vec<RunId>,
    pub metrics: Vec<MetricNoise>,
    /// What takes from the worth of these figures, a sentence each.
    pub cautions: Vec<String>,
}

impl RunNoise {
    /// What it comes to for the 95th percentile, in sentences; empty where that is not known.
    pub fn sentences(&self) -> Vec<String> {
        let of_p95 = self.metrics.iter().find(|noise| noise.metric == Metric::Quantile(0.95));
        let Some(noise) = of_p95 else { return Vec::new() };
        let n_runs = self.runs.len();
        let needed = match noise.runs_needed[1] {
            Some(needed) => format!("{} runs a side", humanize::count(needed as u64)),
            None => "more than a thousand runs a side".to_owned(),
        };
        vec![format!(
            "By p95 response time, {n_runs} runs a side show changes from {} on; a change of {} needs {needed}.",
            humanize::change(noise.detectable_change),
            humanize::percent(CHANGES_ASKED_FOR[1])
        )]
    }
}

/// Why noise could not be told.
#[derive(Debug, thiserror::Error)]
pub enum NoiseError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Damaged(#[from] HistogramError),
    #[error(
        "noise shows between two runs or more of one scenario; five or more tell well, as `run --repeat 5` or the \
         queue makes them"
    )]
    TooFew,
    #[error("runs {0} and {1} are of different scenarios: {2} and {3}")]
    Scenarios(RunId, RunId, String, String),
}

/// How much these runs differ; none where it was cancelled. `on_read` is told how many runs are read.
pub fn noise_of_kept(
    library: &Library,
    chosen: &[&RunListing],
    is_cancelled: &dyn Fn() -> bool,
    on_read: &mut dyn FnMut(usize),
) -> Result<Option<RunNoise>, NoiseError> {
    let [first, _, ..] = chosen else { return Err(NoiseError::TooFew) };
    if let Some(other) = chosen.iter().find(|listing| listing.scenario_name != first.scenario_name) {
        let names = [first, other].map(|listing| listing.scenario_name.clone());
        let [name, other_name] = names;
        return Err(NoiseError::Scenarios(first.run_id, other.run_id, name, other_name));
    }
    let runs: Vec<RunId> = chosen.iter().map(|listing| listing.run_id).collect();
    let summed_up = |library: &Library, run_id| -> Result<Summary, NoiseError> {
        Ok(summarize_precisely(&library.open_run(run_id)?)?)
    };
    let summaries = read_all(library, &runs, summed_up, is_cancelled, on_read)?;
    let Some(summaries) = summaries else { return Ok(None) };
    let metrics = NOISE_METRICS
        .iter()
        .filter_map(|metric| MetricNoise::of(*metric, &figures(&summaries, *metric)?))
        .collect();
    Ok(Some(RunNoise {
        scenario: first.scenario_name.clone(),
        runs,
        metrics,
        cautions: cautions(chosen, &summaries),
    }))
}

/// A metric of each run; none where a run has no such figure, or hides it behind its timeout.
fn figures(summaries: &[Summary], metric: Metric) -> Option<Vec<RunFigure>> {
    let figure = |summary: &Summary| {
        let reading = summary.reading(&summary.headline, metric)?;
        let bounds = summary.headline_intervals.at(metric);
        let interval = bounds.and_then(|found| Some((found.low?.as_secs_f64(), found.high?.as_secs_f64())));
        (!reading.is_censored).then_some(RunFigure { value: reading.value, interval })
    };
    summaries.iter().map(figure).collect()
}

fn cautions(chosen: &[&RunListing], summaries: &[Summary]) -> Vec<String> {
    let mut cautions = Vec::new();
    let n_runs = chosen.len();
    if n_runs < GOOD_N_RUNS {
        cautions.push(format!(
            "{n_runs} runs hardly tell how far runs spread: look at the bounds; {GOOD_N_RUNS} or more tell well."
        ));
    }
    if chosen.iter().any(|listing| listing.fingerprint != chosen[0].fingerprint) {
        cautions.push(
            "The runs differ in load, target, machine or version, so that their spread is more than noise."
                .to_owned(),
        );
    }
    let n_invalid = summaries.iter().filter(|summary| summary.quality.standing == Standing::Invalid).count();
    if n_invalid > 0 {
        cautions.push(format!(
            "The measurement of {} is invalid: part of the spread is the generator's.",
            humanize::counted(n_invalid as u64, "run")
        ));
    }
    cautions
}
