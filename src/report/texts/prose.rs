//! Prose as people write it: paragraphs, dashes, sentences, and gaps that are filled with current figures.

use super::super::document::Document;
use super::super::facts::Facts;

/// Letters that the name within a gap may have.
const MAX_NAME: usize = 200;

/// Prose with its gaps filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub text: String,
    /// What is wrong with gaps; those stand as they were written.
    pub problems: Vec<String>,
}

/// A stretch of prose.
enum Piece<'a> {
    Words(&'a str),
    /// `{{name}}`, with the braces.
    Gap {
        written: &'a str,
        name: &'a str,
    },
    Unclosed(&'a str),
}

/// Fills `{{p95}}` and its like with the figures of a run.
pub fn filled(text: &str, facts: Facts<'_>) -> Filled {
    let mut out = Filled { text: String::with_capacity(text.len()), problems: Vec::new() };
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => out.text += words,
            Piece::Gap { written, name } => match facts.look_up(name) {
                Ok(figure) => out.text += &figure,
                Err(problem) => {
                    out.text += written;
                    out.problems.push(format!("{written}: {problem}"));
                }
            },
            Piece::Unclosed(words) => {
                out.text += words;
                out.problems.push("`{{` has no `}}` behind it on its line".to_owned());
            }
        }
    }
    out
}

/// The same prose with gaps made blank, letter for letter, so that nothing within is taken for a figure.
pub fn without_gaps(text: &str) -> String {
    pieces(text).into_iter().fold(String::with_capacity(text.len()), |out, piece| match piece {
        Piece::Words(words) | Piece::Unclosed(words) => out + words,
        Piece::Gap { written, .. } => out + &" ".repeat(written.len()),
    })
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        pieces.push(Piece::Words(&rest[..start]));
        let inner = &rest[start + 2..];
        let line = &inner[..inner.find('\n').unwrap_or(inner.len())];
        match line.find("}}").filter(|length| *length <= MAX_NAME) {
            Some(length) => {
                pieces.push(Piece::Gap {
                    written: &rest[start..start + length + 4],
                    name: inner[..length].trim(),
                });
                rest = &inner[length + 2..];
            }
            None => {
                pieces.push(Piece::Unclosed(&rest[start..start + 2]));
                rest = inner;
            }
        }
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// Writes prose as blocks: blank lines part paragraphs, lines that begin with a dash are a list.
pub fn write(document: &mut Document, text: &str) {
    let (mut paragraph, mut items) = (String::new(), Vec::<String>::new());
    let end_paragraph = |document: &mut Document, paragraph: &mut String| {
        if !paragraph.is_empty() {
            document.paragraph(std::mem::take(paragraph));
        }
    };
    for line in text.lines().map(str::trim).chain([""]) {
        let item = ["- ", "* ", "• "].iter().find_map(|dash| line.strip_prefix(dash));
        if let Some(item) = item {
            end_paragraph(document, &mut paragraph);
            items.push(item.trim().to_owned());
        } else if line.is_empty() {
            end_paragraph(document, &mut paragraph);
            document.bullets(std::mem::take(&mut items));
        } else if let Some(last) = items.last_mut() {
            *last = format!("{last} {line}");
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph += line;
        }
    }
}

/// The sentences of prose, each on one line as it was written.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    for (index, (at, letter)) in letters.iter().enumerate() {
        let end = at + letter.len_utf8();
        let next = letters.get(index + 1).map(|(_, letter)| *letter);
        let ends = match letter {
            '\n' => is_new_block(&text[end..]),
            '.' | '!' | '?' | '…' => {
                next.is_none_or(char::is_whitespace)
                    && !is_abbreviation(&text[start..end])
                    && begins(&text[end..])
            }
            _ => false,
        };
        if ends {
            sentences.push(text[start..end].trim());
            start = end;
        }
    }
    sentences.push(text[start..].trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Whether a line break begins another paragraph or item.
fn is_new_block(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default().trim_start();
    line.is_empty() || line.starts_with("- ") || line.starts_with("* ") || line.starts_with("• ")
}

/// Whether what follows can be the beginning of a sentence.
fn begins(rest: &str) -> bool {
    rest.trim_start().chars().next().is_none_or(|letter| !letter.is_lowercase())
}

fn is_abbreviation(so_far: &str) -> bool {
    let word = so_far.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    matches!(
        word.trim_start_matches('('),
        "e.g." | "i.e." | "ca." | "approx." | "vs." | "cf." | "no." | "incl."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::Block;

    #[test]
    fn sentences_end_where_people_end_them() {
        let text = "The p95 was 95.2 ms. We saw approx. 40/s! No. 7 failed\nin part?\n- one item\n- another 1.5 s.\n\nEnd";
        assert_eq!(
            sentences(text),
            [
                "The p95 was 95.2 ms.",
                "We saw approx. 40/s!",
                "No. 7 failed\nin part?",
                "- one item",
                "- another 1.5 s.",
                "End",
            ]
        );
    }

    #[test]
    fn prose_becomes_paragraphs_and_lists() {
        let mut document = Document::default();
        write(&mut document, "One\nline.\n\nTwo:\n- a\n  b\n- c\n\nThree.");
        let items = vec!["a b".to_owned(), "c".to_owned()];
        assert_eq!(
            document.blocks,
            [
                Block::Paragraph("One line.".to_owned()),
                Block::Paragraph("Two:".to_owned()),
                Block::Bullets(items),
                Block::Paragraph("Three.".to_owned()),
            ]
        );
    }

    #[test]
    fn gaps_are_blank_letter_for_letter() {
        let text = "p95 {{p95 of stage Spike (200)}} ü {{";
        let blank = without_gaps(text);
        assert_eq!(blank.len(), text.len());
        assert!(!blank.contains("200") && blank.contains('ü'), "{blank}");
    }
}
