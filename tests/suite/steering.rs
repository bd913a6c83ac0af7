//! Steering a run on real traffic: what the target counts is what the changed plan asks for.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use stagewright::analysis::{Diagnosis, summarize};
use stagewright::launch::{Launch, LiveRun, launch};
use stagewright::metrics::{LookBack, RunLabels, RunRecord};
use stagewright::model::{Plan, PlanChangeKind, PresentEnd, Shape, Stage, parse_scenario};
use stagewright::report::{self, Paper};
use stagewright::store::Library;

/// From the order to the last request.
const STOPS_WITHIN: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_secs(2);
/// What wake-ups on a busy machine may put off.
const LATE: Duration = Duration::from_millis(40);

/// A target that keeps connections open and the moment at which each request came.
struct CountingServer {
    address: SocketAddr,
    came: Arc<Mutex<Vec<Instant>>>,
    n_opened: Arc<AtomicUsize>,
    n_closed: Arc<AtomicUsize>,
}

impl CountingServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server =
            Self { address, came: Arc::default(), n_opened: Arc::default(), n_closed: Arc::default() };
        let [n_opened, n_closed] = [&server.n_opened, &server.n_closed].map(Arc::clone);
        let came = Arc::clone(&server.came);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                n_opened.fetch_add(1, Ordering::SeqCst);
                let (came, n_closed) = (Arc::clone(&came), Arc::clone(&n_closed));
                thread::spawn(move || {
                    answer(stream, &came);
                    n_closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// Connections opened and closed so far.
    fn n_connections(&self) -> (usize, usize) {
        (self.n_opened.load(Ordering::SeqCst), self.n_closed.load(Ordering::SeqCst))
    }

    fn came(&self) -> Vec<Instant> {
        let mut came = self.came.lock().unwrap().clone();
        came.sort();
        came
    }
}

fn answer(mut stream: TcpStream, came: &Mutex<Vec<Instant>>) {
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(n_read @ 1..) = stream.read(&mut buffer) {
        let now = Instant::now();
        head.extend_from_slice(&buffer[..n_read]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        came.lock().unwrap().push(now);
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}

/// A run with what wakes whoever waits for a moment of it.
struct Steered {
    run: LiveRun,
    woken: Receiver<()>,
    library: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Steered {
    fn start(load: &str, journey: &str, server: &CountingServer, transport: &str) -> Self {
        let address = server.address;
        let text = format!(
            "format = 1\nname = \"Steered\"\nbase_url = \"http://{address}\"\n[transport]\nuse = \"{transport}\"\n\
             [load]\n{load}\n[[journeys]]\nname = \"Look\"\n{journey}"
        );
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("runs.db");
        let (wake, woken) = channel();
        let run = launch(Launch {
            scenario: parse_scenario(&text).unwrap().0,
            files_root: None,
            time_scale: 1.0,
            n_workers: None,
            labels: RunLabels::new(),
            sandbox: None,
            library: &library,
            look_back: LookBack::All,
            wake: Box::new(move || _ = wake.send(())),
        })
        .unwrap();
        Self { run, woken, library, _folder: folder }
    }

    /// Waits until the run is that old.
    fn wait_until(&self, elapsed: Duration) {
        while self.run.snapshot().elapsed < elapsed {
            self.woken.recv().unwrap();
        }
    }

    fn record(&self) -> RunRecord {
        self.run.wait();
        assert_eq!(self.run.trouble(), None);
        Library::open(&self.library).unwrap().load(self.run.run_id()).unwrap()
    }
}

fn two_steps(think_time: &str) -> String {
    let step =
        |path| format!("[[journeys.steps]]\nname = \"{path}\"\nmethod = \"GET\"\npath = \"/{path}\"\n");
    format!("think_time = \"{think_time}\"\n{}{}", step("a"), step("b"))
}

/// Pauses a run for a while; what the target saw of it.
fn check_pause(load: &str, transport: &str) {
    let server = CountingServer::start();
    let steered = Steered::start(load, &two_steps("150ms"), &server, transport);
    steered.wait_until(Duration::from_millis(1_500));
    let ordered_at = Instant::now();
    assert!(steered.run.change_plan(PlanChangeKind::Pause));
    let ordered = steered.run.snapshot().elapsed;
    steered.wait_until(ordered + 2 * STOPS_WITHIN);
    let n_connections = server.n_connections();
    steered.wait_until(ordered + PAUSE);
    assert_eq!(server.n_connections(), n_connections, "{transport}: {load}: connections are kept");
    let resumed_at = Instant::now();
    assert!(steered.run.change_plan(PlanChangeKind::Resume));
    let record = steered.record();

    let case = format!("{transport}: {load}");
    let came = server.came();
    let in_pause = came.iter().filter(|came| (ordered_at + STOPS_WITHIN..resumed_at).contains(*came)).count();
    assert_eq!(in_pause, 0, "{case}");
    let last = came.iter().filter(|came| **came < resumed_at).max().unwrap();
    println!("{case}: last request {:?} after the order", last.saturating_duration_since(ordered_at));
    assert!(came.iter().any(|came| *came > resumed_at), "{case}");
    let summary = summarize(&record).unwrap();
    assert_eq!(summary.whole.stats.counters.n_reconnects, 0, "{case}");
    assert_eq!(summary.whole.stats.counters.n_errors(), 0, "{case}");
    let slowest = summary.whole.stats.response_time.max().unwrap();
    assert!(slowest < PAUSE / 2, "{case}: {slowest:?}");
    let plan = record.plan();
    if let Some(n_planned) = plan.n_planned_requests() {
        let start = Plan::new(&record.start.scenario, 1.0);
        assert_eq!((came.len() as u64, Some(n_planned)), (n_planned, start.n_planned_requests()), "{case}");
    }
    let text = report::markdown(&Paper::new(&record, &summary, &Diagnosis::default()));
    assert!(text.contains("no response time holds a pause"), "{case}");
}

#[test]
fn a_pause_stops_sending_at_once_keeps_connections_and_is_in_no_response_time() {
    let open = "model = \"open\"\nmax_users = 100\n[[load.stages]]\nname = \"Hold\"\nduration = \"3s\"\nrate = 50\n\
                shape = \"step\"";
    let closed = "model = \"closed\"\n[[load.stages]]\nname = \"Hold\"\nduration = \"3s\"\nusers = 12\nshape = \"step\"";
    for load in [open, closed] {
        for transport in ["wire", "reqwest"] {
            check_pause(load, transport);
        }
    }
}

#[test]
fn a_future_redrawn_in_mid_run_is_what_the_target_counts() {
    let server = CountingServer::start();
    let load = "model = \"open\"\n[[load.stages]]\nname = \"Hold\"\nduration = \"4s\"\nrate = 300\nshape = \"step\"\n\
                [[load.stages]]\nname = \"Rest\"\nduration = \"2s\"\nrate = 100\nshape = \"step\"";
    let journey = "[[journeys.steps]]\nname = \"a\"\nmethod = \"GET\"\npath = \"/a\"\n";
    let steered = Steered::start(load, journey, &server, "wire");
    steered.wait_until(Duration::from_secs(2));
    let high =
        Stage { name: "High".into(), duration: Duration::from_secs(3), end_level: 600.0, shape: Shape::Step };
    let ordered = steered.run.change_plan_by(|plan, at| {
        let left = plan.stages()[0].end + Duration::from_secs(1) - at;
        let present = Some(PresentEnd { left, level: 600.0 });
        Some(PlanChangeKind::Redraw { present, stages: vec![high] }.into())
    });
    assert!(ordered);
    let record = steered.record();

    let (planned, edited) = (Plan::new(&record.start.scenario, 1.0), record.plan());
    let names = |plan: &Plan| plan.stages().iter().map(|stage| stage.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(&planned), names(&edited)),
        (vec!["Hold".into(), "Rest".into()], vec!["Hold".into(), "High".into()])
    );
    assert_eq!(edited.duration(), Duration::from_secs(8));
    let came = server.came();
    assert_eq!(Some(came.len() as u64), edited.n_planned_iterations());
    // The target's clock, by the first request and when that was meant to come.
    let start = came[0] - edited.intended_starts().next().unwrap();
    let seconds = Duration::from_secs;
    for (from, to) in [(0, 2), (2, 5), (5, 8)] {
        check_count(&edited, &came, start, (seconds(from), seconds(to)), Duration::ZERO);
    }
    for second in 0..8 {
        check_count(&edited, &came, start, (seconds(second), seconds(second + 1)), LATE);
    }
    let summary = summarize(&record).unwrap();
    let text = report::markdown(&Paper::new(&record, &summary, &Diagnosis::default()));
    for told in ["Hold now ends at 0:05 at 600/s", "High was added", "Rest was dropped", "not planned"] {
        assert!(text.contains(told), "{told}");
    }
    let json = report::json(&Paper::new(&record, &summary, &Diagnosis::default()));
    assert_eq!(json["stages_replanned"][0]["planned"]["end_level"], 300.0);
    assert_eq!(json["stages_replanned"][0]["changed"]["end_level"], 600.0);
    assert!(json["plan_changes"][0]["at_secs"].as_f64().unwrap() > 2.0);
}

/// What came within a stretch of the run is within 1 % of what the plan asks for, or of what came late.
fn check_count(
    plan: &Plan,
    came: &[Instant],
    start: Instant,
    (from, to): (Duration, Duration),
    late: Duration,
) {
    let n_came = came.iter().filter(|came| (start + from..start + to).contains(*came)).count() as f64;
    let asked = plan.area_at(to) - plan.area_at(from);
    let put_off = plan.level_at(from).max(plan.level_at(to)) * late.as_secs_f64();
    println!("{from:?} to {to:?}: {n_came} of {asked:.1}, {:+.2} %", (n_came / asked - 1.0) * 100.0);
    assert!((n_came - asked).abs() <= asked * 0.01 + put_off, "{from:?} to {to:?}: {n_came} of {asked}");
}
