//! Extracts of one step: values of its answer for later steps.

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::pen::Pen;
use crate::{
    app::{
        theme::{self, space},
        widgets,
    },
    model::{Extract, ExtractSource},
};

const KIND: f32 = 96.0;

pub fn extracts_ui(ui: &mut Ui, extracts: &mut Vec<Extract>, (pen, path): (&Pen<'_>, &str)) {
    ui.label(theme::small(ui, "Values of the answer that later steps of this journey use as {{name}}."));
    let mut removed = None;
    for (index, extract) in extracts.iter_mut().enumerate() {
        let path = format!("{path}[{index}]");
        ui.horizontal_top(|ui| {
            let label = format!("Extract {}", index + 1);
            let room = ui.available_width() - KIND - theme::CONTROL_HEIGHT - 3.0 * space::S;
            let name = (room * 0.36).max(70.0);
            pen.plain(ui, &format!("{path}.name"), (&format!("{label} name"), name), &mut extract.name);
            kind_ui(ui, &label, &mut extract.source);
            source_ui(ui, &label, &mut extract.source, (pen, &path, (room - name).max(90.0)));
            if widgets::icon_button(ui, icons::ICON_CLOSE, &format!("Remove extract {}", index + 1)).clicked()
            {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        extracts.remove(index);
    }
    if widgets::link_button(ui, "Add extract").clicked() {
        let name = free_name(extracts);
        extracts.push(Extract { name, source: ExtractSource::JsonPath("$.id".to_owned()) });
    }
}

fn free_name(extracts: &[Extract]) -> String {
    let is_free = |name: &String| extracts.iter().all(|extract| extract.name != *name);
    let mut names = std::iter::once("value".to_owned()).chain((2..).map(|number| format!("value{number}")));
    // There are more numbers than extracts.
    names.find(is_free).unwrap_or_default()
}

/// One source of each kind, with which a change of kind begins.
fn kinds() -> [ExtractSource; 4] {
    [
        ExtractSource::JsonPath("$.id".to_owned()),
        ExtractSource::Regex("id=([0-9]+)".to_owned()),
        ExtractSource::Header("location".to_owned()),
        ExtractSource::Cookie("session".to_owned()),
    ]
}

fn kind_name(source: &ExtractSource) -> &'static str {
    match source {
        ExtractSource::JsonPath(_) => "JSONPath",
        ExtractSource::Regex(_) => "Regex",
        ExtractSource::Header(_) => "Header",
        ExtractSource::Cookie(_) => "Cookie",
    }
}

fn kind_ui(ui: &mut Ui, label: &str, source: &mut ExtractSource) {
    let name = format!("{label} kind");
    let combo =
        egui::ComboBox::from_id_salt(&name).width(KIND).selected_text(kind_name(source)).show_ui(ui, |ui| {
            for kind in kinds() {
                let is_same = std::mem::discriminant(&kind) == std::mem::discriminant(source);
                if ui.selectable_label(is_same, kind_name(&kind)).clicked() && !is_same {
                    *source = kind;
                }
            }
        });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, &name));
}

fn source_ui(
    ui: &mut Ui,
    label: &str,
    source: &mut ExtractSource,
    (pen, path, width): (&Pen<'_>, &str, f32),
) {
    let (key, text, tip) = match source {
        ExtractSource::JsonPath(text) => ("jsonpath", text, "Such as $.items[0].id"),
        ExtractSource::Regex(text) => {
            ("regex", text, "The first group in brackets, or the whole match where there is none")
        }
        ExtractSource::Header(text) => ("header", text, "The name of a header of the answer"),
        ExtractSource::Cookie(text) => ("cookie", text, "The name of a cookie that the answer sets"),
    };
    let name = format!("{label} source");
    pen.plain(ui, &format!("{path}.{key}"), (&name, width), text).on_hover_text(tip);
}
