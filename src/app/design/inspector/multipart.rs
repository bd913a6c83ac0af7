//! The parts of a multipart body: texts and files.

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::{
    body::{FilePicker, file_ui},
    pen::Pen,
};
use crate::{
    app::{
        command::{Commands, FilePlace},
        theme::{self, space},
        widgets,
    },
    model::{Part, PartContent},
};

const NAME: f32 = 120.0;
const KIND: f32 = 64.0;
const MEDIA_TYPE: f32 = 130.0;

pub fn multipart_ui(
    ui: &mut Ui,
    (parts, place): (&mut Vec<Part>, (usize, usize)),
    (pen, path): (&Pen<'_>, &str),
    commands: &mut Commands,
) {
    let words = "Sent as multipart/form-data. The type of a part may stay empty.";
    ui.label(theme::small(ui, words));
    let mut removed = None;
    for (index, part) in parts.iter_mut().enumerate() {
        let path = format!("{path}[{index}]");
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
            let label = format!("Part {}", index + 1);
            pen.plain(ui, &format!("{path}.name"), (&format!("{label} name"), NAME), &mut part.name)
                .on_hover_text("Name of the part");
            kind_ui(ui, &label, &mut part.content);
            media_type_ui(ui, &label, part, (pen, &path));
            if widgets::icon_button(ui, icons::ICON_CLOSE, &format!("Remove part {}", index + 1)).clicked() {
                removed = Some(index);
            }
        });
        content_ui(ui, (&mut part.content, place, index), (pen, &path), commands);
        ui.add_space(space::XS);
    }
    if let Some(index) = removed {
        parts.remove(index);
    }
    if widgets::link_button(ui, "Add part").clicked() {
        let name = format!("part{}", parts.len() + 1);
        parts.push(Part { name, content: PartContent::Text(String::new()), content_type: None });
    }
}

fn kind_ui(ui: &mut Ui, label: &str, content: &mut PartContent) {
    let is_file = matches!(content, PartContent::File(_));
    let name = format!("{label} kind");
    let combo = egui::ComboBox::from_id_salt(&name)
        .width(KIND)
        .selected_text(if is_file { "File" } else { "Text" })
        .show_ui(ui, |ui| {
            if ui.selectable_label(!is_file, "Text").clicked() && is_file {
                *content = PartContent::Text(String::new());
            }
            if ui.selectable_label(is_file, "File").clicked() && !is_file {
                *content = PartContent::File(String::new());
            }
        });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, &name));
}

fn media_type_ui(ui: &mut Ui, label: &str, part: &mut Part, (pen, path): (&Pen<'_>, &str)) {
    let mut media_type = part.content_type.clone().unwrap_or_default();
    let label = format!("{label} type");
    let field = pen.plain(ui, &format!("{path}.content_type"), (&label, MEDIA_TYPE), &mut media_type);
    if field.on_hover_text("Type of the content, such as image/png; may stay empty").changed() {
        part.content_type = (!media_type.is_empty()).then_some(media_type);
    }
}

fn content_ui(
    ui: &mut Ui,
    (content, (journey, step), part): (&mut PartContent, (usize, usize), usize),
    (pen, path): (&Pen<'_>, &str),
    commands: &mut Commands,
) {
    let label = format!("Part {}", part + 1);
    match content {
        PartContent::Text(text) => {
            let name = format!("{label} value");
            pen.line(ui, &format!("{path}.value"), (&name, ui.available_width()), text);
        }
        PartContent::File(file) => {
            let name = format!("{label} file");
            let picker = FilePicker { name: &name, place: FilePlace::Part { journey, step, part } };
            file_ui(ui, &picker, file, (pen, &format!("{path}.file")), commands);
        }
    }
}
