//! Reads a table with commas: a line is a row, named by its first cell.

use super::{Piece, PieceKind};

/// The pieces of a table; a line that cannot be read is one as it stands.
pub fn read(text: &str) -> Vec<Piece> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut titles: Vec<String> = Vec::new();
    let mut pieces = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let cells: Vec<String> = match record {
            Ok(record) => record.iter().map(|cell| cell.trim().to_owned()).collect(),
            Err(error) => vec![error.to_string()],
        };
        // A sign that no cell has keeps them apart.
        let raw = cells.join("\u{1f}");
        if index == 0 {
            pieces.push(Piece::words("the head of the table", raw, cells.join(", ")));
            titles = cells;
            continue;
        }
        let first = cells.first().cloned().unwrap_or_default();
        let place = format!("{} {first}", titles.first().map_or("row", String::as_str));
        let titled = cells.into_iter().enumerate().map(|(index, cell)| {
            (titles.get(index).cloned().unwrap_or_else(|| format!("column {}", index + 1)), cell)
        });
        pieces.push(Piece { kind: PieceKind::Row, place, raw, cells: titled.collect() });
    }
    pieces
}
