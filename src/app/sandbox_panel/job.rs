//! Starting, stopping, asking and changing the sandbox, all off the frame.

use std::time::{Duration, Instant};

use super::{SandboxCommand, desk::StartForm};
use crate::{
    app::state::{Outcome, RunState, Slot, State},
    model::{SANDBOX_BASE_URL, SandboxUrl, Scenario},
    sandbox::{SandboxChange, SandboxProcess, SandboxState, change_sandbox, sandbox_state},
};

impl State {
    pub fn obey_sandbox(&mut self, command: SandboxCommand) {
        match command {
            SandboxCommand::TogglePanel => self.sandbox.is_open = !self.sandbox.is_open,
            SandboxCommand::Start => {
                let form = self.sandbox.form.clone();
                self.start_sandbox(&form);
            }
            SandboxCommand::Stop => self.stop_sandbox(),
            SandboxCommand::Change(change) => self.change_sandbox(change),
            SandboxCommand::UseForScenario => self.use_sandbox(),
        }
    }

    /// Why a command for the sandbox cannot be obeyed now; none when it can.
    pub fn sandbox_refusal(&self, command: &SandboxCommand) -> Option<String> {
        let is_up = self.sandbox.standing().is_some();
        match command {
            SandboxCommand::TogglePanel => None,
            SandboxCommand::Start if is_up => Some("It is up already".to_owned()),
            SandboxCommand::Start if self.sandbox.is_starting() => Some("It is starting".to_owned()),
            SandboxCommand::Start => self.sandbox.form.wishes().err(),
            SandboxCommand::Stop | SandboxCommand::Change(_) if !is_up => Some("No sandbox is up".to_owned()),
            SandboxCommand::Stop if self.runs_on_sandbox() => {
                Some("The run under way goes to it; stop the run first".to_owned())
            }
            SandboxCommand::Stop | SandboxCommand::Change(_) => None,
            SandboxCommand::UseForScenario if !self.bench.is_open() => Some("No scenario is open".to_owned()),
            SandboxCommand::UseForScenario => None,
        }
    }

    /// Starts it as the tour needs it: plain, and as fast as usual.
    pub fn start_plain_sandbox(&mut self) {
        self.start_sandbox(&StartForm::default());
    }

    fn start_sandbox(&mut self, form: &StartForm) {
        if self.sandbox.standing().is_some() || self.sandbox.is_starting() {
            return;
        }
        let wishes = match form.wishes() {
            Ok(wishes) => wishes,
            Err(reason) => return self.messages.fail(format!("The sandbox did not start. {reason}")),
        };
        self.sandbox.begin();
        self.jobs.spawn(Slot::SandboxStart, move || {
            let started = SandboxProcess::start(wishes.iter().map(|(name, value)| (*name, value.as_str())));
            Outcome::SandboxStarted(started.map_err(|error| error.to_string()))
        });
    }

    pub fn receive_sandbox(&mut self, started: Result<SandboxProcess, String>) {
        let trouble = started.as_ref().err().cloned();
        self.sandbox.started(started);
        match (self.sandbox.base_url(), trouble) {
            (Some(base_url), _) => {
                let words = format!("The sandbox is up at {base_url}");
                self.messages.ok(words);
                self.ask_sandbox();
            }
            (None, Some(trouble)) => self.messages.fail(trouble),
            (None, None) => {}
        }
    }

    fn stop_sandbox(&mut self) {
        match self.sandbox_refusal(&SandboxCommand::Stop) {
            Some(reason) => self.messages.fail(format!("The sandbox was not stopped. {reason}.")),
            None => {
                self.sandbox.stop();
                self.messages.info("The sandbox is stopped");
            }
        }
    }

    fn change_sandbox(&mut self, change: SandboxChange) {
        let Some(base_url) = self.sandbox.base_url().map(str::to_owned) else { return };
        // Whoever reads the run later must know that its target was not the same throughout.
        if self.runs_on_sandbox()
            && let Some(live) = self.run_state.live()
        {
            live.run.annotate("The sandbox was changed from its panel");
        }
        self.jobs.spawn(Slot::SandboxChange, move || {
            let said = change_sandbox(&base_url, &change);
            Outcome::SandboxChanged(base_url, said)
        });
    }

    pub fn receive_sandbox_change(&mut self, base_url: &str, said: Result<SandboxState, String>) {
        if let Err(why) = &said {
            self.messages.fail(format!("The sandbox was not changed: {why}"));
        }
        self.sandbox.heard(base_url, said, Instant::now());
    }

    pub fn receive_sandbox_state(&mut self, base_url: &str, said: Result<SandboxState, String>) {
        if let Some(why) = self.sandbox.heard(base_url, said, Instant::now()) {
            self.messages.fail(format!("The sandbox does not answer: {why}"));
        }
    }

    /// Asks it each second while its panel shows, or while the tour waits for it; returns when to ask again.
    pub fn follow_sandbox(&mut self) -> Option<Duration> {
        let is_tour_waiting = self.tour.tour.is_shown() && !self.run_state.is_busy();
        let is_known = self.sandbox.standing().is_some_and(|up| up.state().is_some());
        if !self.sandbox.is_open && !is_tour_waiting && is_known {
            return None;
        }
        let wait = self.sandbox.ask_in(Instant::now())?;
        if wait.is_zero() {
            self.ask_sandbox();
        }
        self.sandbox.ask_in(Instant::now())
    }

    fn ask_sandbox(&mut self) {
        let Some(base_url) = self.sandbox.base_url().map(str::to_owned) else { return };
        self.sandbox.note_asked(Instant::now());
        if self.jobs.is_under_way(&Slot::SandboxState) {
            return;
        }
        self.jobs.spawn(Slot::SandboxState, move || {
            let said = sandbox_state(&base_url);
            Outcome::SandboxSaid(base_url, said)
        });
    }

    /// Points the open scenario at a plain sandbox, which is the one that is up.
    fn use_sandbox(&mut self) {
        let Some(scenario) = self.bench.scenario() else { return };
        let mut edited = Scenario::clone(scenario);
        let environment = edited.environment.clone();
        let chosen = edited.environments.iter_mut().find(|one| Some(&one.name) == environment.as_ref());
        match chosen.and_then(|environment| environment.base_url.as_mut()) {
            Some(base_url) => *base_url = SANDBOX_BASE_URL.to_owned(),
            None => edited.base_url = SANDBOX_BASE_URL.to_owned(),
        }
        let step = self.design.next_gesture();
        self.bench.edit(edited, step);
    }

    /// Whether the open scenario's runs go to the sandbox of this window.
    pub fn scenario_uses_sandbox(&self) -> bool {
        self.bench.scenario().is_some_and(|scenario| asks_for_plain(&scenario.resolved()))
    }

    /// Whether the run that starts or is under way goes to the sandbox of this window.
    fn runs_on_sandbox(&self) -> bool {
        let Some(base_url) = self.sandbox.base_url() else { return false };
        match &self.run_state {
            RunState::Idle => false,
            RunState::Starting(scenario) => asks_for_plain(&scenario.resolved()),
            RunState::Live(live) => live.run.base_url() == base_url,
        }
    }
}

/// Whether a scenario, as its environment makes it, is served by a sandbox that stands.
fn asks_for_plain(scenario: &Scenario) -> bool {
    let is_plain = SandboxUrl::of(&scenario.base_url).is_some_and(|wish| wish.wishes().next().is_none());
    is_plain && scenario.interleave.is_none()
}
