//! Bodies without end: counted, not kept, and given up at the timeout.

use std::rc::Rc;
use std::time::Duration;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::time::Instant;

use super::server::{Misdeed, Server, Visitor};
use super::{End, MARGIN, User, reqwest, told, wire};
use crate::engine::transport::Transport;
use crate::metrics::Outcome;

const PIECE: usize = 64 * 1024;
const HUGE: usize = 192 * 1024 * 1024;
/// Other tests of this process need memory at the same time.
const MOST_MEMORY: u64 = 96 * 1024 * 1024;

fn memory_bytes() -> u64 {
    let pid = sysinfo::get_current_pid().unwrap();
    let mut system = System::new().unwrap();
    let what = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, what);
    system.process(pid).unwrap().memory()
}

/// A body of [`HUGE`] bytes, whose server looks at the memory of the client, which lives in the same process, meanwhile.
fn say_hugely(visitor: &mut Visitor, encode: impl Fn(&[u8]) -> Vec<u8>) {
    let before = memory_bytes();
    let piece = encode(&[b'x'; PIECE]);
    for n_said in 0..HUGE / PIECE {
        assert!(visitor.say(&piece));
        if n_said % 256 == 0 {
            let grown = memory_bytes().saturating_sub(before);
            assert!(grown < MOST_MEMORY, "{grown} bytes more");
        }
    }
}

fn say_until_the_end(mut visitor: Visitor) {
    visitor.say("HTTP/1.1 200 OK\r\n\r\n");
    say_hugely(&mut visitor, <[u8]>::to_vec);
    visitor.finish();
}

/// As an error, of whose body a part is kept.
fn say_in_chunks(mut visitor: Visitor) {
    visitor.say("HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n");
    say_hugely(&mut visitor, |piece| [b"10000\r\n", piece, b"\r\n"].concat());
    visitor.say("0\r\n\r\n");
    visitor.finish();
}

async fn check_huge(transport: impl Transport, misdeed: Misdeed, status: u16) {
    let server = Server::of_paths([("/huge", misdeed)]);
    let mut user = User::of(&Rc::new(transport));
    let exchange = user.get(&server.url("/huge"), Duration::from_secs(60)).await;
    assert!(End::Status(status).is_of(&exchange), "{}", told(&exchange));
    assert!(
        (HUGE..HUGE + 200).contains(&(exchange.traffic.bytes_received as usize)),
        "{}",
        exchange.traffic.bytes_received
    );
}

#[tokio::test]
async fn huge_bodies_are_counted_and_not_kept_over_wire() {
    check_huge(wire(), say_until_the_end, 200).await;
    check_huge(wire(), say_in_chunks, 500).await;
}

#[tokio::test]
async fn huge_bodies_are_counted_and_not_kept_over_reqwest() {
    check_huge(reqwest(), say_until_the_end, 200).await;
    check_huge(reqwest(), say_in_chunks, 500).await;
}

/// As fast as the client takes it: it must not forget its timeout over that.
async fn check_endless(transport: impl Transport) {
    fn say_for_ever(mut visitor: Visitor) {
        visitor.say("HTTP/1.1 200 OK\r\n\r\n");
        while visitor.say([b'x'; PIECE]) {}
    }
    let server = Server::of_paths([("/endless", say_for_ever as Misdeed)]);
    let mut user = User::of(&Rc::new(transport));
    let limit = Duration::from_millis(200);
    let sent_at = Instant::now();
    let exchange = user.get(&server.url("/endless"), limit).await;
    assert!(sent_at.elapsed() < limit + MARGIN, "{:?}", sent_at.elapsed());
    assert!(End::Failure(Outcome::Timeout, None).is_of(&exchange), "{}", told(&exchange));
    let good = user.get(&server.url("/good"), Duration::from_secs(10)).await;
    assert!(End::Status(200).is_of(&good), "{}", told(&good));
}

#[tokio::test]
async fn an_endless_body_is_given_up_at_the_timeout_over_wire() {
    check_endless(wire()).await;
}

#[tokio::test]
async fn an_endless_body_is_given_up_at_the_timeout_over_reqwest() {
    check_endless(reqwest()).await;
}
