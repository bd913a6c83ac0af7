//! The production-readiness checklist with the analyst's remarks: its states are the machine's and cannot be changed.

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::{ReportView, words::marks_ui};
use crate::{
    analysis::{Checklist, ItemState},
    app::{command::Commands, theme, widgets},
    report::TextPlace,
};

const ROWS: usize = 3;

/// Draws the lines of the checklist, each with its state and what the analyst has to say to it.
pub fn remarks_ui(ui: &mut Ui, view: &mut ReportView, checklist: &Checklist, commands: &mut Commands) {
    view.edit(commands, |texts, made| {
        widgets::section(ui, "Checklist");
        let words = "States follow from the run. A remark stands below them as yours.";
        ui.add(Label::new(theme::small(ui, words)).wrap());
        for row in &checklist.rows {
            let name = row.item.name();
            ui.add(Label::new(name).wrap()).on_hover_text(&row.rests_on);
            ui.horizontal(|ui| {
                let colors = theme::colors(ui);
                let color = match row.state {
                    ItemState::Yes => colors.ok,
                    ItemState::No => colors.fail,
                    ItemState::NotShown => colors.muted,
                };
                ui.label(theme::small(ui, row.state.name()).color(color));
                let has_remark = texts.checklist.contains_key(name);
                let (icon, word) = match has_remark {
                    true => (icons::ICON_DELETE, "Remove the remark"),
                    false => (icons::ICON_EDIT, "Write a remark"),
                };
                if widgets::icon_button(ui, icon, &format!("{word}: {name}")).clicked() {
                    match has_remark {
                        true => _ = texts.checklist.remove(name),
                        false => _ = texts.checklist.insert(name.to_owned(), String::new()),
                    }
                }
            });
            if let Some(remark) = texts.checklist.get_mut(name) {
                widgets::text_area(ui, &format!("Remark: {name}"), remark, ROWS);
                marks_ui(ui, made, &TextPlace::Checklist(name.to_owned()));
            }
        }
    });
}
