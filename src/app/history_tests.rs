//! History by label and role: filters, star, editing in place, selecting, deleting.

use std::{cell::RefCell, path::PathBuf, rc::Rc};

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::{
    command::{Command, Purpose},
    history::{HistoryView, RetentionForm, history_ui, retention_ui, sample_listing},
    screen_tests::Screen,
    state::Shelf,
};
use crate::{
    metrics::{Finish, RunId, RunLabels, Standing, Verdict},
    store::{RetentionRule, RunListing},
};

/// Runs 1 to 6, Checkout and Search by turns; run 2 failed with a weak measurement on another environment.
fn listings() -> Vec<RunListing> {
    let of = |run_id: i64| {
        let name = if run_id % 2 == 0 { "Search" } else { "Checkout" };
        let mut listing = sample_listing(run_id, name, Some(40 + run_id as u64));
        listing.base_url = "http://staging:80".to_owned();
        if run_id == 2 {
            listing.environment = Some("live".to_owned());
            listing.digest.as_mut().unwrap().verdict = Verdict::Fail;
            listing.digest.as_mut().unwrap().quality = Some(Standing::Weak);
        }
        listing
    };
    (1..=6).rev().map(of).collect()
}

/// The screen, and the shelf beneath it to be changed by a test.
fn screen_of(listings: Vec<RunListing>) -> (Screen, Rc<RefCell<Shelf>>) {
    let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
    shelf.take_listings(listings);
    let shelf = Rc::new(RefCell::new(shelf));
    let (shown, mut view) = (Rc::clone(&shelf), HistoryView::default());
    let screen = Screen::sized([1280.0, 800.0], move |ui, commands| {
        history_ui(ui, &mut view, &shown.borrow(), commands);
    });
    (screen, shelf)
}

fn screen() -> Screen {
    screen_of(listings()).0
}

impl Screen {
    /// Numbers of the runs that are listed, from top to bottom.
    fn runs(&self) -> Vec<i64> {
        let links = self.harness.query_all(egui_kittest::kittest::By::new().role(Role::Button));
        links.filter_map(|link| link.accesskit_node().label()?.strip_prefix("Run ")?.parse().ok()).collect()
    }

    fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run();
    }

    fn fill(&mut self, field: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::TextInput, field).focus();
        self.harness.run();
        self.write(field, text);
    }

    /// Writes over the text of the field that has the keyboard.
    fn write(&mut self, field: &str, text: &str) {
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.run();
        self.harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
        self.harness.run();
    }

    fn choose(&mut self, filter: &str, value: &str) {
        self.click(&format!("Filter by {filter}"));
        self.harness.get_by_role_and_label(Role::Button, value).click();
        self.harness.run();
    }
}

#[test]
fn filters_combine_and_are_cleared_together() {
    let mut screen = screen();
    assert_eq!(screen.runs(), [6, 5, 4, 3, 2, 1]);
    screen.choose("scenario", "Search");
    assert_eq!(screen.runs(), [6, 4, 2]);
    assert!(screen.shows("3 of 6 runs, 2.9 KiB of 5.9 KiB"));
    screen.choose("verdict", "PASS");
    assert_eq!(screen.runs(), [6, 4]);
    screen.fill("Search runs", "c0ffee4");
    assert_eq!(screen.runs(), [4]);
    screen.click("Any verdict");
    screen.fill("Search runs", "c0ffee5");
    assert!(screen.shows("No run meets the filters"));
    screen.click("Clear the filters");
    assert_eq!(screen.runs(), [6, 5, 4, 3, 2, 1]);
}

#[test]
fn every_filter_offers_what_the_library_holds() {
    let mut screen = screen();
    for (filter, value, expected) in [
        ("environment", "live", &[2][..]),
        ("label", "commit=c0ffee3", &[3]),
        ("quality", "weak", &[2]),
        ("verdict", "FAIL", &[2]),
    ] {
        screen.choose(filter, value);
        assert_eq!(screen.runs(), expected, "{filter}");
        screen.click("Clear");
    }
    // The runs are of the first seconds of 1970.
    screen.choose("date", "Last 30 days");
    assert!(screen.runs().is_empty());
    screen.click("Any date");
    screen.click("Filter by date");
    screen.fill("To day", "1970-01-01");
    screen.press(Key::Escape);
    assert_eq!(screen.runs().len(), 6);
}

#[test]
fn a_star_is_given_at_once_and_filters() {
    let (mut screen, shelf) = screen_of(listings());
    screen.click("Star run 3");
    assert_eq!(screen.asked(), [Command::StarRuns(vec![RunId(3)], true)]);
    shelf.borrow_mut().foresee(RunId(3), |listing| listing.is_starred = true);
    screen.harness.run();
    screen.click("Starred only");
    assert_eq!(screen.runs(), [3]);
    screen.click("Take the star from run 3");
    assert_eq!(screen.asked(), [Command::StarRuns(vec![RunId(3)], false)]);
}

#[test]
fn a_note_is_edited_where_it_stands() {
    let mut screen = screen();
    screen.click("Note of run 4");
    screen.write("Note of run 4", "a full disk");
    screen.press(Key::Enter);
    assert_eq!(screen.asked(), [Command::ReplaceNote(RunId(4), "a full disk".to_owned())]);
    screen.click("Note of run 5");
    screen.write("Note of run 5", "nothing");
    screen.press(Key::Escape);
    assert_eq!(screen.asked(), []);
    assert!(screen.harness.query_by_role_and_label(Role::TextInput, "Note of run 5").is_none());
}

#[test]
fn name_tags_and_labels_are_edited_where_they_stand() {
    let mut screen = screen();
    screen.click("Tags of run 6");
    screen.write("Tags of run 6", "nightly, cache");
    screen.press(Key::Enter);
    screen.click("Name of run 5");
    screen.write("Name of run 5", "Before the fix");
    screen.press(Key::Enter);
    screen.click("More for run 4");
    screen.click("Edit labels of run 4");
    screen.write("Labels of run 4", "build=7");
    screen.press(Key::Enter);
    let labels = |all: &[(&str, &str)]| -> RunLabels {
        all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(
        screen.asked(),
        [
            Command::ReplaceTags(RunId(6), vec!["cache".to_owned(), "nightly".to_owned()]),
            Command::ReplaceLabels(RunId(5), labels(&[("commit", "c0ffee5"), ("name", "Before the fix")])),
            Command::ReplaceLabels(RunId(4), labels(&[("build", "7")])),
        ]
    );
}

#[test]
fn labels_that_cannot_be_read_stay_to_be_put_right() {
    let mut screen = screen();
    screen.click("More for run 4");
    screen.click("Edit labels of run 4");
    screen.write("Labels of run 4", "build");
    screen.press(Key::Enter);
    assert_eq!(screen.asked(), []);
    assert_eq!(
        screen.harness.get_by_role_and_label(Role::TextInput, "Labels of run 4").value().as_deref(),
        Some("build")
    );
}

#[test]
fn a_cell_is_edited_by_the_keyboard_alone() {
    let mut screen = screen();
    screen.harness.get_by_label("Note of run 6").focus();
    screen.harness.run();
    screen.press(Key::Enter);
    screen.write("Note of run 6", "by keyboard");
    screen.press(Key::Enter);
    assert_eq!(screen.asked(), [Command::ReplaceNote(RunId(6), "by keyboard".to_owned())]);
}

#[test]
fn selected_runs_are_compared_starred_and_deleted_together() {
    let (mut screen, shelf) = screen_of(listings());
    shelf.borrow_mut().foresee(RunId(4), |listing| listing.is_baseline = true);
    screen.click("Select run 2");
    screen.click("Select run 4");
    assert!(screen.shows("2 selected, 2.0 KiB"));
    screen.click("How much they differ…");
    screen.click("Compare selected runs");
    screen.click("Star selected runs");
    screen.click("Delete selected runs");
    let asked = screen.asked();
    let [
        Command::ShowNoise(differing),
        Command::Compare(compared),
        Command::StarRuns(starred, true),
        Command::Ask(question),
    ] = asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert_eq!(differing, compared);
    assert_eq!(*compared, [RunId(4), RunId(2)], "the marked baseline leads");
    assert_eq!(*starred, [RunId(2), RunId(4)]);
    assert_eq!(question.command, Command::DeleteRuns(vec![RunId(2), RunId(4)]));
    assert!(question.text.contains("1 baseline"), "{}", question.text);
}

#[test]
fn all_listed_runs_are_selected_by_one_click() {
    let mut screen = screen();
    screen.choose("scenario", "Search");
    screen.click("Select all listed runs");
    assert!(screen.shows("3 selected"));
    screen.click("Select all listed runs");
    assert!(!screen.shows("selected,"));
}

#[test]
fn a_run_is_deleted_from_its_menu_after_a_question() {
    let mut screen = screen();
    screen.click("More for run 3");
    screen.click("Delete run 3…");
    let asked = screen.asked();
    let [Command::Ask(question)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(question.command, Command::DeleteRuns(vec![RunId(3)]));
}

#[test]
fn heads_sort_the_list() {
    let mut screen = screen();
    screen.click("Sort by p95");
    assert_eq!(screen.runs(), [6, 5, 4, 3, 2, 1]);
    screen.click("Sort by p95");
    assert_eq!(screen.runs(), [1, 2, 3, 4, 5, 6]);
    screen.click("Sort by Scenario");
    assert_eq!(screen.runs(), [5, 3, 1, 6, 4, 2]);
}

#[test]
fn how_a_run_ended_and_what_it_was_named_stand_in_its_row() {
    let mut all = listings();
    all[0].finish = Finish::Interrupted;
    all[1].labels.insert("name".to_owned(), "Before the fix".to_owned());
    let (screen, _) = screen_of(all);
    assert!(screen.shows("interrupted") && screen.shows("weak measurement"));
    assert!(screen.runs().contains(&5), "a named run is still found by its number");
    assert!(screen.shows("Run 5  ·  1970-01-01"));
}

#[test]
fn a_rule_shows_what_would_go_and_nothing_goes_until_that_is_asked_for() {
    let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
    shelf.take_listings(listings());
    shelf.foresee(RunId(1), |listing| listing.is_starred = true);
    let rule = RetentionRule { n_per_scenario: Some(1), ..RetentionRule::default() };
    let mut form = RetentionForm::new(rule);
    let mut screen = Screen::new(move |ui, commands| retention_ui(ui, &mut form, &shelf, commands));
    // The newest of both scenarios stay, and the one with a star.
    assert!(screen.shows("3 of 6 runs would go"));
    assert!(screen.shows("Run 4  ·  Search") && !screen.shows("Run 1  ·  Checkout"));
    screen.click("Delete 3 runs");
    let asked = screen.asked();
    let [Command::CloseDialog, Command::KeepRetention(kept), Command::PruneRuns(runs)] = asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert_eq!(*kept, rule);
    assert_eq!(runs.iter().map(|run| run.run_id.0).collect::<Vec<_>>(), [2, 3, 4]);
    screen.click("Newest runs of each scenario");
    assert!(screen.shows("No limit is set: all runs are kept."));
}

#[test]
fn a_run_is_exported_and_imported_by_a_path() {
    let mut screen = screen();
    screen.click("More for run 3");
    screen.click("Export run 3…");
    screen.click("Import run…");
    assert_eq!(
        screen.asked(),
        [Command::BrowseFor(Purpose::ExportRun(RunId(3))), Command::BrowseFor(Purpose::ImportRun)]
    );
}
