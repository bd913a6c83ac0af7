//! The Journeys tab: the tree at the left, what is selected in it at the right.

use egui::{ScrollArea, Ui};

use super::{
    Tab,
    inspector::{InspectorView, inspector_ui},
    marks::Marks,
    place::Place,
    send_once::{OnceView, OnceWork, once_ui, send_buttons_ui},
    templated::Columns,
    tree::{TreeView, tree_ui},
};
use crate::{
    app::{command::Commands, state::Once, theme::space, widgets},
    model::Scenario,
};

const LIST: std::ops::RangeInclusive<f32> = 264.0..=380.0;
/// The share of the width that the tree takes.
const LIST_SHARE: f32 = 0.34;
/// What stands above and below the tree's rows in its card.
const AROUND_ROWS: f32 = 196.0;
/// The rows' height where the tree stands above the inspector.
const LOW: f32 = 168.0;

/// The selected journey, and step within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    pub journey: usize,
    pub step: Option<usize>,
}

/// What the Journeys tab shows.
#[derive(Debug, Default)]
pub struct JourneysView {
    pub selected: Selected,
    tree: TreeView,
    inspector: InspectorView,
    side: Side,
    once: OnceView,
}

/// What stands beside the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Edit,
    SendOnce,
}

/// What the tab works with.
pub struct Work<'a> {
    pub marks: &'a Marks<'a>,
    pub commands: &'a mut Commands,
    pub columns: &'a Columns,
    /// Of the scenario, so that what is worked out of it is worked out once.
    pub revision: u64,
    pub once: &'a Once,
}

impl JourneysView {
    /// What is selected, as far as the scenario has it.
    pub fn selected_in(&self, scenario: &Scenario) -> Selected {
        let mut selected = self.selected;
        settle(&mut selected, scenario);
        selected
    }

    /// Shows what is being sent once in place of the inspector.
    pub fn show_once(&mut self) {
        self.side = Side::SendOnce;
        self.once.begin();
    }

    /// Selects the journey or step that a field belongs to, and opens the field's part.
    pub fn show(&mut self, place: &Place, field: &str) {
        let Some(journey) = place.journey else { return };
        self.selected = Selected { journey, step: place.step };
        self.side = Side::Edit;
        self.inspector.open_part_of(field);
    }
}

/// Whether tree and inspector stand side by side and scroll on their own.
pub fn is_wide(ui: &Ui) -> bool {
    ui.available_width() >= 700.0 && ui.available_height() >= 420.0
}

/// Draws the tab; returns another one that the analyst asked for.
pub fn journeys_ui(
    ui: &mut Ui,
    view: &mut JourneysView,
    scenario: &mut Scenario,
    work: &mut Work<'_>,
    is_wide: bool,
) -> Option<Tab> {
    settle(&mut view.selected, scenario);
    if !is_wide {
        let asked = widgets::card(ui, |ui| view.tree_ui(ui, (scenario, work.marks), LOW)).inner;
        view.inspector.wants_cursor |= asked;
        settle(&mut view.selected, scenario);
        return view.side_ui(ui, scenario, work);
    }
    let height = ui.available_height();
    let list = (ui.available_width() * LIST_SHARE).clamp(*LIST.start(), *LIST.end());
    let right = ui.available_width() - list - space::M;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        ui.vertical(|ui| {
            ui.set_width(list);
            let asked =
                widgets::card(ui, |ui| view.tree_ui(ui, (scenario, work.marks), height - AROUND_ROWS));
            view.inspector.wants_cursor |= asked.inner;
        });
        settle(&mut view.selected, scenario);
        ui.vertical(|ui| {
            ui.set_width(right);
            ScrollArea::vertical()
                .id_salt("inspector")
                .auto_shrink(false)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = space::M;
                    view.side_ui(ui, scenario, work)
                })
                .inner
        })
        .inner
    })
    .inner
}

impl JourneysView {
    fn tree_ui(&mut self, ui: &mut Ui, (scenario, marks): (&mut Scenario, &Marks<'_>), height: f32) -> bool {
        tree_ui(ui, &mut self.tree, &mut self.selected, (scenario, marks), height)
    }

    /// The inspector, or what was sent once.
    fn side_ui(&mut self, ui: &mut Ui, scenario: &mut Scenario, work: &mut Work<'_>) -> Option<Tab> {
        let mut once = OnceWork { once: work.once, revision: work.revision, commands: work.commands };
        if !scenario.journeys.is_empty() {
            ui.horizontal_wrapped(|ui| {
                widgets::segments(ui, &mut self.side, &[(Side::Edit, "Edit"), (Side::SendOnce, "Sent once")]);
                send_buttons_ui(ui, self.selected, &mut once);
            });
        }
        match self.side {
            Side::Edit => inspector_ui(ui, &mut self.inspector, self.selected, scenario, work),
            Side::SendOnce => {
                once_ui(ui, &mut self.once, scenario, &once);
                None
            }
        }
    }
}

fn settle(selected: &mut Selected, scenario: &Scenario) {
    selected.journey = selected.journey.min(scenario.journeys.len().saturating_sub(1));
    let n_steps = scenario.journeys.get(selected.journey).map_or(0, |journey| journey.steps.len());
    selected.step = selected.step.filter(|step| *step < n_steps);
}
