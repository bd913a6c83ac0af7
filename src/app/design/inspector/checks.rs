//! Checks of one step: what must hold of its answer.

use std::time::Duration;

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::pen::Pen;
use crate::{
    app::{
        theme,
        widgets::{self, parsed_field},
    },
    model::{Check, format_duration, parse_duration},
};

const KIND: f32 = 148.0;
/// All kinds are in sight at once.
const MENU: f32 = 320.0;

pub fn checks_ui(ui: &mut Ui, checks: &mut Vec<Check>, (pen, path): (&Pen<'_>, &str)) {
    ui.label(theme::small(ui, "An answer that misses a check counts as an error."));
    let mut removed = None;
    for (index, check) in checks.iter_mut().enumerate() {
        ui.horizontal_top(|ui| {
            kind_ui(ui, check, index + 1);
            pen.marks.field(ui, &format!("{path}[{index}]"), |ui| fields_ui(ui, check, index + 1));
            let label = format!("Remove check {}", index + 1);
            if widgets::icon_button(ui, icons::ICON_CLOSE, &label).clicked() {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        checks.remove(index);
    }
    if widgets::link_button(ui, "Add check").clicked() {
        checks.push(Check::Status(200));
    }
}

/// One check of each kind, with which a change of kind begins.
fn kinds() -> [Check; 8] {
    [
        Check::Status(200),
        Check::BodyContains(String::new()),
        Check::BodyMatches("[0-9]+".to_owned()),
        Check::JsonPathExists("$.id".to_owned()),
        Check::JsonPathEquals { path: "$.id".to_owned(), value: String::new() },
        Check::HeaderContains { name: "content-type".to_owned(), text: "json".to_owned() },
        Check::Size { min: None, max: Some(100_000) },
        Check::MaxDuration(Duration::from_secs(1)),
    ]
}

fn kind_name(check: &Check) -> &'static str {
    match check {
        Check::Status(_) => "Status is",
        Check::BodyContains(_) => "Body contains",
        Check::JsonPathExists(_) => "JSONPath exists",
        Check::JsonPathEquals { .. } => "JSONPath equals",
        Check::HeaderContains { .. } => "Header contains",
        Check::BodyMatches(_) => "Body matches",
        Check::Size { .. } => "Size of the body",
        Check::MaxDuration(_) => "Service time at most",
    }
}

fn kind_ui(ui: &mut Ui, check: &mut Check, number: usize) {
    let name = format!("Check {number} kind");
    let combo = egui::ComboBox::from_id_salt(&name)
        .width(KIND)
        .height(MENU)
        .selected_text(kind_name(check))
        .show_ui(ui, |ui| {
            for kind in kinds() {
                let is_same = std::mem::discriminant(&kind) == std::mem::discriminant(check);
                if ui.selectable_label(is_same, kind_name(&kind)).clicked() && !is_same {
                    *check = kind;
                }
            }
        });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, &name));
}

/// Draws what a check compares with; the response is that of its first field.
fn fields_ui(ui: &mut Ui, check: &mut Check, number: usize) -> egui::Response {
    let rest = (ui.available_width() - theme::CONTROL_HEIGHT - theme::space::S).max(120.0);
    let what = |part: &str| format!("Check {number} {part}");
    match check {
        Check::Status(status) => {
            parsed_field(ui, &what("status"), status, 70.0, ToString::to_string, parse_status)
        }
        Check::BodyContains(text) => widgets::text_field(ui, &what("text"), text, rest),
        Check::JsonPathExists(path) => widgets::text_field(ui, &what("JSONPath"), path, rest),
        Check::JsonPathEquals { path, value } => {
            pair_ui(ui, (&what("JSONPath"), path), (&what("value"), value), rest)
        }
        Check::HeaderContains { name, text } => {
            pair_ui(ui, (&what("header"), name), (&what("text"), text), rest)
        }
        Check::BodyMatches(pattern) => widgets::text_field(ui, &what("pattern"), pattern, rest),
        Check::Size { min, max } => {
            ui.horizontal(|ui| {
                ui.label(theme::muted(ui, "from"));
                let first = size_ui(ui, &what("smallest"), min);
                ui.label(theme::muted(ui, "to"));
                size_ui(ui, &what("largest"), max);
                ui.label(theme::muted(ui, "bytes"));
                first
            })
            .inner
        }
        Check::MaxDuration(limit) => {
            parsed_field(ui, &what("limit"), limit, 96.0, |d| format_duration(*d), parse_duration)
        }
    }
}

fn pair_ui(
    ui: &mut Ui,
    (one_name, one): (&str, &mut String),
    (other_name, other): (&str, &mut String),
    width: f32,
) -> egui::Response {
    let each = (width - theme::space::S) / 2.0;
    ui.horizontal(|ui| {
        let first = widgets::text_field(ui, one_name, one, each);
        widgets::text_field(ui, other_name, other, each);
        first
    })
    .inner
}

/// A limit in bytes; empty is none.
fn size_ui(ui: &mut Ui, name: &str, limit: &mut Option<u64>) -> egui::Response {
    let text = |limit: &Option<u64>| limit.map_or_else(String::new, |bytes| bytes.to_string());
    parsed_field(ui, name, limit, 76.0, text, |text| {
        if text.trim().is_empty() {
            return Ok(None);
        }
        text.trim().parse().map(Some).map_err(|_| "Write a number of bytes, or nothing".to_owned())
    })
}

fn parse_status(text: &str) -> Result<u16, String> {
    let status = text.trim().parse().ok().filter(|status| (100..=599).contains(status));
    status.ok_or_else(|| "Write a status such as 200, from 100 to 599".to_owned())
}
