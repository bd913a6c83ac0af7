//! The scenario editor by label and role: the tree, and the inspector.

use egui::{Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, FilePlace},
    state::Outcome,
    tests::Window,
};
use crate::model::{
    Auth, Body, Check, ExtractSource, Journey, KeyPlace, Metric, PartContent, Scenario, Scope, SecretSource,
    Step, Threshold, parse_scenario, write_scenario,
};

/// Two journeys: Home, Search and Cart; Pay.
fn editor() -> Window {
    let mut window = Window::with_preset("quickstart");
    window.edit(1, |scenario| {
        let journey = |name: &str, steps: &[&str]| Journey {
            steps: steps.iter().map(|step| Step::get(*step, "/")).collect(),
            ..Journey::new(name)
        };
        scenario.journeys = vec![journey("Browse", &["Home", "Search", "Cart"]), journey("Buy", &["Pay"])];
        scenario.services.clear();
        scenario.thresholds.clear();
    });
    window.open_tab("Journeys");
    window
}

fn with_step(name: &str) -> Window {
    let mut window = editor();
    select(&mut window, name);
    window
}

fn select(window: &mut Window, name: &str) {
    window.harness.get_by_role_and_label(Role::TreeItem, name).click();
    window.settle();
}

fn open_part(window: &mut Window, part: &str) {
    window.harness.get_by_role_and_label(Role::Tab, part).click();
    window.settle();
}

fn pick(window: &mut Window, combo: &str, choice: &str) {
    window.harness.get_by_role_and_label(Role::ComboBox, combo).click();
    window.settle();
    // What the menu offers may stand elsewhere too; the menu is above.
    window.harness.get_all_by_label(choice).last().unwrap().click();
    window.settle();
}

/// Names of steps by journey, those that are off in brackets.
fn outline(window: &Window) -> String {
    let journeys = window.scenario().journeys.iter().map(|journey| {
        let steps = journey
            .steps
            .iter()
            .map(|step| if step.enabled { step.name.clone() } else { format!("({})", step.name) });
        format!("{}: {}", journey.name, steps.collect::<Vec<_>>().join(" "))
    });
    journeys.collect::<Vec<_>>().join(", ")
}

fn step(window: &Window) -> &Step {
    &window.scenario().journeys[0].steps[0]
}

fn threshold_of(step: &str) -> Threshold {
    Threshold {
        scope: Scope::Step(step.to_owned()),
        ..crate::analysis::sample::must(Metric::Quantile(0.95), 0.5)
    }
}

/// What the window made of the scenario is what its file says.
fn assert_written(window: &Window) {
    let text = write_scenario(window.scenario(), None);
    assert_eq!(parse_scenario(&text).unwrap().0, *window.scenario(), "{text}");
}

#[test]
fn a_dragged_step_lands_where_it_is_dropped_in_one_undo_step() {
    let mut window = editor();
    let pay = window.harness.get_by_role_and_label(Role::TreeItem, "Pay").rect().center();
    let home = window.harness.get_by_role_and_label(Role::TreeItem, "Home").rect().center();
    window.drag("Home", pay - home + egui::vec2(0.0, 8.0));
    assert_eq!(outline(&window), "Browse: Search Cart, Buy: Pay Home");
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(outline(&window), "Browse: Home Search Cart, Buy: Pay");
    window.drag("Buy", egui::vec2(0.0, -200.0));
    assert_eq!(outline(&window), "Buy: Pay, Browse: Home Search Cart");
}

#[test]
fn escape_takes_a_drag_back() {
    let mut window = editor();
    let from = window.harness.get_by_role_and_label(Role::TreeItem, "Home").rect().center();
    window.harness.hover_at(from);
    window.harness.step();
    window.harness.drag_at(from);
    window.harness.step();
    for by in [10.0, 40.0, 60.0] {
        window.harness.hover_at(from + egui::vec2(0.0, by));
        window.harness.step();
    }
    window.harness.key_press(Key::Escape);
    window.harness.step();
    window.harness.drop_at(from + egui::vec2(0.0, 60.0));
    window.settle();
    assert_eq!(outline(&window), "Browse: Home Search Cart, Buy: Pay");
}

#[test]
fn the_tree_is_walked_and_changed_by_keyboard() {
    let mut window = with_step("Home");
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(outline(&window), "Browse: Home Cart Search, Buy: Pay");
    window.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(outline(&window), "Browse: Home Cart, Buy: Search Pay");
    window.press(Modifiers::NONE, Key::Space);
    assert_eq!(outline(&window), "Browse: Home Cart, Buy: (Search) Pay");
    window.press(Modifiers::COMMAND, Key::D);
    assert_eq!(outline(&window), "Browse: Home Cart, Buy: (Search) (Search (2)) Pay");
    window.press(Modifiers::NONE, Key::Delete);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(window.harness.query_by_role_and_label(Role::TreeItem, "Pay").is_none(), "Buy is shut");
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.field("Step name").is_focused());
    assert_eq!(window.field("Step name").value().as_deref(), Some("Search"));
}

#[test]
fn a_name_is_written_in_its_row_and_thresholds_follow() {
    let mut window = editor();
    window.edit(2, |scenario| {
        scenario.thresholds = vec![threshold_of("Home")];
    });
    select(&mut window, "Home");
    window.press(Modifiers::NONE, Key::F2);
    window.fill("New name", "Start page");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(step(&window).name, "Start page");
    assert_eq!(window.scenario().thresholds[0].scope, Scope::Step("Start page".into()));
    window.press(Modifiers::NONE, Key::F2);
    window.fill("New name", "Other");
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(step(&window).name, "Start page");
}

#[test]
fn a_name_that_is_anothers_for_a_moment_takes_nothing_over() {
    let mut window = editor();
    window.edit(2, |scenario| {
        scenario.thresholds = vec![threshold_of("Home"), threshold_of("Search")];
    });
    select(&mut window, "Home");
    window.fill("Step name", "Search");
    window.field("Step name").type_text("es");
    window.settle();
    let scopes: Vec<_> =
        window.scenario().thresholds.iter().map(|threshold| threshold.scope.clone()).collect();
    assert_eq!(scopes, [Scope::Step("Searches".into()), Scope::Step("Search".into())]);
}

#[test]
fn only_rows_in_sight_are_drawn() {
    let mut window = editor();
    window.edit(2, |scenario| {
        scenario.journeys[0].steps = (0..500).map(|n| Step::get(format!("Step {n}"), "/")).collect();
    });
    window.settle();
    let n_rows = window.harness.query_all_by_role(Role::TreeItem).count();
    assert!(n_rows < 60, "{n_rows} rows are drawn");
    window.fill("Filter steps", "step 499");
    assert_eq!(window.harness.query_all_by_role(Role::TreeItem).count(), 2);
    select(&mut window, "Step 499");
    assert_eq!(window.field("Step name").value().as_deref(), Some("Step 499"));
    window.click("Clear the filter");
    assert!(window.harness.query_by_role_and_label(Role::TreeItem, "Step 499").is_some(), "scrolled to");
}

#[test]
fn queries_and_headers_grow_by_writing_in_the_last_row() {
    let mut window = with_step("Home");
    window.fill("Query parameter 1 name", "page");
    window.fill("Query parameter 1 value", "2");
    window.fill("Query parameter 2 name", "sort");
    assert_eq!(step(&window).query, [("page".into(), "2".into()), ("sort".into(), String::new())]);
    window.press(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(step(&window).query[0].0, "sort");
    window.click("Remove query parameter 1");
    assert_eq!(step(&window).query.len(), 1);
    open_part(&mut window, "Headers");
    window.fill("Header 1 name", "x id");
    assert!(window.shows("cannot be the name of a header"), "the problem stands beside the field");
    window.fill("Header 1 name", "x-id");
    window.fill("Header 1 value", "7");
    assert_eq!(step(&window).headers, [("x-id".into(), "7".into())]);
    assert_written(&window);
}

#[test]
fn a_body_of_each_kind_is_written() {
    let mut window = with_step("Home");
    open_part(&mut window, "Body");
    window.click("JSON");
    window.fill("Body", "{\"a\":1,");
    assert!(window.shows("line 1 column"), "where the JSON breaks off is said");
    window.fill("Body", "{\"a\":[1,{\"b\":{{n}}}]}");
    window.click("Format");
    let Body::Json(text) = &step(&window).body else { panic!() };
    assert!(text.contains("\n  \"a\": ["), "{text}");
    window.click("Text");
    window.fill("Body", "plain");
    assert_eq!(step(&window).body, Body::Text("plain".into()));
    window.click("Form");
    window.fill("Form field 1 name", "q");
    window.fill("Form field 1 value", "tea");
    assert_eq!(step(&window).body, Body::Form(vec![("q".into(), "tea".into())]));
    window.click("Multipart");
    window.click("Add part");
    pick(&mut window, "Part 2 kind", "File");
    let place = FilePlace::Part { journey: 0, step: 0, part: 1 };
    window.harness.state_mut().state_mut().receive(Outcome::ChosenFile(place, Some("/tmp/a.png".into())));
    window.settle();
    window.fill("Part 2 type", "image/png");
    let Body::Multipart(parts) = &step(&window).body else { panic!() };
    assert_eq!(parts[0].content, PartContent::Text("tea".into()));
    assert_eq!(parts[1].content, PartContent::File("/tmp/a.png".into()));
    assert_written(&window);
    window.click("File");
    window.fill("Body file", "b.bin");
    assert_eq!(step(&window).body, Body::File("b.bin".into()));
    assert_written(&window);
}

#[test]
fn credentials_of_each_kind_are_written_and_secrets_made_of_them() {
    let mut window = with_step("Home");
    open_part(&mut window, "Auth");
    assert!(window.shows("As the scenario says under Basics: none."));
    window.click("Basic");
    window.fill("User", "ann");
    window.fill("Password", "hunter2");
    assert!(window.shows("it is saved in the scenario file"));
    window.click("Use a secret instead");
    let basic = Auth::Basic { user: "ann".into(), password: "{{password}}".into() };
    assert_eq!(step(&window).auth, Some(basic));
    assert_eq!(window.scenario().secrets["password"], SecretSource::Env("PASSWORD".into()));
    assert_written(&window);
    window.click("Bearer");
    window.click("Choose a secret as token");
    window.click("password");
    assert_eq!(step(&window).auth, Some(Auth::Bearer { token: "{{password}}".into() }));
    window.click("API key");
    window.click("In the query");
    window.fill("API key name", "key");
    window.click("Choose a secret as api key");
    window.click("New secret");
    let Some(Auth::ApiKey { place, name, value }) = &step(&window).auth else { panic!() };
    assert_eq!((*place, name.as_str(), value.as_str()), (KeyPlace::Query, "key", "{{api_key}}"));
    window.click("OAuth 2");
    window.fill("Token URL", "/token");
    window.fill("Client id", "me");
    window.fill("Client secret", "{{password}}");
    window.fill("Scope", "read");
    let Some(Auth::OAuth2(credentials)) = &step(&window).auth else { panic!() };
    assert_eq!(credentials.scope.as_deref(), Some("read"));
    assert_written(&window);
    window.click("Inherit");
    assert_eq!(step(&window).auth, None);
}

#[test]
fn checks_of_each_kind_are_written() {
    let mut window = with_step("Home");
    open_part(&mut window, "Checks");
    let kinds = [
        "Status is",
        "Body contains",
        "Body matches",
        "JSONPath exists",
        "JSONPath equals",
        "Header contains",
        "Size of the body",
        "Service time at most",
    ];
    for (index, kind) in kinds.iter().enumerate() {
        window.click("Add check");
        if index > 0 {
            pick(&mut window, &format!("Check {} kind", index + 1), kind);
        }
    }
    window.fill("Check 2 text", "welcome");
    window.fill("Check 3 pattern", "[");
    assert!(window.shows("is no regular expression"));
    window.fill("Check 3 pattern", "a+");
    window.fill("Check 5 value", "1");
    window.fill("Check 7 smallest", "10");
    let checks = &step(&window).checks;
    assert_eq!(checks.len(), 8);
    assert_eq!(checks[1], Check::BodyContains("welcome".into()));
    assert_eq!(checks[6], Check::Size { min: Some(10), max: Some(100_000) });
    assert_written(&window);
}

#[test]
fn extracts_of_each_kind_are_written_and_offered_to_later_steps() {
    let mut window = with_step("Home");
    open_part(&mut window, "Extracts");
    for (index, kind) in ["JSONPath", "Regex", "Header", "Cookie"].iter().enumerate() {
        window.click("Add extract");
        if index > 0 {
            pick(&mut window, &format!("Extract {} kind", index + 1), kind);
        }
    }
    window.fill("Extract 4 name", "session_id");
    window.fill("Extract 4 source", "sid");
    assert_eq!(step(&window).extracts[3].source, ExtractSource::Cookie("sid".into()));
    assert_written(&window);
    select(&mut window, "Search");
    window.fill("Path", "/search/{{sess");
    assert!(window.shows("extracted by Home"));
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.scenario().journeys[0].steps[1].path, "/search/{{session_id}}");
}

#[test]
fn two_braces_offer_what_has_a_value_and_escape_shuts_the_offer() {
    let mut window = editor();
    window.edit(2, |scenario| {
        scenario.variables.insert("category".into(), "tea".into());
    });
    select(&mut window, "Home");
    window.fill("Path", "/{{");
    assert!(window.shows("category") && window.shows("a random UUID"));
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("a random UUID"));
    assert!(window.field("Path").is_focused(), "Escape shuts only the offer");
    window.field("Path").type_text("uu");
    window.settle();
    window.press(Modifiers::NONE, Key::Tab);
    assert_eq!(step(&window).path, "/{{uuid()}}");
}

#[test]
fn limits_of_a_step_are_its_own_or_the_scenarios() {
    let mut window = with_step("Home");
    open_part(&mut window, "Limits");
    window.click("Own timeout");
    window.fill("Step timeout", "2s");
    window.click("Own redirects");
    window.fill("Step redirects", "3");
    assert_eq!(step(&window).max_redirects, Some(3));
    assert!(window.shows("because the scenario asks for redirects"));
    assert_written(&window);
    window.click("Choose the transport");
    assert!(window.shows("Which requests share a connection"));
}

#[test]
fn a_jump_to_a_problem_selects_the_step_and_opens_the_part() {
    let mut window = editor();
    window.edit(2, |scenario: &mut Scenario| {
        scenario.journeys[1].steps[0].checks = vec![Check::Status(200), Check::BodyMatches("[".into())];
    });
    window.settle();
    window.obey(Command::ShowProblem("journeys[1].steps[0].checks[1].regex".into()));
    assert!(window.field("Check 2 pattern").is_focused());
    assert_eq!(window.field("Step name").value().as_deref(), Some("Pay"));
}

#[test]
fn the_request_is_shown_as_it_is_sent_with_secrets_hidden() {
    let mut window = editor();
    window.edit(2, |scenario| {
        scenario.base_url = "http://shop.example".into();
        scenario.variables.insert("kind".into(), "tea".into());
        scenario.secrets.insert("token".into(), SecretSource::Env("PATH".into()));
        scenario.auth = Auth::Bearer { token: "{{token}}".into() };
        scenario.journeys[0].steps[0].path = "/list/{{kind}}".into();
    });
    select(&mut window, "Home");
    assert!(window.shows("GET /list/tea HTTP/1.1"));
    assert!(window.shows("Bearer •••") && !window.shows(&std::env::var("PATH").unwrap()));
    window.fill("Query parameter 1 name", "a b");
    assert!(window.shows("GET /list/tea?a%20b= HTTP/1.1"));
    window.click("Copy the request");
    window.click("Hide the request");
    assert!(!window.shows("HTTP/1.1\nhost"));
}
