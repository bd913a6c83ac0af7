//! The open scenario with its undo steps and its file; problems and plan are worked out once per change.

use std::{path::PathBuf, sync::Arc};

use super::Timeline;
use crate::{
    model::{Plan, Problem, Scenario, parse_draft, parse_scenario, validate, write_scenario},
    store::{EditHistory, EditedFile},
};

/// The open scenario.
#[derive(Default)]
pub struct Workbench {
    open: Option<Open>,
    path: Option<PathBuf>,
    /// Counts changes, so that others know when theirs is stale.
    revision: u64,
    /// Counts changes of path, saved text and what is known of the file.
    file_revision: u64,
}

struct Open {
    timeline: Timeline,
    /// As last opened or saved; none for one that never was.
    saved: Option<Arc<Scenario>>,
    /// The file's text as last opened or saved, whose comments survive the next save.
    saved_text: Option<Arc<str>>,
    /// What the file holds as far as the analyst knows; differs from `saved_text` once they kept theirs instead.
    known_text: Option<Arc<str>>,
    is_dirty: bool,
    problems: Vec<Problem>,
    plan: Option<Arc<Plan>>,
}

impl Open {
    fn new(timeline: Timeline, saved: Option<Arc<Scenario>>, saved_text: Option<String>) -> Self {
        let saved_text: Option<Arc<str>> = saved_text.map(Into::into);
        let known_text = saved_text.clone();
        let (problems, plan) = (Vec::new(), None);
        let mut open = Self { timeline, saved, saved_text, known_text, is_dirty: false, problems, plan };
        open.derive();
        open
    }

    fn scenario(&self) -> &Arc<Scenario> {
        self.timeline.scenario()
    }

    fn derive(&mut self) {
        self.problems = validate(self.scenario());
        let is_valid = !self.problems.iter().any(Problem::is_error);
        self.plan = is_valid.then(|| Arc::new(Plan::new(self.scenario(), 1.0)));
        self.compare();
    }

    // Once per change: screens ask in every frame, and large scenarios take a while to compare.
    fn compare(&mut self) {
        self.is_dirty = self.saved.as_ref() != Some(self.scenario());
    }
}

impl Workbench {
    /// Takes up a kept history; none where what was open cannot be read.
    pub fn restored(history: EditHistory) -> Option<Self> {
        let EditedFile { path, saved_text } = history.file;
        let n_steps = history.steps.len() as u64;
        let timeline = Timeline::restored(history.steps, history.present, 0)?;
        let saved = saved_text.as_deref().and_then(parse_draft).map(Arc::new);
        let open = Open::new(timeline, saved, saved_text);
        Some(Self { open: Some(open), path, revision: n_steps, file_revision: 0 })
    }

    /// Replaces the open scenario by one that was read from `text`; its history begins anew.
    pub fn open(&mut self, scenario: Scenario, text: Option<String>, path: Option<PathBuf>) {
        self.revision += 1;
        self.file_revision += 1;
        let scenario = Arc::new(scenario);
        let saved = text.is_some().then(|| Arc::clone(&scenario));
        self.open = Some(Open::new(Timeline::new(scenario, self.revision), saved, text));
        self.path = path;
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub fn scenario(&self) -> Option<&Arc<Scenario>> {
        self.open.as_ref().map(Open::scenario)
    }

    pub fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// None while the scenario has errors.
    pub fn plan(&self) -> Option<&Arc<Plan>> {
        self.open.as_ref()?.plan.as_ref()
    }

    pub fn problems(&self) -> &[Problem] {
        self.open.as_ref().map_or(&[], |open| &open.problems)
    }

    pub fn n_errors(&self) -> usize {
        self.problems().iter().filter(|problem| problem.is_error()).count()
    }

    /// Whether something is not saved yet.
    pub fn is_dirty(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_dirty)
    }

    /// Why this scenario cannot run.
    pub fn run_refusal(&self) -> Option<String> {
        if !self.is_open() {
            return Some("Open a scenario or a preset first".to_owned());
        }
        let first = self.problems().iter().find(|problem| problem.is_error())?;
        let rest = self.n_errors() - 1;
        let more = if rest > 0 { format!(" ({rest} more under Problems)") } else { String::new() };
        Some(format!("{first}{more}"))
    }

    /// Replaces the scenario; edits with the same `step` are one undo step.
    pub fn edit(&mut self, scenario: Scenario, step: u64) {
        let Some(open) = &mut self.open else { return };
        if **open.scenario() == scenario {
            return;
        }
        self.revision += 1;
        open.timeline.edit(Arc::new(scenario), step, self.revision);
        open.derive();
    }

    pub fn can_undo(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.timeline.can_undo())
    }

    pub fn can_redo(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.timeline.can_redo())
    }

    pub fn undo(&mut self) {
        self.walk(Timeline::undo);
    }

    pub fn redo(&mut self) {
        self.walk(Timeline::redo);
    }

    fn walk(&mut self, step: impl FnOnce(&mut Timeline) -> bool) {
        if let Some(open) = &mut self.open
            && step(&mut open.timeline)
        {
            open.derive();
            self.revision += 1;
        }
    }

    /// The undo steps with the state that is open.
    pub fn timeline(&self) -> Option<&Timeline> {
        self.open.as_ref().map(|open| &open.timeline)
    }

    /// The file's text as it would be saved now.
    pub fn text(&self) -> Option<String> {
        let open = self.open.as_ref()?;
        Some(write_scenario(open.scenario(), open.saved_text.as_deref()))
    }

    /// The file with its text as last opened or saved, as the journal keeps it.
    pub fn edited_file(&self) -> EditedFile {
        let saved_text = self.open.as_ref().and_then(|open| open.saved_text.as_deref());
        EditedFile { path: self.path.clone(), saved_text: saved_text.map(str::to_owned) }
    }

    /// Counts changes of the file's path and of what is known to be in it.
    pub fn file_revision(&self) -> u64 {
        self.file_revision
    }

    /// What the analyst knows to be in the file; none for a scenario that has no file.
    pub fn known_text(&self) -> Option<&Arc<str>> {
        self.path.as_ref()?;
        self.open.as_ref()?.known_text.as_ref()
    }

    /// Notes that `scenario` was written to `path` as `text`.
    pub fn saved(&mut self, scenario: Arc<Scenario>, text: String, path: PathBuf) {
        let Some(open) = &mut self.open else { return };
        let text: Arc<str> = text.into();
        open.saved = Some(scenario);
        open.saved_text = Some(Arc::clone(&text));
        open.known_text = Some(text);
        open.compare();
        self.path = Some(path);
        self.revision += 1;
        self.file_revision += 1;
    }

    /// Takes the file's new text over as an edit that can be undone.
    pub fn reload(&mut self, scenario: Scenario, text: &str, step: u64) {
        self.edit(scenario, step);
        let Some(open) = &mut self.open else { return };
        let text: Arc<str> = text.into();
        open.saved = Some(Arc::clone(open.scenario()));
        open.saved_text = Some(Arc::clone(&text));
        open.known_text = Some(text);
        open.compare();
        self.revision += 1;
        self.file_revision += 1;
    }

    /// Notes that the file now holds `text`, and that the open scenario stays as it is; none if the file is gone.
    pub fn file_differs(&mut self, text: Option<&str>) {
        let Some(open) = &mut self.open else { return };
        open.known_text = text.map(Into::into);
        let parsed = text.and_then(|text| parse_scenario(text).ok());
        open.saved = parsed.map(|(scenario, _)| Arc::new(scenario));
        open.compare();
        self.file_revision += 1;
    }

    /// Lets go of edits that the analyst does not want to save.
    pub fn forget_changes(&mut self) {
        if let Some(open) = &mut self.open {
            open.saved = Some(Arc::clone(open.scenario()));
            open.compare();
        }
    }
}
