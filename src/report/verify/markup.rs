//! Reads HTML, XML and SVG as far as it takes to compare: tags, what stands between them, and where that is.

use super::{Piece, PieceKind, one_spaced};
use crate::report::figures::Headings;

/// The pieces of a page, of a test report, or of a chart.
pub fn read(text: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, length) = token(rest, reader.is_in_raw_text());
        reader.take(token);
        rest = &rest[length..];
    }
    reader.pieces
}

/// A text as people read it: without the ways to write signs.
pub fn plain(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

enum Token<'a> {
    Text(&'a str),
    /// With its brackets.
    Tag(&'a str),
    Comment(&'a str),
}

/// The token at the beginning of a text, and how long it is. Within style or script only their end is a tag.
fn token<'a>(text: &'a str, raw_until: Option<&str>) -> (Token<'a>, usize) {
    if let Some(end) = raw_until {
        let length = text.find(end).unwrap_or(text.len());
        if length > 0 {
            return (Token::Text(&text[..length]), length);
        }
    }
    if text.starts_with("<!--") {
        let length = text.find("-->").map_or(text.len(), |at| at + 3);
        return (Token::Comment(&text[..length]), length);
    }
    if text.starts_with('<') {
        let mut quote = None;
        let end = text.bytes().position(|byte| match (quote, byte) {
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            (Some(open), byte) => {
                if open == byte {
                    quote = None;
                }
                false
            }
            (None, byte) => byte == b'>',
        });
        let length = end.map_or(text.len(), |at| at + 1);
        return (Token::Tag(&text[..length]), length);
    }
    let length = text.find('<').unwrap_or(text.len());
    (Token::Text(&text[..length]), length)
}

#[derive(Default)]
struct Reader {
    headings: Headings,
    table: String,
    titles: Vec<String>,
    row: String,
    column: usize,
    heading: Option<(usize, String)>,
    is_in_head: bool,
    is_in_title: bool,
    raw_until: Option<&'static str>,
    chart: Option<String>,
    case: String,
    pieces: Vec<Piece>,
}

impl Reader {
    fn is_in_raw_text(&self) -> Option<&'static str> {
        self.raw_until
    }

    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => self.text(text),
            Token::Tag(tag) => self.tag(tag),
            Token::Comment(comment) if comment.contains("stagewright-report") => {
                self.push(PieceKind::Provenance, "what the report was made of".to_owned(), comment);
            }
            Token::Comment(comment) => {
                let place = self.place();
                self.push(PieceKind::Mark, place, comment);
            }
        }
    }

    fn text(&mut self, text: &str) {
        let shown = one_spaced(&plain(text));
        if shown.is_empty() {
            return;
        }
        if let Some((_, words)) = &mut self.heading {
            words.push_str(&shown);
        }
        if self.is_in_title && self.chart.as_ref().is_some_and(String::is_empty) {
            self.chart = Some(shown.clone());
        }
        if self.is_in_head {
            self.titles.push(shown.clone());
        } else if self.column == 1 && self.row.is_empty() {
            self.row.clone_from(&shown);
        }
        let place = self.place();
        self.push(PieceKind::Words, place, text);
    }

    fn tag(&mut self, tag: &str) {
        let name: String =
            tag.trim_start_matches(['<', '/']).chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        let name = name.to_lowercase();
        let is_end = tag.starts_with("</");
        match (name.as_str(), is_end) {
            ("style", false) => self.raw_until = Some("</style"),
            ("script", false) => self.raw_until = Some("</script"),
            ("style" | "script", true) => self.raw_until = None,
            ("svg", false) => self.chart = Some(String::new()),
            ("svg", true) => self.chart = None,
            ("title", _) => self.is_in_title = !is_end,
            ("table", false) => {
                self.table = self.headings.next_table().words();
                self.titles.clear();
            }
            ("table", true) => self.table.clear(),
            ("thead", _) => self.is_in_head = !is_end,
            ("tr", false) => {
                self.row.clear();
                self.column = 0;
            }
            ("td" | "th", false) => self.column += 1,
            ("testcase", false) => self.case = attribute(tag, "name").unwrap_or_default(),
            ("testcase", true) => self.case.clear(),
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", false) => {
                self.heading = Some((usize::from(name.as_bytes()[1] - b'0'), String::new()));
            }
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", true) => {
                if let Some((level, words)) = self.heading.take() {
                    self.headings.enter(level, &words);
                }
            }
            _ => {}
        }
        if attribute(tag, "name").as_deref() == Some("made_of") {
            self.push(PieceKind::Provenance, "what the report was made of".to_owned(), tag);
            return;
        }
        let place = self.place();
        self.push(PieceKind::Mark, place, tag);
    }

    fn place(&self) -> String {
        if let Some(chart) = &self.chart {
            let under = self.headings.place().words();
            let chart = if chart.is_empty() { "a chart".to_owned() } else { format!("chart «{chart}»") };
            return if under.is_empty() { chart } else { format!("{under} › {chart}") };
        }
        if !self.case.is_empty() {
            return format!("test case «{}»", self.case);
        }
        if !self.table.is_empty() {
            let row = if self.is_in_head { "the head of the table" } else { self.row.as_str() };
            let column = self.titles.get(self.column.wrapping_sub(1)).filter(|_| !self.is_in_head);
            let parts = [self.table.as_str(), row, column.map_or("", String::as_str)];
            return parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" › ");
        }
        match self.headings.place().words() {
            place if place.is_empty() => "under the title".to_owned(),
            place => place,
        }
    }

    fn push(&mut self, kind: PieceKind, place: String, text: &str) {
        let raw = one_spaced(text);
        let shown = if kind == PieceKind::Words { one_spaced(&plain(text)) } else { raw.clone() };
        self.pieces.push(Piece { kind, place, raw, cells: vec![(String::new(), shown)] });
    }
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[at..];
    Some(plain(&value[..value.find('"')?]))
}
