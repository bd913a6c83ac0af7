//! Design by label and role: transport, pacing, and when a threshold ends the run.

use std::time::Duration;

use egui::{Key, Modifiers};

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
    window.harness.run();
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
