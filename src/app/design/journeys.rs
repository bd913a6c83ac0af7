//! Journeys and their steps at the left, the selected one's fields at the right.

use std::time::Duration;

use egui::{Sense, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons;

use super::step;
use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets::{self, labelled, parsed_field, text_field},
    },
    humanize,
    model::{Check, Journey, Scenario, Scope, Step, ThinkTime, format_duration, parse_duration},
};

const LIST: f32 = 268.0;
const TWO_COLUMNS: f32 = 680.0;

/// The selected journey, and step within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    pub journey: usize,
    pub step: Option<usize>,
}

pub fn journeys_ui(ui: &mut Ui, selected: &mut Selected, scenario: &mut Scenario) {
    settle(selected, scenario);
    if ui.available_width() < TWO_COLUMNS {
        widgets::card(ui, |ui| list_ui(ui, selected, scenario));
        widgets::card(ui, |ui| inspector_ui(ui, *selected, scenario));
        return;
    }
    let right = ui.available_width() - LIST - space::M;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        ui.vertical(|ui| {
            ui.set_width(LIST);
            widgets::card(ui, |ui| list_ui(ui, selected, scenario));
        });
        ui.vertical(|ui| {
            ui.set_width(right);
            widgets::card(ui, |ui| inspector_ui(ui, *selected, scenario));
        });
    });
}

fn settle(selected: &mut Selected, scenario: &Scenario) {
    selected.journey = selected.journey.min(scenario.journeys.len().saturating_sub(1));
    let n_steps = scenario.journeys.get(selected.journey).map_or(0, |journey| journey.steps.len());
    selected.step = selected.step.filter(|step| *step < n_steps);
}

fn list_ui(ui: &mut Ui, selected: &mut Selected, scenario: &mut Scenario) {
    widgets::section(ui, "Journeys");
    ui.label(theme::small(ui, "One iteration walks through the steps of one journey."));
    ui.spacing_mut().item_spacing.y = 2.0;
    for (index, journey) in scenario.journeys.iter().enumerate() {
        let place = Selected { journey: index, step: None };
        let detail = format!("weight {}", journey.weight);
        if row_ui(
            ui,
            &Row { name: &journey.name, detail: &detail, indent: 0.0, is_selected: *selected == place },
        ) {
            *selected = place;
        }
        for (step_index, step) in journey.steps.iter().enumerate() {
            let place = Selected { journey: index, step: Some(step_index) };
            let row =
                Row { name: &step.name, detail: &step.method, indent: 18.0, is_selected: *selected == place };
            if row_ui(ui, &row) {
                *selected = place;
            }
        }
    }
    ui.add_space(space::S);
    ui.horizontal_wrapped(|ui| {
        if widgets::button(ui, icons::ICON_ADD, "Add step").clicked() {
            add_step(scenario, selected);
        }
        if widgets::button(ui, icons::ICON_ADD, "Add journey").clicked() {
            scenario.journeys.push(Journey::new(format!("Journey {}", scenario.journeys.len() + 1)));
            *selected = Selected { journey: scenario.journeys.len() - 1, step: None };
        }
    });
    ui.horizontal(|ui| order_ui(ui, selected, scenario));
}

struct Row<'a> {
    name: &'a str,
    detail: &'a str,
    indent: f32,
    is_selected: bool,
}

fn row_ui(ui: &mut Ui, row: &Row<'_>) -> bool {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, row.is_selected, row.name));
    let fill = if row.is_selected {
        colors.accent_soft
    } else if response.hovered() || response.has_focus() {
        colors.hover
    } else {
        egui::Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, theme::CORNERS, fill);
    let weight = if row.indent == 0.0 { Weight::SemiBold } else { Weight::Regular };
    let name = if row.name.is_empty() { "Unnamed" } else { row.name };
    let mut job = egui::text::LayoutJob::simple_singleline(
        name.to_owned(),
        theme::font(size::BODY, weight),
        colors.text,
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - row.indent - 76.0);
    let galley = ui.painter().layout_job(job);
    let at = egui::pos2(rect.left() + 8.0 + row.indent, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, colors.text);
    ui.painter().text(
        egui::pos2(rect.right() - 8.0, rect.center().y),
        egui::Align2::RIGHT_CENTER,
        row.detail,
        theme::font(size::SMALL, Weight::Regular),
        colors.muted,
    );
    response.clicked()
}

fn order_ui(ui: &mut Ui, selected: &mut Selected, scenario: &mut Scenario) {
    let Some(journey) = scenario.journeys.get_mut(selected.journey) else { return };
    let (what, index, n_items) = match selected.step {
        Some(step) => ("step", step, journey.steps.len()),
        None => ("journey", selected.journey, scenario.journeys.len()),
    };
    let mut swap_with = None;
    let up = ui
        .add_enabled_ui(index > 0, |ui| {
            widgets::icon_button(ui, icons::ICON_ARROW_UPWARD, &format!("Move {what} up"))
        })
        .inner;
    let down = ui
        .add_enabled_ui(index + 1 < n_items, |ui| {
            widgets::icon_button(ui, icons::ICON_ARROW_DOWNWARD, &format!("Move {what} down"))
        })
        .inner;
    if up.clicked() {
        swap_with = Some(index - 1);
    } else if down.clicked() {
        swap_with = Some(index + 1);
    }
    let copied = widgets::icon_button(ui, icons::ICON_CONTENT_COPY, &format!("Duplicate {what}")).clicked();
    let removed = widgets::icon_button(ui, icons::ICON_DELETE, &format!("Remove {what}")).clicked();
    match &mut selected.step {
        Some(step) => {
            let steps = &mut scenario.journeys[selected.journey].steps;
            change_order(steps, step, swap_with, copied, removed);
            if steps.is_empty() || removed {
                selected.step = None;
            }
        }
        None => change_order(&mut scenario.journeys, &mut selected.journey, swap_with, copied, removed),
    }
}

fn change_order<T: Clone>(
    items: &mut Vec<T>,
    index: &mut usize,
    swap_with: Option<usize>,
    copied: bool,
    removed: bool,
) {
    if let Some(other) = swap_with {
        items.swap(*index, other);
        *index = other;
    } else if copied {
        let copy = items[*index].clone();
        items.insert(*index + 1, copy);
        *index += 1;
    } else if removed {
        items.remove(*index);
        *index = index.saturating_sub(1);
    }
}

pub fn add_step(scenario: &mut Scenario, selected: &mut Selected) {
    if scenario.journeys.is_empty() {
        scenario.journeys.push(Journey::new("Journey 1"));
    }
    let steps = &mut scenario.journeys[selected.journey].steps;
    let at = selected.step.map_or(steps.len(), |step| step + 1);
    let number = steps.len() + 1;
    let service = selected.step.and_then(|step| steps.get(step)).and_then(|step| step.service.clone());
    let step = Step { service, checks: vec![Check::Status(200)], ..Step::get(format!("Step {number}"), "/") };
    steps.insert(at, step);
    selected.step = Some(at);
}

fn inspector_ui(ui: &mut Ui, selected: Selected, scenario: &mut Scenario) {
    // Fields of another step must not take over what is being written in this one.
    ui.push_id((selected.journey, selected.step), |ui| match selected.step {
        Some(index) => step::step_ui(ui, scenario, selected.journey, index),
        None => journey_ui(ui, scenario, selected.journey),
    });
}

fn journey_ui(ui: &mut Ui, scenario: &mut Scenario, index: usize) {
    if index >= scenario.journeys.len() {
        let words = "A journey is a sequence of requests. Add a step at the left to begin.";
        widgets::empty_state(ui, icons::ICON_ROUTE, "No journey yet", words, |_| ());
        return;
    }
    widgets::section(ui, "Journey");
    let mut name = scenario.journeys[index].name.clone();
    let field = labelled(ui, "Name", |ui| text_field(ui, "Journey name", &mut name, 320.0));
    if field.changed() {
        rename_journey(scenario, index, name);
    }
    let total: u32 = scenario.journeys.iter().map(|journey| journey.weight).fold(0, u32::saturating_add);
    let is_open = scenario.load.model.is_open();
    let journey = &mut scenario.journeys[index];
    labelled(ui, "Weight", |ui| {
        parsed_field(ui, "Journey weight", &mut journey.weight, 80.0, ToString::to_string, |text| {
            text.trim().parse().map_err(|_| "Write a whole number".to_owned())
        })
    });
    if total > 0 {
        let share = humanize::percent(f64::from(journey.weight) / f64::from(total));
        ui.label(theme::small(ui, format!("{share} of iterations walk this journey.")));
    }
    think_time_ui(ui, &mut journey.think_time);
    // The open model has no use for it, but one that is set must be seen to be removed.
    if !is_open || journey.pacing.is_some() {
        pacing_ui(ui, &mut journey.pacing);
    }
}

fn rename_journey(scenario: &mut Scenario, index: usize, name: String) {
    let before = Scope::Journey(std::mem::replace(&mut scenario.journeys[index].name, name.clone()));
    for threshold in scenario.thresholds.iter_mut().filter(|threshold| threshold.scope == before) {
        threshold.scope = Scope::Journey(name.clone());
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    None,
    Fixed,
    Uniform,
    Normal,
    LogNormal,
}

fn think_time_ui(ui: &mut Ui, think_time: &mut ThinkTime) {
    let mut kind = match think_time {
        ThinkTime::None => Kind::None,
        ThinkTime::Fixed(_) => Kind::Fixed,
        ThinkTime::Uniform { .. } => Kind::Uniform,
        ThinkTime::Normal { .. } => Kind::Normal,
        ThinkTime::LogNormal { .. } => Kind::LogNormal,
    };
    let kinds = [
        (Kind::None, "None"),
        (Kind::Fixed, "Fixed"),
        (Kind::Uniform, "Uniform"),
        (Kind::Normal, "Normal"),
        (Kind::LogNormal, "Log-normal"),
    ];
    let changed = labelled(ui, "Think time after each step", |ui| widgets::segments(ui, &mut kind, &kinds));
    if changed {
        *think_time = with_mean(kind, think_time.mean());
    }
    ui.horizontal_top(|ui| match think_time {
        ThinkTime::None => {}
        ThinkTime::Fixed(pause) => pause_ui(ui, "Pause", pause),
        ThinkTime::Uniform { min, max } => {
            pause_ui(ui, "Shortest", min);
            pause_ui(ui, "Longest", max);
        }
        ThinkTime::Normal { mean, std_dev } => {
            pause_ui(ui, "Mean", mean);
            pause_ui(ui, "Standard deviation", std_dev);
        }
        ThinkTime::LogNormal { median, p95 } => {
            pause_ui(ui, "Median", median);
            pause_ui(ui, "95th percentile", p95);
        }
    });
}

fn pacing_ui(ui: &mut Ui, pacing: &mut Option<Duration>) {
    let mut is_paced = pacing.is_some();
    if ui.checkbox(&mut is_paced, "Pace iterations").changed() {
        *pacing = is_paced.then_some(Duration::from_secs(5));
    }
    let Some(pacing) = pacing else { return };
    pause_ui(ui, "Between starts", pacing);
    let words = "A user's iterations are meant to start this far apart. One that comes late starts at once, and its \
                 response time counts from when it was meant to start.";
    ui.label(theme::small(ui, words));
}

fn pause_ui(ui: &mut Ui, name: &str, pause: &mut Duration) {
    labelled(ui, name, |ui| parsed_field(ui, name, pause, 96.0, |d| format_duration(*d), parse_duration));
}

/// A think time of another kind about as long as the one before.
fn with_mean(kind: Kind, mean: Duration) -> ThinkTime {
    let mean = if mean.is_zero() { Duration::from_secs(1) } else { mean };
    match kind {
        Kind::None => ThinkTime::None,
        Kind::Fixed => ThinkTime::Fixed(mean),
        Kind::Uniform => ThinkTime::Uniform { min: mean / 2, max: mean + mean / 2 },
        Kind::Normal => ThinkTime::Normal { mean, std_dev: mean / 4 },
        Kind::LogNormal => ThinkTime::LogNormal { median: mean, p95: mean * 2 },
    }
}
