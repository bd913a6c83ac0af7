//! Over both transports, against a small server that keeps what it gets to the byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::{thread, time::Duration};

use super::*;
use crate::engine::testing::{open, scenario};
use crate::metrics::{Asked, Found, Outcome, RequestPhase, SentRequest};
use crate::model::{Auth, Body, Check, Extract, ExtractSource, Journey, SecretSource, Step, TransportChoice};

const TRANSPORTS: [TransportChoice; 2] = [TransportChoice::Wire, TransportChoice::Reqwest];

/// Answers by path; without an answer it says nothing at all.
type Answers = fn(&str) -> Option<&'static str>;

fn server(answers: Answers) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            thread::spawn(move || {
                let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
                while let Ok(n_read @ 1..) = stream.read(&mut buffer) {
                    seen.extend_from_slice(&buffer[..n_read]);
                    let text = String::from_utf8_lossy(&seen).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                    if body.len() < length.map_or(0, |length| length.parse().unwrap()) {
                        continue;
                    }
                    let path = text.split(' ').nth(1).unwrap().to_owned();
                    kept.lock().unwrap().push(text);
                    seen.clear();
                    if let Some(answer) = answers(&path) {
                        stream.write_all(answer.as_bytes()).unwrap();
                    }
                }
            });
        }
    });
    (address, received)
}

fn shop(path: &str) -> Option<&'static str> {
    Some(match path {
        "/login" => {
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: session=s1\r\ncontent-length: 15\r\n\r\n{\"token\": \"t1\"}"
        }
        "/old" => "HTTP/1.1 302 Found\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n",
        "/silent" => return None,
        _ => "HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"items\": [7]}",
    })
}

fn job(address: SocketAddr, steps: Vec<Step>, choice: TransportChoice) -> OnceJob {
    let mut scenario = scenario(open(1), &[(1, 1.0)], &[]);
    scenario.journeys = vec![Journey { steps, ..Journey::new("journey") }];
    scenario.transport.choice = choice;
    let base_url = format!("http://{address}");
    let run = RunJob {
        scenario,
        time_scale: 1.0,
        base_url,
        candidate_base_url: None,
        files_root: None,
        secrets: BTreeMap::new(),
        n_workers: None,
    };
    OnceJob { run, journey: 0, step: None, values: BTreeMap::new(), cancel: CancellationToken::new() }
}

fn told(job: OnceJob) -> Vec<StepExchange> {
    let mut steps = Vec::new();
    assert_eq!(send_once(job, |step| steps.push(step)).unwrap(), OnceEnd::Completed);
    steps
}

fn login() -> Step {
    let mut login = Step::get("log in", "/login");
    login.method = "POST".into();
    login.body = Body::Json(r#"{"user": "ada"}"#.into());
    login.extracts =
        vec![Extract { name: "token".into(), source: ExtractSource::JsonPath("$.token".into()) }];
    login
}

fn items() -> Step {
    let mut items = Step::get("items", "/items?by={{token}}");
    items.headers = vec![("x-page".into(), "{{page}}".into())];
    items
}

/// The bytes that a shown request comes to.
fn written(request: &SentRequest) -> String {
    let (_, target) = request.url.split_once("://").unwrap().1.split_once('/').unwrap();
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let body = request.body.text.as_deref().unwrap();
    format!("{} /{target} HTTP/1.1\r\n{headers}\r\n{body}", request.method)
}

#[test]
fn what_is_shown_is_what_was_sent() {
    for choice in TRANSPORTS {
        let (address, received) = server(shop);
        let mut empty = Step::get("empty", "/empty");
        empty.method = "POST".into();
        let mut blank = empty.clone();
        blank.body = Body::Text(String::new());
        let mut job = job(address, vec![login(), items(), empty, blank], choice);
        job.run.scenario.variables.insert("page".into(), "2".into());
        job.run.scenario.transport.cookies = choice == TransportChoice::Reqwest;
        job.run.scenario.transport.compression = choice == TransportChoice::Reqwest;
        let steps = told(job);
        let shown: Vec<_> = steps.iter().map(|step| written(&step.requests[0])).collect();
        assert_eq!(shown, *received.lock().unwrap(), "{choice:?}");
        assert!(shown[1].starts_with("GET /items?by=t1 ") && shown[1].contains("x-page: 2\r\n"));
        for (step, written) in steps.iter().zip(&shown) {
            assert_eq!(step.bytes_sent, written.len() as u64, "{choice:?}");
        }
    }
}

#[test]
fn an_answer_is_shown_with_what_was_taken_out_of_it() {
    for choice in TRANSPORTS {
        let (address, _) = server(shop);
        let steps = told(job(address, vec![login()], choice));
        let [step] = steps.as_slice() else { panic!("{steps:?}") };
        let answer = step.answer.as_ref().unwrap();
        assert_eq!((answer.status, answer.body.text.as_deref()), (200, Some("{\"token\": \"t1\"}")));
        assert!(answer.headers.contains(&("set-cookie".into(), "session=s1".into())));
        assert_eq!((&step.before["token"], step.after["token"].as_deref()), (&None, Some("t1")));
        assert!(step.extracts[0].taken && step.extracts[0].found == Found::Text("t1".into()));
        assert_eq!(step.n_connections, 1);
        let phases: Duration = step.phases.iter().map(|(_, time)| *time).sum();
        assert!(step.phases.iter().any(|(phase, _)| *phase == RequestPhase::Connect));
        assert!(phases <= step.service_time + Duration::from_millis(1));
    }
}

#[test]
fn every_check_is_told_and_the_first_that_failed_counts() {
    let (address, _) = server(shop);
    let mut step = login();
    step.checks = vec![
        Check::BodyContains("nowhere".into()),
        Check::Size { min: None, max: Some(9) },
        Check::HeaderContains { name: "content-type".into(), text: "json".into() },
    ];
    let steps = told(job(address, vec![step.clone()], TransportChoice::Wire));
    let told: Vec<_> =
        steps[0].checks.iter().map(|it| (it.asked.clone(), it.passed, it.found.clone())).collect();
    let [missing, size, header] = step.checks.try_into().unwrap();
    assert_eq!(
        told,
        [
            (Asked::Status(vec![]), true, Found::Status(200)),
            (Asked::Check(missing), false, Found::Nothing),
            (Asked::Check(size), false, Found::Size(15)),
            (Asked::Check(header), true, Found::Text("application/json".into())),
        ]
    );
    assert_eq!(steps[0].outcome, Outcome::Check);
    assert_eq!(steps[0].failure.as_ref().unwrap().signature, "body is longer than 9 bytes");
    // What a run would not take is shown all the same.
    assert_eq!((steps[0].extracts[0].taken, &steps[0].extracts[0].found), (false, &Found::Text("t1".into())));
    assert_eq!(steps[0].after["token"], None);
}

#[test]
fn redirects_show_each_request_on_the_way() {
    let (address, _) = server(shop);
    let mut job = job(address, vec![Step::get("old", "/old")], TransportChoice::Reqwest);
    job.run.scenario.transport.max_redirects = 3;
    let steps = told(job);
    let way: Vec<_> = steps[0].requests.iter().map(|it| (it.url.as_str(), it.redirected_by)).collect();
    let url = |path: &str| format!("http://{address}{path}");
    assert_eq!(way, [(url("/old").as_str(), Some(302)), (url("/new").as_str(), None)]);
    assert_eq!(steps[0].answer.as_ref().unwrap().status, 200);
}

#[test]
fn one_step_alone_takes_the_values_it_is_given() {
    let (address, received) = server(shop);
    let mut job = job(address, vec![login(), items()], TransportChoice::Wire);
    job.step = Some(1);
    job.values = BTreeMap::from([("token".into(), "given".into()), ("page".into(), "1".into())]);
    let steps = told(job);
    assert_eq!(steps.iter().map(|step| (step.step, step.name.as_str())).collect::<Vec<_>>(), [(1, "items")]);
    assert!(received.lock().unwrap()[0].starts_with("GET /items?by=given "));
}

#[test]
fn a_step_without_its_value_is_not_sent_and_ends_the_iteration() {
    let (address, received) = server(shop);
    let steps = told(job(address, vec![items(), login()], TransportChoice::Wire));
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    assert!(step.requests.is_empty() && !step.is_ok());
    assert!(step.failure.as_ref().unwrap().signature.contains("was not extracted"));
    assert_eq!(received.lock().unwrap().len(), 0);
}

#[test]
fn silence_ends_at_the_timeout_and_a_refused_connection_is_told_in_words() {
    for choice in TRANSPORTS {
        let (address, _) = server(shop);
        let mut silent = Step::get("silent", "/silent");
        silent.timeout = Some(Duration::from_millis(30));
        let steps = told(job(address, vec![silent], choice));
        assert_eq!(steps[0].outcome, Outcome::Timeout);
        assert!(!steps[0].requests.is_empty(), "{choice:?}");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let refusing = listener.local_addr().unwrap();
        drop(listener);
        let steps = told(job(refusing, vec![Step::get("any", "/")], choice));
        assert_eq!(steps[0].outcome, Outcome::Connect);
        assert_eq!(steps[0].failure.as_ref().unwrap().signature, "connection refused", "{choice:?}");
    }
}

#[test]
fn cancelling_gives_up_what_is_in_flight() {
    let (address, received) = server(shop);
    let job = job(address, vec![Step::get("silent", "/silent")], TransportChoice::Wire);
    let cancel = job.cancel.clone();
    let canceller = thread::spawn(move || {
        while received.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        cancel.cancel();
    });
    let mut n_told = 0;
    assert_eq!(send_once(job, |_| n_told += 1).unwrap(), OnceEnd::Cancelled);
    assert_eq!(n_told, 0);
    canceller.join().unwrap();
}

#[test]
fn secrets_are_hidden_in_everything_that_is_shown() {
    for choice in TRANSPORTS {
        let (address, received) = server(|_| {
            Some(
                "HTTP/1.1 200 OK\r\nx-echo: hush hush\r\ncontent-length: 21\r\n\r\n{\"echo\": \"hush hush\"}",
            )
        });
        let mut step = login();
        step.path = "/login?key={{key}}".into();
        step.headers = vec![("x-key".into(), "{{key}}".into())];
        step.body = Body::Json(r#"{"key": "{{key}}"}"#.into());
        step.auth = Some(Auth::Basic { user: "ada".into(), password: "{{key}}".into() });
        step.checks = vec![Check::JsonPathEquals { path: "$.echo".into(), value: "hush hush".into() }];
        step.extracts =
            vec![Extract { name: "echo".into(), source: ExtractSource::JsonPath("$.echo".into()) }];
        let mut job = job(address, vec![step], choice);
        job.run.secrets = BTreeMap::from([("key".into(), "hush hush".into())]);
        job.run.scenario.secrets.insert("key".into(), SecretSource::Env("KEY".into()));
        let steps = told(job);
        assert!(steps[0].is_ok(), "{:?}", steps[0].failure);
        let sent = received.lock().unwrap().concat();
        assert!(sent.contains("key=hush%20hush") && sent.contains(r#"{"key": "hush hush"}"#), "{sent}");
        let shown = format!("{steps:?}");
        let encoded = sent.split("authorization: Basic ").nth(1).unwrap().lines().next().unwrap();
        for secret in ["hush hush", "hush%20hush", encoded] {
            assert!(!shown.contains(secret), "{choice:?}: {secret} in {shown}");
        }
        assert_eq!(steps[0].before["key"].as_deref(), Some("•••"));
    }
}
