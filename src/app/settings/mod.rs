//! The Settings screen: look, this machine, library, about.

mod machine;

#[cfg(test)]
pub use machine::machine_ui;

use egui::Ui;
use egui_material_icons::icons;

use super::{
    command::{Command, Commands, ThemeChoice},
    sandbox_panel::SandboxCommand,
    state::{Shelf, State},
    theme,
    tour::{TOUR_NAME, Tour, TourCommand},
    widgets,
};
use crate::humanize;
use crate::store::DiskUse;

/// What the Settings screen shows.
#[derive(Debug, Default)]
pub struct SettingsView {
    /// The scale while its slider is held; put in force when let go, as the slider would else run away.
    held_scale: Option<f32>,
}

pub fn settings_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    let refusal = state.refusal(&Command::Calibrate);
    let words = tour_words(&state.tour.tour);
    let State { settings: view, theme, scale, shelf, machine, .. } = state;
    widgets::page(ui, "settings", |ui| {
        widgets::column(ui, 720.0, |ui| {
            ui.label(theme::text("Settings", theme::size::TITLE, theme::Weight::SemiBold));
            widgets::card(ui, |ui| look_ui(ui, view, *theme, *scale, commands));
            widgets::card(ui, |ui| learn_ui(ui, words, commands));
            widgets::card(ui, |ui| machine::machine_ui(ui, machine, refusal.as_deref(), commands));
            widgets::card(ui, |ui| library_ui(ui, shelf, commands));
            widgets::card(ui, about_ui);
        });
    });
}

fn look_ui(ui: &mut Ui, view: &mut SettingsView, theme: ThemeChoice, scale: f32, commands: &mut Commands) {
    widgets::section(ui, "Look");
    widgets::labelled(ui, "Theme", |ui| {
        let mut chosen = theme;
        let choices =
            [(ThemeChoice::System, "System"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")];
        if widgets::segments(ui, &mut chosen, &choices) {
            commands.push(Command::ChooseTheme(chosen));
        }
    });
    widgets::labelled(ui, "Size of everything", |ui| {
        ui.spacing_mut().slider_width = 260.0;
        let mut value = view.held_scale.unwrap_or(scale);
        let slider = egui::Slider::new(&mut value, 0.8..=2.0)
            .step_by(0.05)
            .custom_formatter(|value, _| humanize::percent(value))
            .custom_parser(|text| {
                text.trim_end_matches([' ', '%']).parse().ok().map(|percent: f64| percent / 100.0)
            });
        let response = ui.add(slider);
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(value), "Size of everything"));
        view.held_scale = response.dragged().then_some(value);
        if (response.drag_stopped() || (response.changed() && !response.dragged())) && value != scale {
            commands.push(Command::ChooseScale(value));
        }
    });
}

/// What the button of the tour says, by how far it is.
fn tour_words(tour: &Tour) -> &'static str {
    match (tour.is_shown(), tour.is_begun()) {
        (true, _) => "Show the guided tour",
        (false, true) => "Resume the guided tour",
        (false, false) => "Begin the guided tour",
    }
}

fn learn_ui(ui: &mut Ui, tour_words: &str, commands: &mut Commands) {
    widgets::section(ui, "Learn");
    let words = format!(
        "{TOUR_NAME}: six steps on the built-in sandbox, from a first run to a report with the proof. Each is a real \
         action; it can be left and resumed."
    );
    ui.add(egui::Label::new(theme::muted(ui, words)).wrap());
    ui.horizontal_wrapped(|ui| {
        if widgets::button(ui, icons::ICON_SIGNPOST, tour_words).clicked() {
            commands.push(Command::Tour(TourCommand::Show));
        }
        let tip = "A target on this machine that stays up between runs, with its switches and counts";
        if widgets::button(ui, icons::ICON_SCIENCE, "Sandbox panel").on_hover_text(tip).clicked() {
            commands.push(Command::Sandbox(SandboxCommand::TogglePanel));
        }
    });
}

fn library_ui(ui: &mut Ui, shelf: &Shelf, commands: &mut Commands) {
    widgets::section(ui, "Run library");
    if shelf.is_to_be_measured() {
        commands.push(Command::MeasureLibrary);
    }
    let disk_use = shelf.disk_use();
    let size = disk_use.map(|DiskUse { n_bytes, n_log_bytes, .. }| {
        format!("{}, and {} of log beside it", humanize::bytes(n_bytes), humanize::bytes(n_log_bytes))
    });
    let or_missing = |words: Option<String>| words.unwrap_or_else(|| humanize::MISSING.to_owned());
    let runs: u64 = shelf.listings().iter().map(|listing| listing.n_bytes).sum();
    let deleted = disk_use.map(|disk_use| match disk_use.n_deleted {
        0 => "none".to_owned(),
        n => format!("{}  ·  {}", humanize::count(n), humanize::bytes(disk_use.n_deleted_bytes)),
    });
    widgets::key_values(
        ui,
        "library",
        &[
            ("File", shelf.path().display().to_string()),
            ("Size on disk", or_missing(size)),
            (
                "Room for the next runs",
                or_missing(disk_use.map(|disk_use| humanize::bytes(disk_use.n_free_bytes))),
            ),
            (
                "Runs",
                format!("{}  ·  {}", humanize::count(shelf.listings().len() as u64), humanize::bytes(runs)),
            ),
            ("Deleted runs", or_missing(deleted)),
        ],
    );
    ui.horizontal(|ui| {
        let tip = "Limits on the number, the age and the size of runs; nothing goes unasked";
        if widgets::button(ui, icons::ICON_AUTO_DELETE, "Which runs are kept…").on_hover_text(tip).clicked()
        {
            commands.push(Command::ShowRetention);
        }
        let has_deleted = disk_use.is_some_and(|disk_use| disk_use.n_deleted > 0);
        let tip = "Deleted runs stay in the file until they are removed for good";
        let purge = ui
            .add_enabled_ui(has_deleted, |ui| {
                widgets::button(ui, icons::ICON_DELETE_SWEEP, "Remove deleted runs for good…")
            })
            .inner
            .on_hover_text(tip)
            .on_disabled_hover_text(tip);
        if purge.clicked() && has_deleted {
            commands.push(Command::AskToPurge);
        }
    });
    ui.label(theme::small(ui, "Another library: start with `stagewright --library FILE`."));
}

fn about_ui(ui: &mut Ui) {
    widgets::section(ui, "About");
    widgets::key_values(
        ui,
        "about",
        &[
            ("Stagewright", env!("CARGO_PKG_VERSION").to_owned()),
            ("Licence", "MIT or Apache-2.0".to_owned()),
            ("Typeface", "IBM Plex Sans, SIL Open Font License 1.1".to_owned()),
            ("Icons", "Material Symbols, Apache License 2.0".to_owned()),
        ],
    );
}
