//! A body on its way in: always counted, kept only as far as somebody wants it.

use bytes::Bytes;

use crate::engine::exemplar::MAX_BODY;
use crate::engine::transport::MAX_KEPT_BODY;

/// How much of a body is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it, for checks and extracts.
    All,
    /// Its length; of an error's body also the beginning, for the eye.
    Count,
}

/// A body on its way in.
pub(super) struct Body {
    wanted: Wanted,
    max_kept: usize,
    n_bytes: u64,
    kept: Vec<u8>,
}

impl Body {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, max_kept: 0, n_bytes: 0, kept: Vec::new() }
    }

    /// Prepares for the body of an answer, whose length may be known.
    pub fn begin(&mut self, status: u16, length: Option<u64>) {
        self.max_kept = match self.wanted {
            Wanted::All => MAX_KEPT_BODY,
            Wanted::Count if status >= 400 => MAX_BODY,
            Wanted::Count => 0,
        };
        // An announced length is a promise of the server, not a reason to set aside a gigabyte.
        if let Some(length) = length {
            self.kept.reserve_exact(usize::try_from(length).unwrap_or(usize::MAX).min(self.max_kept));
        }
    }

    pub fn take(&mut self, bytes: &[u8]) {
        self.n_bytes += bytes.len() as u64;
        let room = self.max_kept - self.kept.len();
        if room > 0 {
            self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// What was kept, and whether that is everything.
    pub fn take_bytes(&mut self) -> (Bytes, bool) {
        let complete = self.kept.len() as u64 == self.n_bytes;
        (Bytes::from(std::mem::take(&mut self.kept)), complete)
    }
}
