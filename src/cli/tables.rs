//! Tables for a terminal: numbers on the right, rows close together, within the window where one is known.

use std::ops::Range;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, Width,
    presets::UTF8_HORIZONTAL_ONLY,
};

use super::out::terminal_width;

const CELL_PADDING: u16 = 2;

/// A table in which the columns of `numbers` are aligned right; columns with nothing in them are left out.
pub fn table(header: &[&str], numbers: Range<usize>, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY);
    // Without lines between rows: rows are many, and short.
    for line in [
        TableComponent::HorizontalLines,
        TableComponent::MiddleIntersections,
        TableComponent::LeftBorderIntersections,
        TableComponent::RightBorderIntersections,
    ] {
        table.remove_style(line);
    }
    table.set_header(header).add_rows(rows);
    // In a pipe a row stays a line.
    if let Some(columns) = terminal_width() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    }
    for index in 0..header.len() {
        arrange_column(&mut table, index, numbers.contains(&index));
    }
    table
}

/// Where a table has to shrink, text breaks between words, and numbers never.
fn arrange_column(table: &mut Table, index: usize, is_number: bool) {
    let is_empty = table.column_cells_iter(index).flatten().all(|cell| cell.content().is_empty());
    let cells = table.column_cells_with_header_iter(index).flatten();
    let longest = cells.map(|cell| longest_word(&cell.content())).max().unwrap_or_default() as u16;
    let Some(column) = table.column_mut(index) else { return };
    if is_number {
        column.set_cell_alignment(CellAlignment::Right);
    }
    column.set_constraint(match (is_empty, is_number) {
        (true, _) => ColumnConstraint::Hidden,
        (false, true) => ColumnConstraint::ContentWidth,
        (false, false) => ColumnConstraint::LowerBoundary(Width::Fixed(longest + CELL_PADDING)),
    });
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(|word| word.chars().count()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(header: &[&str], rows: &[&[&str]]) -> Vec<String> {
        let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
        table(header, 1..2, rows).to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn numbers_stand_right_and_rows_stay_close() {
        let lines = lines(&["Stage", "Requests"], &[&["Up", "7"], &["Hold", "1,204"]]);
        assert_eq!(lines[1], " Stage   Requests ");
        assert_eq!(lines[3..5], [" Up             7 ", " Hold       1,204 "]);
    }

    #[test]
    fn a_column_with_nothing_in_it_is_left_out() {
        let lines = lines(&["Run", "p95", "Tags"], &[&["1", "9 ms", ""], &["2", "8 ms", ""]]);
        assert_eq!(lines[1], " Run    p95 ");
    }

    #[test]
    fn the_longest_word_counts_letters() {
        assert_eq!(longest_word("0 → 20/s"), 4);
    }
}
