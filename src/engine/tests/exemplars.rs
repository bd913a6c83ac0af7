//! What is kept of failed requests, over both transports: what went out, what came back, and never without end.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::requests::{Run, Server};
use crate::metrics::{ErrorExemplar, ErrorGroup};
use crate::model::{Auth, Body, Check, Step, TransportChoice};

const TRANSPORTS: [TransportChoice; 2] = [TransportChoice::Wire, TransportChoice::Reqwest];

/// What is kept of a step's failed requests.
fn groups(server: &Server, choice: TransportChoice, step: Step, n_iterations: f64) -> Vec<ErrorGroup> {
    let mut run = Run::of(server, vec![step], n_iterations);
    run.scenario.transport.choice = choice;
    let kept = run.end().unwrap();
    let kept = kept.lock().unwrap();
    kept.error_groups.values().cloned().collect()
}

fn first(server: &Server, choice: TransportChoice, step: Step) -> ErrorExemplar {
    groups(server, choice, step, 1.0)[0].exemplars[0].clone()
}

fn post() -> Step {
    Step {
        method: "POST".into(),
        query: vec![("page".into(), "2".into())],
        headers: vec![("x-shop".into(), "north".into())],
        body: Body::Json(r#"{"n": 1}"#.into()),
        ..Step::get("order", "/orders")
    }
}

#[test]
fn the_request_is_kept_as_the_server_got_it() {
    for choice in TRANSPORTS {
        let server = Server::start(|_| (503, "retry-after: 7\r\n".into(), "busy".into()));
        let kept = first(&server, choice, post());
        let (sent, got) = (kept.sent.unwrap(), server.seen()[0].clone());
        let lines = |head: &str| head.trim_end().lines().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(lines(&sent.head), lines(&got.head), "{choice:?}");
        assert!(sent.head.starts_with("POST /orders?page=2 HTTP/1.1\n"), "{choice:?}: {}", sent.head);
        assert_eq!((sent.body.as_bytes(), sent.body_bytes), (&*got.body, 8), "{choice:?}");
        let answer = kept.answer.unwrap();
        assert!(answer.head.starts_with("HTTP/1.1 503"), "{choice:?}: {}", answer.head);
        assert!(answer.head.contains("\nretry-after: 7"), "{choice:?}: {}", answer.head);
        assert_eq!((answer.body.as_str(), answer.body_bytes), ("busy", 4), "{choice:?}");
    }
}

#[test]
fn an_answer_that_nobody_meant_to_look_into_is_kept_all_the_same() {
    for choice in TRANSPORTS {
        let server = Server::start(|_| (200, "x-node: 3\r\n".into(), "y".repeat(5_000)));
        let step = Step { checks: vec![Check::Size { min: None, max: Some(10) }], ..Step::get("a", "/a") };
        let answer = first(&server, choice, step).answer.unwrap();
        assert!(answer.head.starts_with("HTTP/1.1 200") && answer.head.contains("\nx-node: 3"), "{choice:?}");
        assert_eq!((answer.body, answer.body_bytes), ("y".repeat(1_024), 5_000), "{choice:?}");
    }
}

#[test]
fn without_an_answer_only_the_request_is_kept_and_no_credentials_with_it() {
    for choice in TRANSPORTS {
        let server = Server::start(|_| panic!("hangs up without a word"));
        let auth = Auth::Basic { user: "ada".into(), password: "not declared a secret".into() };
        let kept = first(&server, choice, Step { auth: Some(auth), ..post() });
        assert_eq!(kept.answer, None, "{choice:?}");
        assert!(kept.sent.unwrap().head.contains("\nauthorization: Basic •••"), "{choice:?}");
    }
}

#[test]
fn a_request_that_was_led_elsewhere_is_kept_as_it_went_there_with_its_cookie() {
    let server = Server::start(|seen| match seen.target() {
        "/there" => (500, String::new(), "no".into()),
        _ => (302, "location: /there\r\nset-cookie: id=7\r\n".into(), String::new()),
    });
    let mut run = Run::of(&server, vec![Step::get("a", "/here")], 1.0);
    run.scenario.transport.choice = TransportChoice::Reqwest;
    run.scenario.transport.cookies = true;
    run.scenario.transport.max_redirects = 3;
    let kept = run.end().unwrap();
    let sent = kept.lock().unwrap().error_groups.values().next().unwrap().exemplars[0].sent.clone().unwrap();
    assert!(sent.head.starts_with("GET /there HTTP/1.1\n"), "{}", sent.head);
    assert!(sent.head.contains("\ncookie: id=•••"), "{}", sent.head);
}

#[test]
fn a_storm_of_ever_new_errors_is_counted_whole_and_kept_in_bounds() {
    for choice in TRANSPORTS {
        let n_answered = AtomicU64::new(0);
        let n_answered: &'static AtomicU64 = Box::leak(Box::new(n_answered));
        let server = Server::start(move |_| {
            let n = n_answered.fetch_add(1, Ordering::Relaxed);
            (
                400 + (n % 500) as u16,
                format!("x-padding: {}\r\n", "h".repeat(6_000)),
                format!("{n} ").repeat(900),
            )
        });
        let groups = groups(&server, choice, Step::get("a", "/a"), 400.0);
        // On a busy machine some are not sent.
        let n_answered = n_answered.load(Ordering::Relaxed);
        assert_eq!(
            groups.len() as u64,
            n_answered.min(101),
            "{choice:?}: a hundred signatures, and the others"
        );
        assert_eq!(groups.iter().map(|group| group.n_errors).sum::<u64>(), n_answered, "{choice:?}");
        for exemplar in groups.iter().flat_map(|group| &group.exemplars) {
            for text in exemplar.sent.iter().chain(&exemplar.answer) {
                assert!(text.head.len() <= 2_048 && text.body.len() <= 1_024, "{choice:?}");
            }
        }
        assert!(groups.iter().all(|group| group.exemplars.len() <= 3), "{choice:?}");
    }
}
