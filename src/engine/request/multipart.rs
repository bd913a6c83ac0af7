//! Bodies of several parts (`multipart/form-data`, RFC 7578).

use bytes::Bytes;
use memchr::memmem;
use rand::{RngCore as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use reqwest::header::{CONTENT_TYPE, HeaderName};

use super::Unsendable;
use super::body::{BodyPiece, content_type};
use super::text::{Piece, Place, Text, TextReader};
use crate::model::{Part, PartContent};

/// The parts, with what stands between them.
pub(super) struct Multipart {
    pub boundary: String,
    pub pieces: Vec<BodyPiece>,
}

/// The content of a part.
enum Content {
    Text(Text),
    File(Bytes),
}

/// Reads the parts, and chooses a boundary that occurs in none of them.
// It is the same in each run, so that requests are; what fills a gap later is not looked into.
pub(super) fn read(parts: &[Part], reader: &mut TextReader<'_, '_>) -> Result<Multipart, Unsendable> {
    let mut contents = Vec::with_capacity(parts.len());
    for part in parts {
        contents.push(match &part.content {
            PartContent::Text(text) => Content::Text(reader.read(text, Place::Body)?),
            PartContent::File(path) => Content::File(reader.supplies.file(path)?),
        });
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let boundary = std::iter::repeat_with(|| format!("stagewright-{:016x}", random.next_u64()))
        .find(|boundary| !contents.iter().any(|content| content.holds(boundary)))
        // A generator of 2^256 states does not run out.
        .unwrap_or_default();
    let mut pieces = Vec::new();
    let mut between = Text::default();
    for (part, content) in parts.iter().zip(contents) {
        between.push(&format!("--{boundary}\r\n{}\r\n", head(part)));
        match content {
            Content::Text(text) => between.append(text),
            Content::File(bytes) => {
                pieces.push(BodyPiece::Text(std::mem::take(&mut between)));
                pieces.push(BodyPiece::File(bytes));
            }
        }
        between.push("\r\n");
    }
    between.push(&format!("--{boundary}--\r\n"));
    pieces.push(BodyPiece::Text(between));
    Ok(Multipart { boundary, pieces })
}

/// Says what the body is and where its parts end; a type that the step gives lacks only the latter.
pub(super) fn add_content_type(headers: &mut Vec<(HeaderName, Text)>, boundary: &str) {
    match headers.iter_mut().find(|(name, _)| *name == CONTENT_TYPE) {
        None => headers.push((CONTENT_TYPE, Text::of(format!("multipart/form-data; boundary={boundary}")))),
        Some((_, text)) => {
            let given = text.literal().unwrap_or_default();
            if given.starts_with("multipart/") && !given.contains("boundary=") {
                text.push(&format!("; boundary={boundary}"));
            }
        }
    }
}

impl Content {
    fn holds(&self, boundary: &str) -> bool {
        let is_in = |bytes: &[u8]| memmem::find(bytes, boundary.as_bytes()).is_some();
        match self {
            Self::File(bytes) => is_in(bytes),
            Self::Text(text) => text.0.iter().any(|piece| match piece {
                Piece::Literal(literal) => is_in(literal.as_bytes()),
                Piece::Gap(_) => false,
            }),
        }
    }
}

/// The header lines of a part.
fn head(part: &Part) -> String {
    let mut head = format!("content-disposition: form-data; name=\"{}\"", quoted(&part.name));
    let by_name = match &part.content {
        PartContent::Text(_) => None,
        PartContent::File(path) => {
            let file_name = path.rsplit(['/', '\\']).next().unwrap_or_default();
            head.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
            Some(content_type(path))
        }
    };
    head.push_str("\r\n");
    if let Some(kind) = part.content_type.as_deref().or(by_name) {
        head.push_str(&format!("content-type: {kind}\r\n"));
    }
    head
}

/// A name as browsers write it between quotes.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::request::{Slots, Supplies};

    fn part(name: &str, text: &str) -> Part {
        Part { name: name.into(), content: PartContent::Text(text.into()), content_type: None }
    }

    fn multipart(parts: &[Part]) -> Multipart {
        let constants = BTreeMap::new();
        let mut slots = Slots { constants: &constants, names: vec![] };
        let mut supplies = Supplies::default();
        read(parts, &mut TextReader { slots: &mut slots, supplies: &mut supplies }).unwrap()
    }

    #[test]
    fn a_boundary_occurs_in_no_part() {
        let first = multipart(&[part("a", "x")]).boundary;
        let other = multipart(&[part("a", &format!("x--{first}--"))]).boundary;
        assert_ne!(first, other);
        assert_eq!(first, multipart(&[part("b", "y")]).boundary, "the same in each run");
    }

    #[test]
    fn parts_are_written_as_browsers_write_them() {
        let typed = Part { content_type: Some("text/x".into()), ..part("we\"ird", "2") };
        let Multipart { boundary, pieces } = multipart(&[part("a", "1"), typed]);
        let [BodyPiece::Text(text)] = pieces.as_slice() else { panic!("has files") };
        let expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"we%22ird\"\r\ncontent-type: text/x\r\n\r\n2\r\n\
             --{boundary}--\r\n"
        );
        assert_eq!(text.literal(), Some(expected.as_str()));
    }
}
