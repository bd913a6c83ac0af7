//! Which sections a report has.

use egui::{Checkbox, Role, Ui, WidgetInfo};

use super::ReportAsked;
use crate::{
    app::{
        command::{Command, Commands},
        widgets,
    },
    report::{ReportOptions, Section},
};

/// Draws a switch for each section.
pub fn contents_ui(ui: &mut Ui, asked: &ReportAsked, commands: &mut Commands) {
    let on = &asked.options.sections;
    let is_whole = on.len() == Section::ALL.len();
    widgets::section_with(ui, "Sections", |ui| {
        if !is_whole && widgets::link_button(ui, "Show all").clicked() {
            ask(asked, Section::ALL.to_vec(), commands);
        }
    });
    ui.spacing_mut().item_spacing.y = 2.0;
    for section in Section::ALL {
        let mut is_on = on.contains(&section);
        let response = ui.add(Checkbox::new(&mut is_on, section.title()));
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, section.title()));
        if response.changed() {
            // In the order of the report, however they were switched.
            let sections = Section::ALL
                .into_iter()
                .filter(|other| if *other == section { is_on } else { on.contains(other) });
            ask(asked, sections.collect(), commands);
        }
    }
}

fn ask(asked: &ReportAsked, sections: Vec<Section>, commands: &mut Commands) {
    let options = ReportOptions { sections, ..asked.options.clone() };
    commands.push(Command::MakeReport(Box::new(ReportAsked { options, ..asked.clone() })));
}
