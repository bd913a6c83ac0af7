//! Unpacks compressed answers that somebody looks into.
//!
//! reqwest could do it too, but hides how much came over the wire and unpacks what nobody reads, which costs
//! the generator's processor and would be timed as the target's.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::CONTENT_ENCODING;

use crate::engine::transport::{Answer, AnswerHeaders, MAX_KEPT_BODY};

/// What answers may be packed with.
// No zstd: it needs a C library.
pub(super) const ACCEPTED: &str = "gzip, br, deflate";

const BUFFER: usize = 4096;

/// Unpacks an answer's body in place. Of a body that was not kept whole, the beginning is unpacked, for the eye.
pub(super) fn unpack(answer: &mut Answer) -> io::Result<()> {
    let Some(unpacked) = unpacked(&answer.headers, &answer.body) else { return Ok(()) };
    match unpacked {
        (body, None) => {
            answer.body_complete &= body.len() <= MAX_KEPT_BODY;
            answer.body = body;
        }
        (_, Some(error)) if answer.body_complete => return Err(error),
        (body, Some(_)) => answer.body = body,
    }
    Ok(())
}

/// As much as could be unpacked, one byte more than may be kept at most; none for a body that is not packed.
fn unpacked(headers: &AnswerHeaders, body: &Bytes) -> Option<(Bytes, Option<io::Error>)> {
    if body.is_empty() {
        return None;
    }
    let encoding = headers.get(&CONTENT_ENCODING)?.to_str().ok()?.trim();
    let is = |name: &str| encoding.eq_ignore_ascii_case(name);
    if is("gzip") || is("x-gzip") {
        Some(read(MultiGzDecoder::new(&body[..])))
    } else if is("br") {
        Some(read(Decompressor::new(&body[..], BUFFER)))
    } else if is("deflate") && body[0] & 0x0f == 8 {
        Some(read(ZlibDecoder::new(&body[..])))
    } else if is("deflate") {
        // Some servers leave the zlib header out, against the standard.
        Some(read(DeflateDecoder::new(&body[..])))
    } else {
        None
    }
}

fn read(decoder: impl Read) -> (Bytes, Option<io::Error>) {
    let mut unpacked = Vec::new();
    let error = decoder.take(MAX_KEPT_BODY as u64 + 1).read_to_end(&mut unpacked).err();
    (unpacked.into(), error)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write};
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::*;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = write::GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn answer(encoding: &'static str, body: Vec<u8>, body_complete: bool) -> Answer {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(encoding))]);
        let n_body_bytes = body.len() as u64;
        Answer {
            status: 200,
            headers: headers.into(),
            body: body.into(),
            packed: None,
            body_complete,
            n_body_bytes,
        }
    }

    #[test]
    fn each_accepted_encoding_is_unpacked() {
        let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"hello hello hello").unwrap();
        let mut raw = write::DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(b"hello hello hello").unwrap();
        // One uncompressed meta-block of 17 bytes and the empty last one (RFC 7932 §9.2).
        let brotli = [&[0x00, 0x01, 0x10], &b"hello hello hello"[..], &[0x03]].concat();
        let packed = [
            ("gzip", gzip(b"hello hello hello")),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("br", brotli),
        ];
        for (encoding, body) in packed {
            let mut answer = answer(encoding, body, true);
            unpack(&mut answer).unwrap();
            assert_eq!(answer.body, "hello hello hello", "{encoding}");
            assert!(answer.body_complete);
        }
    }

    #[test]
    fn what_is_not_packed_stays() {
        let mut plain = answer("identity", b"plain".to_vec(), true);
        unpack(&mut plain).unwrap();
        assert_eq!(plain.body, "plain");
    }

    #[test]
    fn a_bomb_is_cut_off() {
        let mut bomb = answer("gzip", gzip(&vec![0; 64 * MAX_KEPT_BODY]), true);
        unpack(&mut bomb).unwrap();
        assert!(!bomb.body_complete);
        assert!(bomb.body.len() <= MAX_KEPT_BODY + 1);
    }

    #[test]
    fn damage_is_an_error_but_a_beginning_is_shown() {
        let text: Vec<u8> =
            (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let packed = gzip(&text);
        let half = packed[..packed.len() / 2].to_vec();
        assert!(unpack(&mut answer("gzip", half.clone(), true)).is_err());
        let mut beginning = answer("gzip", half, false);
        unpack(&mut beginning).unwrap();
        assert!(text.starts_with(&beginning.body) && !beginning.body.is_empty());
    }
}
