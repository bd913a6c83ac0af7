//! Lists, references, and what people say about runs.

use super::*;

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
        mean: Some(Duration::from_millis(1)),
        p50: Some(Duration::from_millis(1)),
        p90: None,
        p99: None,
        quality: Some(Standing::Weak),
        p95_interval: None,
        p95_beyond: None,
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
    (0..400).for_each(|second| writer.interval(&interval(second), &[]).unwrap());
    writer.finish(&end(Finish::Completed)).unwrap();
    let run_id = writer.run_id();
    drop(writer);
    let kept = desk.short_run(1, "Checkout");
    desk.library.delete(run_id).unwrap();
    assert_eq!(desk.listed(), [kept.0]);
    assert!(matches!(desk.library.load(run_id), Err(StoreError::DeletedRun(_))));
    assert!(matches!(desk.library.add_tag(run_id, "a"), Err(StoreError::DeletedRun(_))));
    desk.library.restore(run_id).unwrap();
    assert_eq!(desk.library.load(run_id).unwrap().intervals.len(), 400);
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
fn stars_and_labels_are_edited_and_listed() {
    let desk = desk();
    let run_id = desk.short_run(1, "Checkout");
    desk.library.star(run_id, true).unwrap();
    desk.library.put_label(run_id, " build ", " 17=a ").unwrap();
    desk.library.put_label(run_id, "commit", "5b3a").unwrap();
    desk.library.remove_label(run_id, "team").unwrap();
    desk.library.remove_label(run_id, "never there").unwrap();
    for name in ["", "  ", "a=b"] {
        assert!(matches!(desk.library.put_label(run_id, name, "x"), Err(StoreError::LabelName)));
    }
    assert!(matches!(desk.library.star(RunId(99), true), Err(StoreError::NoSuchRun { .. })));
    assert!(matches!(desk.library.put_label(RunId(99), "a", "b"), Err(StoreError::NoSuchRun { .. })));
    let listing = desk.library.runs().unwrap().remove(0);
    let labels: Vec<_> = listing.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!((listing.is_starred, labels.as_slice()), (true, &[("build", "17=a"), ("commit", "5b3a")][..]));
    assert_eq!(desk.library.load(run_id).unwrap().start.labels, listing.labels);
    desk.library.star(run_id, false).unwrap();
    assert!(!desk.library.runs().unwrap()[0].is_starred);
}

#[test]
fn what_a_run_takes_on_disk_is_about_what_the_file_grows_by() {
    let desk = desk();
    let before = desk.library.disk_use().unwrap();
    let mut writer = desk.library.begin_run(&start()).unwrap();
    (0..400).for_each(|second| writer.interval(&interval(second), &[error_group("HTTP 503", 2)]).unwrap());
    assert_eq!(desk.library.runs().unwrap()[0].n_bytes, 0, "it goes on");
    writer.finish(&end(Finish::Completed)).unwrap();
    let at_end = desk.library.runs().unwrap()[0].n_bytes;
    desk.library.keep_packs(writer.run_id()).unwrap();
    let listing = desk.library.runs().unwrap().remove(0);
    assert!(listing.n_bytes > at_end, "with its packs");
    drop(writer);
    // What is in the log is in the file, too, once it is carried over.
    desk.library.connection.query_row("PRAGMA wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
    let grown = desk.library.disk_use().unwrap().n_bytes - before.n_bytes;
    let share = listing.n_bytes as f64 / grown as f64;
    assert!((0.8..1.1).contains(&share), "{} of {grown} bytes", listing.n_bytes);
    desk.library.delete(listing.run_id).unwrap();
    let hidden = desk.library.disk_use().unwrap();
    assert_eq!((hidden.n_deleted, hidden.n_deleted_bytes), (1, listing.n_bytes));
    let purged = desk.library.purge().unwrap();
    assert_eq!(purged.n_runs, 1);
    assert!(purged.n_freed_bytes * 10 > grown * 8, "{purged:?} of {grown}");
    assert_eq!(desk.library.disk_use().unwrap().n_deleted, 0);
}

#[test]
fn runs_that_may_stand_in_one_trend_have_one_fingerprint() {
    let desk = desk();
    let [first, second] = [(1, "Checkout"), (2, "Renamed")].map(|(at, name)| desk.short_run(at, name));
    let mut other = start();
    other.time_scale = 0.25;
    let mut writer = desk.library.begin_run(&other).unwrap();
    writer.finish(&end(Finish::Completed)).unwrap();
    let runs = desk.library.runs().unwrap();
    let of = |run_id| &runs.iter().find(|run| run.run_id == run_id).unwrap().fingerprint;
    assert_eq!(of(first), of(second));
    assert_ne!(of(first), of(writer.run_id()));
}

#[test]
fn runs_go_by_the_rule_unless_someone_keeps_them_meanwhile() {
    let desk = desk();
    let runs: Vec<RunId> = (1..=4).map(|at| desk.short_run(at, "Checkout")).collect();
    let rule = RetentionRule { n_per_scenario: Some(1), ..RetentionRule::default() };
    assert_eq!(desk.library.retention().unwrap(), RetentionRule::default());
    assert_eq!(desk.library.prunable(&RetentionRule::default()).unwrap(), []);
    desk.library.keep_retention(&rule).unwrap();
    assert_eq!(Library::open(desk.path()).unwrap().retention().unwrap(), rule);
    let going = desk.library.prunable(&rule).unwrap();
    assert_eq!(going.iter().map(|run| run.run_id).collect::<Vec<_>>(), runs[..3]);
    assert_eq!(desk.listed().len(), 4, "shown first, applied when told");
    desk.library.star(runs[0], true).unwrap();
    desk.library.mark_baseline(runs[2], true).unwrap();
    assert_eq!(desk.library.prune(&going).unwrap(), [runs[1]]);
    assert_eq!(desk.listed(), [runs[3].0, runs[2].0, runs[0].0]);
    desk.library.restore(runs[1]).unwrap();
    desk.library.keep_setting("retention", "{").unwrap();
    assert!(desk.library.retention().unwrap().keeps_all(), "nothing goes by a rule that cannot be read");
}

#[test]
fn a_new_run_of_a_scenario_starts_from_the_newest_texts_of_an_earlier_one() {
    let desk = desk();
    let [first, other, last] = ["Checkout", "Search", "Checkout"].map(|name| desk.short_run(1_000, name));
    assert_eq!(desk.library.inherited_report_texts(last).unwrap(), None);
    desk.library.keep_report_texts(first, "first").unwrap();
    desk.library.keep_report_texts(first, "better").unwrap();
    assert_eq!(desk.library.inherited_report_texts(last).unwrap(), Some((first, "better".to_owned())));
    assert_eq!(desk.library.inherited_report_texts(other).unwrap(), None);
    assert_eq!(desk.library.inherited_report_texts(first).unwrap(), None);
    desk.library.delete(first).unwrap();
    assert_eq!(desk.library.inherited_report_texts(last).unwrap(), None);
}

#[test]
fn projections_are_numbered_within_their_run_and_found_from_later_runs() {
    let desk = desk();
    let [first, other, last] = ["Checkout", "Search", "Checkout"].map(|name| desk.short_run(1_000, name));
    for text in ["a", "b"] {
        desk.library.keep_projection(first, text).unwrap();
    }
    let numbers: Vec<u32> = desk.library.projections(first).unwrap().iter().map(|kept| kept.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(desk.library.projected_before(last).unwrap(), [first]);
    assert_eq!(desk.library.projected_before(other).unwrap(), []);
}
