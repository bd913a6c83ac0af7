//! Compression of whole bodies, at levels that suit answers made for one request each.

use std::cell::RefCell;
use std::io::Write as _;

use axum::http::HeaderValue;
use zstd::bulk::Compressor;

use super::Encoding;

/// Smaller bodies fit one packet with their head as they are: compressing them costs and wins nothing.
pub const MIN_COMPRESSED_BYTES: usize = 860;

const GZIP_LEVEL: u32 = 6;
const BROTLI_QUALITY: u32 = 4;
/// The largest window that is worth its memory for answers of a few hundred kilobytes.
const BROTLI_WINDOW_BITS: u32 = 18;
const ZSTD_LEVEL: i32 = 3;

thread_local! {
    // Its tables take a megabyte to set up, far more than most answers.
    static ZSTD: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// The body compressed; None where nothing is won, or it is not to be compressed.
pub fn compress(body: &[u8], encoding: Encoding) -> Option<Vec<u8>> {
    let compressed = match encoding {
        Encoding::Identity => None,
        Encoding::Gzip => {
            let level = flate2::Compression::new(GZIP_LEVEL);
            let mut encoder = flate2::write::GzEncoder::new(room_for(body), level);
            encoder.write_all(body).and_then(|()| encoder.finish()).ok()
        }
        Encoding::Deflate => {
            let level = flate2::Compression::new(GZIP_LEVEL);
            let mut encoder = flate2::write::ZlibEncoder::new(room_for(body), level);
            encoder.write_all(body).and_then(|()| encoder.finish()).ok()
        }
        Encoding::Brotli => brotli(body),
        Encoding::Zstd => zstd(body),
    };
    compressed.filter(|compressed| compressed.len() < body.len())
}

fn room_for(body: &[u8]) -> Vec<u8> {
    Vec::with_capacity(body.len() / 3 + 64)
}

fn brotli(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = brotli::CompressorWriter::new(
        room_for(body),
        body.len().min(65_536),
        BROTLI_QUALITY,
        BROTLI_WINDOW_BITS,
    );
    encoder.write_all(body).ok()?;
    // Ends the stream too.
    Some(encoder.into_inner())
}

fn zstd(body: &[u8]) -> Option<Vec<u8>> {
    ZSTD.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(Compressor::new(ZSTD_LEVEL).ok()?),
        };
        compressor.compress(body).ok()
    })
}

/// Whether bodies of this `Content-Type` shrink: texts do; pictures, archives and unknown things do not.
pub fn is_compressible(content_type: Option<&HeaderValue>) -> bool {
    let Some(text) = content_type.and_then(|value| value.to_str().ok()) else { return false };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // A stream of events must not be held back until it is worth compressing.
    if essence == "text/event-stream" {
        return false;
    }
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || matches!(
            essence.as_str(),
            "application/json"
                | "application/javascript"
                | "application/xml"
                | "application/yaml"
                | "application/openmetrics-text"
                | "application/x-ndjson"
        )
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    /// Reads a body back by another's decoder.
    pub fn decompress(body: &[u8], encoding: Encoding) -> Vec<u8> {
        let mut plain = Vec::new();
        let mut reader: Box<dyn Read + '_> = match encoding {
            Encoding::Identity => Box::new(body),
            Encoding::Gzip => Box::new(flate2::read::GzDecoder::new(body)),
            Encoding::Deflate => Box::new(flate2::read::ZlibDecoder::new(body)),
            Encoding::Brotli => Box::new(brotli_decompressor::Decompressor::new(body, 4_096)),
            Encoding::Zstd => Box::new(zstd::stream::Decoder::new(body).unwrap()),
        };
        reader.read_to_end(&mut plain).unwrap();
        plain
    }

    #[test]
    fn what_is_compressed_comes_back_and_is_smaller() {
        let body = r#"{"id":17,"title":"Algebra for bakers","teacher":null}"#.repeat(200);
        for encoding in Encoding::COMPRESSED {
            let compressed = compress(body.as_bytes(), encoding).unwrap();
            assert!(compressed.len() < body.len() / 20, "{encoding:?} {}", compressed.len());
            assert_eq!(decompress(&compressed, encoding), body.as_bytes(), "{encoding:?}");
        }
    }

    #[test]
    fn large_bodies_come_back() {
        let body: Vec<u8> = (0..400_000_u32).flat_map(|n| (n / 7).to_string().into_bytes()).collect();
        for encoding in Encoding::COMPRESSED {
            assert_eq!(decompress(&compress(&body, encoding).unwrap(), encoding), body, "{encoding:?}");
        }
    }

    #[test]
    fn where_nothing_is_won_nothing_is_compressed() {
        for encoding in Encoding::COMPRESSED {
            assert_eq!(compress(b"", encoding), None, "{encoding:?}");
            assert_eq!(compress(b"x", encoding), None, "{encoding:?}");
        }
        assert_eq!(compress(&[b'x'; 10_000], Encoding::Identity), None);
    }

    #[test]
    fn texts_are_compressed_and_pictures_are_not() {
        let check =
            |content_type: &'static str| is_compressible(Some(&HeaderValue::from_static(content_type)));
        for text in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/html",
            "image/svg+xml",
            "application/problem+json",
        ] {
            assert!(check(text), "{text}");
        }
        for other in ["image/png", "application/zip", "application/octet-stream", "text/event-stream", ""] {
            assert!(!check(other), "{other}");
        }
        assert!(!is_compressible(None));
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(body in proptest::collection::vec(any::<u8>(), 0..3_000)) {
            for encoding in Encoding::COMPRESSED {
                if let Some(compressed) = compress(&body, encoding) {
                    prop_assert_eq!(&decompress(&compressed, encoding), &body);
                }
            }
        }
    }
}
