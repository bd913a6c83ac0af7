//! What may stand within `{{…}}` at a place: variables, secrets, columns of feeders and functions.

use std::collections::BTreeMap;

use crate::model::{FUNCTIONS, Monitor, Scenario};

/// What a secret is said to be.
const SECRET: &str = "secret";

/// One thing that `{{` offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is written between the braces.
    pub name: String,
    /// What it is.
    pub words: String,
}

/// Columns of feeders as far as their files were read, by the feeder's name.
pub type Columns = BTreeMap<String, Vec<String>>;

/// All that is offered at one place.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    all: Vec<Offer>,
    /// Names of secrets, for fields that should hold one.
    pub secrets: Vec<String>,
}

impl Offers {
    /// What has a value before the step `(journey, step)`; without a step, what the scenario itself knows.
    pub fn at(scenario: &Scenario, place: Option<(usize, usize)>, columns: &Columns) -> Self {
        let mut offers = Self { all: Vec::new(), secrets: scenario.secrets.keys().cloned().collect() };
        let mut variables = scenario.variables.clone();
        if let Some(environment) = scenario.chosen_environment() {
            variables.extend(environment.variables.clone());
        }
        for (name, value) in &variables {
            offers.add(name, format!("variable, now {value}"));
        }
        for name in scenario.secrets.keys() {
            offers.add(name, SECRET.to_owned());
        }
        if let Some((journey, step)) = place {
            offers.add_extracts(scenario, journey, step);
        }
        for feeder in &scenario.feeders {
            let known = columns.get(&feeder.name).map(Vec::as_slice).unwrap_or_default();
            for column in known {
                offers.add(&format!("{}.{column}", feeder.name), format!("column of {}", feeder.file));
            }
            if known.is_empty() {
                offers.add(&format!("{}.", feeder.name), format!("a column of {}", feeder.file));
            }
        }
        for (name, words) in FUNCTIONS {
            offers.add(name, words.to_owned());
        }
        offers
    }

    /// With the run's base URL, which monitors may name.
    #[must_use]
    pub fn with_base_url(mut self) -> Self {
        self.add(Monitor::BASE_URL, "base URL of the run".to_owned());
        self
    }

    /// The secrets alone, for fields that should hold nothing else.
    pub fn of_secrets(&self) -> Self {
        let is_secret = |offer: &&Offer| self.secrets.contains(&offer.name) && offer.words == SECRET;
        Self { all: self.all.iter().filter(is_secret).cloned().collect(), secrets: self.secrets.clone() }
    }

    fn add_extracts(&mut self, scenario: &Scenario, journey: usize, step: usize) {
        let steps =
            scenario.journeys.get(journey).map(|journey| journey.steps.as_slice()).unwrap_or_default();
        for step in steps.iter().take(step).filter(|step| step.enabled) {
            for extract in &step.extracts {
                if self.all.iter().all(|offer| offer.name != extract.name) {
                    self.add(&extract.name, format!("extracted by {}", step.name));
                }
            }
        }
    }

    fn add(&mut self, name: &str, words: String) {
        self.all.push(Offer { name: name.to_owned(), words });
    }

    /// Offers for what has been written after `{{`: first those that begin with it, then those that have it within.
    pub fn matching(&self, written: &str) -> impl Iterator<Item = &Offer> {
        let written = written.trim_start().to_lowercase();
        let begins = move |offer: &Offer, written: &str| offer.name.to_lowercase().starts_with(written);
        let has = |offer: &Offer, written: &str| offer.name.to_lowercase().contains(written);
        let first: Vec<&Offer> = self.all.iter().filter(|offer| begins(offer, &written)).collect();
        let then: Vec<&Offer> =
            self.all.iter().filter(|offer| !begins(offer, &written) && has(offer, &written)).collect();
        first.into_iter().chain(then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AtEnd, Extract, ExtractSource, FeedOrder, Feeder};

    #[test]
    fn only_what_has_a_value_at_the_step_is_offered() {
        let mut scenario = crate::analysis::sample::scenario();
        scenario.variables.insert("host".to_owned(), "a".to_owned());
        let extract = |name: &str| Extract {
            name: name.to_owned(),
            source: ExtractSource::Header("location".to_owned()),
        };
        scenario.journeys[0].steps[0].extracts = vec![extract("id")];
        scenario.journeys[0].steps[1].extracts = vec![extract("later")];
        scenario.feeders.push(Feeder {
            name: "users".to_owned(),
            file: "users.csv".to_owned(),
            format: None,
            order: FeedOrder::Sequential,
            at_end: AtEnd::Wrap,
        });
        let columns = Columns::from([("users".to_owned(), vec!["mail".to_owned()])]);
        let names = |offers: &Offers, written: &str| -> Vec<String> {
            offers.matching(written).map(|offer| offer.name.clone()).collect()
        };
        let offers = Offers::at(&scenario, Some((0, 1)), &columns);
        assert_eq!(names(&offers, " ho"), ["host"]);
        assert_eq!(names(&offers, "ID"), ["id", "uuid()"]);
        assert_eq!(names(&offers, "users"), ["users.mail"]);
        assert!(names(&offers, "later").is_empty());
        assert!(names(&Offers::at(&scenario, Some((0, 0)), &columns), "id").iter().all(|name| name != "id"));
    }
}
