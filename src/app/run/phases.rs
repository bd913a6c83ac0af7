//! The phases of a kept run's requests as a table, step by step, with how far connections were used again.

use egui::Ui;
use egui_extras::{Column, TableBuilder};

use crate::analysis::ScopeRow;
use crate::app::{
    state::LoadedRun,
    theme,
    widgets::{
        self,
        table::{self, HEAD_HEIGHT, ROW_HEIGHT},
    },
};
use crate::humanize::{self, MISSING};
use crate::metrics::RequestPhase;

const TITLES: [&str; 6] = ["Step", "Phase", "Requests", "p50", "p95", "p99"];
const N_WORDS: usize = 2;

/// One phase of one step in words.
type PhaseRow = [String; TITLES.len()];

/// Draws the table, unless the run was kept by a version that did not measure phases.
pub fn phases_ui(ui: &mut Ui, run: &LoadedRun) {
    if !run.summary.headline.stats.has_phases() {
        return;
    }
    widgets::card(ui, |ui| {
        let words = format!("{}; {}", run.digest.window, reuse_words(run));
        widgets::section_with(ui, "Phases of a request", |ui| ui.label(theme::small(ui, words)));
        let rows: Vec<PhaseRow> = run.summary.steps.iter().flat_map(phase_rows).collect();
        table_ui(ui, &rows);
    });
}

fn reuse_words(run: &LoadedRun) -> String {
    let counters = &run.summary.headline.stats.counters;
    let opened = humanize::counted(counters.n_connections, "connection");
    let reuse = counters.reuse_ratio().map_or_else(|| MISSING.to_owned(), humanize::percent);
    format!("{opened} opened, {reuse} of the requests reused one")
}

/// The phases that occurred in a step's successful requests; its name stands in the first row.
fn phase_rows(step: &ScopeRow) -> Vec<PhaseRow> {
    let stats = &step.aggregate.stats;
    let occurred = RequestPhase::ALL.into_iter().filter(|phase| !stats.phase(*phase).is_empty());
    let row = |(index, phase): (usize, RequestPhase)| {
        let latency = stats.phase(phase);
        let quantile = |q| latency.quantile(q).map_or_else(|| MISSING.to_owned(), humanize::latency);
        let name = if index == 0 { step.name.clone() } else { String::new() };
        let n_requests = humanize::count(latency.n_samples());
        [name, phase.name().to_owned(), n_requests, quantile(0.5), quantile(0.95), quantile(0.99)]
    };
    occurred.enumerate().map(row).collect()
}

fn table_ui(ui: &mut Ui, rows: &[PhaseRow]) {
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let builder = TableBuilder::new(ui)
        .id_salt("phases")
        .striped(false)
        .vscroll(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
        .column(Column::remainder().at_least(150.0).clip(true))
        .columns(Column::exact(90.0), TITLES.len() - 1);
    let drawn = builder.header(HEAD_HEIGHT, |mut row| {
        for (index, title) in TITLES.into_iter().enumerate() {
            row.col(|ui| table::head(ui, title, index >= N_WORDS));
        }
    });
    drawn.body(|body| {
        body.rows(ROW_HEIGHT, rows.len(), |mut row| {
            let cells = &rows[row.index()];
            row.set_overline(!cells[0].is_empty());
            for (index, cell) in cells.iter().enumerate() {
                row.col(|ui| {
                    if index < N_WORDS {
                        ui.add(egui::Label::new(cell).truncate());
                    } else {
                        table::number(ui, cell);
                    }
                });
            }
        });
    });
}
