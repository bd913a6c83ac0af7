//! Where the newest answer stands, for the eye: nearly always still in the buffer that it was read into.
//!
//! A successful answer that came whole costs nothing: only where it stands is noted, and overwritten by the next.

use crate::engine::exemplar::{MAX_LOOKED_INTO, Message};
use crate::engine::transport::Answer;

/// The newest answer of a worker, until others are read.
#[derive(Default)]
pub(super) struct Newest {
    pub head: HeadPlace,
    pub n_head: usize,
    /// How many bytes of the buffer are the answer's; 0 where they are not the body as it is.
    pub n_last: usize,
    pub n_body_bytes: u64,
}

/// Where an answer's head stands.
#[derive(Default)]
pub(super) enum HeadPlace {
    /// It did not come whole.
    #[default]
    Nowhere,
    /// From here on within the bytes that came last.
    Last(usize),
    /// Set aside, at least its beginning.
    Kept(Vec<u8>),
}

impl HeadPlace {
    /// Sets a head aside that stands within the `last` bytes.
    pub fn keep(&mut self, last: &[u8], n_head: usize) {
        if let Self::Last(at) = *self {
            *self = Self::Kept(last[at..at + n_head.min(MAX_LOOKED_INTO)].to_vec());
        }
    }

    /// A head at the start of bytes of its own.
    pub fn kept(mut bytes: Vec<u8>, n_head: usize) -> Self {
        bytes.truncate(n_head.min(MAX_LOOKED_INTO));
        Self::Kept(bytes)
    }
}

impl Newest {
    /// The answer as it stands, partly in the buffer; `answer` if it came whole.
    pub fn message(&self, buffer: &[u8], answer: Option<&Answer>) -> Option<Message> {
        let head = match &self.head {
            HeadPlace::Nowhere => return None,
            HeadPlace::Last(at) => &buffer[*at..*at + self.n_head.min(MAX_LOOKED_INTO)],
            HeadPlace::Kept(bytes) => bytes,
        };
        let in_buffer = match self.head {
            HeadPlace::Last(at) => buffer.get(at + self.n_head..self.n_last).unwrap_or_default(),
            _ => &[],
        };
        let kept = answer.map(|answer| &*answer.body).filter(|body| !body.is_empty());
        Some(Message::of_bytes(head, kept.unwrap_or(in_buffer), self.n_body_bytes))
    }
}
