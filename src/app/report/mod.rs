//! The Report screen: a run's report as it will be read, and the way out of the window.

mod blocks;
mod table;

use std::{path::PathBuf, sync::Arc};

use egui::{Align, Label, Layout, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};
use egui_material_icons::icons;

use self::blocks::{Block, blocks};
use super::{
    command::{Command, Commands, Purpose, View},
    history::run_picker_ui,
    run::{loading_ui, trouble_ui},
    state::{LoadedRun, Shelf},
    theme::{self, Weight, size, space},
    widgets,
};
use crate::{
    metrics::{Finish, RunId},
    store::RunListing,
};

/// A comfortable line, in points.
const PAGE_WIDTH: f32 = 860.0;

const LINE_HEIGHT: f32 = 18.0;

/// What the Report screen remembers between frames.
#[derive(Default)]
pub struct ReportView {
    /// The run whose report is shown.
    pub shown: Option<RunId>,
    /// Where to export to, as written, with the run it was proposed for.
    path: Option<(RunId, String)>,
    preview: Option<Preview>,
}

/// A report split up for the screen.
struct Preview {
    run: Arc<LoadedRun>,
    blocks: Vec<Block>,
    cache: CommonMarkCache,
}

/// Draws the Report screen.
pub fn report_ui(ui: &mut Ui, view: &mut ReportView, shelf: &Shelf, commands: &mut Commands) {
    let is_over = |listing: &&RunListing| listing.finish != Finish::Running;
    let Some(newest) = shelf.listings().iter().find(is_over) else {
        let words = "Every kept run has a report: verdict, method, numbers per stage, step and service, \
                     ready to export.";
        widgets::empty_state(ui, icons::ICON_DESCRIPTION, "No report yet", words, |ui| {
            if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
                commands.push(Command::Show(View::Design));
            }
        });
        return;
    };
    let run_id = view.shown.filter(|run_id| shelf.listing(*run_id).is_some()).unwrap_or(newest.run_id);
    let bar = egui::Margin { bottom: 0, ..egui::Margin::same(space::L as i8) };
    egui::Frame::new().inner_margin(bar).show(ui, |ui| {
        widgets::card(ui, |ui| bar_ui(ui, view, shelf, run_id, commands));
    });
    match (shelf.loaded(run_id), shelf.trouble(run_id)) {
        (Some(run), _) => match run.precise() {
            Some(precise) => {
                view.renew(run, &precise.markdown);
                widgets::page(ui, "report", |ui| page_ui(ui, view));
            }
            None => loading_ui(ui, run_id, commands),
        },
        (None, Some(trouble)) => trouble_ui(ui, run_id, trouble, commands),
        (None, None) => loading_ui(ui, run_id, commands),
    }
}

/// Which run, and where its report goes.
fn bar_ui(ui: &mut Ui, view: &mut ReportView, shelf: &Shelf, run_id: RunId, commands: &mut Commands) {
    ui.horizontal(|ui| {
        if let Some(picked) = run_picker_ui(ui, "Run", shelf.listings(), Some(run_id), 330.0) {
            commands.push(Command::ShowReport(picked));
        }
        if view.path.as_ref().is_none_or(|(of, _)| *of != run_id) {
            view.path = Some((run_id, format!("report-{run_id}.md")));
        }
        let Some((_, path)) = &mut view.path else { return };
        let width = (ui.available_width() - 390.0).max(140.0);
        let hint = "The ending chooses the format: .md for Markdown, .json for numbers";
        widgets::labelled(ui, "Path", |ui| widgets::text_field(ui, "Path", path, width).on_hover_text(hint));
        ui.with_layout(Layout::left_to_right(Align::Max), |ui| {
            let is_loaded = shelf.loaded(run_id).is_some();
            let can_export = is_loaded && !path.trim().is_empty();
            let export = ui
                .add_enabled_ui(can_export, |ui| widgets::primary_button(ui, icons::ICON_SAVE, "Export"))
                .inner
                .on_hover_text(hint);
            if export.clicked() {
                commands.push(Command::ExportReport(run_id, PathBuf::from(path.trim())));
            }
            if widgets::button(ui, icons::ICON_FOLDER_OPEN, "Export…").clicked() {
                commands.push(Command::BrowseFor(Purpose::ExportReport(run_id)));
            }
            if let Some(precise) = shelf.loaded(run_id).and_then(|run| run.precise())
                && widgets::button(ui, icons::ICON_CONTENT_COPY, "Copy Markdown").clicked()
            {
                ui.ctx().copy_text(precise.markdown.clone());
            }
        });
    });
}

impl ReportView {
    /// Splits the report up again if it is another.
    fn renew(&mut self, run: &Arc<LoadedRun>, markdown: &str) {
        if !self.preview.as_ref().is_some_and(|preview| Arc::ptr_eq(&preview.run, run)) {
            let blocks = blocks(markdown);
            self.preview = Some(Preview { run: Arc::clone(run), blocks, cache: CommonMarkCache::default() });
        }
    }
}

/// The report on a page of readable width.
fn page_ui(ui: &mut Ui, view: &mut ReportView) {
    let Some(preview) = &mut view.preview else { return };
    let margin = ((ui.available_width() - PAGE_WIDTH) / 2.0).max(0.0);
    ui.horizontal_top(|ui| {
        ui.add_space(margin);
        ui.vertical(|ui| {
            ui.set_width(PAGE_WIDTH.min(ui.available_width()));
            widgets::card(ui, |ui| {
                egui::Frame::new().inner_margin(space::L).show(ui, |ui| {
                    for (index, block) in preview.blocks.iter().enumerate() {
                        block_ui(ui, &mut preview.cache, index, block);
                    }
                });
            });
        });
    });
}

/// Text as it is, on a ground of its own.
fn code_ui(ui: &mut Ui, code: &str) {
    let ground = theme::colors(ui).raised;
    egui::Frame::new().fill(ground).corner_radius(theme::CORNERS).inner_margin(space::M).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(egui::RichText::new(code).monospace()).wrap().selectable(true));
    });
}

/// Running text, as the Markdown viewer shows it.
fn text_ui(ui: &mut Ui, cache: &mut CommonMarkCache, index: usize, text: &str) {
    ui.push_id(("text", index), |ui| {
        // Bullets stand in the middle of a control's height; a line of text is lower.
        ui.spacing_mut().interact_size.y = LINE_HEIGHT;
        ui.spacing_mut().item_spacing.y = space::XS;
        CommonMarkViewer::new().show(ui, cache, text);
    });
}

fn heading_ui(ui: &mut Ui, level: usize, words: &str) {
    let (size, above) = match level {
        1 => (size::TITLE, 0.0),
        2 => (size::HEADING, space::L),
        _ => (size::SECTION, space::S),
    };
    ui.add_space(above);
    ui.add(Label::new(theme::text(words, size, Weight::SemiBold)).wrap());
    if level <= 2 {
        ui.separator();
    }
}

fn block_ui(ui: &mut Ui, cache: &mut CommonMarkCache, index: usize, block: &Block) {
    match block {
        Block::Heading(level, words) => heading_ui(ui, *level, words),
        Block::Code(code) => code_ui(ui, code),
        Block::Text(text) => text_ui(ui, cache, index, text),
        Block::Table(table) => {
            ui.push_id(("table", index), |ui| {
                ui.vertical(|ui| table::table_ui(ui, table));
            });
            ui.add_space(space::S);
        }
    }
}
