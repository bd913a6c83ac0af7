//! Load over time: what was asked for, what left, what came back; and who was under way meanwhile.

use super::{highest, over_time, when};
use crate::analysis::requests_per_iteration;
use crate::humanize;
use crate::metrics::SecondPoint;
use crate::report::{
    Paper,
    chart::{Axis, Chart, Hue, Quantity, Shape},
};

/// Requests asked for (open model), sent and completed per second.
pub fn load(paper: &Paper<'_>) -> Option<Chart> {
    let points = &paper.record.points;
    let mut chart = Chart::new("load", "Load over time");
    over_time(&mut chart, paper);
    chart.y = Axis::of("Requests per second", Quantity::Rate);
    let per_iteration = requests_per_iteration(&paper.record.start.scenario);
    let what = if per_iteration.is_some() {
        "Asked, sent and completed requests"
    } else {
        "Sent and completed requests"
    };
    chart.note = format!("{what}, one point a second, whole run.");
    if let Some(per_iteration) = per_iteration {
        add(&mut chart, points, "asked", Hue::Muted, |point| point.asked_level * per_iteration);
    }
    add(&mut chart, points, "sent", Hue::Series(1), |point| point.sent_per_sec);
    add(&mut chart, points, "completed", Hue::Series(0), |point| point.completed_per_sec);
    let (peak, at) = highest(points, |point| Some(point.completed_per_sec))?;
    let whole = paper.summary.whole.throughput_per_sec()?;
    chart.words = format!(
        "At most {} were completed in a second, {}; the mean of the whole run is {}.",
        humanize::counted(peak.round() as u64, "request"),
        when(paper.record, at),
        humanize::rate(whole)
    );
    Some(chart)
}

/// Virtual users and requests in flight.
pub fn concurrency(paper: &Paper<'_>) -> Option<Chart> {
    let points = &paper.record.points;
    let is_open = paper.record.start.scenario.load.model.is_open();
    let mut chart = Chart::new("concurrency", "Users and requests in flight");
    over_time(&mut chart, paper);
    chart.y = Axis::of("Users, requests", Quantity::Count);
    chart.note =
        "Users at the end of each second; requests sent and not finished, mean of each second where it was measured."
            .to_owned();
    if !is_open {
        add(&mut chart, points, "users asked", Hue::Muted, |point| point.asked_level);
    }
    let users = if is_open { "busy users" } else { "users" };
    add(&mut chart, points, users, Hue::Series(1), |point| f64::from(point.n_users));
    let in_flight = |point: &SecondPoint| point.mean_in_flight.unwrap_or(f64::from(point.n_in_flight));
    add(&mut chart, points, "in flight", Hue::Series(0), in_flight);
    let (n_users, _) = highest(points, |point| Some(f64::from(point.n_users)))?;
    let (n_in_flight, at) = highest(points, |point| Some(in_flight(point)))?;
    chart.words = format!(
        "There were at most {}. Most requests were in flight {}: {}.",
        humanize::counted(n_users as u64, "user"),
        when(paper.record, at),
        humanize::number(n_in_flight)
    );
    Some(chart)
}

fn add(chart: &mut Chart, points: &[SecondPoint], name: &str, hue: Hue, value: impl Fn(&SecondPoint) -> f64) {
    let values = points.iter().map(|point| (point.second, Some(value(point))));
    chart.add(name, hue, Shape::over_seconds(values));
}
