//! The steps that were sent, in a list: status, time and what became of the checks.

use egui::{Align, Button, Grid, Layout, Sense, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons;

use super::OnceView;
use crate::{
    app::{
        state::{OnceStep, Sent},
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
};

pub(super) fn steps_ui(ui: &mut Ui, view: &mut OnceView, sent: &Sent) {
    let shown = view.shown(sent);
    Grid::new("steps").num_columns(5).spacing([space::M, 2.0]).show(ui, |ui| {
        for (index, step) in sent.steps.iter().enumerate() {
            if row_ui(ui, step, index == shown) {
                view.chosen = Some(index);
                view.forget_clicks();
            }
            ui.end_row();
        }
    });
}

fn row_ui(ui: &mut Ui, step: &OnceStep, is_shown: bool) -> bool {
    let colors = theme::colors(ui);
    let exchange = &step.exchange;
    let is_ok = exchange.is_ok();
    let status = exchange.answer.as_ref().map(|answer| answer.status.to_string());
    let what = status.unwrap_or_else(|| exchange.outcome.name().to_owned());
    let (icon, color, ground) = if is_ok {
        (icons::ICON_CHECK_CIRCLE, colors.ok, colors.ok_soft)
    } else {
        (icons::ICON_ERROR, colors.fail, colors.fail_soft)
    };
    let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(20.0), Sense::hover());
    let font = theme::icon_font(16.0);
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon.codepoint, font, color);
    let name = theme::text(&exchange.name, size::BODY, Weight::Medium);
    let response = ui.add(Button::selectable(is_shown, name));
    let said = format!("{}: {}, {what}", exchange.name, if is_ok { "ok" } else { "failed" });
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_shown, &said));
    widgets::badge(ui, &what, color, ground);
    let time = if exchange.requests.is_empty() {
        "not sent".to_owned()
    } else {
        humanize::latency(exchange.service_time)
    };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(theme::muted(ui, time)));
    let n_passed = exchange.checks.iter().filter(|check| check.passed).count();
    let checks = match exchange.checks.len() {
        0 => String::new(),
        n_checks => format!("{n_passed} of {} passed", humanize::counted(n_checks as u64, "check")),
    };
    ui.label(theme::small(ui, checks));
    response.clicked()
}
