//! A sandbox that stands between runs: what it is like when a run begins, and how many requests were its own.

use crate::metrics::RunLabels;
use crate::sandbox::{SandboxState, count_received, sandbox_state};

/// A sandbox that was there before the run, and stays.
#[derive(Debug)]
pub(super) struct StandingSandbox {
    base_url: String,
    n_before: u64,
    labels: RunLabels,
}

/// How to ask a sandbox how many requests of a run it received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SandboxCount {
    base_url: String,
    /// What it had received before the run.
    n_before: u64,
}

impl StandingSandbox {
    /// Asks it what it is like; the error says in a sentence that it does not answer.
    pub fn at(base_url: &str) -> Result<Self, String> {
        let gone = |why: String| {
            format!(
                "the sandbox of this window does not answer ({why}). Stop it, and start it again: {base_url}"
            )
        };
        let state = sandbox_state(base_url).map_err(gone)?;
        let n_before = count_received(base_url).ok_or_else(|| gone("it tells no count".to_owned()))?;
        Ok(Self { base_url: base_url.to_owned(), n_before, labels: labels_of(&state) })
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What it was like when the run began.
    pub fn labels(&self) -> &RunLabels {
        &self.labels
    }

    pub fn count(&self) -> SandboxCount {
        SandboxCount { base_url: self.base_url.clone(), n_before: self.n_before }
    }
}

impl SandboxCount {
    /// Of a sandbox that was started for the run.
    pub fn from_the_start(base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), n_before: 0 }
    }

    /// How many it received since.
    pub fn received(&self) -> Option<u64> {
        count_received(&self.base_url)?.checked_sub(self.n_before)
    }
}

/// Every switch, and what else is not as usual.
fn labels_of(state: &SandboxState) -> RunLabels {
    let word = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let mut labels = RunLabels::from([
        ("cache_manager".to_owned(), word(state.switches.cache_manager)),
        ("query_optimizer".to_owned(), word(state.switches.query_optimizer)),
        ("payload_optimizer".to_owned(), word(state.switches.payload_optimizer)),
    ]);
    if state.error_ratio > 0.0 {
        labels.insert("error_share".to_owned(), state.error_ratio.to_string());
    }
    labels
}
