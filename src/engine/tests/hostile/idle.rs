//! Connections that end while they are idle cost a reconnect, never an error.

use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::server::{GOOD, Misdeed, Server, Visitor};
use super::{End, User, reqwest, told, wire};
use crate::engine::transport::{Exchange, Transport};

const AMPLE: Duration = Duration::from_secs(10);
const N_REQUESTS: u64 = 6;
/// Longer than an answer takes to arrive on a busy machine.
const A_WHILE: Duration = Duration::from_millis(70);

/// Requests of one user, one after the other, each answered well.
async fn answers(transport: impl Transport, misdeed: Misdeed, pause: Duration) -> (Vec<Exchange>, Server) {
    let server = Server::of_paths([("/", misdeed)]);
    let mut user = User::of(&Rc::new(transport));
    let mut exchanges = Vec::new();
    for _ in 0..N_REQUESTS {
        let exchange = user.get(&server.url("/"), AMPLE).await;
        assert!(End::Status(200).is_of(&exchange), "{}", told(&exchange));
        assert_eq!(exchange.traffic.bytes_received, GOOD.len() as u64);
        exchanges.push(exchange);
        tokio::time::sleep(pause).await;
    }
    (exchanges, server)
}

fn answer_and_leave(mut visitor: Visitor) {
    visitor.say(GOOD);
}

fn answer_and_reset(mut visitor: Visitor) {
    visitor.say(GOOD);
    // The answer has to arrive before the reset does away with it.
    thread::sleep(A_WHILE);
    visitor.reset();
}

/// Answers, and says something more once the client has gone on to something else.
fn answer_twice(mut visitor: Visitor) {
    visitor.say(GOOD);
    thread::sleep(A_WHILE);
    visitor.say_and_hold(GOOD);
}

/// Every request finds the connection of the one before closed.
async fn check_closed(transport: impl Transport, misdeed: Misdeed, pause: Duration) {
    let (exchanges, server) = answers(transport, misdeed, pause).await;
    assert_eq!((server.n_accepted(), server.n_received()), (N_REQUESTS, N_REQUESTS));
    assert!(exchanges.iter().all(|exchange| exchange.traffic.n_connections == 1));
}

/// And says so.
async fn check_reconnects(transport: impl Transport, misdeed: Misdeed, pause: Duration) {
    let (exchanges, _server) = answers(transport, misdeed, pause).await;
    assert!(!exchanges[0].traffic.reconnected);
    assert!(exchanges[1..].iter().all(|exchange| exchange.traffic.reconnected));
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced() {
    let pause = 2 * A_WHILE;
    for misdeed in [answer_and_leave, answer_and_reset, answer_twice] as [Misdeed; 3] {
        tokio::join!(check_closed(wire(), misdeed, pause), check_closed(reqwest(), misdeed, pause));
    }
    check_reconnects(wire(), answer_and_leave, pause).await;
}

#[tokio::test]
async fn a_connection_closed_right_after_each_answer_is_replaced() {
    check_closed(wire(), answer_and_leave, Duration::ZERO).await;
    check_closed(reqwest(), answer_and_leave, Duration::ZERO).await;
    check_reconnects(wire(), answer_and_leave, Duration::ZERO).await;
}

#[tokio::test]
async fn a_request_that_is_left_unanswered_on_a_standing_connection_is_sent_once_more() {
    // Reads the second request of the first connection, and closes it then.
    static GREETED: AtomicBool = AtomicBool::new(false);
    fn answer_the_first(mut visitor: Visitor) {
        // Before the answer: what comes after it may come after the whole test.
        let is_first = !GREETED.swap(true, SeqCst);
        visitor.say(GOOD);
        if is_first {
            visitor.read_path();
        } else {
            visitor.hold();
        }
    }
    for over_wire in [true, false] {
        GREETED.store(false, SeqCst);
        let server = Server::of_paths([("/", answer_the_first as Misdeed)]);
        let url = server.url("/");
        let second = if over_wire { second_of(wire(), &url).await } else { second_of(reqwest(), &url).await };
        assert!(End::Status(200).is_of(&second), "{}", told(&second));
        assert!(second.traffic.reconnected);
        assert_eq!(server.n_accepted(), 2);
    }
}

async fn second_of(transport: impl Transport, url: &str) -> Exchange {
    let mut user = User::of(&Rc::new(transport));
    user.get(url, AMPLE).await;
    user.get(url, AMPLE).await
}
