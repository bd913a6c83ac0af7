//! Design by label and role: transport, pacing, and when a threshold ends the run.

use std::time::Duration;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, PemFile},
    state::Outcome,
    tests::Window,
};

#[test]
fn what_is_asked_of_the_transport_decides_which_it_is() {
    let mut window = Window::with_preset("quickstart");
    window.open_tab("Transport");
    assert!(window.shows("because nothing asks for more than HTTP/1.1."));
    window.click("HTTP/2");
    window.fill("Redirects", "5");
    assert!(window.shows("because the scenario asks for HTTP/2, redirects; its users share connections."));
    window.click("wire");
    assert!(window.shows("does not do what is asked: HTTP/2, redirects"), "the problem stands on the tab");
    window.press(Modifiers::COMMAND, Key::Z);
    assert!(!window.shows("does not do what is asked"));
    assert_eq!(window.scenario().transport.max_redirects, 5, "one undo step each");
}

#[test]
fn the_transports_files_are_written_or_chosen_and_emptied_again() {
    let mut window = Window::with_preset("quickstart");
    let scenario_file = window.folder.path().join("a.toml");
    window.obey(Command::SaveScenarioAs(scenario_file.clone()));
    window.wait_for("the saved scenario", |state| !state.bench.is_dirty());
    window.open_tab("Transport");
    window.fill("Client key", "/etc/client.key");
    assert!(window.shows("no use without its certificate"));
    let chosen = scenario_file.with_file_name("certificates").join("client.pem");
    let outcome = Outcome::ChosenPem(PemFile::Certificate, Some(chosen));
    window.harness.state_mut().state_mut().receive(outcome);
    window.settle();
    let tls = &window.scenario().transport.tls;
    assert_eq!(tls.key.as_deref(), Some("/etc/client.key"));
    let relative = std::path::Path::new("certificates").join("client.pem");
    assert_eq!(tls.certificate.as_deref(), relative.to_str(), "as seen from the scenario's folder");
    assert!(!window.shows("no use without its certificate"));
    window.obey(Command::Undo);
    assert_eq!(window.scenario().transport.tls.certificate, None);
    window.fill("Client key", "k");
    window.press(Modifiers::NONE, Key::Backspace);
    assert_eq!(window.scenario().transport, Default::default());
}

#[test]
fn pacing_and_patience_are_switched_on_and_off() {
    let mut window = Window::with_preset("comprehensive");
    window.open_tab("Journeys");
    window.click("Pace iterations");
    window.fill("Between starts", "2s");
    assert_eq!(window.scenario().journeys[0].pacing, Some(Duration::from_secs(2)));
    window.click("Pace iterations");
    assert_eq!(window.scenario().journeys[0].pacing, None);
    window.open_tab("Targets");
    assert_eq!(window.field("Threshold 1 abort after").value().as_deref(), Some("never"));
    window.fill("Threshold 1 abort after", "10");
    assert_eq!(window.scenario().thresholds[0].abort_after, Some(Duration::from_secs(10)));
    window.fill("Threshold 1 abort after", "never");
    assert_eq!(window.scenario().thresholds[0].abort_after, None);
}

#[test]
fn a_click_on_a_problem_goes_to_its_field() {
    let mut window = Window::with_preset("comprehensive");
    let mut scenario = window.scenario().clone();
    scenario.load.stages[3].duration = Duration::ZERO;
    scenario.timeout = Duration::ZERO;
    scenario.thresholds[1].limit = -1.0;
    window.obey(Command::Edit { scenario: Box::new(scenario), step: 1 });
    for (field, label) in [
        ("load.stages[3].duration", "Stage 4 duration"),
        ("timeout", "Timeout"),
        ("thresholds[1].limit", "Threshold 2 limit"),
    ] {
        window.obey(Command::ShowProblems);
        let problems = window.harness.state().state().bench.problems();
        let index = problems.iter().position(|problem| problem.field == field).expect(field);
        let remedy = problems[index].remedy.clone();
        window.harness.query_all_by_label("Show").nth(index).unwrap().click();
        window.settle();
        assert!(window.field(label).is_focused(), "the cursor is in {label}");
        assert!(window.shows(&remedy), "the problem stands beside {label}");
    }
}

#[test]
fn a_field_keeps_the_cursor_while_its_problem_comes_and_goes() {
    let mut window = Window::with_preset("quickstart");
    window.open_tab("Basics");
    window.fill("Base URL", "x");
    assert!(window.shows("cannot be the base URL"));
    window.field("Base URL").type_text("y");
    window.settle();
    assert!(window.field("Base URL").is_focused());
    assert_eq!(window.scenario().base_url, "xy");
    window.fill("Base URL", "http://127.0.0.1:1");
    assert!(!window.shows("cannot be the base URL"));
    assert!(window.field("Base URL").is_focused());
}

/// The quickstart in a file, which another program then changes to `text`.
fn window_with_changed_file(text: impl FnOnce(&str) -> Option<String>) -> Window {
    let mut window = Window::with_preset("quickstart");
    let path = window.folder.path().join("checkout.toml");
    window.obey(Command::SaveScenarioAs(path.clone()));
    window.wait_for("the saved file", |state| state.bench.path().is_some());
    let before = std::fs::read_to_string(&path).unwrap();
    match text(&before) {
        Some(text) => std::fs::write(&path, text).unwrap(),
        None => std::fs::remove_file(&path).unwrap(),
    }
    window
}

fn renamed(text: &str) -> Option<String> {
    Some(text.replace("\"Quickstart\"", "\"Theirs\""))
}

#[test]
fn a_file_that_another_program_changed_is_reloaded_as_an_edit() {
    let mut window = window_with_changed_file(renamed);
    let before = window.scenario().clone();
    window.wait_for("the question", |state| state.dialog.is_some());
    assert!(window.shows("checkout.toml was changed by another program"));
    assert!(!window.shows("changes here that are not saved"));
    window.click("Show difference");
    assert!(window.shows("+ name = \"Theirs\"") && window.shows("\u{2212} name = \"Quickstart\""));
    window.click("Reload");
    assert_eq!(window.scenario().name, "Theirs");
    assert!(!window.harness.state().state().bench.is_dirty());
    window.obey(Command::Undo);
    assert_eq!(*window.scenario(), before);
    assert!(window.harness.state().state().bench.is_dirty());
}

#[test]
fn keeping_mine_leaves_everything_and_asks_no_more() {
    let mut window = window_with_changed_file(renamed);
    let mut mine = window.scenario().clone();
    mine.name = "Mine".to_owned();
    window.obey(Command::Edit { scenario: Box::new(mine), step: 1 });
    window.wait_for("the question", |state| state.dialog.is_some());
    assert!(window.shows("changes here that are not saved"));
    window.click("Keep mine");
    assert_eq!(window.scenario().name, "Mine");
    window.obey(Command::SaveScenario);
    window.wait_for("the saved file", |state| !state.bench.is_dirty());
    assert!(window.harness.state().state().dialog.is_none());
}

#[test]
fn a_file_that_is_gone_or_cannot_be_read_is_said_and_changes_nothing() {
    for (text, expected) in [
        ((|_| None) as fn(&str) -> Option<String>, "was deleted or moved"),
        (|_| Some("format = 1\n".to_owned()), "cannot be read now"),
    ] {
        let mut window = window_with_changed_file(text);
        let before = window.scenario().clone();
        window.wait_for("a message", |state| {
            state.messages.shown().iter().any(|message| message.text.contains(expected))
        });
        assert_eq!(*window.scenario(), before);
        assert!(window.harness.state().state().bench.is_dirty(), "to be saved again");
    }
}
