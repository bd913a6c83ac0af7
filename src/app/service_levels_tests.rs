//! Service levels on the Design screen, by label and role.

use std::time::Duration;

use egui_kittest::kittest::Queryable as _;

use super::{command::Command, tests::Window};
use crate::model::{ClientErrors, ServiceLevelOptions, parse_scenario, write_scenario};

fn targets() -> Window {
    let mut window = Window::with_preset("comprehensive");
    window.edit(1, |scenario| scenario.service_levels = ServiceLevelOptions::default());
    window.open_tab("Targets");
    window
}

/// Clicks what may be below the edge of the window.
fn click(window: &mut Window, label: &str) {
    window.harness.get_by_label(label).scroll_to_me();
    window.settle();
    window.click(label);
}

#[test]
fn service_levels_are_set_among_the_targets_and_undo_takes_them_back() {
    let mut window = targets();
    assert!(window.shows("In force: 99.9 % over 30 d, of the run's availability threshold"));
    window.fill("Availability objective", "99.95%");
    window.fill("Objective period", "7d");
    window.fill("Apdex T", "80ms");
    window.fill("Share of bad requests", "10%");
    click(&mut window, "do not count");
    let expected = ServiceLevelOptions {
        availability: Some(0.9995),
        period: Duration::from_secs(7 * 86_400),
        apdex: Some(Duration::from_millis(80)),
        client_errors: ClientErrors::Excluded,
        exclude_steps: Vec::new(),
        window_error_share: 0.1,
    };
    assert_eq!(window.scenario().service_levels, expected);
    let text = write_scenario(window.scenario(), None);
    assert_eq!(parse_scenario(&text).unwrap().0, *window.scenario(), "{text}");
    window.fill("Availability objective", "100%");
    assert!(window.shows("leaves no error budget"), "beside its field");
    window.obey(Command::Undo);
    assert_eq!(window.scenario().service_levels, expected);
    window.fill("Availability objective", "by threshold");
    assert_eq!(window.scenario().service_levels.availability, None);
}

#[test]
fn a_step_is_left_out_and_counts_again() {
    let mut window = targets();
    click(&mut window, "Leave a step out");
    window.harness.get_all_by_label("Log in").last().unwrap().click();
    window.settle();
    assert_eq!(window.scenario().service_levels.exclude_steps, ["Log in"]);
    click(&mut window, "Count Log in again");
    assert_eq!(window.scenario().service_levels.exclude_steps, Vec::<String>::new());
}
