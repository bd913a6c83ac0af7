//! What the window itself costs, over everything else: for whoever wants to know what it takes from the load.

use std::time::Duration;

use egui::{Align2, Area, Frame, Grid, Id, Margin, Order, Stroke, Ui};
use egui_material_icons::icons;

use crate::{
    app::{
        command::{Command, Commands},
        pacing::{FrameCost, OWN_SHARE, Pacer},
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize::{self, MISSING},
};

const TITLE: &str = "What frames cost";

/// Draws the overlay at the lower left, where no message appears.
pub fn frame_costs_ui(ui: &mut Ui, pacer: &Pacer, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let area = Area::new(Id::unique("frame costs")).order(Order::Foreground);
    area.anchor(Align2::LEFT_BOTTOM, egui::vec2(space::L, -44.0)).show(ui.ctx(), |ui| {
        let frame = Frame::new().fill(colors.card).stroke(Stroke::new(1.0, colors.border_strong));
        frame.corner_radius(theme::CORNERS).inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::text(TITLE, size::BODY, Weight::SemiBold));
                if widgets::icon_button(ui, icons::ICON_CLOSE, "Hide what frames cost").clicked() {
                    commands.push(Command::ToggleFrameCosts);
                }
            });
            Grid::new("frame costs").num_columns(2).spacing([space::L, space::XS]).show(ui, |ui| {
                for (name, value, explanation) in rows(pacer) {
                    ui.label(theme::small(ui, name)).on_hover_text(explanation);
                    ui.label(value);
                    ui.end_row();
                }
            });
            ui.label(theme::small(ui, format!("of the last {}", n_frames_words(pacer))));
        });
    });
}

fn n_frames_words(pacer: &Pacer) -> String {
    humanize::counted(pacer.costs().n_frames() as u64, "frame")
}

/// What is told: name, value, and what it means.
type Row = (&'static str, String, String);

fn rows(pacer: &Pacer) -> [Row; 4] {
    let costs = pacer.costs();
    let both = |part: fn(&FrameCost) -> Duration| {
        let text = |quantile| costs.quantile(quantile, part).map(humanize::fine_time);
        match (text(0.5), text(0.99)) {
            (Some(median), Some(p99)) => format!("{median} p50, {p99} p99"),
            _ => MISSING.to_owned(),
        }
    };
    let per_sec = costs.per_sec().map(humanize::rate);
    let share = humanize::percent(OWN_SHARE);
    [
        (
            "Window's thread",
            both(|cost| cost.main_thread),
            "Processor time of one frame on the window's own thread: events, layout, shapes, handing over"
                .to_owned(),
        ),
        (
            "Painting in software",
            both(|cost| cost.painters),
            "Processor time of one frame on the threads that paint where no graphics card does".to_owned(),
        ),
        (
            "Frames drawn",
            per_sec.unwrap_or_else(|| MISSING.to_owned()),
            "Over the last five seconds in which there were some".to_owned(),
        ),
        (
            "Next frame of a run",
            format!("after {}", humanize::latency(pacer.rest())),
            format!(
                "While a run is under way the window rests this long between frames, so that it takes {share} of one \
                 processor at most; what is pointed at or typed shows at once"
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_the_first_frame_nothing_is_claimed() {
        let values = rows(&Pacer::default()).map(|(_, value, _)| value);
        assert_eq!(values, [MISSING, MISSING, MISSING, "after 100 ms"]);
    }
}
