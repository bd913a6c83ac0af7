//! Choices of one of few, by a name that screen readers say.

use egui::{Response, Ui, WidgetInfo, accesskit::Role};

use crate::model::{Combine, SeriesGroup, SeriesUnit};

/// One of some choices in words of their own.
pub fn pick_ui<T: PartialEq + Clone>(
    ui: &mut Ui,
    (name, width): (&str, f32),
    chosen: &mut T,
    choices: &[T],
    words: impl Fn(&T) -> String,
) -> Response {
    let combo = egui::ComboBox::from_id_salt(name)
        .width(width)
        .truncate()
        .selected_text(words(chosen))
        .show_ui(ui, |ui| {
            for choice in choices {
                ui.selectable_value(chosen, choice.clone(), words(choice));
            }
        });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name));
    combo.response
}

/// The unit of a series.
pub fn unit_ui(ui: &mut Ui, name: &str, unit: &mut SeriesUnit) -> Response {
    pick_ui(ui, (name, 118.0), unit, &SeriesUnit::ALL, |unit| unit_words(*unit).to_owned())
}

/// The table of a report in which a series stands.
pub fn group_ui(ui: &mut Ui, name: &str, group: &mut SeriesGroup) -> Response {
    pick_ui(ui, (name, 100.0), group, &SeriesGroup::ALL, |group| group_words(*group).to_owned())
}

/// How samples become one value.
pub fn combine_ui(ui: &mut Ui, name: &str, combine: &mut Combine) -> Response {
    pick_ui(ui, (name, 84.0), combine, &Combine::ALL, |combine| combine_words(*combine).to_owned())
}

fn combine_words(combine: Combine) -> &'static str {
    match combine {
        Combine::Sum => "sum",
        Combine::Mean => "mean",
        Combine::Max => "largest",
    }
}

/// A unit as it is chosen.
pub fn unit_words(unit: SeriesUnit) -> &'static str {
    match unit {
        SeriesUnit::Ratio => "share",
        SeriesUnit::Bytes => "bytes",
        SeriesUnit::BytesPerSec => "bytes/s",
        SeriesUnit::PerSec => "per second",
        SeriesUnit::Seconds => "time",
        SeriesUnit::Number => "number",
    }
}

/// A group as its heading says it.
pub fn group_words(group: SeriesGroup) -> &'static str {
    match group {
        SeriesGroup::Processor => "CPU",
        SeriesGroup::Memory => "Memory",
        SeriesGroup::Disk => "Disk",
        SeriesGroup::Network => "Network",
        SeriesGroup::Database => "Database",
        SeriesGroup::Cache => "Cache",
        SeriesGroup::Other => "Other",
    }
}
