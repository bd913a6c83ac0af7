//! Thresholds of the run and latency budgets of its services.

use std::time::Duration;

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::{edit, inspector::name_field, marks::Marks, service_levels::service_levels_ui};
use crate::{
    app::{
        theme::{self, space},
        widgets::{self, parsed_field, text_field},
    },
    model::{
        Budget, Metric, Scenario, Scope, Service, Threshold, ThresholdSeverity, Unit, Window,
        format_duration, parse_duration,
    },
};

/// Widths of the thresholds' columns.
const METRIC: f32 = 126.0;
const SCOPE: f32 = 176.0;
const LIMIT: f32 = 100.0;
const WINDOW: f32 = 160.0;
const SEVERITY: f32 = 92.0;
const ABORT: f32 = 88.0;

/// Draws thresholds, budgets and service levels; returns whether limits are to be derived from a run.
pub fn targets_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>, is_deriving: bool) -> bool {
    let asked = widgets::card(ui, |ui| thresholds_ui(ui, scenario, marks, is_deriving)).inner;
    widgets::card(ui, |ui| budgets_ui(ui, scenario, marks));
    widgets::card(ui, |ui| service_levels_ui(ui, scenario, marks));
    asked
}

fn thresholds_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>, is_deriving: bool) -> bool {
    let asked = widgets::section_with(ui, "Thresholds", |ui| {
        let derive = |ui: &mut Ui| widgets::button(ui, icons::ICON_RULE, "Derive from a run…");
        ui.add_enabled_ui(!is_deriving, derive)
            .inner
            .on_hover_text("Proposes limits from what a kept run measured, with head-room")
            .clicked()
    });
    let words = "They decide the verdict. A missed «must» fails the run; «should» and «info» are reported. \
                 One with an «abort after» ends the run once it was missed that long without a break.";
    ui.label(theme::small(ui, words));
    let (scopes, windows) = (scopes(scenario), windows(scenario));
    let mut removed = None;
    egui::ScrollArea::horizontal().id_salt("thresholds").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        heads_ui(ui);
        for (index, threshold) in scenario.thresholds.iter_mut().enumerate() {
            ui.horizontal_top(|ui| {
                threshold_ui(ui, threshold, &Row { index, scopes: &scopes, windows: &windows, marks });
                let label = format!("Remove threshold {}", index + 1);
                if widgets::icon_button(ui, icons::ICON_DELETE, &label).clicked() {
                    removed = Some(index);
                }
            });
        }
    });
    if let Some(index) = removed {
        scenario.thresholds.remove(index);
    }
    let add = marks.list(ui, "thresholds", |ui| widgets::button(ui, icons::ICON_ADD, "Add threshold"));
    if add.clicked() {
        scenario.thresholds.push(new_threshold());
    }
    asked
}

/// A threshold to begin with.
pub fn new_threshold() -> Threshold {
    Threshold {
        metric: Metric::Quantile(0.95),
        scope: Scope::Run,
        window: Window::Steady,
        limit: 0.5,
        severity: ThresholdSeverity::Must,
        abort_after: None,
    }
}

/// A service with a budget to begin with.
pub fn new_service(number: usize) -> Service {
    let budget = Budget { metric: Metric::Quantile(0.95), limit: 0.25 };
    Service { name: format!("Service {number}"), budgets: vec![budget] }
}

fn heads_ui(ui: &mut Ui) {
    let heads = [
        ("Metric", METRIC),
        ("Of", SCOPE),
        ("Limit", LIMIT),
        ("While", WINDOW),
        ("Severity", SEVERITY),
        ("Abort after", ABORT),
    ];
    widgets::heads(ui, 0.0, &heads);
}

/// What a threshold's row is drawn by.
struct Row<'a> {
    index: usize,
    scopes: &'a [Scope],
    windows: &'a [Window],
    marks: &'a Marks<'a>,
}

fn threshold_ui(ui: &mut Ui, threshold: &mut Threshold, row: &Row<'_>) {
    let &Row { index, scopes, windows, marks } = row;
    let number = index + 1;
    let path = |key: &str| format!("thresholds[{index}].{key}");
    let name = |what: &str| format!("Threshold {number} {what}");
    marks.field(ui, &path("metric"), |ui| {
        metric_ui(ui, &name("metric"), &mut threshold.metric, &mut threshold.limit)
    });
    marks.field(ui, &path("scope"), |ui| {
        pick_ui(ui, &name("scope"), &mut threshold.scope, (scopes, SCOPE), ToString::to_string)
    });
    marks
        .field(ui, &path("limit"), |ui| limit_ui(ui, &name("limit"), threshold.metric, &mut threshold.limit));
    marks.field(ui, &path("window"), |ui| {
        pick_ui(ui, &name("window"), &mut threshold.window, (windows, WINDOW), ToString::to_string)
    });
    let severities = [ThresholdSeverity::Must, ThresholdSeverity::Should, ThresholdSeverity::Info];
    pick_ui(ui, &name("severity"), &mut threshold.severity, (&severities, SEVERITY), |severity| {
        severity_name(*severity).to_owned()
    });
    marks.field(ui, &path("abort_after"), |ui| {
        let patience = &mut threshold.abort_after;
        parsed_field(ui, &name("abort after"), patience, ABORT - 4.0, patience_text, parse_patience)
            .on_hover_text("Ends the run once the limit has been missed for this long without a break")
    });
}

const NEVER: &str = "never";

fn patience_text(patience: &Option<Duration>) -> String {
    patience.map_or_else(|| NEVER.to_owned(), format_duration)
}

fn parse_patience(text: &str) -> Result<Option<Duration>, String> {
    match text.trim() {
        "" | NEVER => Ok(None),
        text => parse_duration(text).map(Some),
    }
}

pub(super) fn severity_name(severity: ThresholdSeverity) -> &'static str {
    match severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "info",
    }
}

fn scopes(scenario: &Scenario) -> Vec<Scope> {
    let mut scopes = vec![Scope::Run];
    let mut add = |scope: Scope| {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    };
    scenario.services.iter().for_each(|service| add(Scope::Service(service.name.clone())));
    scenario.steps().filter_map(|(_, step)| step.service.clone()).for_each(|name| add(Scope::Service(name)));
    scenario.journeys.iter().for_each(|journey| add(Scope::Journey(journey.name.clone())));
    scenario.steps().for_each(|(_, step)| add(Scope::Step(step.name.clone())));
    scopes
}

fn windows(scenario: &Scenario) -> Vec<Window> {
    let stages = scenario.load.stages.iter().map(|stage| Window::Stage(stage.name.clone()));
    [Window::Steady, Window::Run].into_iter().chain(stages).collect()
}

fn pick_ui<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    chosen: &mut T,
    (choices, width): (&[T], f32),
    words: impl Fn(&T) -> String,
) -> egui::Response {
    let combo = egui::ComboBox::from_id_salt(name)
        .width(width)
        .truncate()
        .selected_text(words(chosen))
        .show_ui(ui, |ui| {
            for choice in choices {
                ui.selectable_value(chosen, choice.clone(), words(choice));
            }
        });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, name));
    combo.response
}

/// A metric by the file's words; where the unit changes, the limit becomes one that makes sense in it.
fn metric_ui(ui: &mut Ui, name: &str, metric: &mut Metric, limit: &mut f64) -> egui::Response {
    let before = metric.unit();
    let response = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let field = parsed_field(ui, name, metric, 96.0, ToString::to_string, |text| text.trim().parse());
        let pick = widgets::icon_button(ui, icons::ICON_KEYBOARD_ARROW_DOWN, &format!("{name} menu"));
        egui::Popup::menu(&pick).show(|ui| {
            for choice in metrics() {
                let button = egui::Button::new(choice.to_string()).frame_when_inactive(false);
                if ui.add(button).on_hover_text(metric_words(choice)).clicked() {
                    *metric = choice;
                }
            }
        });
        field
    });
    if metric.unit() != before {
        *limit = match metric.unit() {
            Unit::Seconds => 0.5,
            Unit::Ratio if metric.higher_is_better() => 0.99,
            Unit::Ratio => 0.01,
            Unit::PerSecond => 10.0,
        };
    }
    response.inner
}

fn metrics() -> [Metric; 10] {
    [
        Metric::Quantile(0.5),
        Metric::Quantile(0.9),
        Metric::Quantile(0.95),
        Metric::Quantile(0.99),
        Metric::Mean,
        Metric::Max,
        Metric::ErrorShare,
        Metric::Availability,
        Metric::Throughput,
        Metric::SentShare,
    ]
}

fn metric_words(metric: Metric) -> &'static str {
    match metric {
        Metric::Quantile(_) => {
            "Response time that so many percent of successful requests keep; any percentile can be written, such as p99.9"
        }
        Metric::Mean => "Mean response time of successful requests",
        Metric::Max => "Longest response time of a successful request",
        Metric::ErrorShare => "Failed requests ÷ requests",
        Metric::Availability => "Successful requests ÷ requests",
        Metric::Throughput => "Requests completed per second",
        Metric::SentShare => "Iterations started ÷ iterations asked for (open model)",
    }
}

fn limit_ui(ui: &mut Ui, name: &str, metric: Metric, limit: &mut f64) -> egui::Response {
    let bound = if metric.higher_is_better() { "≥" } else { "≤" };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let (rect, _) = ui.allocate_exact_size(egui::vec2(12.0, theme::CONTROL_HEIGHT), egui::Sense::hover());
        let font = theme::font(theme::size::BODY, theme::Weight::Regular);
        let color = theme::colors(ui).muted;
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, bound, font, color);
        parsed_field(
            ui,
            name,
            limit,
            84.0,
            |limit| limit_text(metric.unit(), *limit),
            |text| parse_limit(metric.unit(), text),
        )
    })
    .inner
}

/// A limit as it is written: `250ms`, `1%`, `200/s`.
pub(super) fn limit_text(unit: Unit, limit: f64) -> String {
    match unit {
        Unit::Seconds => {
            let duration = Duration::try_from_secs_f64(limit).unwrap_or_default();
            format_duration(duration)
        }
        Unit::Ratio => format!("{}%", tidy(limit * 100.0)),
        Unit::PerSecond => format!("{}/s", tidy(limit)),
    }
}

/// Without the binary noise of 0.07 × 100.
fn tidy(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

/// Reads what [`limit_text`] writes.
pub(super) fn parse_limit(unit: Unit, text: &str) -> Result<f64, String> {
    let text = text.trim();
    let number =
        |text: &str| text.trim().replace(',', "").parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    match unit {
        Unit::Seconds => parse_duration(text).map(|duration| duration.as_secs_f64()),
        Unit::Ratio => match text.strip_suffix('%') {
            Some(percent) => number(percent).map(|percent| tidy(percent / 100.0)),
            None => number(text),
        }
        .filter(|ratio| *ratio <= 1.0)
        .ok_or_else(|| "Write a share such as 1% or 0.01".to_owned()),
        Unit::PerSecond => {
            number(text.trim_end_matches("/s")).ok_or_else(|| "Write a rate such as 200/s".to_owned())
        }
    }
}

fn budgets_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>) {
    widgets::section(ui, "Service budgets");
    ui.label(theme::small(ui, "Latency limits of the services that steps belong to."));
    let mut removed = None;
    for index in 0..scenario.services.len() {
        ui.horizontal_top(|ui| {
            let number = index + 1;
            let name = scenario.services[index].name.clone();
            let add = |ui: &mut Ui, text: &mut String| {
                marks.field(ui, &format!("services[{index}].name"), |ui| {
                    text_field(ui, &format!("Service {number} name"), text, 200.0)
                })
            };
            let rename = |scenario: &mut Scenario, name: &str| edit::rename_service(scenario, index, name);
            name_field(ui, scenario, &name, add, rename);
            service_budgets_ui(ui, &mut scenario.services[index], number, marks);
            let label = format!("Remove service {number}");
            if widgets::icon_button(ui, icons::ICON_DELETE, &label).clicked() {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        scenario.services.remove(index);
    }
    if widgets::button(ui, icons::ICON_ADD, "Add service").clicked() {
        scenario.services.push(new_service(scenario.services.len() + 1));
    }
}

fn service_budgets_ui(ui: &mut Ui, service: &mut Service, number: usize, marks: &Marks<'_>) {
    let (mut removed, mut added) = (None, false);
    let last = service.budgets.len().saturating_sub(1);
    ui.vertical(|ui| {
        for (index, budget) in service.budgets.iter_mut().enumerate() {
            ui.horizontal_top(|ui| {
                let name = format!("Service {number} budget {}", index + 1);
                metric_ui(ui, &format!("{name} metric"), &mut budget.metric, &mut budget.limit);
                let path = format!("services[{}].budget.{}", number - 1, budget.metric);
                marks.field(ui, &path, |ui| {
                    limit_ui(ui, &format!("{name} limit"), budget.metric, &mut budget.limit)
                });
                if widgets::icon_button(ui, icons::ICON_CLOSE, &format!("Remove {name}")).clicked() {
                    removed = Some(index);
                }
                if index == last {
                    let label = format!("Add a budget to service {number}");
                    added = widgets::icon_button(ui, icons::ICON_ADD, &label).clicked();
                }
            });
        }
        if service.budgets.is_empty() {
            added = widgets::link_button(ui, "Add budget").clicked();
        }
    });
    if let Some(index) = removed {
        service.budgets.remove(index);
    }
    if added {
        service.budgets.push(Budget { metric: Metric::Quantile(0.99), limit: 0.5 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_read_as_they_are_written() {
        assert_eq!(parse_limit(Unit::Ratio, "1%"), Ok(0.01));
        assert_eq!(parse_limit(Unit::Ratio, "0.05"), Ok(0.05));
        assert_eq!(parse_limit(Unit::PerSecond, "1,200/s"), Ok(1_200.0));
        assert!(parse_limit(Unit::Ratio, "150%").is_err());
        assert!(parse_limit(Unit::PerSecond, "fast").is_err());
        assert_eq!(limit_text(Unit::Ratio, 0.07), "7%");
        assert_eq!(limit_text(Unit::PerSecond, 200.0), "200/s");
    }

    #[test]
    fn an_empty_patience_never_ends_the_run() {
        for patience in [None, Some(Duration::from_secs(90))] {
            assert_eq!(parse_patience(&patience_text(&patience)), Ok(patience));
        }
        assert_eq!(parse_patience(" "), Ok(None));
        assert!(parse_patience("soon").is_err());
    }
}
