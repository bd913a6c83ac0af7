//! What the drawn load comes to, before anything runs.

use egui::Ui;

use super::profile_edit::peak;
use crate::{
    app::{
        theme::{self, Weight, size},
        widgets,
    },
    humanize,
    model::{Plan, Scenario},
};

pub fn readouts_ui(ui: &mut Ui, scenario: &Scenario, plan: Option<&Plan>) {
    widgets::card(ui, |ui| {
        widgets::section(ui, "This load");
        let load = &scenario.load;
        let is_open = load.model.is_open();
        let mut rows = vec![
            ("Duration", humanize::span(load.duration()), "All stages together"),
            ("Peak", humanize::level(peak(load), is_open), "The highest level reached at a stage's end"),
        ];
        rows.extend(plan.map(planned_rows).unwrap_or_default());
        egui::Grid::new("readouts").num_columns(2).spacing([theme::space::M, 6.0]).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 22.0;
            for (label, value, tip) in rows {
                ui.label(theme::muted(ui, label)).on_hover_text(tip);
                ui.label(theme::text(value, size::SECTION, Weight::SemiBold)).on_hover_text(tip);
                ui.end_row();
            }
        });
        if plan.is_none() {
            let words = "Planned iterations show here once the problems are solved.";
            ui.label(theme::small(ui, words));
        }
    });
}

fn planned_rows(plan: &Plan) -> Vec<(&'static str, String, &'static str)> {
    match (plan.n_planned_iterations(), plan.n_planned_requests()) {
        (Some(n_iterations), Some(n_requests)) => vec![
            ("Iterations", humanize::count(n_iterations), "Planned starts: the exact area under the curve"),
            ("Requests", humanize::count(n_requests), "Planned requests: iterations times their steps"),
        ],
        _ => {
            let user_secs = plan.area_at(plan.duration()).max(0.0);
            let user_time = std::time::Duration::try_from_secs_f64(user_secs).unwrap_or_default();
            vec![(
                "User time",
                humanize::span(user_time),
                "All users' time together; how many requests fit into it depends on the answers",
            )]
        }
    }
}
