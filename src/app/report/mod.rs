//! The Report screen: a run's report as it will be read, what it holds, and the way out of the window.

mod advice;
mod asked;
mod bar;
mod contents;
mod drawing;
mod export;
mod job;
mod page;
mod remarks;
mod table;
mod words;

pub use asked::{MadeReport, ReportAsked};
pub use table::table_ui as report_table_ui;

use std::sync::Arc;

use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui, UiBuilder, vec2};
use egui_material_icons::icons;

use super::{
    command::{Command, Commands, View},
    compare::{Progress, caution_ui, progress_ui},
    run::{loading_ui, trouble_ui},
    state::Shelf,
    theme::space,
    widgets,
};
use crate::{
    analysis::Diagnosis,
    launch::BesideRun,
    metrics::{Finish, RunId},
    report::ReportTexts,
    store::RunListing,
};

/// A comfortable line, in points.
const PAGE_WIDTH: f32 = 860.0;
/// What is chosen and written stands beside the page in a column as wide as this.
const SIDE_WIDTH: f32 = 272.0;
/// In less room the column takes the page's place while it is asked for.
const ROOM_FOR_BOTH: f32 = SIDE_WIDTH + 420.0;
/// How strongly a report shows that is not the one asked for.
const OLD_STRENGTH: f32 = 0.6;

/// What the Report screen remembers between frames.
#[derive(Default)]
pub struct ReportView {
    /// The run whose report is shown.
    pub shown: Option<RunId>,
    /// What is to be made of it.
    asked: Option<ReportAsked>,
    work: Work,
    made: Option<Box<MadeReport>>,
    /// What is being written, until the report is made with it.
    writing: Option<ReportTexts>,
    /// The words before one of them was thrown away, with their run.
    before_loss: Option<(RunId, ReportTexts)>,
    /// What the report is made of has changed since it was asked for.
    is_stale: bool,
    /// Changes with what was made.
    n_made: u64,
    /// What is shown where there is no room for both.
    part: Part,
    /// Where to export to, as written, with the run it was proposed for.
    path: Option<(RunId, String)>,
}

/// What a narrow window shows of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Page,
    Side,
}

/// What became of what was asked for last.
#[derive(Default)]
enum Work {
    /// It is shown, or nothing was asked for.
    #[default]
    Done,
    UnderWay(Arc<Progress>),
    Cancelled,
    Failed(String),
}

impl ReportView {
    /// What is asked for of a run: what stands on the screen, or the full report.
    pub fn asked_of(&self, run_id: RunId) -> ReportAsked {
        let asked = self.asked.clone().filter(|asked| asked.run_id == run_id);
        asked.unwrap_or_else(|| ReportAsked::of(run_id))
    }

    /// The comparison that a report needs, where it was made before.
    pub fn beside_for(&self, asked: &ReportAsked) -> Option<Arc<BesideRun>> {
        let is_it =
            |made: &&MadeReport| (made.asked.run_id, made.asked.against) == (asked.run_id, asked.against);
        self.made.as_deref().filter(is_it).and_then(|made| made.beside.clone())
    }

    /// Takes up what is asked for; what is under way is given up.
    pub(in crate::app) fn begin(&mut self, asked: ReportAsked) -> Arc<Progress> {
        self.cancel();
        let progress = Arc::new(Progress::new(if asked.against.is_some() { 2 } else { 0 }));
        self.asked = Some(asked);
        self.is_stale = false;
        self.work = Work::UnderWay(Arc::clone(&progress));
        progress
    }

    /// Gives up what is under way; what is shown stays.
    pub fn cancel(&mut self) {
        if let Work::UnderWay(progress) = &self.work {
            progress.cancel();
            self.work = Work::Cancelled;
        }
    }

    /// Takes an outcome, unless something else was asked for meanwhile; returns words that are to be kept.
    pub fn take(
        &mut self,
        asked: &ReportAsked,
        outcome: Result<Option<Box<MadeReport>>, String>,
    ) -> Option<Arc<ReportTexts>> {
        if self.asked.as_ref() != Some(asked) || !matches!(self.work, Work::UnderWay(_)) {
            return None;
        }
        let mut edited = None;
        self.work = match outcome {
            Ok(Some(made)) => {
                self.n_made += 1;
                self.writing = None;
                edited = (asked.texts.is_some() && made.problems.is_empty()).then(|| Arc::clone(&made.texts));
                self.made = Some(made);
                Work::Done
            }
            Ok(None) => Work::Cancelled,
            Err(error) => Work::Failed(error),
        };
        edited
    }

    /// Has this made when the screen is drawn next.
    pub fn propose(&mut self, asked: ReportAsked) {
        self.cancel();
        self.asked = Some(asked);
        self.is_stale = true;
    }

    /// Has the report of a run made anew when it is drawn next: what it is made of has changed.
    pub fn renew(&mut self, run_id: RunId) {
        if self.asked.as_ref().is_some_and(|asked| asked.run_id == run_id) {
            self.is_stale = true;
        }
    }

    /// Lets the analyst's words be changed; what changed is kept with the run.
    fn edit(&mut self, commands: &mut Commands, change: impl FnOnce(&mut ReportTexts, &MadeReport)) {
        let Some(made) = &self.made else { return };
        let run_id = made.asked.run_id;
        let mut texts = self.writing.clone().unwrap_or_else(|| ReportTexts::clone(&made.texts));
        let before = texts.clone();
        change(&mut texts, made);
        if texts == before {
            return;
        }
        if texts.n_written() < before.n_written() {
            self.before_loss = Some((run_id, before));
        }
        self.writing = Some(texts.clone());
        commands.push(Command::EditReport(run_id, Box::new(texts)));
    }

    /// Whether the report on the screen is the one that is asked for.
    fn is_current(&self) -> bool {
        self.made.as_ref().map(|made| &made.asked) == self.asked.as_ref()
    }
}

/// Draws the Report screen.
pub fn report_ui(ui: &mut Ui, view: &mut ReportView, shelf: &Shelf, commands: &mut Commands) {
    let is_over = |listing: &&RunListing| listing.finish != Finish::Running;
    let Some(newest) = shelf.listings().iter().find(is_over) else {
        none_ui(ui, commands);
        return;
    };
    let run_id = view.shown.filter(|run_id| shelf.listing(*run_id).is_some()).unwrap_or(newest.run_id);
    let margin = Margin { bottom: 0, ..Margin::same(space::L as i8) };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        widgets::card(ui, |ui| bar::bar_ui(ui, view, shelf, run_id, commands));
    });
    match (shelf.loaded(run_id), shelf.trouble(run_id)) {
        (Some(run), _) if run.precise().is_some() => {
            if view.is_stale || view.asked.as_ref().is_none_or(|asked| asked.run_id != run_id) {
                commands.push(Command::MakeReport(Box::new(view.asked_of(run_id))));
            }
            if let Some(precise) = run.precise() {
                body_ui(ui, view, &precise.diagnosis, commands);
            }
        }
        (None, Some(trouble)) => trouble_ui(ui, run_id, trouble, commands),
        _ => loading_ui(ui, run_id, commands),
    }
}

fn none_ui(ui: &mut Ui, commands: &mut Commands) {
    let words = "Every kept run has a report: verdict, method, what limits it and what to do next, ready to \
                 export.";
    widgets::empty_state(ui, icons::ICON_DESCRIPTION, "No report yet", words, |ui| {
        if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
    });
}

/// What is chosen at the left, the report at the right; one of them where there is no room for both.
fn body_ui(ui: &mut Ui, view: &mut ReportView, diagnosis: &Diagnosis, commands: &mut Commands) {
    let margin = Margin { bottom: 0, ..Margin::same(space::L as i8) };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        if ui.available_width() < ROOM_FOR_BOTH {
            let parts = [(Part::Page, "Report"), (Part::Side, "Contents and export")];
            widgets::segments(ui, &mut view.part, &parts);
            ui.add_space(space::S);
            match view.part {
                Part::Page => page_ui(ui, view, commands),
                Part::Side => side_ui(ui, view, diagnosis, commands),
            }
            return;
        }
        let size = ui.available_size();
        ui.horizontal_top(|ui| {
            let side = vec2(SIDE_WIDTH, size.y);
            ui.allocate_ui_with_layout(side, Layout::top_down(Align::Min), |ui| {
                side_ui(ui, view, diagnosis, commands);
            });
            ui.add_space(space::S);
            let page = vec2(ui.available_width(), size.y);
            ui.allocate_ui_with_layout(page, Layout::top_down(Align::Min), |ui| page_ui(ui, view, commands));
        });
    });
}

fn side_ui(ui: &mut Ui, view: &mut ReportView, diagnosis: &Diagnosis, commands: &mut Commands) {
    ScrollArea::vertical().id_salt("report side").auto_shrink(false).show(ui, |ui| {
        let Some(run_id) = view.asked.as_ref().map(|asked| asked.run_id) else { return };
        ui.spacing_mut().item_spacing.y = space::M;
        widgets::card(ui, |ui| export::export_ui(ui, view, run_id, commands));
        let Some(made) = view.made.as_deref().filter(|made| made.asked.run_id == run_id) else { return };
        let texts = view.writing.as_ref().unwrap_or(&made.texts);
        widgets::card(ui, |ui| contents::contents_ui(ui, run_id, texts, commands));
        loss_ui(ui, view, run_id, commands);
        widgets::card(ui, |ui| words::words_ui(ui, view, commands));
        let advice = &diagnosis.recommendations;
        widgets::card(ui, |ui| advice::advice_ui(ui, view, advice, commands));
        if !diagnosis.checklist.rows.is_empty() {
            widgets::card(ui, |ui| remarks::remarks_ui(ui, view, &diagnosis.checklist, commands));
        }
        ui.add_space(space::L);
    });
}

/// Words that were thrown away can be taken back until others are.
fn loss_ui(ui: &mut Ui, view: &mut ReportView, run_id: RunId, commands: &mut Commands) {
    let Some((_, before)) = view.before_loss.as_ref().filter(|(of, _)| *of == run_id) else { return };
    let mut is_taken_back = false;
    widgets::card(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label("Words of yours were removed.");
            is_taken_back = widgets::link_button(ui, "Take them back").clicked();
        });
    });
    if is_taken_back {
        commands.push(Command::EditReport(run_id, Box::new(before.clone())));
        view.writing = Some(before.clone());
        view.before_loss = None;
    }
}

fn page_ui(ui: &mut Ui, view: &ReportView, commands: &mut Commands) {
    ScrollArea::vertical().id_salt("report").auto_shrink(false).show(ui, |ui| {
        state_ui(ui, view, commands);
        let Some(made) = &view.made else { return };
        for note in &made.notes {
            caution_ui(ui, note);
        }
        let margin = ((ui.available_width() - PAGE_WIDTH) / 2.0).max(0.0);
        ui.horizontal_top(|ui| {
            ui.add_space(margin);
            ui.vertical(|ui| {
                ui.set_width(PAGE_WIDTH.min(ui.available_width()));
                ui.scope_builder(UiBuilder::new(), |ui| {
                    if !view.is_current() {
                        ui.multiply_opacity(OLD_STRENGTH);
                    }
                    widgets::card(ui, |ui| page::document_ui(ui, &made.document, view.n_made));
                });
                ui.add_space(space::L);
            });
        });
    });
}

/// What became of what was asked for last, where it is not what is shown.
fn state_ui(ui: &mut Ui, view: &ReportView, commands: &mut Commands) {
    let again = |ui: &mut Ui, commands: &mut Commands| {
        let asked = view.asked.clone();
        if widgets::button(ui, icons::ICON_REFRESH, "Make it again").clicked()
            && let Some(asked) = asked
        {
            commands.push(Command::MakeReport(Box::new(asked)));
        }
    };
    match &view.work {
        Work::Done => return,
        // Most are made within a frame or two: a bar for each would flicker.
        Work::UnderWay(progress) if progress.n_runs == 0 => return,
        Work::UnderWay(progress) => {
            widgets::card(ui, |ui| {
                if progress_ui(ui, progress, "comparing", "Cancel") {
                    commands.push(Command::CancelReport);
                }
            });
        }
        Work::Cancelled => {
            widgets::card(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label("The report was given up.");
                    again(ui, commands);
                });
            });
        }
        Work::Failed(error) => {
            widgets::card(ui, |ui| {
                caution_ui(ui, &format!("The report was not made: {error}"));
                again(ui, commands);
            });
        }
    }
    ui.add_space(space::M);
}
