//! Queueing onset: requests come faster than they are answered, so that more and more are in flight.
//!
//! Only in the open model: users of the closed model wait, so that no queue grows beyond them; there the same limit
//! shows as a plateau and a knee.

use std::time::Duration;

use crate::analysis::stats::{Slope, slope};
use crate::humanize;
use crate::model::{LoadModel, Scope};

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Hold,
    Rule, ScenarioChange, TimeLine, chart::in_flight, grounds::blocks, weight,
};

/// SCIENCE §6: in-flight grows (Theil-Sen, p < .01).
const SIGNIFICANCE: f64 = 0.01;

/// The shortest hold that is looked at, in seconds.
const MIN_SECS: usize = 15;

/// Blocks of some seconds, so that what is in flight now and what was a second ago do not count twice.
const MAX_BLOCKS: usize = 40;
const MIN_BLOCKS: usize = 8;

/// Requests by which it has to grow at least; ours.
const MIN_GROWTH: f64 = 5.0;

/// The share of arrivals that has to stay behind; ours.
// Latency that climbs slowly, such as by a leak, raises what is in flight as well (Little's law), at some
// thousandths of the rate: that is a trend, not a queue.
const MIN_DEFICIT: f64 = 0.01;

/// The share of arrivals dropped with all users busy from which the queue has reached their number; ours.
const MIN_DROPPED: f64 = 0.01;

/// How long the experiment holds each of its levels.
const HOLD: Duration = Duration::from_secs(120);

/// A stage whose queue grew.
struct Growing<'a, 'b> {
    hold: &'b Hold<'a>,
    trend: Option<Growth>,
    first: f64,
    last: f64,
    /// The share of arrivals that stayed behind or was dropped.
    deficit: f64,
    dropped_ratio: f64,
}

/// How fast requests in flight grow, per second, with its 95 % bounds.
#[derive(Clone, Copy)]
struct Growth {
    per_sec: f64,
    low: f64,
    high: f64,
    p_value: f64,
}

impl Growth {
    fn of(blocks: &[(f64, f64)], secs: f64) -> Option<Self> {
        let values: Vec<f64> = blocks.iter().map(|(_, value)| *value).collect();
        let Slope { per_step, low, high, p_value, .. } = slope(&values)?;
        let per_sec = |per_block: f64| per_block * blocks.len() as f64 / secs;
        Some(Self { per_sec: per_sec(per_step), low: per_sec(low), high: per_sec(high), p_value })
    }
}

pub fn queueing_onset(grounds: &Grounds<'_>) -> Option<Finding> {
    let LoadModel::Open { max_users, .. } = grounds.plan.model() else { return None };
    let holds: Vec<&Hold<'_>> = grounds.holds.iter().filter(|hold| hold.points.len() >= MIN_SECS).collect();
    let found: Vec<Growing<'_, '_>> =
        holds.iter().filter_map(|hold| growing(hold, holds.len(), *max_users)).collect();
    let onset = found.iter().min_by(|a, b| a.hold.level.total_cmp(&b.hold.level))?;
    let kept_up =
        holds.iter().map(|hold| hold.level).filter(|level| *level < onset.hold.level).max_by(f64::total_cmp);
    let confidence = confidence(onset);
    let level = grounds.level_text(onset.hold.level);
    let before =
        kept_up.map_or(String::new(), |level| format!(" At {} it still kept up.", grounds.level_text(level)));
    let claim = format!(
        "At {level} the target did not keep up with the arrivals: requests in flight went from {} to {} within {}.{before}",
        humanize::number(onset.first),
        humanize::number(onset.last),
        humanize::span(Duration::from_secs(onset.hold.points.len() as u64)),
    );
    Some(Finding {
        rule: Rule::QueueingOnset,
        scope: Scope::Run,
        claim,
        evidence: Evidence {
            seconds: onset.hold.seconds.clone(),
            window: Grounds::hold_words(onset.hold),
            figures: figures(grounds, onset),
            chart: EvidenceChart::OverTime {
                seconds: onset.hold.seconds.clone(),
                lines: vec![TimeLine::InFlight, TimeLine::Sent, TimeLine::Completed],
                marks: Vec::new(),
                limit: None,
            },
        },
        weight: weight(Rule::QueueingOnset, &confidence, 10.0 * onset.deficit),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The target was still adding capacity (more instances, warmer caches) and would have caught up later."
                .to_owned(),
            "A few requests that hang, rather than all of them, fill the queue: the longest response times would show \
             it."
            .to_owned(),
        ],
        next_experiment: experiment(grounds, onset.hold.level, kept_up),
    })
}

fn growing<'a, 'b>(hold: &'b Hold<'a>, n_looks: usize, max_users: u32) -> Option<Growing<'a, 'b>> {
    let values = hold.values(|point| Some(in_flight(point)));
    let blocks = blocks(&values, (values.len() / 3).clamp(MIN_BLOCKS, MAX_BLOCKS));
    let (first, last) = (blocks.first()?.1, blocks.last()?.1);
    let mean = |figure: fn(&crate::metrics::SecondPoint) -> f64| {
        hold.points.iter().map(|point| figure(point)).sum::<f64>() / hold.n_secs()
    };
    let (n_due, sent) =
        (mean(|point| point.started_per_sec + point.dropped_per_sec), mean(|point| point.sent_per_sec));
    let dropped_ratio = if n_due > 0.0 { mean(|point| point.dropped_per_sec) / n_due } else { 0.0 };
    let is_full = dropped_ratio >= MIN_DROPPED
        && hold.points.iter().any(|point| f64::from(point.n_users) >= 0.95 * f64::from(max_users));
    let trend = Growth::of(&blocks, hold.n_secs()).filter(|trend| {
        trend.p_value < SIGNIFICANCE / n_looks as f64
            && trend.low > 0.0
            && trend.per_sec * hold.n_secs() >= MIN_GROWTH
            && trend.per_sec >= MIN_DEFICIT * sent
    });
    let left = trend.filter(|_| sent > 0.0).map_or(0.0, |trend| trend.per_sec / sent);
    (trend.is_some() || is_full).then_some(Growing {
        hold,
        trend,
        first,
        last,
        deficit: left.max(dropped_ratio),
        dropped_ratio,
    })
}

fn confidence(onset: &Growing<'_, '_>) -> Confidence {
    match onset.trend {
        None => Confidence::high("iterations were dropped because all virtual users were waiting"),
        Some(trend) if trend.p_value < SIGNIFICANCE / 100.0 && onset.deficit >= 2.0 * MIN_DEFICIT => {
            Confidence::high("the growth is steady through the stage and far beyond chance")
        }
        Some(_) => Confidence::medium("the growth is beyond chance, but slow for the length of the stage"),
    }
}

fn figures(grounds: &Grounds<'_>, onset: &Growing<'_, '_>) -> Vec<Figure> {
    let hold = onset.hold;
    let mut figures = vec![
        Figure::level("Load", hold.level, true).keyed(FigureKey::Level),
        Figure::number("Requests in flight at the beginning of the stage", onset.first),
        Figure::number("Requests in flight at its end", onset.last),
    ];
    if let Some(trend) = onset.trend {
        figures.push(
            Figure::new("Growth, with its 95 % interval", FigureUnit::PerSecond, trend.per_sec).told(
                format!(
                    "{} ({} to {})",
                    humanize::rate(trend.per_sec),
                    humanize::rate(trend.low),
                    humanize::rate(trend.high)
                ),
            ),
        );
        figures.push(Figure::chance("As likely by chance alone", trend.p_value));
    }
    figures.push(Figure::share("Arrivals that stayed behind", onset.deficit));
    if onset.dropped_ratio > 0.0 {
        figures.push(Figure::share("Iterations dropped, all users being busy", onset.dropped_ratio));
    }
    let stats = &grounds.summary.stages[hold.stage].aggregate.stats;
    if let (Some(response), Some(service)) = (stats.response_time.mean(), stats.service_time.mean()) {
        figures.push(Figure::latency("Mean service time", service));
        // What is spent before the send is the generator's; the queue of the target is within the service time.
        let what =
            "Mean response time less mean service time: spent before the send, so not in the target's queue";
        figures.push(Figure::latency(what, response.saturating_sub(service)));
    }
    figures
}

fn experiment(grounds: &Grounds<'_>, level: f64, kept_up: Option<f64>) -> Experiment {
    let from = kept_up.unwrap_or(0.4 * level);
    let levels = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| from + share * (level - from));
    Experiment {
        name: "levels below the queue".to_owned(),
        words: format!(
            "Hold levels between {} and {} for {} each: the highest one whose requests in flight stay the same is what \
             the target keeps up with.",
            grounds.level_text(from),
            grounds.level_text(level),
            humanize::span(HOLD)
        ),
        changes: vec![ScenarioChange::staircase(&grounds.scenario().load, &levels, HOLD)],
    }
}
