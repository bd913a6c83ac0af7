//! Where variables, secrets and columns are used.

use std::collections::{BTreeMap, BTreeSet};

use crate::humanize;
use crate::model::{Expression, Scenario, parse_expression, template_names};

/// How many steps use each name, counted once per change of the scenario.
#[derive(Debug, Default)]
pub struct Uses {
    n_steps: BTreeMap<String, usize>,
    in_auth: BTreeSet<String>,
    in_monitors: BTreeSet<String>,
}

impl Uses {
    pub fn of(scenario: &Scenario) -> Self {
        let mut uses = Self::default();
        for (_, step) in scenario.steps() {
            let texts = step.templates();
            let names: BTreeSet<&str> = texts.iter().flat_map(|(_, text)| names(text)).collect();
            for name in names {
                *uses.n_steps.entry(name.to_owned()).or_default() += 1;
            }
        }
        uses.in_auth =
            scenario.auth.templates().iter().flat_map(|(_, text)| names(text)).map(str::to_owned).collect();
        let probes = scenario.monitors.iter().flat_map(|monitor| monitor.probe.templates());
        uses.in_monitors = probes.flat_map(names).map(str::to_owned).collect();
        uses
    }

    /// Where a name is used, in words.
    pub fn words(&self, name: &str) -> String {
        self.sum(|used| used == name)
    }

    /// Where any column of a feeder is used, in words.
    pub fn feeder_words(&self, feeder: &str) -> String {
        self.sum(|used| used.strip_prefix(feeder).is_some_and(|rest| rest.starts_with('.')))
    }

    fn sum(&self, is_meant: impl Fn(&str) -> bool) -> String {
        let n_steps: usize =
            self.n_steps.iter().filter(|(name, _)| is_meant(name)).map(|(_, n_steps)| n_steps).sum();
        let of_steps = match n_steps {
            0 => None,
            n_steps => Some(humanize::counted(n_steps as u64, "step")),
        };
        let has = |names: &BTreeSet<String>| names.iter().any(|name| is_meant(name));
        let in_auth = has(&self.in_auth).then(|| "the scenario's auth".to_owned());
        let in_monitors = has(&self.in_monitors).then(|| "monitors".to_owned());
        let places: Vec<String> = [of_steps, in_auth, in_monitors].into_iter().flatten().collect();
        match (places.as_slice(), n_steps) {
            ([], _) => "not used".to_owned(),
            (places, 0) => format!("used by {}", places.join(" and ")),
            (places, _) => format!("used in {}", places.join(" and ")),
        }
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    template_names(text).filter_map(|inside| match parse_expression(inside) {
        Ok(Expression::Variable(name)) => Some(name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_counts_once_for_a_name() {
        let mut scenario = crate::analysis::sample::scenario();
        let step = &mut scenario.journeys[0].steps[0];
        step.path = "/{{id}}/{{id}}/{{users.mail}}/{{uuid()}}".to_owned();
        scenario.auth = crate::model::Auth::Bearer { token: "{{token}}".to_owned() };
        let uses = Uses::of(&scenario);
        assert_eq!(uses.words("id"), "used in 1 step");
        assert_eq!(uses.words("users"), "not used");
        assert_eq!(uses.feeder_words("users"), "used in 1 step");
        assert_eq!(uses.words("token"), "used by the scenario's auth");
        assert_eq!(uses.words("uuid()"), "not used");
        let probe = crate::model::RedisProbe { url: String::new(), password: "{{token}}".to_owned() };
        scenario.monitors = vec![crate::model::Monitor::new("cache", crate::model::Probe::Redis(probe))];
        assert_eq!(Uses::of(&scenario).words("token"), "used by the scenario's auth and monitors");
    }
}
