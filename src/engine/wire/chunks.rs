//! The chunked transfer coding: sizes, data, extensions and trailers, byte by byte where it must be.

use super::answer::{MAX_HEAD, Malformed};
use super::body::Body;

/// Where a chunked body stands.
#[derive(Default)]
pub(super) struct Chunks {
    state: State,
    /// Bytes of extensions and trailers, which nobody wants and which must not go on for ever.
    n_unwanted: usize,
}

#[derive(Clone, Copy)]
enum State {
    Size {
        size: u64,
        n_digits: u8,
    },
    Extension {
        size: u64,
    },
    SizeEnd {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataEnd,
    DataEndLf,
    /// At the start of a line after the last chunk.
    TrailerStart,
    Trailer,
    LastLf,
    Complete,
}

impl Default for State {
    fn default() -> Self {
        Self::Size { size: 0, n_digits: 0 }
    }
}

impl Chunks {
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }

    /// Takes bytes of the coding; returns what comes after its end.
    pub fn feed<'b>(&mut self, mut bytes: &'b [u8], body: &mut Body) -> Result<&'b [u8], Malformed> {
        while let Some((first, rest)) = bytes.split_first() {
            if let State::Complete = self.state {
                break;
            }
            if let State::Data { left } = self.state {
                let n_mine = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                body.take(&bytes[..n_mine]);
                bytes = &bytes[n_mine..];
                let left = left - n_mine as u64;
                self.state = if left == 0 { State::DataEnd } else { State::Data { left } };
                continue;
            }
            self.state = self.after(*first)?;
            bytes = rest;
        }
        Ok(bytes)
    }

    fn after(&mut self, byte: u8) -> Result<State, Malformed> {
        Ok(match (self.state, byte) {
            (State::Size { size, n_digits }, digit) if digit.is_ascii_hexdigit() => {
                // Sixteen digits are all that 64 bits hold.
                if n_digits == 16 {
                    return Err(Malformed::BadChunk);
                }
                let digit = char::from(digit).to_digit(16).unwrap_or(0);
                State::Size { size: size << 4 | u64::from(digit), n_digits: n_digits + 1 }
            }
            (State::Size { n_digits: 0, .. }, _) => return Err(Malformed::BadChunk),
            (State::Size { size, .. } | State::Extension { size }, b'\r') => State::SizeEnd { size },
            (State::Size { size, .. }, b';' | b' ' | b'\t') => State::Extension { size },
            (State::Extension { size }, byte) if byte != b'\n' => {
                self.skip()?;
                State::Extension { size }
            }
            (State::SizeEnd { size: 0 }, b'\n') => State::TrailerStart,
            (State::SizeEnd { size }, b'\n') => State::Data { left: size },
            (State::DataEnd, b'\r') => State::DataEndLf,
            (State::DataEndLf, b'\n') => State::default(),
            (State::TrailerStart, b'\r') => State::LastLf,
            (State::TrailerStart | State::Trailer, b'\n') => State::TrailerStart,
            (State::TrailerStart | State::Trailer, _) => {
                self.skip()?;
                State::Trailer
            }
            (State::LastLf, b'\n') => State::Complete,
            _ => return Err(Malformed::BadChunk),
        })
    }

    fn skip(&mut self) -> Result<(), Malformed> {
        self.n_unwanted += 1;
        if self.n_unwanted > MAX_HEAD { Err(Malformed::BadChunk) } else { Ok(()) }
    }
}
