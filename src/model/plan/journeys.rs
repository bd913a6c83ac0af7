//! Which journey each iteration walks.

use crate::model::{Journey, Scenario, Side};

/// One cycle of one side's journeys by smooth weighted round robin: exact shares, spread as evenly as whole numbers allow.
pub(super) fn journey_cycle(scenario: &Scenario) -> Vec<u32> {
    let takes_part = |journey: &Journey| journey.enabled && journey.side != Some(Side::Candidate);
    let weight = |journey: &Journey| if takes_part(journey) { i64::from(journey.weight) } else { 0 };
    let weights: Vec<i64> = scenario.journeys.iter().map(weight).collect();
    let divisor = weights.iter().copied().fold(0, greatest_common_divisor);
    if divisor == 0 {
        return Vec::new();
    }
    let weights: Vec<i64> = weights.iter().map(|weight| weight / divisor).collect();
    let total: i64 = weights.iter().sum();
    let mut credits = vec![0; weights.len()];
    (0..total)
        .map(|_| {
            for (credit, weight) in credits.iter_mut().zip(&weights) {
                *credit += weight;
            }
            let next = (0..credits.len()).rev().max_by_key(|index| credits[*index]).unwrap_or(0);
            credits[next] -= total;
            next as u32
        })
        .collect()
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
