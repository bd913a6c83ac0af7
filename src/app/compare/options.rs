//! How it is compared: what belongs together, what matters, and the way out of the window.

use egui::{Align, Layout, Ui};
use egui_material_icons::icons;

use super::{Asked, CompareView};
use crate::analysis::comparison::{Alignment, RELEVANT_ERROR_CHANGE};
use crate::app::{
    command::{Command, Commands, Purpose},
    theme, widgets,
};
use crate::humanize;
use crate::report;

/// The smallest and the largest change that may be called relevant.
const LEAST_RELEVANT: f64 = 0.001;
const MOST_RELEVANT: f64 = 1.0;

/// From this width on all of it stands in one row.
const ONE_ROW: f32 = 720.0;

/// Draws alignment, smallest relevant change and export.
pub fn options_ui(ui: &mut Ui, view: &CompareView, commands: &mut Commands) {
    let mut asked = view.asked.clone();
    let has_room = ui.available_width() >= ONE_ROW;
    ui.horizontal(|ui| {
        alignment_ui(ui, &mut asked);
        relevant_ui(ui, &mut asked);
        if has_room {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| export_ui(ui, view, commands));
        }
    });
    if !has_room {
        ui.horizontal(|ui| export_ui(ui, view, commands));
    }
    if asked != view.asked {
        commands.push(Command::CompareAs(Box::new(asked)));
    }
}

fn alignment_ui(ui: &mut Ui, asked: &mut Asked) {
    ui.label(theme::small(ui, "Align by")).on_hover_text(alignment_hint(asked.alignment));
    let choices = [(Alignment::Stage, "Stage"), (Alignment::Time, "Time"), (Alignment::Rate, "Rate")];
    widgets::segments(ui, &mut asked.alignment, &choices);
}

fn alignment_hint(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::Stage => "Stage: held stages of one name, or of one level where the name is another",
        Alignment::Time => "Time: seconds since the start, as far as all runs went",
        Alignment::Rate => "Rate: held stages in which about the same throughput was delivered",
    }
}

fn relevant_ui(ui: &mut Ui, asked: &mut Asked) {
    let hint = format!(
        "Changes up to ±{} of the baseline's value are called the same, if the data exclude larger ones; for error \
         shares it is ±{}",
        humanize::percent(asked.smallest_relevant),
        humanize::percent_points(RELEVANT_ERROR_CHANGE)
    );
    ui.add_space(theme::space::S);
    ui.label(theme::small(ui, "Smallest change that matters")).on_hover_text(&hint);
    let field = widgets::parsed_field(
        ui,
        "Smallest change that matters",
        &mut asked.smallest_relevant,
        58.0,
        |ratio| humanize::percent(*ratio),
        parse_relevant,
    );
    field.on_hover_text(hint);
}

/// A share as people write it: `5`, `5 %`, `2.5%`.
fn parse_relevant(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let percent: f64 = number.parse().map_err(|_| "Write a percentage, such as 5 %".to_owned())?;
    let ratio = percent / 100.0;
    match (LEAST_RELEVANT..=MOST_RELEVANT).contains(&ratio) {
        true => Ok(ratio),
        false => Err("From 0.1 % to 100 %".to_owned()),
    }
}

fn export_ui(ui: &mut Ui, view: &CompareView, commands: &mut Commands) {
    let Some(compared) = view.shown() else { return };
    let hint = "The ending chooses the format: .md for Markdown, .json for numbers";
    if widgets::button(ui, icons::ICON_SAVE, "Export…").on_hover_text(hint).clicked() {
        commands.push(Command::BrowseFor(Purpose::ExportComparison));
    }
    if widgets::button(ui, icons::ICON_CONTENT_COPY, "Copy Markdown").clicked() {
        ui.ctx().copy_text(report::comparison_markdown(&compared.comparison));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_relevant_change_is_read_as_people_write_it() {
        for (text, expected) in [("5", 0.05), (" 2.5 %", 0.025), ("0,5%", 0.005), ("100", 1.0)] {
            assert!((parse_relevant(text).unwrap() - expected).abs() < 1e-12, "{text}");
        }
        for text in ["", "x", "0", "-5", "101", "NaN"] {
            assert!(parse_relevant(text).is_err(), "{text}");
        }
    }
}
