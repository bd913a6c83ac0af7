//! `presets`: the scenarios that come with the program, and those that the analyst keeps as presets.

use serde_json::json;

use crate::humanize;
use crate::model::{Plan, Scenario, parse_scenario};
use crate::store::{OwnPresets, preset, presets};

use super::{
    LibraryPlace,
    args::PresetsCommand,
    exit::{CliError, Exit},
    out::{complain, print, print_json},
    tables::table,
};

/// A preset that can be listed.
struct Listed {
    name: String,
    is_own: bool,
    scenario: Scenario,
}

/// Obeys a `presets` command.
pub fn obey(command: &PresetsCommand, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let own = place.own_presets()?;
    match command {
        PresetsCommand::List { json } => list(&own, *json)?,
        PresetsCommand::Show { name } => show(&own, name)?,
    }
    Ok(Exit::Pass)
}

fn list(own: &OwnPresets, as_json: bool) -> Result<(), CliError> {
    let presets = all(own)?;
    if as_json {
        let objects = presets.iter().map(|Listed { name, is_own, scenario }| {
            let plan = Plan::new(scenario, 1.0);
            json!({
                "preset": name,
                "own": is_own,
                "scenario": scenario.name,
                "description": scenario.description,
                "duration_secs": plan.duration().as_secs_f64(),
                "peak": plan.peak_level(),
                "peak_unit": if plan.is_open() { "arrivals_per_sec" } else { "users" },
            })
        });
        return print_json(&objects.collect());
    }
    let rows = presets.iter().map(|Listed { name, is_own, scenario }| {
        let plan = Plan::new(scenario, 1.0);
        vec![
            if *is_own { format!("{name} (own)") } else { name.clone() },
            humanize::span(plan.duration()),
            humanize::level(plan.peak_level(), plan.is_open()),
            scenario.description.lines().next().unwrap_or_default().to_owned(),
        ]
    });
    let table = table(&["Preset", "Duration", "Peak", "What it asks"], 1..3, rows);
    print(&format!(
        "{table}\n`stagewright run PRESET` runs one; `stagewright presets show PRESET` prints it.\n"
    ))
}

fn show(own: &OwnPresets, name: &str) -> Result<(), CliError> {
    if let Some(preset) = preset(name) {
        return print(preset.text);
    }
    if let Some(text) = own.text(name)? {
        return print(&text);
    }
    let names: Vec<_> = all(own)?.into_iter().map(|listed| listed.name).collect();
    Err(CliError::BadInput(format!("no preset is named `{name}`; there are: {}", names.join(", "))))
}

fn all(own: &OwnPresets) -> Result<Vec<Listed>, CliError> {
    let mut listed = Vec::new();
    for preset in presets() {
        let broken =
            || CliError::Fault(format!("the preset {} that came with the program is broken", preset.name));
        let (scenario, _) = parse_scenario(preset.text).map_err(|_| broken())?;
        listed.push(Listed { name: preset.name.to_owned(), is_own: false, scenario });
    }
    for preset in own.list()? {
        match parse_scenario(&preset.text) {
            Ok((scenario, _)) => listed.push(Listed { name: preset.name, is_own: true, scenario }),
            Err(problems) => complain(&format!(
                "your preset {} cannot be read: {}",
                preset.name,
                problems.first().map(ToString::to_string).unwrap_or_default()
            )),
        }
    }
    Ok(listed)
}
