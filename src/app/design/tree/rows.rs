//! Which rows the tree has: those of open journeys that match the filter.

use std::collections::HashSet;

use crate::{
    app::design::journeys::Selected,
    model::{Journey, Scenario, Step},
};

/// The rows from top to bottom; while there is a filter, journeys are open.
pub fn rows(scenario: &Scenario, collapsed: &HashSet<String>, filter: &str) -> Vec<Selected> {
    let filter = filter.trim().to_lowercase();
    let mut rows = Vec::with_capacity(scenario.n_steps() + scenario.journeys.len());
    for (journey, content) in scenario.journeys.iter().enumerate() {
        let head = Selected { journey, step: None };
        let steps = (0..content.steps.len()).map(|step| Selected { journey, step: Some(step) });
        if filter.is_empty() || matches(&content.name, &filter) {
            rows.push(head);
            if !filter.is_empty() || !is_shut(content, collapsed) {
                rows.extend(steps);
            }
            continue;
        }
        let is_meant = |at: &Selected| {
            at.step.and_then(|step| content.steps.get(step)).is_some_and(|step| has(step, &filter))
        };
        let found: Vec<Selected> = steps.filter(is_meant).collect();
        if !found.is_empty() {
            rows.push(head);
            rows.extend(found);
        }
    }
    rows
}

/// Whether a journey hides its steps.
pub fn is_shut(journey: &Journey, collapsed: &HashSet<String>) -> bool {
    !collapsed.is_empty() && collapsed.contains(&journey.name)
}

fn has(step: &Step, filter: &str) -> bool {
    matches(&step.name, filter)
        || matches(&step.path, filter)
        || matches(&step.method, filter)
        || step.service.as_ref().is_some_and(|service| matches(service, filter))
}

fn matches(text: &str, filter: &str) -> bool {
    text.to_lowercase().contains(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(collapsed: &[&str], filter: &str, expected: &[(usize, Option<usize>)]) {
        let mut scenario = crate::analysis::sample::scenario();
        scenario.journeys.push(Journey { steps: vec![Step::get("Pay", "/pay")], ..Journey::new("Buy") });
        let collapsed = collapsed.iter().map(|name| (*name).to_owned()).collect();
        let found: Vec<_> =
            rows(&scenario, &collapsed, filter).iter().map(|at| (at.journey, at.step)).collect();
        assert_eq!(found, expected, "{filter}");
    }

    #[test]
    fn shut_journeys_hide_their_steps_and_a_filter_finds_them() {
        check(&[], "", &[(0, None), (0, Some(0)), (0, Some(1)), (1, None), (1, Some(0))]);
        check(&["Buy"], "", &[(0, None), (0, Some(0)), (0, Some(1)), (1, None)]);
        check(&["Buy"], "PAY", &[(1, None), (1, Some(0))]);
        check(&[], "education", &[(0, None), (0, Some(0))]);
        check(&[], "nothing", &[]);
    }
}
