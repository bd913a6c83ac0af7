//! The charts of a report, one file each: from a paper to a [`Chart`], or to none where there is nothing to show.
//!
//! Beside them builders from plain data, for figures that other parts work out.

mod capacity;
mod errors;
mod evidence;
mod generator;
mod heatmap;
mod latency;
mod load;
mod plain;
mod services;
mod spectrum;
mod stages;
#[cfg(test)]
pub mod tests;
mod watched;

use std::time::Duration;

use super::{
    Paper,
    chart::{Band, Cover, Mark},
};
use crate::metrics::{RunRecord, SecondPoint};

pub use capacity::{latency_at_throughput, scalability};
pub use errors::errors;
pub use evidence::evidence;
pub use generator::{generator_use, start_lag};
pub use heatmap::heatmap;
pub use latency::latency;
pub use load::{concurrency, load};
pub use plain::{CurveChart, LinesChart, MeasuredPoint, NamedLine, PairedDots, SharesChart, ValueWithBounds};
pub use services::services;
pub use spectrum::spectrum;
pub use stages::stages;
pub use watched::watched;

/// Columns of charts that put seconds together.
const MAX_COLUMNS: u32 = 180;

/// Events that are marked in charts; the report lists more.
const MAX_MARKS: usize = 12;

/// The stages of a run that have a length, as bands behind a chart over time.
pub fn stage_bands(record: &RunRecord) -> Vec<Band> {
    let until = length_secs(record);
    let plan = record.plan();
    let stages =
        plan.stages().iter().filter(|stage| stage.start.as_secs_f64() < until && stage.end > stage.start);
    let band = |stage: &crate::model::PlannedStage| Band {
        x: Cover::new(stage.start.as_secs_f64(), stage.end.as_secs_f64().min(until)),
        name: stage.name.clone(),
    };
    stages.map(band).collect()
}

/// The run's notes, the first of them, as marks in a chart over time.
pub fn event_marks(record: &RunRecord) -> Vec<Mark> {
    let mark = |annotation: &crate::metrics::Annotation| Mark {
        at: annotation.at.as_secs_f64(),
        label: annotation.text.clone(),
    };
    record.annotations.iter().take(MAX_MARKS).map(mark).collect()
}

/// How long a chart over time of a run is: to the end of its last second, or of its load.
pub fn length_secs(record: &RunRecord) -> f64 {
    let seconds = record.points.last().map_or(0.0, |point| f64::from(point.second) + 1.0);
    record.end.load_duration.as_secs_f64().max(seconds).max(1.0)
}

/// How many seconds a column of a chart takes, so that there are not too many columns.
fn column_secs(record: &RunRecord) -> u32 {
    (length_secs(record).ceil() as u32).div_ceil(MAX_COLUMNS).max(1)
}

/// What a column of a chart stands for, in words.
fn column_words(secs: u32) -> String {
    if secs == 1 {
        "one column a second".to_owned()
    } else {
        format!("one column per {}", crate::humanize::span(Duration::from_secs(secs.into())))
    }
}

/// When a value over time was highest.
fn highest(points: &[SecondPoint], value: impl Fn(&SecondPoint) -> Option<f64>) -> Option<(f64, Duration)> {
    let known = points.iter().filter_map(|point| Some((value(point)?, point.second)));
    let (value, second) = known.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
    Some((value, Duration::from_secs(second.into())))
}

/// The lowest of a value over time.
fn lowest(points: &[SecondPoint], value: impl Fn(&SecondPoint) -> Option<f64>) -> Option<f64> {
    points.iter().filter_map(value).min_by(f64::total_cmp)
}

/// Where a moment lies: `at 3:12, in stage Spike (200)`.
fn when(record: &RunRecord, at: Duration) -> String {
    let plan = record.plan();
    let clock = crate::humanize::clock(at);
    let stage = plan.stages().get(plan.stage_at(at)).filter(|_| at < plan.duration());
    stage.map_or_else(|| format!("at {clock}"), |stage| format!("at {clock}, in stage {}", stage.name))
}

/// The charts over time of a paper share their stages and events.
fn over_time(chart: &mut super::chart::Chart, paper: &Paper<'_>) {
    chart.x = super::chart::Axis::time(length_secs(paper.record));
    chart.bands = stage_bands(paper.record);
    chart.marks = event_marks(paper.record);
}
