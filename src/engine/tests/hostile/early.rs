//! Servers that do not wait for the request, and TLS that is none or breaks off.

use std::io::{Read as _, Write as _};
use std::rc::Rc;
use std::time::Duration;

use rustls::ServerConnection;

use super::server::{GOOD, Misdeed, Server, Visitor};
use super::{End, User, reqwest, told, wire};
use crate::engine::failure::{CLOSED_IN_HANDSHAKE, INCOMPLETE, UNANSWERED};
use crate::engine::testing_tls::TestCa;
use crate::engine::transport::{Exchange, Transport};
use crate::metrics::Outcome;

const AMPLE: Duration = Duration::from_secs(10);
/// A reset may overtake the news that the connection stands.
const BEFORE_IT_STOOD: End = End::Failure(Outcome::Connect, Some("connection reset before it stood"));

/// One request to a server that greets its first visitor so, and then a good one.
async fn meet<T: Transport>(greetings: &'static [Misdeed], transport: T, secure: bool) -> Exchange {
    let server = Server::of_greetings(greetings);
    let mut user = User::of(&Rc::new(transport));
    let url = if secure { server.secure_url("/good") } else { server.url("/good") };
    let exchange = user.get(&url, AMPLE).await;
    let good = user.get(&server.url("/good"), AMPLE).await;
    assert!(End::Status(200).is_of(&good), "{}", told(&good));
    exchange
}

async fn check(greetings: &'static [Misdeed], secure: bool, expected: &[End]) {
    for exchange in [meet(greetings, wire(), secure).await, meet(greetings, reqwest(), secure).await] {
        assert!(expected.iter().any(|end| end.is_of(&exchange)), "{}", told(&exchange));
    }
}

fn failure(outcome: Outcome, signature: &'static str) -> End {
    End::Failure(outcome, Some(signature))
}

#[tokio::test]
async fn an_answer_before_the_request_is_an_answer_or_a_protocol_error() {
    // Whoever looks at the connection before writing to it finds bytes that nobody asked for.
    let too_soon = End::Failure(Outcome::Protocol, None);
    let answer: Misdeed = |mut visitor| {
        visitor.say(GOOD);
        visitor.finish();
    };
    check(Vec::leak(vec![answer]), false, &[End::Status(200), too_soon]).await;
}

#[tokio::test]
async fn an_answer_and_the_end_before_the_request_was_read_is_an_answer_or_a_protocol_error() {
    fn answer_and_leave(mut visitor: Visitor) {
        visitor.say(GOOD);
    }
    // The system resets a connection that is closed with something unread, and the answer may get lost by that.
    let lost = End::Failure(Outcome::Protocol, None);
    check(&[answer_and_leave], false, &[End::Status(200), lost]).await;
}

#[tokio::test]
async fn a_connection_that_is_reset_at_once_is_unanswered() {
    check(&[Visitor::reset], false, &[failure(Outcome::Protocol, UNANSWERED), BEFORE_IT_STOOD]).await;
}

#[tokio::test]
async fn a_plain_answer_where_tls_was_asked_for_is_a_tls_error() {
    let anybody = End::Failure(Outcome::Tls, None);
    let plain: Misdeed = |mut visitor| visitor.say_and_hold("HTTP/1.1 400 Bad Request\r\n\r\n");
    for greetings in [&[plain] as &[Misdeed], &[|mut visitor| visitor.say_and_hold("SSH-2.0-x\r\n")]] {
        check(Vec::leak(greetings.to_vec()), true, &[anybody]).await;
    }
}

#[tokio::test]
async fn a_handshake_that_breaks_off_is_a_tls_error() {
    let broken_off = failure(Outcome::Tls, CLOSED_IN_HANDSHAKE);
    check(&[|mut visitor| visitor.finish()], true, &[broken_off]).await;
    check(&[Visitor::reset], true, &[broken_off, BEFORE_IT_STOOD]).await;
}

#[tokio::test]
async fn a_handshake_without_end_is_a_timeout() {
    let server = Server::of_greetings(&[|mut visitor| visitor.hold()]);
    let limit = Duration::from_millis(200);
    let exchange = User::of(&Rc::new(wire())).get(&server.secure_url("/good"), limit).await;
    assert!(End::Failure(Outcome::Timeout, None).is_of(&exchange), "{}", told(&exchange));
    let server = Server::of_greetings(&[|mut visitor| visitor.hold()]);
    let exchange = User::of(&Rc::new(reqwest())).get(&server.secure_url("/good"), limit).await;
    assert!(End::Failure(Outcome::Timeout, None).is_of(&exchange), "{}", told(&exchange));
}

/// Answers over TLS and ends the connection without the farewell that TLS asks for.
fn break_off(mut visitor: Visitor, answer: &str) {
    let config = TestCa::new().server_config(&[], false);
    let mut connection = ServerConnection::new(config).unwrap();
    let mut stream = rustls::Stream::new(&mut connection, &mut visitor.stream);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    stream.write_all(answer.as_bytes()).unwrap();
    stream.flush().unwrap();
    visitor.finish();
}

#[tokio::test]
async fn a_body_cut_off_under_tls_is_incomplete_even_where_the_connection_ends_it() {
    let incomplete = failure(Outcome::Protocol, INCOMPLETE);
    check(
        &[|visitor| break_off(visitor, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")],
        true,
        &[incomplete],
    )
    .await;
    // Nobody knows whether this was all of it: an attacker may have cut it off.
    check(&[|visitor| break_off(visitor, "HTTP/1.1 200 OK\r\n\r\nabc")], true, &[incomplete]).await;
}
