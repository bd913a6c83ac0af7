//! Reads requests for the null target: no more of each than it takes to find the next one and to end well.

use std::mem::MaybeUninit;

use httparse::{Header, Request, Status};

/// The longest head that is read.
pub(super) const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 64;

/// What is wrong with a request, or too much for this server; the connection ends after its answer.
pub(super) const BAD_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const LENGTH_REQUIRED: &[u8] =
    b"HTTP/1.1 411 Length Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const HEAD_TOO_LARGE: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// One request, as far as the null target cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NullRequest {
    pub n_head_bytes: usize,
    pub n_body_bytes: u64,
    /// Asks for the count, and is not counted.
    pub wants_count: bool,
    /// A `HEAD`: its answer has no body.
    pub wants_head_only: bool,
    /// The version in which keeping a connection has to be confirmed.
    pub is_http_10: bool,
    pub keeps_connection: bool,
}

/// Reads the head that `bytes` begin with; none as long as it is incomplete, else what to answer in refusal.
pub(super) fn read_request(bytes: &[u8]) -> Result<Option<NullRequest>, &'static [u8]> {
    let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_HEADERS];
    let mut request = Request::new(&mut []);
    let n_head_bytes = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Complete(n_bytes)) => n_bytes,
        Ok(Status::Partial) if bytes.len() < MAX_HEAD_BYTES => return Ok(None),
        Ok(Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Err(HEAD_TOO_LARGE),
        Err(_) => return Err(BAD_REQUEST),
    };
    let is_http_10 = request.version == Some(0);
    let mut read = NullRequest {
        n_head_bytes,
        n_body_bytes: 0,
        wants_count: request.path == Some("/count"),
        wants_head_only: request.method == Some("HEAD"),
        is_http_10,
        keeps_connection: !is_http_10,
    };
    for header in request.headers {
        // By length first: most headers are none of these, and this runs for each request.
        match header.name.len() {
            10 if header.name.eq_ignore_ascii_case("connection") => {
                read.keeps_connection = keeps(header.value, read.keeps_connection);
            }
            14 if header.name.eq_ignore_ascii_case("content-length") => {
                let length = std::str::from_utf8(header.value).ok().and_then(|text| text.parse().ok());
                read.n_body_bytes = length.ok_or(BAD_REQUEST)?;
            }
            17 if header.name.eq_ignore_ascii_case("transfer-encoding") => return Err(LENGTH_REQUIRED),
            _ => {}
        }
    }
    Ok(Some(read))
}

fn keeps(connection: &[u8], otherwise: bool) -> bool {
    let has = |word: &[u8]| {
        connection.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(word))
    };
    if has(b"close") { false } else { otherwise || has(b"keep-alive") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NullRequest {
        read_request(text.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_head_is_read_with_the_length_of_its_body() {
        let get = read("GET /x HTTP/1.1\r\nhost: a\r\n\r\nGET /y");
        assert_eq!((get.n_head_bytes, get.n_body_bytes, get.keeps_connection), (28, 0, true));
        assert!(!get.wants_count && !get.wants_head_only && !get.is_http_10);
        let post = read("POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\n");
        assert_eq!(post.n_body_bytes, 12);
        assert!(read("HEAD / HTTP/1.1\r\n\r\n").wants_head_only);
        assert!(read("GET /count HTTP/1.1\r\n\r\n").wants_count);
    }

    #[test]
    fn connections_are_kept_as_the_version_and_the_header_say() {
        let check = |version: &str, connection: &str, expected| {
            let text = format!("GET / HTTP/{version}\r\n{connection}\r\n");
            assert_eq!(read(&text).keeps_connection, expected, "{text}");
        };
        check("1.1", "", true);
        check("1.1", "Connection: close\r\n", false);
        check("1.1", "connection: upgrade, Close\r\n", false);
        check("1.0", "", false);
        check("1.0", "Connection: Keep-Alive\r\n", true);
    }

    #[test]
    fn a_head_that_is_not_all_there_waits_for_more() {
        let text = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        for n_bytes in 0..text.len() {
            assert_eq!(read_request(&text[..n_bytes]), Ok(None), "{n_bytes}");
        }
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let check = |text: &str, expected: &[u8]| {
            assert_eq!(read_request(text.as_bytes()), Err(expected), "{text:.80}");
        };
        check("GET / HTTP/1.1\r\ncontent-length: many\r\n\r\n", BAD_REQUEST);
        check("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", LENGTH_REQUIRED);
        check("\u{1}\u{2}\u{3}\r\n\r\n", BAD_REQUEST);
        check(&format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MAX_HEADERS + 1)), HEAD_TOO_LARGE);
        check(&format!("GET / HTTP/1.1\r\na: {}", "b".repeat(MAX_HEAD_BYTES)), HEAD_TOO_LARGE);
    }
}
