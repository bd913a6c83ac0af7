//! `presets`: the scenarios that come with the program.

use serde_json::json;

use crate::humanize;
use crate::model::{Plan, Scenario, parse_scenario};
use crate::store::{Preset, presets};

use super::{
    args::PresetsCommand,
    exit::{CliError, Exit},
    out::{print, print_json},
    tables::table,
};

/// Obeys a `presets` command.
pub fn obey(command: &PresetsCommand) -> Result<Exit, CliError> {
    match command {
        PresetsCommand::List { json } => list(*json)?,
        PresetsCommand::Show { name } => show(name)?,
    }
    Ok(Exit::Pass)
}

fn list(as_json: bool) -> Result<(), CliError> {
    let presets = presets().iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if as_json {
        let objects = presets.iter().map(|(preset, scenario)| {
            let plan = Plan::new(scenario, 1.0);
            json!({
                "preset": preset.name,
                "scenario": scenario.name,
                "description": scenario.description,
                "duration_secs": plan.duration().as_secs_f64(),
                "peak": plan.peak_level(),
                "peak_unit": if plan.is_open() { "arrivals_per_sec" } else { "users" },
            })
        });
        return print_json(&objects.collect());
    }
    let rows = presets.iter().map(|(preset, scenario)| {
        let plan = Plan::new(scenario, 1.0);
        vec![
            preset.name.to_owned(),
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

fn show(name: &str) -> Result<(), CliError> {
    let Some(preset) = presets().iter().find(|preset| preset.name == name) else {
        let names: Vec<_> = presets().iter().map(|preset| preset.name).collect();
        return Err(CliError::BadInput(format!(
            "no preset is named `{name}`; there are: {}",
            names.join(", ")
        )));
    };
    print(preset.text)
}

fn read(preset: &'static Preset) -> Result<(&'static Preset, Scenario), CliError> {
    match parse_scenario(preset.text) {
        Ok((scenario, _)) => Ok((preset, scenario)),
        Err(_) => {
            Err(CliError::Fault(format!("the preset {} that came with the program is broken", preset.name)))
        }
    }
}
