//! A document as Markdown that reads well as source text too: tables are padded, names cannot break it.

use super::chart::{Chart, sparklines};
use super::document::{Align, Block, Column, Document, Table};

/// The document as Markdown, ending in a line break; charts are told in words and blocks of text.
pub fn write(document: &Document) -> String {
    write_with_images(document, &[])
}

/// The same with charts as images: the path of each block that has one, from the folder of the text.
pub fn write_with_images(document: &Document, paths: &[Option<String>]) -> String {
    let path = |index: usize| paths.get(index).and_then(Option::as_deref);
    let blocks: Vec<String> =
        document.blocks.iter().enumerate().map(|(index, block)| self::block(block, path(index))).collect();
    blocks.join("\n\n") + "\n"
}

fn block(block: &Block, image: Option<&str>) -> String {
    match block {
        Block::Heading { level, text } => format!("{} {}", "#".repeat(*level), escaped(text)),
        Block::Paragraph(text) => escaped_line(text),
        Block::Lead(text) => format!("**{}**", escaped(text)),
        Block::Bullets(items) => {
            items.iter().map(|item| format!("- {}", escaped_line(item))).collect::<Vec<_>>().join("\n")
        }
        Block::Table(table) => self::table(table),
        Block::Chart(chart) => match image {
            Some(path) => self::image(chart, path),
            None => chart_in_words(chart),
        },
        Block::Code { language, text } => code(language, text),
    }
}

/// A chart as an image; its words are there for those who cannot see it.
fn image(chart: &Chart, path: &str) -> String {
    format!("![{}]({})", escaped(&format!("{}. {}", chart.title, chart.words)), destination(path))
}

/// A path as the target of a link, whatever letters it has.
fn destination(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char)
            }
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}

/// A chart where there is only text: what it shows, and its lines as blocks.
fn chart_in_words(chart: &Chart) -> String {
    let words = format!("**{}.** {}", escaped(&chart.title), escaped(&chart.words));
    match sparklines(chart) {
        Some(lines) => format!("{words}\n\n{}", code("text", &lines)),
        None => words,
    }
}

fn code(language: &str, text: &str) -> String {
    // A fence has to be longer than any run of backticks within.
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end())
}

fn table(table: &Table) -> String {
    let titles: Vec<String> = table.columns.iter().map(|column| escaped(&column.title)).collect();
    let rows: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
    let width = |index: usize| {
        let of_rows = rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count());
        of_rows.chain([titles[index].chars().count(), 3]).max().unwrap_or(3)
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = table.columns.iter().zip(&widths).enumerate().map(|(index, (column, width))| {
            let cell = cells.get(index).map_or("", String::as_str);
            match column.align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            }
        });
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = |(column, width): (&Column, &usize)| match column.align {
        Align::Left => "-".repeat(*width),
        Align::Right => format!("{}:", "-".repeat(width - 1)),
    };
    let rules: Vec<String> = table.columns.iter().zip(&widths).map(rule).collect();
    let mut lines = Vec::new();
    if !table.note.is_empty() {
        lines.push(escaped_line(&table.note) + "\n");
    }
    lines.push(line(&titles));
    lines.push(format!("| {} |", rules.join(" | ")));
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Text that Markdown shows as it is, on one line.
pub(super) fn escaped(text: &str) -> String {
    let letters: Vec<char> =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let is_word = |index: Option<usize>| {
        index.and_then(|index| letters.get(index)).is_some_and(|letter| letter.is_alphanumeric())
    };
    let mut out = String::with_capacity(text.len());
    for (index, letter) in letters.iter().enumerate() {
        let is_special = match letter {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '&' | '$' => true,
            // Within a word an underscore is one.
            '_' => !(is_word(index.checked_sub(1)) && is_word(Some(index + 1))),
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(*letter);
    }
    out.trim().to_owned()
}

/// As [`escaped`], at the beginning of a line, where more letters have a meaning.
fn escaped_line(text: &str) -> String {
    let text = escaped(text);
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut after_digits = text[n_digits..].chars();
    let has_mark = matches!(after_digits.next(), Some('.' | ')'));
    // Only before a blank do they number a list.
    if n_digits > 0 && has_mark && after_digits.next().is_none_or(char::is_whitespace) {
        return format!("{}\\{}", &text[..n_digits], &text[n_digits..]);
    }
    if text.starts_with(['#', '>', '-', '+', '=']) { format!("\\{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: Block, expected: &str) {
        assert_eq!(write(&Document { blocks: vec![block] }), format!("{expected}\n"));
    }

    #[test]
    fn names_cannot_break_out_of_their_place() {
        check(
            Block::Paragraph("# a | b *c* <script> [x](y) `z`\nnext".into()),
            "\\# a \\| b \\*c\\* \\<script> \\[x\\](y) \\`z\\` next",
        );
        check(Block::Paragraph("1. max_users _now_ &amp;".into()), "1\\. max_users \\_now\\_ \\&amp;");
        check(Block::Paragraph("1.5 s".into()), "1.5 s");
        check(Block::Bullets(vec!["- a".into(), "> b".into()]), "- \\- a\n- \\> b");
    }

    #[test]
    fn tables_are_aligned_as_source_text() {
        let mut table = Table::new("Window: steady", &["Step", "p95"], 1);
        table.row(["List | all".to_owned(), "42.1 ms".to_owned()]);
        table.row(["é".to_owned(), "842 µs".to_owned()]);
        check(
            Block::Table(table),
            "Window: steady\n\n\
             | Step        |     p95 |\n\
             | ----------- | ------: |\n\
             | List \\| all | 42.1 ms |\n\
             | é           |  842 µs |",
        );
    }

    #[test]
    fn code_is_fenced_by_more_backticks_than_it_has() {
        check(Block::Code { language: "toml", text: "a = 1\n".into() }, "```toml\na = 1\n```");
        check(Block::Code { language: "toml", text: "a = '````'".into() }, "`````toml\na = '````'\n`````");
    }
}
