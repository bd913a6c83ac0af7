//! What a test of a connection came to: who answered, how fast, and every series with its value.

use egui::{Label, RichText, Ui};
use egui_material_icons::icons;

use crate::{
    analysis::series_text,
    app::{
        state::ProbeTestEnd,
        theme::{self, Weight, size, space},
    },
    humanize::{self, MISSING},
    metrics::ClockOffset,
    model::Monitor,
};

const COLUMN: f32 = 250.0;

pub fn tested_ui(ui: &mut Ui, monitor: &Monitor, end: &ProbeTestEnd) {
    let colors = theme::colors(ui);
    let test = match end {
        Ok(test) => test,
        Err(trouble) => {
            let frame = egui::Frame::new().fill(colors.fail_soft).corner_radius(8.0).inner_margin(10.0);
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.horizontal_top(|ui| {
                    let icon = RichText::new(icons::ICON_ERROR.codepoint).font(theme::icon_font(17.0));
                    ui.label(icon.color(colors.fail));
                    ui.add(Label::new(RichText::new(trouble).color(colors.fail)).wrap().selectable(true));
                });
            });
            return;
        }
    };
    ui.horizontal_wrapped(|ui| {
        let icon = RichText::new(icons::ICON_CHECK_CIRCLE.codepoint).font(theme::icon_font(17.0));
        ui.label(icon.color(colors.ok));
        let who = if test.version.is_empty() { "It answered" } else { &test.version };
        ui.label(theme::text(who, size::BODY, Weight::Medium));
        ui.label(theme::small(ui, format!("reached in {}", humanize::latency(test.took))));
        if let Some(clock) = test.clock {
            ui.label(theme::small(ui, clock_words(clock)));
        }
    });
    for note in &test.notes {
        ui.add(Label::new(theme::small(ui, note)).wrap());
    }
    values_ui(ui, monitor, test);
}

/// How another clock stands to this machine's.
pub fn clock_words(clock: ClockOffset) -> String {
    let secs = |secs: f64| humanize::latency_secs(secs.abs());
    let within = secs(clock.uncertainty_secs);
    if clock.ahead_secs.abs() <= clock.uncertainty_secs {
        return format!("its clock agrees with this machine's (±{within})");
    }
    let side = if clock.ahead_secs > 0.0 { "ahead of" } else { "behind" };
    format!("its clock is {} {side} this machine's (±{within})", secs(clock.ahead_secs))
}

/// The values of the series that the monitor has now, in columns.
fn values_ui(ui: &mut Ui, monitor: &Monitor, test: &crate::monitor::ConnectionTest) {
    let described = monitor.series();
    let shown: Vec<_> = test
        .values
        .iter()
        .filter(|(series, _)| described.iter().any(|one| one.name == series.name))
        .collect();
    if shown.is_empty() {
        return;
    }
    ui.add_space(space::XS);
    let n_columns = ((ui.available_width() / COLUMN) as usize).clamp(1, 3);
    let width = ui.available_width() / n_columns as f32 - space::L;
    egui::Grid::new("tested values").num_columns(2 * n_columns).spacing([space::S, 4.0]).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        for row in shown.chunks(n_columns) {
            for (series, value) in row {
                let name = Label::new(theme::muted(ui, &series.name)).truncate();
                ui.scope(|ui| {
                    ui.set_width(width * 0.6);
                    ui.add(name).on_hover_text(&series.meaning);
                });
                let text = value.map_or_else(|| MISSING.to_owned(), |value| series_text(series.unit, value));
                let shown = ui.scope(|ui| {
                    ui.set_width(width * 0.4);
                    ui.label(theme::text(text, size::BODY, Weight::Medium))
                });
                if value.is_none() {
                    shown.inner.on_hover_text("Not available here, or nothing to make it of");
                }
            }
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_as_ahead_or_behind_only_beyond_its_uncertainty() {
        let words = |ahead_secs, uncertainty_secs| clock_words(ClockOffset { ahead_secs, uncertainty_secs });
        assert_eq!(words(0.2, 0.5), "its clock agrees with this machine's (±500 ms)");
        assert_eq!(words(2.0, 0.5), "its clock is 2.00 s ahead of this machine's (±500 ms)");
        assert_eq!(words(-2.0, 0.001), "its clock is 2.00 s behind this machine's (±1.00 ms)");
    }
}
