//! The edit journal: what is kept comes back, whoever else writes.

use super::*;

fn change(history_id: Option<i64>, owner: i64, steps: &[(i64, &str)]) -> EditChange {
    EditChange {
        history_id,
        owner,
        present: steps.last().map_or(0, |(position, _)| *position),
        positions: 0..=i64::MAX,
        file: None,
        steps: steps.iter().map(|(position, text)| (*position, PackedText::pack(text))).collect(),
    }
}

fn kept(library: &Library, change: &EditChange) -> i64 {
    match library.keep_edits(change).unwrap() {
        EditsKept::In(history_id) => history_id,
        EditsKept::TakenOver => panic!("taken over"),
    }
}

fn texts(history: &EditHistory) -> Vec<(i64, String)> {
    history.steps.iter().map(|(position, text)| (*position, text.unpack().unwrap())).collect()
}

fn count(library: &Library, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    library.connection.query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn steps_come_back_in_order_with_their_file() {
    let desk = desk();
    assert_eq!(desk.library.take_over_edits(1).unwrap(), None);
    let file = EditedFile { path: Some("/a/ü.toml".into()), saved_text: Some("# a\nold".to_owned()) };
    let first = EditChange { file: Some(file.clone()), ..change(None, 1, &[(0, "a"), (1, "b")]) };
    let history_id = kept(&desk.library, &first);
    // A burst writes its own row again; undo only moves the pointer.
    kept(&desk.library, &change(Some(history_id), 1, &[(1, "bb")]));
    kept(&desk.library, &EditChange { present: 0, ..change(Some(history_id), 1, &[]) });
    let history = Library::open(desk.path()).unwrap().take_over_edits(2).unwrap().unwrap();
    assert_eq!(texts(&history), [(0, "a".to_owned()), (1, "bb".to_owned())]);
    assert_eq!((history.history_id, history.present, history.file), (history_id, 0, file));
}

#[test]
fn equal_texts_are_kept_once_and_none_outlives_its_steps() {
    let desk = desk();
    let history_id = kept(&desk.library, &change(None, 1, &[(0, "a"), (1, "b"), (2, "a"), (3, "c")]));
    assert_eq!((count(&desk.library, "edits"), count(&desk.library, "edit_texts")), (4, 3));
    let dropped = EditChange { positions: 1..=2, ..change(Some(history_id), 1, &[]) };
    kept(&desk.library, &dropped);
    assert_eq!((count(&desk.library, "edits"), count(&desk.library, "edit_texts")), (2, 2));
    // Another scenario in the same window begins anew.
    kept(&desk.library, &EditChange { positions: 0..=0, ..change(Some(history_id), 1, &[(0, "other")]) });
    assert_eq!((count(&desk.library, "edits"), count(&desk.library, "edit_texts")), (1, 1));
    assert_eq!(count(&desk.library, "edit_histories"), 1);
}

#[test]
fn a_history_that_another_window_took_over_is_not_written() {
    let desk = desk();
    let history_id = kept(&desk.library, &change(None, 1, &[(0, "a")]));
    let other = Library::open(desk.path()).unwrap();
    other.take_over_edits(2).unwrap().unwrap();
    let late = change(Some(history_id), 1, &[(1, "b")]);
    assert_eq!(desk.library.keep_edits(&late).unwrap(), EditsKept::TakenOver);
    assert_eq!(count(&desk.library, "edits"), 1);
    let own = kept(&desk.library, &change(None, 1, &[(0, "a"), (1, "b")]));
    assert_ne!(own, history_id);
    kept(&other, &change(Some(history_id), 2, &[(1, "theirs")]));
    let newest = Library::open(desk.path()).unwrap().take_over_edits(3).unwrap().unwrap();
    assert_eq!(texts(&newest)[1].1, "theirs", "the one kept last");
}

#[test]
fn histories_of_windows_long_gone_are_forgotten() {
    let desk = desk();
    for owner in 1..=6 {
        kept(&desk.library, &change(None, owner, &[(0, &format!("window {owner}"))]));
    }
    assert_eq!((count(&desk.library, "edit_histories"), count(&desk.library, "edit_texts")), (4, 4));
}

#[test]
fn a_keep_costs_its_own_rows_however_long_the_history_is() {
    let desk = desk();
    let stage = "[[load.stages]]\nname = \"Hold\"\nduration = \"1m\"\nrate = ";
    let large = |n: usize| (0..5_000).map(|k| format!("{stage}{}\n", k * n % 977)).collect::<String>();
    let texts: Vec<String> = (0..40).map(large).collect();
    let steps: Vec<(i64, &str)> = (0..).zip(texts.iter().map(String::as_str)).collect();
    let history_id = kept(&desk.library, &change(None, 1, &steps));
    let n_pages = |library: &Library| -> i64 {
        library.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap()
    };
    let (before, text) = (n_pages(&desk.library), large(41));
    kept(&desk.library, &change(Some(history_id), 1, &[(40, &text)]));
    let grown = (n_pages(&desk.library) - before) * 4_096;
    assert!(grown < 100_000, "{grown} bytes for one more step of {} bytes", text.len());
}

#[test]
fn a_library_that_cannot_be_written_says_so_and_still_gives_its_edits() {
    let desk = desk();
    let history_id = kept(&desk.library, &change(None, 1, &[(0, "a")]));
    desk.library.connection.pragma_update(None, "query_only", true).unwrap();
    let message = desk.library.keep_edits(&change(Some(history_id), 1, &[(1, "b")])).unwrap_err().to_string();
    assert!(message.contains("keep the edits") && message.contains("may not be written"), "{message}");
    assert_eq!(texts(&desk.library.take_over_edits(2).unwrap().unwrap()), [(0, "a".to_owned())]);
}
