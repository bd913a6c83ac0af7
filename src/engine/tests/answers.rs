//! Checks and extracts over both transports, against a small server on this machine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use super::loopback::{moment_of, run};
use crate::engine::testing::MemoryJournal;
use crate::metrics::Outcome;
use crate::model::{Check, Extract, ExtractSource, Step, TransportChoice};

const MADE: &str = "HTTP/1.1 201 Created\r\nlocation: 7\r\nset-cookie: session=old\r\n\
                    set-cookie: session=new; HttpOnly\r\ncontent-length: 21\r\n\r\ntoken=<a1b2> is yours";
const TRANSPORTS: [TransportChoice; 2] = [TransportChoice::Wire, TransportChoice::Reqwest];

/// A server that makes an order and keeps the heads of what else it is asked.
fn server() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                loop {
                    let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
                    let Some(first) = head.first() else { return };
                    let is_order = first.starts_with("GET /orders ");
                    let answer = if is_order { MADE } else { "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" };
                    if !is_order {
                        kept.lock().unwrap().push(head.join("\n"));
                    }
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, heads)
}

fn extract(name: &str, source: ExtractSource) -> Extract {
    Extract { name: name.to_owned(), source }
}

#[test]
fn values_of_headers_cookies_and_bodies_reach_the_next_request() {
    for choice in TRANSPORTS {
        let (address, heads) = server();
        let mut scenario = moment_of(5.0, &["/orders"]);
        scenario.transport.choice = choice;
        let steps = &mut scenario.journeys[0].steps;
        steps[0].extracts = vec![
            extract("place", ExtractSource::Header("Location".into())),
            extract("session", ExtractSource::Cookie("session".into())),
            extract("token", ExtractSource::Regex("<(.*)>".into())),
        ];
        let mut next = Step::get("next", "/orders/{{place}}?token={{token}}");
        next.headers = vec![("x-session".to_owned(), "{{session}}".to_owned())];
        steps.push(next);
        let ran = run(scenario, address, MemoryJournal::default());
        assert_eq!(ran.kept().total().counters.n_errors(), 0, "{choice:?}");
        let heads = heads.lock().unwrap();
        assert_eq!(heads.len(), 5, "{choice:?}");
        for head in heads.iter() {
            assert!(
                head.starts_with("GET /orders/7?token=a1b2 ") && head.contains("x-session: new"),
                "{head}"
            );
        }
    }
}

#[test]
fn a_fault_names_the_check_that_failed() {
    let failing = [
        (Check::Size { min: Some(22), max: None }, "body is shorter than 22 bytes"),
        (Check::BodyMatches("token=[0-9]".into()), "body does not match `token=[0-9]`"),
    ];
    for (choice, (check, words)) in
        TRANSPORTS.into_iter().flat_map(|choice| failing.clone().map(|it| (choice, it)))
    {
        let (address, _) = server();
        let mut scenario = moment_of(2.0, &["/orders"]);
        scenario.transport.choice = choice;
        let holds = Check::Size { min: Some(21), max: Some(21) };
        scenario.journeys[0].steps[0].checks = vec![Check::Status(201), holds, check];
        let ran = run(scenario, address, MemoryJournal::default());
        let kept = ran.kept();
        let groups: Vec<_> = kept.error_groups.keys().collect();
        assert_eq!(groups, [&(0, Outcome::Check, words.to_owned())], "{choice:?}");
    }
}
