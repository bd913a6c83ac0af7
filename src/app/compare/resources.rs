//! What monitors read on both sides: the series that all runs have, with what they came to and how they differ.

use egui::{Label, RichText, Ui, WidgetInfo, accesskit::Role};
use egui_extras::{Column, TableBuilder};

use super::{Compared, looks};
use crate::analysis::comparison::{ResourceChange, ResourceRow, RowScope};
use crate::app::{
    theme,
    widgets::{
        self,
        table::{self, HEAD_HEIGHT, ROW_HEIGHT},
    },
};

const SERIES: f32 = 190.0;
const STATISTIC: f32 = 60.0;
const NUMBER: f32 = 96.0;
const INTERVAL: f32 = 160.0;
const UNIT: f32 = 34.0;
const WORDS: &str = "More of something is neither better nor worse by itself. Shares differ in percentage points, all else \
                     in per cent of the baseline.";

/// Which rows are shown.
#[derive(Default)]
pub struct ResourceView {
    by_stage: bool,
    all_series: bool,
}

/// Draws the table, where the runs have series in common.
pub fn resources_ui(ui: &mut Ui, view: &mut ResourceView, compared: &Compared) {
    let rows = &compared.comparison.resources;
    let has_stages = rows.iter().any(|row| row.scope != RowScope::Run);
    let is_short = |row: &&ResourceRow| row.is_telling;
    let n_telling = rows.iter().filter(|row| row.scope == RowScope::Run).filter(is_short).count();
    let n_all = rows.iter().filter(|row| row.scope == RowScope::Run).count();
    widgets::section_with(ui, "Resources", |ui| {
        if has_stages {
            let by_stage = ui.checkbox(&mut view.by_stage, "Stage by stage");
            let is_on = view.by_stage;
            by_stage.widget_info(|| {
                WidgetInfo::selected(Role::CheckBox, true, is_on, "Resources stage by stage")
            });
        }
        if n_telling > 0 && n_telling < n_all {
            let words = if view.all_series { "Show the telling series" } else { "Show all series" };
            if widgets::link_button(ui, words).clicked() {
                view.all_series = !view.all_series;
            }
        }
    });
    ui.add(Label::new(theme::small(ui, WORDS)).wrap());
    let shows_all = view.all_series || n_telling == 0;
    let mut shown: Vec<&ResourceRow> = rows
        .iter()
        .filter(|row| (row.scope == RowScope::Run || view.by_stage) && (shows_all || row.is_telling))
        .collect();
    // Stages stand under their series, in their own order.
    let place = |row: &ResourceRow| {
        rows.iter().position(|first| first.info == row.info && first.statistic == row.statistic)
    };
    shown.sort_by_key(|row| place(row));
    table_ui(ui, compared, &shown);
}

fn table_ui(ui: &mut Ui, compared: &Compared, rows: &[&ResourceRow]) {
    let n_candidates = compared.comparison.candidates().len();
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let mut builder = TableBuilder::new(ui)
        .id_salt("compared resources")
        .striped(false)
        .vscroll(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
        .column(Column::remainder().at_least(SERIES).clip(true))
        .column(Column::exact(STATISTIC))
        .column(Column::exact(NUMBER));
    builder = match n_candidates {
        1 => builder.columns(Column::exact(NUMBER), 2).column(Column::exact(INTERVAL)),
        n => builder.columns(Column::exact(NUMBER), n),
    };
    let drawn = builder.header(HEAD_HEIGHT, |mut row| {
        row.col(|ui| table::head(ui, "Series", false));
        row.col(|ui| table::head(ui, "", false));
        row.col(|ui| table::hinted_head(ui, "Baseline", &compared.names[0], true));
        if n_candidates == 1 {
            row.col(|ui| table::hinted_head(ui, "Candidate", &compared.names[1], true));
            row.col(|ui| table::hinted_head(ui, "Change", WORDS, true));
            let hint = "Where the change of the mean lies with 95 % confidence; p95 carries no interval";
            row.col(|ui| table::hinted_head(ui, "95 % interval", hint, true));
            return;
        }
        for (side, name) in compared.names.iter().enumerate().skip(1) {
            row.col(|ui| {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let color = looks::color(theme::colors(ui), side);
                    ui.add(Label::new(theme::small(ui, name).color(color)).truncate());
                });
            });
        }
    });
    drawn.body(|body| {
        body.rows(ROW_HEIGHT, rows.len(), |mut table_row| {
            let index = table_row.index();
            let row = rows[index];
            let is_first = index == 0 || rows[index - 1].info != row.info;
            table_row.set_overline(is_first);
            table_row.col(|ui| name_ui(ui, row, is_first));
            table_row.col(|ui| {
                ui.label(theme::muted(ui, row.statistic.name()));
            });
            table_row.col(|ui| _ = table::quantity(ui, &row.text(row.baseline), UNIT));
            match row.candidates.as_slice() {
                [only] if n_candidates == 1 => {
                    table_row.col(|ui| _ = table::quantity(ui, &row.text(only.measured), UNIT));
                    table_row.col(|ui| change_ui(ui, row, only, "Change"));
                    table_row.col(|ui| {
                        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                            ui.label(theme::muted(ui, row.interval_text(only)));
                        });
                    });
                }
                changes => {
                    for change in changes {
                        table_row.col(|ui| change_ui(ui, row, change, "Change of the candidate"));
                    }
                }
            }
        });
    });
}

fn name_ui(ui: &mut Ui, row: &ResourceRow, is_first: bool) {
    match &row.scope {
        RowScope::Run if is_first => {
            ui.add(Label::new(row.name()).truncate()).on_hover_text(&row.info.meaning);
        }
        RowScope::Stage(name) => {
            ui.add_space(theme::space::L);
            ui.add(Label::new(theme::muted(ui, name)).truncate());
        }
        _ => {}
    }
}

/// How a candidate differs; in strong letters where its interval leaves nothing out.
fn change_ui(ui: &mut Ui, row: &ResourceRow, change: &ResourceChange, what: &str) {
    let colors = theme::colors(ui);
    let text = row.change_text(change);
    let color = if change.is_shown() { colors.text } else { colors.muted };
    let told = format!(
        "{what}: {} to {}, {text}, {}",
        row.text(row.baseline),
        row.text(change.measured),
        row.interval_text(change)
    );
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.label(RichText::new(text).color(color)).on_hover_text(told);
    });
}
