//! What tells runs apart wherever they lie, and which of them may stand in one trend.

use std::fmt::Write as _;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::disk_use;
use crate::metrics::{Environment, RunId};
use crate::model::{Scenario, parse_scenario, write_scenario};

/// How many of a digest's bytes tell things apart; as many as a UUID has.
const N_BYTES: usize = 16;

/// A text's digest in hexadecimal digits: the first 128 bits of its SHA-256.
pub(super) fn digest(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes())[..N_BYTES])
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing into a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The name of the scenario's environment in force, if there is one.
pub(super) fn environment_name(scenario: &Scenario) -> Option<&str> {
    scenario.chosen_environment().map(|environment| environment.name.as_str())
}

/// The digest of everything that must be equal for runs to stand in one trend.
// What is sent, to where, how fast, from which machine, by which program. The place is the environment's name where one is
// in force, else the base URL as the scenario says it, so that the sandbox's ports are one place. Left out is what only
// names or judges: name, description, environments not in force, thresholds, budgets and service levels.
pub(super) fn fingerprint(scenario: &Scenario, machine: &Environment, time_scale: f64) -> String {
    let mut sent = scenario.resolved();
    let place = match environment_name(scenario) {
        Some(name) => format!("environment {name}"),
        None => format!("base URL {}", sent.base_url),
    };
    sent.name.clear();
    sent.description.clear();
    sent.base_url.clear();
    sent.environment = None;
    sent.environments.clear();
    sent.search = None;
    sent.thresholds.clear();
    sent.services.clear();
    sent.service_levels = Default::default();
    sent.monitors.clear();
    let Environment { os, cpu, n_cpus, host_name, stagewright_version, memory_bytes: _ } = machine;
    let facts =
        [&place, host_name, cpu, &n_cpus.to_string(), os, stagewright_version, &time_scale.to_string()];
    // Each on a line of its own as a quoted text, so that none can run into the next.
    let facts = facts.iter().fold(String::new(), |text, fact| text + &format!("{fact:?}\n"));
    digest(&(facts + &write_scenario(&sent, None)))
}

/// Gives the runs of a library of before what later ones are born with.
pub(super) fn give_to_all(connection: &Connection) -> rusqlite::Result<()> {
    let runs: Vec<i64> = connection
        .prepare("SELECT run_id FROM runs")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    runs.into_iter().try_for_each(|run_id| give(connection, RunId(run_id)))
}

/// Gives a run the columns that follow from its other ones.
pub(super) fn give(connection: &Connection, run_id: RunId) -> rusqlite::Result<()> {
    let facts = connection
        .query_row(
            "SELECT started_at_unix_millis, time_scale, environment, toml
             FROM runs LEFT JOIN scenarios USING (run_id) WHERE run_id = ?1",
            [run_id.0],
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, f64>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                ))
            },
        )
        .optional()?;
    let Some((started_at_unix_millis, time_scale, machine, toml)) = facts else { return Ok(()) };
    let scenario = parse_scenario(&toml).ok().map(|(scenario, _)| scenario);
    let machine_read: Option<Environment> = serde_json::from_str(&machine).ok();
    // A run that cannot be read is like none but those with the very same texts.
    let fingerprint = match (&scenario, machine_read) {
        (Some(scenario), Some(machine)) => fingerprint(scenario, &machine, time_scale),
        _ => digest(&format!("{time_scale}\n{machine}\n{toml}")),
    };
    // Two copies of one library come to the same, as they hold the same runs.
    let identity = digest(&format!("{run_id}\n{started_at_unix_millis}\n{time_scale}\n{machine}\n{toml}"));
    connection.execute(
        "UPDATE runs SET scenario_environment = ?2, fingerprint = ?3,
             identity = CASE identity WHEN '' THEN ?4 ELSE identity END,
             n_bytes = CASE finish WHEN 'running' THEN NULL ELSE ?5 END
         WHERE run_id = ?1",
        params![
            run_id.0,
            scenario.as_ref().and_then(environment_name),
            fingerprint,
            identity,
            disk_use::of_measurements(connection, run_id)?.cast_signed(),
        ],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::preset;

    fn machine() -> Environment {
        Environment {
            host_name: "north".to_owned(),
            n_cpus: 8,
            stagewright_version: "1.2.3".to_owned(),
            ..Environment::default()
        }
    }

    fn quickstart() -> Scenario {
        let (mut scenario, _) = parse_scenario(preset("quickstart").unwrap().text).unwrap();
        let staging = crate::model::Environment {
            name: "staging".to_owned(),
            base_url: Some("http://staging:80".to_owned()),
            variables: [("page".to_owned(), "2".to_owned())].into(),
        };
        scenario.environments.push(staging);
        scenario
    }

    fn of(change: impl FnOnce(&mut Scenario)) -> String {
        let mut scenario = quickstart();
        change(&mut scenario);
        fingerprint(&scenario, &machine(), 1.0)
    }

    #[test]
    fn what_only_names_or_judges_makes_no_other_trend() {
        let expected = of(|_| ());
        assert_eq!(expected.len(), 32);
        assert_eq!(of(|scenario| scenario.name = "Another name".to_owned()), expected);
        assert_eq!(of(|scenario| scenario.description = "Another text".to_owned()), expected);
        assert_eq!(of(|scenario| scenario.thresholds.clear()), expected);
        assert_eq!(of(|scenario| scenario.service_levels.availability = Some(0.99)), expected);
        assert_eq!(of(|scenario| scenario.environments.clear()), expected);
    }

    #[test]
    fn what_is_sent_and_from_where_makes_another_trend() {
        let mut all = vec![
            of(|_| ()),
            of(|scenario| scenario.base_url = "http://127.0.0.1:80".to_owned()),
            of(|scenario| scenario.environment = Some("staging".to_owned())),
            of(|scenario| scenario.load.stages[0].end_level += 1.0),
            of(|scenario| scenario.journeys[0].steps[0].path = "/elsewhere".to_owned()),
            of(|scenario| _ = scenario.variables.insert("page".to_owned(), "2".to_owned())),
            fingerprint(&quickstart(), &machine(), 0.5),
        ];
        for change in [
            (|machine: &mut Environment| machine.host_name = "south".to_owned()) as fn(&mut Environment),
            |machine| machine.n_cpus = 4,
            |machine| machine.stagewright_version = "1.2.4".to_owned(),
        ] {
            let mut machine = machine();
            change(&mut machine);
            all.push(fingerprint(&quickstart(), &machine, 1.0));
        }
        let n_changes = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), n_changes);
    }

    #[test]
    fn an_environment_stays_one_place_when_its_url_moves() {
        let staging = |url: &str| {
            of(|scenario| {
                scenario.environment = Some("staging".to_owned());
                scenario.environments[0].base_url = Some(url.to_owned());
            })
        };
        assert_eq!(staging("http://staging:80"), staging("http://staging-2:8080"));
    }
}
