//! What the drawn load comes to, before anything runs: exact where it is planned, *about* where it is estimated.

use std::time::Duration;

use egui::Ui;

use super::last_run::LastRun;
use crate::{
    app::{
        theme::{self, Weight, size},
        widgets,
    },
    humanize,
    model::{Plan, Scenario},
};

/// The planned totals of one revision: random arrivals are counted one by one, which takes its time.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    revision: u64,
    /// Iterations and requests; none for the closed model.
    totals: Option<(u64, u64)>,
    /// User-seconds or arrivals.
    area: f64,
}

impl Planned {
    /// Works the totals out where they are not of this revision.
    pub fn of(kept: &mut Option<Self>, plan: &Plan, revision: u64) -> Self {
        match kept {
            Some(planned) if planned.revision == revision => *planned,
            _ => {
                let totals = plan.n_planned_iterations().zip(plan.n_planned_requests());
                let planned = Self { revision, totals, area: plan.area_at(plan.duration()).max(0.0) };
                *kept.insert(planned)
            }
        }
    }
}

/// One read-out: its name, its value, and what it means.
struct Row {
    label: &'static str,
    value: String,
    tip: &'static str,
}

pub fn readouts_ui(ui: &mut Ui, scenario: &Scenario, planned: Option<Planned>, last_run: &LastRun) {
    widgets::card(ui, |ui| {
        widgets::section(ui, "This load");
        let load = &scenario.load;
        let is_open = load.model.is_open();
        let mut rows = vec![
            row("Duration", humanize::span(load.duration()), "All stages together"),
            row("Peak", humanize::level(load.peak(), is_open), "The highest level reached at a stage's end"),
        ];
        if let Some(planned) = planned {
            rows.extend(planned_rows(scenario, planned, last_run));
        }
        rows.extend(in_flight_row(scenario, last_run));
        egui::Grid::new("readouts").num_columns(2).spacing([theme::space::M, 6.0]).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 22.0;
            for Row { label, value, tip } in rows {
                ui.label(theme::muted(ui, label)).on_hover_text(tip);
                ui.label(theme::text(value, size::SECTION, Weight::SemiBold)).on_hover_text(tip);
                ui.end_row();
            }
        });
        if planned.is_none() {
            let words = "Planned iterations show here once the problems are solved.";
            ui.label(theme::small(ui, words));
        }
        ui.label(theme::small(ui, source_words(last_run)));
    });
}

fn row(label: &'static str, value: String, tip: &'static str) -> Row {
    Row { label, value, tip }
}

fn planned_rows(scenario: &Scenario, planned: Planned, last_run: &LastRun) -> Vec<Row> {
    let iteration = last_run.iteration(scenario);
    let mut rows = Vec::new();
    let n_requests = match planned.totals {
        Some((n_iterations, n_requests)) => {
            let tip = "Planned starts: the exact area under the curve";
            rows.push(row("Iterations", humanize::count(n_iterations), tip));
            let tip = "Planned requests: iterations times their steps";
            rows.push(row("Requests", humanize::count(n_requests), tip));
            Some(n_requests as f64)
        }
        None => {
            let user_time = Duration::try_from_secs_f64(planned.area).unwrap_or_default();
            let tip = "All users' time together; how many requests fit into it depends on the answers";
            rows.push(row("User time", humanize::span(user_time), tip));
            let n_iterations = iteration.and_then(|iteration| iteration.n_within(planned.area));
            if let Some((iteration, n_iterations)) = iteration.zip(n_iterations) {
                let tip =
                    "User time by the time of an iteration, with answers as quick as in the run named below";
                rows.push(row("Iterations", about_count(n_iterations), tip));
                rows.push(row("Requests", about_count(n_iterations * iteration.n_requests), tip));
            }
            iteration.zip(n_iterations).map(|(iteration, n_iterations)| n_iterations * iteration.n_requests)
        }
    };
    let tip = "Sent and received, with as many bytes per request as in the run named below";
    let volume = last_run.experience().zip(n_requests).map(|(experience, n_requests)| {
        format!("about {}", humanize::bytes((experience.bytes_per_request * n_requests) as u64))
    });
    rows.push(row("Data", volume.unwrap_or_else(|| humanize::MISSING.to_owned()), tip));
    rows
}

fn in_flight_row(scenario: &Scenario, last_run: &LastRun) -> Option<Row> {
    let load = &scenario.load;
    let n_in_flight = last_run.experience().and_then(|experience| {
        last_run.iteration(scenario)?.n_in_flight(load.peak(), load.model.is_open(), experience.service_time)
    });
    let tip =
        "Requests in flight at the peak by Little's law: request rate × service time of the run named below";
    let value = n_in_flight
        .map_or_else(|| humanize::MISSING.to_owned(), |n| format!("about {}", humanize::number(n)));
    Some(row("In flight", value, tip))
}

/// Two digits of an estimate.
fn about_count(count: f64) -> String {
    let unit = 10_f64.powf((count.max(1.0).log10().floor() - 1.0).max(0.0));
    format!("about {}", humanize::count(((count / unit).round() * unit) as u64))
}

fn source_words(last_run: &LastRun) -> String {
    match last_run {
        LastRun::None => "In flight and data are unknown until a first run of this scenario.".to_owned(),
        LastRun::Loading => "Reading the last run for in flight and data…".to_owned(),
        LastRun::Known { experience, name } => format!(
            "Estimates from {name}: mean service time {}, {} per request.",
            humanize::latency(experience.service_time),
            humanize::bytes(experience.bytes_per_request as u64)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_claims_no_more_than_two_digits() {
        assert_eq!(about_count(7.0), "about 7");
        assert_eq!(about_count(1_234.0), "about 1,200");
        assert_eq!(about_count(98_765.0), "about 99,000");
    }
}
