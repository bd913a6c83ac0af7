//! What a step sends.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    multipart,
    pairs::{self, Table},
    pen::Pen,
};
use crate::{
    app::{
        command::{Command, Commands, FilePlace},
        design::templated::{Paint, tidied},
        theme::{self, space},
        widgets,
    },
    model::{Body, Part, PartContent},
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    None,
    Json,
    Text,
    Form,
    Multipart,
    File,
}

const ROWS: usize = 8;

pub fn body_ui(
    ui: &mut Ui,
    (body, place): (&mut Body, (usize, usize)),
    (pen, path): (&Pen<'_>, &str),
    commands: &mut Commands,
) {
    let mut kind = kind_of(body);
    let kinds = [
        (Kind::None, "None"),
        (Kind::Json, "JSON"),
        (Kind::Text, "Text"),
        (Kind::Form, "Form"),
        (Kind::Multipart, "Multipart"),
        (Kind::File, "File"),
    ];
    if widgets::segments(ui, &mut kind, &kinds) {
        *body = converted(std::mem::replace(body, Body::None), kind);
    }
    match body {
        Body::None => {
            ui.label(theme::small(ui, "Nothing is sent beside the head of the request."));
        }
        Body::Json(text) => json_ui(ui, text, (pen, &format!("{path}.json"))),
        Body::Text(text) => {
            pen.area(ui, &format!("{path}.text"), ("Body", ROWS), text, Paint::Text);
            ui.label(theme::small(ui, "Sent as it is written; name its type in a content-type header."));
        }
        Body::Form(fields) => {
            let words = "Sent as a browser's form, application/x-www-form-urlencoded.";
            let path = format!("{path}.form");
            pairs::pairs_ui(ui, &Table { what: "Form field", path, words }, fields, pen);
        }
        Body::Multipart(parts) => {
            multipart::multipart_ui(ui, (parts, place), (pen, &format!("{path}.multipart")), commands);
        }
        Body::File(file) => {
            let (journey, step) = place;
            let picker = FilePicker { name: "Body file", place: FilePlace::Body { journey, step } };
            file_ui(ui, &picker, file, (pen, &format!("{path}.file")), commands);
            ui.label(theme::small(
                ui,
                "The bytes of this file are sent. Relative paths start at the scenario file's folder.",
            ));
        }
    }
}

fn kind_of(body: &Body) -> Kind {
    match body {
        Body::None => Kind::None,
        Body::Json(_) => Kind::Json,
        Body::Text(_) => Kind::Text,
        Body::Form(_) => Kind::Form,
        Body::Multipart(_) => Kind::Multipart,
        Body::File(_) => Kind::File,
    }
}

/// A body of another kind that keeps what both kinds can say.
fn converted(body: Body, kind: Kind) -> Body {
    let fields = |body: Body| match body {
        Body::Form(fields) => fields,
        Body::Multipart(parts) => parts
            .into_iter()
            .filter_map(|part| match part.content {
                PartContent::Text(text) => Some((part.name, text)),
                PartContent::File(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    match kind {
        Kind::None => Body::None,
        Kind::Json | Kind::Text => {
            let text = match body {
                Body::Text(text) | Body::Json(text) => text,
                _ if kind == Kind::Json => "{\n  \n}".to_owned(),
                _ => String::new(),
            };
            if kind == Kind::Json { Body::Json(text) } else { Body::Text(text) }
        }
        Kind::Form => Body::Form(fields(body)),
        Kind::Multipart => Body::Multipart(
            fields(body)
                .into_iter()
                .map(|(name, text)| Part { name, content: PartContent::Text(text), content_type: None })
                .collect(),
        ),
        Kind::File => Body::File(String::new()),
    }
}

fn json_ui(ui: &mut Ui, text: &mut String, (pen, path): (&Pen<'_>, &str)) {
    let is_valid = pen.marks.worst(path, true).is_none_or(|problem| !problem.message.contains("not JSON"));
    ui.horizontal(|ui| {
        let tip = "One value a line, indented by two; numbers, order and {{…}} stay as they are written";
        let format =
            ui.add_enabled_ui(is_valid, |ui| widgets::button(ui, icons::ICON_FORMAT_ALIGN_LEFT, "Format"));
        let refusal = "Only what is JSON can be formatted; see what is wrong below";
        if format.inner.on_hover_text(tip).on_disabled_hover_text(refusal).clicked() {
            *text = tidied(text);
        }
        ui.label(theme::small(ui, "Sent as application/json unless a content-type header says otherwise."));
    });
    pen.area(ui, path, ("Body", ROWS), text, Paint::Json);
}

/// A path with the desktop's dialog beside it.
pub struct FilePicker<'a> {
    pub name: &'a str,
    pub place: FilePlace,
}

/// A path that is written, or chosen with the desktop's dialog.
pub fn file_ui(
    ui: &mut Ui,
    picker: &FilePicker<'_>,
    file: &mut String,
    (pen, path): (&Pen<'_>, &str),
    commands: &mut Commands,
) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let width = (ui.available_width() - theme::CONTROL_HEIGHT - space::XS).clamp(80.0, 460.0);
        pen.plain(ui, path, (picker.name, width), file);
        let label = format!("Browse for the {}", picker.name.to_lowercase());
        if widgets::icon_button(ui, icons::ICON_FOLDER_OPEN, &label).clicked() {
            commands.push(Command::BrowseForFile(picker.place));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_kind_keeps_what_both_can_say() {
        let json = Body::Json("[1]".to_owned());
        assert_eq!(converted(json.clone(), Kind::Text), Body::Text("[1]".to_owned()));
        let form = Body::Form(vec![("a".to_owned(), "{{b}}".to_owned())]);
        let multipart = converted(form.clone(), Kind::Multipart);
        assert!(matches!(&multipart, Body::Multipart(parts) if parts[0].name == "a"));
        assert_eq!(converted(multipart, Kind::Form), form);
        assert_eq!(converted(json, Kind::Form), Body::Form(Vec::new()));
    }
}
