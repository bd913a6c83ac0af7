//! JSON as a tree that folds; bounded, so that a large body costs no more than a small one.

use std::collections::HashMap;

use egui::{Button, Color32, ScrollArea, TextFormat, Ui, text::LayoutJob};
use egui_material_icons::icons;
use serde_json::Value;

use crate::{
    app::theme::{self, space},
    humanize,
    model::JsonPlace,
};

/// Items of a list or an object that are shown at once.
const MAX_ITEMS: usize = 100;
/// Rows of the whole tree.
const MAX_ROWS: usize = 1_000;
/// Longer texts are cut.
const MAX_TEXT: usize = 200;
/// What is nested deeper begins folded.
const OPEN_DEPTH: usize = 3;

/// What is folded and what is not, where that is not as it began.
#[derive(Debug, Default)]
pub struct TreeView {
    turned: HashMap<Vec<JsonPlace>, bool>,
}

struct Tree<'a> {
    view: &'a mut TreeView,
    n_rows: usize,
    clicked: Option<Vec<JsonPlace>>,
}

/// Draws a tree; returns the way to a value that was clicked.
pub(super) fn json_tree_ui(ui: &mut Ui, view: &mut TreeView, json: &Value) -> Option<Vec<JsonPlace>> {
    let mut tree = Tree { view, n_rows: 0, clicked: None };
    ScrollArea::horizontal().id_salt("tree").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().button_padding = egui::vec2(space::XS, 1.0);
        tree.value_ui(ui, &mut Vec::new(), json);
        if tree.n_rows >= MAX_ROWS {
            ui.label(theme::small(ui, "… more; fold what stands above to see it"));
        }
    });
    tree.clicked
}

impl Tree<'_> {
    fn value_ui(&mut self, ui: &mut Ui, way: &mut Vec<JsonPlace>, value: &Value) {
        if self.n_rows >= MAX_ROWS {
            return;
        }
        self.n_rows += 1;
        match value {
            Value::Object(object) => {
                let n_items = object.len();
                let items = object.iter().map(|(key, value)| (JsonPlace::Key(key.clone()), value));
                self.branch_ui(ui, way, ("{", "}"), n_items, items);
            }
            Value::Array(list) => {
                let items = list.iter().enumerate().map(|(index, value)| (JsonPlace::Item(index), value));
                self.branch_ui(ui, way, ("[", "]"), list.len(), items);
            }
            leaf => self.leaf_ui(ui, way, leaf),
        }
    }

    fn branch_ui<'v>(
        &mut self,
        ui: &mut Ui,
        way: &mut Vec<JsonPlace>,
        (opening, closing): (&str, &str),
        n_items: usize,
        items: impl Iterator<Item = (JsonPlace, &'v Value)>,
    ) {
        let is_open = *self.view.turned.get(way).unwrap_or(&(way.len() < OPEN_DEPTH));
        let counted = humanize::counted(n_items as u64, if opening == "[" { "item" } else { "key" });
        ui.horizontal(|ui| {
            ui.add_space(indent(way));
            let icon =
                if is_open { icons::ICON_KEYBOARD_ARROW_DOWN } else { icons::ICON_KEYBOARD_ARROW_RIGHT };
            let verb = if is_open { "Fold" } else { "Unfold" };
            let name = format!("{verb} {}", crate::model::json_path(way));
            if crate::app::widgets::bare_icon_button(ui, icon, &name).clicked() {
                self.view.turned.insert(way.clone(), !is_open);
            }
            let colors = theme::colors(ui);
            let mut job = key_job(ui, way.last());
            let inside = if is_open { opening.to_owned() } else { format!("{opening} … {closing}") };
            append(&mut job, &inside, colors.muted);
            append(&mut job, &format!("  {counted}"), colors.faint);
            if ui.add(Button::new(job).frame_when_inactive(false)).clicked() {
                self.clicked = Some(way.clone());
            }
        });
        if !is_open {
            return;
        }
        for (place, value) in items.take(MAX_ITEMS) {
            way.push(place);
            self.value_ui(ui, way, value);
            way.pop();
        }
        if n_items > MAX_ITEMS && self.n_rows < MAX_ROWS {
            ui.horizontal(|ui| {
                ui.add_space(indent(way) + 2.0 * space::XL);
                let left = humanize::count((n_items - MAX_ITEMS) as u64);
                ui.label(theme::small(ui, format!("… {left} more")));
            });
        }
    }

    fn leaf_ui(&mut self, ui: &mut Ui, way: &[JsonPlace], value: &Value) {
        ui.horizontal(|ui| {
            ui.add_space(indent(way) + theme::CONTROL_HEIGHT + space::XS);
            let colors = theme::colors(ui);
            let mut job = key_job(ui, way.last());
            let (text, color) = match value {
                Value::String(_) => (value.to_string(), colors.ok),
                Value::Null => (value.to_string(), colors.muted),
                other => (other.to_string(), colors.info),
            };
            let end = text.floor_char_boundary(MAX_TEXT);
            append(&mut job, &text[..end], color);
            if end < text.len() {
                append(&mut job, " …", colors.muted);
            }
            if ui.add(Button::new(job).frame_when_inactive(false)).clicked() {
                self.clicked = Some(way.to_vec());
            }
        });
    }
}

fn indent(way: &[JsonPlace]) -> f32 {
    space::L * way.len() as f32
}

fn key_job(ui: &Ui, place: Option<&JsonPlace>) -> LayoutJob {
    let colors = theme::colors(ui);
    let mut job = LayoutJob::default();
    match place {
        Some(JsonPlace::Key(key)) => append(&mut job, &format!("{key}: "), colors.accent_text),
        Some(JsonPlace::Item(index)) => append(&mut job, &format!("{index}: "), colors.faint),
        None => {}
    }
    job
}

fn append(job: &mut LayoutJob, text: &str, color: Color32) {
    job.append(text, 0.0, TextFormat { font_id: theme::mono(), color, ..TextFormat::default() });
}
