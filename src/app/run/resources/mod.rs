//! The Resources panel of the Run screen: what monitors read, as small charts under the shared crosshair and as a table.

mod lines;
mod probes;
mod rows;
mod table;

pub use lines::long_name;

use std::sync::Arc;

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::{
    correlate::CorrelateView,
    sight::{Sight, WatchSight},
};
use crate::app::{
    charts::{Chart, ChartGroup, Look, chart_with},
    theme::{self, space},
    widgets,
};
use crate::metrics::Watched;
use lines::Panel;
use table::ResourceTable;

/// The least width of one of the small charts.
const CHART_WIDTH: f32 = 400.0;
const MAX_COLUMNS: usize = 4;
const PLOT_HEIGHT: f32 = 104.0;

/// What the panel remembers between frames.
#[derive(Default)]
pub struct ResourcesView {
    made_of: Option<Arc<Watched>>,
    panels: Vec<Panel>,
    /// Changes with the panels.
    n_made: u64,
    table: ResourceTable,
    correlate: CorrelateView,
    shows_correlation: bool,
}

impl ResourcesView {
    /// Draws charts and table of what was watched.
    pub fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, group: &mut ChartGroup) {
        let Some(watch) = sight.watch.filter(|watch| !watch.watched.is_empty()) else {
            nothing_ui(ui, sight);
            return;
        };
        self.renew(sight, watch);
        widgets::where_seen(ui, "probes card", |ui| {
            widgets::card(ui, |ui| {
                widgets::section_with(ui, "Resources", |ui| {
                    let words = if self.shows_correlation { "Hide correlation" } else { "Correlate…" };
                    let tip = "Sets one series beside throughput, response time or errors";
                    if widgets::button(ui, icons::ICON_SCATTER_PLOT, words).on_hover_text(tip).clicked() {
                        self.shows_correlation = !self.shows_correlation;
                    }
                    ui.label(theme::small(ui, probes::cost_words(watch.watched)));
                });
                probes::probes_ui(ui, watch);
            });
        });
        if self.shows_correlation {
            let correlate = &mut self.correlate;
            widgets::where_seen(ui, "correlate card", |ui| {
                widgets::card(ui, |ui| correlate.ui(ui, sight, watch.watched, group));
            });
        }
        self.charts_ui(ui, group);
        widgets::where_seen(ui, "resources table", |ui| {
            widgets::card(ui, |ui| self.table.ui(ui, sight, watch));
        });
    }

    fn renew(&mut self, sight: &Sight<'_>, watch: WatchSight<'_>) {
        if self.made_of.as_ref().is_some_and(|known| Arc::ptr_eq(known, watch.watched)) {
            return;
        }
        self.made_of = Some(Arc::clone(watch.watched));
        self.panels = lines::panels(watch.watched, &sight.scenario.monitors);
        self.n_made += 1;
    }

    fn charts_ui(&self, ui: &mut Ui, group: &mut ChartGroup) {
        let tall = std::mem::replace(&mut group.plot_height, PLOT_HEIGHT);
        let n_columns = ((ui.available_width() / CHART_WIDTH) as usize).clamp(1, MAX_COLUMNS);
        for row in self.panels.chunks(n_columns) {
            ui.columns(n_columns, |columns| {
                let width = columns[0].available_width() - 2.0 * space::M - 2.0;
                let n_rows = row
                    .iter()
                    .map(|panel| self.chart(panel).n_legend_rows(&columns[0], width))
                    .max()
                    .unwrap_or(0);
                for (ui, panel) in columns.iter_mut().zip(row) {
                    widgets::where_seen(ui, panel.id, |ui| {
                        widgets::card(ui, |ui| chart_with(ui, group, &self.chart(panel), n_rows, |_| {}));
                    });
                }
            });
        }
        group.plot_height = tall;
    }

    fn chart<'a>(&self, panel: &'a Panel) -> Chart<'a> {
        Chart {
            id: panel.id,
            title: &panel.title,
            unit: panel.unit,
            look: Look::Lines,
            series: &panel.series,
            targets: &panel.limits,
            revision: self.n_made,
            empty_text: "Nothing was read yet",
        }
    }
}

/// What stands where nothing was watched.
fn nothing_ui(ui: &mut Ui, sight: &Sight<'_>) {
    let is_wanted = sight.scenario.monitors.iter().any(|monitor| monitor.enabled);
    let words = match (is_wanted, sight.is_live()) {
        (true, true) => "The monitors have not been read yet.",
        (true, false) => "No monitor of this run was read.",
        (false, _) => {
            "No monitor was set up, so nothing tells what the target did meanwhile. The Monitors tab of Design sets up \
             what is read beside a run: processors, memory, disks, a database, a cache."
        }
    };
    widgets::card(ui, |ui| {
        widgets::section(ui, "Resources");
        ui.add(Label::new(theme::muted(ui, words)).wrap());
    });
}
