//! The test of a monitor's connection, with variables and secrets in place.

use std::path::Path;
use std::time::Duration;

use super::{monitor_values, resolve_secrets};
use crate::model::{Monitor, SandboxUrl, Scenario, template_names};
use crate::monitor::{self, ConnectionTest, Trial};

/// Tests the connection of the monitor at this place of a scenario on the calling thread, which waits for it; an error is
/// worded for its reader and holds no secret. Relative paths start at `files_root`.
// Only the secrets that the monitor names are looked up: another that is missing is no reason not to test.
pub fn test_monitor(
    scenario: &Scenario,
    index: usize,
    files_root: Option<&Path>,
    patience: Duration,
) -> Result<ConnectionTest, String> {
    let mut scenario = scenario.resolved();
    let Some(monitor) = scenario.monitors.get(index).cloned() else {
        return Err("The monitor is no longer there".to_owned());
    };
    let texts = monitor.probe.templates();
    let named: Vec<&str> = texts.iter().flat_map(|text| template_names(text)).collect();
    if named.contains(&Monitor::BASE_URL) && SandboxUrl::of(&scenario.base_url).is_some() {
        return Err("It reads from the run's base URL, which is the built-in sandbox's: there is one only while a run \
                    goes on. Start a run, or write an address."
            .to_owned());
    }
    scenario.secrets.retain(|name, _| named.contains(&name.as_str()));
    let secrets = resolve_secrets(&scenario).map_err(|missing| missing.to_string())?;
    let values = monitor_values(&scenario, &scenario.base_url, &secrets);
    let filled = monitor::filled(&monitor, &values)?;
    let secrets: Vec<String> = secrets.into_values().collect();
    let trial = Trial { files_root, secrets: &secrets, patience };
    monitor::test_connection_with(&filled, &trial).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Probe, RedisProbe, SecretSource};

    #[test]
    fn only_secrets_that_the_monitor_names_have_to_be_there() {
        let mut scenario = crate::analysis::sample::scenario();
        let missing = || SecretSource::Env("STAGEWRIGHT_TEST_OF_A_SECRET_THAT_NOBODY_SET".to_owned());
        scenario.secrets.insert("other".to_owned(), missing());
        let probe = |url: &str, password: &str| {
            Probe::Redis(RedisProbe { url: url.to_owned(), password: password.to_owned() })
        };
        let test = |scenario: &Scenario, index| test_monitor(scenario, index, None, Duration::from_secs(5));
        // Port 1 is nobody's.
        scenario.monitors = vec![Monitor::new("cache", probe("redis://127.0.0.1:1", ""))];
        let refused = test(&scenario, 0).unwrap_err();
        assert!(!refused.contains("other"), "{refused}");
        scenario.monitors[0].probe = probe("redis://127.0.0.1:1", "{{other}}");
        let missing = test(&scenario, 0).unwrap_err();
        assert!(missing.contains("the secret `other` is missing"), "{missing}");
        assert!(test(&scenario, 1).is_err());
        scenario.base_url = "sandbox:".to_owned();
        scenario.monitors[0].probe = probe("{{base_url}}", "");
        assert!(test(&scenario, 0).unwrap_err().contains("only while a run goes on"));
    }
}
