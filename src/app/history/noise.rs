//! A against A: how much the selected runs differ, and which change they could show; read on a thread of its own.

use std::sync::Arc;

use egui::{Label, ScrollArea, Ui};
use egui_extras::{Column, TableBuilder};
use egui_material_icons::icons;

use crate::analysis::noise::{noise_heads, noise_note};
use crate::app::{
    command::{Command, Commands},
    compare::{Progress, caution_ui, progress_ui},
    shell::Dialog,
    state::{Outcome, Slot, State},
    theme,
    widgets::{
        self,
        table::{self, HEAD_HEIGHT, ROW_HEIGHT},
    },
};
use crate::humanize;
use crate::launch::{RunNoise, noise_of_kept};
use crate::metrics::RunId;
use crate::store::{Library, RunListing};

/// Of the table's columns, in the order of [`noise_heads`].
const WIDTHS: [f32; 9] = [136.0, 76.0, 104.0, 132.0, 96.0, 92.0, 82.0, 82.0, 90.0];
/// What the dialog takes where there is room.
pub const NOISE_WIDTH: f32 = 890.0;

/// The noise of some runs, or how far it is.
#[derive(Clone, Debug)]
pub struct NoiseView {
    runs: Vec<RunId>,
    work: Work,
}

#[derive(Clone, Debug)]
enum Work {
    UnderWay(Arc<Progress>),
    Known(Box<RunNoise>),
    Failed(String),
}

impl NoiseView {
    /// Gives up what is under way.
    pub fn cancel(&self) {
        if let Work::UnderWay(progress) = &self.work {
            progress.cancel();
        }
    }

    /// Takes an outcome, unless it is of other runs.
    fn take(&mut self, runs: &[RunId], outcome: Result<Box<RunNoise>, String>) {
        if self.runs == runs {
            self.work = match outcome {
                Ok(noise) => Work::Known(noise),
                Err(error) => Work::Failed(error),
            };
        }
    }
}

impl State {
    /// Opens the dialog that tells how much these runs differ.
    pub fn show_noise(&mut self, runs: Vec<RunId>) {
        let progress = Arc::new(Progress::new(runs.len()));
        let work = Work::UnderWay(Arc::clone(&progress));
        self.dialog = Some(Dialog::Noise(Box::new(NoiseView { runs: runs.clone(), work })));
        let listings: Vec<RunListing> =
            runs.iter().filter_map(|run_id| self.shelf.listing(*run_id).cloned()).collect();
        let (path, ctx) = (self.shelf.path().to_owned(), self.jobs.ctx().clone());
        self.jobs.spawn(Slot::Noise, move || {
            let chosen: Vec<&RunListing> = listings.iter().collect();
            let mut on_read = |n_read| {
                progress.set_read(n_read);
                ctx.request_repaint();
            };
            let noise = Library::open(&path).map_err(|error| error.to_string()).and_then(|library| {
                noise_of_kept(&library, &chosen, &|| progress.is_cancelled(), &mut on_read)
                    .map_err(|error| error.to_string())
            });
            Outcome::NoiseKnown(runs, noise.map(|noise| noise.map(Box::new)))
        });
    }

    pub fn receive_noise(&mut self, runs: &[RunId], outcome: Result<Option<Box<RunNoise>>, String>) {
        if let (Some(Dialog::Noise(view)), Some(outcome)) = (&mut self.dialog, outcome.transpose()) {
            view.take(runs, outcome);
        }
    }
}

/// Draws the dialog.
pub fn noise_ui(ui: &mut Ui, view: &NoiseView, commands: &mut Commands) {
    match &view.work {
        Work::UnderWay(progress) => {
            if progress_ui(ui, progress, "working out how they differ", "Cancel") {
                commands.push(Command::CloseDialog);
            }
            return;
        }
        Work::Failed(error) => {
            ui.add(Label::new(error.as_str()).wrap());
        }
        Work::Known(noise) => known_ui(ui, noise),
    }
    widgets::answers(ui, |ui| {
        if widgets::primary_button(ui, icons::ICON_CHECK, "Close").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}

fn known_ui(ui: &mut Ui, noise: &RunNoise) {
    let words = format!("{}: {}", noise.scenario, humanize::counted(noise.runs.len() as u64, "run"));
    ui.add(Label::new(theme::muted(ui, words)).truncate());
    for sentence in noise.sentences() {
        ui.add(Label::new(sentence).wrap());
    }
    noise.cautions.iter().for_each(|caution| caution_ui(ui, caution));
    ScrollArea::horizontal().show(ui, |ui| table_ui(ui, noise));
    ui.add(Label::new(theme::small(ui, noise_note(noise.runs.len()))).wrap());
}

fn table_ui(ui: &mut Ui, noise: &RunNoise) {
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let builder = TableBuilder::new(ui)
        .id_salt("noise")
        .striped(false)
        .vscroll(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center));
    let builder = WIDTHS.iter().fold(builder, |builder, width| builder.column(Column::exact(*width)));
    let drawn = builder.header(HEAD_HEIGHT, |mut row| {
        for (place, head) in noise_heads().iter().enumerate() {
            row.col(|ui| table::head(ui, head, place > 0));
        }
    });
    drawn.body(|body| {
        body.rows(ROW_HEIGHT, noise.metrics.len(), |mut row| {
            row.set_overline(true);
            let [name, numbers @ ..] = noise.metrics[row.index()].cells();
            row.col(|ui| _ = ui.label(name));
            for number in numbers {
                row.col(|ui| _ = table::number(ui, number));
            }
        });
    });
}
