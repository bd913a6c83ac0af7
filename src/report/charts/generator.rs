//! How the generator and its machine did: processors and memory in use, and how late requests left.

use super::{highest, over_time, when};
use crate::humanize;
use crate::metrics::SecondPoint;
use crate::report::{
    Paper,
    chart::{Axis, Chart, Hue, Quantity, Shape},
};

/// What of a second is drawn: its name, its hue, its value.
type Use = (&'static str, usize, fn(&SecondPoint) -> Option<f64>);

const USES: [Use; 4] = [
    ("this machine's processors", 0, |point| point.host.map(|host| host.machine_cpu_ratio)),
    ("this program's share", 1, |point| point.host.map(|host| host.process_cpu_ratio)),
    ("busiest worker", 3, |point| point.busiest_worker_ratio),
    ("memory in use", 2, |point| point.host.map(|host| host.memory_used_ratio)),
];

/// Processors and memory of the generator's machine; none where they were not read.
pub fn generator_use(paper: &Paper<'_>) -> Option<Chart> {
    let points = &paper.record.points;
    let mut chart = Chart::new("generator", "The generator's machine");
    over_time(&mut chart, paper);
    chart.y = Axis::of("In use", Quantity::Ratio).to(1.0);
    for (name, hue, value) in USES {
        let values = points.iter().map(|point| (point.second, value(point)));
        let shape = Shape::over_seconds(values);
        if !shape.is_empty() {
            chart.add(name, Hue::Series(hue), shape);
        }
    }
    chart.note =
        "This machine, which made the load, not the target. Processors: share of all; worker: share of one. \
                  Whole run, one point a second."
            .to_owned();
    let (cpu, at) = highest(points, USES[0].2)?;
    let process = highest(points, USES[1].2)?.0;
    chart.words = format!(
        "Its processors were in use up to {}, {}; this program took up to {}.",
        humanize::percent(cpu),
        when(paper.record, at),
        humanize::percent(process)
    );
    Some(chart)
}

/// How late requests left, against the response time that it would be mistaken for.
pub fn start_lag(paper: &Paper<'_>) -> Option<Chart> {
    let points = &paper.record.points;
    let mut chart = Chart::new("start-lag", "How late requests left");
    over_time(&mut chart, paper);
    chart.y = Axis::of("Latency", Quantity::Latency).log();
    let secs = |latency: Option<std::time::Duration>| latency.map(|latency| latency.as_secs_f64());
    let mut add = |name: &str, hue: usize, value: &dyn Fn(&SecondPoint) -> Option<f64>| {
        let values = points.iter().map(|point| (point.second, value(point)));
        chart.add(name, Hue::Series(hue), Shape::over_seconds(values));
    };
    add("response time p50", 2, &|point| secs(point.p50));
    add("start lag p99", 1, &|point| secs(point.start_lag_p99));
    chart.note =
        "Start lag p99 beside the median response time of each second, whole run, logarithmic scale."
            .to_owned();
    let (lag, at) = highest(points, |point| secs(point.start_lag_p99))?;
    chart.words = format!(
        "The p99 of start lag was highest {}: {}.",
        when(paper.record, at),
        humanize::latency_secs(lag)
    );
    Some(chart)
}
