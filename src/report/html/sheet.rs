//! How large letters may be, so that a page fits one sheet of A4.

use crate::report::chart::{Weight, text_lines, text_width};
use crate::report::document::{Align, Block, Document, Table};

/// In points.
const LARGEST: f64 = 7.8;
/// Below it nobody reads; what is longer takes a second sheet.
const SMALLEST: f64 = 6.0;
const STEP: f64 = 0.1;

/// A4 without its margins, in points.
const WIDTH: f64 = 186.0 * POINTS_PER_MM;
const HEIGHT: f64 = 275.0 * POINTS_PER_MM;
const POINTS_PER_MM: f64 = 72.0 / 25.4;

// What the style of a sheet says, in letters' sizes.
const LINE: f64 = 1.25;
const BLOCK_GAP: f64 = 0.25;
const BADGE: f64 = 0.8 + LINE;
const TITLE: f64 = 1.45 * 1.2 + 0.4;
const SECTION: f64 = 1.12;
const SECTION_GAPS: f64 = 0.6 + 0.2 + 0.3;
const SUBSECTION: f64 = 1.02 * 1.3 + 2.4;
const TABLE_GAPS: f64 = 0.3 + 0.4;
const CELL: f64 = 0.9;
const CELL_GAPS: f64 = 2.0 * 0.14;
const CELL_RIGHT: f64 = 0.75;
const NAME_MIN: f64 = 14.0;
const NOTE: f64 = 0.85;
const FIGURE_GAPS: f64 = 2.0 * 0.4 + 0.3;
const INDENT: f64 = 1.3;
/// The thickness of a rule, in points.
const RULE: f64 = 0.75;

/// The largest size of letters in points in which all of a document stands on one sheet.
pub fn print_size(document: &Document) -> f64 {
    let n_steps = ((LARGEST - SMALLEST) / STEP).round() as u32;
    let sizes = (0..n_steps).map(|step| LARGEST - f64::from(step) * STEP);
    sizes.into_iter().find(|size| height(document, *size) <= HEIGHT).unwrap_or(SMALLEST)
}

/// How high a document is in letters of a size, all in points.
fn height(document: &Document, size: f64) -> f64 {
    let blocks = document.blocks.iter().map(|block| block_height(block, size));
    BADGE * size + blocks.sum::<f64>()
}

fn block_height(block: &Block, size: f64) -> f64 {
    match block {
        Block::Heading { level: 1, .. } => TITLE * size,
        Block::Heading { level: 2, text } => {
            let n_lines = n_lines(text, WIDTH, SECTION * size, Weight::SemiBold);
            (n_lines * SECTION * 1.3 + SECTION_GAPS) * size + RULE
        }
        Block::Heading { .. } => SUBSECTION * size,
        Block::Paragraph(text) => paragraph(text, WIDTH, size, Weight::Regular) + BLOCK_GAP * size,
        Block::Lead(text) => paragraph(text, WIDTH, size, Weight::SemiBold) + BLOCK_GAP * size,
        Block::Bullets(texts) => {
            let room = WIDTH - INDENT * size;
            let bullets = texts.iter().map(|text| paragraph(text, room, size, Weight::Regular));
            bullets.sum::<f64>() + BLOCK_GAP * size
        }
        Block::Table(table) => table_height(table, size),
        // Charts are as wide as the sheet, whatever the size of letters.
        Block::Chart(chart) => {
            let drawn = chart.size();
            let words = paragraph(&chart.words, WIDTH, NOTE * size, Weight::Regular);
            drawn.height / drawn.width * WIDTH + words + FIGURE_GAPS * size
        }
        Block::Code { text, .. } => (text.lines().count() as f64 + 2.0) * LINE * size,
    }
}

fn paragraph(text: &str, room: f64, size: f64, weight: Weight) -> f64 {
    n_lines(text, room, size, weight) * LINE * size
}

fn n_lines(text: &str, room: f64, size: f64, weight: Weight) -> f64 {
    text_lines(text, room, size, weight).max(1) as f64
}

fn table_height(table: &Table, size: f64) -> f64 {
    let widths = column_widths(table, size);
    let row_height = |cells: &mut dyn Iterator<Item = &String>, weight| {
        let cells = cells.zip(&widths).map(|(cell, width)| n_lines(cell, *width, CELL * size, weight));
        (cells.fold(1.0, f64::max) * CELL * LINE + CELL_GAPS) * size + RULE
    };
    let note = match table.note.is_empty() {
        true => 0.0,
        false => paragraph(&table.note, WIDTH, NOTE * size, Weight::Regular) + 0.15 * size,
    };
    let head = row_height(&mut table.columns.iter().map(|column| &column.title), Weight::SemiBold);
    let rows = table.rows.iter().map(|row| row_height(&mut row.iter(), Weight::Regular));
    TABLE_GAPS * size + note + head + rows.sum::<f64>()
}

/// The room for the words of each column: each as wide as its longest word, and of what is left the more, the more its
/// longest cell still lacks (CSS 2.2, 17.5.2.2, automatic table layout).
fn column_widths(table: &Table, size: f64) -> Vec<f64> {
    let n_columns = table.columns.len();
    let letters = CELL * size;
    let bounds = table.columns.iter().enumerate().map(|(index, column)| {
        let words = |text: &str, weight| {
            let longest = text.split(' ').map(|word| text_width(word, letters, weight));
            (longest.fold(0.0, f64::max), text_width(text, letters, weight))
        };
        let (mut least, mut most) = words(&column.title, Weight::SemiBold);
        for cell in table.rows.iter().filter_map(|row| row.get(index)) {
            let (word, all) = words(cell, Weight::Regular);
            most = most.max(all);
            // Numbers are not broken.
            least = least.max(if column.align == Align::Right { all } else { word });
        }
        if index == 0 && column.align == Align::Left {
            least = least.max(NAME_MIN * size - CELL_RIGHT * size);
        }
        (least, most.max(least))
    });
    let bounds: Vec<(f64, f64)> = bounds.collect();
    let room = WIDTH - CELL_RIGHT * size * n_columns.saturating_sub(1) as f64;
    let least: f64 = bounds.iter().map(|(least, _)| least).sum();
    let lacking: f64 = bounds.iter().map(|(least, most)| most - least).sum();
    let share = if lacking > 0.0 { ((room - least) / lacking).clamp(0.0, 1.0) } else { 1.0 };
    bounds.iter().map(|(least, most)| least + (most - least) * share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Vec<Vec<String>>) -> Table {
        let columns = ["Finding", "What was seen", "Confidence"];
        Table { rows, ..Table::new("", &columns, 3) }
    }

    #[test]
    fn a_long_cell_beside_short_ones_takes_the_lines_that_its_column_leaves_it() {
        let row = |n_words: usize| {
            let words = vec!["word"; n_words].join(" ");
            vec!["Generator-bound".to_owned(), words, "high".to_owned()]
        };
        let height = |rows| table_height(&table(rows), 10.0);
        let empty = height(Vec::new());
        let of = |n_words| height(vec![row(n_words)]) - empty;
        let (one_line, line) = (9.0 * LINE + 2.8 + RULE, 9.0 * LINE);
        assert!((of(10) - one_line).abs() < 1e-9, "{}", of(10));
        // 350 points are left for it: fifteen words a line.
        assert!((of(40) - one_line - 2.0 * line).abs() < 1e-9, "{}", of(40));
        let both = height(vec![row(40), row(10)]) - empty;
        assert!((both - of(40) - one_line).abs() < 1e-9, "{both}");
    }

    #[test]
    fn a_column_has_room_for_its_longest_word_and_for_unbroken_numbers() {
        let mut table = table(vec![vec!["x".repeat(200), "a b".repeat(300), "1 234 567".to_owned()]]);
        table.columns[2].align = Align::Right;
        let widths = column_widths(&table, 10.0);
        let of = |text: &str| text_width(text, 9.0, Weight::Regular);
        assert!(widths[0] >= of(&"x".repeat(200)) - 1e-9, "{widths:?}");
        assert!(widths[2] >= of("1 234 567") - 1e-9, "{widths:?}");
    }

    #[test]
    fn letters_get_smaller_where_there_is_more_to_fit_but_stay_readable() {
        let document = |n_rows: usize| {
            let mut document = Document::default();
            document.heading(1, "Report");
            document.bullets(vec!["a row".to_owned(); n_rows]);
            document
        };
        let of = |n_rows| print_size(&document(n_rows));
        assert_eq!(of(20), LARGEST);
        assert!(of(90) < LARGEST && of(90) > SMALLEST, "{}", of(90));
        assert!(height(&document(90), of(90)) <= HEIGHT);
        assert!(height(&document(90), of(90) + STEP) > HEIGHT, "it is the largest");
        assert_eq!(of(2_000), SMALLEST);
    }
}
