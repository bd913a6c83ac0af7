//! Packs are derived: a run opens the same with them, without them and with damaged ones.

use super::*;
use crate::metrics::{KeptRun, PACKS_VERSION};

/// A run over several chunks with a gap, as it was left by a killed program or ended by itself.
fn long_run(desk: &Desk, finish: Option<Finish>) -> RunId {
    let mut writer = desk.library.begin_run(&start()).unwrap();
    let seconds = (0..300).chain(900..1_000);
    seconds.for_each(|second| writer.interval(&interval(second), &[]).unwrap());
    if let Some(finish) = finish {
        writer.finish(&end(finish)).unwrap();
    }
    writer.run_id()
}

fn n_packs(desk: &Desk, run_id: RunId) -> u32 {
    let sql = "SELECT count(*) FROM run_packs WHERE run_id = ?1";
    desk.library.connection.query_row(sql, [run_id.0], |row| row.get(0)).unwrap()
}

/// The run is what its seconds say, whatever became of its packs.
#[track_caller]
fn check_opens(desk: &Desk, run_id: RunId) {
    let KeptRun { record, history } = desk.library.open_run(run_id).unwrap();
    let mut packer = Packer::new(record.start.scenario.n_steps());
    desk.intervals(run_id).into_iter().for_each(|interval| packer.push(interval).unwrap());
    let (overview, expected) = packer.finish();
    assert_eq!(desk.library.load(run_id).unwrap(), record);
    assert_eq!(history.columns(), expected.columns());
    for stretch in [0..u32::MAX, 3..299, 250..910, 905..906] {
        assert_eq!(history.sums(stretch.clone()).unwrap(), expected.sums(stretch).unwrap());
    }
    assert_eq!(overview.complete(desk.library.facts(run_id).unwrap()), record);
}

#[test]
fn a_run_is_packed_when_it_has_ended_and_opens_from_that() {
    let desk = desk();
    let run_id = long_run(&desk, Some(Finish::Completed));
    assert_eq!(n_packs(&desk, run_id), 0);
    desk.library.keep_packs(run_id).unwrap();
    // Two chunks before the gap, one behind it, and the overview.
    assert_eq!(n_packs(&desk, run_id), 4);
    check_opens(&desk, run_id);
    // Proof that the packs were read: a run whose histograms are gone still opens.
    desk.library.connection.execute("UPDATE interval_rows SET response_time = x'00'", []).unwrap();
    assert!(desk.library.open_run(run_id).is_ok() && desk.library.load(run_id).is_ok());
}

#[test]
fn a_run_that_was_killed_before_it_was_packed_is_packed_when_it_is_opened() {
    let desk = desk();
    let run_id = long_run(&desk, None);
    check_opens(&desk, run_id);
    assert_eq!(n_packs(&desk, run_id), 4);
}

#[test]
fn a_run_under_way_is_read_second_by_second_and_not_packed() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    (0..3).for_each(|second| writer.interval(&interval(second), &[]).unwrap());
    check_opens(&desk, writer.run_id());
    assert_eq!(n_packs(&desk, writer.run_id()), 0);
    writer.interval(&interval(3), &[]).unwrap();
    check_opens(&desk, writer.run_id());
}

#[test]
fn packs_that_are_damaged_missing_or_of_another_version_are_made_anew() {
    let harm = [
        "UPDATE run_packs SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) AS BLOB) WHERE part = 2",
        "UPDATE run_packs SET bytes = zeroblob(length(bytes)) WHERE part = 0",
        "UPDATE run_packs SET checksum = checksum + 1 WHERE part = 1",
        "UPDATE run_packs SET version = version + 1",
        "UPDATE run_packs SET version = version - 1 WHERE part = 3",
        "DELETE FROM run_packs WHERE part = 0",
        "DELETE FROM run_packs WHERE part = 2",
        "DELETE FROM run_packs",
    ];
    let desk = desk();
    let run_id = long_run(&desk, Some(Finish::Completed));
    for sql in harm {
        desk.library.keep_packs(run_id).unwrap();
        desk.library.connection.execute(sql, []).unwrap();
        check_opens(&desk, run_id);
        assert_eq!(n_packs(&desk, run_id), 4, "{sql}");
        let versions = "SELECT min(version) = max(version) AND min(version) = ?1 FROM run_packs";
        let is_present = desk.library.connection.query_row(versions, [PACKS_VERSION], |row| row.get(0));
        assert!(is_present.unwrap_or(false), "{sql}");
    }
}

#[test]
fn packs_that_lack_a_kept_second_are_made_anew() {
    let desk = desk();
    let run_id = long_run(&desk, Some(Finish::Completed));
    desk.library.keep_packs(run_id).unwrap();
    desk.library.connection.execute("DELETE FROM intervals WHERE second = 950", []).unwrap();
    check_opens(&desk, run_id);
}

#[test]
fn a_library_that_cannot_be_written_opens_its_runs_all_the_same() {
    let desk = desk();
    let run_id = long_run(&desk, Some(Finish::Completed));
    desk.library.connection.pragma_update(None, "query_only", true).unwrap();
    check_opens(&desk, run_id);
}

#[test]
fn packs_go_with_their_run() {
    let desk = desk();
    let run_id = long_run(&desk, Some(Finish::Completed));
    desk.library.keep_packs(run_id).unwrap();
    desk.library.delete(run_id).unwrap();
    desk.library.purge().unwrap();
    assert_eq!(n_packs(&desk, run_id), 0);
}

#[test]
fn a_histogram_that_is_damaged_is_told_and_leaves_no_packs() {
    let desk = desk();
    let run_id = long_run(&desk, Some(Finish::Completed));
    desk.library
        .connection
        .execute("UPDATE interval_rows SET response_time = x'00' WHERE second = 7", [])
        .unwrap();
    let message = desk.library.open_run(run_id).unwrap_err().to_string();
    assert!(message.contains("cannot read the run: something in it makes no sense"), "{message}");
    let sql = "SELECT count(*) FROM run_packs WHERE part = 0";
    assert_eq!(desk.library.connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap(), 0);
}
