//! Steady state never reached: a stage whose figures mix several states of the target.

use std::time::Duration;

use crate::analysis::{StageSteadiness, SteadinessClass};
use crate::humanize;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, Finding, Grounds, Rule, ScenarioChange,
    TimeLine, weight,
};

/// By how much the level of the end has to differ from that before, as a share; ours.
// Change points see a level move by some percent, which no figure of a table would show.
const MIN_DIFFERENCE: f64 = 0.10;

/// The shortest hold that is long enough to settle in, in seconds.
const MIN_SECS: u32 = 60;

pub fn never_steady(grounds: &Grounds<'_>) -> Option<Finding> {
    let stages: Vec<(&StageSteadiness, f64)> = grounds
        .steadiness
        .stages
        .iter()
        .filter(|stage| stage.class == SteadinessClass::NeverSteady && stage.seconds.len() as u32 >= MIN_SECS)
        .filter_map(|stage| Some((stage, difference(stage)?)))
        .filter(|(_, difference)| difference.abs() >= MIN_DIFFERENCE)
        .collect();
    // The one that is furthest from steady speaks for all.
    let (worst, difference) = *stages.iter().max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))?;
    let others = match stages.len() {
        1 => String::new(),
        n => format!(" {} more did not settle either.", humanize::counted(n as u64 - 1, "stage")),
    };
    let confidence =
        Confidence::medium("its level moved within the last quarter of the stage, by change points");
    let last = worst.segments.last()?;
    let hold = Duration::from_secs(3 * worst.seconds.len() as u64).min(Duration::from_secs(4 * 3_600));
    let mut figures = vec![
        Figure::span("Length of the stage", worst.seconds.len() as f64),
        Figure::latency("Last level of the medians", last.level),
        Figure::moment("It begins at", last.seconds.start),
        Figure::share("Difference to the level before", difference).told(humanize::change(difference)),
        Figure::count("Levels within the stage", worst.segments.len() as u64),
    ];
    figures.extend(worst.mser.map(|cut| Figure::moment("MSER-5 would leave out what is before", cut.from)));
    Some(Finding {
        rule: Rule::NeverSteady,
        scope: Scope::Run,
        claim: format!("{}{others}", worst.sentence),
        evidence: Evidence {
            seconds: worst.seconds.clone(),
            window: format!("stage {}, {}", worst.name, Grounds::stretch_words(&worst.seconds)),
            figures,
            chart: EvidenceChart::OverTime {
                seconds: worst.seconds.clone(),
                lines: vec![TimeLine::P50],
                marks: vec![(last.seconds.start, "last level".to_owned())],
                limit: None,
            },
        },
        weight: weight(Rule::NeverSteady, &confidence, difference.abs()),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The stage is too short for what warms up or fills up in it.".to_owned(),
            "The target adds or removes instances while the load stays the same.".to_owned(),
            "Something else on the target's machine came or went.".to_owned(),
        ],
        next_experiment: Experiment {
            name: "held longer".to_owned(),
            words: format!(
                "Hold {} for {}: a level that lasts is the one to compare, and one that goes on moving is a trend.",
                grounds.level_text(worst.level),
                humanize::span(hold)
            ),
            changes: vec![ScenarioChange::hold(&grounds.scenario().load, worst.level, hold)],
        },
    })
}

/// How far the last level is from the one before, as a share of that.
fn difference(stage: &StageSteadiness) -> Option<f64> {
    let last = stage.segments.last()?.level.as_secs_f64();
    let before = stage.segments.iter().rev().find(|segment| !segment.is_last_level)?.level.as_secs_f64();
    (before > 0.0).then(|| last / before - 1.0)
}
