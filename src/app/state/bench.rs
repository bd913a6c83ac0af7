//! The open scenario with its undo steps; problems and plan are worked out once per change.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use super::Draft;
use crate::model::{Plan, Problem, Scenario, parse_scenario, validate, write_scenario};

/// Undo steps that are kept.
const MAX_UNDO_STEPS: usize = 400;

/// The open scenario.
#[derive(Default)]
pub struct Workbench {
    open: Option<Open>,
    path: Option<PathBuf>,
    /// Counts changes, so that others know when theirs is stale.
    revision: u64,
}

struct Open {
    scenario: Arc<Scenario>,
    /// As last opened or saved; none for one that never was.
    saved: Option<Arc<Scenario>>,
    /// The file's text, whose comments survive the next save.
    saved_text: Option<String>,
    undo: VecDeque<Arc<Scenario>>,
    redo: Vec<Arc<Scenario>>,
    /// The gesture that made the newest undo step.
    last_step: Option<u64>,
    problems: Vec<Problem>,
    plan: Option<Arc<Plan>>,
}

impl Open {
    fn new(scenario: Scenario, saved: Option<Arc<Scenario>>, saved_text: Option<String>) -> Self {
        let mut open = Self {
            scenario: Arc::new(scenario),
            saved,
            saved_text,
            undo: VecDeque::new(),
            redo: Vec::new(),
            last_step: None,
            problems: Vec::new(),
            plan: None,
        };
        open.derive();
        open
    }

    fn derive(&mut self) {
        self.problems = validate(&self.scenario);
        let is_valid = !self.problems.iter().any(Problem::is_error);
        self.plan = is_valid.then(|| Arc::new(Plan::new(&self.scenario, 1.0)));
    }
}

impl Workbench {
    /// Takes up a kept draft.
    pub fn restored(draft: Draft) -> Self {
        let saved_text = draft.saved_text;
        let saved =
            saved_text.as_deref().and_then(|text| parse_scenario(text).ok()).map(|(s, _)| Arc::new(s));
        Self { open: Some(Open::new(draft.scenario, saved, saved_text)), path: draft.path, revision: 0 }
    }

    /// Replaces the open scenario by one that was read from `text`.
    pub fn open(&mut self, scenario: Scenario, text: Option<String>, path: Option<PathBuf>) {
        let saved = text.is_some().then(|| Arc::new(scenario.clone()));
        self.open = Some(Open::new(scenario, saved, text));
        self.path = path;
        self.revision += 1;
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub fn scenario(&self) -> Option<&Arc<Scenario>> {
        self.open.as_ref().map(|open| &open.scenario)
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
        self.open.as_ref().is_some_and(|open| open.saved.as_ref() != Some(&open.scenario))
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
        if *open.scenario == scenario {
            return;
        }
        let before = std::mem::replace(&mut open.scenario, Arc::new(scenario));
        if open.last_step != Some(step) {
            open.undo.push_back(before);
            if open.undo.len() > MAX_UNDO_STEPS {
                open.undo.pop_front();
            }
        }
        open.last_step = Some(step);
        open.redo.clear();
        open.derive();
        self.revision += 1;
    }

    pub fn can_undo(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.undo.is_empty())
    }

    pub fn can_redo(&self) -> bool {
        self.open.as_ref().is_some_and(|open| !open.redo.is_empty())
    }

    pub fn undo(&mut self) {
        let Some(open) = &mut self.open else { return };
        if let Some(before) = open.undo.pop_back() {
            open.redo.push(std::mem::replace(&mut open.scenario, before));
            open.last_step = None;
            open.derive();
            self.revision += 1;
        }
    }

    pub fn redo(&mut self) {
        let Some(open) = &mut self.open else { return };
        if let Some(after) = open.redo.pop() {
            open.undo.push_back(std::mem::replace(&mut open.scenario, after));
            open.last_step = None;
            open.derive();
            self.revision += 1;
        }
    }

    /// The file's text as it would be saved now.
    pub fn text(&self) -> Option<String> {
        let open = self.open.as_ref()?;
        Some(write_scenario(&open.scenario, open.saved_text.as_deref()))
    }

    /// Notes that `scenario` was written to `path` as `text`.
    pub fn saved(&mut self, scenario: Arc<Scenario>, text: String, path: PathBuf) {
        let Some(open) = &mut self.open else { return };
        open.saved = Some(scenario);
        open.saved_text = Some(text);
        self.path = Some(path);
        self.revision += 1;
    }

    /// Lets go of edits that the analyst does not want to save.
    pub fn forget_changes(&mut self) {
        if let Some(open) = &mut self.open {
            open.saved = Some(Arc::clone(&open.scenario));
        }
    }

    /// What to keep so that nothing is lost.
    pub fn draft(&self) -> Option<Draft> {
        let open = self.open.as_ref()?;
        Some(Draft {
            scenario: (*open.scenario).clone(),
            path: self.path.clone(),
            saved_text: open.saved_text.clone(),
        })
    }
}
