//! A run from its begin to its end, or to the end of its program.

use super::*;

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
    writer.plan_change(&pause()).unwrap();
    writer.plan_change(&resume()).unwrap();
    writer.finish(&end(Finish::Stopped)).unwrap();
    let run_id = writer.run_id();
    drop(writer);
    desk.library.add_tag(run_id, "release").unwrap();
    desk.library.replace_note(run_id, "first try").unwrap();

    assert_eq!(desk.intervals(run_id), [interval(0), interval(1)]);
    let mut packer = Packer::new(start().scenario.n_steps());
    (0..2).for_each(|second| packer.push(interval(second)).unwrap());
    let identity = desk.library.load(run_id).unwrap().identity;
    assert_eq!((identity.len(), desk.library.run_of_identity(&identity).unwrap()), (32, Some(run_id)));
    let expected = packer.finish().0.complete(RunRecord {
        run_id,
        identity,
        start: start(),
        end: end(Finish::Stopped),
        intervals: vec![],
        rows: vec![],
        points: Default::default(),
        error_groups: vec![stays, grown],
        watched: Default::default(),
        audit: None,
        annotations: vec![annotation(900, "deploy 'x'"), annotation(1_900, "stop")],
        plan_changes: vec![pause(), resume()],
        tags: vec!["release".to_owned()],
        note: "first try".to_owned(),
        is_baseline: false,
    });
    assert_eq!(desk.library.load(run_id).unwrap(), expected);
    assert_eq!(Library::open(desk.path()).unwrap().load(run_id).unwrap(), expected);
    assert_eq!(desk.lock_files(), 0);
}

#[test]
fn an_interleaved_run_is_kept_as_it_was_written_and_opens_as_it_was_run() {
    let desk = desk();
    let mut written = start().scenario;
    written.interleave = Some(Interleave::with(Candidate::BaseUrl("http://candidate".to_owned())));
    let run = RunStart { scenario: written.clone().interleaved(), ..start() };
    let mut writer = desk.library.begin_run(&run).unwrap();
    let run_id = writer.run_id();
    writer.finish(&end(Finish::Completed)).unwrap();
    let record = desk.library.load(run_id).unwrap();
    assert_eq!(record.start.scenario, run.scenario);
    assert_eq!(record.start.scenario.n_steps(), 2 * written.n_steps());
    assert_eq!(*record.start.scenario.as_written(), written);
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
        .args([
            "--exact",
            "--nocapture",
            "store::tests::keeping::a_killed_program_leaves_every_second_that_it_wrote",
        ])
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
    let kept = desk.intervals(RunId(1));
    assert_eq!((record.end.finish, &kept[..8]), (Finish::Interrupted, expected.as_slice()));
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
fn an_interrupted_run_may_last_as_long_as_its_changed_plan() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    let planned = Plan::new(&start().scenario, start().time_scale).duration();
    writer.interval(&interval(3_600), &[]).unwrap();
    let kept = |run_id| desk.library.load(run_id).unwrap();
    writer.plan_change(&pause()).unwrap();
    assert_eq!(kept(writer.run_id()).end.load_duration, Duration::from_nanos(3_600_999_999_999));
    writer.plan_change(&resume()).unwrap();
    let record = kept(writer.run_id());
    assert_eq!(record.plan().duration(), planned + Duration::from_secs(1), "the second of the pause");
    assert_eq!(record.end.load_duration, record.plan().duration());
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
    assert_eq!(desk.intervals(writer.run_id()), expected);
    assert_eq!(record.intervals.len(), expected.len());
    assert_eq!(record.error_groups, [error_group("HTTP 503", 2)]);
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

#[test]
fn a_number_that_no_error_group_has_is_told_as_damage() {
    let desk = desk();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    writer.interval(&interval(1), &[]).unwrap();
    let run_id = writer.run_id();
    drop(writer);
    desk.library.connection.execute("UPDATE interval_errors SET error_group = 4000000000", []).unwrap();
    let message = desk.library.open_run(run_id).unwrap_err().to_string();
    assert!(message.contains("there is no error group 4000000000"), "{message}");
}
