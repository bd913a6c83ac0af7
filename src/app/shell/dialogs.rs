//! Dialogs: questions before something that costs, and a path field beside the desktop's own file dialog.

use egui::{Id, Key, Modal, Ui};
use egui_material_icons::icons;

use super::{
    file_change::{FileChange, file_change_ui},
    gallery::{SavePreset, save_preset_ui},
    queue::{QueueForm, queue_ui},
};
use crate::app::{
    command::{Command, Commands, Ending, Purpose, Question},
    history::{NOISE_WIDTH, NoiseView, RetentionForm, noise_ui, retention_ui},
    search::{SearchForm, search_ui},
    state::State,
    theme::{self, Weight, size, space},
    what_if::{WHAT_IF_WIDTH, WhatIfView, what_if_ui},
    widgets,
};

/// The dialog that is open.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// Asks for a file.
    Path {
        purpose: Purpose,
        text: String,
    },
    /// The window is to close while a run is under way, or while others wait.
    Closing,
    Question(Question),
    SavePreset(SavePreset),
    /// What waits, and what is to be queued.
    Queue(QueueForm),
    /// Which runs are kept.
    Retention(Box<RetentionForm>),
    /// How much runs of one scenario differ.
    Noise(Box<NoiseView>),
    /// What a search starts from.
    Search(Box<SearchForm>),
    /// What a change of the target would bring.
    WhatIf(Box<WhatIfView>),
    /// Another program changed the open scenario's file.
    FileChanged(Box<FileChange>),
}

pub fn dialog_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    let is_dirty = state.bench.is_dirty();
    // Taken out while it is drawn: it shows the state that it is part of.
    let Some(mut taken) = state.dialog.take() else { return };
    let dialog = &mut taken;
    let colors = theme::colors(ui);
    let frame = egui::Frame::window(ui.style()).fill(colors.card);
    let widest = match dialog {
        Dialog::FileChanged(change) if change.difference.is_some() => 820.0,
        Dialog::Queue(_) => 600.0,
        Dialog::Retention(_) => 640.0,
        Dialog::Noise(_) => NOISE_WIDTH,
        Dialog::WhatIf(_) => WHAT_IF_WIDTH,
        Dialog::Search(_) => 560.0,
        _ => 480.0,
    };
    let width = (ui.ctx().content_rect().width() - 64.0).min(widest);
    let modal = Modal::new(Id::unique(("dialog", std::mem::discriminant(dialog)))).frame(frame).show(
        ui.ctx(),
        |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = space::M;
            match dialog {
                Dialog::Path { purpose, text } => path_ui(ui, *purpose, text, commands),
                Dialog::Closing => closing_ui(ui, state, commands),
                Dialog::Queue(form) => queue_ui(ui, form, state, commands),
                Dialog::Retention(form) => {
                    title_ui(ui, "Which runs are kept");
                    retention_ui(ui, form, &state.shelf, commands);
                }
                Dialog::Noise(view) => {
                    title_ui(ui, "How much these runs differ");
                    noise_ui(ui, view, commands);
                }
                Dialog::Search(form) => {
                    title_ui(ui, "Search for the capacity");
                    search_ui(ui, form, commands);
                }
                Dialog::WhatIf(view) => {
                    title_ui(ui, "What if");
                    what_if_ui(ui, view, commands);
                }
                Dialog::Question(question) => question_ui(ui, question, commands),
                Dialog::SavePreset(preset) => {
                    title_ui(ui, "Save as preset");
                    save_preset_ui(ui, preset, commands);
                }
                Dialog::FileChanged(change) => {
                    title_ui(ui, "The scenario's file has changed");
                    file_change_ui(ui, change, is_dirty, commands);
                }
            }
        },
    );
    if modal.should_close() {
        // A question about the file that is not answered leaves what is open as it is.
        let is_of_file = matches!(dialog, Dialog::FileChanged(_));
        commands.push(if is_of_file { Command::KeepMine } else { Command::CloseDialog });
    }
    state.dialog = Some(taken);
}

fn title_ui(ui: &mut Ui, title: &str) {
    ui.label(theme::text(title, size::HEADING, Weight::SemiBold));
}

fn path_ui(ui: &mut Ui, purpose: Purpose, text: &mut String, commands: &mut Commands) {
    let (title, yes) = match purpose {
        Purpose::OpenScenario => ("Open a scenario file", "Open"),
        Purpose::SaveScenario => ("Save the scenario", "Save file"),
        Purpose::ExportReport(_) => ("Export the report", "Export"),
        Purpose::ExportComparison => ("Export the comparison", "Export"),
        Purpose::ExportRun(_) => ("Export the run as one file", "Export run"),
        Purpose::ImportRun => ("Import a run", "Import run"),
    };
    title_ui(ui, title);
    let hint = match purpose {
        Purpose::OpenScenario | Purpose::SaveScenario => "A scenario file ends in .toml.",
        Purpose::ExportReport(_) => "The ending chooses the format: .md, .html, .json, .csv or .xml.",
        Purpose::ExportComparison => "The ending chooses the format: .md for Markdown, .json for numbers.",
        Purpose::ExportRun(_) => {
            "The file holds the whole run, with its scenario, notes and labels, and can be imported elsewhere. A file \
             that is there is replaced."
        }
        Purpose::ImportRun => "A file that was made by exporting a run, here or on another machine.",
    };
    let field =
        widgets::labelled(ui, "File path", |ui| widgets::text_field(ui, "File path", text, f32::INFINITY));
    // Asked before the focus is: a field that gets it back has not lost it.
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    ui.label(theme::small(ui, hint));
    let path = std::path::PathBuf::from(text.trim());
    let has_path = !text.trim().is_empty();
    ui.horizontal(|ui| {
        let tip =
            "Opens the desktop's file dialog, where the desktop has one; the path field works everywhere";
        if widgets::button(ui, icons::ICON_FOLDER_OPEN, "Browse…").on_hover_text(tip).clicked() {
            commands.push(Command::OpenNativeDialog(purpose));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let confirmed = ui
                .add_enabled_ui(has_path, |ui| widgets::primary_button(ui, icons::ICON_CHECK, yes))
                .inner
                .clicked();
            if has_path && (confirmed || entered) {
                commands.push(Command::CloseDialog);
                commands.push(match purpose {
                    Purpose::OpenScenario => Command::OpenScenario(path),
                    Purpose::SaveScenario => Command::SaveScenarioAs(path),
                    Purpose::ExportReport(run_id) => Command::ExportReport(run_id, path),
                    Purpose::ExportComparison => Command::ExportComparison(path),
                    Purpose::ExportRun(run_id) => Command::ExportRun(run_id, path),
                    Purpose::ImportRun => Command::ImportRun(path),
                });
            }
            if widgets::link_button(ui, "Cancel").clicked() {
                commands.push(Command::CloseDialog);
            }
        });
    });
}

fn closing_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let mut choices = vec![(icons::ICON_PLAY_ARROW, "Keep running", "The window stays open", None)];
    if state.run_state.is_busy() {
        title_ui(ui, "A run is under way");
        ui.label("Whatever you choose, what was measured so far is kept in the library.");
        choices = vec![
            (icons::ICON_STOP, "Stop and keep", "Requests in flight may finish first", Some(Ending::Stop)),
            (icons::ICON_CANCEL, "Abort and keep", "Requests in flight are given up", Some(Ending::Abort)),
            choices[0],
        ];
    } else {
        let (title, tip) = if state.queue.goes_on() {
            ("Runs wait in the queue", "What waits stays in the library")
        } else {
            choices[0] = (icons::ICON_UNDO, "Keep the window open", "Nothing is closed", None);
            ("The run has ended", "The run is kept in the library")
        };
        title_ui(ui, title);
        choices.insert(0, (icons::ICON_CLOSE, "Close the window", tip, Some(Ending::Stop)));
    }
    if let Some(words) = state.queue_words() {
        ui.label(words);
    }
    ui.horizontal_wrapped(|ui| {
        for (icon, label, tip, ending) in choices {
            let response = match ending {
                Some(Ending::Abort) => widgets::danger_button(ui, icon, label),
                Some(Ending::Stop) => widgets::button(ui, icon, label),
                None => widgets::primary_button(ui, icon, label),
            };
            if response.on_hover_text(tip).clicked() {
                commands.push(ending.map_or(Command::CloseDialog, Command::CloseWindow));
            }
        }
    });
}

fn question_ui(ui: &mut Ui, question: &Question, commands: &mut Commands) {
    title_ui(ui, &question.title);
    ui.label(&question.text);
    widgets::answers(ui, |ui| {
        if widgets::danger_button(ui, icons::ICON_CHECK, question.yes).clicked() {
            commands.push(Command::CloseDialog);
            commands.push(question.command.clone());
        }
        if widgets::link_button(ui, "Cancel").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}
