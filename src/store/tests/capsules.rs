//! One run as one file: what goes out comes in, once, and nothing else does.

use super::*;

/// A run with everything that can be kept of one.
fn full_run(desk: &Desk) -> RunId {
    let mut writer = desk.library.begin_run(&start()).unwrap();
    writer.interval(&interval(0), &[error_group("HTTP 503", 1), error_group("HTTP 500", 1)]).unwrap();
    writer.annotation(&annotation(900, "deploy 'x'")).unwrap();
    writer.plan_change(&pause()).unwrap();
    writer.plan_change(&resume()).unwrap();
    (1..5).for_each(|second| writer.interval(&interval(second), &[error_group("HTTP 503", 9)]).unwrap());
    writer.finish(&end(Finish::Stopped)).unwrap();
    let run_id = writer.run_id();
    desk.library.add_tag(run_id, "release").unwrap();
    desk.library.replace_note(run_id, "first try").unwrap();
    desk.library.star(run_id, true).unwrap();
    desk.library.put_label(run_id, "build", "17").unwrap();
    run_id
}

/// A capsule of run 1, and the desk that it came from.
fn exported() -> (Desk, std::path::PathBuf) {
    let desk = desk();
    let run_id = full_run(&desk);
    let capsule = desk.path().with_file_name("one.stagewright");
    desk.library.export(run_id, &capsule).unwrap();
    (desk, capsule)
}

fn imported(desk: &Desk, capsule: &Path) -> RunId {
    match desk.library.import(capsule).unwrap() {
        Imported::As { run_id, .. } => run_id,
        there => panic!("{there:?}"),
    }
}

fn names_beside(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_run_comes_out_of_its_capsule_as_it_went_in() {
    let (home, capsule) = exported();
    home.library.mark_baseline(RunId(1), true).unwrap();
    let away = desk();
    let expected = Imported::As {
        run_id: RunId(1),
        original_id: RunId(1),
        scenario_name: home.library.runs().unwrap()[0].scenario_name.clone(),
    };
    assert_eq!(away.library.import(&capsule).unwrap(), expected);
    let mut record = home.library.load(RunId(1)).unwrap();
    // Which run is the baseline is the library's own matter.
    record.is_baseline = false;
    assert_eq!(away.library.load(RunId(1)).unwrap(), record);
    assert_eq!(away.intervals(RunId(1)), home.intervals(RunId(1)));
    let mut listing = home.library.runs().unwrap().remove(0);
    listing.is_baseline = false;
    assert_eq!(away.library.runs().unwrap(), [listing]);
    // From there on, too.
    let again = away.path().with_file_name("again.stagewright");
    away.library.export(RunId(1), &again).unwrap();
    assert!(fs::read(again).unwrap() == fs::read(capsule).unwrap(), "the same run makes the same file");
    assert_eq!(names_beside(away.path()).iter().filter(|name| name.contains("tmp")).count(), 0);
}

#[test]
fn a_run_is_taken_in_once_and_has_its_number_where_that_is_free() {
    let (home, capsule) = exported();
    let there = |is_deleted| Imported::AlreadyThere { run_id: RunId(1), is_deleted };
    assert_eq!(home.library.import(&capsule).unwrap(), there(false));
    home.library.delete(RunId(1)).unwrap();
    assert_eq!(home.library.import(&capsule).unwrap(), there(true));
    let later = home.short_run(1, "Later");
    home.library.purge().unwrap();
    assert_eq!(imported(&home, &capsule), RunId(1), "its number was kept for it");
    assert_eq!(home.short_run(2, "Newest").0, later.0 + 1);

    let away = desk();
    let own = away.short_run(1, "Own");
    assert_eq!(own, RunId(1));
    assert_eq!(imported(&away, &capsule), RunId(2));
    assert_eq!(away.library.load(RunId(2)).unwrap().start, home.library.load(RunId(1)).unwrap().start);
    assert_eq!(
        away.library.import(&capsule).unwrap(),
        Imported::AlreadyThere { run_id: RunId(2), is_deleted: false }
    );
    // The number of a run that is gone for good is no other run's, either.
    let third = desk();
    let gone = third.short_run(1, "Gone");
    third.library.delete(gone).unwrap();
    third.library.purge().unwrap();
    assert_eq!(imported(&third, &capsule), RunId(2));
}

#[test]
fn an_export_replaces_its_file_whole_or_not_at_all() {
    let (home, capsule) = exported();
    let whole = fs::read(&capsule).unwrap();
    fs::write(&capsule, "old").unwrap();
    home.library.export(RunId(1), &capsule).unwrap();
    assert!(fs::read(&capsule).unwrap() == whole);
    let before = names_beside(home.path());
    let message = |path: &Path| home.library.export(RunId(1), path).unwrap_err().to_string();
    assert!(message(home.path().parent().unwrap()).contains("it is a folder"));
    assert!(message(&home.path().with_file_name("no/where")).contains("does not exist"));
    let mut writer = home.library.begin_run(&start()).unwrap();
    let refused = home.library.export(writer.run_id(), &capsule).unwrap_err();
    assert!(matches!(refused, StoreError::ExportOfRunning(_)), "{refused}");
    writer.finish(&end(Finish::Completed)).unwrap();
    assert!(fs::read(&capsule).unwrap() == whole);
    assert_eq!(names_beside(home.path()), before);
}

/// A library that holds a run, and must hold nothing else whatever is imported.
struct Guarded {
    desk: Desk,
    before: (Vec<RunListing>, Vec<String>),
}

impl Guarded {
    fn new() -> Self {
        let desk = desk();
        desk.short_run(1, "Own");
        let before = (desk.library.runs().unwrap(), names_beside(desk.path()));
        Self { desk, before }
    }

    #[track_caller]
    fn check_refused(&self, capsule: &Path, expected: &str) {
        let message = self.desk.library.import(capsule).expect_err("refused").to_string();
        assert!(message.contains(expected), "{message}");
        let after = (self.desk.library.runs().unwrap(), names_beside(self.desk.path()));
        assert_eq!(after, self.before);
        let sql = "SELECT (SELECT count(*) FROM intervals) + (SELECT count(*) FROM error_groups)";
        let n_rows: i64 = self.desk.library.connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(n_rows, 0);
    }
}

#[test]
fn what_is_no_whole_capsule_is_refused_with_a_reason() {
    let (home, capsule) = exported();
    let guarded = Guarded::new();
    let whole = fs::read(&capsule).unwrap();
    let path = capsule.with_file_name("other.stagewright");
    let check = |bytes: &[u8], expected: &str| {
        fs::write(&path, bytes).unwrap();
        guarded.check_refused(&path, expected);
    };
    check(b"", "it is empty");
    check(b"name = \"a scenario\"\n", "it is no capsule");
    check(&whole[..50], "it was cut off");
    check(&whole[..whole.len() / 2], "it was cut off");
    check(&[whole.as_slice(), b"more"].concat(), "it was cut off, or added to");
    check(&[b"X", &whole[1..]].concat(), "it is no capsule");
    guarded.check_refused(&capsule.with_file_name("missing"), "does not exist");
    guarded.check_refused(capsule.parent().unwrap(), "it is a folder");
    guarded.check_refused(home.path(), "it is a whole run library");
    fs::File::create(&path).unwrap().set_len(9 << 30).unwrap();
    guarded.check_refused(&path, "it has more than 8 GiB");
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    guarded.check_refused(&path, "it belongs to another program");
}

#[test]
fn a_capsule_that_was_edited_is_refused() {
    let (_home, capsule) = exported();
    let guarded = Guarded::new();
    let path = capsule.with_file_name("other.stagewright");
    let check = |sql: &str, expected: &str| {
        fs::copy(&capsule, &path).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        guarded.check_refused(&path, expected);
    };
    for sql in [
        "UPDATE intervals SET n_sent = n_sent + 1 WHERE second = 2",
        "UPDATE interval_rows SET response_time = (SELECT response_time FROM interval_rows WHERE second = 1)",
        "DELETE FROM tags",
        "UPDATE runs SET note = 'better'",
        "UPDATE runs SET is_starred = 0",
        "UPDATE error_groups SET rowid = 99 WHERE rowid = 1",
        "UPDATE capsule SET written_by = '9.9.9'",
        "INSERT INTO settings VALUES ('theme', 'dark')",
        "INSERT INTO runs SELECT 2, started_at_unix_millis, scenario_name, scenario_base_url, base_url, time_scale,
             planned_nanos, profile, labels, environment, engine, finish, load_nanos, n_seconds, n_abandoned,
             n_counted_by_target, note, is_baseline, deleted_at_unix_millis, digest, calibration, is_starred,
             scenario_environment, fingerprint, identity, n_bytes FROM runs",
    ] {
        check(sql, "its checksum does not fit");
    }
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (a)",
        "DROP TABLE tags; CREATE VIEW tags AS SELECT 1 AS run_id, 'a' AS tag",
        "ALTER TABLE tags ADD COLUMN more TEXT",
        "DROP TABLE capsule",
        "PRAGMA user_version = 3",
    ] {
        check(sql, "its tables are not those of a capsule");
    }
    check("PRAGMA user_version = 99", "update Stagewright");
    check("DELETE FROM capsule", "damaged or edited");
}

#[test]
fn a_byte_that_was_flipped_is_told_or_makes_no_difference() {
    let (home, capsule) = exported();
    let whole = fs::read(&capsule).unwrap();
    let path = capsule.with_file_name("other.stagewright");
    let expected = home.library.load(RunId(1)).unwrap();
    let mut n_refused = 0;
    for at in (0..whole.len()).step_by(4_001) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5a;
        fs::write(&path, bytes).unwrap();
        let away = desk();
        match away.library.import(&path) {
            // Empty parts of pages are no part of the run.
            Ok(_) => assert_eq!(away.library.load(RunId(1)).unwrap(), expected, "byte {at}"),
            Err(_) => {
                n_refused += 1;
                assert_eq!(away.library.runs().unwrap(), []);
            }
        }
    }
    assert!(n_refused > 0);
}
