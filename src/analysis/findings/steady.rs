//! Steady state never reached: a stage whose figures mix several states of the target.

use std::time::Duration;

use crate::analysis::{StageSteadiness, SteadinessClass, stats::welch};
use crate::humanize;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, Finding, Grounds, Rule, ScenarioChange,
    TimeLine, grounds::median_blocks, weight,
};

/// By how much the level of the end has to differ from that before, as a share; ours.
// Change points see a level move by some percent, and the busy periods of a queue that is nearly full as levels.
const MIN_DIFFERENCE: f64 = 0.25;

/// How long the last level has to last to be one, and the blocks in which it is held against what was before.
const MIN_LAST_SECS: u32 = 15;
const BLOCK_SECS: usize = 5;

/// How likely the difference may be by chance, as it may be anywhere.
const SIGNIFICANCE: f64 = 0.001;

/// The shortest hold that is long enough to settle in, in seconds.
const MIN_SECS: u32 = 60;

pub fn never_steady(grounds: &Grounds<'_>) -> Option<Finding> {
    let stages: Vec<(&StageSteadiness, f64)> = grounds
        .steadiness
        .stages
        .iter()
        .filter(|stage| stage.class == SteadinessClass::NeverSteady && stage.seconds.len() as u32 >= MIN_SECS)
        .filter_map(|stage| Some((stage, difference(grounds, stage)?)))
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

/// How far the last level is from the one before, as a share of that; none where that may be chance.
fn difference(grounds: &Grounds<'_>, stage: &StageSteadiness) -> Option<f64> {
    let last = stage.segments.last()?;
    let before = stage.segments.iter().rev().find(|segment| !segment.is_last_level)?;
    let difference = last.level.as_secs_f64() / before.level.as_secs_f64() - 1.0;
    let hold = grounds.holds.iter().find(|hold| hold.stage == stage.stage)?;
    let values = hold.values(|point| point.p50.map(|latency| latency.as_secs_f64()));
    let side = |is_last: bool| -> Vec<f64> {
        let from = f64::from(last.seconds.start);
        let within: Vec<(f64, f64)> =
            values.iter().copied().filter(|(second, _)| (*second >= from) == is_last).collect();
        median_blocks(&within, within.len() / BLOCK_SECS).into_iter().map(|(_, level)| level).collect()
    };
    let p_value = welch(&side(false), &side(true))?.p_value;
    let is_real = difference.abs() >= MIN_DIFFERENCE
        && last.seconds.len() as u32 >= MIN_LAST_SECS
        && p_value < SIGNIFICANCE;
    is_real.then_some(difference)
}
