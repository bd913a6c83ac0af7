//! Monitors tried out without a run: their gaps filled as a run would fill them, the sandbox started where they need it.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::{LaunchError, resolve_secrets};
use crate::model::{Monitor, SandboxUrl, Scenario};
use crate::monitor::{ConnectionTest, ProbeError, Trial, filled, test_connection_with};
use crate::sandbox::SandboxProcess;

/// How long one monitor may take to answer.
pub const MONITOR_PATIENCE: Duration = Duration::from_secs(10);

/// A monitor by its name, and what came of trying it.
pub type TriedMonitor = (String, Result<ConnectionTest, ProbeError>);

/// Tries these monitors of a scenario, all at once, and waits for them; relative paths start at `files_root`.
pub fn try_monitors(
    scenario: &Scenario,
    monitors: &[&Monitor],
    files_root: Option<&Path>,
) -> Result<Vec<TriedMonitor>, LaunchError> {
    let scenario = scenario.resolved();
    let secrets = resolve_secrets(&scenario)?;
    // A server of its own is not looked for: whether it answers is the probe's to say.
    let wish = SandboxUrl::of(&scenario.base_url).filter(|_| monitors.iter().any(|one| names_base_url(one)));
    let sandbox = wish.map(|wish| SandboxProcess::start(wish.wishes())).transpose()?;
    let base_url = sandbox.as_ref().map_or(scenario.base_url.as_str(), SandboxProcess::base_url).to_owned();
    let hidden: Vec<String> = secrets.values().cloned().collect();
    let mut values: BTreeMap<String, String> = scenario.variables.clone();
    values.extend(secrets);
    values.insert(Monitor::BASE_URL.to_owned(), base_url);
    let try_one = |monitor: &Monitor| {
        let filled = filled(monitor, &values).map_err(ProbeError)?;
        test_connection_with(&filled, &Trial { files_root, secrets: &hidden, patience: MONITOR_PATIENCE })
    };
    Ok(thread::scope(|scope| {
        let trials: Vec<_> = monitors.iter().map(|monitor| scope.spawn(|| try_one(monitor))).collect();
        let tried = monitors.iter().zip(trials).map(|(monitor, trial)| {
            let fault = || ProbeError("the trial itself failed; please report it".to_owned());
            (monitor.name.clone(), trial.join().unwrap_or_else(|_| Err(fault())))
        });
        tried.collect()
    }))
}

/// Whether a monitor reads from where the run's requests go.
fn names_base_url(monitor: &Monitor) -> bool {
    let url = monitor.probe.url();
    url.match_indices("{{").any(|(at, gap)| url[at + gap.len()..].trim_start().starts_with(Monitor::BASE_URL))
}
