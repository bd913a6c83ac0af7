//! A chart's title and its legend, with the readout at the crosshair.

use egui::{Align, Color32, Layout, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::Dash;
use crate::app::theme::{self, Weight, size, space};

const SWATCH_WIDTH: f32 = 16.0;
/// Room for a value, kept free so that nothing moves when the crosshair comes.
const VALUE_WIDTH: f32 = 54.0;
const ENTRY_GAP: f32 = 10.0;
const ROW_HEIGHT: f32 = 20.0;
const TITLE_HEIGHT: f32 = 26.0;
/// Room for a button beside the title.
pub const TOOL_WIDTH: f32 = 34.0;

/// How an entry of the legend is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swatch {
    Line(Dash),
    Block,
}

/// One entry of a legend.
pub struct Entry<'a> {
    pub name: &'a str,
    pub swatch: Swatch,
    pub color: Color32,
    pub is_hidden: bool,
    /// At the crosshair.
    pub value: Option<String>,
}

/// How many rows a legend takes below the title; none where it fits beside it.
pub fn n_legend_rows(ui: &Ui, title: &str, names: &[&str], width: f32) -> usize {
    let beside = width - TOOL_WIDTH - text_width(ui, title, size::BODY, Weight::SemiBold) - space::S;
    let widths: Vec<f32> = names.iter().map(|name| entry_width(ui, name) + ENTRY_GAP).collect();
    if widths.iter().sum::<f32>() <= beside {
        return 0;
    }
    let (mut n_rows, mut left) = (1, width);
    for entry in widths {
        if entry > left && left < width {
            n_rows += 1;
            left = width;
        }
        left -= entry;
    }
    n_rows
}

/// Draws title, legend and tools; returns the entry that was clicked.
pub fn head_ui(
    ui: &mut Ui,
    title: &str,
    entries: &[Entry<'_>],
    n_rows: usize,
    tools: impl FnOnce(&mut Ui),
) -> Option<usize> {
    let width = ui.available_width();
    let mut clicked = None;
    ui.spacing_mut().item_spacing = vec2(ENTRY_GAP, 0.0);
    // Every row of every head is as high as the next, whatever stands in it, so that plots line up.
    ui.spacing_mut().interact_size.y = ROW_HEIGHT;
    row_ui(ui, width, TITLE_HEIGHT, |ui| {
        ui.label(theme::text(title, size::BODY, Weight::SemiBold));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            tools(ui);
            if n_rows == 0 {
                clicked = entries_ui(ui, entries, true);
            }
        });
    });
    if n_rows > 0 {
        row_ui(ui, width, ROW_HEIGHT * n_rows as f32, |ui| {
            let from_left = Layout::left_to_right(Align::Min).with_main_wrap(true);
            ui.with_layout(from_left, |ui| clicked = entries_ui(ui, entries, false));
        });
    }
    clicked
}

/// A row of just this height.
fn row_ui(ui: &mut Ui, width: f32, height: f32, add: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let layout = Layout::left_to_right(Align::Center);
    add(&mut ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout)));
}

fn entries_ui(ui: &mut Ui, entries: &[Entry<'_>], from_right: bool) -> Option<usize> {
    let mut clicked = None;
    let mut draw = |ui: &mut Ui, index: usize| {
        if entry_ui(ui, &entries[index]) {
            clicked = Some(index);
        }
    };
    if from_right {
        (0..entries.len()).rev().for_each(|index| draw(ui, index));
    } else {
        (0..entries.len()).for_each(|index| draw(ui, index));
    }
    clicked
}

/// A click hides or shows what the entry stands for.
fn entry_ui(ui: &mut Ui, entry: &Entry<'_>) -> bool {
    let ink = theme::colors(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(entry_width(ui, entry.name), ROW_HEIGHT), Sense::click());
    let color = if entry.is_hidden { ink.border_strong } else { entry.color };
    swatch(ui, rect, entry.swatch, color);
    let text_color = if entry.is_hidden { ink.faint } else { ink.muted };
    let mut at = pos2(rect.left() + SWATCH_WIDTH + 5.0, rect.center().y);
    let font = theme::font(size::SMALL, Weight::Regular);
    let name = ui.painter().text(at, egui::Align2::LEFT_CENTER, entry.name, font, text_color);
    at.x = name.right() + 5.0;
    if let Some(value) = &entry.value {
        let font = theme::font(size::SMALL, Weight::Medium);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, value, font, ink.text);
    }
    let kind = if entry.swatch == Swatch::Block { "Layer" } else { "Line" };
    response.widget_info(|| {
        egui::WidgetInfo::selected(
            egui::Role::CheckBox,
            true,
            !entry.is_hidden,
            format!("{kind} {}", entry.name),
        )
    });
    let hint = match (entry.is_hidden, entry.swatch) {
        (true, Swatch::Block) => "Show this layer",
        (false, Swatch::Block) => "Hide this layer",
        (true, _) => "Show this line",
        (false, _) => "Hide this line",
    };
    response.on_hover_text(hint).clicked()
}

fn swatch(ui: &Ui, rect: Rect, swatch: Swatch, color: Color32) {
    let y = rect.center().y;
    let ends = [pos2(rect.left(), y), pos2(rect.left() + SWATCH_WIDTH, y)];
    match swatch {
        Swatch::Line(dash) => ui.painter().extend(dash.sample(ends, Stroke::new(2.0, color))),
        Swatch::Block => {
            let block = Rect::from_center_size(pos2(rect.left() + SWATCH_WIDTH - 6.0, y), vec2(11.0, 11.0));
            ui.painter().rect_filled(block, 2.0, color);
        }
    }
}

fn entry_width(ui: &Ui, name: &str) -> f32 {
    SWATCH_WIDTH + 5.0 + text_width(ui, name, size::SMALL, Weight::Regular) + 5.0 + VALUE_WIDTH
}

fn text_width(ui: &Ui, text: &str, size: f32, weight: Weight) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), theme::font(size, weight), Color32::PLACEHOLDER).size().x
}
