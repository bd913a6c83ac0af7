//! The Compare screen: two to eight runs beside their baseline, with what can be said of each change and how surely.

mod asked;
mod compared;
mod detail;
mod job;
mod load;
mod looks;
mod matching;
mod options;
mod over_time;
pub(super) mod plot;
mod resources;
mod setup;
mod shift;
mod spectrum;
mod strip;
mod summary;
mod table;
mod words;

pub use asked::{Asked, StepMatching};
pub use compared::Compared;
pub use job::Progress;
pub use summary::{caution_ui, progress_ui};

use std::sync::Arc;

use egui::{Align, Layout, Ui, UiBuilder};
use egui_material_icons::icons;

use self::{load::LoadView, resources::ResourceView, table::TableView};
use super::{
    charts::ChartGroup,
    command::{Command, Commands, View},
    run::frame_group,
    state::Shelf,
    theme::space,
    widgets,
};
use crate::metrics::RunId;

/// From this width on two parts of the page stand beside each other.
const TWO_COLUMNS: f32 = 860.0;
/// From this width on the set-up stands beside the table.
const SETUP_BESIDE: f32 = 1_560.0;
const SETUP_WIDTH: f32 = 360.0;
/// How strongly a comparison shows that is not the one asked for.
const OLD_STRENGTH: f32 = 0.55;

/// What the Compare screen remembers between frames.
#[derive(Default)]
pub struct CompareView {
    asked: Asked,
    work: Work,
    shown: Option<Box<Compared>>,
    /// Changes with what is shown.
    n_compared: u64,
    group: ChartGroup,
    table: TableView,
    load: LoadView,
    resources: ResourceView,
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

impl CompareView {
    /// What is to be compared.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The comparison on the screen, whether or not it is the one that was asked for last.
    pub fn shown(&self) -> Option<&Compared> {
        self.shown.as_deref()
    }

    /// Takes up what is asked for; none where a side is not chosen yet.
    pub(in crate::app) fn begin(&mut self, asked: Asked) -> Option<Arc<Progress>> {
        self.cancel();
        self.asked = asked;
        self.work = Work::Done;
        let progress = self.asked.is_complete().then(|| Arc::new(Progress::new(self.asked.n_runs())))?;
        self.work = Work::UnderWay(Arc::clone(&progress));
        Some(progress)
    }

    /// Gives up what is under way; what is shown stays.
    pub fn cancel(&mut self) {
        if let Work::UnderWay(progress) = &self.work {
            progress.cancel();
            self.work = Work::Cancelled;
        }
    }

    /// Takes an outcome, unless something else was asked for meanwhile.
    pub fn take(&mut self, asked: &Asked, outcome: Result<Option<Box<Compared>>, String>) {
        if *asked != self.asked || !matches!(self.work, Work::UnderWay(_)) {
            return;
        }
        self.work = match outcome {
            Ok(Some(compared)) => {
                self.show(compared);
                Work::Done
            }
            Ok(None) => Work::Cancelled,
            Err(error) => Work::Failed(error),
        };
    }

    fn show(&mut self, compared: Box<Compared>) {
        let plan = &compared.comparison.baseline().plans[0];
        self.group.reset_zoom();
        frame_group(&mut self.group, plan, &[], compared.measured_secs);
        self.n_compared += 1;
        self.shown = Some(compared);
    }

    /// Under which name the comparison is proposed for export.
    pub fn file_name(&self) -> String {
        let asked = self.shown.as_ref().map_or(&self.asked, |compared| &compared.asked);
        let first: Vec<String> =
            asked.sides.iter().filter_map(|side| side.first()).map(RunId::to_string).collect();
        format!("comparison-{}.md", first.join("-"))
    }
}

/// Draws the Compare screen.
pub fn compare_ui(ui: &mut Ui, view: &mut CompareView, shelf: &Shelf, commands: &mut Commands) {
    let n_over = shelf.listings().iter().filter(|run| asked::is_over(run)).take(2).count();
    if n_over < 2 && view.shown.is_none() {
        too_few_ui(ui, n_over, commands);
        return;
    }
    widgets::page(ui, "compare", |ui| {
        strip::strip_ui(ui, &view.asked, shelf.listings(), commands);
        options::options_ui(ui, view, commands);
        summary::state_ui(ui, view, commands);
        if view.shown.is_none() {
            if view.asked.is_blank() {
                suggestion_ui(ui, shelf, commands);
            } else if !view.asked.is_complete() {
                choose_ui(ui);
            }
            return;
        }
        let is_old = view.shown.as_ref().is_some_and(|compared| compared.asked != view.asked)
            || !matches!(view.work, Work::Done);
        ui.scope_builder(UiBuilder::new(), |ui| {
            if is_old {
                ui.multiply_opacity(OLD_STRENGTH);
            }
            comparison_ui(ui, view, commands);
        });
    });
}

/// What the screen is for, where there is nothing to compare yet.
fn too_few_ui(ui: &mut Ui, n_over: usize, commands: &mut Commands) {
    let words = match n_over {
        0 => {
            "It takes two kept runs. Then it stands here what changed in response times, throughput and errors, how \
             sure that is, and what differs in their set-up."
        }
        _ => {
            "There is one run. Make the same one again: then it shows how much runs of the same system differ \
             here, before you look for what a change to the system does."
        }
    };
    widgets::empty_state(ui, icons::ICON_COMPARE_ARROWS, "Nothing to compare yet", words, |ui| {
        if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
    });
}

fn suggestion_ui(ui: &mut Ui, shelf: &Shelf, commands: &mut Commands) {
    let words = "Choose the run to measure against as the baseline, and up to seven in question as candidates. Each \
                 change gets a confidence interval and a verdict: better, worse, same, or cannot tell.";
    widgets::empty_state(ui, icons::ICON_COMPARE_ARROWS, "Which runs?", words, |ui| {
        let Some((baseline, candidate)) = asked::suggestion(shelf.listings()) else { return };
        let is_marked = shelf.listing(baseline).is_some_and(|run| run.is_baseline);
        let which = if is_marked { "baseline run" } else { "run" };
        let label = format!("Compare run {candidate} with {which} {baseline}");
        if widgets::primary_button(ui, icons::ICON_COMPARE_ARROWS, &label).clicked() {
            commands.push(Command::Compare(vec![baseline, candidate]));
        }
    });
}

fn choose_ui(ui: &mut Ui) {
    let words =
        "Choose the run to measure against as the baseline, and the run in question as the candidate.";
    widgets::empty_state(ui, icons::ICON_COMPARE_ARROWS, "One side is missing", words, |_| {});
}

fn comparison_ui(ui: &mut Ui, view: &mut CompareView, commands: &mut Commands) {
    let CompareView { shown, group, n_compared, table, load, resources, work, .. } = view;
    let Some(compared) = shown.as_deref() else { return };
    let is_busy = matches!(work, Work::UnderWay(_));
    summary::summary_ui(ui, compared);
    let width = ui.available_width();
    if width >= SETUP_BESIDE {
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(width - SETUP_WIDTH - space::S);
                widgets::card(ui, |ui| table::table_ui(ui, table, compared, *n_compared));
            });
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                widgets::card(ui, |ui| setup::setup_ui(ui, compared));
                matching::card_ui(ui, compared, *n_compared, is_busy, commands);
            });
        });
    } else {
        widgets::card(ui, |ui| table::table_ui(ui, table, compared, *n_compared));
    }
    widgets::where_seen(ui, "over time", |ui| over_time::over_time_ui(ui, group, compared, *n_compared));
    widgets::where_seen(ui, "distributions", |ui| {
        pair_ui(ui, |ui| spectrum::spectrum_ui(ui, compared), |ui| shift::shift_ui(ui, compared));
    });
    let has_load = compared.comparison.sides.iter().any(|side| !side.load_curve.is_empty());
    if has_load {
        widgets::where_seen(ui, "load", |ui| {
            widgets::card(ui, |ui| load::load_ui(ui, load, compared));
        });
    }
    if !compared.comparison.resources.is_empty() {
        widgets::where_seen(ui, "resources", |ui| {
            widgets::card(ui, |ui| resources::resources_ui(ui, resources, compared));
        });
    }
    if width < SETUP_BESIDE {
        widgets::card(ui, |ui| setup::setup_ui(ui, compared));
        matching::card_ui(ui, compared, *n_compared, is_busy, commands);
    }
    ui.add_space(space::M);
}

/// Two cards, beside each other where there is room.
fn pair_ui(ui: &mut Ui, first: impl FnOnce(&mut Ui), second: impl FnOnce(&mut Ui)) {
    if ui.available_width() < TWO_COLUMNS {
        ui.spacing_mut().item_spacing.y = space::M;
        widgets::card(ui, first);
        widgets::card(ui, second);
        return;
    }
    ui.columns(2, |columns| {
        if let [left, right] = columns {
            // Columns stretch what they hold, lines of text too.
            let layout = Layout::top_down(Align::Min);
            widgets::card(left, |ui| ui.with_layout(layout, first));
            widgets::card(right, |ui| ui.with_layout(layout, second));
        }
    });
}
