//! Reads JSON value by value with its path, numbers by their digits: another digit is another number.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Piece, PieceKind, one_spaced};

/// Deeper than any report of ours.
const MAX_DEPTH: usize = 32;

/// The pieces of a report in JSON; a text that is no JSON is one piece.
pub fn read(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let raw: Result<&RawValue, _> = serde_json::from_str(text.trim());
    match raw {
        Ok(raw) => walk(raw, &Path::default(), &mut pieces),
        Err(error) => {
            let what = format!("no JSON: {error}");
            pieces.push(Piece::words("the file", one_spaced(text), what));
        }
    }
    pieces
}

#[derive(Clone, Default)]
struct Path {
    words: String,
    depth: usize,
}

impl Path {
    fn key(&self, key: &str) -> Self {
        let words = if self.words.is_empty() { key.to_owned() } else { format!("{}.{key}", self.words) };
        Self { words, depth: self.depth + 1 }
    }

    fn item(&self, name: &str) -> Self {
        Self { words: format!("{}[{name}]", self.words), depth: self.depth + 1 }
    }
}

/// The members of an object in their order, also those whose key comes twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

fn walk(raw: &RawValue, path: &Path, pieces: &mut Vec<Piece>) {
    let text = raw.get().trim();
    if path.depth < MAX_DEPTH {
        if let Some(Ok(Members(members))) = text.starts_with('{').then(|| serde_json::from_str(text)) {
            let is_empty = members.is_empty();
            members.iter().for_each(|(key, value)| walk(value, &path.key(key), pieces));
            if !is_empty {
                return;
            }
        } else if let Some(Ok(items)) =
            text.starts_with('[').then(|| serde_json::from_str::<Vec<&RawValue>>(text))
        {
            let is_empty = items.is_empty();
            for (index, item) in items.iter().enumerate() {
                let name = name_of(item).unwrap_or_else(|| index.to_string());
                walk(item, &path.item(&name), pieces);
            }
            if !is_empty {
                return;
            }
        }
    }
    let shown = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
    let raw = format!("{}={}", path.words, one_spaced(text));
    pieces.push(Piece {
        kind: PieceKind::Row,
        place: path.words.clone(),
        raw,
        cells: vec![(String::new(), shown)],
    });
}

/// What names an item of a list.
fn name_of(item: &RawValue) -> Option<String> {
    let Members(members) = serde_json::from_str(item.get()).ok()?;
    let name = |key: &str| {
        let (_, value) = members.iter().find(|(name, _)| name == key)?;
        serde_json::from_str::<String>(value.get()).ok()
    };
    name("name").or_else(|| name("id"))
}
