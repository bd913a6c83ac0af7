//! How long each phase of a request took.

use egui::{Grid, Rect, Sense, Ui};

use crate::{
    app::theme::{self, Weight, size, space},
    humanize,
    metrics::StepExchange,
};

const BAR: f32 = 18.0;

pub(super) fn timings_ui(ui: &mut Ui, exchange: &StepExchange) {
    let whole = exchange.service_time;
    ui.label(theme::text(
        format!("{} from the send to the end of the answer", humanize::latency(whole)),
        size::BODY,
        Weight::Medium,
    ));
    if exchange.phases.is_empty() {
        ui.label(theme::muted(ui, "How far the request got is not known."));
        return;
    }
    let colors = theme::colors(ui);
    let sum: f64 = exchange.phases.iter().map(|(_, time)| time.as_secs_f64()).sum();
    let width = ui.available_width().min(720.0);
    let (bar, _) = ui.allocate_exact_size(egui::vec2(width, BAR), Sense::hover());
    ui.painter().rect_filled(bar, theme::CORNERS, colors.raised);
    let mut left = bar.left();
    for (phase, time) in &exchange.phases {
        let share = if sum > 0.0 { time.as_secs_f64() / sum } else { 0.0 };
        let right = left + width * share as f32;
        let part = Rect::from_x_y_ranges(left..=right, bar.y_range());
        ui.painter().rect_filled(part, 0.0, colors.series(*phase as usize));
        left = right;
    }
    Grid::new("phases").num_columns(4).spacing([space::L, space::XS]).show(ui, |ui| {
        for (phase, time) in &exchange.phases {
            let (mark, _) = ui.allocate_exact_size(egui::Vec2::splat(10.0), Sense::hover());
            ui.painter().rect_filled(mark, 2.0, colors.series(*phase as usize));
            ui.label(phase.name());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(theme::text(humanize::latency(*time), size::BODY, Weight::Medium));
            });
            let share = if sum > 0.0 { time.as_secs_f64() / sum } else { 0.0 };
            ui.label(theme::muted(ui, humanize::percent(share)));
            ui.end_row();
        }
    });
    let opened = match exchange.n_connections {
        0 => "over a connection that stood already".to_owned(),
        n => format!("{} opened for it", humanize::counted(u64::from(n), "connection")),
    };
    let again = if exchange.reconnected { "; an idle one had been closed by the server" } else { "" };
    ui.label(theme::muted(
        ui,
        format!(
            "{} sent, {} received, {opened}{again}.",
            humanize::bytes(exchange.bytes_sent),
            humanize::bytes(exchange.bytes_received)
        ),
    ));
}
