//! What is to be compared and how, and which runs offer themselves for it.

use crate::analysis::comparison::{Alignment, CompareOptions, MIN_REPETITIONS};
use crate::launch::SERIES_LABEL;
use crate::metrics::{Finish, RunId};
use crate::model::StepMatches;
use crate::store::RunListing;

/// What the analyst wants to see compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The runs of each side, the baseline first; a side without runs is not chosen yet.
    pub sides: Vec<Vec<RunId>>,
    pub alignment: Alignment,
    /// Changes up to this share of the baseline's value do not matter.
    pub smallest_relevant: f64,
}

/// Which steps of a candidate's scenario belong to which of a baseline's, as the analyst says.
#[derive(Clone, Debug, PartialEq)]
pub struct StepMatching {
    /// The name of the baseline's scenario.
    pub baseline: String,
    /// The name of the candidate's.
    pub candidate: String,
    pub matches: StepMatches,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            sides: vec![Vec::new(); 2],
            alignment: Alignment::default(),
            smallest_relevant: CompareOptions::DEFAULT_SMALLEST_RELEVANT,
        }
    }
}

impl Asked {
    /// The same of single runs.
    pub fn of_runs(&self, runs: &[RunId]) -> Self {
        Self { sides: runs.iter().map(|run_id| vec![*run_id]).collect(), ..self.clone() }
    }

    /// Whether every side is chosen.
    pub fn is_complete(&self) -> bool {
        self.sides.len() > 1 && self.sides.iter().all(|side| !side.is_empty())
    }

    /// Whether no side is chosen.
    pub fn is_blank(&self) -> bool {
        self.sides.iter().all(Vec::is_empty)
    }

    pub fn n_runs(&self) -> usize {
        self.sides.iter().map(Vec::len).sum()
    }

    /// How it is compared: `aligned by stage, changes up to ±5 % do not matter`.
    pub fn words(&self) -> String {
        let names: Vec<String> = self.sides.iter().map(|side| side_name(side)).collect();
        let (baseline, candidates) = names.split_first().map_or(("", &[][..]), |(b, c)| (b.as_str(), c));
        format!(
            "{} against {baseline}, by {}, ±{}",
            candidates.join(", "),
            self.alignment.name(),
            crate::humanize::percent(self.smallest_relevant)
        )
    }
}

/// A side's name in little room: `Run 12`, `Runs 1–10`, `6 runs`.
pub fn side_name(runs: &[RunId]) -> String {
    match runs {
        [] => "no run".to_owned(),
        [run_id] => format!("Run {run_id}"),
        [first, .., last] if last.0 - first.0 == runs.len() as i64 - 1 => format!("Runs {first}–{last}"),
        _ => format!("{} runs", runs.len()),
    }
}

/// Whether a run can be compared: it is over.
pub fn is_over(listing: &RunListing) -> bool {
    listing.finish != Finish::Running
}

/// Whether two runs show the same scenario in the same place.
fn are_peers(one: &RunListing, other: &RunListing) -> bool {
    let place = |run: &RunListing| (run.scenario_name.clone(), run.environment.clone(), run.base_url.clone());
    place(one) == place(other)
}

/// The newest run with what it is most likely to be measured against: the marked baseline, else the run before it.
pub fn suggestion(listings: &[RunListing]) -> Option<(RunId, RunId)> {
    let over = || listings.iter().filter(|run| is_over(run));
    let newest = over().next()?;
    let mut peers = over().filter(|run| are_peers(run, newest));
    let baseline = over()
        .filter(|run| are_peers(run, newest))
        .find(|run| run.is_baseline)
        .or_else(|| over().filter(|run| are_peers(run, newest)).nth(1))?;
    let candidate = peers.find(|run| run.run_id != baseline.run_id)?;
    Some((baseline.run_id, candidate.run_id))
}

/// The marked baseline for a run.
pub fn baseline_for(listings: &[RunListing], run_id: RunId) -> Option<RunId> {
    let run = listings.iter().find(|run| run.run_id == run_id)?;
    let is_it = |other: &&RunListing| other.is_baseline && other.run_id != run_id && are_peers(run, other);
    listings.iter().find(is_it).map(|baseline| baseline.run_id)
}

/// All repetitions of the series that a run belongs to, where there are enough to be one side.
pub fn repetitions(listings: &[RunListing], run_id: RunId) -> Option<Vec<RunId>> {
    let run = listings.iter().find(|run| run.run_id == run_id)?;
    let series = run.labels.get(SERIES_LABEL)?;
    let alike = listings.iter().filter(|run| is_over(run) && run.labels.get(SERIES_LABEL) == Some(series));
    let mut runs: Vec<RunId> = alike.map(|run| run.run_id).collect();
    runs.sort();
    (runs.len() >= MIN_REPETITIONS).then_some(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::history::sample_listing;

    fn listings(n: i64) -> Vec<RunListing> {
        (1..=n).rev().map(|run_id| sample_listing(run_id, "Checkout", Some(40))).collect()
    }

    #[test]
    fn the_marked_baseline_offers_itself_and_else_the_run_before() {
        let mut runs = listings(4);
        assert_eq!(suggestion(&runs), Some((RunId(3), RunId(4))));
        runs[3].is_baseline = true;
        assert_eq!(suggestion(&runs), Some((RunId(1), RunId(4))));
        assert_eq!(baseline_for(&runs, RunId(3)), Some(RunId(1)));
        runs[0].scenario_name = "Search".to_owned();
        assert_eq!(suggestion(&runs), None, "nothing stands beside the newest");
        assert_eq!(suggestion(&listings(1)), None);
    }

    #[test]
    fn a_series_offers_itself_from_five_repetitions_on() {
        let mut runs = listings(6);
        for run in &mut runs[..5] {
            run.labels.insert(SERIES_LABEL.to_owned(), "abc".to_owned());
        }
        assert_eq!(repetitions(&runs, RunId(3)), Some((2..=6).map(RunId).collect()));
        assert_eq!(repetitions(&runs, RunId(1)), None);
        runs[0].finish = Finish::Running;
        assert_eq!(repetitions(&runs, RunId(3)), None, "four are over");
    }

    #[test]
    fn sides_are_named_in_little_room() {
        let name = |runs: &[i64]| side_name(&runs.iter().copied().map(RunId).collect::<Vec<_>>());
        assert_eq!([name(&[7]), name(&[3, 4, 5]), name(&[1, 4, 9])], ["Run 7", "Runs 3–5", "3 runs"]);
    }
}
