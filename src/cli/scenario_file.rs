//! Reading a scenario for a command: all problems on standard error, variables in place.

use std::collections::{BTreeMap, BTreeSet};

use crate::humanize;
use crate::model::{Candidate, Interleave, Problem, Scenario, Severity, parse_scenario_with};
use crate::store::{OwnPresets, read_scenario_text};

use super::{
    args::{Assignment, SetupArgs},
    exit::CliError,
    out::complain,
};

/// A scenario file as read: all problems, and the scenario unless there are errors.
pub struct ReadScenario {
    pub scenario: Option<Scenario>,
    pub problems: Vec<Problem>,
}

/// Reads a scenario file or preset as it is in the environment and with the values asked for.
pub fn read(file_or_preset: &str, own: &OwnPresets, setup: &SetupArgs) -> Result<ReadScenario, CliError> {
    let text = read_scenario_text(file_or_preset, own)?;
    let mut outcome = Ok(());
    let parsed = parse_scenario_with(&text, |scenario| outcome = set_up(scenario, setup));
    outcome?;
    Ok(match parsed {
        Ok((scenario, problems)) => ReadScenario { scenario: Some(scenario.resolved()), problems },
        Err(problems) => ReadScenario { scenario: None, problems },
    })
}

/// Reads a scenario that is to run: lists its problems, and refuses one with errors.
pub fn read_runnable(
    file_or_preset: &str,
    own: &OwnPresets,
    setup: &SetupArgs,
) -> Result<Scenario, CliError> {
    let read = read(file_or_preset, own, setup)?;
    list_problems(file_or_preset, &read.problems);
    read.scenario.ok_or_else(|| refusal(file_or_preset, &read.problems))
}

/// Lists problems on standard error, one per line.
pub fn list_problems(file: &str, problems: &[Problem]) {
    for problem in problems {
        complain(&problem_line(file, problem));
    }
}

/// The closing line under a list of problems.
pub fn refusal(file: &str, problems: &[Problem]) -> CliError {
    let n_errors = problems.iter().filter(|problem| problem.is_error()).count();
    let errors = humanize::counted(n_errors as u64, "error");
    CliError::Problems(format!("{file} cannot run: {errors} to correct. Nothing was sent or written."))
}

/// The word for a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn problem_line(file: &str, problem: &Problem) -> String {
    let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
    let field = if problem.field.is_empty() { String::new() } else { format!("{}: ", problem.field) };
    let severity = severity_name(problem.severity);
    format!("{file}{line}: {severity}: {field}{}. {}", problem.message, problem.remedy)
}

fn set_up(scenario: &mut Scenario, setup: &SetupArgs) -> Result<(), CliError> {
    if let Some(name) = &setup.environment {
        scenario.environment = Some(name.clone());
        if scenario.chosen_environment().is_none() {
            let known = scenario.environments.iter().map(|environment| environment.name.as_str());
            let words = unknown("--env", name, "environment", "[[environments]]", &known.collect::<Vec<_>>());
            return Err(CliError::BadInput(words));
        }
    }
    interleave(scenario, setup)?;
    setup.variables.iter().try_for_each(|assignment| assign(scenario, assignment))
}

/// Takes over the candidate that is asked for, and how long its blocks are.
fn interleave(scenario: &mut Scenario, setup: &SetupArgs) -> Result<(), CliError> {
    let candidate = match (&setup.against, &setup.against_env) {
        (Some(base_url), _) => Some(Candidate::BaseUrl(base_url.clone())),
        (None, Some(name)) => {
            let known = scenario.environments.iter().map(|environment| environment.name.as_str());
            if known.clone().all(|known| known != name) {
                let known = known.collect::<Vec<_>>();
                let words = unknown("--against-env", name, "environment", "[[environments]]", &known);
                return Err(CliError::BadInput(words));
            }
            Some(Candidate::Environment(name.clone()))
        }
        (None, None) => None,
    };
    if let Some(candidate) = candidate {
        scenario.interleave.get_or_insert_with(|| Interleave::with(Candidate::default())).candidate =
            candidate;
    }
    match (setup.block, &mut scenario.interleave) {
        (Some(block), Some(interleave)) => interleave.block = block.0,
        (Some(_), None) => {
            let words =
                "--block: nothing is interleaved; name a candidate with --against URL or --against-env NAME";
            return Err(CliError::BadInput(words.to_owned()));
        }
        (None, _) => {}
    }
    Ok(())
}

/// Sets a variable wherever it is defined, for both sides: an environment's would hide the scenario's.
fn assign(scenario: &mut Scenario, Assignment { name, value }: &Assignment) -> Result<(), CliError> {
    let mut chosen: Vec<&String> = scenario.environment.iter().collect();
    if let Some(Candidate::Environment(name)) = scenario.interleave.as_ref().map(|sides| &sides.candidate) {
        chosen.push(name);
    }
    let places = scenario.environments.iter_mut().filter(|environment| chosen.contains(&&environment.name));
    let mut all: Vec<&mut BTreeMap<String, String>> = places.map(|place| &mut place.variables).collect();
    all.push(&mut scenario.variables);
    if !all.iter().any(|variables| variables.contains_key(name)) {
        let known: BTreeSet<&str> =
            all.iter().flat_map(|variables| variables.keys().map(String::as_str)).collect();
        let known: Vec<&str> = known.into_iter().collect();
        return Err(CliError::BadInput(unknown("--var", name, "variable", "[variables]", &known)));
    }
    for present in all.into_iter().filter_map(|variables| variables.get_mut(name)) {
        present.clone_from(value);
    }
    Ok(())
}

fn unknown(option: &str, name: &str, what: &str, table: &str, known: &[&str]) -> String {
    match known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name)) {
        None => {
            format!("{option} {name}: the scenario has no {what}s; add `{name}` under {table} to use it here")
        }
        Some(nearest) => format!(
            "{option} {name}: the scenario has no such {what}. Did you mean `{nearest}`? It has: {}",
            known.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parse_draft;

    fn problem(line: Option<usize>, field: &str) -> Problem {
        Problem {
            line,
            field: field.to_owned(),
            message: "must be above 0".to_owned(),
            remedy: "Write a duration such as 30s".to_owned(),
            severity: Severity::Error,
        }
    }

    #[test]
    fn a_problem_is_one_line_that_editors_can_follow() {
        assert_eq!(
            problem_line("a.toml", &problem(Some(7), "load.stages[0].duration")),
            "a.toml:7: error: load.stages[0].duration: must be above 0. Write a duration such as 30s"
        );
        assert_eq!(
            problem_line("a.toml", &problem(None, "")),
            "a.toml: error: must be above 0. Write a duration such as 30s"
        );
    }

    fn scenario() -> Scenario {
        let text = r#"
            [variables]
            token = "a"
            page = "1"
            [[environments]]
            name = "staging"
            base_url = "http://staging:8080"
            variables = { token = "s", region = "north" }
            [[environments]]
            name = "live"
        "#;
        parse_draft(text).unwrap()
    }

    fn set(environment: Option<&str>, variables: &[&str]) -> Result<Scenario, String> {
        let mut scenario = scenario();
        let variables = variables.iter().map(|text| text.parse().unwrap()).collect();
        let environment = environment.map(str::to_owned);
        let setup = SetupArgs { environment, variables, ..SetupArgs::default() };
        set_up(&mut scenario, &setup).map_err(|error| error.to_string())?;
        Ok(scenario.resolved())
    }

    #[test]
    fn an_environment_and_values_are_taken_over() {
        let set = set(Some("staging"), &["token=b=c", "region=south"]).unwrap();
        assert_eq!(set.base_url, "http://staging:8080");
        let variables: Vec<_> = set.variables.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(variables, [("page", "1"), ("region", "south"), ("token", "b=c")]);
        assert_eq!(set.resolved(), set, "doing it twice changes nothing");
    }

    #[test]
    fn unknown_names_are_answered_with_the_nearest_known_ones() {
        let refusal = |environment, variables: &[&str]| set(environment, variables).unwrap_err();
        assert_eq!(
            refusal(Some("stagng"), &[]),
            "--env stagng: the scenario has no such environment. Did you mean `staging`? It has: staging, live"
        );
        let message = refusal(None, &["tokne=x"]);
        assert!(message.contains("Did you mean `token`? It has: page, token"), "{message}");
        assert!(refusal(Some("live"), &["region=x"]).contains("page, token"), "it has none of its own");
    }
}
