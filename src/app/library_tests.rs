//! The room that the library takes, by label and role: deleting, undo, removing for good.

use super::{
    command::{Command, View},
    compare_tests::{record, window_with},
    state::State,
};
use crate::{metrics::RunId, store::Library};

#[test]
fn deleted_runs_are_removed_for_good_after_a_question_and_undo_is_offered_no_longer() {
    let mut window = window_with(&[record(1, 1.0), record(2, 1.0)]);
    window.obey(Command::DeleteRuns(vec![RunId(1)]));
    window.wait_for("the list without it", |state| state.shelf.listings().len() == 1);
    let is_undo_offered = |state: &State| state.messages.shown().iter().any(|notice| notice.offer.is_some());
    assert!(is_undo_offered(window.state()));
    window.obey(Command::Show(View::Settings));
    window
        .wait_for("the size", |state| state.shelf.disk_use().is_some_and(|disk_use| disk_use.n_deleted == 1));
    window.click("Remove deleted runs for good…");
    assert!(window.shows("Remove 1 deleted run for good?"));
    window.click("Remove for good");
    window.wait_for("the purge", |state| {
        state.shelf.disk_use().is_some_and(|disk_use| disk_use.n_deleted == 0)
    });
    assert!(window.shows("1 deleted run removed for good") && !is_undo_offered(window.state()));
    let library = Library::open(&window.library()).unwrap();
    assert!(library.restore(RunId(1)).is_err());
    assert_eq!(library.runs().unwrap().len(), 1);
}
