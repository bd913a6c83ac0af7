//! What a scenario must hold to so that it can run.

use super::{Problem, Scenario};

/// All problems of a scenario, in the order of the file; none has a line.
pub fn validate(scenario: &Scenario) -> Vec<Problem> {
    let _ = scenario;
    todo!()
}

/// The names within `{{…}}` of a text, in order.
pub fn template_names(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim())
}
