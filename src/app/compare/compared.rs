//! A comparison with what is drawn of it, worked out once.

use std::sync::Arc;

use super::{
    Asked,
    asked::side_name,
    looks,
    table::{Scale, scale_of},
};
use crate::{
    analysis::{
        StageAlignment,
        comparison::{Alignment, Comparison, SideFacts},
    },
    app::{
        charts::{Series, TimePoint},
        run,
    },
    metrics::SecondPoint,
};

/// What the screen shows of a comparison.
#[derive(Debug)]
pub struct Compared {
    pub asked: Asked,
    pub comparison: Arc<Comparison>,
    /// Of each side.
    pub names: Vec<String>,
    pub p95: Vec<Series>,
    pub completed: Vec<Series>,
    /// How long the longest side is on the time axis.
    pub measured_secs: f64,
    /// Of the picture of changes.
    pub scale: Scale,
}

impl Compared {
    pub fn new(asked: Asked, comparison: Arc<Comparison>) -> Self {
        let p95 = |point: &SecondPoint| point.p95.map(|p95| p95.as_secs_f64());
        let (p95, completed) =
            (over_time(&comparison, &p95), over_time(&comparison, &|point| Some(point.completed_per_sec)));
        let ends = completed.iter().filter_map(|series| series.points.last());
        Self {
            names: comparison.sides.iter().map(|side| side_name(&side.run_ids)).collect(),
            measured_secs: ends.map(|point| point.at_secs.ceil()).fold(1.0, f64::max),
            scale: scale_of(&comparison),
            asked,
            comparison,
            p95,
            completed,
        }
    }
}

type Value<'a> = &'a dyn Fn(&SecondPoint) -> Option<f64>;

/// One value per second of every run, at the baseline's moments where runs are not aligned by time.
fn over_time(comparison: &Comparison, value: Value<'_>) -> Vec<Series> {
    let alignment = comparison.options.alignment;
    let first_plan = &comparison.baseline().plans[0];
    let mut all = Vec::new();
    for (side, facts) in comparison.sides.iter().enumerate() {
        for (run, points) in facts.points.iter().enumerate() {
            let is_measure = alignment == Alignment::Time || (side == 0 && run == 0);
            let points = match is_measure {
                true => run::over_time(points, run::Place::Middle, value),
                false => {
                    // Where the load ended plays no part on the way to the baseline's moments.
                    let plan = &facts.plans[run];
                    run::beside(points, &StageAlignment::new(first_plan, plan, plan.duration()), value)
                }
            };
            all.push(series(side, facts, points));
        }
    }
    all
}

/// Repetitions of a side have one colour and one entry in the legend.
fn series(side: usize, facts: &SideFacts, points: Vec<TimePoint>) -> Series {
    let name = side_name(&facts.run_ids);
    let name = if side == 0 { format!("{name}, baseline") } else { name };
    let series = Series::new(name, looks::hue(side), points).drawn(looks::dash(side));
    if facts.run_ids.len() > 1 { series.ghost() } else { series }
}
