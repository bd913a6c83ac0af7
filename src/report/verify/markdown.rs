//! Reads Markdown as this program writes it: headings, tables, lists, code, and the line that says what it was made of.

use super::{Piece, PieceKind, one_spaced};
use crate::report::figures::{Headings, row_labels};

/// The pieces of a report in Markdown.
pub fn read(text: &str) -> Vec<Piece> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut reader = Reader::default();
    let mut at = 0;
    while at < lines.len() {
        at += reader.block(&lines[at..]);
    }
    reader.pieces
}

#[derive(Default)]
struct Reader {
    headings: Headings,
    pieces: Vec<Piece>,
}

impl Reader {
    /// Reads the block at the beginning of these lines; returns how many it takes.
    fn block(&mut self, lines: &[&str]) -> usize {
        let line = lines[0];
        if line.is_empty() {
            return 1;
        }
        if line.starts_with("```") {
            return self.code(lines);
        }
        if line.starts_with("<!--") && line.contains("stagewright-report") {
            self.push(PieceKind::Provenance, "what the report was made of", line);
            return 1;
        }
        let words = line.trim_start_matches('#');
        let level = line.len() - words.len();
        if (1..=6).contains(&level) && words.starts_with(' ') {
            self.headings.enter(level, &shown(words));
            let place = if level == 1 { "the title".to_owned() } else { "a heading".to_owned() };
            self.push(PieceKind::Words, &place, line);
            return 1;
        }
        if line.starts_with('|') && lines.get(1).is_some_and(|next| is_rule(next)) {
            return self.table(lines);
        }
        let n_lines = 1 + lines[1..].iter().take_while(|line| goes_on(line)).count();
        let place = self.place();
        self.push(PieceKind::Words, &place, &lines[..n_lines].join(" "));
        n_lines
    }

    fn code(&mut self, lines: &[&str]) -> usize {
        let fence: String = lines[0].chars().take_while(|letter| *letter == '`').collect();
        let n_inside = lines[1..].iter().take_while(|line| **line != fence).count();
        let place = self.place();
        let end = (n_inside + 2).min(lines.len());
        for line in lines[..end].iter().filter(|line| !line.is_empty()) {
            let raw = one_spaced(line);
            self.pieces.push(Piece::words(place.clone(), raw.clone(), raw));
        }
        end
    }

    fn table(&mut self, lines: &[&str]) -> usize {
        let n_rows = lines[2..].iter().take_while(|line| line.starts_with('|')).count();
        let titles = cells(lines[0]);
        let place = self.headings.next_table().words();
        let head = format!("{place} › the head of the table");
        for line in &lines[..2] {
            // How long a rule's dashes are follows from the cells under it.
            let raw = one_spaced(&shortened_dashes(line));
            self.pieces.push(Piece::words(head.clone(), raw, shown(line)));
        }
        let n_words = cells(lines[1]).iter().take_while(|cell| !cell.ends_with(':')).count();
        let rows: Vec<Vec<String>> = lines[2..2 + n_rows].iter().map(|line| cells(line)).collect();
        let labels = row_labels(&rows, n_words);
        for ((line, cells), label) in lines[2..].iter().zip(&rows).zip(labels) {
            let titled = cells
                .iter()
                .enumerate()
                .map(|(index, cell)| (titles.get(index).cloned().unwrap_or_default(), cell.clone()));
            self.pieces.push(Piece {
                kind: PieceKind::Row,
                place: joined(&place, &label),
                raw: one_spaced(line),
                cells: titled.collect(),
            });
        }
        2 + n_rows
    }

    fn place(&self) -> String {
        match self.headings.place().words() {
            place if place.is_empty() => "under the title".to_owned(),
            place => place,
        }
    }

    fn push(&mut self, kind: PieceKind, place: &str, line: &str) {
        let cells = vec![(String::new(), shown(line))];
        self.pieces.push(Piece { kind, place: place.to_owned(), raw: one_spaced(line), cells });
    }
}

/// Whether a line goes on with the paragraph or item before it.
fn goes_on(line: &str) -> bool {
    const STARTS: [&str; 6] = ["|", "#", "```", "- ", "<", ">"];
    !line.is_empty() && !STARTS.iter().any(|start| line.starts_with(start))
}

fn joined(place: &str, label: &str) -> String {
    if label.is_empty() { place.to_owned() } else { format!("{place} › {label}") }
}

fn is_rule(line: &str) -> bool {
    line.starts_with('|') && line.contains('-') && line.bytes().all(|byte| b"|-: ".contains(&byte))
}

fn shortened_dashes(line: &str) -> String {
    if !is_rule(line) {
        return line.to_owned();
    }
    let mut short = String::new();
    for letter in line.chars() {
        if !(letter == '-' && short.ends_with('-')) {
            short.push(letter);
        }
    }
    short
}

/// The cells of a row as people read them; `\|` is a bar within a cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut letters = line.trim().trim_start_matches('|').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek().is_some_and(char::is_ascii_punctuation) => {
                cells.last_mut().into_iter().for_each(|cell| cell.extend(letters.next()));
            }
            '|' => cells.push(String::new()),
            _ => cells.last_mut().into_iter().for_each(|cell| cell.push(letter)),
        }
    }
    // Behind the last bar comes nothing.
    if cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| one_spaced(cell)).collect()
}

/// A line as people read it: without marks and backslashes.
fn shown(line: &str) -> String {
    let line = line.trim().trim_start_matches('#').trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let line = line.strip_prefix("**").and_then(|rest| rest.strip_suffix("**")).unwrap_or(line);
    let mut text = String::with_capacity(line.len());
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_escape = letter == '\\' && letters.peek().is_some_and(char::is_ascii_punctuation);
        text.push(if is_escape { letters.next().unwrap_or(letter) } else { letter });
    }
    one_spaced(&text)
}
