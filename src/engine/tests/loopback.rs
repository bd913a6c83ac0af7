//! Over real connections to a small server on this machine.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::engine::testing::{Kept, MemoryJournal, open, scenario, step};
use crate::engine::{RunHandle, RunJob, Surroundings, Watch, prepare, start};
use crate::metrics::{
    Annotation, ErrorGroup, Finish, HostSample, IntervalStats, Journal, JournalError, LookBack, Outcome,
    Phase, RunEnd, WatchNews,
};
use crate::model::{
    Check, Extract, ExtractSource, LoadModel, Metric, Plan, PlanChangeKind, Scenario, Scope, Shape,
    ThinkTime, Threshold, ThresholdSeverity, Window,
};

const TIME_SCALE: f64 = 0.2;
const BODY: &str = r#"{"id": "a1", "n": 3}"#;

/// Answers each connection as `answer` does, on a thread of its own.
pub(super) fn serve(answer: impl Fn(std::net::TcpStream) + Send + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || answer(stream));
        }
    });
    address
}

/// A server that keeps connections alive, counts requests and answers with a small JSON text.
fn serve_http(n_received: Arc<AtomicU64>) -> SocketAddr {
    serve(move |mut stream| {
        let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(n_read @ 1..) = stream.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..n_read]);
            while let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = seen.drain(..end + 4).collect();
                n_received.fetch_add(1, Ordering::SeqCst);
                let status = if head.starts_with(b"GET /missing ") { "404 Not Found" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{BODY}", BODY.len());
                if stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        }
    })
}

pub(super) struct Ran {
    journal: MemoryJournal,
    pub handle: RunHandle,
    pub end: RunEnd,
}

impl Ran {
    pub fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.journal.0.lock().unwrap()
    }

    fn only_group(&self) -> (Outcome, String, String) {
        let kept = self.kept();
        let groups: Vec<_> = kept.error_groups.values().collect();
        let [group] = groups.as_slice() else { panic!("{groups:?}") };
        let exemplar = group.exemplars[0].detail.clone();
        (group.outcome, group.signature.clone(), exemplar)
    }
}

fn begin(
    scenario: Scenario,
    address: SocketAddr,
    journal: impl Journal + 'static,
) -> (RunHandle, Receiver<()>) {
    begin_watched(scenario, address, journal, None)
}

fn begin_watched(
    scenario: Scenario,
    address: SocketAddr,
    journal: impl Journal + 'static,
    watch: Option<Watch>,
) -> (RunHandle, Receiver<()>) {
    let (wake, woken) = mpsc::channel();
    let surroundings = Surroundings {
        sample_host: Box::new(|| Some(HostSample { process_cpu_ratio: 0.1, ..HostSample::default() })),
        wake: Box::new(move || _ = wake.send(())),
        count_at_target: Box::new(|| Some(7)),
        watch,
        look_back: LookBack::All,
    };
    let base_url = format!("http://{address}");
    let job = RunJob {
        scenario,
        time_scale: TIME_SCALE,
        base_url,
        candidate_base_url: None,
        files_root: None,
        secrets: BTreeMap::new(),
        n_workers: None,
    };
    (start(prepare(job).unwrap(), Box::new(journal), surroundings).unwrap(), woken)
}

pub(super) fn run(scenario: Scenario, address: SocketAddr, journal: MemoryJournal) -> Ran {
    let (handle, _woken) = begin(scenario, address, journal.clone());
    let end = handle.wait();
    Ran { journal, handle, end }
}

fn steady(mut scenario: Scenario) -> Scenario {
    scenario.load.stages[0].shape = Shape::Step;
    scenario
}

/// A fifth of a second of constant arrivals.
pub(super) fn moment_of(n_iterations: f64, paths: &[&str]) -> Scenario {
    let mut scenario = steady(scenario(open(100), &[(1, n_iterations / TIME_SCALE)], paths));
    scenario.load.graceful_stop = Duration::from_secs(5);
    scenario
}

#[test]
fn requests_reported_are_requests_received() {
    let n_received = Arc::new(AtomicU64::new(0));
    let address = serve_http(Arc::clone(&n_received));
    let ran = run(moment_of(100.0, &["/one", "/two"]), address, MemoryJournal::default());
    let kept = ran.kept();
    let total = kept.total();
    assert_eq!(n_received.load(Ordering::SeqCst), 200);
    assert_eq!((total.counters.n_ok(), total.counters.n_errors()), (200, 0));
    assert_eq!((total.response_time.n_samples(), total.counters.n_by_status_class[2]), (200, 200));
    let answered = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{BODY}", BODY.len());
    assert_eq!(total.counters.bytes_received, answered.len() as u64 * 200);
    assert!((60..200).contains(&(total.counters.bytes_sent / 200)), "{}", total.counters.bytes_sent);
    let due: u64 = kept.intervals.iter().map(|interval| interval.load.n_due).sum();
    let completed: u64 = kept.intervals.iter().map(|interval| interval.load.n_completed).sum();
    assert_eq!((due, completed), (100, 100));
    assert_eq!((ran.end.finish, ran.end.n_abandoned), (Finish::Completed, 0));
    assert_eq!(ran.end.n_counted_by_target, Some(7));
    assert_eq!(kept.end.as_ref(), Some(&ran.end));
    assert!(kept.intervals.iter().all(|interval| interval.load.host.is_some()));
    let snapshot = ran.handle.snapshot();
    assert_eq!((snapshot.phase, snapshot.finish), (Phase::Finished, Some(Finish::Completed)));
    assert_eq!((snapshot.n_requests, snapshot.n_started), (200, 100));
    assert_eq!(snapshot.history.len(), kept.intervals.len());
}

#[test]
fn closed_users_carry_values_from_answer_to_request() {
    let n_received = Arc::new(AtomicU64::new(0));
    let address = serve_http(Arc::clone(&n_received));
    let mut described = steady(scenario(LoadModel::Closed, &[(1, 4.0)], &["/first", "/{{id}}"]));
    described.journeys[0].think_time = ThinkTime::Fixed(Duration::from_millis(10));
    described.journeys[0].steps[0].extracts =
        vec![Extract { name: "id".into(), source: ExtractSource::JsonPath("$.id".into()) }];
    described.journeys[0].steps[1].checks =
        vec![Check::Status(200), Check::JsonPathEquals { path: "$.n".into(), value: "3".into() }];
    let ran = run(described, address, MemoryJournal::default());
    let counters = ran.kept().total().counters;
    assert_eq!((counters.n_requests(), counters.n_errors()), (n_received.load(Ordering::SeqCst), 0));
    // Four users, two tenths of a second, one request every 10 ms or, on a busy machine, more.
    assert!((8..=88).contains(&counters.n_requests()), "{}", counters.n_requests());
}

#[test]
fn nobody_listening_is_a_connect_error() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = run(moment_of(5.0, &["/"]), address, MemoryJournal::default());
    let (outcome, signature, detail) = ran.only_group();
    assert_eq!((outcome, signature.as_str()), (Outcome::Connect, "connection refused"));
    assert!(detail.contains(&address.to_string()), "{detail}");
    assert_eq!(ran.kept().total().counters.bytes_sent, 0);
}

#[test]
fn an_unknown_name_is_a_connect_error() {
    let mut described = moment_of(2.0, &[]);
    // No name server is asked for a name with a part of more than 63 letters.
    described.journeys[0].steps = vec![step(&format!("http://{}/", "a".repeat(64)))];
    let ran = run(described, ([127, 0, 0, 1], 1).into(), MemoryJournal::default());
    let (outcome, signature, _) = ran.only_group();
    assert_eq!((outcome, signature.as_str()), (Outcome::Connect, "host name not found"));
}

#[test]
fn an_answer_that_is_not_http_is_a_protocol_error() {
    let address = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"SSH-2.0-garbage\r\n\r\n");
    });
    let ran = run(moment_of(5.0, &["/"]), address, MemoryJournal::default());
    assert_eq!(ran.only_group().0, Outcome::Protocol);
}

#[test]
fn an_answer_that_ends_too_early_is_a_protocol_error() {
    let address = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
    });
    let ran = run(moment_of(5.0, &["/"]), address, MemoryJournal::default());
    let (outcome, signature, detail) = ran.only_group();
    assert_eq!(outcome, Outcome::Protocol, "{signature}: {detail}");
}

#[test]
fn a_server_without_tls_is_a_tls_error() {
    let address = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let described = moment_of(5.0, &[&format!("https://{address}/")]);
    let ran = run(described, address, MemoryJournal::default());
    let (outcome, signature, detail) = ran.only_group();
    assert_eq!(outcome, Outcome::Tls, "{signature}: {detail}");
}

#[test]
fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    let address = serve(|mut stream| while let Ok(1..) = stream.read(&mut [0; 1024]) {});
    let mut described = moment_of(5.0, &["/"]);
    described.timeout = Duration::from_millis(100);
    let ran = run(described, address, MemoryJournal::default());
    assert_eq!(ran.only_group().0, Outcome::Timeout);
    let total = ran.kept().total();
    assert_eq!(total.counters.n_of(Outcome::Timeout), 5);
    assert!(total.error_time.min().unwrap() >= Duration::from_millis(99));
}

#[test]
fn a_bad_status_shows_the_beginning_of_its_answer() {
    let ran = run(moment_of(5.0, &["/missing"]), serve_http(Arc::default()), MemoryJournal::default());
    let (outcome, signature, detail) = ran.only_group();
    assert_eq!((outcome, signature.as_str()), (Outcome::Status, "HTTP 404"));
    assert_eq!(detail, "HTTP 404\n{\"id\": \"a1\", \"n\": 3}");
}

#[test]
fn a_journal_in_trouble_at_the_end_still_gets_everything() {
    let journal = MemoryJournal::default();
    journal.0.lock().unwrap().n_refusals = 2;
    let ran = run(moment_of(50.0, &["/"]), serve_http(Arc::default()), journal);
    assert_eq!(ran.kept().total().counters.n_requests(), 50);
    assert!(ran.end.caveats.is_empty(), "{:?}", ran.end.caveats);
    assert_eq!(ran.handle.snapshot().journal_trouble, None);
}

#[test]
fn notes_are_kept_with_their_time() {
    let journal = MemoryJournal::default();
    let (handle, _woken) = begin(moment_of(5.0, &["/"]), serve_http(Arc::default()), journal.clone());
    handle.annotate("cache cleared");
    assert_eq!(handle.end(), None);
    handle.wait();
    assert_eq!(journal.0.lock().unwrap().annotations[0].text, "cache cleared");
    assert_eq!(handle.snapshot().annotations[0].text, "cache cleared");
}

/// A long run against a server that never answers, once requests are in flight.
fn hanging_run() -> (RunHandle, Receiver<()>, MemoryJournal) {
    let address = serve(|mut stream| while let Ok(1..) = stream.read(&mut [0; 1024]) {});
    let mut described = steady(scenario(open(10), &[(3_600, 100.0)], &["/"]));
    described.load.graceful_stop = Duration::from_millis(50);
    let journal = MemoryJournal::default();
    let (handle, woken) = begin(described, address, journal.clone());
    while handle.snapshot().n_in_flight == 0 {
        woken.recv().unwrap();
    }
    assert_eq!(handle.snapshot().phase, Phase::Running);
    (handle, woken, journal)
}

#[test]
fn a_stopped_run_says_so_and_counts_what_it_gave_up() {
    let (handle, _woken, journal) = hanging_run();
    handle.stop();
    let end = handle.wait();
    assert_eq!(end.finish, Finish::Stopped);
    assert!(end.load_duration < Duration::from_secs(60));
    assert_eq!(handle.snapshot().finish, Some(Finish::Stopped));
    let kept = journal.0.lock().unwrap();
    assert_eq!(kept.n_sent(), end.n_abandoned);
    assert_eq!(kept.end, Some(end));
}

#[test]
fn an_aborted_run_says_so() {
    let (handle, _woken, journal) = hanging_run();
    handle.abort();
    assert_eq!(handle.wait().finish, Finish::Aborted);
    let kept = journal.0.lock().unwrap();
    assert_eq!(kept.total().counters.n_requests(), 0);
    assert!(kept.n_sent() > 0);
}

#[test]
fn changes_of_the_plan_are_obeyed_journaled_and_noted() {
    let described = steady(scenario(open(100), &[(2, 100.0)], &["/"]));
    let journal = MemoryJournal::default();
    let (handle, _woken) = begin(described.clone(), serve_http(Arc::default()), journal.clone());
    let extended = PlanChangeKind::ExtendStage(Duration::from_millis(200));
    assert!(!handle.change_plan(PlanChangeKind::Resume), "nothing is paused yet");
    assert!(handle.change_plan(PlanChangeKind::Pause));
    assert!(!handle.change_plan(PlanChangeKind::Pause), "it is paused already");
    assert!(handle.change_plan(extended.clone()));
    assert!(handle.change_plan(PlanChangeKind::Resume));
    let end = handle.wait();
    assert!(!handle.change_plan(extended.clone()), "the load has ended");
    let kept = journal.0.lock().unwrap();
    let kinds: Vec<_> = kept.plan_changes.iter().map(|change| change.kind.clone()).collect();
    assert_eq!(kinds, [PlanChangeKind::Pause, extended, PlanChangeKind::Resume]);
    let notes: Vec<_> = kept.annotations.iter().map(|note| (note.at, note.text.as_str())).collect();
    let times: Vec<_> = kept.plan_changes.iter().map(|change| change.at).collect();
    assert_eq!(notes[..2], [(times[0], "Paused"), (times[1], "Extended to 100 by 200ms")]);
    assert!(notes[2].0 == times[2] && notes[2].1.starts_with("Resumed after "), "{notes:?}");
    let mut plan = Plan::new(&described, TIME_SCALE);
    kept.plan_changes.iter().for_each(|change| plan.apply(change));
    assert_eq!((end.finish, Some(end.load_duration)), (Finish::Completed, plan.load_end()));
    assert_eq!(end.load_duration, Duration::from_millis(600) + (times[2] - times[0]));
    assert_eq!((kept.n_sent(), plan.n_planned_iterations()), (60, Some(60)));
    assert_eq!(*handle.snapshot().plan, plan);
}

#[test]
fn a_watch_ends_the_run_and_its_reason_is_a_note() {
    let mut described = steady(scenario(open(10), &[(3_600, 50.0)], &["/"]));
    described.thresholds.push(Threshold {
        metric: Metric::ErrorShare,
        scope: Scope::Run,
        window: Window::Run,
        limit: 0.01,
        severity: ThresholdSeverity::Must,
        abort_after: None,
    });
    let journal = MemoryJournal::default();
    let mut reason = Some("error share is 2 %, limit 1 %");
    let watch: Watch = Box::new(move |totals, at| {
        assert!(totals.of_threshold(0).stats.counters.n_requests() > 0);
        let breach = (at >= Duration::from_secs(2)).then(|| reason.take()).flatten().map(str::to_owned);
        WatchNews { breach, ..WatchNews::default() }
    });
    let (handle, _woken) = begin_watched(described, serve_http(Arc::default()), journal.clone(), Some(watch));
    let end = handle.wait();
    assert_eq!(end.finish, Finish::Breached);
    assert!((2..60).contains(&end.load_duration.as_secs()), "{:?}", end.load_duration);
    let kept = journal.0.lock().unwrap();
    let notes: Vec<_> = kept.annotations.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["error share is 2 %, limit 1 %"]);
}

#[test]
fn a_run_whose_journal_breaks_down_ends_all_the_same() {
    struct Broken;
    impl Journal for Broken {
        fn interval(&mut self, _: &IntervalStats, _: &[ErrorGroup]) -> Result<(), JournalError> {
            panic!("a fault of the program, on purpose")
        }

        fn annotation(&mut self, _: &Annotation) -> Result<(), JournalError> {
            Ok(())
        }

        fn plan_change(&mut self, _: &crate::model::PlanChange) -> Result<(), JournalError> {
            Ok(())
        }

        fn finish(&mut self, _: &RunEnd) -> Result<(), JournalError> {
            Ok(())
        }
    }
    let (handle, _woken) = begin(moment_of(5.0, &["/"]), serve_http(Arc::default()), Broken);
    let end = handle.wait();
    assert_eq!((end.finish, end.caveats.len()), (Finish::Interrupted, 1));
}
