//! Obeys what is asked of sending once.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{
    command::{Command, View},
    state::State,
};
use crate::{engine::HIDDEN, launch::SendOnce, model::Scenario};

impl State {
    /// Sends the selected journey, or only the selected step of it.
    pub fn send_once(&mut self, command: &Command) {
        if let Some(reason) = self.refusal(command) {
            self.messages.fail(format!("Nothing was sent. {reason}."));
            return;
        }
        let Some(scenario) = self.bench.scenario().map(Arc::clone) else { return };
        let selected = self.design.selected(&scenario);
        let step = selected.step.filter(|_| *command == Command::SendStepOnce);
        let values =
            if step.is_some() { self.known_values(&scenario, selected.journey) } else { BTreeMap::new() };
        let files_root = self.bench.path().and_then(|path| path.parent()).map(Path::to_owned);
        let once = SendOnce {
            scenario: Scenario::clone(&scenario),
            files_root,
            journey: selected.journey,
            step,
            values,
            cancel: CancellationToken::new(),
        };
        self.view = View::Design;
        self.design.show_once();
        self.once.send(&mut self.jobs, once, self.bench.revision());
    }

    /// Tests the connection of a monitor of the open scenario.
    pub fn test_monitor(&mut self, index: usize) {
        if let Some(scenario) = self.bench.scenario() {
            let files_root = self.bench.path().and_then(|path| path.parent()).map(Path::to_owned);
            self.probe_tests.begin(&mut self.jobs, scenario, index, files_root);
        }
    }

    /// Why nothing can be sent once; none when it can.
    pub fn send_refusal(&self, command: &Command) -> Option<String> {
        let Some(scenario) = self.bench.scenario() else { return Some("No scenario is open".to_owned()) };
        let selected = self.design.selected(scenario);
        if scenario.journeys.get(selected.journey).is_none_or(|journey| journey.steps.is_empty()) {
            return Some("The selected journey has no step yet".to_owned());
        }
        let is_step = *command == Command::SendStepOnce;
        (is_step && selected.step.is_none()).then(|| "No step is selected".to_owned())
    }

    /// The values that steps of the journey took out of answers when it was sent last.
    fn known_values(&self, scenario: &Scenario, journey: usize) -> BTreeMap<String, String> {
        let Some(sent) = self.once.sent().filter(|sent| sent.journey == journey) else {
            return BTreeMap::new();
        };
        let extracts = scenario.journeys[journey].steps.iter().flat_map(|step| &step.extracts);
        let last = sent.steps.last().map(|step| &step.exchange.after);
        extracts
            .filter_map(|extract| {
                let value = last?.get(&extract.name)?.clone()?;
                // What was hidden is not known here.
                (!value.contains(HIDDEN)).then(|| (extract.name.clone(), value))
            })
            .collect()
    }
}
