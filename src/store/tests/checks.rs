//! Damaged libraries: really damaged files, what is told of them and what is saved.

use std::path::PathBuf;

use super::*;

/// A library of three runs on disk, closed; and its folder.
fn closed(n_seconds: u32) -> (TempDir, PathBuf) {
    let Desk { _folder, library } = desk();
    for n in 1..=3 {
        let mut start = start();
        start.started_at_unix_millis += n;
        let mut writer = library.begin_run(&start).unwrap();
        let seconds = 0..n_seconds;
        seconds.for_each(|second| writer.interval(&interval(second), &[error_group("HTTP 503", 2)]).unwrap());
        writer.finish(&end(Finish::Completed)).unwrap();
        library.keep_packs(writer.run_id()).unwrap();
        library.add_tag(writer.run_id(), "release").unwrap();
        keep_some_digest(&library, writer.run_id());
    }
    library.keep_setting("theme", "dark").unwrap();
    let path = library.path().to_path_buf();
    drop(library);
    (_folder, path)
}

fn keep_some_digest(library: &Library, run_id: RunId) {
    let digest = RunDigest {
        verdict: Verdict::Pass,
        window: "steady".to_owned(),
        n_requests: 12,
        p95: None,
        throughput_per_sec: 1.0,
        error_ratio: None,
        mean: None,
        p50: None,
        p90: None,
        p99: None,
        quality: None,
        p95_interval: None,
        p95_beyond: None,
    };
    library.keep_digest(run_id, &digest).unwrap();
}

fn edit(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn texts(checkup: &Checkup) -> String {
    checkup.findings.iter().map(|finding| format!("{:?}: {}\n", finding.run_id, finding.text)).collect()
}

fn losses(repaired: &Repaired) -> Vec<(Option<i64>, &str)> {
    repaired.losses.iter().map(|loss| (loss.run_id.map(|run_id| run_id.0), loss.text.as_str())).collect()
}

/// The library is sound, and all its runs open.
#[track_caller]
fn check_whole(path: &Path) -> Library {
    let library = Library::open(path).unwrap();
    for listing in library.runs().unwrap() {
        library.open_run(listing.run_id).unwrap();
        keep_some_digest(&library, listing.run_id);
    }
    drop(library);
    let checkup = check_library(path).unwrap();
    assert!(checkup.is_sound(), "{}", texts(&checkup));
    Library::open(path).unwrap()
}

#[test]
fn a_sound_library_is_said_to_be_and_left_alone() {
    let (_folder, path) = closed(12);
    let checkup = check_library(&path).unwrap();
    assert_eq!((checkup.n_runs, texts(&checkup).as_str()), (3, ""));
    let repaired = repair_library(&path).unwrap();
    assert_eq!((repaired.old_file, repaired.losses.len()), (None, 0));
    let missing = path.with_file_name("missing.sqlite");
    assert!(check_library(&missing).is_err() && !missing.exists(), "asking makes none");
    let text = path.with_file_name("text");
    fs::write(&text, "no library ".repeat(20)).unwrap();
    assert!(matches!(repair_library(&text), Err(StoreError::NotALibrary { .. })));
}

#[test]
fn what_is_derived_is_made_anew_in_place() {
    let (_folder, path) = closed(12);
    edit(
        &path,
        "UPDATE runs SET fingerprint = '' WHERE run_id = 1; UPDATE run_packs SET checksum = 1 WHERE run_id = 2",
    );
    edit(&path, "UPDATE runs SET digest = NULL WHERE run_id = 3; INSERT INTO settings VALUES ('a', 'b')");
    fs::write(format!("{}.run-3.lock", path.display()), "").unwrap();
    let checkup = check_library(&path).unwrap();
    let said = texts(&checkup);
    for expected in ["fingerprint is missing", "missing or damaged", "headline numbers", "a lock of run 3"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!checkup.is_sound() && checkup.findings.len() == 4);
    let repaired = repair_library(&path).unwrap();
    assert_eq!((repaired.old_file, repaired.losses.len()), (None, 0));
    assert_eq!(repaired.without_digest, [RunId(3)]);
    assert!(!Path::new(&format!("{}.run-3.lock", path.display())).exists());
    check_whole(&path);
}

#[test]
fn a_run_without_seconds_is_worth_a_note_only() {
    let desk = desk();
    desk.short_run(1, "Checkout");
    let checkup = check_library(desk.path()).unwrap();
    assert!(checkup.is_sound() && texts(&checkup).contains("it has no seconds"), "{}", texts(&checkup));
}

#[test]
fn rows_that_do_not_read_back_are_taken_out_and_told() {
    let (_folder, path) = closed(12);
    edit(
        &path,
        "UPDATE runs SET labels = '{' WHERE run_id = 1;
         UPDATE runs SET profile = 'none' WHERE run_id = 1;
         UPDATE interval_rows SET response_time = x'00' WHERE run_id = 1 AND second IN (7, 8, 11);
         UPDATE scenarios SET toml = 'format = ' WHERE run_id = 2;
         UPDATE error_groups SET exemplars = '[1]' WHERE run_id = 3;
         INSERT INTO interval_rows SELECT 77, second, stage, warm_up, step, n_ok, n_connect, n_tls, n_timeout,
             n_protocol, n_status, n_check, n_no_answer, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx, bytes_sent, bytes_received,
             response_time, service_time, error_time, n_connections, n_reconnects, dns, connect, tls, send, wait, receive
             FROM interval_rows WHERE run_id = 1 AND second = 0;
         INSERT INTO tags VALUES (78, 'orphan')",
    );
    let before = fs::read(&path).unwrap();
    let checkup = check_library(&path).unwrap();
    let said = texts(&checkup);
    for expected in [
        "its labels cannot be read",
        "these seconds of it cannot be read: 7 to 8, 11",
        "its scenario cannot be read",
        "a group of errors cannot be read",
        "of `interval_rows` belong to nothing",
        "of `tags` belong to nothing",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let repaired = repair_library(&path).unwrap();
    let old_file = repaired.old_file.as_ref().unwrap();
    assert!(old_file.to_str().unwrap().contains("library.sqlite.damaged-20"), "{}", old_file.display());
    assert!(fs::read(old_file).unwrap() == before, "the old file is untouched");
    assert_eq!(
        losses(&repaired),
        [
            (Some(1), "its labels"),
            (Some(1), "3 seconds: 7 to 8, 11"),
            (Some(2), "the run: its scenario cannot be read, and without it its numbers mean nothing"),
            (Some(3), "in which second which error occurred"),
            (Some(3), "a group of errors"),
        ]
    );
    let library = check_whole(&path);
    assert_eq!(library.runs().unwrap().iter().map(|run| run.run_id.0).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(library.setting("theme").unwrap().as_deref(), Some("dark"));
    let run = library.load(RunId(1)).unwrap();
    assert_eq!(run.intervals.len() as u32, 12 - 3);
    let caveat = run.end.caveats.last().unwrap();
    assert_eq!((caveat.kind, caveat.weight), (CaveatKind::Journal, Weight::Weak));
    assert!(caveat.text.contains("3 seconds: 7 to 8, 11"), "{}", caveat.text);
    assert_eq!(run.tags, ["release"]);
    let picture = library.runs().unwrap()[1].profile.last().unwrap().0;
    assert_eq!(picture, run.plan().duration().as_secs_f64());
    // Numbers of lost runs are given to no other.
    let mut writer = library.begin_run(&start()).unwrap();
    writer.finish(&end(Finish::Completed)).unwrap();
    assert_eq!(writer.run_id(), RunId(4));
}

/// Seconds that a run has, and those that are said to be lost, are all that there were.
#[track_caller]
fn check_nothing_goes_unsaid(path: &Path, repaired: &Repaired, n_seconds: u32) {
    let library = check_whole(path);
    for run_id in 1..=3 {
        let of_run: Vec<_> = losses(repaired).into_iter().filter(|(run, _)| *run == Some(run_id)).collect();
        match library.load(RunId(run_id)) {
            Ok(run) => {
                let n_kept = run.intervals.len() as u32;
                let tells_seconds = |text: &str| text.starts_with("second ") || text.contains("seconds");
                let is_told = of_run.iter().any(|(_, text)| tells_seconds(text));
                assert_eq!(n_kept < n_seconds, is_told, "run {run_id} has {n_kept} seconds: {of_run:?}");
                let lacks_errors = of_run.iter().any(|(_, text)| text.contains("which error"));
                for kept in intervals(&library, RunId(run_id)) {
                    let mut expected = interval(kept.second);
                    if lacks_errors {
                        expected.errors.clear();
                    }
                    assert!(kept == expected, "second {} of run {run_id}: {of_run:?}", kept.second);
                }
                if !of_run.iter().any(|(_, text)| text.contains("groups of errors")) {
                    assert_eq!(run.error_groups.len(), 1, "run {run_id}");
                }
                if !of_run.iter().any(|(_, text)| text.contains("starts")) {
                    assert!(run.end.starts.is_some(), "run {run_id}");
                }
            }
            Err(StoreError::NoSuchRun { .. } | StoreError::NoRuns) => {
                assert!(
                    of_run.iter().any(|(_, text)| text.starts_with("the run")),
                    "run {run_id}: {of_run:?}"
                );
            }
            Err(error) => panic!("run {run_id}: {error}"),
        }
    }
}

#[test]
fn whichever_page_is_destroyed_the_rest_is_saved() {
    let (_folder, path) = closed(12);
    let whole = fs::read(&path).unwrap();
    let page = 16 * 1_024;
    // The first page holds the list of tables, without which nothing can be told apart.
    let (mut n_saved, mut n_lossless) = (0, 0);
    let n_pages = whole.len() / page;
    for number in (1..n_pages).step_by(2) {
        let mut bytes = whole.clone();
        bytes[number * page..(number + 1) * page].fill(0xa5);
        fs::write(&path, &bytes).unwrap();
        let repaired = match repair_library(&path) {
            Ok(repaired) => repaired,
            Err(StoreError::NothingReadable { .. }) => {
                assert!(fs::read(&path).unwrap() == bytes, "left as it is");
                continue;
            }
            Err(error) => panic!("page {number}: {error}"),
        };
        if let Some(old_file) = &repaired.old_file {
            assert!(fs::read(old_file).unwrap() == bytes, "page {number}");
            fs::remove_file(old_file).unwrap();
        }
        check_nothing_goes_unsaid(&path, &repaired, 12);
        n_saved += 1;
        n_lossless += u32::from(repaired.losses.is_empty());
    }
    assert!(n_saved > 10 && n_lossless > 0, "{n_saved} saved, {n_lossless} of them whole");
}

#[test]
fn a_library_that_was_cut_off_is_saved_as_far_as_it_goes() {
    let (_folder, path) = closed(60);
    let length = fs::metadata(&path).unwrap().len();
    fs::File::options().write(true).open(&path).unwrap().set_len(length * 7 / 10 + 77).unwrap();
    let message = Library::open(&path).err().unwrap().to_string();
    assert!(message.contains("runs check --repair"), "{message}");
    assert!(!check_library(&path).unwrap().is_sound());
    let repaired = repair_library(&path).unwrap();
    assert!(!repaired.losses.is_empty());
    check_nothing_goes_unsaid(&path, &repaired, 60);
    let n_seconds: usize = {
        let library = Library::open(&path).unwrap();
        let runs = library.runs().unwrap();
        runs.iter().map(|run| run.n_seconds as usize).sum()
    };
    assert!((30..170).contains(&n_seconds), "{n_seconds} seconds are left");
}

#[test]
fn a_library_whose_first_bytes_are_damaged_loses_nothing() {
    let (_folder, path) = closed(12);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..12].fill(0);
    fs::write(&path, &bytes).unwrap();
    let repaired = repair_library(&path).unwrap();
    assert_eq!((losses(&repaired).len(), repaired.old_file.is_some()), (0, true));
    check_nothing_goes_unsaid(&path, &repaired, 12);
}

#[test]
fn a_damaged_library_of_before_is_saved_and_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let path = folder.path().join("old.sqlite");
    let mut bytes = fs::read(fixtures.join("library-v5.sqlite")).unwrap();
    bytes[3] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let repaired = repair_library(&path).unwrap();
    assert_eq!(losses(&repaired), []);
    let library = Library::open(&path).unwrap();
    let listing = library.runs().unwrap().remove(1);
    assert_eq!((listing.note.as_str(), listing.environment.as_deref()), ("kept since 5", Some("staging")));
    assert_eq!(library.load(listing.run_id).unwrap().intervals.len() as u32, listing.n_seconds);
}

#[test]
fn a_library_that_is_in_use_is_not_exchanged() {
    let (_folder, path) = closed(12);
    edit(&path, "UPDATE runs SET labels = '{' WHERE run_id = 1");
    let window = Library::open(&path).unwrap();
    assert!(matches!(repair_library(&path), Err(StoreError::LibraryInUse { .. })));
    drop(window);
    assert!(repair_library(&path).unwrap().old_file.is_some());
}
