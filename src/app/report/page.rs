//! A report's blocks as they will be read.

use egui::{Frame, Label, RichText, Ui, vec2};

use super::{drawing, table};
use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets,
    },
    report::{Block, Document},
};

/// Draws a document; `revision` changes with it.
pub fn document_ui(ui: &mut Ui, document: &Document, revision: u64) {
    Frame::new().inner_margin(space::L).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::S;
        for (index, block) in document.blocks.iter().enumerate() {
            widgets::where_seen(ui, (revision, index), |ui| block_ui(ui, block, (index, revision)));
        }
    });
}

fn block_ui(ui: &mut Ui, block: &Block, (index, revision): (usize, u64)) {
    match block {
        Block::Heading { level, text } => heading_ui(ui, *level, text),
        Block::Paragraph(text) => text_ui(ui, text),
        Block::Lead(text) => lead_ui(ui, text),
        Block::Bullets(items) => items.iter().for_each(|item| bullet_ui(ui, item)),
        Block::Table(table) => {
            if !table.note.is_empty() {
                ui.add(Label::new(theme::small(ui, &table.note)).wrap().selectable(true));
            }
            ui.push_id(("table", index), |ui| table::table_ui(ui, table));
            ui.add_space(space::S);
        }
        Block::Chart(chart) => {
            drawing::chart_ui(ui, chart, revision);
            ui.add_space(space::S);
        }
        Block::Code { text, .. } => code_ui(ui, text),
    }
}

fn heading_ui(ui: &mut Ui, level: usize, words: &str) {
    let (size, above) = match level {
        1 => (size::TITLE, 0.0),
        2 => (size::HEADING, space::XL),
        _ => (size::SECTION, space::M),
    };
    ui.add_space(above);
    ui.add(Label::new(theme::text(words, size, Weight::SemiBold)).wrap().selectable(true));
    if level <= 2 {
        ui.separator();
    }
}

fn text_ui(ui: &mut Ui, text: &str) {
    ui.add(Label::new(theme::text(text, size::BODY, Weight::Regular)).wrap().selectable(true));
}

fn lead_ui(ui: &mut Ui, text: &str) {
    let color = table::verdict_color(ui, text.rsplit(' ').next().unwrap_or_default());
    let text = theme::text(text, size::SECTION, Weight::SemiBold).color(color);
    ui.add(Label::new(text).wrap().selectable(true));
}

fn bullet_ui(ui: &mut Ui, text: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 16.0), egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 2.0, theme::colors(ui).muted);
        ui.vertical(|ui| text_ui(ui, text));
    });
}

/// Text as it is, on a ground of its own.
fn code_ui(ui: &mut Ui, code: &str) {
    let ground = theme::colors(ui).raised;
    Frame::new().fill(ground).corner_radius(theme::CORNERS).inner_margin(space::M).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(code).monospace()).wrap().selectable(true));
    });
}
