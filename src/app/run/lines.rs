//! From a run's seconds to the series of its charts: the same for a live run and a kept one.

use std::time::Duration;

use crate::analysis::requests_per_iteration;
use crate::app::charts::{Band, BandKind, ChartGroup, Mark, Series, TargetLine, TimePoint};
use crate::metrics::{Annotation, Outcome, SecondPoint};
use crate::model::{Metric, Plan, Scenario, Scope};

/// The series of every chart of a run.
#[derive(Default)]
pub struct RunLines {
    pub rate: Vec<Series>,
    pub latency: Vec<Series>,
    pub load: Vec<Series>,
    pub errors: Vec<Series>,
    pub lag: Vec<Series>,
    pub cpu: Vec<Series>,
    pub latency_targets: Vec<TargetLine>,
}

/// Where within its second a value stands.
#[derive(Clone, Copy)]
pub enum Place {
    /// Counted over the second.
    Middle,
    /// Read at its end.
    End,
}

impl RunLines {
    pub fn new(scenario: &Scenario, points: &[SecondPoint]) -> Self {
        use Place::{End, Middle};
        let line = |name: &str, hue, place, value: &dyn Fn(&SecondPoint) -> Option<f64>| {
            Series::new(name, hue, over_time(points, place, value))
        };
        let secs = |latency: Option<Duration>| latency.map(|latency| latency.as_secs_f64());
        let mut rate = vec![
            line("Sent", 0, Middle, &|p| Some(p.sent_per_sec)),
            line("Completed", 2, Middle, &|p| Some(p.completed_per_sec)),
        ];
        let users = if scenario.load.model.is_open() { "Busy users" } else { "Users" };
        let mut load = vec![
            line(users, 0, End, &|p| Some(f64::from(p.n_users))),
            line("In flight", 4, End, &|p| Some(f64::from(p.n_in_flight))),
        ];
        // Runs kept by early versions know neither connections nor workers.
        if points.iter().any(|point| point.n_connections.is_some()) {
            load.push(line("Connections", 5, End, &|p| p.n_connections.map(f64::from)));
        }
        let mut cpu = vec![
            line("This program", 0, End, &|p| p.host.map(|host| host.process_cpu_ratio)),
            line("Whole machine", 7, End, &|p| p.host.map(|host| host.machine_cpu_ratio)).dashed(),
        ];
        if points.iter().any(|point| point.busiest_worker_ratio.is_some()) {
            cpu.push(line("Busiest worker, of one processor", 1, End, &|p| p.busiest_worker_ratio));
        }
        match requests_per_iteration(scenario) {
            Some(factor) => {
                rate.insert(0, line("Asked", 7, Middle, &|p| Some(p.asked_level * factor)).dashed())
            }
            None => load.insert(0, line("Asked users", 7, Middle, &|p| Some(p.asked_level)).dashed()),
        }
        Self {
            rate,
            latency: vec![
                line("p50", 2, Middle, &|p| secs(p.p50)),
                line("p95", 0, Middle, &|p| secs(p.p95)),
                line("p99", 3, Middle, &|p| secs(p.p99)).dashed(),
            ],
            load,
            errors: error_lines(points),
            lag: vec![line("p99 of start lag", 1, Middle, &|p| secs(p.start_lag_p99))],
            cpu,
            latency_targets: latency_targets(scenario),
        }
    }
}

/// One value per second; a second that is missing from the run is a gap.
pub fn over_time(
    points: &[SecondPoint],
    place: Place,
    value: &dyn Fn(&SecondPoint) -> Option<f64>,
) -> Vec<TimePoint> {
    let offset = match place {
        Place::Middle => 0.5,
        Place::End => 1.0,
    };
    let mut out = Vec::with_capacity(points.len());
    let mut expected = points.first().map_or(0, |point| point.second);
    for point in points {
        if point.second > expected {
            out.push(TimePoint { at_secs: f64::from(expected) + offset, value: None });
        }
        out.push(TimePoint { at_secs: f64::from(point.second) + offset, value: value(point) });
        expected = point.second + 1;
    }
    out
}

/// One line per kind of error that occurred, and dropped iterations if there were any.
fn error_lines(points: &[SecondPoint]) -> Vec<Series> {
    let failing = Outcome::ALL.into_iter().filter(|outcome| !outcome.is_ok());
    let occurred = failing.filter(|outcome| points.iter().any(|p| p.n_by_outcome[*outcome as usize] > 0));
    let dropped = points.iter().any(|p| p.dropped_per_sec > 0.0).then(|| {
        let n_dropped = |p: &SecondPoint| Some(p.dropped_per_sec);
        Series::new("dropped iterations", 7, over_time(points, Place::Middle, &n_dropped)).dashed()
    });
    occurred
        .map(|outcome| {
            let n_errors = |p: &SecondPoint| Some(p.n_by_outcome[outcome as usize] as f64);
            let series =
                Series::new(outcome.name(), outcome as usize, over_time(points, Place::Middle, &n_errors));
            if (outcome as usize).is_multiple_of(2) { series.dashed() } else { series }
        })
        .chain(dropped)
        .collect()
}

/// The run's latency thresholds; each limit once.
fn latency_targets(scenario: &Scenario) -> Vec<TargetLine> {
    let of_run = scenario.thresholds.iter().filter(|threshold| threshold.scope == Scope::Run);
    let mut targets: Vec<TargetLine> = Vec::new();
    for threshold in of_run {
        let target = TargetLine { name: format!("{} ≤", threshold.metric), value: threshold.limit };
        if matches!(threshold.metric, Metric::Quantile(_)) && !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// Puts stages, warm-up, notes and the length of a run into a group of charts.
pub fn frame_group(group: &mut ChartGroup, plan: &Plan, annotations: &[Annotation], measured_secs: f64) {
    let stages = plan.stages().iter().map(|stage| Band {
        name: stage.name.clone(),
        from_secs: stage.start.as_secs_f64(),
        to_secs: stage.end.as_secs_f64(),
        kind: BandKind::Stage,
    });
    let warm_up = (!plan.warm_up().is_zero()).then(|| Band {
        name: "warm-up".to_owned(),
        from_secs: 0.0,
        to_secs: plan.warm_up().as_secs_f64(),
        kind: BandKind::WarmUp,
    });
    let pauses = plan.pauses().map(|(from, to)| Band {
        name: "paused".to_owned(),
        from_secs: from.as_secs_f64(),
        to_secs: to.as_secs_f64(),
        kind: BandKind::Pause,
    });
    group.bands = stages.chain(warm_up).chain(pauses).collect();
    group.marks = annotations
        .iter()
        .map(|note| Mark { at_secs: note.at.as_secs_f64(), text: note.text.clone() })
        .collect();
    group.extent_secs = plan.duration().as_secs_f64().max(measured_secs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn connections_and_the_busiest_worker_have_lines_where_they_were_measured() {
        let record = sample::record(sample::scenario());
        let mut points: Vec<SecondPoint> =
            record.intervals.iter().map(|interval| SecondPoint::from_interval(interval).unwrap()).collect();
        let names = |points: &[SecondPoint]| {
            let lines = RunLines::new(&record.start.scenario, points);
            let of = |series: &[Series]| series.iter().map(|line| line.name.clone()).collect::<Vec<_>>();
            (of(&lines.load), of(&lines.cpu))
        };
        let (load, cpu) = names(&points);
        assert_eq!(load, ["Asked users", "Users", "In flight", "Connections"]);
        assert_eq!(cpu, ["This program", "Whole machine", "Busiest worker, of one processor"]);
        for point in &mut points {
            (point.n_connections, point.busiest_worker_ratio) = (None, None);
        }
        let (load, cpu) = names(&points);
        assert_eq!((load.len(), cpu.len()), (3, 2));
    }
}
