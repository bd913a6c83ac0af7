//! What starts an iteration: the model with its limits, and the warm-up.

use std::time::Duration;

use egui::Ui;

use super::{last_run::LastRun, marks::Marks};
use crate::{
    app::{
        theme,
        widgets::{self, labelled, parsed_field},
    },
    humanize,
    model::{
        Arrivals, LoadModel, Scenario, format_duration, parse_duration,
        profile::convert::{to_closed, to_open},
    },
};

const FIELD: f32 = 96.0;

pub fn load_model_ui(ui: &mut Ui, scenario: &mut Scenario, last_run: &LastRun, marks: &Marks<'_>) {
    widgets::card(ui, |ui| {
        widgets::section(ui, "Model");
        let (iteration, source) = last_run.iteration_time(scenario);
        let load = &mut scenario.load;
        let mut is_open = load.model.is_open();
        if widgets::segments(ui, &mut is_open, &[(false, "Closed: users"), (true, "Open: arrivals")]) {
            if is_open {
                to_open(load, iteration);
            } else {
                to_closed(load, iteration);
            }
        }
        let sentence = if load.model.is_open() {
            "Open model: sends on schedule however slow the target is."
        } else {
            "Closed model: each user waits for its answer before it goes on."
        };
        ui.label(theme::small(ui, sentence));
        ui.label(theme::small(ui, rule_words(iteration, &source)));
        if let LoadModel::Open { arrivals, max_users, seed } = &mut load.model {
            open_ui(ui, (arrivals, max_users, seed), marks);
        }
        ui.horizontal_top(|ui| {
            labelled(ui, "Warm-up", |ui| {
                marks.field(ui, "load.warm_up", |ui| duration_ui(ui, "Warm-up", &mut load.warm_up))
            })
            .on_hover_text("Charted, but kept out of percentiles and verdicts");
            labelled(ui, "Graceful stop", |ui| {
                marks.field(ui, "load.graceful_stop", |ui| {
                    duration_ui(ui, "Graceful stop", &mut load.graceful_stop)
                })
            })
            .on_hover_text("How long requests in flight may take to finish at the end");
        });
    });
}

fn duration_ui(ui: &mut Ui, name: &str, duration: &mut Duration) -> egui::Response {
    parsed_field(ui, name, duration, FIELD, |duration| format_duration(*duration), parse_duration)
}

/// By which rule a switch of the model converts the levels.
fn rule_words(iteration: Duration, source: &str) -> String {
    let time = humanize::latency(iteration);
    format!("Switching converts by Little's law: users = arrivals/s × {time} per iteration ({source}).")
}

fn open_ui(ui: &mut Ui, (arrivals, max_users, seed): (&mut Arrivals, &mut u32, &mut u64), marks: &Marks<'_>) {
    labelled(ui, "Gaps between arrivals", |ui| {
        widgets::segments(
            ui,
            arrivals,
            &[(Arrivals::Constant, "Even"), (Arrivals::Poisson, "Random (Poisson)")],
        )
    });
    ui.horizontal_top(|ui| {
        labelled(ui, "Max users", |ui| {
            marks.field(ui, "load.max_users", |ui| {
                parsed_field(ui, "Max users", max_users, FIELD, ToString::to_string, |text| {
                    text.trim().replace(',', "").parse().map_err(|_| "Write a whole number".to_owned())
                })
            })
        })
        .on_hover_text(
            "Iterations under way at once; one more that is due is dropped, and counted as dropped",
        );
        if *arrivals == Arrivals::Poisson {
            labelled(ui, "Seed", |ui| {
                marks.field(ui, "load.seed", |ui| {
                    parsed_field(ui, "Seed", seed, FIELD, ToString::to_string, |text| {
                        text.trim().parse().map_err(|_| "Write a whole number".to_owned())
                    })
                })
            })
            .on_hover_text("The same seed gives the same random gaps");
        }
    });
}
