//! The answer of one step: status, headers and body; a value that is clicked can be extracted or checked.

use egui::{CollapsingHeader, Ui};

use super::{
    OnceView, Origin, json_tree,
    messages::{body_ui, headers_ui},
    value::{Value, value_ui},
};
use crate::{
    app::{state::OnceStep, theme, widgets},
    humanize,
    model::Scenario,
};

pub(super) fn answer_ui(
    ui: &mut Ui,
    view: &mut OnceView,
    step: &OnceStep,
    (scenario, origin): (&mut Scenario, Option<&Origin>),
) {
    let Some(answer) = &step.exchange.answer else {
        ui.label(theme::muted(ui, "No answer came."));
        return;
    };
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        let (color, ground) =
            if answer.status < 400 { (colors.ok, colors.ok_soft) } else { (colors.fail, colors.fail_soft) };
        widgets::badge(ui, &format!("HTTP {}", answer.status), color, ground);
        let size = humanize::bytes(answer.body.n_bytes);
        ui.label(theme::muted(
            ui,
            format!("{size} of body in {}", humanize::latency(step.exchange.service_time)),
        ));
    });
    if let (Some(value), Some(origin)) = (&mut view.value, origin)
        && value_ui(ui, value, scenario, origin)
    {
        view.value = None;
    }
    let n_headers = humanize::counted(answer.headers.len() as u64, "header");
    CollapsingHeader::new(n_headers).id_salt("headers").default_open(false).show(ui, |ui| {
        headers_ui(ui, &answer.headers, |_, _| false);
    });
    match &step.answer_json {
        Some(json) => {
            if origin.is_some() && view.value.is_none() {
                ui.label(theme::small(ui, "Click a value to extract or to check it."));
            }
            if let Some(way) = json_tree::json_tree_ui(ui, &mut view.tree, json) {
                view.value = Some(Value::at(&way, json, scenario));
            }
        }
        None if answer.body.n_bytes == 0 => {
            ui.label(theme::muted(ui, "The answer has no body."));
        }
        None => body_ui(ui, &answer.body),
    }
}
