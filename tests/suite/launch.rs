//! From press to kept record, on real traffic.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use stagewright::launch::{Launch, LaunchError, LiveRun, launch};
use stagewright::metrics::{Finish, LookBack, Phase, RunLabels};
use stagewright::model::{Scenario, parse_scenario};
use stagewright::sandbox::{SandboxProcess, count_received};
use stagewright::store::Library;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stagewright");

/// Forty iterations of two requests within two seconds.
fn scenario(base_url: &str) -> Scenario {
    let text = format!(
        r#"
format = 1
name = "Launch"
base_url = "{base_url}"
[load]
model = "open"
[[load.stages]]
name = "Hold"
duration = "2s"
rate = 20
shape = "step"
[[journeys]]
name = "Look"
[[journeys.steps]]
name = "Health"
method = "GET"
path = "/gateway/health"
checks = [{{ status = 200 }}]
[[journeys.steps]]
name = "Wallet"
method = "GET"
path = "/mint/wallet"
[[thresholds]]
metric = "error_share"
limit = "1%"
"#
    );
    parse_scenario(&text).unwrap().0
}

fn start(
    base_url: &str,
    library: &Path,
    wake: impl Fn() + Send + Sync + 'static,
) -> Result<LiveRun, LaunchError> {
    let labels = RunLabels::from([("commit".to_owned(), "abc".to_owned())]);
    launch(Launch {
        scenario: scenario(base_url),
        files_root: None,
        time_scale: 1.0,
        n_workers: None,
        labels,
        sandbox: None,
        library,
        look_back: LookBack::All,
        wake: Box::new(wake),
    })
}

#[test]
fn a_run_is_watched_kept_and_summed_up() {
    let sandbox = SandboxProcess::start_program(Path::new(PROGRAM)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let n_woken = Arc::new(AtomicU32::new(0));
    let run = start(sandbox.base_url(), &path, {
        let n_woken = n_woken.clone();
        move || {
            n_woken.fetch_add(1, Ordering::Relaxed);
        }
    })
    .unwrap();
    run.annotate("under way");
    run.wait();

    assert!(run.is_kept());
    assert_eq!(run.trouble(), None);
    assert!(n_woken.load(Ordering::Relaxed) > 5);
    let snapshot = run.snapshot();
    assert_eq!((snapshot.phase, snapshot.n_requests, snapshot.n_errors), (Phase::Finished, 80, 0));
    assert_eq!(count_received(sandbox.base_url()), Some(80));

    let library = Library::open(&path).unwrap();
    let listing = &library.runs().unwrap()[0];
    assert_eq!((listing.run_id, listing.finish), (run.run_id(), Finish::Completed));
    assert_eq!(listing.digest.as_ref().map(|digest| digest.n_requests), Some(80));
    let record = library.load(run.run_id()).unwrap();
    assert_eq!(record.start.labels["commit"], "abc");
    assert!(record.start.environment.n_cpus > 0);
    assert_eq!(record.annotations[0].text, "under way");
    assert!(record.intervals.iter().any(|interval| interval.load.host.is_some()));
    let generator = record.intervals[0].load.generator.as_ref().unwrap();
    assert!(!generator.hiccups.decode().unwrap().is_empty());
    assert!(record.start.engine.clock_grain.is_some());
    assert_eq!(record.start.engine.max_open_files.is_some(), cfg!(unix));
    // Only a sandbox of our own is asked for its count.
    assert_eq!(record.end.n_counted_by_target, None);
}

#[test]
fn a_run_that_nobody_holds_any_more_is_kept_all_the_same() {
    let sandbox = SandboxProcess::start_program(Path::new(PROGRAM)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let (woken, wakes) = std::sync::mpsc::channel();
    let run = start(sandbox.base_url(), &path, move || {
        let _ = woken.send(());
    })
    .unwrap();
    let run_id = run.run_id();
    run.stop();
    drop(run);
    // The last wake comes once the run is kept; then nobody is left to wake anybody.
    for () in wakes {}
    let library = Library::open(&path).unwrap();
    assert_eq!(library.load(run_id).unwrap().end.finish, Finish::Stopped);
    assert!(library.runs().unwrap()[0].digest.is_some());
}

#[test]
fn nothing_is_written_when_the_target_does_not_answer() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let error = start(&base_url, &path, || ()).err().unwrap();
    assert!(matches!(error, LaunchError::Unreachable(_)), "{error}");
    assert!(!path.exists());
}
