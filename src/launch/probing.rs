//! The test of a monitor's connection, with variables and secrets in place.

use std::collections::BTreeMap;
use std::time::Duration;

use super::resolve_secrets;
use crate::model::{Access, Monitor, Probe, Scenario, template_names};
use crate::monitor::{self, ConnectionTest};

/// Tests the connection of a monitor of a scenario on the calling thread, which waits for it; an error is worded for its
/// reader and holds no secret.
// Only the secrets that the monitor names are looked up: another that is missing is no reason not to test.
pub fn test_monitor(scenario: &Scenario, index: usize, patience: Duration) -> Result<ConnectionTest, String> {
    let mut scenario = scenario.resolved();
    let Some(monitor) = scenario.monitors.get(index).cloned() else {
        return Err("The monitor is no longer there".to_owned());
    };
    let named: Vec<String> = names(&monitor);
    scenario.secrets.retain(|name, _| named.contains(name));
    let secrets = resolve_secrets(&scenario).map_err(|missing| missing.to_string())?;
    let values: BTreeMap<String, String> =
        scenario.variables.clone().into_iter().chain(secrets.clone()).collect();
    let filled = monitor::filled(&monitor, &values)?;
    let hidden = |text: String| {
        let mut text = text;
        for secret in secrets.values().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret.as_str(), crate::engine::HIDDEN);
        }
        text
    };
    monitor::test_connection(&filled, patience).map_err(|error| hidden(error.to_string()))
}

/// The names within `{{…}}` of a monitor's texts.
fn names(monitor: &Monitor) -> Vec<String> {
    let of_access = |access: &Access| {
        [&access.bearer, &access.user, &access.password, &access.ca].map(Clone::clone).to_vec()
    };
    let texts = match &monitor.probe {
        Probe::Machine => Vec::new(),
        Probe::Processes(probe) => probe.processes.clone(),
        Probe::Metrics(probe) => {
            let labels = probe.series.iter().flat_map(|series| &series.labels);
            let labels = labels.map(|(_, value)| value.clone());
            [probe.url.clone()].into_iter().chain(of_access(&probe.access)).chain(labels).collect()
        }
        Probe::Prometheus(probe) => {
            let queries = probe.queries.iter().map(|query| query.query.clone());
            [probe.url.clone()].into_iter().chain(of_access(&probe.access)).chain(queries).collect()
        }
        Probe::Postgres(probe) => vec![probe.url.clone(), probe.password.clone()],
        Probe::Redis(probe) => vec![probe.url.clone(), probe.password.clone()],
    };
    let name = |text: &String| template_names(text).map(str::to_owned).collect::<Vec<_>>();
    texts.iter().flat_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RedisProbe, SecretSource};

    #[test]
    fn only_secrets_that_the_monitor_names_have_to_be_there() {
        let mut scenario = crate::analysis::sample::scenario();
        let missing = || SecretSource::Env("STAGEWRIGHT_TEST_OF_A_SECRET_THAT_NOBODY_SET".to_owned());
        scenario.secrets.insert("other".to_owned(), missing());
        let probe = |password: &str| {
            // Port 1 is nobody's.
            Probe::Redis(RedisProbe { url: "redis://127.0.0.1:1".to_owned(), password: password.to_owned() })
        };
        scenario.monitors = vec![Monitor::new("cache", probe(""))];
        let refused = test_monitor(&scenario, 0, Duration::from_secs(5)).unwrap_err();
        assert!(!refused.contains("other"), "{refused}");
        scenario.monitors[0].probe = probe("{{other}}");
        let missing = test_monitor(&scenario, 0, Duration::from_secs(5)).unwrap_err();
        assert!(missing.contains("the secret `other` is missing"), "{missing}");
        assert!(test_monitor(&scenario, 1, Duration::ZERO).is_err());
    }
}
