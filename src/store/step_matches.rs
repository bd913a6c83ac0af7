//! Steps of two scenarios that somebody put beside each other, remembered for the next comparison of the two.

use super::{Library, StoreError, columns::to_json};
use crate::model::StepMatches;

impl Library {
    /// How steps of a candidate's scenario stand beside those of a baseline's, both by name; empty where nobody said so.
    pub fn step_matches(&self, baseline: &str, candidate: &str) -> Result<StepMatches, StoreError> {
        let kept = self.setting(&key(baseline, candidate))?;
        // What another version wrote is no reason not to compare.
        Ok(kept
            .and_then(|json| serde_json::from_str::<Vec<_>>(&json).ok())
            .unwrap_or_default()
            .into_iter()
            .collect())
    }

    pub fn keep_step_matches(
        &self,
        baseline: &str,
        candidate: &str,
        matches: &StepMatches,
    ) -> Result<(), StoreError> {
        // As a list: what a step is known by is no name for a key of JSON.
        let list: Vec<_> = matches.iter().collect();
        let json = to_json(&list).map_err(self.failed("keep how steps belong together"))?;
        self.keep_setting(&key(baseline, candidate), &json)
    }
}

fn key(baseline: &str, candidate: &str) -> String {
    format!("step-matches\u{1f}{baseline}\u{1f}{candidate}")
}
