//! Service levels: the objective, what counts as good, and how fast an answer satisfies.

use std::time::Duration;

use egui::{Response, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons;

use super::{
    marks::Marks,
    targets::{limit_text, parse_limit},
};
use crate::{
    analysis::{ApdexTarget, Objective},
    app::{
        theme,
        widgets::{self, labelled, parsed_field},
    },
    humanize,
    model::{ClientErrors, Scenario, ServiceLevelOptions, Unit, format_duration, parse_duration},
};

const FIELD: f32 = 96.0;
const STEP: f32 = 220.0;
/// What a field says that leaves it to the thresholds.
const BY_THRESHOLD: &str = "by threshold";

/// Draws the form.
pub fn service_levels_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>) {
    widgets::section(ui, "Service levels");
    let words = "What is promised of the target over a long time. The report tells availability, error budget and Apdex by \
                 it; it decides no verdict.";
    ui.label(theme::small(ui, words));
    ui.horizontal_top(|ui| objective_ui(ui, &mut scenario.service_levels, marks));
    ui.label(theme::small(ui, in_force(scenario)));
    let errors = [
        (ClientErrors::Bad, "are bad"),
        (ClientErrors::Good, "are good"),
        (ClientErrors::Excluded, "do not count"),
    ];
    labelled(ui, "Statuses of 400 to 499 that no step expects; 429 is always bad", |ui| {
        widgets::segments(ui, &mut scenario.service_levels.client_errors, &errors);
    });
    excluded_ui(ui, scenario, marks);
}

fn objective_ui(ui: &mut Ui, options: &mut ServiceLevelOptions, marks: &Marks<'_>) {
    let ServiceLevelOptions { availability, period, apdex, window_error_share, .. } = options;
    labelled(ui, "Availability", |ui| {
        marks.field(ui, "service_levels.availability", |ui| {
            parsed_field(ui, "Availability objective", availability, FIELD, share_text, parse_share)
        })
    })
    .on_hover_text(
        "The share of requests that is to be good, such as 99.9%; empty takes the limit of a threshold",
    );
    labelled(ui, "Over", |ui| {
        marks.field(ui, "service_levels.period", |ui| {
            let text = |period: &Duration| format_duration(*period);
            parsed_field(ui, "Objective period", period, FIELD, text, parse_duration)
        })
    })
    .on_hover_text("The time that the objective stands over, such as 30d");
    labelled(ui, "Apdex T", |ui| {
        marks.field(ui, "service_levels.apdex", |ui| {
            parsed_field(ui, "Apdex T", apdex, FIELD, time_text, parse_time)
        })
    })
    .on_hover_text(
        "The response time up to which an answer satisfies; empty takes the limit of a threshold on p95",
    );
    labelled(ui, "A second is down from", |ui| {
        marks.field(ui, "service_levels.window_error_share", |ui| {
            let text = |share: &f64| limit_text(Unit::Ratio, *share);
            let parse = |text: &str| parse_limit(Unit::Ratio, text);
            parsed_field(ui, "Share of bad requests", window_error_share, FIELD, text, parse)
        })
    })
    .on_hover_text("From which share of bad requests on a second counts as down in availability by time");
}

/// What a run would be held against.
fn in_force(scenario: &Scenario) -> String {
    let objective = Objective::of(scenario);
    let budget = format!(
        "In force: {} over {}, {}; that allows {} of nothing but bad requests.",
        humanize::percent(objective.ratio),
        humanize::span(objective.period),
        objective.source.words(),
        humanize::span(objective.budget_time())
    );
    let limit = |limit: Duration| humanize::latency_limit(limit.as_secs_f64());
    let apdex = match ApdexTarget::of(scenario) {
        Some(target) => format!(
            "Answers up to {} satisfy, up to {} are tolerated.",
            limit(target.satisfied),
            limit(target.tolerated())
        ),
        None => "Apdex is not told until T is set, or a threshold on the run's p95.".to_owned(),
    };
    format!("{budget} {apdex}")
}

fn share_text(share: &Option<f64>) -> String {
    share.map_or_else(|| BY_THRESHOLD.to_owned(), |share| limit_text(Unit::Ratio, share))
}

fn parse_share(text: &str) -> Result<Option<f64>, String> {
    match text.trim() {
        "" | BY_THRESHOLD => Ok(None),
        text => parse_limit(Unit::Ratio, text).map(Some),
    }
}

fn time_text(time: &Option<Duration>) -> String {
    time.map_or_else(|| BY_THRESHOLD.to_owned(), format_duration)
}

fn parse_time(text: &str) -> Result<Option<Duration>, String> {
    match text.trim() {
        "" | BY_THRESHOLD => Ok(None),
        text => parse_duration(text).map(Some),
    }
}

fn excluded_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>) {
    let mut names: Vec<String> = Vec::new();
    for (_, step) in scenario.steps() {
        if !names.contains(&step.name) {
            names.push(step.name.clone());
        }
    }
    let excluded = &mut scenario.service_levels.exclude_steps;
    names.retain(|name| !excluded.contains(name));
    labelled(ui, "Steps that do not count, such as health checks", |ui| {
        let mut removed = None;
        for (index, name) in excluded.iter().enumerate() {
            marks.field(ui, &format!("service_levels.exclude_steps[{index}]"), |ui| {
                ui.horizontal(|ui| {
                    ui.label(name);
                    if widgets::icon_button(ui, icons::ICON_CLOSE, &format!("Count {name} again")).clicked() {
                        removed = Some(index);
                    }
                })
                .response
            });
        }
        if let Some(index) = removed {
            excluded.remove(index);
        }
        marks.list(ui, "service_levels.exclude_steps", |ui| exclude_ui(ui, excluded, &names));
    });
}

/// The choice of a step to leave out.
fn exclude_ui(ui: &mut Ui, excluded: &mut Vec<String>, names: &[String]) -> Response {
    const LABEL: &str = "Leave a step out";
    let combo = egui::ComboBox::from_id_salt(LABEL).width(STEP).truncate().selected_text(LABEL);
    let response = combo
        .show_ui(ui, |ui| {
            for name in names {
                if ui.selectable_label(false, name).clicked() {
                    excluded.push(name.clone());
                }
            }
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, LABEL));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_a_threshold_reads_as_it_is_written() {
        for share in [None, Some(0.9995)] {
            assert_eq!(parse_share(&share_text(&share)), Ok(share));
        }
        for time in [None, Some(Duration::from_millis(80))] {
            assert_eq!(parse_time(&time_text(&time)), Ok(time));
        }
        assert_eq!((parse_share(" "), parse_time("")), (Ok(None), Ok(None)));
        assert!(parse_share("150%").is_err() && parse_time("fast").is_err());
    }

    #[test]
    fn what_is_in_force_is_told_with_where_it_comes_from() {
        let mut scenario = crate::analysis::sample::scenario();
        let words = in_force(&scenario);
        assert!(words.contains("99.9 % over 30 d") && words.contains("43 min 12 s"), "{words}");
        assert!(words.contains("Apdex is not told"), "{words}");
        scenario.service_levels.apdex = Some(Duration::from_millis(50));
        assert!(in_force(&scenario).ends_with("Answers up to 50 ms satisfy, up to 200 ms are tolerated."));
    }
}
