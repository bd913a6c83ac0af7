//! The Monitors tab: what is watched beside the load, from where, and which limits enter the verdict.

mod access;
mod inspector;
mod limits;
mod list;
mod offers;
mod pick;
mod queries;
mod ready;
mod series;
mod source;
mod tested;
mod value;

pub use pick::group_words;
pub use ready::Start;
pub use tested::clock_words;

use egui::Ui;
use egui_material_icons::icons;

use super::{
    inspector::Pen,
    marks::Marks,
    templated::{Columns, Offers},
};
use crate::{
    app::{
        command::Commands,
        state::ProbeTests,
        theme::{self, Weight, size, space},
        widgets,
    },
    model::Scenario,
};

/// Below this width the list stands above what is selected in it.
const TWO_COLUMNS: f32 = 720.0;
const LIST: f32 = 250.0;

/// What the Monitors tab remembers between frames.
#[derive(Debug, Default)]
pub struct MonitorsView {
    selected: usize,
}

/// What the tab works with.
pub struct MonitorsWork<'a> {
    pub marks: &'a Marks<'a>,
    pub columns: &'a Columns,
    pub tests: &'a ProbeTests,
    pub commands: &'a mut Commands,
}

impl MonitorsView {
    /// Selects a monitor.
    pub fn show(&mut self, index: usize) {
        self.selected = index;
    }

    /// Adds a monitor to the scenario and selects it.
    pub fn add(&mut self, scenario: &mut Scenario, start: Start) {
        let taken = scenario.monitors.iter().map(|monitor| monitor.name.as_str());
        let monitor = start.monitor(taken);
        self.selected = scenario.monitors.len();
        scenario.monitors.push(monitor);
    }
}

/// Draws the tab.
pub fn monitors_ui(
    ui: &mut Ui,
    view: &mut MonitorsView,
    scenario: &mut Scenario,
    work: &mut MonitorsWork<'_>,
) {
    if scenario.monitors.is_empty() {
        widgets::card(ui, |ui| nothing_ui(ui, view, scenario));
        return;
    }
    view.selected = view.selected.min(scenario.monitors.len() - 1);
    if ui.available_width() < TWO_COLUMNS {
        widgets::card(ui, |ui| list::list_ui(ui, view, scenario, work.marks));
        selected_ui(ui, view, scenario, work);
        return;
    }
    let main = ui.available_width() - LIST - space::M;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        ui.vertical(|ui| {
            ui.set_width(LIST);
            widgets::card(ui, |ui| list::list_ui(ui, view, scenario, work.marks));
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::M;
            ui.set_width(main);
            selected_ui(ui, view, scenario, work);
        });
    });
}

fn selected_ui(ui: &mut Ui, view: &mut MonitorsView, scenario: &mut Scenario, work: &mut MonitorsWork<'_>) {
    // The list may have removed the last one in this frame.
    if view.selected >= scenario.monitors.len() {
        return;
    }
    let offers = Offers::at(scenario, None, work.columns).with_base_url();
    let secrets = offers.of_secrets();
    let pens = inspector::Pens { any: Pen::new(work.marks, &offers), secret: Pen::new(work.marks, &secrets) };
    // Fields of another monitor must not take over what is being written in this one.
    ui.push_id(("monitor", view.selected), |ui| {
        inspector::inspector_ui(ui, view, scenario, &pens, work);
    });
    pens.any.keep_secrets(scenario);
    pens.secret.keep_secrets(scenario);
}

/// What monitors are for, and one button for each kind.
fn nothing_ui(ui: &mut Ui, view: &mut MonitorsView, scenario: &mut Scenario) {
    let words = "The load alone can say that a step got slow, not why. A monitor reads the target's resources once a \
                 second beside the load: processors, memory, disks, connections, hits of a cache. Limits on them enter \
                 the verdict. One that cannot be read leaves a gap and a caveat, never a broken run.";
    widgets::empty_state(ui, icons::ICON_MONITOR_HEART, "Nothing is watched yet", words, |_| ());
    ui.add_space(space::S);
    ui.vertical_centered(|ui| {
        ui.set_max_width(620.0);
        for start in Start::ALL {
            ui.horizontal(|ui| {
                ui.scope(|ui| {
                    ui.set_min_width(200.0);
                    if widgets::button(ui, start.icon(), &format!("Watch {}", start.object())).clicked() {
                        view.add(scenario, start);
                    }
                });
                let text = theme::text(start.words(), size::SMALL, Weight::Regular);
                ui.add(egui::Label::new(text.color(theme::colors(ui).muted)).wrap());
            });
        }
    });
    ui.add_space(space::L);
}
