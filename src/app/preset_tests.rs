//! Presets, the palette and limits derived from a run, by label and role.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::{
    command::{Command, View},
    design::DesignCommand,
    tests::{Window, start_small_run},
};

#[test]
fn a_preset_is_found_and_opened_by_keyboard() {
    let mut window = Window::open();
    window.click("Start from a preset");
    for name in [
        "quickstart",
        "smoke",
        "normal",
        "peak",
        "stress",
        "spike",
        "soak",
        "breakpoint",
        "knee",
        "comprehensive",
    ] {
        assert!(window.shows(&format!("Preset {name}")), "{name}");
    }
    window.field("Find a preset").type_text("open spike");
    window.settle();
    assert!(!window.shows("Preset comprehensive") && window.shows("Preset spike"));
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.scenario().name, "Spike");
    assert!(!window.harness.state().state().gallery.is_open);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::O);
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.scenario().name, "Smoke");
}

#[test]
fn an_own_preset_is_saved_opened_deleted_and_restored() {
    let mut window = Window::with_preset("quickstart");
    window.click("Add stage");
    let expected = window.scenario().load.clone();
    window.obey(Command::BrowseForPreset);
    window.fill("Preset name", "smoke");
    assert!(window.shows("comes with the program"));
    window.fill("Preset name", "Checkout, daily");
    assert!(window.shows("letters, digits"));
    window.fill("Preset name", "Checkout daily");
    window.fill("Preset sentence", "Every morning before the release.");
    window.click("Save preset");
    window.wait_for("the preset", |state| state.gallery.own_names().next().is_some());
    assert!(window.shows("Saved as preset Checkout daily"));

    // Replacing it takes a click on a button that says so.
    window.obey(Command::BrowseForPreset);
    window.fill("Preset name", "checkout daily");
    assert!(window.shows("Saving replaces it"));
    window.click("Cancel");

    window.obey(Command::OpenPreset("smoke".to_owned()));
    window.click("Discard changes");
    assert_eq!(window.scenario().name, "Smoke");
    window.obey(Command::ShowGallery);
    window.click("Preset Checkout daily");
    window.wait_for("the preset", |state| state.bench.scenario().unwrap().name == "Quickstart");
    assert_eq!(window.scenario().load, expected);
    assert_eq!(window.scenario().description, "Every morning before the release.");

    window.obey(Command::ShowGallery);
    window.click("Delete preset Checkout daily");
    window.wait_for("the deletion", |state| state.gallery.own_names().next().is_none());
    window.obey(Command::TogglePalette);
    window.obey(Command::TogglePalette);
    let restore =
        window.harness.state().state().messages.shown().iter().find_map(|message| message.offer.clone());
    window.obey(restore.expect("an offer to restore").1);
    window
        .wait_for("the restored preset", |state| state.gallery.own_names().next() == Some("Checkout daily"));
}

#[test]
fn the_palette_lists_what_design_can_do_to_the_selection() {
    let mut window = Window::with_preset("quickstart");
    window.obey(Command::Show(View::History));
    let refusal =
        |window: &Window, command| window.harness.state().state().refusal(&Command::Design(command));
    assert_eq!(refusal(&window, DesignCommand::DuplicateStage).as_deref(), Some("No stage is selected"));
    window.press(Modifiers::COMMAND, Key::K);
    window.field("Find a command").type_text("add stage");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.scenario().load.stages.len(), 4);
    assert_eq!(window.harness.state().state().view, View::Design);
    assert_eq!(refusal(&window, DesignCommand::DuplicateStage), None, "the new stage is selected");
    window.obey(Command::Design(DesignCommand::DuplicateStage));
    assert_eq!(window.scenario().load.stages.len(), 5);
    window.obey(Command::Design(DesignCommand::AddStep));
    window.obey(Command::Design(DesignCommand::DuplicateStep));
    assert_eq!(window.harness.state().state().bench.n_errors(), 0, "copies get names of their own");
    for _ in 0..4 {
        window.obey(Command::Undo);
    }
    assert_eq!(window.scenario().load.stages.len(), 3, "each is one step");
    for (command, label, _) in DesignCommand::ALL {
        let listed = super::actions::actions();
        assert!(listed.iter().any(|a| a.command == Command::Design(command) && a.label == label), "{label}");
    }
}

#[test]
fn limits_are_derived_from_a_run_ticked_and_applied_as_one_edit() {
    let mut window = start_small_run(2);
    window.wait_for("its end", |state| !state.run_state.is_busy());
    let run_id = window.harness.state().state().run.shown.unwrap();
    window.wait_for("the kept run", |state| state.shelf.loaded(run_id).is_some());
    window.obey(Command::Show(View::Design));
    let before = window.scenario().clone();
    assert!(before.thresholds.is_empty());
    window.open_tab("Targets");
    window.click("Derive from a run…");
    assert!(window.shows(&format!("Measured in run {run_id}")));
    let p50 = "p50 response time while steady";
    let ticked = window.harness.get_by_label(p50).accesskit_node().toggled();
    // On a machine too busy for a sound run, nothing is ticked beforehand.
    if ticked != Some(egui::accesskit::Toggled::True) {
        window.click(p50);
    }
    window.fill("Head-room", "100%");
    window.harness.query_all_by_label_contains("Apply ").next().unwrap().click();
    window.settle();
    let applied = window.scenario().thresholds.clone();
    let p50 =
        applied.iter().find(|threshold| threshold.metric == crate::model::Metric::Quantile(0.5)).unwrap();
    let state = window.harness.state().state();
    let measured = state.shelf.loaded(run_id).unwrap().summary.headline.metric(p50.metric).unwrap();
    assert!(p50.limit >= 2.0 * measured && p50.limit <= 2.7 * measured, "{} for {measured}", p50.limit);
    window.obey(Command::Undo);
    assert_eq!(*window.scenario(), before, "one edit");
}

#[test]
fn a_refused_start_leads_to_the_problems() {
    let mut window = Window::open();
    window.obey(Command::NewScenario);
    window.open_tab("Transport");
    window.harness.query_all_by_label_contains("Solve ").next().unwrap().click();
    window.settle();
    assert!(window.shows("there is nothing to send"));
    window.open_tab("Transport");
    window.obey(Command::StartRun);
    window.click("Show problems");
    assert!(window.shows("there is nothing to send"));
}
