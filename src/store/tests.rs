//! The room through its door: what is kept reads back, whatever happens in between.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::metrics::{
    Annotation, Caveat, CaveatKind, EncodedStats, EngineFacts, Environment, ErrorExemplar, ErrorGroup,
    Finish, HostSample, IntervalRow, IntervalStats, Journal as _, LatencyHistogram, LoadStats, Outcome,
    RunDigest, RunEnd, RunId, RunRecord, RunStart, StepStats, Verdict, Weight,
};
use crate::model::{Segment, parse_scenario};

struct Desk {
    _folder: TempDir,
    library: Library,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("kept/library.sqlite")).unwrap();
    Desk { _folder: folder, library }
}

impl Desk {
    fn path(&self) -> &Path {
        self.library.path()
    }

    /// A finished run without seconds.
    fn short_run(&self, started_at_unix_millis: i64, name: &str) -> RunId {
        let mut start = start();
        start.started_at_unix_millis = started_at_unix_millis;
        start.scenario.name = name.to_owned();
        let mut writer = self.library.begin_run(&start).unwrap();
        writer.finish(&end(Finish::Completed)).unwrap();
        writer.run_id()
    }

    fn listed(&self) -> Vec<i64> {
        self.library.runs().unwrap().iter().map(|listing| listing.run_id.0).collect()
    }

    fn baselines(&self) -> Vec<i64> {
        let runs = self.library.runs().unwrap();
        runs.iter().filter(|listing| listing.is_baseline).map(|listing| listing.run_id.0).collect()
    }

    fn lock_files(&self) -> usize {
        fs::read_dir(self.path().parent().unwrap())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "lock"))
            .count()
    }
}

fn start() -> RunStart {
    let (scenario, _) = parse_scenario(preset("quickstart").unwrap().text).unwrap();
    RunStart {
        started_at_unix_millis: 1_790_000_000_123,
        scenario,
        time_scale: 0.5,
        base_url: "http://127.0.0.1:49152".to_owned(),
        labels: BTreeMap::from([
            ("commit".to_owned(), "4f2a".to_owned()),
            ("team".to_owned(), "ä \"b\"".to_owned()),
        ]),
        environment: Environment {
            os: "Linux".to_owned(),
            n_cpus: 2,
            memory_bytes: u64::MAX,
            ..Default::default()
        },
        engine: EngineFacts {
            n_workers: 2,
            transport: "reqwest".to_owned(),
            timer: "tokio, 1 ms".to_owned(),
        },
    }
}

fn end(finish: Finish) -> RunEnd {
    let caveat = |kind, weight, text: &str| Caveat { kind, weight, text: text.to_owned() };
    RunEnd {
        finish,
        load_duration: Duration::from_nanos(29_999_999_999),
        n_abandoned: 3,
        n_counted_by_target: Some(1_234),
        caveats: vec![
            caveat(CaveatKind::StartLag, Weight::Weak, "started late"),
            caveat(CaveatKind::FewSamples, Weight::Note, "few"),
        ],
    }
}

fn interval(second: u32) -> IntervalStats {
    let mut stats = StepStats::default();
    for n in 1..=200 {
        stats.response_time.record(Duration::from_micros(u64::from(second) + 37 * n));
        stats.service_time.record(Duration::from_micros(31 * n));
    }
    stats.counters.n_by_outcome = [200, 1, 2, 3, 4, 5, 6];
    stats.counters.n_by_status_class = [10, 0, 200, 1, 5, 5];
    stats.counters.bytes_received = u64::MAX;
    let mut start_lag = LatencyHistogram::default();
    start_lag.record(Duration::from_micros(120));
    let row = |stage, warm_up, step| IntervalRow {
        segment: Segment { stage, warm_up },
        step,
        stats: stats.encode(),
    };
    IntervalStats {
        second,
        rows: vec![row(0, false, 0), row(0, true, 0), row(0, true, 1), row(1, false, 0)],
        load: LoadStats {
            span: Duration::from_nanos(999_999_999),
            asked_level: 0.1 + 0.2,
            n_due: 220,
            n_started: 219,
            n_dropped: 1,
            n_completed: 218,
            n_sent: 221,
            n_users: 7,
            n_in_flight: 2,
            start_lag: start_lag.encode(),
            host: second.is_multiple_of(2).then_some(HostSample {
                process_cpu_ratio: 1.0 / 3.0,
                machine_cpu_ratio: 0.5,
                memory_used_ratio: 0.7,
                process_memory_bytes: 12_345_678,
            }),
        },
    }
}

fn error_group(signature: &str, n_errors: u64) -> ErrorGroup {
    ErrorGroup {
        step: 1,
        outcome: Outcome::Status,
        signature: signature.to_owned(),
        n_errors,
        first_seen: Duration::from_millis(1_500),
        last_seen: Duration::from_millis(1_500 + n_errors),
        exemplars: vec![ErrorExemplar {
            at: Duration::from_millis(1_500),
            request: "GET http://127.0.0.1/a?b='c'".to_owned(),
            detail: "503 \u{1F480} \n\"".to_owned(),
        }],
    }
}

fn annotation(at_millis: u64, text: &str) -> Annotation {
    Annotation { at: Duration::from_millis(at_millis), text: text.to_owned() }
}

#[test]
fn everything_kept_of_a_run_reads_back_equal() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    let (stays, grows) = (error_group("HTTP 503", 1), error_group("HTTP 500", 1));
    writer.interval(&interval(0), &[stays.clone(), grows]).unwrap();
    writer.annotation(&annotation(900, "deploy 'x'")).unwrap();
    let grown = error_group("HTTP 500", 40);
    writer.interval(&interval(1), std::slice::from_ref(&grown)).unwrap();
    writer.annotation(&annotation(1_900, "stop")).unwrap();
    writer.finish(&end(Finish::Stopped)).unwrap();
    let run_id = writer.run_id();
    drop(writer);
    desk.library.add_tag(run_id, "release").unwrap();
    desk.library.replace_note(run_id, "first try").unwrap();

    let expected = RunRecord {
        run_id,
        start: start(),
        end: end(Finish::Stopped),
        intervals: vec![interval(0), interval(1)],
        error_groups: vec![stays, grown],
        annotations: vec![annotation(900, "deploy 'x'"), annotation(1_900, "stop")],
        tags: vec!["release".to_owned()],
        note: "first try".to_owned(),
        is_baseline: false,
    };
    assert_eq!(desk.library.load(run_id).unwrap(), expected);
    assert_eq!(Library::open(desk.path()).unwrap().load(run_id).unwrap(), expected);
    assert_eq!(desk.lock_files(), 0);
}

#[test]
fn a_run_whose_writer_is_gone_is_interrupted_and_keeps_all_its_seconds() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    (0..8).for_each(|second| writer.interval(&interval(second), &[]).unwrap());
    let run_id = writer.run_id();
    drop(writer);
    let record = desk.library.load(run_id).unwrap();
    assert_eq!((record.end.finish, record.intervals.len()), (Finish::Interrupted, 8));
    assert_eq!(record.end.load_duration, Duration::from_nanos(7_999_999_999));
    let listing = desk.library.runs().unwrap().remove(0);
    assert_eq!((listing.finish, listing.n_seconds), (Finish::Interrupted, 8));
    assert_eq!(desk.lock_files(), 0);
}

/// Names the library to a child that writes until it is killed.
const KILLED_WRITERS_LIBRARY: &str = "STAGEWRIGHT_TEST_KILLED_WRITERS_LIBRARY";

#[test]
fn a_killed_program_leaves_every_second_that_it_wrote() {
    if let Some(path) = std::env::var_os(KILLED_WRITERS_LIBRARY) {
        return write_until_killed(Path::new(&path));
    }
    let desk = desk();
    // This very test as another process.
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "store::tests::a_killed_program_leaves_every_second_that_it_wrote"])
        .env(KILLED_WRITERS_LIBRARY, desk.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let written = lines.filter(|line| line == "written").take(8).count();
    assert_eq!((written, desk.library.runs().unwrap()[0].finish), (8, Finish::Running));
    child.kill().unwrap();
    child.wait().unwrap();
    let record = desk.library.load(RunId(1)).unwrap();
    let expected: Vec<_> = (0..8).map(interval).collect();
    assert_eq!((record.end.finish, &record.intervals[..8]), (Finish::Interrupted, expected.as_slice()));
}

fn write_until_killed(path: &Path) {
    let mut writer = Library::open(path).unwrap().begin_run(&start()).unwrap();
    for second in 0..8 {
        writer.interval(&interval(second), &[]).unwrap();
        println!("\nwritten");
    }
    // Ends by itself when the parent is gone.
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn a_run_without_its_lock_file_is_interrupted_for_no_longer_than_its_plan() {
    let desk = desk();
    let start = start();
    let mut writer = desk.library.begin_run(&start).unwrap();
    writer.interval(&interval(3_600), &[]).unwrap();
    let run_id = writer.run_id();
    // As on a copy of the library that was taken to another machine in mid-run.
    fs::remove_file(format!("{}.run-{run_id}.lock", desk.path().display())).unwrap();
    let record = Library::open(desk.path()).unwrap().load(run_id).unwrap();
    assert_eq!(
        (record.end.finish, record.end.load_duration),
        (Finish::Interrupted, record.plan().duration())
    );
}

#[test]
fn a_run_under_way_reads_as_running_with_what_it_has() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    let other = Library::open(desk.path()).unwrap();
    for second in 0..3 {
        writer.interval(&interval(second), &[]).unwrap();
        let listing = other.runs().unwrap().remove(0);
        assert_eq!((listing.finish, listing.n_seconds), (Finish::Running, second + 1));
    }
    let record = other.load(writer.run_id()).unwrap();
    assert_eq!(record.end.load_duration, Duration::from_nanos(2_999_999_999));
    assert!(matches!(other.delete(writer.run_id()), Err(StoreError::RunGoesOn(_))));
    writer.finish(&end(Finish::Completed)).unwrap();
    assert_eq!(other.runs().unwrap()[0].finish, Finish::Completed);
}

#[test]
fn a_second_that_did_not_fit_leaves_nothing_and_fits_when_offered_again() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    writer.interval(&interval(0), &[]).unwrap();
    writer.limit_pages(1);
    let error = (1..100)
        .find_map(|second| writer.interval(&interval(second), &[]).err())
        .expect("the library cannot grow");
    assert!(error.0.contains("the disk is full"), "{error}");
    let n_kept = desk.library.runs().unwrap()[0].n_seconds;
    writer.limit_pages(u32::MAX - 1);
    writer.interval(&interval(n_kept), &[error_group("HTTP 503", 2)]).unwrap();
    // Offered twice, because the first answer was lost.
    writer.interval(&interval(n_kept), &[error_group("HTTP 503", 2)]).unwrap();
    writer.finish(&end(Finish::Completed)).unwrap();
    let record = desk.library.load(writer.run_id()).unwrap();
    let expected: Vec<_> = (0..=n_kept).map(interval).collect();
    assert_eq!(record.intervals, expected);
    assert_eq!(record.error_groups, [error_group("HTTP 503", 2)]);
}

#[test]
fn runs_list_newest_first_with_what_was_said_about_them() {
    let desk = desk();
    for n in 0..200 {
        // Started in another order than numbered.
        desk.short_run(1_000 * (n * 7 % 200), "Checkout");
    }
    let runs = desk.library.runs().unwrap();
    assert_eq!(runs.len(), 200);
    assert!(runs.windows(2).all(|pair| pair[0].started_at_unix_millis > pair[1].started_at_unix_millis));
    let first = runs[0].run_id;
    let digest = RunDigest {
        verdict: Verdict::Fail,
        window: "steady".to_owned(),
        n_requests: 12,
        p95: Some(Duration::from_nanos(1_234_567)),
        throughput_per_sec: 0.1 + 0.2,
        error_ratio: None,
    };
    desk.library.keep_digest(first, &digest).unwrap();
    desk.library.add_tag(first, "b").unwrap();
    desk.library.add_tag(first, "a").unwrap();
    let listing = desk.library.runs().unwrap().remove(0);
    assert_eq!((listing.digest, listing.tags), (Some(digest), vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!((listing.base_url.as_str(), &listing.labels), ("sandbox:", &start().labels));
    let duration = desk.library.load(first).unwrap().plan().duration().as_secs_f64();
    assert_eq!(listing.profile.last().unwrap().0, duration);
}

#[test]
fn a_reference_finds_its_run_or_says_which_there_are() {
    let desk = desk();
    let message = |reference: &str| desk.library.resolve(reference).unwrap_err().to_string();
    assert!(message("latest").contains("no runs yet"));
    assert!(message("7").contains("no runs yet"));
    for started_at in [10, 30, 20] {
        desk.short_run(started_at, "Checkout");
    }
    assert_eq!(desk.library.resolve("latest").unwrap(), RunId(2));
    assert_eq!(desk.library.resolve(" #3 ").unwrap(), RunId(3));
    assert!(message("7").contains("there is no run 7; the library holds runs 1 to 3"), "{}", message("7"));
    assert!(message("baseline").contains("no run is marked as baseline"));
    assert!(message("lates").contains("`lates` names no run"));
    desk.library.mark_baseline(RunId(3), true).unwrap();
    assert_eq!(desk.library.resolve("baseline").unwrap(), RunId(3));
    desk.library.delete(RunId(2)).unwrap();
    assert!(message("2").contains("run 2 was deleted"));
    assert!(message("9").contains("2 runs between 1 and 3"), "{}", message("9"));
}

#[test]
fn a_scenario_has_one_baseline_and_others_keep_theirs() {
    let desk = desk();
    let [first, second, other] = [(1, "Checkout"), (2, "Checkout"), (3, "Search")]
        .map(|(started_at, name)| desk.short_run(started_at, name));
    desk.library.mark_baseline(other, true).unwrap();
    desk.library.mark_baseline(first, true).unwrap();
    desk.library.mark_baseline(first, true).unwrap();
    assert_eq!(desk.baselines(), [other.0, first.0]);
    desk.library.delete(first).unwrap();
    desk.library.mark_baseline(second, true).unwrap();
    desk.library.restore(first).unwrap();
    assert_eq!(desk.baselines(), [other.0, second.0]);
    desk.library.mark_baseline(first, false).unwrap();
    desk.library.mark_baseline(other, false).unwrap();
    assert_eq!(desk.baselines(), [second.0]);
}

#[test]
fn a_deleted_run_comes_back_until_it_is_purged() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    (0..200).for_each(|second| writer.interval(&interval(second), &[]).unwrap());
    writer.finish(&end(Finish::Completed)).unwrap();
    let run_id = writer.run_id();
    drop(writer);
    let kept = desk.short_run(1, "Checkout");
    desk.library.delete(run_id).unwrap();
    assert_eq!(desk.listed(), [kept.0]);
    assert!(matches!(desk.library.load(run_id), Err(StoreError::DeletedRun(_))));
    assert!(matches!(desk.library.add_tag(run_id, "a"), Err(StoreError::DeletedRun(_))));
    desk.library.restore(run_id).unwrap();
    assert_eq!(desk.library.load(run_id).unwrap().intervals.len(), 200);
    desk.library.delete(run_id).unwrap();
    desk.library.connection.pragma_query(None, "wal_checkpoint", |_| Ok(())).unwrap();
    let full = fs::metadata(desk.path()).unwrap().len();
    desk.library.purge().unwrap();
    assert!(matches!(desk.library.restore(run_id), Err(StoreError::NoSuchRun { .. })));
    let emptied = fs::metadata(desk.path()).unwrap().len();
    assert!(emptied * 3 < full, "{emptied} of {full} bytes are left");
    assert_eq!(desk.listed(), [kept.0]);
    assert!(desk.short_run(2, "Checkout") > run_id, "numbers are not given twice");
}

#[test]
fn tags_are_trimmed_and_told_apart() {
    let desk = desk();
    let run_id = desk.short_run(1, "Checkout");
    for tag in ["  night ", "night", "Night", "ü \u{1F680}; DROP TABLE tags"] {
        desk.library.add_tag(run_id, tag).unwrap();
    }
    assert!(matches!(desk.library.add_tag(run_id, " \t"), Err(StoreError::EmptyTag)));
    assert!(matches!(desk.library.add_tag(RunId(99), "a"), Err(StoreError::NoSuchRun { .. })));
    assert_eq!(desk.library.runs().unwrap()[0].tags, ["Night", "night", "ü \u{1F680}; DROP TABLE tags"]);
    desk.library.remove_tag(run_id, " night").unwrap();
    desk.library.remove_tag(run_id, "never there").unwrap();
    assert_eq!(desk.library.runs().unwrap()[0].tags.len(), 2);
}

#[test]
fn any_text_is_kept_as_note_and_setting() {
    let desk = desk();
    let run_id = desk.short_run(1, "Robert'); DROP TABLE runs;--");
    let long = "ä".repeat(100_000);
    for text in [
        "",
        "'",
        "\"quoted\"",
        "a\nb\r\n\tc",
        "näïve 日本語 \u{1F469}\u{200D}\u{1F680}",
        "\0 inside",
        "%_?1 :a @b",
        &long,
    ] {
        desk.library.replace_note(run_id, text).unwrap();
        assert_eq!(desk.library.load(run_id).unwrap().note, text);
        desk.library.keep_setting("key", "before").unwrap();
        desk.library.keep_setting("key", text).unwrap();
        desk.library.keep_setting(text, text).unwrap();
        assert_eq!(desk.library.setting("key").unwrap().as_deref(), Some(text));
        assert_eq!(Library::open(desk.path()).unwrap().setting(text).unwrap().as_deref(), Some(text));
    }
    assert_eq!(desk.library.setting("never kept").unwrap(), None);
}

#[test]
fn a_library_that_cannot_be_written_still_tells_interrupted_runs() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    writer.interval(&interval(0), &[]).unwrap();
    let run_id = writer.run_id();
    drop(writer);
    // As on a full disk.
    desk.library.connection.pragma_update(None, "query_only", true).unwrap();
    assert_eq!(desk.library.runs().unwrap()[0].finish, Finish::Interrupted);
    let record = desk.library.load(run_id).unwrap();
    assert_eq!(record.end.finish, Finish::Interrupted);
    assert_eq!(record.end.load_duration, Duration::from_nanos(999_999_999));
}

#[test]
fn a_value_that_cannot_be_read_says_so() {
    let desk = desk();
    let run_id = desk.short_run(1, "Checkout");
    desk.library.connection.execute("UPDATE runs SET engine = '{'", []).unwrap();
    let message = desk.library.load(run_id).unwrap_err().to_string();
    assert!(message.contains("cannot read the run: something in it makes no sense"), "{message}");
}

/// The tables and indexes of a library, as SQL.
fn schema_of(library: &Library) -> Vec<String> {
    let sql = "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name";
    let mut statement = library.connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

// The file was written by the first program that had libraries, and is never written again.
#[test]
fn a_library_of_the_first_format_opens_with_all_that_it_holds() {
    let desk = desk();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library-v1.sqlite");
    let path = desk.path().with_file_name("old.sqlite");
    fs::copy(old, &path).unwrap();
    let library = Library::open(&path).unwrap();
    assert_eq!(schema_of(&library), schema_of(&desk.library));
    assert_eq!(library.setting("theme").unwrap().as_deref(), Some("dark"));

    let runs = library.runs().unwrap();
    assert_eq!(runs.iter().map(|run| run.run_id.0).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((runs[0].finish, runs[0].n_seconds), (Finish::Interrupted, 1));
    assert_eq!((runs[1].is_baseline, runs[1].digest.as_ref().unwrap().n_requests), (true, 663));

    let record = library.load(RunId(1)).unwrap();
    assert_eq!((record.start.scenario.name.as_str(), record.start.scenario.n_steps()), ("Old checkout", 2));
    assert_eq!((record.start.time_scale, record.plan().duration()), (0.5, Duration::from_secs(5)));
    assert_eq!(
        (record.start.base_url.as_str(), record.start.labels["commit"].as_str()),
        ("http://127.0.0.1:49152", "4f2a")
    );
    assert_eq!(record.end, end(Finish::Stopped));
    assert_eq!(
        (record.tags.as_slice(), record.note.as_str()),
        (["release".to_owned()].as_slice(), "kept since 1")
    );
    assert_eq!(record.annotations, [annotation(900, "deploy 'x'")]);
    assert_eq!(record.error_groups, [error_group("HTTP 503", 40)]);
    assert_eq!(record.intervals.iter().map(|interval| interval.second).collect::<Vec<_>>(), [0, 1, 2]);
    for (kept, expected) in record.intervals.iter().zip((0..).map(interval)) {
        // Not the bytes: the same histogram may be compressed in another way tomorrow.
        let plain = |stats: &EncodedStats| {
            let decoded =
                [&stats.response_time, &stats.service_time, &stats.error_time].map(|h| h.decode().unwrap());
            (stats.counters, decoded)
        };
        let rows = |interval: &IntervalStats| {
            let row = |row: &IntervalRow| (row.segment, row.step, plain(&row.stats));
            interval.rows.iter().map(row).collect::<Vec<_>>()
        };
        assert_eq!(rows(kept), rows(&expected));
        assert_eq!(kept.load.start_lag.decode().unwrap(), expected.load.start_lag.decode().unwrap());
        assert_eq!((kept.load.host, kept.load.n_due), (expected.load.host, expected.load.n_due));
    }
}

#[track_caller]
fn check_refused(path: &Path, expected: &str) {
    let before = path.is_file().then(|| fs::read(path).unwrap());
    let message = Library::open(path).err().expect("refused").to_string();
    assert!(message.contains(expected), "{message}");
    assert_eq!(before, path.is_file().then(|| fs::read(path).unwrap()));
    assert!(!Path::new(&format!("{}-wal", path.display())).exists());
}

#[test]
fn what_is_no_library_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    check_refused(folder.path(), "it is a folder");
    fs::write(&path, "name = \"a scenario\"\n".repeat(20)).unwrap();
    check_refused(&path, "it is no SQLite file");
    check_refused(&path.join("library.sqlite"), "run library's folder");
    fs::write(&path, "SQLite format 3\0").unwrap();
    check_refused(&path, "it was cut off");
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    check_refused(&path, "it belongs to another program");
}

#[test]
fn a_library_of_a_newer_program_is_refused_with_what_to_do() {
    let desk = desk();
    let path = desk.path().to_path_buf();
    drop(desk.library);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    check_refused(&path, "update Stagewright");
}

#[test]
fn a_library_that_was_cut_off_is_refused() {
    let desk = desk();
    let path = desk.path().to_path_buf();
    drop(desk.library);
    let length = fs::metadata(&path).unwrap().len();
    fs::File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    check_refused(&path, "it was cut off");
}

#[test]
fn programs_that_make_the_same_library_at_once_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..8)
            .map(|n: u32| {
                let path = &path;
                scope.spawn(move || {
                    Library::open(path)?.keep_setting(&n.to_string(), "kept")?;
                    Library::open(path)?.begin_run(&start()).map(|writer| writer.run_id())
                })
            })
            .collect();
        let mut numbers: Vec<_> =
            opened.into_iter().map(|thread| thread.join().unwrap().unwrap().0).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    });
}
