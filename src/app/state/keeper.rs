//! Keeps the open scenario and its undo steps while they change, so that a killed window costs less than a second.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Jobs, Moment, Outcome, Workbench};
use crate::{
    model::parse_draft,
    store::{EditChange, EditHistory, EditedFile, EditsKept, Library, PackedText},
};

/// The setting that held the open scenario before there was a journal.
const OLD_DRAFT: &str = "draft";

/// Knows which steps of the open scenario are kept, and when the next are due.
#[derive(Debug)]
pub struct EditKeeper {
    /// The number of this window.
    owner: i64,
    history_id: Option<i64>,
    kept: Kept,
    /// What is being written.
    under_way: Option<Kept>,
    due: Option<Instant>,
    /// Set while keeping fails.
    is_failing: bool,
}

/// A state of the journal.
#[derive(Debug, Default)]
struct Kept {
    revision: u64,
    /// None for a file that is to be written.
    file_revision: Option<u64>,
    /// By position.
    versions: HashMap<i64, u64>,
}

/// What there is to say about keeping.
#[derive(Debug, PartialEq, Eq)]
pub enum KeepNews {
    Failed(String),
    /// After failures.
    KeptAgain,
}

impl Default for EditKeeper {
    fn default() -> Self {
        Self {
            owner: rand::random(),
            history_id: None,
            kept: Kept::default(),
            under_way: None,
            due: None,
            is_failing: false,
        }
    }
}

impl EditKeeper {
    /// How long a change may go unkept; counts from the first, so that going on with changes holds nothing up.
    const DELAY: Duration = Duration::from_millis(300);
    /// When to try again what failed.
    const RETRY: Duration = Duration::from_secs(5);

    /// The scenario that was open at the end of the last visit.
    pub fn restore(&mut self, library: &Library) -> Result<Workbench, String> {
        let history = library.take_over_edits(self.owner).map_err(|error| error.to_string())?;
        let Some(history) = history else {
            let draft = library.setting(OLD_DRAFT).ok().flatten();
            let history = draft.and_then(|text| old_draft(&text));
            return Ok(history.and_then(Workbench::restored).unwrap_or_default());
        };
        let history_id = history.history_id;
        let bench = Workbench::restored(history).ok_or("they are damaged in the run library")?;
        self.history_id = Some(history_id);
        self.kept = Kept::of(&bench);
        Ok(bench)
    }

    /// Keeps what changed if it is old enough, or at once; returns when to look again.
    pub fn keep(&mut self, bench: &Workbench, jobs: &mut Jobs, at_once: bool) -> Option<Duration> {
        if bench.revision() == self.kept.revision {
            return None;
        }
        let delay = if self.is_failing { Self::RETRY } else { Self::DELAY };
        let due = *self.due.get_or_insert_with(|| Instant::now() + delay);
        let now = Instant::now();
        if !at_once && (self.under_way.is_some() || due > now) {
            // What is under way wakes the window when it is done.
            return Some(due.saturating_duration_since(now)).filter(|_| self.under_way.is_none());
        }
        self.due = None;
        let (change, moments) = self.change(bench)?;
        self.under_way = Some(Kept::of(bench));
        jobs.keep_edits(move |library| {
            let steps = moments.iter().map(|moment| (moment.position, moment.pack())).collect();
            let kept = library.keep_edits(&EditChange { steps, ..change });
            Outcome::EditsKept(kept.map_err(|error| error.to_string()))
        });
        None
    }

    /// Whether the journal has all that there is.
    #[cfg(test)]
    pub fn is_kept(&self, bench: &Workbench) -> bool {
        bench.revision() == self.kept.revision
    }

    /// All that the journal does not have yet, but the texts: those are made where they are written.
    fn change(&self, bench: &Workbench) -> Option<(EditChange, Vec<Moment>)> {
        let timeline = bench.timeline()?;
        let (first, last) = (timeline.moments().next()?, timeline.moments().next_back()?);
        let is_kept = |moment: &&Moment| self.kept.versions.get(&moment.position) == Some(&moment.version);
        let moments = timeline.moments().filter(|moment| !is_kept(moment)).cloned().collect();
        let is_file_kept = self.kept.file_revision == Some(bench.file_revision());
        let change = EditChange {
            history_id: self.history_id,
            owner: self.owner,
            present: timeline.present_position(),
            positions: first.position..=last.position,
            file: (!is_file_kept).then(|| bench.edited_file()),
            steps: Vec::new(),
        };
        Some((change, moments))
    }

    /// Notes what keeping came to.
    pub fn receive(&mut self, kept: Result<EditsKept, String>) -> Option<KeepNews> {
        let under_way = self.under_way.take();
        match kept {
            Ok(EditsKept::In(history_id)) => {
                self.history_id = Some(history_id);
                self.kept = under_way.unwrap_or_default();
                std::mem::take(&mut self.is_failing).then_some(KeepNews::KeptAgain)
            }
            Ok(EditsKept::TakenOver) => {
                (self.history_id, self.kept) = (None, Kept::default());
                None
            }
            Err(error) => {
                self.due = None;
                (!std::mem::replace(&mut self.is_failing, true)).then_some(KeepNews::Failed(error))
            }
        }
    }
}

impl Kept {
    fn of(bench: &Workbench) -> Self {
        let moments = bench.timeline().into_iter().flat_map(|timeline| timeline.moments());
        Self {
            revision: bench.revision(),
            file_revision: Some(bench.file_revision()),
            versions: moments.map(|moment| (moment.position, moment.version)).collect(),
        }
    }
}

/// The open scenario as versions without a journal kept it: JSON with the scenario's text.
fn old_draft(text: &str) -> Option<EditHistory> {
    let draft: serde_json::Value = serde_json::from_str(text).ok()?;
    let field = |key: &str| draft[key].as_str().map(str::to_owned);
    let scenario_text = field("text").filter(|text| parse_draft(text).is_some())?;
    Some(EditHistory {
        history_id: 0,
        present: 0,
        file: EditedFile { path: field("path").map(Into::into), saved_text: field("saved_text") },
        steps: vec![(0, PackedText::pack(&scenario_text))],
    })
}
