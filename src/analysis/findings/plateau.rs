//! Throughput plateau: more is asked for, and no more is completed.

use std::time::Duration;

use crate::analysis::{
    Standing,
    stats::{self, MeanDifference},
};
use crate::humanize;
use crate::model::Scope;

use super::{
    Confidence, Evidence, Experiment, Figure, FigureKey, Finding, Grounds, LevelAxis, LoadLevel, Rule,
    ScenarioChange, weight,
};

/// How many times the load of the plateau's beginning its end has to be; ours.
// A quarter more load that brings no more work is no accident of one stage.
const MIN_RISE: f64 = 1.25;

/// The share of a rise in load that may still come out as work; ours.
// Below saturation nearly all of it does (open) or all but what longer answers take (closed).
const MAX_GAIN: f64 = 0.25;

/// The most that throughput may rise in all from the beginning of the plateau to its end, and by its upper bound; ours.
const MAX_CHANGE: f64 = 0.10;
const MAX_BOUND: f64 = 0.25;

/// How long the experiment holds each of its levels.
const HOLD: Duration = Duration::from_secs(120);

pub fn throughput_plateau(grounds: &Grounds<'_>) -> Option<Finding> {
    let levels = &grounds.levels;
    let top = levels.last()?;
    let begins = (0..levels.len() - 1).find(|from| {
        let begin = &levels[*from];
        let has_risen = top.point.asked_level >= MIN_RISE * begin.point.asked_level;
        has_risen && is_flat(begin, top) && levels[from + 1..].iter().all(|later| is_no_gain(begin, later))
    })?;
    let begin = &levels[begins];
    let change = stats::welch(&begin.throughput, &top.throughput)?;
    let (seconds, window) = grounds.levels_window();
    let confidence = confidence(grounds, levels.len() - begins, begin.is_ramp);
    let (from_text, to_text) =
        (grounds.level_text(begin.point.asked_level), grounds.level_text(top.point.asked_level));
    let rate = begin.point.throughput_per_sec;
    let claim = format!(
        "From {from_text} on, more load brought hardly any more work: {to_text} were asked for, which is {} times as much, and \
         throughput went from {} to {} ({}).",
        humanize::number(top.point.asked_level / begin.point.asked_level),
        humanize::rate(rate),
        humanize::rate(top.point.throughput_per_sec),
        humanize::change(change.difference / rate),
    );
    let lost = 1.0 - top.point.throughput_per_sec * begin.point.asked_level / (rate * top.point.asked_level);
    Some(Finding {
        rule: Rule::ThroughputPlateau,
        scope: Scope::Run,
        claim,
        evidence: Evidence {
            seconds,
            window,
            figures: figures(grounds, begin, top, &change),
            chart: grounds.levels_chart(LevelAxis::ThroughputAtLoad, Some(begins)),
        },
        weight: weight(Rule::ThroughputPlateau, &confidence, lost),
        confidence,
        rests_on: None,
        other_explanations: other_explanations(grounds),
        next_experiment: experiment(grounds, begin.point.asked_level, begins == 0),
    })
}

/// Whether the top brings hardly more, and at most a small share of its rise in load, by the upper bound of its gain.
fn is_flat(begin: &LoadLevel, top: &LoadLevel) -> bool {
    let rate = begin.point.throughput_per_sec;
    gain(begin, top).is_some_and(|(change, proportional)| {
        change.difference <= MAX_CHANGE * rate
            && change.high <= (MAX_GAIN * proportional).min(MAX_BOUND * rate)
    })
}

/// Whether a level in between is not shown to bring more.
fn is_no_gain(begin: &LoadLevel, later: &LoadLevel) -> bool {
    gain(begin, later).is_some_and(|(change, proportional)| change.low <= MAX_GAIN * proportional)
}

/// What more load brought, and what it would have brought in proportion.
fn gain(begin: &LoadLevel, later: &LoadLevel) -> Option<(MeanDifference, f64)> {
    let change = stats::welch(&begin.throughput, &later.throughput)?;
    let rise = later.point.asked_level / begin.point.asked_level - 1.0;
    (begin.point.throughput_per_sec > 0.0).then_some((change, begin.point.throughput_per_sec * rise))
}

fn confidence(grounds: &Grounds<'_>, n_flat: usize, is_ramp: bool) -> Confidence {
    if is_ramp {
        return Confidence::medium("seen while the load was rising, when answers lag behind it");
    }
    if grounds.summary.quality.standing != Standing::Valid {
        return Confidence::medium("the measurement is weak, and a generator near its limit looks the same");
    }
    if n_flat < 3 {
        return Confidence::medium("it rests on two levels");
    }
    Confidence::high(format!(
        "{n_flat} held levels agree, and the upper bound of the gain is below a quarter of the rise in load"
    ))
}

fn figures(
    grounds: &Grounds<'_>,
    begin: &LoadLevel,
    top: &LoadLevel,
    change: &MeanDifference,
) -> Vec<Figure> {
    let (from, to) = (grounds.level_text(begin.point.asked_level), grounds.level_text(top.point.asked_level));
    let mut figures = vec![
        Figure::level("Load from which on it stays", begin.point.asked_level, grounds.is_open())
            .keyed(FigureKey::Level),
        Figure::rate(format!("Throughput at {from}"), begin.point.throughput_per_sec)
            .keyed(FigureKey::Throughput),
        Figure::rate(format!("Throughput at {to}"), top.point.throughput_per_sec),
        Figure::rate("Change of throughput, with its 95 % interval", change.difference).told(format!(
            "{} ({} to {})",
            humanize::rate_change(change.difference),
            humanize::rate_change(change.low),
            humanize::rate_change(change.high)
        )),
        Figure::times("Rise of the load", top.point.asked_level / begin.point.asked_level),
    ];
    if let (Some(before), Some(after)) = (begin.point.p95, top.point.p95) {
        figures.push(Figure::latency(format!("p95 at {from}"), before));
        figures.push(Figure::latency(format!("p95 at {to}"), after));
    }
    if let Some(asked) = grounds.asked_per_sec(top.point.asked_level) {
        figures.push(Figure::rate(format!("Requests asked for at {to}"), asked));
    }
    figures
}

fn other_explanations(grounds: &Grounds<'_>) -> Vec<String> {
    let mut others = vec![
        "A limit on connections, threads or rate in front of the target holds the work back, rather than the target's \
         own processors."
            .to_owned(),
        "The network or the generator is the limit: the self-checks speak against it, a second generator would prove \
         it."
        .to_owned(),
    ];
    if !grounds.is_open() {
        others.push(
            "In the closed model users wait for their answers, so that longer answers alone make them ask for less."
                .to_owned(),
        );
    }
    others
}

fn experiment(grounds: &Grounds<'_>, level: f64, is_lowest: bool) -> Experiment {
    // Where even the lowest level lies on the plateau, its beginning is further down.
    let shares: [f64; 5] = if is_lowest { [0.2, 0.4, 0.6, 0.8, 1.0] } else { [0.5, 0.7, 0.85, 1.0, 1.2] };
    let change =
        ScenarioChange::staircase(&grounds.scenario().load, &shares.map(|share| share * level), HOLD);
    Experiment {
        name: "levels around the plateau".to_owned(),
        words: format!(
            "Hold levels around {} for {} each, and watch the target's processors, connections and pools meanwhile: \
             what is full where throughput stops to rise is the next suspect.",
            grounds.level_text(level),
            humanize::span(HOLD)
        ),
        changes: vec![change],
    }
}
