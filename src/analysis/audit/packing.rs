//! Bodies unpacked as they came over the wire, and packed as they could have come.

use std::io::{self, Read, Write};

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use flate2::{Compression, write::GzEncoder};

/// The most that is unpacked of one answer: a small body may unpack to gigabytes.
const MAX_PLAIN: u64 = 4 * 1024 * 1024;

const BUFFER: usize = 4_096;

/// The levels that servers usually pack answers with while they are asked for.
const GZIP_LEVEL: u32 = 6;
const BROTLI_LEVEL: i32 = 5;
const BROTLI_WINDOW: i32 = 22;
const ZSTD_LEVEL: i32 = 3;

/// The encodings that are tried, by the names that HTTP gives them.
pub const ENCODINGS: [&str; 3] = ["gzip", "br", "zstd"];

/// A body as it is read; as far as it could be unpacked. None for an encoding that is not known.
pub fn plain(body: &[u8], encoding: &str) -> Option<Vec<u8>> {
    let read = |decoder: &mut dyn Read| {
        let mut plain = Vec::new();
        // What came before damage, or before the cut of a body that was not kept whole, still tells what it is made of.
        let _ = decoder.take(MAX_PLAIN).read_to_end(&mut plain);
        plain
    };
    match encoding {
        "" | "identity" => Some(body.to_vec()),
        "gzip" | "x-gzip" => Some(read(&mut MultiGzDecoder::new(body))),
        "br" => Some(read(&mut Decompressor::new(body, BUFFER))),
        // Some servers leave the zlib header out, against the standard.
        "deflate" if body.first().is_some_and(|byte| byte & 0x0f == 8) => {
            Some(read(&mut ZlibDecoder::new(body)))
        }
        "deflate" => Some(read(&mut DeflateDecoder::new(body))),
        "zstd" => Some(read(&mut zstd::Decoder::new(body).ok()?)),
        _ => None,
    }
}

/// How many bytes a text takes when it is packed with one of the [`ENCODINGS`].
pub fn packed_bytes(plain: &[u8], encoding: &str) -> io::Result<u64> {
    let mut counted = Counted(0);
    match encoding {
        "gzip" => {
            let mut encoder = GzEncoder::new(&mut counted, Compression::new(GZIP_LEVEL));
            encoder.write_all(plain)?;
            encoder.finish()?;
        }
        "br" => {
            let params = brotli::enc::BrotliEncoderParams {
                quality: BROTLI_LEVEL,
                lgwin: BROTLI_WINDOW,
                size_hint: plain.len(),
                ..Default::default()
            };
            brotli::BrotliCompress(&mut &plain[..], &mut counted, &params)?;
        }
        _ => zstd::stream::copy_encode(plain, &mut counted, ZSTD_LEVEL)?,
    }
    Ok(counted.0)
}

/// Counts what is written.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn packed(plain: &[u8], encoding: &str) -> Vec<u8> {
        match encoding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            "deflate" => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            "br" => {
                let mut packed = Vec::new();
                brotli::BrotliCompress(&mut &plain[..], &mut packed, &Default::default()).unwrap();
                packed
            }
            _ => zstd::encode_all(plain, ZSTD_LEVEL).unwrap(),
        }
    }

    #[test]
    fn what_servers_pack_is_unpacked() {
        let text = b"hello hello hello hello".repeat(20);
        for encoding in ["gzip", "deflate", "br", "zstd"] {
            assert_eq!(plain(&packed(&text, encoding), encoding).as_deref(), Some(&text[..]), "{encoding}");
        }
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(&text).unwrap();
        assert_eq!(plain(&raw.finish().unwrap(), "deflate").as_deref(), Some(&text[..]));
        assert_eq!(plain(b"as it is", "").as_deref(), Some(&b"as it is"[..]));
        assert_eq!(plain(b"?", "compress"), None);
    }

    #[test]
    fn a_body_that_was_cut_is_unpacked_as_far_as_it_goes_and_a_bomb_is_cut_off() {
        let text: Vec<u8> =
            (0..50_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let packed_text = packed(&text, "gzip");
        let beginning = plain(&packed_text[..packed_text.len() / 2], "gzip").unwrap();
        assert!(!beginning.is_empty() && text.starts_with(&beginning));
        let bomb = packed(&vec![0; 3 * MAX_PLAIN as usize], "gzip");
        assert_eq!(plain(&bomb, "gzip").unwrap().len() as u64, MAX_PLAIN);
    }

    #[test]
    fn a_text_that_says_the_same_again_takes_less_with_each_encoding() {
        let text = b"hello hello hello hello".repeat(200);
        for encoding in ENCODINGS {
            let n_bytes = packed_bytes(&text, encoding).unwrap();
            assert!(n_bytes > 0 && n_bytes < text.len() as u64 / 10, "{encoding}: {n_bytes}");
        }
    }
}
