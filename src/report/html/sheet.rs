//! How large letters may be, so that a page fits one sheet of A4.

use crate::report::document::{Block, Document, Table};

/// In points.
const LARGEST: f64 = 7.8;
/// Below it nobody reads; what is longer takes a second sheet.
const SMALLEST: f64 = 6.0;

/// Lines upon a sheet in the largest size, and letters upon a line.
const N_LINES: f64 = 76.0;
const N_LETTERS: f64 = 180.0;

/// Cells leave some of a line empty.
const N_LETTERS_IN_CELLS: f64 = 140.0;

/// The size of letters in points, by how many lines a document has.
// Smaller letters fill a sheet twice: more lines, and more letters upon each.
pub fn print_size(document: &Document) -> f64 {
    let n_lines: f64 = document.blocks.iter().map(lines).sum();
    (LARGEST * (N_LINES / n_lines).sqrt()).clamp(SMALLEST, LARGEST)
}

/// How many lines a block takes, with the room around it.
fn lines(block: &Block) -> f64 {
    match block {
        Block::Heading { level, .. } => {
            if *level < 3 {
                2.3
            } else {
                1.8
            }
        }
        Block::Paragraph(text) | Block::Lead(text) => filled(text, N_LETTERS) + 0.4,
        Block::Bullets(texts) => texts.iter().map(|text| filled(text, N_LETTERS)).sum::<f64>() + 0.4,
        Block::Table(table) => table_lines(table),
        Block::Chart(chart) => chart.size().height / 12.0,
        Block::Code { text, .. } => text.lines().count() as f64 + 1.0,
    }
}

fn table_lines(table: &Table) -> f64 {
    let row = |row: &Vec<String>| filled(&row.concat(), N_LETTERS_IN_CELLS) + 0.3;
    2.5 + table.rows.iter().map(row).sum::<f64>()
}

fn filled(text: &str, n_letters: f64) -> f64 {
    (text.chars().count() as f64 / n_letters).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_get_smaller_where_there_is_more_to_fit_but_stay_readable() {
        let of = |n_rows: usize| {
            let mut document = Document::default();
            document.heading(1, "Report");
            document.bullets(vec!["a row".to_owned(); n_rows]);
            print_size(&document)
        };
        assert_eq!(of(20), LARGEST);
        assert!(of(90) < LARGEST && of(90) > SMALLEST, "{}", of(90));
        assert_eq!(of(2_000), SMALLEST);
    }
}
