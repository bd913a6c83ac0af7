//! What an exporter's page offers, once it was read: a list that is narrowed down by writing.

use egui::{Label, ScrollArea, Ui};
use egui_material_icons::icons;

use super::value::labels_text;
use crate::app::{
    theme::{self, space},
    widgets,
};
use crate::{analysis::capitalized, humanize, monitor::FoundMetric};

/// Names that are drawn at once; more is written on until fewer are left.
const N_SHOWN: usize = 40;
/// Samples whose labels are told.
const N_LABEL_SETS: usize = 4;
const WIDTH: f32 = 420.0;

/// A button that opens the names of a page; returns the one that was chosen.
pub fn offers_ui<'a>(ui: &mut Ui, label: &str, found: &'a [FoundMetric]) -> Option<&'a FoundMetric> {
    let mut chosen = None;
    let button = widgets::icon_button(ui, icons::ICON_LIST_ALT, label);
    egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        chosen = choice_ui(ui, label, found);
        if chosen.is_some() {
            ui.close();
        }
    });
    chosen
}

/// The same under a button with words.
pub fn add_ui<'a>(ui: &mut Ui, label: &str, found: &'a [FoundMetric]) -> Option<&'a FoundMetric> {
    let mut chosen = None;
    let button = widgets::button(ui, icons::ICON_LIST_ALT, label);
    egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        chosen = choice_ui(ui, label, found);
    });
    chosen
}

fn choice_ui<'a>(ui: &mut Ui, label: &str, found: &'a [FoundMetric]) -> Option<&'a FoundMetric> {
    ui.set_width(WIDTH);
    let id = ui.make_persistent_id((label, "filter"));
    let mut filter: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    if widgets::hinted_field(ui, "Part of a name", &mut filter, f32::INFINITY).changed() {
        ui.data_mut(|data| data.insert_temp(id, filter.clone()));
    }
    let filter = filter.trim().to_lowercase();
    let matching: Vec<&FoundMetric> =
        found.iter().filter(|metric| metric.name.to_lowercase().contains(&filter)).collect();
    let mut chosen = None;
    ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for metric in matching.iter().take(N_SHOWN) {
            let name = egui::RichText::new(&metric.name).font(theme::mono());
            let button = egui::Button::new(name).frame_when_inactive(false).truncate();
            let choice = widgets::named(ui.add(button), &format!("Choose {}", metric.name));
            if choice.on_hover_text(words(metric)).clicked() {
                chosen = Some(*metric);
            }
        }
    });
    let n_more = matching.len().saturating_sub(N_SHOWN);
    if n_more > 0 {
        ui.add(Label::new(theme::small(ui, format!("and {n_more} more: write a part of the name"))));
    } else if matching.is_empty() {
        ui.label(theme::small(ui, "No name on the page has that in it"));
    }
    chosen
}

/// What the page says of a metric, with the labels of its first samples.
fn words(metric: &FoundMetric) -> String {
    let kind = if metric.kind.is_empty() { "Not declared" } else { &metric.kind };
    let samples = humanize::counted(metric.n_samples, "sample");
    let mut lines = vec![format!("{}, {samples}", capitalized(kind))];
    lines.extend(Some(metric.help.clone()).filter(|help| !help.is_empty()));
    let labels = metric.label_sets.iter().filter(|labels| !labels.is_empty());
    lines.extend(labels.take(N_LABEL_SETS).map(|labels| labels_text(labels)));
    lines.join("\n")
}
