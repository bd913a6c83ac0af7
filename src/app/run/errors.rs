//! Failed requests by what they have in common, and the notes of a run.

use egui::{CollapsingHeader, Label, Ui};

use super::sight::Sight;
use crate::app::{
    theme::{self, Weight, size, space},
    widgets,
};
use crate::humanize;
use crate::metrics::ErrorGroup;
use crate::model::Scenario;

/// Draws the error groups, the most frequent first; each opens to the requests that were kept.
pub fn errors_ui(ui: &mut Ui, sight: &Sight<'_>) {
    if sight.error_groups.is_empty() {
        ui.label(theme::muted(
            ui,
            if sight.is_live() { "No errors so far" } else { "No errors in this run" },
        ));
        return;
    }
    let mut groups: Vec<&ErrorGroup> = sight.error_groups.iter().collect();
    groups.sort_by(|a, b| b.n_errors.cmp(&a.n_errors).then_with(|| a.signature.cmp(&b.signature)));
    for group in groups {
        group_ui(ui, sight.scenario, group);
    }
}

fn group_ui(ui: &mut Ui, scenario: &Scenario, group: &ErrorGroup) {
    let colors = theme::colors(ui);
    let step = scenario.steps().nth(usize::from(group.step)).map_or("", |(_, step)| step.name.as_str());
    let seen = if group.first_seen == group.last_seen {
        format!("at {}", humanize::clock(group.first_seen))
    } else {
        format!("from {} to {}", humanize::clock(group.first_seen), humanize::clock(group.last_seen))
    };
    ui.horizontal(|ui| {
        ui.allocate_ui(egui::vec2(76.0, theme::CONTROL_HEIGHT), |ui| {
            widgets::badge(ui, &humanize::count(group.n_errors), colors.fail, colors.fail_soft);
        });
        ui.vertical(|ui| {
            let title = theme::text(format!("{}  ·  {step}", group.signature), size::BODY, Weight::Medium);
            let salt = (group.step, group.outcome.name(), &group.signature);
            CollapsingHeader::new(title).id_salt(salt).show(ui, |ui| exemplars_ui(ui, group));
            ui.label(theme::small(ui, format!("{} error, seen {seen}", group.outcome.name())));
        });
    });
}

fn exemplars_ui(ui: &mut Ui, group: &ErrorGroup) {
    if group.exemplars.is_empty() {
        ui.label(theme::muted(ui, "No request of this group was kept"));
    }
    for exemplar in &group.exemplars {
        let title = format!("{}  {}", humanize::clock(exemplar.at), exemplar.request);
        ui.add(Label::new(theme::small(ui, title)).wrap());
        let detail = egui::RichText::new(&exemplar.detail).monospace();
        ui.add(Label::new(detail).wrap().selectable(true));
        ui.add_space(space::XS);
    }
}

/// Draws the notes and events of the run in order.
pub fn notes_ui(ui: &mut Ui, sight: &Sight<'_>) {
    if sight.annotations.is_empty() {
        ui.label(theme::muted(ui, "Nothing was noted"));
    }
    for note in sight.annotations {
        ui.horizontal(|ui| {
            ui.label(theme::small(ui, humanize::clock(note.at)));
            ui.add(Label::new(&note.text).wrap());
        });
    }
}
