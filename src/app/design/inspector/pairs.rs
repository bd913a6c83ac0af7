//! Names and values in order: query, headers, fields of a form. The last row is empty, and writing in it adds one.

use egui::{Align, Key, Layout, Modifiers, Ui};
use egui_material_icons::icons;

use super::{pen::Pen, reorder::Reorder};
use crate::app::{
    theme::{self, Weight, size, space},
    widgets,
};

/// A table of pairs.
pub struct Table<'a> {
    /// One of them, such as `Header`.
    pub what: &'a str,
    /// Path of the table in the file.
    pub path: String,
    /// What they are for.
    pub words: &'a str,
}

/// Widths of a row's parts.
struct Widths {
    name: f32,
    value: f32,
}

const HANDLE: f32 = 18.0;

pub fn pairs_ui(ui: &mut Ui, table: &Table<'_>, pairs: &mut Vec<(String, String)>, pen: &Pen<'_>) {
    ui.label(theme::small(ui, table.words));
    let room = (ui.available_width() - HANDLE - theme::CONTROL_HEIGHT - 3.0 * space::S).max(160.0);
    let widths = Widths { name: room * 0.36, value: room * 0.64 };
    heads_ui(ui, &widths);
    let mut reorder = Reorder::begin(ui, &table.path);
    let mut removed = None;
    let mut swapped = None;
    ui.spacing_mut().item_spacing.y = space::XS;
    for index in 0..=pairs.len() {
        let mut blank = (String::new(), String::new());
        let is_blank = index == pairs.len();
        let pair = pairs.get_mut(index).unwrap_or(&mut blank);
        let row = ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let label = format!("{} {}", table.what, index + 1);
            if is_blank {
                ui.add_space(HANDLE + space::S);
            } else {
                reorder.handle_ui(ui, index, &label, HANDLE);
            }
            let is_written = pair_ui(ui, table, &label, pair, (pen, &widths));
            if !is_blank {
                if is_written {
                    swapped = swapped.or(asked_swap(ui, index));
                }
                let remove = format!("Remove {}", lower(&label));
                if widgets::icon_button(ui, icons::ICON_CLOSE, &remove).clicked() {
                    removed = Some(index);
                }
            }
        });
        if !is_blank {
            reorder.row(row.response.rect);
        } else if !blank.0.is_empty() || !blank.1.is_empty() {
            pairs.push(blank);
            break;
        }
    }
    if let Some((from, to)) = reorder.end(ui) {
        let pair = pairs.remove(from);
        pairs.insert(to, pair);
    } else if let Some((from, to)) = swapped.filter(|(_, to)| *to < pairs.len()) {
        pairs.swap(from, to);
    } else if let Some(index) = removed {
        pairs.remove(index);
    }
}

fn heads_ui(ui: &mut Ui, widths: &Widths) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.spacing_mut().item_spacing.x = space::S;
        ui.add_space(HANDLE + space::S);
        for (head, width) in [("Name", widths.name), ("Value", widths.value)] {
            ui.allocate_ui_with_layout(egui::vec2(width, 16.0), Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(width);
                let color = theme::colors(ui).muted;
                ui.label(theme::text(head, size::SMALL, Weight::Medium).color(color));
            });
        }
    });
}

/// Returns whether the pair is being written.
fn pair_ui(
    ui: &mut Ui,
    table: &Table<'_>,
    label: &str,
    (name, value): &mut (String, String),
    (pen, widths): (&Pen<'_>, &Widths),
) -> bool {
    let path = format!("{}.{name}", table.path);
    // Its identity must not depend on the handle that the row gets by being written in.
    let name = widgets::titled_field(ui, (&format!("{label} name"), ""), name, widths.name);
    let value_label = format!("{label} value");
    let value = pen.line(ui, &path, (&value_label, widths.value), value);
    name.has_focus() || value.has_focus()
}

/// Alt and an arrow move the row that is being written in.
fn asked_swap(ui: &Ui, index: usize) -> Option<(usize, usize)> {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
    if index > 0 && pressed(Key::ArrowUp) {
        return Some((index, index - 1));
    }
    pressed(Key::ArrowDown).then_some((index, index + 1))
}

fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
