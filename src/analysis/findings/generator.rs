//! Generator-bound: the self-checks say that the numbers are not the target's.

use crate::analysis::Standing;
use crate::humanize;
use crate::metrics::{Caveat, CaveatKind, Weight};
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureUnit, Finding, Grounds, Rule,
    ScenarioChange, TimeLine, weight,
};

/// Caveats that speak of the generator or its machine.
// Dropped iterations are not among them: the generator was ready, and the target held all its users.
const OF_THE_GENERATOR: [CaveatKind; 7] = [
    CaveatKind::StartLag,
    CaveatKind::GeneratorCpu,
    CaveatKind::Gaps,
    CaveatKind::InFlight,
    CaveatKind::Hiccups,
    CaveatKind::Resources,
    CaveatKind::Clock,
];

/// Whether the generator itself made the numbers, so that it may have made what looks like the target's.
pub(super) fn made_the_numbers(grounds: &Grounds<'_>) -> bool {
    condemning(grounds).any(|caveat| OF_THE_GENERATOR.contains(&caveat.kind))
}

fn condemning<'a>(grounds: &'a Grounds<'_>) -> impl Iterator<Item = &'a Caveat> {
    grounds.summary.caveats.iter().filter(|caveat| {
        caveat.weight == Weight::Invalid
            && (OF_THE_GENERATOR.contains(&caveat.kind) || caveat.kind == CaveatKind::SentShare)
    })
}

pub fn generator_bound(grounds: &Grounds<'_>) -> Option<Finding> {
    let first = condemning(grounds).next()?;
    let is_own = made_the_numbers(grounds);
    let subject = if is_own {
        "The numbers are those of the generator or its machine, not of the target"
    } else {
        "The load that was asked for did not reach the target, though the generator was ready to send it"
    };
    let confidence = if is_own {
        Confidence::high("a self-check is beyond the limit from which a measurement is invalid")
    } else {
        Confidence::high("iterations that were not started were counted")
    };
    let other_explanations = if is_own {
        vec![
            "Another program on the generator's machine took its processors or its network.".to_owned(),
            "The target runs on the same machine and took what the generator needed.".to_owned(),
        ]
    } else {
        vec![
            "The target answers so slowly that it holds all virtual users: then what else was found says where."
                .to_owned(),
            "max_users is lower than the load needs even from a sound target: rate × time of an iteration."
                .to_owned(),
        ]
    };
    Some(Finding {
        rule: Rule::GeneratorBound,
        scope: Scope::Run,
        claim: format!("{subject}. {}", first.text),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: "whole run".to_owned(),
            figures: figures(grounds),
            chart: EvidenceChart::OverTime {
                seconds: grounds.whole_run(),
                lines: vec![TimeLine::Asked, TimeLine::Sent, TimeLine::Completed],
                marks: Vec::new(),
                limit: None,
            },
        },
        weight: weight(Rule::GeneratorBound, &confidence, 1.0),
        confidence,
        rests_on: None,
        other_explanations,
        next_experiment: Experiment {
            name: "half the load".to_owned(),
            words: "Run half the load from the same machine. If the self-checks then hold, the generator was the \
                    limit: give it more processors, a quieter machine, or a second one, and measure again."
                .to_owned(),
            changes: vec![ScenarioChange::scaled(&grounds.scenario().load, 0.5)],
        },
    })
}

/// The self-checks that are beyond their limit, as the report prints them.
fn figures(grounds: &Grounds<'_>) -> Vec<Figure> {
    let failed = grounds.summary.quality.rows.iter().filter(|row| row.standing == Standing::Invalid);
    let figure = |row: &crate::analysis::QualityRow| Figure {
        what: row.name.clone(),
        text: format!("{}, limit {}", row.measured, row.limit),
        value: None,
        unit: FigureUnit::Number,
        key: None,
    };
    failed.map(figure).collect()
}

/// What the finding adds once it is known what else would have been found.
pub(super) fn tell_held_back(finding: &mut Finding, held_back: &[Rule]) {
    let names: Vec<String> = held_back.iter().map(|rule| rule.name().to_lowercase()).collect();
    let what = "Also seen, and held back because the generator may have made it";
    let text = format!("{} ({})", humanize::count(names.len() as u64), names.join(", "));
    if !names.is_empty() {
        finding.evidence.figures.push(Figure::count(what, names.len() as u64).told(text));
    }
}
