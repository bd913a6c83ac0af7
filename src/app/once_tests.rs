//! Send once by label and role, against a small server on this machine.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread,
};

use egui::{Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable as _;

use super::{command::Command, tests::Window};
use crate::model::{Check, Extract, ExtractSource, Journey, Step};

const BODY: &str = r#"{"items": [{"id": 7, "name": "Bread"}], "state": "open"}"#;

/// Answers everything with the same JSON.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                while lines.by_ref().take_while(|line| !line.is_empty()).count() > 0 {
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
                    let answer = format!("{head}content-length: {}\r\n\r\n{BODY}", BODY.len());
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

/// A window whose scenario was sent once to `base_url`.
fn sent_to(base_url: String) -> Window {
    let mut window = Window::with_preset("quickstart");
    window.edit(1, |scenario| {
        scenario.base_url = base_url;
        let steps = vec![Step::get("Items", "/items/7?page=2"), Step::get("Item", "/items/7/edit")];
        scenario.journeys = vec![Journey { steps, ..Journey::new("Shop") }];
        scenario.services.clear();
        scenario.thresholds.clear();
    });
    window.open_tab("Journeys");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.harness.step();
    window.wait_for("the end", |state| state.once.sent().is_some_and(|sent| sent.end.is_some()));
    window
}

fn show_step(window: &mut Window, said: &str) {
    window.open_tab(said);
}

#[test]
fn an_iteration_is_sent_and_shown_step_by_step() {
    let mut window = sent_to(server());
    assert!(window.shows("Items: ok, 200") && window.shows("Item: ok, 200") && window.shows("HTTP 200"));
    assert!(window.shows("name: \"Bread\""));
    for (side, words) in [
        ("Request", "GET "),
        ("Timings", "from the send to the end of the answer"),
        ("Variables", "no variables"),
        ("Checks", "status is below 400"),
    ] {
        window.open_tab(side);
        assert!(window.shows(words), "{side}");
    }
    assert!(!window.shows("From before your last edit"));
    window.edit(2, |scenario| scenario.description = "changed".to_owned());
    window.settle();
    assert!(window.shows("From before your last edit"));
}

#[test]
fn a_clicked_value_becomes_an_extract_and_one_undo_takes_it_back() {
    let mut window = sent_to(server());
    show_step(&mut window, "Items: ok, 200");
    window.click("id: 7");
    window.fill("Name of the variable", "item");
    window.click("Extract as {{item}}");
    let extract =
        Extract { name: "item".to_owned(), source: ExtractSource::JsonPath("$.items[0].id".to_owned()) };
    assert_eq!(window.scenario().journeys[0].steps[0].extracts, [extract]);
    assert!(window.scenario().journeys[0].steps[1].extracts.is_empty());
    window.obey(Command::Undo);
    assert!(window.scenario().journeys[0].steps[0].extracts.is_empty());
}

#[test]
fn a_clicked_value_can_be_checked() {
    let mut window = sent_to(server());
    show_step(&mut window, "Items: ok, 200");
    window.click("state: \"open\"");
    window.click("Check that it is open");
    let check = Check::JsonPathEquals { path: "$.state".to_owned(), value: "open".to_owned() };
    assert_eq!(window.scenario().journeys[0].steps[0].checks, [check]);
}

#[test]
fn a_clicked_literal_becomes_a_variable_in_all_steps_if_asked_for() {
    let mut window = sent_to(server());
    show_step(&mut window, "Items: ok, 200");
    window.open_tab("Request");
    window.harness.get_by_role_and_label(Role::Button, "7").click();
    window.settle();
    window.click("In all 2 places of the scenario");
    window.click("Make it {{item_id}}");
    let scenario = window.scenario();
    assert_eq!(scenario.journeys[0].steps[0].path, "/items/{{item_id}}?page=2");
    assert_eq!(scenario.journeys[0].steps[1].path, "/items/{{item_id}}/edit");
    assert_eq!(scenario.variables["item_id"], "7");
    window.obey(Command::Undo);
    assert_eq!(window.scenario().journeys[0].steps[0].path, "/items/7?page=2");
}

#[test]
fn checks_are_learned_from_an_answer() {
    let mut window = sent_to(server());
    show_step(&mut window, "Item: ok, 200");
    window.open_tab("Checks");
    window.click("Learn checks");
    window.click("`$.items` is there");
    window.click("Add 3 checks");
    let checks = &window.scenario().journeys[0].steps[1].checks;
    assert_eq!(checks[0], Check::Status(200));
    assert_eq!((checks.len(), &checks[2]), (3, &Check::JsonPathExists("$.items".to_owned())));
}

#[test]
fn a_refused_connection_is_told_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let refusing = listener.local_addr().unwrap();
    drop(listener);
    let window = sent_to(format!("http://{refusing}"));
    assert!(window.shows("connection refused"));
}
