//! `monitors`: reaches what a scenario watches, once, and shows what is read there.

use std::path::Path;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::analysis::series_text;
use crate::humanize::{self, MISSING};
use crate::launch::test_monitor;
use crate::metrics::ClockOffset;
use crate::model::{Monitor, SandboxUrl, Scenario, template_names};
use crate::monitor::{ConnectionTest, FoundMetric};
use crate::sandbox::SandboxProcess;

use super::{
    LibraryPlace,
    args::{Assignment, SetupArgs},
    exit::{CliError, Exit},
    out::{print, print_json},
    scenario_file::read_runnable,
    tables::table,
};

/// Names on an exporter's page that are listed; `--json` gives all.
const MAX_FOUND: usize = 40;

/// How long one monitor may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A monitor by its name, and what came of trying it.
type Tried = (String, Result<ConnectionTest, String>);

#[derive(Debug, Args)]
pub struct MonitorsArgs {
    /// A scenario file, or a preset's name
    pub scenario: String,
    /// This one only, also where it is switched off
    #[arg(long, value_name = "NAME")]
    pub monitor: Option<String>,
    /// Use one of the scenario's environments: its base URL and its variables
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// Replace the value of a variable, of the scenario or of the environment (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<Assignment>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Tries a scenario's monitors; one that cannot be read ends as bad input.
pub fn monitors(args: &MonitorsArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let setup = SetupArgs {
        environment: args.environment.clone(),
        variables: args.variables.clone(),
        ..SetupArgs::default()
    };
    let mut scenario = read_runnable(&args.scenario, &place.own_presets()?, &setup)?;
    let chosen = chosen(&scenario, args.monitor.as_deref())?;
    let _sandbox = with_sandbox(&mut scenario, &chosen)?;
    let tried = tried(&scenario, &chosen, Path::new(&args.scenario).parent());
    if args.json {
        print_json(&json!({ "monitors": tried.iter().map(tried_json).collect::<Vec<_>>() }))?;
    } else {
        print(&tried.iter().map(tried_text).collect::<Vec<_>>().join("\n"))?;
    }
    let is_read = tried.iter().all(|(_, outcome)| outcome.is_ok());
    Ok(if is_read { Exit::Pass } else { Exit::BadInput })
}

/// Starts the sandbox where a monitor reads from it, and has the scenario name its address; it ends with what is returned.
fn with_sandbox(scenario: &mut Scenario, chosen: &[usize]) -> Result<Option<SandboxProcess>, CliError> {
    let names_base_url = |index: &usize| {
        let texts = scenario.monitors[*index].probe.templates();
        texts.iter().any(|text| template_names(text).any(|name| name == Monitor::BASE_URL))
    };
    let is_asked_for = chosen.iter().any(names_base_url);
    let Some(wish) = SandboxUrl::of(&scenario.base_url).filter(|_| is_asked_for) else { return Ok(None) };
    let sandbox = SandboxProcess::start(wish.wishes())?;
    sandbox.base_url().clone_into(&mut scenario.base_url);
    // What it made of the scenario is in place already, and would bring its own base URL back.
    scenario.environment = None;
    Ok(Some(sandbox))
}

/// All at once, in the order of the scenario.
fn tried(scenario: &Scenario, chosen: &[usize], files_root: Option<&Path>) -> Vec<Tried> {
    thread::scope(|scope| {
        let trial = |index: usize| scope.spawn(move || test_monitor(scenario, index, files_root, PATIENCE));
        let trials: Vec<_> = chosen.iter().map(|index| (*index, trial(*index))).collect();
        let outcome = |(index, trial): (usize, thread::ScopedJoinHandle<'_, _>)| {
            let fault = || Err("the trial itself failed; please report it".to_owned());
            (scenario.monitors[index].name.clone(), trial.join().unwrap_or_else(|_| fault()))
        };
        trials.into_iter().map(outcome).collect()
    })
}

/// The place of the monitor of a name, or those of all that are switched on.
fn chosen(scenario: &Scenario, name: Option<&str>) -> Result<Vec<usize>, CliError> {
    let all = &scenario.monitors;
    let known = || all.iter().map(|monitor| monitor.name.as_str()).collect::<Vec<_>>().join(", ");
    if all.is_empty() {
        let words = "the scenario has no monitors; add a [[monitors]] table with name and kind";
        return Err(CliError::BadInput(words.to_owned()));
    }
    let Some(name) = name else {
        let enabled: Vec<usize> = (0..all.len()).filter(|index| all[*index].enabled).collect();
        if enabled.is_empty() {
            let words = format!("all monitors are switched off; name one with --monitor: {}", known());
            return Err(CliError::BadInput(words));
        }
        return Ok(enabled);
    };
    all.iter().position(|monitor| monitor.name == name).map(|index| vec![index]).ok_or_else(|| {
        CliError::BadInput(format!("--monitor {name}: the scenario has no such monitor. It has: {}", known()))
    })
}

fn tried_text((name, outcome): &Tried) -> String {
    match outcome {
        Ok(test) => read_text(name, test),
        Err(reason) => format!("{name}: cannot be read: {reason}\n"),
    }
}

fn read_text(name: &str, test: &ConnectionTest) -> String {
    let parts = [
        (!test.version.is_empty()).then(|| test.version.clone()),
        Some(format!("reached in {}", humanize::latency(test.took))),
        test.clock.map(clock_words),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut text = format!("{name}: {}\n", parts.join(" · "));
    for note in &test.notes {
        text += &format!("  • {note}\n");
    }
    let rows = test.values.iter().map(|(series, value)| {
        let value = value.map_or_else(|| MISSING.to_owned(), |value| series_text(series.unit, value));
        vec![series.name.clone(), value, series.group.name().to_owned(), series.meaning.clone()]
    });
    if !test.values.is_empty() {
        text += &format!("{}\n", table(&["Series", "Now", "Group", "What it is"], 1..2, rows));
    }
    if !test.found.is_empty() {
        let names: Vec<&str> = test.found.iter().take(MAX_FOUND).map(|metric| metric.name.as_str()).collect();
        text += &format!("  On its page: {}", names.join(", "));
        text += &match test.found.len().saturating_sub(MAX_FOUND) {
            0 => "\n".to_owned(),
            n => format!(" and {} more; --json lists all\n", humanize::count(n as u64)),
        };
    }
    text
}

/// `its clock is ahead by +2.00 ms ± 1.00 ms`.
fn clock_words(clock: ClockOffset) -> String {
    format!(
        "its clock is {} ± {} ahead",
        humanize::latency_change(clock.ahead_secs),
        humanize::latency_secs(clock.uncertainty_secs)
    )
}

fn tried_json((name, outcome): &Tried) -> Value {
    let test = match outcome {
        Ok(test) => test,
        Err(reason) => return json!({ "name": name, "is_read": false, "error": reason }),
    };
    let series = test.values.iter().map(|(series, value)| {
        json!({
            "name": series.name,
            "value": value,
            "unit": series.unit.name(),
            "group": series.group.name(),
            "aspect": series.aspect.name(),
            "meaning": series.meaning,
        })
    });
    json!({
        "name": name,
        "is_read": true,
        "version": test.version,
        "reached_secs": test.took.as_secs_f64(),
        "clock": test.clock,
        "notes": test.notes,
        "series": series.collect::<Vec<_>>(),
        "found": test.found.iter().map(found_json).collect::<Vec<_>>(),
    })
}

fn found_json(metric: &FoundMetric) -> Value {
    json!({
        "name": metric.name,
        "kind": metric.kind,
        "help": metric.help,
        "n_samples": metric.n_samples,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LoadModel, LoadProfile, Probe};

    fn scenario(monitors: &[(&str, bool)]) -> Scenario {
        let load = LoadProfile {
            model: LoadModel::Closed,
            warm_up: std::time::Duration::ZERO,
            graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
            stages: Vec::new(),
        };
        let monitor = |(name, enabled): &(&str, bool)| Monitor {
            enabled: *enabled,
            ..Monitor::new(*name, Probe::Machine)
        };
        Scenario {
            monitors: monitors.iter().map(monitor).collect(),
            ..Scenario::new("watched", "http://127.0.0.1:9", load)
        }
    }

    #[test]
    fn those_switched_on_are_tried_unless_one_is_named() {
        let names = |scenario: &Scenario, name: Option<&str>| -> Result<Vec<String>, String> {
            let chosen = chosen(scenario, name).map_err(|error| error.to_string())?;
            Ok(chosen.iter().map(|index| scenario.monitors[*index].name.clone()).collect())
        };
        let two = scenario(&[("here", true), ("there", false)]);
        assert_eq!(names(&two, None).unwrap(), ["here"]);
        assert_eq!(names(&two, Some("there")).unwrap(), ["there"]);
        let refusal = names(&two, Some("her")).unwrap_err();
        assert_eq!(refusal, "--monitor her: the scenario has no such monitor. It has: here, there");
        assert!(names(&scenario(&[("there", false)]), None).unwrap_err().contains("--monitor: there"));
        assert!(names(&scenario(&[]), None).unwrap_err().contains("[[monitors]]"));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_reason() {
        let failed = ("cache".to_owned(), Err("the password is wrong".to_owned()));
        assert_eq!(tried_text(&failed), "cache: cannot be read: the password is wrong\n");
        assert_eq!(tried_json(&failed)["is_read"], false);
    }
}
