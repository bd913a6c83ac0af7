//! Splits Markdown into running text and tables, since tables want their columns aligned.

use egui::Align;

/// A stretch of a Markdown document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Markdown without tables and headings.
    Text(String),
    /// A heading with its level, from 1.
    Heading(usize, String),
    Table(Table),
}

/// A table of cells with one alignment per column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub aligns: Vec<Align>,
    pub head: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
}

/// One cell's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub is_strong: bool,
}

/// The document as blocks in order.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let lines: Vec<&str> = markdown.lines().collect();
    let mut blocks = Vec::new();
    let mut text = String::new();
    let mut is_code = false;
    let mut index = 0;
    while index < lines.len() {
        if let Some((level, words)) = heading(lines[index], is_code) {
            if !text.trim().is_empty() {
                blocks.push(Block::Text(std::mem::take(&mut text)));
            }
            blocks.push(Block::Heading(level, words));
            index += 1;
            continue;
        }
        is_code ^= lines[index].trim_start().starts_with("```");
        let aligns = lines.get(index + 1).and_then(|rule| alignments(rule));
        match aligns.filter(|_| lines[index].trim_start().starts_with('|')) {
            Some(aligns) => {
                if !text.trim().is_empty() {
                    blocks.push(Block::Text(std::mem::take(&mut text)));
                }
                let mut table = Table { head: cells(lines[index]), aligns, rows: Vec::new() };
                index += 2;
                while index < lines.len() && lines[index].trim_start().starts_with('|') {
                    table.rows.push(cells(lines[index]));
                    index += 1;
                }
                blocks.push(Block::Table(table));
            }
            None => {
                text.push_str(lines[index]);
                text.push('\n');
                index += 1;
            }
        }
    }
    if !text.trim().is_empty() {
        blocks.push(Block::Text(text));
    }
    blocks
}

/// Level and words of a heading; code may start with the same sign.
fn heading(line: &str, is_code: bool) -> Option<(usize, String)> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading = !is_code && (1..=6).contains(&level) && words.starts_with(' ');
    is_heading.then(|| (level, words.trim().to_owned()))
}

/// The alignments of a rule such as `|---|--:|`; none if the line is no rule.
fn alignments(line: &str) -> Option<Vec<Align>> {
    let inner = line.trim().strip_prefix('|')?;
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner
        .split('|')
        .map(|part| {
            let part = part.trim();
            let dashes = part.trim_matches(':');
            let is_rule = !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-');
            is_rule.then(|| match (part.starts_with(':'), part.ends_with(':')) {
                (true, true) => Align::Center,
                (false, true) => Align::Max,
                _ => Align::Min,
            })
        })
        .collect()
}

/// The cells of a row; `\|` is a bar within a cell.
fn cells(line: &str) -> Vec<Cell> {
    let line = line.trim().trim_start_matches('|');
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek().is_some_and(char::is_ascii_punctuation) => cell.extend(letters.next()),
            '|' => cells.push(plain_cell(&std::mem::take(&mut cell))),
            _ => cell.push(letter),
        }
    }
    if !cell.trim().is_empty() {
        cells.push(plain_cell(&cell));
    }
    cells
}

/// A cell without its marks: bold, code.
fn plain_cell(markdown: &str) -> Cell {
    let text = markdown.trim();
    let strong = text.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
    let text = strong.unwrap_or(text).trim_matches('`');
    Cell { text: text.to_owned(), is_strong: strong.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# Report\n\nWords.\n\n| Stage | p95 |\n|:--|--:|\n| A \\| B | **12 ms** |\n| `C` | 9 ms |\n\nMore words.\n";

    #[test]
    fn tables_are_taken_out_of_the_text() {
        let blocks = blocks(DOCUMENT);
        assert_eq!(blocks.len(), 4);
        assert_eq!(blocks[0], Block::Heading(1, "Report".to_owned()));
        assert_eq!(blocks[1], Block::Text("\nWords.\n\n".to_owned()));
        let Block::Table(table) = &blocks[2] else { panic!("no table: {blocks:?}") };
        assert_eq!(table.aligns, [Align::Min, Align::Max]);
        assert_eq!(table.rows[0][0].text, "A | B");
        assert_eq!(table.rows[0][1], Cell { text: "12 ms".to_owned(), is_strong: true });
        assert_eq!(table.rows[1][0].text, "C");
        assert_eq!(blocks[3], Block::Text("\nMore words.\n".to_owned()));
    }

    #[test]
    fn a_number_sign_in_code_is_no_heading() {
        let blocks = blocks("## Set-up\n```toml\n# comment\n```\n");
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0], Block::Heading(2, "Set-up".to_owned()));
    }

    #[test]
    fn a_bar_without_a_rule_is_text() {
        assert_eq!(blocks("| not a table\nwords"), [Block::Text("| not a table\nwords\n".to_owned())]);
    }
}
