//! What a scenario must hold to so that it can run.
//!
//! Field paths are those of the file, so that a reader of the file can find their lines.

mod auth;
mod data;
mod interleave;
mod journeys;
mod load;
mod monitors;
mod search;
mod service_levels;
mod steps;
mod templates;
mod text;
mod thresholds;
mod transport;

use std::{collections::HashMap, time::Duration};

use super::problem::{nearest, shown};
use super::{LoadProfile, Problem, SandboxUrl, Scenario};

/// The longest duration anywhere in a scenario, and of all stages together.
const MAX_DURATION: Duration = LoadProfile::MAX_DURATION;

/// The most users or arrivals per second.
const MAX_LEVEL: f64 = LoadProfile::MAX_LEVEL;

/// All problems of a scenario, in the order of the file; none has a line.
pub fn validate(scenario: &Scenario) -> Vec<Problem> {
    let scenario = &*scenario.as_written();
    let mut findings = Findings::default();
    head(scenario, &mut findings);
    transport::check(scenario, &mut findings);
    load::check(&scenario.load, &mut findings);
    journeys::check(scenario, &mut findings);
    thresholds::check_services(scenario, &mut findings);
    thresholds::check_thresholds(scenario, &mut findings);
    service_levels::check(scenario, &mut findings);
    monitors::check(scenario, &mut findings);
    interleave::check(scenario, &mut findings);
    search::check(scenario, &mut findings);
    findings.0
}

/// Problems while they are gathered.
#[derive(Default)]
struct Findings(Vec<Problem>);

impl Findings {
    fn error(&mut self, field: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Problem::error(field, message, remedy));
    }

    fn warning(&mut self, field: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Problem::warning(field, message, remedy));
    }

    fn name(&mut self, field: String, name: &str, what: &str) {
        if name.trim().is_empty() {
            self.error(field, format!("the {what} has no name"), "Give it a name that says what it is.");
        } else if name.chars().any(char::is_control) || name.chars().count() > 200 {
            self.error(
                field,
                format!("the name of the {what} is longer than 200 characters or has line breaks in it"),
                "Use a short name on one line; the description has room for more.",
            );
        }
    }

    fn base_url(&mut self, field: String, base_url: &str) {
        let checked = SandboxUrl::parse(base_url).map(|wish| wish.map(drop));
        let of_server = || text::check_url(base_url, false).map_err(str::to_owned);
        if let Err(reason) = checked.unwrap_or_else(of_server) {
            self.error(
                field,
                format!("`{}` cannot be the base URL: {reason}", shown(base_url)),
                "Write where requests go, such as http://127.0.0.1:8080, or `sandbox:` for the built-in target.",
            );
        }
    }

    /// Names that are met twice, at the second place.
    fn duplicates<'a>(&mut self, names: impl Iterator<Item = (String, &'a str)>, what: &str) {
        let mut first_fields: HashMap<&str, String> = HashMap::new();
        for (field, name) in names.filter(|(_, name)| !name.trim().is_empty()) {
            match first_fields.get(name) {
                Some(first) => self.error(
                    field,
                    format!("another {what} is also named `{}` ({first})", shown(name)),
                    "Give each its own name, because results are told apart by name.",
                ),
                None => _ = first_fields.insert(name, field),
            }
        }
    }

    fn at_most(&mut self, field: &str, duration: Duration) {
        if duration > MAX_DURATION {
            self.error(field, "the duration is longer than seven days", "Choose a shorter one.");
        }
    }

    /// A name that should be one of `known`.
    fn unknown_name<'a>(
        &mut self,
        field: String,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let message = format!("there is no {what} named `{}`", shown(name));
        let remedy = match nearest(name, known.clone()) {
            Some(near) => format!("Did you mean `{}`?", shown(near)),
            None => match list_of(known) {
                Some(list) => format!("Known: {list}."),
                None => format!("The scenario has no {what} yet: add one, or leave this out."),
            },
        };
        self.error(field, message, remedy);
    }
}

/// The first few names, ready for a sentence.
fn list_of<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    const MAX_LISTED: usize = 12;
    let names: Vec<String> = names.take(MAX_LISTED + 1).map(|name| format!("`{}`", shown(name))).collect();
    let end = if names.len() > MAX_LISTED { ", …" } else { "" };
    (!names.is_empty()).then(|| names[..names.len().min(MAX_LISTED)].join(", ") + end)
}

fn head(scenario: &Scenario, findings: &mut Findings) {
    findings.name("name".into(), &scenario.name, "scenario");
    findings.base_url("base_url".to_owned(), &scenario.base_url);
    if scenario.timeout.is_zero() {
        findings.error("timeout", "a timeout of zero ends every request at once", "Leave it out for 30s.");
    }
    findings.at_most("timeout", scenario.timeout);
    data::check(scenario, findings);
}

#[cfg(test)]
mod tests;
