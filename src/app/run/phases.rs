//! The phases of a run's requests as a table, step by step, with how far connections were used again.

use std::ops::Range;

use egui::Ui;
use egui_extras::{Column, TableBuilder};

use super::sight::{Sight, Source};
use crate::app::{
    theme,
    widgets::{
        self,
        table::{self, HEAD_HEIGHT, ROW_HEIGHT},
    },
};
use crate::humanize::{self, MISSING};
use crate::metrics::{Counters, RequestPhase, StepStats};

const TITLES: [&str; 6] = ["Step", "Phase", "Requests", "p50", "p95", "p99"];
const N_WORDS: usize = 2;

/// One phase of one step in words.
type PhaseRow = [String; TITLES.len()];

/// The table's rows, made anew only when the run or the stretch changes.
#[derive(Default)]
pub struct PhaseTable {
    made_of: Option<(u64, Option<Range<u32>>)>,
    rows: Vec<PhaseRow>,
    reuse_words: String,
}

impl PhaseTable {
    /// Draws the table; `window` says which stretch it covers.
    ///
    /// To be called where it is in sight: a stretch's phases cost several times what its response times cost.
    pub fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, window: &str) {
        self.renew(sight);
        widgets::card(ui, |ui| {
            let words = format!("{window}; {}", self.reuse_words);
            widgets::section_with(ui, "Phases of a request", |ui| {
                ui.add(egui::Label::new(theme::small(ui, words)).truncate());
            });
            if self.rows.is_empty() {
                ui.label(theme::muted(ui, "No successful request in it"));
            } else {
                table_ui(ui, &self.rows);
            }
        });
    }

    fn renew(&mut self, sight: &Sight<'_>) {
        let made_of = Some((sight.revision(), sight.sums.map(|sums| sums.seconds.clone())));
        if self.made_of == made_of {
            return;
        }
        self.made_of = made_of;
        let (counters, rows) = match (sight.sums, sight.source) {
            (Some(sums), _) => {
                // A damaged second is told of when the run is opened; without it there is nothing to sum up.
                let measured = sight.history.everything(&sums.seconds).unwrap_or_default();
                let steps = sight.scenario.sent_steps();
                let rows =
                    steps.filter_map(|(index, _, step)| Some(phase_rows(&step.name, measured.get(index)?)));
                (sums.counters(), rows.flatten().collect())
            }
            (None, Source::Kept(run)) => {
                let steps = run.summary.steps.iter();
                let rows = steps.flat_map(|step| phase_rows(&step.name, &step.aggregate.stats)).collect();
                (run.summary.headline.stats.counters, rows)
            }
            (None, Source::Live(_)) => (Counters::default(), Vec::new()),
        };
        self.rows = rows;
        self.reuse_words = reuse_words(&counters);
    }
}

fn reuse_words(counters: &Counters) -> String {
    let opened = humanize::counted(counters.n_connections, "connection");
    let reuse = counters.reuse_ratio().map_or_else(|| MISSING.to_owned(), humanize::percent);
    format!("{opened} opened, {reuse} of the requests reused one")
}

/// The phases that occurred in a step's successful requests; its name stands in the first row.
fn phase_rows(name: &str, stats: &StepStats) -> Vec<PhaseRow> {
    let occurred = RequestPhase::ALL.into_iter().filter(|phase| !stats.phase(*phase).is_empty());
    let row = |(index, phase): (usize, RequestPhase)| {
        let latency = stats.phase(phase);
        let quantile = |q| latency.quantile(q).map_or_else(|| MISSING.to_owned(), humanize::latency);
        let name = if index == 0 { name.to_owned() } else { String::new() };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::sample,
        app::{
            run::stretch::{Stretch, TileWindow},
            state::LoadedRun,
        },
    };

    #[test]
    fn a_selection_has_the_phases_of_its_own_requests() {
        let run = LoadedRun::new(sample::record(sample::scenario())).unwrap();
        let (sight, mut stretch, mut table) = (Sight::kept(&run), Stretch::default(), PhaseTable::default());
        table.renew(&sight);
        let report = table.rows.clone();
        assert!(!report.is_empty());
        stretch.select(3.0, 5.0);
        stretch.renew(&sight, TileWindow::Run);
        table.renew(&sight.with_sums(stretch.sums()));
        let measured = run.history.everything(&(3..5)).unwrap();
        let first = &table.rows[0];
        let phase = RequestPhase::ALL.into_iter().find(|phase| phase.name() == first[1]).unwrap();
        let latency = measured[0].phase(phase);
        assert_eq!(first[2], humanize::count(latency.n_samples()));
        assert_eq!(first[4], humanize::latency(latency.quantile(0.95).unwrap()));
        table.renew(&sight);
        assert_eq!(table.rows, report, "without a selection the report's figures are back");
    }
}
