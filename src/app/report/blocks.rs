//! Splits Markdown into running text and what the window draws itself: headings, tables and code.

use egui::Align;

const FENCE: &str = "```";

/// A stretch of a Markdown document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Markdown without any of the others.
    Text(String),
    /// Text to be shown as it is.
    Code(String),
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
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let Some((block, n_lines)) = special_block(&lines[index..]) else {
            text.push_str(line);
            text.push('\n');
            index += 1;
            continue;
        };
        blocks.extend(text_block(&mut text));
        blocks.push(block);
        index += n_lines;
    }
    blocks.extend(text_block(&mut text));
    blocks
}

/// The running text collected so far, unless it is blank.
fn text_block(text: &mut String) -> Option<Block> {
    let text = std::mem::take(text);
    (!text.trim().is_empty()).then_some(Block::Text(text))
}

/// A heading, code or table at the beginning of these lines, with the number of lines that it takes.
fn special_block(lines: &[&str]) -> Option<(Block, usize)> {
    let first = lines.first()?;
    if first.starts_with(FENCE) {
        let n_inside = lines[1..].iter().take_while(|line| !line.starts_with(FENCE)).count();
        let code = lines[1..=n_inside].join("\n");
        return Some((Block::Code(code), (n_inside + 2).min(lines.len())));
    }
    if let Some((level, words)) = heading(first) {
        return Some((Block::Heading(level, words), 1));
    }
    let is_row = |line: &&&str| line.trim_start().starts_with('|');
    let aligns = alignments(lines.get(1)?).filter(|_| is_row(&first))?;
    let rows: Vec<_> = lines[2..].iter().take_while(is_row).map(|line| cells(line)).collect();
    let n_lines = rows.len() + 2;
    Some((Block::Table(Table { aligns, head: cells(first), rows }), n_lines))
}

/// Level and words of a heading.
fn heading(line: &str) -> Option<(usize, String)> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let is_heading = (1..=6).contains(&level) && words.starts_with(' ');
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
        let expected = [
            Block::Heading(2, "Set-up".to_owned()),
            Block::Code("# comment\na = 1".to_owned()),
            Block::Text("Words.\n".to_owned()),
        ];
        assert_eq!(blocks("## Set-up\n```toml\n# comment\na = 1\n```\nWords.\n"), expected);
        assert_eq!(blocks("```\nnever closed"), [Block::Code("never closed".to_owned())]);
    }

    #[test]
    fn a_bar_without_a_rule_is_text() {
        assert_eq!(blocks("| not a table\nwords"), [Block::Text("| not a table\nwords\n".to_owned())]);
    }
}
