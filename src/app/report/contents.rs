//! For whom a report is, and which sections it has.

use egui::{Checkbox, Role, Ui, WidgetInfo};

use crate::{
    app::{
        command::{Command, Commands},
        theme::{self, space},
        widgets,
    },
    metrics::RunId,
    report::{ReportTexts, Variant},
};

const VARIANTS: [(Variant, &str); 3] =
    [(Variant::Full, "Full"), (Variant::OnePage, "One page"), (Variant::PullRequest, "Comment")];

/// Draws the choice of the variant, and a switch for each of its sections.
pub fn contents_ui(ui: &mut Ui, run_id: RunId, texts: &ReportTexts, commands: &mut Commands) {
    let mut changed = texts.clone();
    widgets::section(ui, "Contents");
    widgets::segments(ui, &mut changed.variant, &VARIANTS);
    if changed.variant == Variant::PullRequest {
        ui.label(theme::small(ui, "A comment under a change, of at most 65,000 letters"));
    }
    ui.add_space(space::XS);
    ui.spacing_mut().item_spacing.y = 2.0;
    for section in changed.variant.sections() {
        let mut is_on = !texts.left_out.contains(&section);
        let response = ui.add(Checkbox::new(&mut is_on, section.title()));
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, section.title()));
        if response.changed() {
            changed.left_out.retain(|other| *other != section);
            if !is_on {
                changed.left_out.push(section);
            }
        }
    }
    if !texts.left_out.is_empty() && widgets::link_button(ui, "Show all sections").clicked() {
        changed.left_out.clear();
    }
    if changed != *texts {
        commands.push(Command::EditReport(run_id, Box::new(changed)));
    }
}
