//! Reads JSON value by value with its path, numbers by their digits: another digit is another number.

use serde::de::IgnoredAny;

use super::{Piece, PieceKind, one_spaced};

/// The pieces of a report in JSON; a text that is no JSON is one piece.
pub fn read(text: &str) -> Vec<Piece> {
    // Its depth is bounded by the reader that looks at it first.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return vec![Piece::words("the file", one_spaced(text), format!("no JSON: {error}"))];
    }
    let mut walker = Walker { text, at: 0, pieces: Vec::new() };
    walker.value("");
    walker.pieces
}

/// Walks a text that is JSON, once from its beginning to its end.
struct Walker<'a> {
    text: &'a str,
    at: usize,
    pieces: Vec<Piece>,
}

impl<'a> Walker<'a> {
    /// Reads the value that begins here; returns it where it is a text.
    fn value(&mut self, path: &str) -> Option<&'a str> {
        match self.next() {
            Some(b'{') => self.object(path),
            Some(b'[') => self.array(path),
            Some(b'"') => {
                let text = self.string();
                self.piece(path, text);
                return Some(text);
            }
            _ => {
                let rest = &self.text[self.at..];
                let length = rest.find([',', '}', ']']).unwrap_or(rest.len());
                self.at += length;
                self.piece(path, rest[..length].trim_end());
            }
        }
        None
    }

    fn object(&mut self, path: &str) {
        let mut names = Names::default();
        let first = self.pieces.len();
        self.at += 1;
        while let Some(byte) = self.next().filter(|byte| *byte != b'}') {
            if byte == b',' {
                self.at += 1;
                continue;
            }
            let key = unquoted(self.string());
            // The colon, which stands behind every key.
            self.next();
            self.at += 1;
            self.next();
            let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let text = self.value(&inner);
            names.notice(&key, text);
        }
        self.at += 1;
        if self.pieces.len() == first {
            self.piece(path, "{}");
        }
        // An item of a list is known by its name rather than by its number.
        if let Some((stem, name)) = path.rfind('[').filter(|_| path.ends_with(']')).zip(names.best()) {
            let named = format!("{}[{name}]", &path[..stem]);
            for piece in &mut self.pieces[first..] {
                let rest = piece.place.split_off(path.len());
                piece.place = named.clone() + &rest;
            }
        }
    }

    fn array(&mut self, path: &str) {
        let first = self.pieces.len();
        let mut index = 0;
        self.at += 1;
        while let Some(byte) = self.next().filter(|byte| *byte != b']') {
            if byte == b',' {
                self.at += 1;
                continue;
            }
            self.value(&format!("{path}[{index}]"));
            index += 1;
        }
        self.at += 1;
        if self.pieces.len() == first {
            self.piece(path, "[]");
        }
    }

    /// The text that begins here, with its quotation marks.
    fn string(&mut self) -> &'a str {
        let start = self.at;
        let mut is_escaped = false;
        let inner = &self.text.as_bytes()[start + 1..];
        let length = inner.iter().position(|byte| {
            let ends = *byte == b'"' && !is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            ends
        });
        self.at = start + 2 + length.unwrap_or(inner.len().saturating_sub(1));
        &self.text[start..self.at]
    }

    /// The next byte that is no white space.
    fn next(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn piece(&mut self, path: &str, raw: &str) {
        self.pieces.push(Piece {
            kind: PieceKind::Row,
            place: path.to_owned(),
            raw: format!("{path}={raw}"),
            cells: vec![(String::new(), unquoted(raw))],
        });
    }
}

/// What an object calls itself.
#[derive(Default)]
struct Names {
    name: Option<String>,
    id: Option<String>,
}

impl Names {
    fn notice(&mut self, key: &str, text: Option<&str>) {
        match key {
            "name" => self.name = text.map(unquoted),
            "id" => self.id = text.map(unquoted),
            _ => {}
        }
    }

    fn best(self) -> Option<String> {
        self.name.or(self.id)
    }
}

/// A text without its quotation marks; anything else as it stands.
fn unquoted(raw: &str) -> String {
    if raw.starts_with('"') {
        serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())
    } else {
        raw.to_owned()
    }
}
