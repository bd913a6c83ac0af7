//! Bodies: put together once where nothing varies, in pieces where something does.

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderName};

use super::multipart::{self, Multipart};
use super::text::{Place, Text, TextReader};
use super::{Filling, Unsendable, add_default};
use crate::model::Body;

/// A step's body.
#[derive(Clone)]
pub(in crate::engine) enum GappedBody {
    /// Shared by all requests of the run.
    Whole(Bytes),
    Pieces(Vec<BodyPiece>),
}

#[derive(Clone)]
pub(in crate::engine) enum BodyPiece {
    Text(Text),
    File(Bytes),
}

/// What the bytes of a file are called where nothing is known of it.
pub(super) const UNKNOWN_BYTES: &str = "application/octet-stream";

impl GappedBody {
    /// Reads a step's body, and adds the type of its content to the headers unless the step gives one.
    pub fn read(
        body: &Body,
        headers: &mut Vec<(HeaderName, Text)>,
        reader: &mut TextReader<'_, '_>,
    ) -> Result<Option<Self>, Unsendable> {
        let mut is_of = |kind: &str| add_default(headers, CONTENT_TYPE, Text::of(kind));
        Ok(Some(match body {
            Body::None => return Ok(None),
            Body::Text(text) => Self::of_text(reader.read(text, Place::Body)?),
            Body::Json(text) => {
                is_of("application/json");
                Self::of_text(reader.read(text, Place::Body)?)
            }
            Body::Form(fields) => {
                is_of("application/x-www-form-urlencoded");
                Self::of_text(form(fields, reader)?)
            }
            Body::File(path) => {
                is_of(content_type(path));
                Self::Whole(reader.supplies.file(path)?)
            }
            Body::Multipart(parts) => {
                let Multipart { boundary, pieces } = multipart::read(parts, reader)?;
                multipart::add_content_type(headers, &boundary);
                let pieces = Self::Pieces(pieces);
                if pieces.has_gaps() {
                    pieces
                } else {
                    Self::Whole(reader.supplies.whole_body(body, || pieces.whole()))
                }
            }
        }))
    }

    fn of_text(text: Text) -> Self {
        match text.literal() {
            Some(literal) => Self::Whole(Bytes::copy_from_slice(literal.as_bytes())),
            None => Self::Pieces(vec![BodyPiece::Text(text)]),
        }
    }

    pub fn has_gaps(&self) -> bool {
        match self {
            Self::Whole(_) => false,
            Self::Pieces(pieces) => {
                pieces.iter().any(|piece| matches!(piece, BodyPiece::Text(text) if text.has_gaps()))
            }
        }
    }

    /// The bytes of a body without gaps.
    fn whole(&self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes.clone(),
            Self::Pieces(pieces) => {
                let parts = pieces.iter().map(|piece| match piece {
                    BodyPiece::Text(text) => text.literal().unwrap_or_default().as_bytes(),
                    BodyPiece::File(bytes) => bytes,
                });
                Bytes::from(parts.collect::<Vec<_>>().concat())
            }
        }
    }

    /// Writes the body with its gaps filled.
    pub fn write(&self, into: &mut Vec<u8>, filling: &mut Filling<'_>) -> Result<(), Unsendable> {
        match self {
            Self::Whole(bytes) => into.extend_from_slice(bytes),
            Self::Pieces(pieces) => {
                for piece in pieces {
                    match piece {
                        BodyPiece::Text(text) => text.write(into, filling)?,
                        BodyPiece::File(bytes) => into.extend_from_slice(bytes),
                    }
                }
            }
        }
        Ok(())
    }

    /// The body with its gaps filled.
    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<Bytes, Unsendable> {
        if let Self::Whole(bytes) = self {
            return Ok(bytes.clone());
        }
        let mut filled = Vec::new();
        self.write(&mut filled, filling)?;
        Ok(Bytes::from(filled))
    }
}

fn form(fields: &[(String, String)], reader: &mut TextReader<'_, '_>) -> Result<Text, Unsendable> {
    let mut form = Text::default();
    for (index, (name, value)) in fields.iter().enumerate() {
        form.push(if index == 0 { "" } else { "&" });
        form.push(&Place::Form.written(name));
        form.push("=");
        form.append(reader.read(value, Place::Form)?);
    }
    Ok(form)
}

/// The type of a file's content, by its name.
pub(super) fn content_type(path: &str) -> &'static str {
    mime_guess::from_path(path).first_raw().unwrap_or(UNKNOWN_BYTES)
}
