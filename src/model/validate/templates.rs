//! Whether what stands within `{{…}}` is known where it stands.

use std::collections::HashSet;

use super::{Findings, list_of, text};
use crate::model::problem::{nearest, shown};
use crate::model::{Expression, Scenario, parse_expression, template_names};

/// The names that have a value at a step.
pub(super) struct Known<'a> {
    variables: HashSet<&'a str>,
    /// Their columns are known only to their files.
    feeders: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    /// What is known before the first step of a journey.
    pub fn of(scenario: &'a Scenario) -> Self {
        let mut variables: HashSet<&str> = scenario.variables.keys().map(String::as_str).collect();
        variables.extend(scenario.secrets.keys().map(String::as_str));
        let environment = scenario.chosen_environment();
        variables.extend(environment.iter().flat_map(|place| place.variables.keys().map(String::as_str)));
        Self { variables, feeders: scenario.feeders.iter().map(|feeder| feeder.name.as_str()).collect() }
    }

    pub fn extend(&mut self, names: impl Iterator<Item = &'a str>) {
        self.variables.extend(names);
    }

    fn has(&self, name: &str) -> bool {
        let is_column = || {
            name.split_once('.')
                .is_some_and(|(feeder, column)| !column.is_empty() && self.feeders.contains(feeder))
        };
        self.variables.contains(name) || is_column()
    }

    /// Reports what nothing defines, once for each name of a text.
    pub fn check(&self, field: &str, text: &str, findings: &mut Findings) {
        if text::has_open_template(text) {
            findings.warning(
                field,
                "`{{` is never closed and will be sent as it stands",
                "Close it with `}}` if a variable is meant.",
            );
        }
        let mut reported = HashSet::new();
        for inside in template_names(text) {
            if !reported.insert(inside) {
                continue;
            }
            match parse_expression(inside) {
                Ok(Expression::Variable(name)) if !self.has(name) => self.unknown(field, name, findings),
                Ok(_) => {}
                Err(remedy) => {
                    let message = format!("{{{{{}}}}} is no function that is known", shown(inside));
                    let mut chars = remedy.chars();
                    let first = chars.next().into_iter().flat_map(char::to_uppercase);
                    findings.error(field, message, first.chain(chars).chain(['.']).collect::<String>());
                }
            }
        }
    }

    fn unknown(&self, field: &str, name: &str, findings: &mut Findings) {
        let mut known: Vec<&str> = self.variables.iter().copied().collect();
        known.sort_unstable();
        let define = "define it under [variables], or extract it in an earlier step of this journey";
        let remedy = match (nearest(name, known.iter().copied()), list_of(known.into_iter())) {
            (Some(near), _) => format!("Did you mean {{{{{}}}}}? Otherwise {define}.", shown(near)),
            (None, Some(list)) => format!("Known here: {list}; otherwise {define}."),
            (None, None) => format!("To use it, {define}."),
        };
        findings.error(field, format!("nothing defines {{{{{}}}}}", shown(name)), remedy);
    }
}
