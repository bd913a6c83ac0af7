//! Reads an HTTP/1.1 answer out of its bytes as they come, in whatever pieces: pure, and bounded in memory.
//!
//! Framing follows RFC 9112, section 6.3. What breaks its rules is named, never guessed.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::body::{Body, Wanted};
use super::chunks::Chunks;
use super::newest::{HeadPlace, Newest};
use crate::engine::failure::{INCOMPLETE, SWITCHED, UNANSWERED};
use crate::engine::transport::AnswerHeaders;

/// The longest head, and the most framing of chunks, that is read.
pub(super) const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 128;
const MAX_INTERIM: u8 = 32;

/// An answer on its way in.
pub(super) struct AnswerReader {
    state: State,
    is_head_request: bool,
    wants_headers: bool,
    keeps_connection: bool,
    n_interim: u8,
    pub status: u16,
    pub headers: AnswerHeaders,
    /// Bytes of the head; 0 until it is complete.
    n_head: usize,
    /// A head that came in pieces, so far.
    partial: Vec<u8>,
    /// Where the complete head stands, for the eye.
    head_place: HeadPlace,
    is_chunked: bool,
    /// How many bytes came last.
    n_last: usize,
    pub body: Body,
}

enum State {
    Head,
    /// This many bytes are still to come.
    Fixed(u64),
    Chunked(Chunks),
    UntilClose,
    Complete,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    Complete,
}

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    NotHttp,
    HeadTooLong,
    BadLength,
    BadChunk,
    Switched,
    InterimWithoutEnd,
    Surplus,
    ClosedUnanswered,
    Truncated,
}

impl Malformed {
    /// The signature of such failures.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotHttp => "the answer is not HTTP/1.1",
            Self::HeadTooLong => "the answer's head is longer than 64 KiB or has more than 128 lines",
            Self::BadLength => "the answer's content-length is no number",
            Self::BadChunk => "the answer's chunks are malformed",
            Self::Switched => SWITCHED,
            Self::InterimWithoutEnd => "interim answers without end",
            Self::Surplus => "more bytes came than the answer announced",
            Self::ClosedUnanswered => UNANSWERED,
            Self::Truncated => INCOMPLETE,
        }
    }
}

impl AnswerReader {
    pub fn new(is_head_request: bool, wants_headers: bool, wanted: Wanted) -> Self {
        Self {
            state: State::Head,
            is_head_request,
            wants_headers,
            keeps_connection: true,
            n_interim: 0,
            status: 0,
            headers: AnswerHeaders::default(),
            n_head: 0,
            partial: Vec::new(),
            head_place: HeadPlace::Nowhere,
            is_chunked: false,
            n_last: 0,
            body: Body::new(wanted),
        }
    }

    /// Whether not a byte has come yet.
    pub fn is_untouched(&self) -> bool {
        self.n_head == 0 && self.n_interim == 0 && self.partial.is_empty()
    }

    /// Bytes of head and body, without the framing of chunks.
    pub fn n_received(&self) -> u64 {
        self.n_head.max(self.partial.len()) as u64 + self.body.n_bytes()
    }

    /// Whether the connection may carry another request.
    pub fn keeps_connection(&self) -> bool {
        self.keeps_connection && matches!(self.state, State::Complete)
    }

    /// Whether the head came whole.
    pub fn has_head(&self) -> bool {
        self.n_head > 0
    }

    /// Where the answer stands, for the eye; called once, before any other bytes are read.
    pub fn take_place(&mut self) -> Newest {
        Newest {
            head: std::mem::take(&mut self.head_place),
            n_head: self.n_head,
            n_last: if self.is_chunked { 0 } else { self.n_last },
            n_body_bytes: self.body.n_bytes(),
        }
    }

    /// Takes the next bytes, which are at least one.
    pub fn feed(&mut self, all: &[u8]) -> Result<Progress, Malformed> {
        let mut bytes = all;
        self.n_last = all.len();
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Head => {
                    let at = all.len() - bytes.len();
                    let fed = self.feed_head(bytes);
                    if self.n_head > 0 && matches!(self.head_place, HeadPlace::Nowhere) {
                        self.head_place = HeadPlace::Last(at);
                    }
                    fed?
                }
                State::Fixed(left) => {
                    let n_mine = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    let (mine, rest) = bytes.split_at(n_mine);
                    self.body.take(mine);
                    *left -= n_mine as u64;
                    if *left == 0 {
                        self.state = State::Complete;
                    }
                    rest
                }
                State::Chunked(chunks) => {
                    let rest = chunks.feed(bytes, &mut self.body)?;
                    if chunks.is_complete() {
                        self.state = State::Complete;
                    }
                    rest
                }
                State::UntilClose => {
                    self.body.take(bytes);
                    &[]
                }
                State::Complete => return Err(Malformed::Surplus),
            };
        }
        if matches!(self.state, State::Complete) {
            return Ok(Progress::Complete);
        }
        // Most answers come whole, and cost nothing here; of the others the next bytes take the place of these.
        self.head_place.keep(all, self.n_head);
        Ok(Progress::More)
    }

    /// The connection was closed at its other end.
    pub fn close(&mut self) -> Result<(), Malformed> {
        self.keeps_connection = false;
        match self.state {
            State::UntilClose => {
                self.state = State::Complete;
                Ok(())
            }
            State::Complete => Ok(()),
            _ if self.is_untouched() => Err(Malformed::ClosedUnanswered),
            _ => {
                // What came of a head may tell more than that it is not all of one.
                let partial = std::mem::take(&mut self.partial);
                if !partial.is_empty() {
                    self.parse_head(&partial)?;
                }
                Err(Malformed::Truncated)
            }
        }
    }

    /// Returns what comes after the head.
    fn feed_head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Malformed> {
        if self.partial.is_empty() {
            if let Some(n_parsed) = self.parse_head(bytes)? {
                return Ok(&bytes[n_parsed..]);
            }
            self.partial.extend_from_slice(bytes);
            return self.await_rest();
        }
        let n_before = self.partial.len();
        self.partial.extend_from_slice(bytes);
        // Only a line's end can complete a head: one that drips in byte by byte is not parsed for each of them.
        if !bytes.contains(&b'\n') {
            return self.await_rest();
        }
        let partial = std::mem::take(&mut self.partial);
        match self.parse_head(&partial)? {
            // A head that was complete before would have been found then.
            Some(n_parsed) => {
                if self.n_head > 0 {
                    self.head_place = HeadPlace::kept(partial, self.n_head);
                }
                Ok(&bytes[n_parsed.saturating_sub(n_before)..])
            }
            None => {
                self.partial = partial;
                self.await_rest()
            }
        }
    }

    /// More is needed of a head that has come in part.
    fn await_rest(&self) -> Result<&'static [u8], Malformed> {
        if self.partial.len() >= MAX_HEAD { Err(Malformed::HeadTooLong) } else { Ok(&[]) }
    }

    /// Parses a head at the start of `bytes`; its length if it is complete.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let mut storage = [MaybeUninit::<Header<'_>>::uninit(); MAX_HEADERS];
        let mut head = httparse::Response::new(&mut []);
        let parsed =
            ParserConfig::default().parse_response_with_uninit_headers(&mut head, bytes, &mut storage);
        let n_head = match parsed {
            Ok(Status::Complete(n_head)) if n_head > MAX_HEAD => return Err(Malformed::HeadTooLong),
            Ok(Status::Complete(n_head)) => n_head,
            Ok(Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(Malformed::HeadTooLong),
            Err(_) => return Err(Malformed::NotHttp),
        };
        let status = head.code.unwrap_or(0);
        if status == 101 {
            return Err(Malformed::Switched);
        }
        if (100..200).contains(&status) {
            self.n_interim += 1;
            return if self.n_interim > MAX_INTERIM {
                Err(Malformed::InterimWithoutEnd)
            } else {
                Ok(Some(n_head))
            };
        }
        self.status = status;
        self.n_head = n_head;
        if self.wants_headers {
            self.headers = header_map(head.headers).into();
        }
        let framing = Framing::of(head.headers, head.version == Some(1))?;
        self.keeps_connection = framing.keeps_connection;
        self.is_chunked = framing.is_chunked;
        let without_body = self.is_head_request || status == 204 || status == 304;
        self.body.begin(status, if without_body { Some(0) } else { framing.length });
        self.state = match framing {
            _ if without_body => State::Complete,
            Framing { is_chunked: true, .. } => State::Chunked(Chunks::default()),
            Framing { length: Some(0), .. } => State::Complete,
            Framing { length: Some(length), .. } => State::Fixed(length),
            _ => {
                self.keeps_connection = false;
                State::UntilClose
            }
        };
        Ok(Some(n_head))
    }
}

/// What a head says of the body and the connection.
struct Framing {
    is_chunked: bool,
    length: Option<u64>,
    keeps_connection: bool,
}

impl Framing {
    fn of(headers: &[Header<'_>], is_http_1_1: bool) -> Result<Self, Malformed> {
        let mut framing = Self { is_chunked: false, length: None, keeps_connection: is_http_1_1 };
        let (mut has_coding, mut closes) = (false, false);
        for header in headers {
            // Most headers are told apart by their length alone.
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    for token in tokens(header.value) {
                        if token.eq_ignore_ascii_case(b"close") {
                            closes = true;
                        } else if token.eq_ignore_ascii_case(b"keep-alive") && !is_http_1_1 {
                            framing.keeps_connection = true;
                        }
                    }
                }
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    let length = decimal(header.value).ok_or(Malformed::BadLength)?;
                    if framing.length.replace(length).is_some_and(|other| other != length) {
                        return Err(Malformed::BadLength);
                    }
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    has_coding = true;
                    let last = tokens(header.value).last();
                    framing.is_chunked = last.is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"));
                }
                _ => {}
            }
        }
        framing.keeps_connection &= !closes;
        if has_coding {
            // A length beside a coding does not count, and makes the connection unfit for more.
            framing.keeps_connection &= framing.length.take().is_none() && framing.is_chunked;
        }
        Ok(framing)
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// A number of digits only; nothing that overflows.
fn decimal(digits: &[u8]) -> Option<u64> {
    let digits = digits.trim_ascii();
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, digit| {
        digit.is_ascii_digit().then(|| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))).flatten()
    })
}

fn header_map(headers: &[Header<'_>]) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        // httparse lets through what these two refuse in rare cases; such a header no check can ask for.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(header.name.as_bytes()), HeaderValue::from_bytes(header.value))
        {
            map.append(name, value);
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::transport::MAX_KEPT_BODY;

    const WANTED: Wanted = Wanted::All;

    /// What an answer comes to: status, body, whether the connection lives on; or why there is none.
    type Read = Result<(u16, Vec<u8>, bool), Malformed>;

    /// Reads bytes in pieces of the given sizes, then the end of the connection if they were not enough.
    fn read_in(bytes: &[u8], mut sizes: impl Iterator<Item = usize>) -> Read {
        let mut reader = AnswerReader::new(false, false, WANTED);
        let mut rest = bytes;
        let mut progress = Progress::More;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
            progress = reader.feed(piece)?;
            rest = after;
        }
        if progress == Progress::More {
            reader.close()?;
        }
        let keeps = reader.keeps_connection();
        Ok((reader.status, reader.body.take_bytes().0.to_vec(), keeps))
    }

    #[track_caller]
    fn check(bytes: &str, expected: Result<(u16, &str, bool), Malformed>) {
        let expected: Read = expected.map(|(status, body, keeps)| (status, body.as_bytes().to_vec(), keeps));
        for size in [usize::MAX, 1, 2, 3, 7] {
            assert_eq!(read_in(bytes.as_bytes(), std::iter::repeat(size)), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn lengths_and_chunks_end_a_body_and_leave_the_connection() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Ok((200, "hello", true)));
        check("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Ok((200, "", true)));
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
            Ok((200, "hello world", true)),
        );
        check(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\nA\r\n0123456789\r\n0\r\nDigest: x\r\nB: y\r\n\r\n",
            Ok((200, "0123456789", true)),
        );
    }

    #[test]
    fn some_answers_have_no_body() {
        check("HTTP/1.1 204 No Content\r\n\r\n", Ok((204, "", true)));
        check("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", Ok((304, "", true)));
        check(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            Ok((200, "ok", true)),
        );
        let mut head = AnswerReader::new(true, true, WANTED);
        assert_eq!(
            head.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: x\r\n\r\n"),
            Ok(Progress::Complete)
        );
        assert_eq!(
            (head.headers.get(&reqwest::header::ETAG).unwrap().as_bytes(), head.keeps_connection()),
            (b"x".as_slice(), true)
        );
    }

    #[test]
    fn a_connection_lives_on_only_where_the_answer_lets_it() {
        check("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", Ok((200, "a", false)));
        check("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", Ok((200, "a", false)));
        check(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
            Ok((200, "a", true)),
        );
        check(
            "HTTP/1.0 200 OK\r\nConnection: close, keep-alive\r\nContent-Length: 1\r\n\r\na",
            Ok((200, "a", false)),
        );
        check("HTTP/1.1 200 OK\r\n\r\nuntil the end", Ok((200, "until the end", false)));
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\na\r\n0\r\n\r\n",
            Ok((200, "a", false)),
        );
    }

    #[test]
    fn what_breaks_the_rules_is_named() {
        check("SSH-2.0-OpenSSH_9.2\r\n", Err(Malformed::NotHttp));
        check("HTTP/1.1 abc\r\n\r\n", Err(Malformed::NotHttp));
        check("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Err(Malformed::BadLength));
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
            Err(Malformed::BadLength),
        );
        check("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", Err(Malformed::BadLength));
        let chunked = |chunks: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        check(&chunked("xyz\r\n"), Err(Malformed::BadChunk));
        check(&chunked("FFFFFFFFFFFFFFFFF\r\n"), Err(Malformed::BadChunk));
        check(&chunked("2\r\nabc\r\n"), Err(Malformed::BadChunk));
        check(&chunked("5\r\nhe"), Err(Malformed::Truncated));
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", Err(Malformed::Truncated));
        check("HTTP/1.1 200 OK\r\nContent-Le", Err(Malformed::Truncated));
        check("HTTP/1.1 101 Switching Protocols\r\n\r\n", Err(Malformed::Switched));
        check("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", Err(Malformed::Surplus));
        check("", Err(Malformed::ClosedUnanswered));
        check(&"HTTP/1.1 102 Processing\r\n\r\n".repeat(40), Err(Malformed::InterimWithoutEnd));
    }

    #[test]
    fn heads_without_end_are_given_up_and_cost_a_bounded_memory() {
        for line in ["x: y\r\n".to_owned(), format!("x: {}\r\n", "y".repeat(1_000))] {
            let mut reader = AnswerReader::new(false, false, WANTED);
            assert_eq!(reader.feed(b"HTTP/1.1 200 OK\r\n"), Ok(Progress::More));
            let refused = (0..100_000).find_map(|_| reader.feed(line.as_bytes()).err());
            assert_eq!(refused, Some(Malformed::HeadTooLong));
            assert!(reader.partial.capacity() <= 4 * MAX_HEAD);
        }
    }

    #[test]
    fn bodies_are_counted_and_kept_only_as_far_as_wanted() {
        for (wanted, n_kept) in [(Wanted::All, MAX_KEPT_BODY), (Wanted::Count, 0)] {
            let mut reader = AnswerReader::new(false, false, wanted);
            reader.feed(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let piece = vec![b'x'; 100_000];
            (0..50).for_each(|_| assert_eq!(reader.feed(&piece), Ok(Progress::More)));
            reader.close().unwrap();
            assert_eq!(reader.n_received(), 19 + 5_000_000);
            let (kept, complete) = reader.body.take_bytes();
            assert_eq!((kept.len(), complete), (n_kept, false));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_end_in_an_answer_or_a_reason(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            sizes in proptest::collection::vec(1usize..80, 0..40),
        ) {
            let _ = read_in(&bytes, sizes.into_iter());
        }

        #[test]
        fn the_pieces_make_no_difference(
            head in "HTTP/1\\.[01] [1-5][0-9]{2} [a-zA-Z ]{0,8}\r\n",
            headers in proptest::collection::vec(
                "(Content-Length: [0-9]{1,3}|Transfer-Encoding: (gzip|chunked)|Connection: (close|keep-alive)|X-[a-z]{1,9}: [ -~]{0,20})\r\n",
                0..5,
            ),
            body in "([0-9a-fA-F]{1,2}(;[a-z]{0,4})?\r\n[a-z]{0,20}\r\n){0,4}(0\r\n\r\n)?[a-z]{0,40}",
            sizes in proptest::collection::vec(1usize..40, 1..40),
        ) {
            let bytes = format!("{head}{}\r\n{body}", headers.concat()).into_bytes();
            let whole = read_in(&bytes, std::iter::repeat(usize::MAX));
            let bytewise = read_in(&bytes, std::iter::repeat(1));
            let pieces = read_in(&bytes, sizes.into_iter());
            // Surplus is seen only if it comes; that it is an error must not depend on the pieces either.
            prop_assert_eq!(&whole, &bytewise);
            prop_assert_eq!(&whole, &pieces);
        }
    }
}
