//! The open scenario as kept between visits, so that a closed or killed window never costs an edit.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{Jobs, Workbench};
use crate::model::{Scenario, parse_draft, write_scenario};

/// The open scenario with where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub scenario: Scenario,
    pub path: Option<PathBuf>,
    /// The file's text as last opened or saved.
    pub saved_text: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    text: String,
    path: Option<PathBuf>,
    saved_text: Option<String>,
}

impl Draft {
    /// The setting that holds the draft.
    pub const KEY: &str = "draft";
    const FORMAT: u32 = 1;

    pub fn to_text(&self) -> String {
        let kept = Kept {
            format: Self::FORMAT,
            text: write_scenario(&self.scenario, self.saved_text.as_deref()),
            path: self.path.clone(),
            saved_text: self.saved_text.clone(),
        };
        // Strings and a path that came from text always serialize; a path that is no text is left out of drafts.
        serde_json::to_string(&kept).unwrap_or_default()
    }

    pub fn from_text(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        if kept.format != Self::FORMAT {
            return None;
        }
        let scenario = parse_draft(&kept.text)?;
        Some(Self { scenario, path: kept.path, saved_text: kept.saved_text })
    }
}

/// Knows which state of the open scenario is kept, and when the next is due.
#[derive(Debug, Default)]
pub struct DraftKeeper {
    kept_revision: u64,
    due: Option<Instant>,
}

impl DraftKeeper {
    /// How long a change may go unkept.
    const DELAY: Duration = Duration::from_secs(1);

    /// Keeps the draft if a change is old enough, or at once; returns when to look again.
    pub fn keep(&mut self, bench: &Workbench, jobs: &mut Jobs, at_once: bool) -> Option<Duration> {
        if bench.revision() == self.kept_revision {
            return None;
        }
        let due = *self.due.get_or_insert_with(|| Instant::now() + Self::DELAY);
        if !at_once && due > Instant::now() {
            return Some(due - Instant::now());
        }
        if let Some(draft) = bench.draft() {
            jobs.keep_setting(Draft::KEY, draft.to_text());
        }
        self.kept_revision = bench.revision();
        self.due = None;
        None
    }
}
