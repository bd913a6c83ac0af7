//! Journeys and steps moved, copied, added, removed and switched on and off.

use super::unique_name;
use crate::{
    app::design::journeys::Selected,
    model::{Check, Journey, Scenario, Step},
};

/// Where something dragged is put: before the item of this index, or behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Journey { from: usize, gap: usize },
    Step { from: (usize, usize), journey: usize, gap: usize },
}

/// Carries a journey or a step to its new place; returns where it is then.
pub fn carry(scenario: &mut Scenario, step: Move) -> Selected {
    match step {
        Move::Journey { from, gap } => {
            let to = landing(from, gap);
            let journey = scenario.journeys.remove(from);
            scenario.journeys.insert(to, journey);
            Selected { journey: to, step: None }
        }
        Move::Step { from: (source, from), journey, gap } => {
            let to = if source == journey { landing(from, gap) } else { gap };
            let step = scenario.journeys[source].steps.remove(from);
            scenario.journeys[journey].steps.insert(to, step);
            Selected { journey, step: Some(to) }
        }
    }
}

/// The index of an item put into a gap of the list that it comes from.
fn landing(from: usize, gap: usize) -> usize {
    if gap > from { gap - 1 } else { gap }
}

/// Moves one place up or down; a step at the end of its journey goes on into the next one.
pub fn nudge(scenario: &mut Scenario, at: Selected, down: bool) -> Selected {
    let n_journeys = scenario.journeys.len();
    let journey = at.journey;
    let moved = match at.step {
        None if down && journey + 1 < n_journeys => Move::Journey { from: journey, gap: journey + 2 },
        None if !down && journey > 0 => Move::Journey { from: journey, gap: journey - 1 },
        None => return at,
        Some(step) => {
            let from = (journey, step);
            let n_steps = scenario.journeys[journey].steps.len();
            match (down, step) {
                (true, step) if step + 1 < n_steps => Move::Step { from, journey, gap: step + 2 },
                (true, _) if journey + 1 < n_journeys => Move::Step { from, journey: journey + 1, gap: 0 },
                (false, step) if step > 0 => Move::Step { from, journey, gap: step - 1 },
                (false, _) if journey > 0 => {
                    let gap = scenario.journeys[journey - 1].steps.len();
                    Move::Step { from, journey: journey - 1, gap }
                }
                _ => return at,
            }
        }
    };
    carry(scenario, moved)
}

/// Puts a copy under a name of its own behind what is copied.
pub fn duplicate(scenario: &mut Scenario, at: Selected) -> Selected {
    match at.step {
        None => {
            let mut copy = scenario.journeys[at.journey].clone();
            copy.name =
                unique_name(&copy.name, scenario.journeys.iter().map(|journey| journey.name.as_str()));
            scenario.journeys.insert(at.journey + 1, copy);
            Selected { journey: at.journey + 1, step: None }
        }
        Some(step) => {
            let mut copy = scenario.journeys[at.journey].steps[step].clone();
            let steps = scenario.journeys.iter().flat_map(|journey| &journey.steps);
            copy.name = unique_name(&copy.name, steps.map(|step| step.name.as_str()));
            scenario.journeys[at.journey].steps.insert(step + 1, copy);
            Selected { journey: at.journey, step: Some(step + 1) }
        }
    }
}

/// Removes a journey or a step; returns what is next to it.
pub fn remove(scenario: &mut Scenario, at: Selected) -> Selected {
    match at.step {
        None => {
            scenario.journeys.remove(at.journey);
            let last = scenario.journeys.len().saturating_sub(1);
            Selected { journey: at.journey.min(last), step: None }
        }
        Some(step) => {
            let steps = &mut scenario.journeys[at.journey].steps;
            steps.remove(step);
            let step = (!steps.is_empty()).then(|| step.min(steps.len() - 1));
            Selected { journey: at.journey, step }
        }
    }
}

/// Switches a journey or a step on or off.
pub fn toggle(scenario: &mut Scenario, at: Selected) {
    let journey = &mut scenario.journeys[at.journey];
    let enabled = match at.step {
        None => &mut journey.enabled,
        Some(step) => &mut journey.steps[step].enabled,
    };
    *enabled = !*enabled;
}

/// Adds a journey behind all others.
pub fn add_journey(scenario: &mut Scenario) -> Selected {
    let name = format!("Journey {}", scenario.journeys.len() + 1);
    let name = unique_name(&name, scenario.journeys.iter().map(|journey| journey.name.as_str()));
    scenario.journeys.push(Journey::new(name));
    Selected { journey: scenario.journeys.len() - 1, step: None }
}

/// Adds a step behind the selected one, of the same service.
pub fn add_step(scenario: &mut Scenario, at: Selected) -> Selected {
    if scenario.journeys.is_empty() {
        add_journey(scenario);
    }
    let journey = at.journey.min(scenario.journeys.len() - 1);
    let steps = &scenario.journeys[journey].steps;
    let index = at.step.map_or(steps.len(), |step| step + 1);
    let service = at.step.and_then(|step| steps.get(step)).and_then(|step| step.service.clone());
    let name = format!("Step {}", steps.len() + 1);
    let name = unique_name(&name, steps.iter().map(|step| step.name.as_str()));
    let step = Step { service, checks: vec![Check::Status(200)], ..Step::get(name, "/") };
    scenario.journeys[journey].steps.insert(index, step);
    Selected { journey, step: Some(index) }
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Journeys as words, steps as letters: `ab cd`.
    fn scenario(text: &str) -> Scenario {
        let mut scenario = crate::analysis::sample::scenario();
        scenario.journeys.clear();
        for (index, word) in text.split(' ').enumerate() {
            let mut journey = Journey::new(format!("J{index}"));
            journey.steps = word.chars().map(|letter| Step::get(letter, "/")).collect();
            scenario.journeys.push(journey);
        }
        scenario
    }

    fn text(scenario: &Scenario) -> String {
        let words: Vec<String> = scenario
            .journeys
            .iter()
            .map(|journey| journey.steps.iter().map(|step| step.name.as_str()).collect())
            .collect();
        words.join(" ")
    }

    fn at(journey: usize, step: usize) -> Selected {
        Selected { journey, step: Some(step) }
    }

    #[test]
    fn a_step_lands_in_the_gap_it_is_dropped_into() {
        for (journey, gap, expected) in
            [(0, 0, "abc de"), (0, 1, "abc de"), (0, 2, "bac de"), (0, 3, "bca de"), (1, 1, "bc dae")]
        {
            let mut scenario = scenario("abc de");
            let selected = carry(&mut scenario, Move::Step { from: (0, 0), journey, gap });
            assert_eq!(text(&scenario), expected);
            let step = &scenario.journeys[selected.journey].steps[selected.step.unwrap()];
            assert_eq!(step.name, "a", "the selection goes along");
        }
    }

    #[test]
    fn a_journey_is_carried_with_its_steps() {
        let mut shop = scenario("ab cd e");
        assert_eq!(carry(&mut shop, Move::Journey { from: 2, gap: 0 }).journey, 0);
        assert_eq!(text(&shop), "e ab cd");
        assert_eq!(carry(&mut shop, Move::Journey { from: 0, gap: 3 }).journey, 2);
        assert_eq!(text(&shop), "ab cd e");
    }

    #[test]
    fn nudging_goes_on_into_the_next_journey_and_stops_at_the_ends() {
        let mut shop = scenario("ab c");
        assert_eq!(nudge(&mut shop, at(0, 1), true), at(1, 0));
        assert_eq!(text(&shop), "a bc");
        assert_eq!(nudge(&mut shop, at(1, 0), false), at(0, 1));
        assert_eq!(nudge(&mut shop, at(0, 0), false), at(0, 0));
        assert_eq!(nudge(&mut shop, at(1, 0), true), at(1, 0));
        assert_eq!(text(&shop), "ab c");
    }

    #[test]
    fn a_copy_stands_behind_under_a_name_of_its_own() {
        let mut shop = scenario("ab");
        assert_eq!(duplicate(&mut shop, at(0, 0)), at(0, 1));
        assert_eq!(text(&shop), "aa (2)b");
        let journey = duplicate(&mut shop, Selected { journey: 0, step: None });
        assert_eq!(shop.journeys[journey.journey].name, "J0 (2)");
    }

    #[test]
    fn what_follows_is_selected_after_a_removal() {
        let mut shop = scenario("ab c");
        assert_eq!(remove(&mut shop, at(0, 1)), at(0, 0));
        assert_eq!(remove(&mut shop, at(0, 0)), Selected { journey: 0, step: None });
        assert_eq!(remove(&mut shop, Selected { journey: 1, step: None }).journey, 0);
        assert_eq!(add_step(&mut shop, Selected { journey: 7, step: None }), at(0, 0));
    }
}
