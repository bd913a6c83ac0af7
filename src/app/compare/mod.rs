//! The Compare screen: a candidate run beside its baseline.

mod changes;

use std::sync::Arc;

use egui::{Label, RichText, Ui};
use egui_material_icons::icons;

use super::{
    charts::{Chart, ChartGroup, ChartUnit, Look, Series, TimePoint, chart_ui},
    command::{Command, Commands, View},
    history::run_picker_ui,
    run::{frame_group, loading_ui, trouble_ui, zoom_bar_ui},
    state::{LoadedRun, Shelf},
    theme::{self, space},
    widgets,
};
use crate::{
    analysis::{Comparison, compare},
    metrics::{RunId, SecondPoint},
};

/// Runs that can be compared at once.
pub const MAX_COMPARED: usize = 2;

/// What the Compare screen remembers between frames.
#[derive(Default)]
pub struct CompareView {
    /// Baseline and candidate.
    pub pair: Option<(RunId, RunId)>,
    /// One side chosen while the other is not.
    half: (Option<RunId>, Option<RunId>),
    compared: Option<Compared>,
    group: ChartGroup,
    n_compared: u64,
}

/// A comparison worked out, with the runs it was made from.
struct Compared {
    baseline: Arc<LoadedRun>,
    candidate: Arc<LoadedRun>,
    comparison: Comparison,
    p95: Vec<Series>,
    completed: Vec<Series>,
}

/// Draws the Compare screen.
pub fn compare_ui(ui: &mut Ui, view: &mut CompareView, shelf: &Shelf, commands: &mut Commands) {
    if shelf.listings().len() < 2 {
        let words = "It takes two kept runs: what changed in latency, throughput and errors stands here, \
                     and what differs in their set-up.";
        widgets::empty_state(ui, icons::ICON_COMPARE_ARROWS, "Nothing to compare yet", words, |ui| {
            if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
                commands.push(Command::Show(View::Design));
            }
        });
        return;
    }
    widgets::page(ui, "compare", |ui| {
        pickers_ui(ui, view, shelf, commands);
        let Some((baseline, candidate)) = view.pair else {
            let words = "Choose the run to measure against as the baseline, and the run in question as the candidate.";
            widgets::empty_state(ui, icons::ICON_COMPARE_ARROWS, "Choose two runs", words, |_| {});
            return;
        };
        for run_id in [baseline, candidate] {
            if let Some(trouble) = shelf.trouble(run_id) {
                trouble_ui(ui, run_id, trouble, commands);
                return;
            }
            if shelf.loaded(run_id).is_none() {
                loading_ui(ui, run_id, commands);
                return;
            }
        }
        if let (Some(baseline), Some(candidate)) = (shelf.loaded(baseline), shelf.loaded(candidate)) {
            view.renew(baseline, candidate);
        }
        comparison_ui(ui, view);
    });
}

/// Baseline and candidate side by side, with a button that turns them around.
fn pickers_ui(ui: &mut Ui, view: &mut CompareView, shelf: &Shelf, commands: &mut Commands) {
    if let Some((baseline, candidate)) = view.pair {
        view.half = (Some(baseline), Some(candidate));
    }
    let before = view.half;
    widgets::card(ui, |ui| {
        ui.horizontal(|ui| {
            let width = ((ui.available_width() - 60.0) / 2.0).clamp(180.0, 460.0);
            let picked = run_picker_ui(ui, "Baseline", shelf.listings(), view.half.0, width);
            view.half.0 = picked.or(view.half.0);
            ui.vertical(|ui| {
                ui.add_space(20.0);
                if widgets::icon_button(ui, icons::ICON_SWAP_HORIZ, "Swap baseline and candidate").clicked() {
                    view.half = (view.half.1, view.half.0);
                }
            });
            let picked = run_picker_ui(ui, "Candidate", shelf.listings(), view.half.1, width);
            view.half.1 = picked.or(view.half.1);
        });
    });
    if before != view.half
        && let (Some(baseline), Some(candidate)) = view.half
    {
        commands.push(Command::Compare(vec![baseline, candidate]));
    }
}

impl CompareView {
    /// Compares anew if the runs are others than before.
    fn renew(&mut self, baseline: &Arc<LoadedRun>, candidate: &Arc<LoadedRun>) {
        let is_fresh = self.compared.as_ref().is_some_and(|compared| {
            Arc::ptr_eq(&compared.baseline, baseline) && Arc::ptr_eq(&compared.candidate, candidate)
        });
        if is_fresh {
            return;
        }
        let comparison =
            compare((&baseline.record, &baseline.summary), (&candidate.record, &candidate.summary));
        let both = |value: fn(&SecondPoint) -> Option<f64>| {
            vec![
                Series::new(
                    format!("Run {}, baseline", baseline.record.run_id),
                    7,
                    over_time(baseline, value),
                )
                .dashed(),
                Series::new(
                    format!("Run {}, candidate", candidate.record.run_id),
                    0,
                    over_time(candidate, value),
                ),
            ]
        };
        self.compared = Some(Compared {
            p95: both(|point| point.p95.map(|p95| p95.as_secs_f64())),
            completed: both(|point| Some(point.completed_per_sec)),
            comparison,
            baseline: Arc::clone(baseline),
            candidate: Arc::clone(candidate),
        });
        self.n_compared += 1;
        self.group.reset_zoom();
        let longest = [baseline, candidate].map(|run| run.points.len()).into_iter().max().unwrap_or(0);
        frame_group(&mut self.group, &candidate.plan, &[], longest as f64);
    }
}

/// One value per second, as on the Run screen.
fn over_time(run: &LoadedRun, value: fn(&SecondPoint) -> Option<f64>) -> Vec<TimePoint> {
    super::run::over_time(&run.points, super::run::Place::Middle, &value)
}

fn comparison_ui(ui: &mut Ui, view: &mut CompareView) {
    let CompareView { compared, group, n_compared, .. } = view;
    let Some(compared) = compared else { return };
    let comparison = &compared.comparison;
    let colors = theme::colors(ui);
    widgets::card(ui, |ui| {
        ui.add(
            Label::new(theme::text(&comparison.sentence, theme::size::SECTION, theme::Weight::Medium)).wrap(),
        );
        for caution in &comparison.cautions {
            ui.horizontal_top(|ui| {
                let icon = RichText::new(icons::ICON_WARNING.codepoint).font(theme::icon_font(15.0));
                ui.label(icon.color(colors.warn));
                ui.add(Label::new(RichText::new(caution).color(colors.muted)).wrap());
            });
        }
    });
    group.begin_frame();
    if group.is_zoomed() {
        zoom_bar_ui(ui, group);
    }
    let chart = |id, title, unit, series| Chart {
        id,
        title,
        unit,
        look: Look::Lines,
        series,
        targets: &[],
        revision: *n_compared,
        empty_text: "Neither run has values here",
    };
    let charts = [
        chart("compared p95", "p95 of each second", ChartUnit::Seconds, &compared.p95),
        chart(
            "compared completed",
            "Completed requests per second",
            ChartUnit::PerSecond,
            &compared.completed,
        ),
    ];
    ui.columns(2, |columns| {
        for (ui, chart) in columns.iter_mut().zip(&charts) {
            widgets::card(ui, |ui| chart_ui(ui, group, chart));
        }
    });
    widgets::card(ui, |ui| changes::changes_ui(ui, comparison));
    widgets::card(ui, |ui| {
        widgets::section(ui, "What differs in the set-up");
        if comparison.setup_differences.is_empty() {
            ui.label(theme::muted(ui, "Nothing: same scenario, same machine, same program"));
        }
        for difference in &comparison.setup_differences {
            ui.add(Label::new(difference).wrap());
        }
    });
    ui.add_space(space::M);
}
