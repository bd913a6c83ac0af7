//! Misdeeds one by one, over both transports: how each ends, how soon, and that the next request is a good one.

use std::rc::Rc;
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::Instant;

use super::server::{GOOD, Misdeed, Server, Visitor};
use super::{End, MARGIN, User, reqwest, told, wire};
use crate::engine::failure::{HEAD_TOO_LARGE, INCOMPLETE, NOT_HTTP, SWITCHED, UNANSWERED};
use crate::engine::testing::step;
use crate::engine::transport::Transport;
use crate::metrics::Outcome;

/// Far more than a misdeed takes that ends by itself.
const AMPLE: Duration = Duration::from_secs(10);
/// The timeout of a request whose answer never ends.
const SHORT: Duration = Duration::from_millis(300);
/// What the system's buffers at both ends may hold beside what a client has read of an endless answer.
const MOST_TAKEN: u64 = 16 * 1024 * 1024;

/// A misdeed and what comes of it.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub path: &'static str,
    pub misdeed: Misdeed,
    pub method: &'static str,
    pub wire: End,
    pub reqwest: End,
    limit: Duration,
}

/// Which transport a case is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Wire,
    Reqwest,
}

const TIMEOUT: End = End::Failure(Outcome::Timeout, None);

fn protocol(signature: &'static str) -> End {
    End::Failure(Outcome::Protocol, Some(signature))
}

/// In the words of the library that found it.
const PROTOCOL: End = End::Failure(Outcome::Protocol, None);

/// Ends alike over both transports.
fn case(path: &'static str, end: End, misdeed: Misdeed) -> Case {
    Case { path, misdeed, method: "GET", wire: end, reqwest: end, limit: AMPLE }
}

impl Case {
    fn over_reqwest(self, reqwest: End) -> Self {
        Self { reqwest, ..self }
    }

    /// The timeout ends it over one transport at least.
    fn hangs(self) -> Self {
        Self { limit: SHORT, ..self }
    }

    /// Whether it takes its whole timeout over one transport at least.
    pub fn waits(self) -> bool {
        [self.wire, self.reqwest].contains(&TIMEOUT)
    }

    fn asked_by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }
}

/// All of them.
pub(super) fn all() -> Vec<Case> {
    [heads(), lengths(), chunks(), connections()].concat()
}

/// Answers whose head does not end, or is none.
fn heads() -> Vec<Case> {
    let too_long = protocol("the answer's head is longer than 64 KiB or has more than 128 lines");
    let not_http = protocol("the answer is not HTTP/1.1");
    vec![
        case("/endless-headers", too_long, |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\n");
            visitor.repeat("x-more: and more\r\n".repeat(100));
        })
        .over_reqwest(protocol(HEAD_TOO_LARGE)),
        case("/endless-header-line", too_long, |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\nx-long: ");
            visitor.repeat("x".repeat(4096));
        })
        .over_reqwest(protocol(HEAD_TOO_LARGE)),
        case("/endless-reason", too_long, |mut visitor| {
            visitor.say("HTTP/1.1 200 ");
            visitor.repeat("OK".repeat(2048));
        })
        .over_reqwest(protocol(HEAD_TOO_LARGE)),
        case("/many-headers", too_long, |mut visitor| {
            visitor.say_and_hold(format!(
                "HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n",
                "x: y\r\n".repeat(128)
            ));
        })
        .over_reqwest(protocol(HEAD_TOO_LARGE)),
        case("/endless-interim", protocol("interim answers without end"), |mut visitor| {
            visitor.repeat("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(50));
        })
        .over_reqwest(TIMEOUT)
        .hangs(),
        case("/garbage", not_http, |mut visitor| visitor.say_and_hold([0, 159, 146, 150, 13, 10, 13, 10]))
            .over_reqwest(protocol(NOT_HTTP)),
        case("/endless-garbage", not_http, |mut visitor| visitor.repeat([0x80; 4096]))
            .over_reqwest(protocol(NOT_HTTP)),
        case("/ssh", not_http, |mut visitor| visitor.say_and_hold("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"))
            .over_reqwest(protocol(NOT_HTTP)),
        case("/tls-on-a-plain-port", not_http, |mut visitor| {
            visitor.say_and_hold([0x15, 3, 3, 0, 2, 2, 0x46]);
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/http-0.9", not_http, |mut visitor| {
            visitor.say("<html>hello</html>\n");
            visitor.finish();
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/http-2", not_http, |mut visitor| visitor.say_and_hold("HTTP/2 200 OK\r\n\r\n"))
            .over_reqwest(protocol(NOT_HTTP)),
        case("/header-without-colon", not_http, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n");
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/status-of-letters", not_http, |mut visitor| visitor.say_and_hold("HTTP/1.1 abc OK\r\n\r\n"))
            .over_reqwest(protocol(NOT_HTTP)),
        case("/switch", protocol(SWITCHED), |mut visitor| {
            visitor
                .say_and_hold("HTTP/1.1 101 Switching\r\nupgrade: chat\r\nconnection: upgrade\r\n\r\nhello");
        }),
    ]
}

/// Lengths and bodies that do not agree.
fn lengths() -> Vec<Case> {
    let no_number = protocol("the answer's content-length is no number");
    let surplus = protocol("more bytes came than the answer announced");
    let incomplete = protocol(INCOMPLETE);
    vec![
        case("/two-lengths", no_number, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok");
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/length-of-letters", no_number, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok");
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/negative-length", no_number, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok");
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/overflowing-length", no_number, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nok");
        })
        .over_reqwest(protocol(NOT_HTTP)),
        case("/truncated-length", incomplete, |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
            visitor.finish();
        }),
        case("/gigabyte-announced", incomplete, |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n");
            visitor.finish();
        }),
        case("/gigabyte-of-an-error", incomplete, |mut visitor| {
            visitor.say("HTTP/1.1 500 Oh\r\ncontent-length: 1073741824\r\n\r\n");
            visitor.finish();
        }),
        // What comes after an answer in the same breath is told; hyper drops the connection without a word.
        case("/surplus", surplus, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more");
        })
        .over_reqwest(End::Status(200)),
        case("/pipelined", surplus, |mut visitor| visitor.say_and_hold([GOOD, GOOD].concat()))
            .over_reqwest(End::Status(200)),
        case("/no-content-with-a-body", surplus, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok");
        })
        .over_reqwest(End::Status(204)),
        case("/not-modified-with-a-body", surplus, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\nok");
        })
        .over_reqwest(End::Status(304)),
        case("/head-with-a-body", surplus, |mut visitor| visitor.say_and_hold(GOOD))
            .over_reqwest(End::Status(200))
            .asked_by("HEAD"),
        case("/head-with-a-length", End::Status(200), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n");
            visitor.finish();
        })
        .asked_by("HEAD"),
        case("/no-content-with-a-length", End::Status(204), |mut visitor| {
            visitor.say("HTTP/1.1 204 No Content\r\ncontent-length: 1073741824\r\n\r\n");
            visitor.finish();
        }),
        case("/until-the-end", End::Status(200), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\n\r\nas much as comes");
            visitor.finish();
        }),
    ]
}

/// Chunks that break the rules of their coding.
fn chunks() -> Vec<Case> {
    fn chunked(mut visitor: Visitor, chunks: &str) {
        visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        visitor.say_and_hold(chunks);
    }
    let bad = |path, misdeed| {
        case(path, protocol("the answer's chunks are malformed"), misdeed).over_reqwest(PROTOCOL)
    };
    vec![
        bad("/chunk-not-hex", |visitor| chunked(visitor, "xyz\r\nabc\r\n")),
        bad("/chunk-without-size", |visitor| chunked(visitor, "\r\nabc\r\n")),
        bad("/chunk-negative", |visitor| chunked(visitor, "-3\r\nabc\r\n")),
        bad("/chunk-overflow", |visitor| chunked(visitor, "10000000000000000\r\nabc\r\n")),
        bad("/chunk-without-end", |visitor| chunked(visitor, "3\r\nabcdef\r\n0\r\n\r\n")),
        bad("/chunk-lf-only", |visitor| chunked(visitor, "3\nabc\n0\n\n")),
        bad("/endless-chunk-size", |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            visitor.repeat("0".repeat(4096));
        })
        .over_reqwest(TIMEOUT)
        .hangs(),
        bad("/endless-extension", |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;");
            visitor.repeat("x".repeat(4096));
        }),
        bad("/endless-extensions", |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            visitor.repeat(format!("1;{}\r\na\r\n", "x".repeat(4096)));
        }),
        bad("/endless-trailers", |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n");
            visitor.repeat("x-more: and more\r\n".repeat(100));
        }),
        bad("/endless-trailer-line", |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-long: ");
            visitor.repeat("x".repeat(4096));
        }),
        case("/truncated-chunks", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel");
            visitor.finish();
        }),
        case("/truncated-between-chunks", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
            visitor.finish();
        }),
        case("/huge-chunk-announced", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffff\r\nhello");
            visitor.finish();
        }),
    ]
}

/// Connections that end, or do not.
fn connections() -> Vec<Case> {
    vec![
        case("/closed-unanswered", protocol(UNANSWERED), |mut visitor| visitor.finish()),
        case("/half-a-status-line", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 20");
            visitor.finish();
        })
        .over_reqwest(protocol(UNANSWERED)),
        case("/half-a-head", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ncontent-le");
            visitor.finish();
        })
        .over_reqwest(protocol(UNANSWERED)),
        case("/reset-unanswered", protocol(UNANSWERED), Visitor::reset),
        case("/reset-in-the-body", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
            visitor.reset();
        }),
        case("/reset-in-a-body-without-length", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\n\r\nshort");
            visitor.reset();
        }),
        case("/only-interim", protocol(INCOMPLETE), |mut visitor| {
            visitor.say("HTTP/1.1 100 Continue\r\n\r\n");
            visitor.finish();
        })
        .over_reqwest(protocol(UNANSWERED)),
        case("/silence", TIMEOUT, |mut visitor| visitor.hold()).hangs(),
        case("/silence-after-the-head", TIMEOUT, |mut visitor| {
            visitor.say_and_hold("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
        })
        .hangs(),
        case("/dripping-head", TIMEOUT, |mut visitor| visitor.drip(&GOOD.replace("ok", &"x".repeat(1000))))
            .hangs(),
        case("/dripping-body", TIMEOUT, |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
            visitor.drip(&"x".repeat(1000));
        })
        .hangs(),
        case("/dripping-chunks", TIMEOUT, |mut visitor| {
            visitor.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            visitor.drip(&"1\r\nx\r\n".repeat(1000));
        })
        .hangs(),
    ]
}

/// Commits one misdeed on a connection of its own; says what is wrong with its end, if anything is.
async fn commit<T: Transport>(case: Case, over: Over, transport: Rc<T>) -> Option<String> {
    let server = Server::of_paths([(case.path, case.misdeed)]);
    let mut user = User::of(&transport);
    let mut described = step(&server.url(case.path));
    described.method = case.method.to_owned();
    let sent_at = Instant::now();
    let exchange = user.send(&described, case.limit).await;
    let took = sent_at.elapsed();
    let good = user.get(&server.url("/good"), AMPLE).await;
    let expected = if over == Over::Wire { case.wire } else { case.reqwest };
    let complaint = if !expected.is_of(&exchange) {
        format!("{} in place of {expected:?}", told(&exchange))
    } else if took > case.limit + MARGIN {
        format!("took {took:?}")
    } else if server.n_written() > MOST_TAKEN && expected != TIMEOUT {
        format!("{} bytes were taken", server.n_written())
    } else if !End::Status(200).is_of(&good) || good.traffic.bytes_received != GOOD.len() as u64 {
        format!("the good request after it: {}", told(&good))
    } else {
        return None;
    };
    Some(format!("{}: {complaint}", case.path))
}

/// Commits misdeeds side by side, so that those which hang do it together.
async fn check<T: Transport>(cases: Vec<Case>, over: Over, transport: T) {
    let transport = Rc::new(transport);
    let of_all = async {
        let mut under_way = JoinSet::new();
        for case in cases {
            under_way.spawn_local(commit(case, over, Rc::clone(&transport)));
        }
        under_way.join_all().await
    };
    let complaints: Vec<String> = LocalSet::new().run_until(of_all).await.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn heads_that_break_the_rules_are_protocol_errors_over_wire() {
    check(heads(), Over::Wire, wire()).await;
}

#[tokio::test]
async fn heads_that_break_the_rules_are_protocol_errors_over_reqwest() {
    check(heads(), Over::Reqwest, reqwest()).await;
}

#[tokio::test]
async fn lengths_that_do_not_hold_are_protocol_errors_over_wire() {
    check(lengths(), Over::Wire, wire()).await;
}

#[tokio::test]
async fn lengths_that_do_not_hold_are_protocol_errors_over_reqwest() {
    check(lengths(), Over::Reqwest, reqwest()).await;
}

#[tokio::test]
async fn chunks_that_break_the_rules_are_protocol_errors_over_wire() {
    check(chunks(), Over::Wire, wire()).await;
}

#[tokio::test]
async fn chunks_that_break_the_rules_are_protocol_errors_over_reqwest() {
    check(chunks(), Over::Reqwest, reqwest()).await;
}

#[tokio::test]
async fn connections_that_break_off_or_fall_silent_are_told_apart_over_wire() {
    check(connections(), Over::Wire, wire()).await;
}

#[tokio::test]
async fn connections_that_break_off_or_fall_silent_are_told_apart_over_reqwest() {
    check(connections(), Over::Reqwest, reqwest()).await;
}
