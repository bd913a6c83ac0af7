//! Reading a scenario for a command: all problems on standard error, variables in place.

use std::collections::BTreeMap;

use crate::humanize;
use crate::model::{Problem, Scenario, Severity, parse_scenario, validate};
use crate::store::{OwnPresets, read_scenario_text};

use super::{args::Assignment, exit::CliError, out::complain};

/// A scenario file as read: all problems, and the scenario unless there are errors.
pub struct ReadScenario {
    pub scenario: Option<Scenario>,
    pub problems: Vec<Problem>,
}

/// Reads a scenario file or preset.
pub fn read(file_or_preset: &str, own: &OwnPresets) -> Result<ReadScenario, CliError> {
    let text = read_scenario_text(file_or_preset, own)?;
    Ok(match parse_scenario(&text) {
        Ok((scenario, problems)) => ReadScenario { scenario: Some(scenario), problems },
        Err(problems) => ReadScenario { scenario: None, problems },
    })
}

/// Reads a scenario that is to run: lists its problems, and refuses one with errors.
pub fn read_runnable(
    file_or_preset: &str,
    own: &OwnPresets,
    variables: &[Assignment],
) -> Result<Scenario, CliError> {
    let read = read(file_or_preset, own)?;
    list_problems(file_or_preset, &read.problems);
    let Some(mut scenario) = read.scenario else {
        return Err(refusal(file_or_preset, &read.problems));
    };
    assign(&mut scenario.variables, variables)?;
    if !variables.is_empty() {
        let errors: Vec<Problem> = validate(&scenario).into_iter().filter(Problem::is_error).collect();
        if !errors.is_empty() {
            list_problems(file_or_preset, &errors);
            return Err(refusal(file_or_preset, &errors));
        }
    }
    Ok(scenario)
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

fn assign(variables: &mut BTreeMap<String, String>, assignments: &[Assignment]) -> Result<(), CliError> {
    for Assignment { name, value } in assignments {
        let Some(present) = variables.get_mut(name) else {
            return Err(CliError::BadInput(unknown_variable(name, variables.keys())));
        };
        present.clone_from(value);
    }
    Ok(())
}

fn unknown_variable<'a>(name: &str, known: impl Iterator<Item = &'a String> + Clone) -> String {
    let nearest = known.clone().min_by_key(|known| strsim::damerau_levenshtein(known, name));
    match nearest {
        None => format!(
            "--var {name}: the scenario has no variables; add `{name}` under [variables] to set it here"
        ),
        Some(nearest) => {
            let all: Vec<_> = known.map(String::as_str).collect();
            format!(
                "--var {name}: the scenario has no such variable. Did you mean `{nearest}`? It has: {}",
                all.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_unknown_variable_is_answered_with_the_nearest_known_one() {
        let mut variables =
            BTreeMap::from([("token".to_owned(), "a".to_owned()), ("page".to_owned(), "1".to_owned())]);
        let set = |name: &str| Assignment { name: name.to_owned(), value: "b".to_owned() };
        assert!(assign(&mut variables, &[set("token")]).is_ok());
        assert_eq!(variables["token"], "b");
        let message = assign(&mut variables, &[set("tokne")]).unwrap_err().to_string();
        assert!(message.contains("`token`") && message.contains("page"), "{message}");
    }
}
