//! The figures of a document with their places, so that two documents can be held against each other.

use serde::{Deserialize, Serialize};

use super::document::{Align, Block, Document, Table};

/// Figures that are looked at in one document: far more than any report should have.
const MAX_FIGURES: usize = 100_000;

/// Where a figure stands in a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Headings down to the table, from the second level.
    pub section: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub table: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub column: String,
}

/// A printed figure: a cell of a table that holds a digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub place: Place,
    pub text: String,
}

impl Place {
    /// The way to it: `Results per step › Sign in › p95`.
    pub fn words(&self) -> String {
        let parts = [&self.section, &self.table, &self.row, &self.column];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" › ")
    }
}

impl Document {
    /// The figures of its tables, in the order in which they are read.
    pub fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        let mut headings = Headings::default();
        for block in &self.blocks {
            match block {
                Block::Heading { level, text } => headings.enter(*level, text),
                Block::Table(table) => {
                    let place = headings.next_table();
                    figures.extend(of_table(table, &place));
                }
                _ => {}
            }
            if figures.len() > MAX_FIGURES {
                break;
            }
        }
        figures.truncate(MAX_FIGURES);
        figures
    }
}

fn of_table<'a>(table: &'a Table, place: &'a Place) -> impl Iterator<Item = Figure> + 'a {
    let n_words = table.columns.iter().take_while(|column| column.align == Align::Left).count();
    let labels = row_labels(&table.rows, n_words);
    table.rows.iter().zip(labels).flat_map(move |(cells, row)| {
        let cells = table.columns.iter().zip(cells);
        let figures = cells.filter(|(_, cell)| cell.bytes().any(|byte| byte.is_ascii_digit()));
        figures.map(move |(column, cell)| Figure {
            place: Place { row: row.clone(), column: column.title.clone(), ..place.clone() },
            text: cell.clone(),
        })
    })
}

/// What tells the rows of a table apart: as many of their first cells as it takes; nothing where one row begins with a number.
pub(super) fn row_labels(rows: &[Vec<String>], n_words: usize) -> Vec<String> {
    if rows.len() == 1 && n_words == 0 {
        return vec![String::new()];
    }
    let label = |cells: &Vec<String>, n: usize| {
        cells.iter().take(n).map(|cell| cell.trim()).collect::<Vec<_>>().join(" · ")
    };
    let n_cells = (1..=n_words.max(1)).find(|n| are_different(rows.iter().map(|cells| label(cells, *n))));
    let Some(n) = n_cells else {
        // Alike in all their words: told apart by their number.
        return rows
            .iter()
            .enumerate()
            .map(|(at, cells)| format!("{} (row {})", label(cells, 1), at + 1))
            .collect();
    };
    rows.iter().map(|cells| label(cells, n)).collect()
}

fn are_different(labels: impl Iterator<Item = String>) -> bool {
    let mut seen = std::collections::HashSet::new();
    labels.into_iter().all(|label| seen.insert(label))
}

/// The headings over what is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Headings {
    section: String,
    under: String,
    n_tables: usize,
}

impl Headings {
    pub fn enter(&mut self, level: usize, text: &str) {
        match level {
            0 | 1 => (self.section, self.under) = Default::default(),
            2 => (self.section, self.under) = (text.to_owned(), String::new()),
            _ => text.clone_into(&mut self.under),
        }
        self.n_tables = 0;
    }

    /// The place of what stands directly under the headings.
    pub fn place(&self) -> Place {
        let section = match (self.section.is_empty(), self.under.is_empty()) {
            (true, _) => self.under.clone(),
            (false, true) => self.section.clone(),
            (false, false) => format!("{} › {}", self.section, self.under),
        };
        Place { section, ..Place::default() }
    }

    /// The place of the next table; from the second under a heading on they have numbers.
    pub fn next_table(&mut self) -> Place {
        self.n_tables += 1;
        let table = if self.n_tables > 1 { format!("table {}", self.n_tables) } else { String::new() };
        Place { table, ..self.place() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(titles: &[&str], n_words: usize, rows: &[&[&str]]) -> Table {
        let mut table = Table::new("", titles, n_words);
        for row in rows {
            table.row(row.iter().map(|cell| (*cell).to_owned()));
        }
        table
    }

    #[test]
    fn a_figure_is_named_by_its_headings_row_and_column() {
        let mut document = Document::default();
        document.heading(1, "Report");
        document.heading(2, "Executive summary");
        document.table(table(&["Requests", "p95"], 0, &[&["800", "74.0 ms"]]));
        document.heading(2, "Phases");
        document.heading(3, "In detail");
        document.table(table(
            &["Step", "Phase", "p95"],
            2,
            &[&["A", "send", "1 ms"], &["A", "wait", "2 ms"]],
        ));
        document.table(table(&["Step", "Phase"], 2, &[&["A", "3 parts"], &["A", "3 parts"]]));
        let words: Vec<_> = document
            .figures()
            .iter()
            .map(|figure| format!("{}: {}", figure.place.words(), figure.text))
            .collect();
        assert_eq!(
            words,
            [
                "Executive summary › Requests: 800",
                "Executive summary › p95: 74.0 ms",
                "Phases › In detail › A · send › p95: 1 ms",
                "Phases › In detail › A · wait › p95: 2 ms",
                "Phases › In detail › table 2 › A (row 1) › Phase: 3 parts",
                "Phases › In detail › table 2 › A (row 2) › Phase: 3 parts",
            ]
        );
    }
}
