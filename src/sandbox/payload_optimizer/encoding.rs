//! Which compression a client takes, by its `Accept-Encoding` (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Identity,
    Gzip,
    /// In zlib's wrapping, as HTTP means it.
    Deflate,
    Brotli,
    Zstd,
}

/// The best for a server first: what is smallest for its cost. Equal wishes of a client are decided by it.
const BY_PREFERENCE: [Encoding; 4] = [Encoding::Zstd, Encoding::Brotli, Encoding::Gzip, Encoding::Deflate];

impl Encoding {
    pub const COMPRESSED: [Self; 4] = BY_PREFERENCE;

    /// As `Content-Encoding` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The one that a request's `Accept-Encoding` likes most.
    pub fn accepted_by(request_headers: &HeaderMap) -> Self {
        let lines = request_headers.get_all(header::ACCEPT_ENCODING).into_iter();
        Self::accepted(lines.filter_map(|line| line.to_str().ok()))
    }

    /// The one that the client likes most of those that it takes. Identity where it takes none, or said nothing: an answer
    /// that cannot be compressed is better than none.
    pub fn accepted<'a>(accept_encoding: impl IntoIterator<Item = &'a str>) -> Self {
        let mut wishes = Wishes::default();
        for wish in accept_encoding.into_iter().flat_map(|header| header.split(',')) {
            wishes.read(wish);
        }
        let mut best = (Self::Identity, wishes.identity.unwrap_or(0));
        for encoding in BY_PREFERENCE {
            let quality = wishes.of(encoding);
            // Compressed rather than not, where both are liked alike.
            if quality > 0 && (quality > best.1 || quality == best.1 && best.0 == Self::Identity) {
                best = (encoding, quality);
            }
        }
        best.0
    }
}

/// How much each encoding is liked, in thousandths; None where the client did not say.
#[derive(Default)]
struct Wishes {
    identity: Option<u16>,
    by_encoding: [Option<u16>; BY_PREFERENCE.len()],
    others: Option<u16>,
}

impl Wishes {
    fn of(&self, encoding: Encoding) -> u16 {
        let index = BY_PREFERENCE.iter().position(|known| *known == encoding);
        index.and_then(|index| self.by_encoding[index]).or(self.others).unwrap_or(0)
    }

    /// One item of the list. An item that cannot be read is as if it were not there.
    fn read(&mut self, wish: &str) {
        let mut parts = wish.split(';');
        let name = parts.next().unwrap_or_default().trim();
        let Some(quality) = parts.try_fold(1_000, |quality, part| match part.trim().split_once('=') {
            Some((key, value)) if key.trim().eq_ignore_ascii_case("q") => quality_of(value.trim()),
            _ => Some(quality),
        }) else {
            return;
        };
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if name == "*" {
            self.others = Some(quality);
        } else if is("identity") {
            self.identity = Some(quality);
        } else if let Some(index) = BY_PREFERENCE
            .iter()
            .position(|known| is(known.name()) || *known == Encoding::Gzip && is("x-gzip"))
        {
            self.by_encoding[index] = Some(quality);
        }
    }
}

/// `0` to `1` with at most three digits after the point.
fn quality_of(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction =
        fraction.bytes().chain(*b"000").take(3).fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept_encoding: &str, expected: Encoding) {
        assert_eq!(Encoding::accepted([accept_encoding]), expected, "{accept_encoding:?}");
    }

    #[test]
    fn the_one_that_is_liked_most_is_taken() {
        check("gzip", Encoding::Gzip);
        check("gzip, deflate, br, zstd", Encoding::Zstd);
        check("gzip, deflate, br", Encoding::Brotli);
        check("gzip;q=1.0, br;q=0.5", Encoding::Gzip);
        check("br;q=0.8, deflate;q=0.9", Encoding::Deflate);
        check("GZIP ; Q=0.5 , x", Encoding::Gzip);
        check("x-gzip", Encoding::Gzip);
    }

    #[test]
    fn what_is_refused_is_never_taken() {
        check("gzip;q=0", Encoding::Identity);
        check("gzip;q=0.000, br;q=0.001", Encoding::Brotli);
        check("*;q=0", Encoding::Identity);
        check("identity;q=0", Encoding::Identity);
        check("*, zstd;q=0, br;q=0", Encoding::Gzip);
    }

    #[test]
    fn a_star_speaks_for_those_that_are_not_named() {
        check("*", Encoding::Zstd);
        check("gzip;q=0.5, *;q=0.1", Encoding::Gzip);
        check("deflate;q=0.2, *;q=0.1", Encoding::Deflate);
    }

    #[test]
    fn an_uncompressed_answer_can_be_liked_most() {
        check("identity, gzip;q=0.5", Encoding::Identity);
        check("identity;q=0.5, gzip;q=0.5", Encoding::Gzip);
        check("identity", Encoding::Identity);
    }

    #[test]
    fn nothing_said_and_nothing_readable_mean_no_compression() {
        assert_eq!(Encoding::accepted([]), Encoding::Identity);
        for rubbish in
            ["", ",,;", "gzip;q=2", "gzip;q=1.5", "gzip;q=0.1234", "gzip;q=-1", "gzip;q=x", "gzip2"]
        {
            check(rubbish, Encoding::Identity);
        }
    }

    #[test]
    fn a_header_may_come_in_several_lines() {
        assert_eq!(Encoding::accepted(["gzip;q=0.5", "br"]), Encoding::Brotli);
    }
}
