//! Whether a report says what its run gives: the report is made again from the run, and both are read and compared.
//!
//! White space and line endings do not matter; every other letter does. A difference is told by its place.

mod compare;
mod json;
mod markdown;
mod markup;
mod remade;
mod table;

pub use compare::{Difference, MAX_DIFFERENCES, What};
pub use remade::{Remade, remade};

use super::provenance::Provenance;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenAs {
    Markdown,
    Html,
    Json,
    Csv,
    Junit,
    /// A chart that lies beside a report.
    Svg,
}

impl WrittenAs {
    /// How a text is written, by its beginning.
    pub fn of(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let start: String = text.chars().take(400).collect::<String>().to_lowercase();
        if start.starts_with('{') {
            return Self::Json;
        }
        if start.starts_with("<!doctype html") || start.starts_with("<html") {
            return Self::Html;
        }
        if start.starts_with("<?xml") || start.starts_with("<svg") || start.starts_with("<testsuite") {
            return if start.contains("<svg") { Self::Svg } else { Self::Junit };
        }
        let is_table =
            ["second,", "kind,", "signature,", "monitor,"].iter().any(|head| start.starts_with(head));
        if is_table { Self::Csv } else { Self::Markdown }
    }
}

/// What a report says that it was made of; none where it says nothing, and then it is no report of ours.
pub fn provenance_of(text: &str) -> Option<Provenance> {
    match WrittenAs::of(text) {
        WrittenAs::Json => {
            let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
            serde_json::from_value(value.get("made_of")?.clone()).ok()
        }
        WrittenAs::Csv => Provenance::find_in(&text.replace("\"\"", "\"")),
        WrittenAs::Junit => Provenance::find_in(&markup::plain(text)),
        WrittenAs::Markdown | WrittenAs::Html | WrittenAs::Svg => Provenance::find_in(text),
    }
}

/// Where a report differs from the one that its run gives, in the order of the report; at most [`MAX_DIFFERENCES`].
pub fn differences(given: &str, made: &str) -> Vec<Difference> {
    let written_as = WrittenAs::of(made);
    let (said, right) = (read(given, written_as), read(made, written_as));
    compare::compare(&said, &right)
}

/// A piece of a report, small enough to be told as one place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    kind: PieceKind,
    /// Where it stands, down to the row.
    place: String,
    /// Everything in it but white space that does not matter: equal pieces have equal texts.
    raw: String,
    /// Its parts with their titles, as people read them; one without title where it has no parts.
    cells: Vec<(String, String)>,
}

/// What kind of piece it is; only pieces of one kind are versions of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PieceKind {
    Row,
    Words,
    Mark,
    /// What the report says that it was made of.
    Provenance,
}

impl Piece {
    fn words(place: impl Into<String>, raw: String, text: String) -> Self {
        Self { kind: PieceKind::Words, place: place.into(), raw, cells: vec![(String::new(), text)] }
    }
}

fn read(text: &str, written_as: WrittenAs) -> Vec<Piece> {
    let text = text.trim_start_matches('\u{feff}');
    match written_as {
        WrittenAs::Markdown => markdown::read(text),
        WrittenAs::Json => json::read(text),
        WrittenAs::Csv => table::read(text),
        WrittenAs::Html | WrittenAs::Junit | WrittenAs::Svg => markup::read(text),
    }
}

/// A text with every stretch of white space as one space, and none at its ends.
fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
