//! The monitors of a run: their gaps filled, begun before the load, kept while it goes on, ended after it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::keeping::Wake;
use crate::metrics::RunId;
use crate::model::{Monitor, Scenario};
use crate::monitor::{self, ReadyWatch, Watch, WatchJob};
use crate::store::Library;

/// What fills the gaps of monitors' texts: variables, the run's base URL, and secrets.
pub fn monitor_values(
    scenario: &Scenario,
    base_url: &str,
    secrets: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut values = scenario.variables.clone();
    values.insert(Monitor::BASE_URL.to_owned(), base_url.trim_end_matches('/').to_owned());
    values.extend(secrets.iter().map(|(name, value)| (name.clone(), value.clone())));
    values
}

/// Has the monitors of a scenario ready; none where it watches nothing. A source that cannot be reached is no error: it is
/// tried again while the run goes on.
pub(super) fn ready(
    scenario: &Scenario,
    base_url: &str,
    secrets: &BTreeMap<String, String>,
    files_root: Option<PathBuf>,
) -> Result<Option<ReadyWatch>, String> {
    let enabled: Vec<&Monitor> = scenario.monitors.iter().filter(|monitor| monitor.enabled).collect();
    if enabled.is_empty() {
        return Ok(None);
    }
    let values = monitor_values(scenario, base_url, secrets);
    let filled = |monitor: &&Monitor| {
        monitor::filled(monitor, &values)
            .map_err(|why| format!("the monitor `{}` cannot be read: {why}", monitor.name))
    };
    let monitors = enabled.iter().map(filled).collect::<Result<_, _>>()?;
    let job = WatchJob { monitors, files_root, secrets: secrets.values().cloned().collect() };
    let ready =
        monitor::prepare(job).map_err(|error| format!("no thread can be started for monitors: {error}"))?;
    Ok(Some(ready))
}

/// Sets monitors to work as the load begins; none where what they see could not be kept.
// The load has begun: monitors that cannot be kept are no reason to end it.
pub(super) fn start(
    ready: ReadyWatch,
    library: &Library,
    run_id: RunId,
    started_at_unix: Duration,
    started_at: Instant,
    wake: Wake,
) -> Option<Arc<Watch>> {
    let journal = library.watch_writer(run_id).ok()?;
    Some(Arc::new(ready.start(Box::new(journal), started_at, started_at_unix, wake)))
}
