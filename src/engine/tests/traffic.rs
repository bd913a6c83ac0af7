//! What a run sets aside of its traffic, over both transports, against a small server on this machine.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use flate2::{Compression, write::GzEncoder};

use super::loopback::{Ran, moment_of, run, serve};
use crate::engine::testing::MemoryJournal;
use crate::metrics::TrafficSample;
use crate::model::{Body, Check, Scenario, TransportChoice};

const TRANSPORTS: [TransportChoice; 2] = [TransportChoice::Wire, TransportChoice::Reqwest];

fn packed() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(br#"{"id":"a1"}"#).unwrap();
    encoder.finish().unwrap()
}

/// Answers `/packed` packed, `/failing` with an error, and all else with its path and who asked.
fn server() -> SocketAddr {
    serve(|mut stream| {
        let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(n_read @ 1..) = stream.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..n_read]);
            while let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = seen.drain(..end + 4).collect();
                let head = String::from_utf8(head).unwrap();
                let path = head.split(' ').nth(1).unwrap_or_default();
                let who = head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or("-");
                let (status, encoding, body) = match path {
                    "/packed" => ("200 OK", "content-encoding: gzip\r\n", packed()),
                    "/failing" => ("503 Busy", "", b"busy".to_vec()),
                    _ => ("200 OK", "etag: \"7\"\r\n", format!("{path} {who}").into_bytes()),
                };
                let n_bytes = body.len();
                let head = format!("HTTP/1.1 {status}\r\n{encoding}content-length: {n_bytes}\r\n\r\n");
                if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                    return;
                }
            }
        }
    })
}

fn ran(mut scenario: Scenario, choice: TransportChoice) -> Ran {
    scenario.transport.choice = choice;
    run(scenario, server(), MemoryJournal::default())
}

fn traffic(scenario: Scenario, choice: TransportChoice) -> TrafficSample {
    ran(scenario, choice).handle.take_traffic().unwrap()
}

fn n_requests(sample: &TrafficSample, step: u16) -> u32 {
    let of_step = sample.lookups.iter().filter(|lookup| lookup.step == step);
    of_step.map(|lookup| lookup.n_requests).sum()
}

#[test]
fn a_run_hands_its_answers_and_lookups_over_once() {
    for choice in TRANSPORTS {
        let ran = ran(moment_of(20.0, &["/one", "/two"]), choice);
        assert_eq!(ran.kept().total().counters.n_errors(), 0);
        let sample = ran.handle.take_traffic().unwrap();
        assert_eq!(ran.handle.take_traffic(), None);
        assert_eq!((sample.answers.len(), sample.key_ratio), (40, 1.0), "{choice:?}");
        for answer in &sample.answers {
            let body = ["/one -", "/two -"][usize::from(answer.step)];
            assert_eq!((answer.status, answer.body.as_slice(), answer.body_bytes), (200, body.as_bytes(), 6));
            assert!(
                answer.headers.contains(&("etag".to_owned(), "\"7\"".to_owned())),
                "{:?}",
                answer.headers
            );
        }
        assert_eq!([n_requests(&sample, 0), n_requests(&sample, 1)], [20, 20], "{choice:?}");
        let of_step = |step| sample.lookups.iter().filter(move |lookup| lookup.step == step);
        for step in 0..2 {
            let first = of_step(step).next().unwrap();
            assert!(of_step(step).all(|other| (other.key, other.answer) == (first.key, first.answer)));
        }
    }
}

#[test]
fn users_ask_for_things_of_their_own() {
    for choice in TRANSPORTS {
        let mut scenario = moment_of(10.0, &["/me"]);
        scenario.journeys[0].steps[0].headers = vec![
            ("authorization".to_owned(), "{{uuid()}}".to_owned()),
            ("x-trace".to_owned(), "{{uuid()}}".to_owned()),
        ];
        let sample = traffic(scenario, choice);
        let mut keys: Vec<u64> = sample.lookups.iter().map(|lookup| lookup.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 10, "{choice:?}");
    }
}

#[test]
fn what_no_cache_keeps_is_not_followed_and_errors_are_not_kept() {
    for choice in TRANSPORTS {
        let mut scenario = moment_of(10.0, &["/failing", "/buy"]);
        scenario.journeys[0].steps[1].method = "POST".to_owned();
        scenario.journeys[0].steps[1].body = Body::None;
        let sample = traffic(scenario, choice);
        assert_eq!(sample.lookups, [], "{choice:?}");
        assert!(
            sample.answers.iter().all(|answer| answer.step == 1) && sample.answers.len() == 10,
            "{choice:?}"
        );
    }
}

#[test]
fn an_answer_is_set_aside_as_it_came_though_it_is_looked_into() {
    let mut scenario = moment_of(5.0, &["/packed"]);
    scenario.transport.compression = true;
    scenario.journeys[0].steps[0].checks = vec![Check::JsonPathExists("$.id".to_owned())];
    let ran = ran(scenario, TransportChoice::Auto);
    assert_eq!(ran.kept().total().counters.n_errors(), 0);
    let sample = ran.handle.take_traffic().unwrap();
    assert!(sample.answers.iter().all(|answer| answer.body == packed()) && sample.answers.len() == 5);
}
