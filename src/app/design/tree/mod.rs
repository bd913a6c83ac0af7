//! The tree of journeys and steps: one widget for the keyboard, rows drawn only where they are in sight.

mod carry;
mod keys;
mod row;
mod rows;

use std::collections::HashSet;

use egui::{EventFilter, Id, Rect, ScrollArea, Sense, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons;

use super::{edit, journeys::Selected, marks::Marks};
use crate::{
    app::{
        theme::{self, space},
        widgets,
    },
    humanize,
    model::Scenario,
};

/// From so many rows on a filter helps.
const MANY_ROWS: usize = 15;

/// What the tree shows beside the scenario.
#[derive(Debug, Default)]
pub struct TreeView {
    filter: String,
    /// Journeys by name, so that they stay shut where they are moved to.
    collapsed: HashSet<String>,
    carried: Option<Selected>,
    rename: Option<Rename>,
    /// The selection that was scrolled to.
    shown: Option<Selected>,
    offset: f32,
    height: f32,
}

/// A name that is being written in its row.
#[derive(Debug)]
struct Rename {
    at: Selected,
    text: String,
    is_fresh: bool,
}

/// What a frame of the tree works with.
struct Tree<'a> {
    view: &'a mut TreeView,
    selected: &'a mut Selected,
    scenario: &'a mut Scenario,
    marks: &'a Marks<'a>,
    id: Id,
}

/// Draws the tree `height` tall; returns whether the analyst asked for the inspector.
pub fn tree_ui(
    ui: &mut Ui,
    view: &mut TreeView,
    selected: &mut Selected,
    (scenario, marks): (&mut Scenario, &Marks<'_>),
    height: f32,
) -> bool {
    widgets::section_with(ui, "Journeys", |ui| {
        ui.label(theme::small(ui, humanize::counted(scenario.n_steps() as u64, "step")));
    });
    ui.label(theme::small(ui, "One iteration walks through the steps of one journey."));
    let id = ui.make_persistent_id("tree");
    let mut tree = Tree { view, selected, scenario, marks, id };
    tree.filter_ui(ui);
    let rows = tree.rows();
    let asked = tree.keys(ui, &rows);
    // What the keys changed, the rows show in the same frame.
    let rows = tree.rows();
    tree.rows_ui(ui, &rows, height);
    tree.buttons_ui(ui);
    asked
}

impl Tree<'_> {
    fn filter_ui(&mut self, ui: &mut Ui) {
        let n_rows = self.scenario.n_steps() + self.scenario.journeys.len();
        if n_rows < MANY_ROWS && self.view.filter.is_empty() {
            return;
        }
        ui.horizontal(|ui| {
            let width = (ui.available_width() - theme::CONTROL_HEIGHT - space::S).max(60.0);
            if widgets::hinted_field(ui, "Filter steps", &mut self.view.filter, width).changed() {
                self.view.shown = None;
            }
            if !self.view.filter.is_empty()
                && widgets::icon_button(ui, icons::ICON_CLOSE, "Clear the filter").clicked()
            {
                self.view.filter.clear();
                self.view.shown = None;
            }
        });
    }

    fn rows(&self) -> Vec<Selected> {
        rows::rows(self.scenario, &self.view.collapsed, &self.view.filter)
    }

    fn rows_ui(&mut self, ui: &mut Ui, rows: &[Selected], height: f32) {
        if rows.is_empty() {
            let words =
                if self.scenario.journeys.is_empty() { "No journey yet." } else { "Nothing matches." };
            ui.label(theme::muted(ui, words));
            return;
        }
        let wanted = (rows.len() as f32 * row::HEIGHT).min(height.max(4.0 * row::HEIGHT));
        let area = Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), wanted));
        self.focus_ui(ui, area);
        let mut scroll =
            ScrollArea::vertical().id_salt("tree rows").max_height(wanted).auto_shrink([false, true]);
        if let Some(offset) = self.reveal(rows, wanted) {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let mut seen = Vec::new();
        let output = ui
            .scope(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                scroll.show_rows(ui, row::HEIGHT, rows.len(), |ui, range| {
                    for at in &rows[range] {
                        seen.push((*at, self.row_ui(ui, *at)));
                    }
                })
            })
            .inner;
        self.view.offset = output.state.clamped_offset().y;
        self.view.height = output.inner_rect.height();
        self.carry_ui(ui, &seen, output.inner_rect);
    }

    /// The whole tree is one stop of the Tab key.
    fn focus_ui(&self, ui: &mut Ui, area: Rect) {
        let response = ui.interact(area, self.id, Sense::CLICK | Sense::FOCUSABLE);
        response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, "Journeys and steps"));
        let active = self.row_id(*self.selected).accesskit_id();
        ui.ctx().accesskit_node_builder(self.id, |node| node.set_active_descendant(active));
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, arrows));
    }

    /// Where to scroll so that a new selection is in sight.
    fn reveal(&mut self, rows: &[Selected], height: f32) -> Option<f32> {
        if self.view.shown == Some(*self.selected) {
            return None;
        }
        let index = rows.iter().position(|at| at == self.selected)?;
        self.view.shown = Some(*self.selected);
        let (top, bottom) = (index as f32 * row::HEIGHT, (index + 1) as f32 * row::HEIGHT);
        let seen = if self.view.height > 0.0 { self.view.height } else { height };
        if top < self.view.offset {
            Some(top)
        } else if bottom > self.view.offset + seen {
            Some(bottom - seen)
        } else {
            None
        }
    }

    fn row_id(&self, at: Selected) -> Id {
        self.id.with((at.journey, at.step))
    }

    fn select(&mut self, ui: &Ui, at: Selected) {
        *self.selected = at;
        ui.memory_mut(|memory| memory.request_focus(self.id));
    }

    fn begin_rename(&mut self, at: Selected) {
        let Some(name) = name_of(self.scenario, at) else { return };
        self.view.rename = Some(Rename { at, text: name.to_owned(), is_fresh: true });
    }

    fn buttons_ui(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            if widgets::button(ui, icons::ICON_ADD, "Add step").on_hover_text("Insert").clicked() {
                *self.selected = edit::add_step(self.scenario, *self.selected);
            }
            if widgets::button(ui, icons::ICON_ADD, "Add journey").clicked() {
                *self.selected = edit::add_journey(self.scenario);
            }
        });
        if name_of(self.scenario, *self.selected).is_none() {
            return;
        }
        let what = if self.selected.step.is_some() { "step" } else { "journey" };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let mut button = |icon, label: &str, keys: &str| {
                let label = format!("{label} {what}");
                widgets::bare_icon_button(ui, icon, &label)
                    .on_hover_text(format!("{label} ({keys})"))
                    .clicked()
            };
            let selected = *self.selected;
            if button(icons::ICON_ARROW_UPWARD, "Move up", "Alt+↑") {
                *self.selected = edit::nudge(self.scenario, selected, false);
            }
            if button(icons::ICON_ARROW_DOWNWARD, "Move down", "Alt+↓") {
                *self.selected = edit::nudge(self.scenario, selected, true);
            }
            if button(icons::ICON_CONTENT_COPY, "Duplicate", "Ctrl+D") {
                *self.selected = edit::duplicate(self.scenario, selected);
            }
            if button(icons::ICON_EDIT, "Rename", "F2") {
                self.begin_rename(selected);
            }
            if button(icons::ICON_DELETE, "Remove", "Delete") {
                *self.selected = edit::remove(self.scenario, selected);
            }
        });
    }
}

fn name_of(scenario: &Scenario, at: Selected) -> Option<&str> {
    let journey = scenario.journeys.get(at.journey)?;
    match at.step {
        None => Some(&journey.name),
        Some(step) => journey.steps.get(step).map(|step| step.name.as_str()),
    }
}
