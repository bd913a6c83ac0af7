//! Which files open as libraries, and which are left alone.

use super::*;

/// The tables and indexes of a library, as SQL.
fn schema_of(library: &Library) -> Vec<String> {
    let sql = "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name";
    let mut statement = library.connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A library as a program of before left it, brought up to date, and the desk that it lies on.
fn opened(format: u32) -> (Desk, Library) {
    let desk = desk();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let path = desk.path().with_file_name("old.sqlite");
    fs::copy(fixtures.join(format!("library-v{format}.sqlite")), &path).unwrap();
    let library = Library::open(&path).unwrap();
    assert_eq!(schema_of(&library), schema_of(&desk.library));
    (desk, library)
}

// The file was written by the first program that had libraries, and is never written again.
#[test]
fn a_library_of_the_first_format_opens_with_all_that_it_holds() {
    let (_desk, library) = opened(1);
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
    // What later formats added was not measured then.
    assert_eq!(record.end, RunEnd { starts: None, ..end(Finish::Stopped) });
    assert_eq!((record.start.calibration, record.plan_changes.len()), (None, 0));
    assert_eq!(
        (record.tags.as_slice(), record.note.as_str()),
        (["release".to_owned()].as_slice(), "kept since 1")
    );
    assert_eq!(record.annotations, [annotation(900, "deploy 'x'")]);
    assert_eq!(record.error_groups, [error_group("HTTP 503", 40)]);
    assert_eq!(record.intervals.iter().map(|interval| interval.second).collect::<Vec<_>>(), [0, 1, 2]);
    for (kept, expected) in intervals(&library, RunId(1)).iter().zip((0..).map(interval)) {
        // Not the bytes: the same histogram may be compressed in another way tomorrow.
        let plain = |stats: &EncodedStats| {
            let decoded =
                [&stats.response_time, &stats.service_time, &stats.error_time].map(|h| h.decode().unwrap());
            (Counters { n_connections: 0, n_reconnects: 0, ..stats.counters }, decoded)
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

// The file was written by the program as it was before there was a journal of edits; its draft is a setting.
#[test]
fn a_library_of_the_second_format_opens_with_its_runs_and_its_draft() {
    let (_desk, library) = opened(2);
    let runs = library.runs().unwrap();
    assert_eq!((runs.len(), runs[0].note.as_str()), (1, "kept since 2"));
    let record = library.load(runs[0].run_id).unwrap();
    assert_eq!(record.start.scenario.name, "Quickstart");
    assert!(!record.intervals.is_empty());
    assert!(library.setting("draft").unwrap().is_some_and(|draft| draft.contains("Edited in version 2")));
    assert_eq!(library.take_over_edits(1).unwrap(), None);
}

// The file was written by the program as it was before there were packs, by a short run of the quickstart preset.
#[test]
fn a_library_of_the_third_format_opens_and_its_runs_get_packs() {
    let (_desk, library) = opened(3);
    let listing = library.runs().unwrap().remove(0);
    assert_eq!((listing.note.as_str(), listing.n_seconds), ("kept since 3", 4));
    assert_eq!(library.open_run(listing.run_id).unwrap().history.extent(), 0..4);
}

// The file was written by the program as it was before failures were kept second by second, by a run with a missing path.
#[test]
fn a_library_of_the_fourth_format_opens_with_its_error_groups() {
    let (_desk, library) = opened(4);
    let listing = library.runs().unwrap().remove(0);
    assert_eq!(listing.note, "kept since 4");
    let run = library.open_run(listing.run_id).unwrap();
    let [group] = &run.record.error_groups[..] else { panic!("{:?}", run.record.error_groups) };
    assert_eq!((group.signature.as_str(), group.n_errors), ("HTTP 404", 80));
    assert_eq!(run.history.n_by_group(&run.history.extent()), [0; 0], "it was not kept then");
}

// The file was written by the program as it was before runs had stars, fingerprints and a measured size.
#[test]
fn a_library_of_the_fifth_format_opens_and_its_runs_get_what_lists_show() {
    let (_desk, library) = opened(5);
    let [second, first] = &library.runs().unwrap()[..] else { panic!("two runs were kept") };
    assert_eq!((first.note.as_str(), first.is_baseline, first.is_starred), ("kept since 5", true, false));
    assert_eq!(first.environment.as_deref(), Some("staging"));
    assert_eq!((first.fingerprint.len(), &first.fingerprint), (32, &second.fingerprint));
    assert!((3_000..60_000).contains(&first.n_bytes), "{}", first.n_bytes);
    // The same number as when it is measured anew.
    library.keep_disk_use(first.run_id).unwrap();
    assert_eq!(library.runs().unwrap()[1].n_bytes, first.n_bytes);
    let digest = first.digest.as_ref().unwrap();
    assert_eq!((digest.n_requests, digest.quality, digest.p99), (80, None, None), "it was not kept then");
    let record = library.load(first.run_id).unwrap();
    assert_eq!(record.end.starts.as_ref().unwrap().sent.len(), 20);
    let again = super::super::identity::fingerprint(
        &record.start.scenario,
        &record.start.environment,
        record.start.time_scale,
    );
    assert_eq!(again, first.fingerprint, "a run of today may stand in one trend with it");
}

#[test]
fn a_library_from_before_there_were_texts_of_reports_has_none_and_takes_some() {
    let (_desk, library) = opened(6);
    let listing = library.runs().unwrap().remove(0);
    assert_eq!((listing.note.as_str(), listing.is_starred), ("kept since 6", true));
    assert_eq!(library.report_texts(listing.run_id).unwrap(), None);
    library.keep_report_texts(listing.run_id, "{}").unwrap();
    library.keep_projection(listing.run_id, "{}").unwrap();
    assert_eq!(library.report_texts(listing.run_id).unwrap().as_deref(), Some("{}"));
}

#[test]
fn copies_of_a_library_give_its_runs_the_same_identity() {
    let identities = || -> Vec<String> {
        let (_desk, library) = opened(5);
        let mut statement = library.connection.prepare("SELECT identity FROM runs ORDER BY run_id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let [first, second] = &identities()[..] else { panic!("two runs were kept") };
    assert_ne!(first, second);
    assert_eq!(identities(), [first.as_str(), second.as_str()]);
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
