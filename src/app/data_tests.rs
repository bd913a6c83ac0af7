//! The Data tab by label and role.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::tests::Window;
use crate::model::{AtEnd, FeedOrder, SecretSource, parse_scenario, write_scenario};

fn data() -> Window {
    let mut window = Window::with_preset("quickstart");
    window.open_tab("Data");
    window
}

fn pick(window: &mut Window, combo: &str, choice: &str) {
    window.harness.get_by_role_and_label(Role::ComboBox, combo).click();
    window.settle();
    // What the menu offers may stand elsewhere too; the menu is above.
    window.harness.get_all_by_label(choice).last().unwrap().click();
    window.settle();
}

fn assert_written(window: &Window) {
    let text = write_scenario(window.scenario(), None);
    assert_eq!(parse_scenario(&text).unwrap().0, *window.scenario(), "{text}");
}

#[test]
fn a_variable_keeps_its_row_and_its_uses_while_it_is_renamed() {
    let mut window = data();
    window.edit(1, |scenario| {
        scenario.variables.clear();
        for name in ["a", "category"] {
            scenario.variables.insert(name.into(), "tea".into());
        }
        scenario.journeys[0].steps[0].path = "/{{category}}".into();
    });
    window.settle();
    assert!(window.shows("used in 1 step"));
    window.fill("Variable 2 name", "a");
    assert!(window.shows("Another one has this name"));
    assert_eq!(window.scenario().journeys[0].steps[0].path, "/{{category}}");
    window.field("Variable 2 name").type_text("_kind");
    window.settle();
    assert_eq!(window.scenario().journeys[0].steps[0].path, "/{{a_kind}}");
    assert_eq!(window.field("Variable 2 name").value().as_deref(), Some("a_kind"));
    window.fill("Variable 2 value", "coffee");
    assert_eq!(window.scenario().variables["a_kind"], "coffee");
    window.click("Remove variable 1");
    assert_eq!(window.scenario().variables.len(), 1);
}

#[test]
fn an_environment_says_what_is_different_there_and_is_chosen_in_the_top_bar() {
    let mut window = data();
    window.edit(1, |scenario| {
        scenario.variables.clear();
        scenario.variables.insert("host".into(), "a".into());
    });
    window.settle();
    window.click("Add environment");
    window.fill("Environment 1 name", "staging");
    window.fill("Environment 1 base URL", "http://staging.example");
    window.click("host");
    window.fill("Environment 1 host", "b");
    assert_written(&window);
    window.click("Choose the environment");
    let staging = window.harness.get_all_by_label("staging").last().unwrap();
    staging.click();
    window.settle();
    assert_eq!(window.scenario().environment.as_deref(), Some("staging"));
    assert_eq!(window.scenario().resolved().variables["host"], "b");
    assert!(window.shows("http://staging.example"), "the top bar says where requests go");
    window.fill("Environment 1 name", "test");
    assert_eq!(window.scenario().environment.as_deref(), Some("test"));
    window.obey(super::command::Command::Undo);
    window.obey(super::command::Command::Undo);
    assert_eq!(window.scenario().environment, None);
}

#[test]
fn secrets_say_where_they_are_and_whether_they_are_set_here() {
    let mut window = data();
    window.click("Add secret");
    window.fill("Secret 1 environment variable", "STAGEWRIGHT_TEST_NOT_SET");
    window.wait_for("the look at the secret", |state| !state.jobs.is_under_way(&super::state::Slot::Data));
    assert!(window.shows("not set here"));
    window.fill("Secret 1 environment variable", "PATH");
    window.wait_for("the look at the secret", |state| !state.jobs.is_under_way(&super::state::Slot::Data));
    assert!(window.shows("set here") && !window.shows("not set here"));
    assert!(!window.shows(&std::env::var("PATH").unwrap()), "a value is never shown");
    pick(&mut window, "Secret 1 source", "Keyring");
    window.fill("Secret 1 user", "ann");
    let keyring = SecretSource::Keyring { service: "stagewright".into(), user: "ann".into() };
    assert_eq!(window.scenario().secrets["secret1"], keyring);
    assert_written(&window);
}

#[test]
fn a_feeder_shows_its_rows_and_its_columns_can_be_copied() {
    let mut window = data();
    let file = window.folder.path().join("users.csv");
    std::fs::write(&file, "mail,age\nann@a.example,31\nbob@b.example,42\n").unwrap();
    window.click("Add feeder");
    window.wait_for("the look at no file", |state| !state.jobs.is_under_way(&super::state::Slot::Data));
    assert!(window.shows("the file cannot be read"));
    window.fill("Feeder 1 name", "users");
    window.fill("Feeder 1 file", &file.display().to_string());
    window.wait_for("the rows", |state| !state.jobs.is_under_way(&super::state::Slot::Data));
    assert!(window.shows("bob@b.example") && window.shows("2 rows"));
    window.harness.get_by_label("Copy {{users.mail}}").click();
    window.harness.step();
    let commands = &window.harness.output().platform_output.commands;
    let copied = egui::OutputCommand::CopyText("{{users.mail}}".into());
    assert!(commands.contains(&copied), "{commands:?}");
    pick(&mut window, "Feeder 1 order", "Unique per user");
    assert_eq!(window.scenario().feeders[0].order, FeedOrder::Unique);
    assert_eq!(window.scenario().feeders[0].at_end, AtEnd::Stop, "rows that begin again are not unique");
    assert_written(&window);
    window.open_tab("Journeys");
    window.harness.get_all_by_role(Role::TreeItem).nth(1).unwrap().click();
    window.settle();
    window.fill("Path", "/{{users.m");
    window.press(egui::Modifiers::NONE, egui::Key::Enter);
    assert_eq!(window.scenario().journeys[0].steps[0].path, "/{{users.mail}}");
}
