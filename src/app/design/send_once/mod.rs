//! Send once: one iteration with everything shown, and what can be made of it with a click.

mod answer;
mod checks;
mod json_tree;
mod learn;
mod literal;
mod messages;
mod offer;
mod request;
mod steps;
mod timings;
mod value;
mod variables;

use egui::Ui;
use egui_material_icons::icons;

use super::journeys::Selected;
use crate::{
    app::{
        actions::tooltip,
        command::{Command, Commands},
        state::{Once, OnceStep, Sent},
        theme::{self, space},
        widgets,
    },
    engine::OnceEnd,
    model::{Scenario, Step},
};

/// A side of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Answer,
    Request,
    Timings,
    Variables,
    Checks,
}

/// What the panel shows beside what was sent.
#[derive(Debug, Default)]
pub struct OnceView {
    /// The step whose exchange is shown; none follows what is being sent.
    chosen: Option<usize>,
    side: Side,
    tree: json_tree::TreeView,
    /// A value of an answer that was clicked.
    value: Option<value::Value>,
    /// A literal of a request that was clicked.
    literal: Option<literal::Literal>,
    learning: Option<learn::Learning>,
}

/// What the panel works with.
pub struct OnceWork<'a> {
    pub once: &'a Once,
    /// Of the scenario as it is now.
    pub revision: u64,
    pub commands: &'a mut Commands,
}

/// The step that an exchange came of, within the scenario as it is now.
struct Origin {
    journey: usize,
    step: usize,
}

impl Origin {
    /// None where the step was removed since.
    fn of(exchange: &OnceStep, scenario: &Scenario) -> Option<Self> {
        let exchange = &exchange.exchange;
        let places =
            scenario.journeys.iter().enumerate().flat_map(|(journey, it)| {
                it.steps.iter().enumerate().map(move |(step, it)| (journey, step, it))
            });
        let named: Vec<_> = places
            .enumerate()
            .filter(|(_, (_, _, step))| step.name == exchange.name)
            .map(|(index, (journey, step, _))| (index, Self { journey, step }))
            .collect();
        // Steps may have moved; the one that stands where it stood goes before others of its name.
        let at = named.iter().position(|(index, _)| *index == exchange.step).unwrap_or(0);
        named.into_iter().nth(at).map(|(_, origin)| origin)
    }

    fn step_mut<'a>(&self, scenario: &'a mut Scenario) -> &'a mut Step {
        &mut scenario.journeys[self.journey].steps[self.step]
    }

    fn step<'a>(&self, scenario: &'a Scenario) -> &'a Step {
        &scenario.journeys[self.journey].steps[self.step]
    }
}

impl OnceView {
    /// Forgets what was clicked: something else is being sent.
    pub fn begin(&mut self) {
        *self = Self { side: self.side, ..Self::default() };
    }

    /// The step that is shown, of at least one: the newest while more may come, then the first that failed.
    fn shown(&self, sent: &Sent) -> usize {
        let last = sent.steps.len() - 1;
        let failed = sent.steps.iter().position(|step| !step.exchange.is_ok());
        let by_itself = if sent.end.is_some() { failed.unwrap_or(last) } else { last };
        self.chosen.unwrap_or(by_itself).min(last)
    }

    fn forget_clicks(&mut self) {
        (self.value, self.literal, self.learning) = (None, None, None);
        self.tree = json_tree::TreeView::default();
    }
}

/// The buttons that send; they stand in the tab's head.
pub fn send_buttons_ui(ui: &mut Ui, selected: Selected, work: &mut OnceWork<'_>) {
    if work.once.is_under_way() {
        let response = widgets::button(ui, icons::ICON_CLOSE, "Cancel");
        if response.on_hover_text("Gives up what is in flight; steps that are over stay").clicked() {
            work.commands.push(Command::CancelSendOnce);
        }
        ui.spinner();
        return;
    }
    let what = "Sends one iteration of this journey and shows everything; think times are left out";
    let tip = tooltip(ui.ctx(), what, &Command::SendOnce, None);
    if widgets::primary_button(ui, icons::ICON_SEND, "Send once").on_hover_text(tip).clicked() {
        work.commands.push(Command::SendOnce);
    }
    if selected.step.is_some() {
        let what = "Sends the selected step alone, with the values that earlier steps took when the journey was sent last";
        let tip = tooltip(ui.ctx(), what, &Command::SendStepOnce, None);
        if widgets::button(ui, icons::ICON_SEND, "Send this step").on_hover_text(tip).clicked() {
            work.commands.push(Command::SendStepOnce);
        }
    }
}

/// Draws what was sent; clicks may change the scenario.
pub fn once_ui(ui: &mut Ui, view: &mut OnceView, scenario: &mut Scenario, work: &OnceWork<'_>) {
    let Some(sent) = work.once.sent() else {
        widgets::card(ui, empty_ui);
        return;
    };
    state_ui(ui, sent, work);
    if sent.steps.is_empty() {
        return;
    }
    widgets::card(ui, |ui| steps::steps_ui(ui, view, sent));
    let step = &sent.steps[view.shown(sent)];
    widgets::card(ui, |ui| {
        let sides = [
            (Side::Answer, "Response"),
            (Side::Request, "Request"),
            (Side::Timings, "Timings"),
            (Side::Variables, "Variables"),
            (Side::Checks, "Checks"),
        ];
        ui.horizontal_wrapped(|ui| {
            if widgets::segments(ui, &mut view.side, &sides) {
                view.forget_clicks();
            }
        });
        failure_ui(ui, step);
        let origin = Origin::of(step, scenario);
        // Another step's fold and scroll are its own.
        ui.push_id((step.exchange.step, view.side as u8), |ui| match view.side {
            Side::Answer => answer::answer_ui(ui, view, step, (scenario, origin.as_ref())),
            Side::Request => request::request_ui(ui, view, step, (scenario, origin.as_ref())),
            Side::Timings => timings::timings_ui(ui, &step.exchange),
            Side::Variables => variables::variables_ui(ui, &step.exchange),
            Side::Checks => checks::checks_ui(ui, view, step, (scenario, origin.as_ref())),
        });
    });
}

fn empty_ui(ui: &mut Ui) {
    let words = "Send once walks through the selected journey a single time, without think times, and shows each \
                 request and answer as sent, how long each phase took, and what checks and extracts found. Click a \
                 value of an answer to extract or check it, or a literal of a request to make it a variable.";
    widgets::empty_state(ui, icons::ICON_SEND, "Nothing sent yet", words, |_| ());
}

/// What is to be known of the whole of it.
fn state_ui(ui: &mut Ui, sent: &Sent, work: &OnceWork<'_>) {
    let colors = theme::colors(ui);
    let mut line = |words: &str, color| {
        ui.label(theme::text(words, theme::size::BODY, theme::Weight::Medium).color(color));
    };
    match &sent.end {
        Some(Err(error)) => line(&format!("Nothing was sent: {error}"), colors.fail),
        Some(Ok(OnceEnd::Cancelled)) => {
            line("Cancelled; the steps that were over by then stand.", colors.warn)
        }
        Some(Ok(OnceEnd::Completed)) => {}
        None if sent.steps.is_empty() => line("Sending…", colors.muted),
        None => {}
    }
    if sent.revision != work.revision {
        line("From before your last edit.", colors.warn);
    }
    ui.add_space(-space::XS);
}

fn failure_ui(ui: &mut Ui, step: &OnceStep) {
    let Some(failure) = &step.exchange.failure else { return };
    let colors = theme::colors(ui);
    let words = theme::text(&failure.signature, theme::size::BODY, theme::Weight::SemiBold);
    ui.add(egui::Label::new(words.color(colors.fail)).wrap());
    if !failure.detail.is_empty() {
        ui.add(egui::Label::new(theme::muted(ui, &failure.detail)).wrap().selectable(true));
    }
}
