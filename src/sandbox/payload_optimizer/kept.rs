//! Finished JSON payloads as bytes that a cache can keep, so that a hit neither writes nor compresses anything.

use axum::body::Bytes;
use axum::http::HeaderValue;

use super::{Encoding, OptimizedPayload, PayloadSizes};

/// How it is encoded, whether it varies, and its two sizes before.
const N_HEAD_BYTES: usize = 1 + 1 + 4 + 4;

impl OptimizedPayload {
    /// Its bytes, for [`from_kept`](Self::from_kept). The key must name the encoding that the client accepts: see
    /// [`Encoding::accepted_by`].
    pub fn to_kept(&self) -> Bytes {
        let size = |n_bytes: usize| u32::try_from(n_bytes).unwrap_or(u32::MAX).to_le_bytes();
        let mut kept = Vec::with_capacity(N_HEAD_BYTES + self.body.len());
        kept.push(tag_of(self.encoding));
        kept.push(u8::from(self.varies));
        kept.extend(size(self.sizes.n_bytes_before));
        kept.extend(size(self.sizes.n_bytes_plain));
        kept.extend_from_slice(&self.body);
        kept.into()
    }

    /// A payload that was kept, without copying it; None where the bytes are of something else.
    pub fn from_kept(kept: &Bytes) -> Option<Self> {
        let head: [u8; N_HEAD_BYTES] = *kept.first_chunk()?;
        let [tag, varies, sizes @ ..] = head;
        let encoding = encoding_of(tag)?;
        let [a, b, c, d, e, f, g, h] = sizes;
        let body = kept.slice(N_HEAD_BYTES..);
        let sizes = PayloadSizes {
            n_bytes_before: u32::from_le_bytes([a, b, c, d]) as usize,
            n_bytes_plain: u32::from_le_bytes([e, f, g, h]) as usize,
            n_bytes_sent: body.len(),
        };
        let content_type = HeaderValue::from_static("application/json");
        Some(Self { body, content_type, encoding, varies: varies == 1, sizes })
    }
}

const fn tag_of(encoding: Encoding) -> u8 {
    match encoding {
        Encoding::Identity => b'i',
        Encoding::Gzip => b'g',
        Encoding::Deflate => b'd',
        Encoding::Brotli => b'b',
        Encoding::Zstd => b'z',
    }
}

fn encoding_of(tag: u8) -> Option<Encoding> {
    let all = Encoding::COMPRESSED.into_iter().chain([Encoding::Identity]);
    all.into_iter().find(|encoding| tag_of(*encoding) == tag)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};
    use serde_json::json;

    use super::super::{PayloadOptions, optimize_response};
    use super::*;

    #[test]
    fn a_payload_comes_back_as_it_was_kept() {
        let answer = json!({ "items": vec!["Algebra"; 300], "teacher": null });
        for encoding in Encoding::COMPRESSED.into_iter().chain([Encoding::Identity]) {
            let accepting =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding.name()))]);
            let payload = optimize_response(answer.clone(), &PayloadOptions::thrifty(5), &accepting);
            assert_eq!(payload.encoding, encoding);
            let kept = payload.to_kept();
            let again = OptimizedPayload::from_kept(&kept).unwrap();
            assert_eq!(again, payload);
            assert_eq!(again.body.as_ptr(), kept[N_HEAD_BYTES..].as_ptr());
        }
    }

    #[test]
    fn bytes_of_something_else_are_told_from_a_payload() {
        for other in ["", "i", "{\"items\":[1,2,3]}", "x234567890"] {
            assert_eq!(OptimizedPayload::from_kept(&Bytes::from(other)), None, "{other}");
        }
    }
}
