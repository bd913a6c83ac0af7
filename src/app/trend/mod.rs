//! Trend: how a number of a scenario moved from run to run, with its changes marked.
//!
//! Works from what lists keep of runs; no run is opened for it.

mod changes;
mod chart;
mod metric;
mod series;

use egui::{ComboBox, Label, RichText, Ui};
use egui_material_icons::icons;

use self::{
    changes::changes_ui,
    chart::{TrendChart, Wish, trend_chart_ui},
    metric::TrendMetric,
    series::{TrendLine, Wanted},
};
use super::{
    command::{Command, Commands},
    state::Shelf,
    theme::{self, space},
    widgets,
};
use crate::analysis::trend::MIN_RUNS;
use crate::humanize;
use crate::launch::trend_targets;
use crate::metrics::RunId;

/// What the trend remembers between frames.
#[derive(Default)]
pub struct TrendView {
    /// None until one is chosen: then it is that of the newest run.
    scenario: Option<String>,
    metric: TrendMetric,
    /// The set-up whose runs are joined; none for the newest run's.
    fingerprint: Option<String>,
    by_date: bool,
    stretch: Stretch,
    /// The run that the keyboard is at.
    cursor: Option<usize>,
    prepared: Option<Prepared>,
}

/// How much of the past is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stretch {
    Last50,
    Last200,
    #[default]
    All,
}

/// A line worked out, with what it was worked out from.
struct Prepared {
    revision: u64,
    wanted: Wanted,
    line: TrendLine,
    /// Names of all scenarios, those with the newest runs first.
    scenarios: Vec<String>,
}

impl TrendView {
    /// Goes to a scenario.
    pub fn show(&mut self, scenario: String) {
        self.scenario = Some(scenario);
        self.fingerprint = None;
        self.cursor = None;
    }

    /// Works the line out anew if anything changed that it is made from.
    fn renew(&mut self, shelf: &Shelf, preferred: Option<&str>) {
        let known = |name: &&str| shelf.listings().iter().any(|listing| listing.scenario_name == **name);
        let newest = shelf.listings().first().map(|listing| listing.scenario_name.as_str());
        let is_fresh = self.prepared.as_ref().is_some_and(|prepared| prepared.revision == shelf.revision());
        let scenario = match &self.scenario {
            Some(name) if is_fresh || known(&name.as_str()) => name.as_str(),
            _ => preferred.filter(known).or(newest).unwrap_or_default(),
        };
        let wanted = Wanted {
            scenario: scenario.to_owned(),
            metric: self.metric,
            fingerprint: self.fingerprint.clone(),
        };
        if is_fresh && self.prepared.as_ref().is_some_and(|prepared| prepared.wanted == wanted) {
            return;
        }
        let mut scenarios: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for listing in shelf.listings() {
            if seen.insert(listing.scenario_name.as_str()) {
                scenarios.push(listing.scenario_name.clone());
            }
        }
        self.scenario = Some(wanted.scenario.clone());
        let line = TrendLine::of(shelf.listings(), &wanted);
        self.prepared = Some(Prepared { revision: shelf.revision(), wanted, line, scenarios });
    }
}

impl Stretch {
    const CHOICES: [(Self, &'static str); 3] =
        [(Self::Last50, "Last 50"), (Self::Last200, "Last 200"), (Self::All, "All runs")];

    /// Place of the first run shown.
    fn from(self, n_runs: usize) -> usize {
        match self {
            Self::Last50 => n_runs.saturating_sub(50),
            Self::Last200 => n_runs.saturating_sub(200),
            Self::All => 0,
        }
    }
}

/// Draws the trend of a scenario; `preferred` is the one that the list is filtered by.
pub fn trend_ui(
    ui: &mut Ui,
    view: &mut TrendView,
    shelf: &Shelf,
    preferred: Option<&str>,
    commands: &mut Commands,
) {
    view.renew(shelf, preferred);
    choices_ui(ui, view);
    view.renew(shelf, preferred);
    let Some(prepared) = view.prepared.take() else { return };
    egui::ScrollArea::vertical().id_salt("trend").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        line_ui(ui, view, &prepared, shelf, commands);
    });
    view.prepared = Some(prepared);
}

/// Scenario, set-up, number and stretch.
fn choices_ui(ui: &mut Ui, view: &mut TrendView) {
    let Some(prepared) = &view.prepared else { return };
    let mut goes_to = None;
    // As high as the choices side by side, so that all of the row lines up.
    let before = ui.spacing().interact_size.y;
    ui.spacing_mut().interact_size.y = theme::CONTROL_HEIGHT + 4.0;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(space::S);
        let present = prepared.wanted.scenario.clone();
        let combo = ComboBox::from_id_salt("trend scenario").width(220.0).truncate();
        let response = combo.selected_text(&present).show_ui(ui, |ui| {
            for name in &prepared.scenarios {
                if ui.selectable_label(*name == present, name).clicked() && *name != present {
                    goes_to = Some(name.clone());
                }
            }
        });
        response.response.widget_info(|| egui::WidgetInfo {
            label: Some("Scenario".to_owned()),
            current_text_value: Some(present.clone()),
            ..egui::WidgetInfo::new(egui::Role::ComboBox)
        });
        let metrics = TrendMetric::ALL.map(|metric| (metric, metric.name()));
        widgets::segments(ui, &mut view.metric, &metrics);
        widgets::segments(ui, &mut view.by_date, &[(false, "By run"), (true, "By date")]);
        if prepared.line.runs.len() > 50 {
            widgets::segments(ui, &mut view.stretch, &Stretch::CHOICES);
        }
        if prepared.line.setups.len() > 1 {
            setup_ui(ui, &mut view.fingerprint, &prepared.line);
        }
    });
    ui.spacing_mut().interact_size.y = before;
    if let Some(name) = goes_to {
        view.show(name);
    }
}

/// Chooses whose runs are joined, where a scenario ran under several set-ups.
fn setup_ui(ui: &mut Ui, fingerprint: &mut Option<String>, line: &TrendLine) {
    let words = |place: usize| {
        let setup = &line.setups[place];
        let runs = humanize::counted(setup.n_runs as u64, "run");
        format!("Set-up {}: {}, {runs}, newest run {}", place + 1, setup.place, setup.newest)
    };
    let present = words(line.chosen);
    let combo = ComboBox::from_id_salt("trend set-up").width(280.0).truncate();
    let response = combo.selected_text(&present).show_ui(ui, |ui| {
        for place in 0..line.setups.len() {
            if ui.selectable_label(place == line.chosen, words(place)).clicked() {
                *fingerprint = Some(line.setups[place].fingerprint.clone());
            }
        }
    });
    response.response.widget_info(|| egui::WidgetInfo {
        label: Some("Set-up".to_owned()),
        current_text_value: Some(present.clone()),
        ..egui::WidgetInfo::new(egui::Role::ComboBox)
    });
}

fn line_ui(ui: &mut Ui, view: &mut TrendView, prepared: &Prepared, shelf: &Shelf, commands: &mut Commands) {
    let (line, metric) = (&prepared.line, prepared.wanted.metric);
    let has_values = line.runs.iter().any(|run| run.value.is_some());
    if !has_values {
        nothing_ui(ui, metric, line);
        return;
    }
    let targets = newest(line).map(|run_id| targets(shelf, run_id, metric, commands)).unwrap_or_default();
    widgets::card(ui, |ui| {
        widgets::section(ui, metric.title());
        let height = (ui.available_height() - 230.0).clamp(220.0, 460.0);
        let from = view.stretch.from(line.runs.len());
        let chart = TrendChart { line, from, metric, by_date: view.by_date, targets: &targets, height };
        match trend_chart_ui(ui, &chart, &mut view.cursor) {
            Some(Wish::Open(place)) => commands.push(Command::OpenRun(line.runs[place].run_id)),
            Some(Wish::CompareAcross(number)) => {
                let change = &line.changes[number];
                let sides = [change.before_at, change.after_at].map(|place| line.runs[place].run_id);
                commands.push(Command::Compare(sides.to_vec()));
            }
            None => {}
        }
        legend_ui(ui, line);
        if let (Some(run_id), [_, ..]) = (newest(line), targets.as_slice()) {
            let limits: Vec<String> = targets.iter().map(|(limit, _)| metric.unit().text(*limit)).collect();
            ui.label(theme::small(ui, format!("Targets of run {run_id}: {}", limits.join(", "))));
        }
    });
    widgets::card(ui, |ui| {
        if line.n_counted < MIN_RUNS {
            too_few_ui(ui, line);
        } else {
            changes_ui(ui, line, metric, commands);
        }
    });
}

fn newest(line: &TrendLine) -> Option<RunId> {
    line.setups.get(line.chosen).map(|setup| setup.newest)
}

/// Limits that the newest run had on this number, over the whole run or its steady stages.
fn targets(shelf: &Shelf, run_id: RunId, metric: TrendMetric, commands: &mut Commands) -> Vec<(f64, String)> {
    let Some(thresholds) = shelf.thresholds(run_id) else {
        commands.push(Command::ReadThresholds(run_id));
        return Vec::new();
    };
    let limits = trend_targets(thresholds, metric.metric()).into_iter();
    limits.map(|limit| (limit, format!("target {}", metric.unit().text(limit)))).collect()
}

fn nothing_ui(ui: &mut Ui, metric: TrendMetric, line: &TrendLine) {
    let words = if line.runs.is_empty() {
        "No run of this scenario has ended yet.".to_owned()
    } else {
        format!(
            "None of the {} of this scenario has a {}: it was not measured, or the runs are of a version that did \
             not keep it. Choose another number.",
            humanize::counted(line.runs.len() as u64, "run"),
            metric.name()
        )
    };
    widgets::empty_state(ui, icons::ICON_SHOW_CHART, "Nothing to draw", &words, |_| {});
}

fn too_few_ui(ui: &mut Ui, line: &TrendLine) {
    widgets::section(ui, "Too little history");
    let words = format!(
        "Changes are looked for from {MIN_RUNS} runs of one set-up on; there are {} so far. Queue repetitions of the \
         scenario to get there sooner.",
        humanize::count(line.n_counted as u64)
    );
    ui.add(Label::new(theme::muted(ui, words)).wrap());
}

/// What the marks mean, where there are any, and what is left out.
fn legend_ui(ui: &mut Ui, line: &TrendLine) {
    let words = "Click a run to open it, a change to compare the runs on both sides. With the keyboard: arrows, Enter.";
    ui.label(theme::small(ui, words));
    if let Some(words) = line.left_out_words() {
        ui.horizontal_top(|ui| {
            let icon = RichText::new(icons::ICON_INFO.codepoint).font(theme::icon_font(15.0));
            ui.label(icon.color(theme::colors(ui).info));
            ui.add(Label::new(theme::small(ui, words)).wrap());
        });
    }
}
