//! Cells of tables: heads that sort, and numbers that line up at the right.

use egui::{Align, Label, Layout, Response, Role, Sense, Ui, WidgetInfo};
use egui_material_icons::icons;

use crate::app::theme::{self, Weight, size};

/// Height of a table's head.
pub const HEAD_HEIGHT: f32 = 28.0;
/// Height of a table's row.
pub const ROW_HEIGHT: f32 = 30.0;

/// By which column a table is sorted, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting<C> {
    pub column: C,
    pub descending: bool,
}

impl<C: Copy + PartialEq> Sorting<C> {
    /// Sorts by a column; the same column again turns the order around.
    pub fn choose(&mut self, column: C, descending_first: bool) {
        if self.column == column {
            self.descending = !self.descending;
        } else {
            *self = Self { column, descending: descending_first };
        }
    }

    /// Puts an ordering the chosen way around.
    pub fn apply(&self, ordering: std::cmp::Ordering) -> std::cmp::Ordering {
        if self.descending { ordering.reverse() } else { ordering }
    }
}

/// A column that gives way where the table has little room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnPlan<C> {
    pub column: C,
    pub label: &'static str,
    /// What the column shows, for those who ask.
    pub hint: &'static str,
    pub width: f32,
    /// The highest gives way first; a column of rank 0 stays.
    pub rank: u8,
}

impl<C: Copy> ColumnPlan<C> {
    pub const fn new(column: C, label: &'static str, width: f32, rank: u8, hint: &'static str) -> Self {
        Self { column, label, hint, width, rank }
    }
}

/// The columns that fit beside a first one of `first_width`, in their order.
pub fn fitting<C: Copy>(columns: &[ColumnPlan<C>], first_width: f32, width: f32) -> Vec<ColumnPlan<C>> {
    let mut shown = columns.to_vec();
    while first_width + total_width(&shown) > width {
        let highest = shown.iter().map(|column| column.rank).max().unwrap_or(0);
        if highest == 0 {
            break;
        }
        shown.retain(|column| column.rank != highest);
    }
    shown
}

/// What columns take together.
pub fn total_width<C>(columns: &[ColumnPlan<C>]) -> f32 {
    columns.iter().map(|column| column.width).sum()
}

/// A column's head; `order` is its direction if the table is sorted by it (descending or not).
pub fn sort_head(ui: &mut Ui, label: &str, order: Option<bool>, is_number: bool) -> Response {
    let colors = theme::colors(ui);
    let color = if order.is_some() { colors.text } else { colors.muted };
    let text = theme::text(label, size::SMALL, Weight::Medium).color(color);
    let add = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let response = ui.add(Label::new(text).sense(Sense::click()).selectable(false).truncate());
        if let Some(descending) = order {
            let icon = if descending { icons::ICON_ARROW_DOWNWARD } else { icons::ICON_ARROW_UPWARD };
            ui.label(egui::RichText::new(icon.codepoint).font(theme::icon_font(13.0)).color(colors.muted));
        }
        response
    };
    let response = if is_number {
        ui.with_layout(Layout::right_to_left(Align::Center), add).inner
    } else {
        ui.horizontal_centered(add).inner
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Sort by {label}")));
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// A column's head that does not sort.
pub fn head(ui: &mut Ui, label: &str, is_number: bool) {
    head_response(ui, label, is_number);
}

/// The same, for those who ask what it means.
pub fn hinted_head(ui: &mut Ui, label: &str, hint: &str, is_number: bool) {
    head_response(ui, label, is_number).on_hover_text(hint);
}

fn head_response(ui: &mut Ui, label: &str, is_number: bool) -> Response {
    let text = theme::text(label, size::SMALL, Weight::Medium).color(theme::colors(ui).muted);
    let head = Label::new(text).truncate();
    if is_number {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(head)).inner
    } else {
        ui.add(head)
    }
}

/// A number at the right of its cell.
pub fn number(ui: &mut Ui, text: impl Into<String>) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(Label::new(text.into()).extend())).inner
}

/// A number at the right of its cell with its unit after it, quieter; units take the same width in all rows, so that
/// the numbers line up.
pub fn quantity(ui: &mut Ui, text: &str, unit_width: f32) -> Response {
    let colors = theme::colors(ui);
    let (number, unit) = split_unit(text);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (rect, _) = ui.allocate_exact_size(egui::vec2(unit_width, 18.0), Sense::hover());
        let font = theme::font(size::SMALL, Weight::Regular);
        ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, unit, font, colors.muted);
        if number.ends_with(' ') {
            ui.add_space(3.0);
        }
        let response = ui.add(Label::new(number.trim_end()).extend());
        // Whoever has it read out hears the unit with it.
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        response
    })
    .inner
}

/// A text such as `42.1 ms` as its number with the space after it, and its unit.
pub fn split_unit(text: &str) -> (&str, &str) {
    let is_of_number =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '−' | '-' | '<' | ' ');
    let end = text.rfind(is_of_number).map_or(0, |at| at + 1);
    match text.char_indices().map(|(at, _)| at).find(|at| *at >= end) {
        Some(_) if end == 0 => (text, ""),
        Some(at) => text.split_at(at),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_columns_give_way_first() {
        let column = |column, rank| ColumnPlan { column, label: "", hint: "", width: 50.0, rank };
        let columns = [column('a', 0), column('b', 2), column('c', 1), column('d', 2)];
        let shown = |width: f32| -> String {
            fitting(&columns, 100.0, width).iter().map(|column| column.column).collect()
        };
        assert_eq!([shown(300.0), shown(299.0), shown(199.0), shown(10.0)], ["abcd", "ac", "a", "a"]);
    }

    #[test]
    fn units_are_told_from_their_numbers() {
        let parts = ["42.1 ms", "1,234/s", "0.5 %", "< 1 µs", "—", "12,345"].map(split_unit);
        let expected =
            [("42.1 ", "ms"), ("1,234", "/s"), ("0.5 ", "%"), ("< 1 ", "µs"), ("—", ""), ("12,345", "")];
        assert_eq!(parts, expected);
    }

    #[test]
    fn the_same_head_again_turns_the_order_around() {
        let mut sorting = Sorting { column: 0, descending: true };
        sorting.choose(0, true);
        assert_eq!(sorting, Sorting { column: 0, descending: false });
        sorting.choose(3, true);
        assert_eq!(sorting, Sorting { column: 3, descending: true });
        assert_eq!(sorting.apply(std::cmp::Ordering::Less), std::cmp::Ordering::Greater);
    }
}
