//! The tab of the load: canvas and table, and beside them what the load comes to and its model.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    DesignView, Desk, Part,
    canvas::{self, Aids},
    last_run::{LastRun, ceiling},
    load_model,
    marks::Marks,
    readouts, stage_table,
    tools::{Tool, tools_ui},
};
use crate::{
    app::{
        actions::tooltip,
        command::{Command, Commands},
        state::apply_refusal,
        theme::{self, space},
        widgets,
    },
    model::Scenario,
};

/// Below this width, what stands beside the canvas moves under it.
const TWO_COLUMNS: f32 = 780.0;
const SIDE: f32 = 268.0;
/// Below this a profile's heading has no room for words on its button.
const WORDY_HEADING: f32 = 440.0;

/// What canvas and table are drawn by.
struct Main<'a> {
    marks: &'a Marks<'a>,
    aids: Aids,
}

pub fn load_ui(
    ui: &mut Ui,
    view: &mut DesignView,
    edited: &mut Scenario,
    part: &Part<'_>,
    commands: &mut Commands,
) {
    let Part { desk, marks } = *part;
    let last_run = LastRun::of(desk, edited, commands);
    let main = Main { marks, aids: Aids { preview: None, ceiling: ceiling(desk, edited, &last_run) } };
    if ui.available_width() < TWO_COLUMNS {
        main_ui(ui, view, edited, main, |ui, with_words| apply_ui(ui, desk, with_words, commands));
        side_ui(ui, view, edited, part, &last_run);
    } else {
        let main_width = ui.available_width() - SIDE - space::M;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                ui.set_width(main_width);
                let apply = |ui: &mut Ui, with_words| apply_ui(ui, desk, with_words, commands);
                main_ui(ui, view, edited, main, apply);
            });
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                ui.set_width(SIDE);
                side_ui(ui, view, edited, part, &last_run);
            });
        });
    }
    if std::mem::take(&mut view.canvas.takes_back) {
        commands.push(Command::Undo);
    }
}

/// What the load comes to, and the model.
fn side_ui(ui: &mut Ui, view: &mut DesignView, edited: &mut Scenario, part: &Part<'_>, last_run: &LastRun) {
    let Part { desk, marks } = *part;
    let plan = desk.bench.plan();
    let planned = plan.map(|plan| readouts::Planned::of(&mut view.planned, plan, desk.bench.revision()));
    readouts::readouts_ui(ui, edited, planned, last_run);
    load_model::load_model_ui(ui, edited, last_run, marks);
}

fn main_ui(
    ui: &mut Ui,
    view: &mut DesignView,
    edited: &mut Scenario,
    main: Main<'_>,
    apply_ui: impl FnOnce(&mut Ui, bool),
) {
    let Main { marks, mut aids } = main;
    // The canvas takes what a screen has left over, within bounds that keep the table in sight.
    let height = (ui.ctx().content_rect().height() - 530.0).clamp(220.0, 420.0);
    widgets::card(ui, |ui| {
        let what = if edited.load.model.is_open() { "Arrivals per second" } else { "Virtual users" };
        let with_words = ui.available_width() >= WORDY_HEADING;
        widgets::section_with(ui, what, |ui| {
            apply_ui(ui, with_words);
            ui.checkbox(&mut view.canvas.ripples, "Ripple")
                .on_hover_text("Moving a point moves everything after it (R on the canvas)");
            ui.checkbox(&mut view.canvas.snaps, "Snap")
                .on_hover_text("Points move in friendly steps of time and level (S on the canvas)");
        });
        aids.preview = tools_ui(ui, &mut view.tool, &mut view.canvas, &mut edited.load);
        canvas::canvas_ui(ui, &mut view.canvas, edited, &aids, height);
        below_ui(ui, view);
    });
    widgets::card(ui, |ui| stage_table::stage_table_ui(ui, &mut view.canvas, edited, marks));
}

/// What was just done, or else what can be done.
fn below_ui(ui: &mut Ui, view: &DesignView) {
    if let Some(said) = &view.canvas.said {
        let colors = theme::colors(ui);
        let color = if said.is_trouble { colors.fail } else { colors.text };
        ui.label(theme::small(ui, &said.words).color(color));
        return;
    }
    let words = match view.tool {
        Tool::None => {
            "Click to add a point, drag to move it (Shift keeps its time, Alt its level), Delete or Ctrl+click removes \
             it; double-click a stage to name it."
        }
        _ => "The dashed line shows what the profile would become.",
    };
    let keys = "Escape puts back a point that is being dragged. Ctrl+C and Ctrl+V copy and paste the profile as text. On the keyboard: Tab walks the points, arrows move (Shift: ten steps), Insert adds, Delete removes, F2 or Enter \
                names, Home and End go to the first and last, R and S switch ripple and snap, +, − and 0 zoom the time axis";
    ui.label(theme::small(ui, words)).on_hover_text(keys);
}

/// Lets the run under way go on with this profile.
fn apply_ui(ui: &mut Ui, desk: &Desk<'_>, with_words: bool, commands: &mut Commands) {
    if !desk.run_state.is_live() {
        return;
    }
    let (icon, label, command) = (icons::ICON_PUBLISH, "Apply profile to run", Command::ApplyProfile);
    let refusal = apply_refusal(desk.bench, desk.run_state);
    let what = "Apply profile to run: the run under way goes on with the stages that follow its present one";
    let tip = tooltip(ui.ctx(), what, &command, refusal.as_deref());
    let draw = |ui: &mut Ui| {
        if with_words { widgets::button(ui, icon, label) } else { widgets::bare_icon_button(ui, icon, label) }
    };
    let response = ui.add_enabled_ui(refusal.is_none(), draw).inner;
    if response.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() {
        commands.push(command);
    }
    ui.add_space(space::S);
}
