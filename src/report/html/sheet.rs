//! How large letters may be, so that a page fits one sheet of A4.

use crate::report::document::{Block, Document, Table};

/// In points.
const LARGEST: f64 = 7.8;
/// Below it nobody reads; what is longer takes a second sheet.
const SMALLEST: f64 = 6.0;

/// Lines upon a sheet in the largest size, and letters upon a line; printed sheets hold a few more of each.
const N_LINES: f64 = 73.0;
const N_LETTERS: f64 = 165.0;

/// What the space between two columns takes, and what a column has at least, where it has so much to say, in letters.
const GAP: f64 = 3.0;
const NARROWEST: f64 = 16.0;

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

// As browsers do it: where the columns do not fit in one line each, they share the width by their longest cells.
fn table_lines(table: &Table) -> f64 {
    let letters = |text: &String| text.chars().count() as f64;
    let n_columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let longest = |column: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(column)).map(letters);
        cells.fold(0.0, f64::max)
    };
    let longest: Vec<f64> = (0..n_columns).map(longest).collect();
    let room = N_LETTERS - GAP * n_columns as f64;
    let share = (room / longest.iter().sum::<f64>()).min(1.0);
    let row_lines = |row: &Vec<String>| {
        let cells = row.iter().zip(&longest).map(|(cell, longest)| {
            let width = (longest * share).max(NARROWEST);
            (letters(cell) / width).ceil()
        });
        cells.fold(1.0, f64::max) + 0.3
    };
    2.5 + table.rows.iter().map(row_lines).sum::<f64>()
}

fn filled(text: &str, n_letters: f64) -> f64 {
    (text.chars().count() as f64 / n_letters).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cell_beside_short_ones_takes_the_lines_that_its_column_leaves_it() {
        let row =
            |n_letters: usize| vec!["Generator-bound".to_owned(), "x".repeat(n_letters), "high".to_owned()];
        let table = |rows| Table { note: String::new(), columns: Vec::new(), rows };
        assert_eq!(table_lines(&table(vec![row(100)])), 3.8);
        let (long, both) =
            (table_lines(&table(vec![row(400)])), table_lines(&table(vec![row(400), row(100)])));
        assert!((5.8..7.0).contains(&long), "{long}");
        assert!((both - long - 1.3).abs() < 1e-9, "{both}");
    }

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
