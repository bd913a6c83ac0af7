//! Limits on a monitor's series: each enters the verdict.

use egui::{Response, Ui};
use egui_material_icons::icons;

use super::{pick::pick_ui, value::usual_limit};
use crate::{
    app::{
        design::{
            marks::{Marks, sentence},
            targets::severity_name,
        },
        theme::{self, space},
        widgets::{self, parsed_field},
    },
    model::{
        Aspect, Bound, Monitor, SeriesDescription, SeriesLimit, SeriesStatistic, SeriesUnit,
        ThresholdSeverity,
    },
};

const STATISTIC: f32 = 84.0;
const SERIES: f32 = 190.0;
const SIDE: f32 = 92.0;
const VALUE: f32 = 100.0;
const SEVERITY: f32 = 92.0;

const SEVERITIES: [ThresholdSeverity; 3] =
    [ThresholdSeverity::Must, ThresholdSeverity::Should, ThresholdSeverity::Info];

pub fn limits_ui(ui: &mut Ui, monitor: &mut Monitor, path: &str, marks: &Marks<'_>) {
    widgets::section(ui, "Limits");
    let words = "They are held against the run's steady stages. A missed «must» fails the run; «should» and «info» are \
                 reported. With too many gaps it cannot be told.";
    ui.label(theme::small(ui, words));
    let described = monitor.series();
    let mut removed = None;
    egui::ScrollArea::horizontal().id_salt("limits").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        if !monitor.limits.is_empty() {
            heads_ui(ui);
        }
        for (index, limit) in monitor.limits.iter_mut().enumerate() {
            ui.horizontal_top(|ui| {
                limit_ui(ui, limit, &Row { index, described: &described, path, marks });
                let label = format!("Remove limit {}", index + 1);
                if widgets::icon_button(ui, icons::ICON_DELETE, &label).clicked() {
                    removed = Some(index);
                }
            });
        }
    });
    if let Some(index) = removed {
        monitor.limits.remove(index);
    }
    let add = |ui: &mut Ui| widgets::button(ui, icons::ICON_ADD, "Add limit");
    let asked = marks.list(ui, &format!("{path}.limits"), |ui| {
        ui.add_enabled_ui(!described.is_empty(), add)
            .inner
            .on_disabled_hover_text("There is no series yet that could have a limit")
    });
    if asked.clicked()
        && let Some(limit) = new_limit(&described, &monitor.limits)
    {
        monitor.limits.push(limit);
    }
}

/// A limit on the first share of something that has none yet, or else on the first series.
fn new_limit(described: &[SeriesDescription], limits: &[SeriesLimit]) -> Option<SeriesLimit> {
    let is_free = |series: &&SeriesDescription| limits.iter().all(|limit| limit.series != series.name);
    let is_share = |series: &&SeriesDescription| {
        series.unit == SeriesUnit::Ratio && series.aspect == Aspect::Utilisation
    };
    let free = || described.iter().filter(is_free);
    let series = free().find(is_share).or_else(|| free().next()).or_else(|| described.first())?;
    Some(SeriesLimit {
        series: series.name.clone(),
        statistic: SeriesStatistic::P95,
        bound: Bound::AtMost(usual_limit(series.unit)),
        severity: ThresholdSeverity::Must,
    })
}

fn heads_ui(ui: &mut Ui) {
    let heads =
        [("Statistic", STATISTIC), ("Of", SERIES), ("Is", SIDE), ("Value", VALUE), ("Severity", SEVERITY)];
    widgets::heads(ui, 0.0, &heads);
}

/// What a limit's row is drawn by.
struct Row<'a> {
    index: usize,
    described: &'a [SeriesDescription],
    path: &'a str,
    marks: &'a Marks<'a>,
}

fn limit_ui(ui: &mut Ui, limit: &mut SeriesLimit, row: &Row<'_>) {
    let &Row { index, described, path, marks } = row;
    let at = |key: &str| format!("{path}.limits[{index}].{key}");
    let name = |what: &str| format!("Limit {} {what}", index + 1);
    marks.field(ui, &at("statistic"), |ui| {
        let (name, all) = (name("statistic"), SeriesStatistic::ALL);
        pick_ui(ui, (&name, STATISTIC), &mut limit.statistic, &all, |of| statistic_name(*of).to_owned())
    });
    marks.field(ui, &at("series"), |ui| series_ui(ui, &name("series"), limit, described));
    let unit = unit_of(described, &limit.series);
    bound_ui(ui, &name("side"), &mut limit.bound);
    let bound = if matches!(limit.bound, Bound::AtMost(_)) { "at_most" } else { "at_least" };
    marks.field(ui, &at(bound), |ui| {
        let mut value = limit.bound.value();
        let field = parsed_field(
            ui,
            &name("value"),
            &mut value,
            VALUE - 8.0,
            |value| unit.write(*value),
            |text| unit.parse(text).map_err(|error| sentence(&error)),
        );
        limit.bound = with_value(limit.bound, value);
        field
    });
    pick_ui(ui, (&name("severity"), SEVERITY), &mut limit.severity, &SEVERITIES, |severity| {
        severity_name(*severity).to_owned()
    });
    ui.add_space(space::XS);
}

/// The series of a limit; where its unit changes, the value becomes one that makes sense in it.
fn series_ui(ui: &mut Ui, name: &str, limit: &mut SeriesLimit, described: &[SeriesDescription]) -> Response {
    let before = unit_of(described, &limit.series);
    let names: Vec<String> = described.iter().map(|series| series.name.clone()).collect();
    let response = pick_ui(ui, (name, SERIES), &mut limit.series, &names, Clone::clone);
    let now = unit_of(described, &limit.series);
    if now != before {
        limit.bound = with_value(limit.bound, usual_limit(now));
    }
    match described.iter().find(|series| series.name == limit.series) {
        Some(series) => response.on_hover_text(&series.meaning),
        None => response,
    }
}

fn unit_of(described: &[SeriesDescription], name: &str) -> SeriesUnit {
    described.iter().find(|series| series.name == name).map(|series| series.unit).unwrap_or_default()
}

fn bound_ui(ui: &mut Ui, name: &str, bound: &mut Bound) {
    let mut is_least = matches!(bound, Bound::AtLeast(_));
    pick_ui(ui, (name, SIDE), &mut is_least, &[false, true], |is_least| {
        if *is_least { "at least" } else { "at most" }.to_owned()
    });
    let value = bound.value();
    *bound = if is_least { Bound::AtLeast(value) } else { Bound::AtMost(value) };
}

fn with_value(bound: Bound, value: f64) -> Bound {
    match bound {
        Bound::AtMost(_) => Bound::AtMost(value),
        Bound::AtLeast(_) => Bound::AtLeast(value),
    }
}

fn statistic_name(statistic: SeriesStatistic) -> &'static str {
    match statistic {
        SeriesStatistic::Min => "lowest",
        SeriesStatistic::Mean => "mean",
        SeriesStatistic::P95 => "p95",
        SeriesStatistic::Max => "highest",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Probe;

    #[test]
    fn new_limits_go_to_shares_that_have_none_yet() {
        let mut monitor = Monitor::new("machine", Probe::Machine);
        let described = monitor.series();
        for expected in ["CPU", "memory", "disk", "network"] {
            let limit = new_limit(&described, &monitor.limits).unwrap();
            assert_eq!((limit.series.as_str(), limit.bound), (expected, Bound::AtMost(0.7)));
            monitor.limits.push(limit);
        }
        assert_eq!(new_limit(&described, &monitor.limits).unwrap().series, "CPU stolen");
        assert_eq!(new_limit(&[], &[]), None);
    }
}
