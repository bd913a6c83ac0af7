//! The bar above the screens: which scenario, where to, and the controls of editing and running.

use egui::{Align, Label, Layout, Panel, Ui};
use egui_material_icons::icons;

use super::{live_control, queue::queue_button_ui};
use crate::{
    app::{
        actions::tooltip,
        command::{Command, Commands},
        sandbox_panel::SandboxCommand,
        state::{RunState, State},
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
    model::{SANDBOX_BASE_URL, Scenario, Side},
};

const HEIGHT: f32 = 54.0;

/// Below this the less used controls lose their words.
const ROOMY: f32 = 820.0;
const ROOMY_FOR_ALL: f32 = 1_040.0;
/// Below this a run under way leaves no room for files.
const ENOUGH_FOR_FILES: f32 = 640.0;
/// Room beside the run's controls below which no file control has words.
const ENOUGH_FOR_WORDS: f32 = 400.0;

pub fn top_bar_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let frame = egui::Frame::new().fill(colors.chrome).inner_margin(egui::Margin::symmetric(16, 0));
    Panel::top("top bar").exact_size(HEIGHT).frame(frame).resizable(false).show(ui, |ui| {
        let width = ui.available_width();
        let is_live = state.run_state.is_live();
        // What changes the run comes first while there is one.
        let is_roomy = width >= if is_live { ROOMY_FOR_ALL } else { ROOMY };
        ui.horizontal_centered(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                run_ui(ui, state, width >= ENOUGH_FOR_FILES, commands);
                if width >= ENOUGH_FOR_FILES {
                    queue_button_ui(ui, state, is_roomy, commands);
                }
                if is_live {
                    live_control::plan_ui(ui, state, width >= ROOMY, commands);
                    ui.add_space(space::S);
                }
                ui.add_space(space::XS);
                if !is_live || width >= ENOUGH_FOR_FILES {
                    files_ui(ui, state, is_roomy, commands);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| name_ui(ui, state, commands));
            });
        });
    });
}

fn name_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let Some(scenario) = state.bench.scenario() else {
        ui.add(Label::new(theme::muted(ui, "No scenario open")).truncate());
        return;
    };
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 0.0);
        ui.spacing_mut().interact_size.y = 20.0;
        // Two lines in the middle of the bar.
        ui.add_space((ui.available_height() - 40.0).max(0.0) / 2.0);
        ui.horizontal(|ui| {
            let is_dirty = state.bench.is_dirty();
            let name = if scenario.name.is_empty() { "Unnamed scenario" } else { &scenario.name };
            ui.set_max_width(ui.available_width() - if is_dirty { 14.0 } else { 0.0 });
            ui.add(Label::new(theme::text(name, size::SECTION, Weight::SemiBold)).truncate());
            if is_dirty {
                let (rect, dot) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), egui::Sense::hover());
                ui.painter().circle_filled(rect.center(), 3.5, colors.warn);
                dot.on_hover_text("Not saved to a file yet; the draft is kept");
            }
        });
        address_ui(ui, state, scenario, commands);
    });
}

/// Where requests go, and the choice of the environment that says so.
fn address_ui(ui: &mut Ui, state: &State, scenario: &Scenario, commands: &mut Commands) {
    let environment = scenario.chosen_environment();
    let own = environment.and_then(|environment| environment.base_url.as_ref());
    let base_url = own.unwrap_or(&scenario.base_url);
    let base_url = if base_url.is_empty() { "No base URL yet" } else { base_url };
    let base_url = match scenario.interleave {
        Some(_) => format!("{base_url} by turns with {}", scenario.side_words(Side::Candidate)),
        None => base_url.to_owned(),
    };
    if scenario.environments.is_empty() {
        target_ui(ui, state, &base_url, commands);
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding = egui::vec2(4.0, 1.0);
        let color = theme::colors(ui).accent_text;
        let shown = environment.map_or("No environment", |environment| environment.name.as_str());
        let text = theme::small(ui, shown).color(color);
        let icon = icons::ICON_KEYBOARD_ARROW_DOWN.codepoint;
        let icon = egui::RichText::new(icon).font(theme::icon_font(14.0)).color(color);
        let pick = widgets::named(
            ui.add(egui::Button::new((text, icon)).frame_when_inactive(false)),
            "Choose the environment",
        );
        let pick =
            pick.on_hover_text("The environment in force: where requests go, and what is different there");
        egui::Popup::menu(&pick).show(|ui| {
            let names = scenario.environments.iter().map(|environment| Some(&environment.name));
            for name in std::iter::once(None).chain(names) {
                let label = name.map_or("No environment", String::as_str);
                if ui.selectable_label(scenario.environment.as_ref() == name, label).clicked() {
                    commands.push(Command::ChooseEnvironment(name.cloned()));
                }
            }
        });
        target_ui(ui, state, &base_url, commands);
    });
}

/// Where requests go; a sandbox leads to its panel.
fn target_ui(ui: &mut Ui, state: &State, base_url: &str, commands: &mut Commands) {
    if !base_url.starts_with(SANDBOX_BASE_URL) {
        ui.add(Label::new(theme::small(ui, base_url)).truncate());
        return;
    }
    let up = state.sandbox.base_url().filter(|_| state.scenario_uses_sandbox());
    let words = match up {
        Some(address) => format!("{base_url} up at {}", address.trim_start_matches("http://")),
        None => base_url.to_owned(),
    };
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = egui::vec2(0.0, 1.0);
        let text = theme::small(ui, words).color(theme::colors(ui).accent_text);
        let button = egui::Button::new(text).frame_when_inactive(false).truncate();
        let tip = match up {
            Some(_) => "Runs from this window go to the sandbox that is up. Click for its switches and counts",
            None => "Each run starts a sandbox of its own. Click for one that stays up, with its switches and counts",
        };
        let response = widgets::named(ui.add(button), "Target: the sandbox").on_hover_text(tip);
        if response.clicked() {
            commands.push(Command::Sandbox(SandboxCommand::TogglePanel));
        }
    });
}

fn files_ui(ui: &mut Ui, state: &State, is_roomy: bool, commands: &mut Commands) {
    let with_words = ui.available_width() >= ENOUGH_FOR_WORDS;
    presets_ui(ui, state, with_words, commands);
    let controls = [
        (icons::ICON_SAVE, "Save", Command::SaveScenario, is_roomy),
        (icons::ICON_FOLDER_OPEN, "Open…", Command::BrowseForScenario, is_roomy),
        (icons::ICON_REDO, "Redo", Command::Redo, false),
        (icons::ICON_UNDO, "Undo", Command::Undo, false),
    ];
    for (icon, label, command, with_words) in controls {
        let refusal = state.refusal(&command);
        let tip = tooltip(ui.ctx(), label, &command, refusal.as_deref());
        let response = ui
            .add_enabled_ui(refusal.is_none(), |ui| {
                if with_words {
                    widgets::button(ui, icon, label)
                } else {
                    widgets::bare_icon_button(ui, icon, label)
                }
            })
            .inner
            .on_hover_text(&tip)
            .on_disabled_hover_text(&tip);
        if response.clicked() {
            commands.push(command);
        }
    }
}

fn presets_ui(ui: &mut Ui, state: &State, with_words: bool, commands: &mut Commands) {
    let more = widgets::icon_button(ui, icons::ICON_MORE_VERT, "More for the scenario");
    egui::Popup::menu(&more).show(|ui| {
        for (label, command) in [
            ("New scenario", Command::NewScenario),
            ("Save as…", Command::BrowseForSave),
            ("Save as preset…", Command::BrowseForPreset),
        ] {
            let refusal = state.refusal(&command);
            let tip = tooltip(ui.ctx(), label, &command, refusal.as_deref());
            let button = egui::Button::new(label).frame_when_inactive(false);
            let response = ui.add_enabled(refusal.is_none(), button);
            if response.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() {
                commands.push(command);
            }
        }
    });
    let tip = tooltip(ui.ctx(), "Presets: scenarios to start from", &Command::ShowGallery, None);
    let (icon, label) = (icons::ICON_LIBRARY_BOOKS, "Presets");
    let response = if with_words {
        widgets::button(ui, icon, label)
    } else {
        widgets::bare_icon_button(ui, icon, label)
    };
    if response.on_hover_text(tip).clicked() {
        commands.push(Command::ShowGallery);
    }
}

/// Why the run cannot start stands beside its button, one click from the list.
fn problems_ui(ui: &mut Ui, state: &State, with_words: bool, commands: &mut Commands) {
    let n_errors = state.bench.n_errors();
    if n_errors == 0 {
        return;
    }
    let label = format!("Solve {}", humanize::counted(n_errors as u64, "problem"));
    let words = if with_words { label.clone() } else { n_errors.to_string() };
    let text = theme::text(words, size::BODY, Weight::Medium).color(theme::colors(ui).fail);
    let tip = state.bench.run_refusal().unwrap_or_default();
    let response = widgets::named(ui.add(egui::Button::new(text).frame_when_inactive(false)), &label);
    if response.on_hover_text(format!("{tip}\nClick to see all problems")).clicked() {
        commands.push(Command::ShowProblems);
    }
}

/// Asks what the search for the highest load starts from.
fn search_button_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let refusal = state.refusal(&Command::StartRun);
    let words = "Search for the highest load that meets the targets";
    let tip = tooltip(ui.ctx(), words, &Command::AskSearch, refusal.as_deref());
    let button = ui
        .add_enabled_ui(refusal.is_none(), |ui| {
            widgets::bare_icon_button(ui, icons::ICON_TROUBLESHOOT, "Search for the capacity")
        })
        .inner;
    if button.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() {
        commands.push(Command::AskSearch);
    }
}

fn run_ui(ui: &mut Ui, state: &State, with_words: bool, commands: &mut Commands) {
    match &state.run_state {
        RunState::Idle => {
            let refusal = state.refusal(&Command::StartRun);
            let tip = tooltip(ui.ctx(), "Start run", &Command::StartRun, refusal.as_deref());
            let response = ui
                .add_enabled_ui(refusal.is_none(), |ui| {
                    widgets::primary_button(ui, icons::ICON_PLAY_ARROW, "Start run")
                })
                .inner
                .on_hover_text(&tip)
                .on_disabled_hover_text(&tip);
            if response.clicked() {
                commands.push(Command::StartRun);
            }
            search_button_ui(ui, state, commands);
            problems_ui(ui, state, with_words, commands);
        }
        RunState::Starting(_) => {
            ui.label(theme::muted(ui, "Starting…"));
            ui.spinner();
        }
        RunState::Live(_) => {
            let abort = tooltip(
                ui.ctx(),
                "Abort run: requests in flight are given up; what was measured is kept",
                &Command::AbortRun,
                None,
            );
            if widgets::danger_button(ui, icons::ICON_CANCEL, "Abort run").on_hover_text(abort).clicked() {
                commands.push(Command::AbortRun);
            }
            let stop = tooltip(
                ui.ctx(),
                "Stop run: requests in flight may finish; what was measured is kept",
                &Command::StopRun,
                None,
            );
            if widgets::primary_button(ui, icons::ICON_STOP, "Stop run").on_hover_text(stop).clicked() {
                commands.push(Command::StopRun);
            }
        }
    }
}
