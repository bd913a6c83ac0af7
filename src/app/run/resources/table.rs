//! The table of series: figures over the stretch in sight, with their limits.

use std::sync::Arc;

use egui::{Label, RichText, Ui, accesskit::Role};
use egui_extras::{Column, TableBuilder};

use super::rows::{ResourceRow, RowChoice, n_left_out, rows, stretch_words};
use crate::app::{
    run::sight::{Sight, WatchSight},
    theme::{self, space},
    widgets::{
        self,
        table::{self, ColumnPlan, HEAD_HEIGHT, ROW_HEIGHT},
    },
};
use crate::metrics::Watched;

const NAME: f32 = 210.0;
const UNIT: f32 = 34.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Now,
    Mean,
    P95,
    Max,
    Limit,
    Beyond,
    Gaps,
}

const COLUMNS: [ColumnPlan<Of>; 7] = [
    ColumnPlan::new(Of::Now, "Now", 96.0, 2, "As it was read last"),
    ColumnPlan::new(Of::Mean, "Mean", 96.0, 0, "Over the seconds in which it was read"),
    ColumnPlan::new(Of::P95, "p95", 96.0, 0, "At most one second of twenty lay above"),
    ColumnPlan::new(Of::Max, "Max", 96.0, 1, "The highest second"),
    ColumnPlan::new(Of::Limit, "Limit", 130.0, 3, "The first of its limits, musts before others"),
    ColumnPlan::new(Of::Beyond, "Beyond limit", 96.0, 1, "Seconds on the wrong side of the limit"),
    ColumnPlan::new(Of::Gaps, "Not read", 80.0, 4, "Seconds without a reading: gaps, never zeros"),
];

/// What rows were made of: what was watched, the selected stretch, and which rows are wanted.
type MadeOf = (Arc<Watched>, Option<(u32, u32)>, RowChoice);

/// The table with what it remembers between frames.
#[derive(Default)]
pub struct ResourceTable {
    choice: RowChoice,
    made_of: Option<MadeOf>,
    rows: Vec<ResourceRow>,
}

impl ResourceTable {
    pub fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, watch: WatchSight<'_>) {
        let n_more = n_left_out(watch.watched, &sight.scenario.monitors);
        widgets::section_with(ui, "Series", |ui| {
            let by_stage = ui.checkbox(&mut self.choice.by_stage, "Stage by stage");
            let is_on = self.choice.by_stage;
            by_stage
                .widget_info(|| egui::WidgetInfo::selected(Role::CheckBox, true, is_on, "Stage by stage"));
            if n_more > 0 {
                let all = format!("Show all {}", watch.watched.series.len());
                let words = if self.choice.all_series { "Show the telling ones" } else { &all };
                if widgets::link_button(ui, words).clicked() {
                    self.choice.all_series = !self.choice.all_series;
                }
            }
            ui.label(theme::small(ui, stretch_words(sight)));
        });
        self.renew(sight, watch);
        self.table_ui(ui, sight);
    }

    fn renew(&mut self, sight: &Sight<'_>, watch: WatchSight<'_>) {
        let is_fresh = self.made_of.as_ref().is_some_and(|(watched, selection, choice)| {
            Arc::ptr_eq(watched, watch.watched) && (*selection, *choice) == (sight.selection, self.choice)
        });
        if !is_fresh {
            self.made_of = Some((Arc::clone(watch.watched), sight.selection, self.choice));
            self.rows = rows(sight, watch, self.choice);
        }
    }

    fn table_ui(&self, ui: &mut Ui, sight: &Sight<'_>) {
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        let shown: Vec<ColumnPlan<Of>> = table::fitting(&COLUMNS, NAME, ui.available_width())
            .into_iter()
            .filter(|column| column.column != Of::Now || sight.is_live())
            .collect();
        let mut builder = TableBuilder::new(ui)
            .id_salt("resources")
            .striped(false)
            .vscroll(false)
            .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
            .column(Column::remainder().at_least(NAME).clip(true));
        for column in &shown {
            builder = builder.column(Column::exact(column.width));
        }
        let drawn = builder.header(HEAD_HEIGHT, |mut row| {
            row.col(|ui| table::head(ui, "Series", false));
            for column in &shown {
                row.col(|ui| table::hinted_head(ui, column.label, column.hint, true));
            }
        });
        drawn.body(|body| {
            body.rows(ROW_HEIGHT, self.rows.len(), |mut row| {
                let of = &self.rows[row.index()];
                row.set_overline(of.stage.is_empty());
                row.col(|ui| name_ui(ui, of));
                for column in &shown {
                    row.col(|ui| cell_ui(ui, of, column.column));
                }
            });
        });
    }
}

fn name_ui(ui: &mut Ui, row: &ResourceRow) {
    if row.stage.is_empty() {
        ui.add(Label::new(&row.name).truncate()).on_hover_text(&row.meaning);
        return;
    }
    ui.add_space(space::L);
    ui.add(Label::new(theme::muted(ui, &row.stage)).truncate());
}

fn cell_ui(ui: &mut Ui, row: &ResourceRow, column: Of) {
    let colors = theme::colors(ui);
    let text = match column {
        Of::Now => &row.now,
        Of::Mean => &row.mean,
        Of::P95 => &row.p95,
        Of::Max => &row.max,
        Of::Limit => &row.limit,
        Of::Beyond => &row.beyond,
        Of::Gaps => &row.n_gaps,
    };
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    match column {
        Of::Beyond if row.is_beyond => {
            ui.with_layout(layout, |ui| ui.label(RichText::new(text).color(colors.fail)));
        }
        Of::Limit | Of::Beyond | Of::Gaps => {
            ui.with_layout(layout, |ui| ui.label(theme::muted(ui, text)));
        }
        Of::Now | Of::Mean | Of::P95 | Of::Max => _ = table::quantity(ui, text, UNIT),
    }
}
