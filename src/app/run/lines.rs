//! From a run's seconds to the series of its charts: the same for a live run and a kept one.

use std::time::Duration;

use super::{outcome_lines, response_lines::ResponseLines};
use crate::analysis::requests_per_iteration;
use crate::app::charts::{Band, BandKind, ChartGroup, Mark, Series, TargetLine, TimePoint};
use crate::metrics::{Annotation, RequestPhase, SecondPoint};
use crate::model::{Metric, Plan, Scenario, Scope};

/// The series of every chart of a run.
#[derive(Default)]
pub struct RunLines {
    pub rate: Vec<Series>,
    pub latency: Vec<Series>,
    pub outcomes: Vec<Series>,
    pub load: Vec<Series>,
    pub errors: Vec<Series>,
    pub phases: Vec<Series>,
    pub lag: Vec<Series>,
    pub cpu: Vec<Series>,
    pub machine: Vec<Series>,
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
    pub fn new(scenario: &Scenario, points: &[SecondPoint], chosen: ResponseLines) -> Self {
        Self {
            rate: rate_lines(scenario, points),
            latency: latency_lines(points, chosen),
            outcomes: outcome_lines::layers(points),
            load: load_lines(scenario, points),
            errors: outcome_lines::error_lines(points),
            phases: phase_lines(points),
            lag: vec![line(points, "p99 of start lag", 1, Place::Middle, &|p| secs(p.start_lag_p99))],
            cpu: cpu_lines(points),
            machine: machine_lines(points),
            latency_targets: latency_targets(scenario),
        }
    }
}

fn line(
    points: &[SecondPoint],
    name: &str,
    hue: usize,
    place: Place,
    value: &dyn Fn(&SecondPoint) -> Option<f64>,
) -> Series {
    Series::new(name, hue, over_time(points, place, value))
}

fn secs(latency: Option<Duration>) -> Option<f64> {
    latency.map(|latency| latency.as_secs_f64())
}

fn rate_lines(scenario: &Scenario, points: &[SecondPoint]) -> Vec<Series> {
    let asked = requests_per_iteration(scenario)
        .map(|factor| line(points, "Asked", 7, Place::Middle, &|p| Some(p.asked_level * factor)).dashed());
    let measured = [
        line(points, "Sent", 0, Place::Middle, &|p| Some(p.sent_per_sec)),
        line(points, "Completed", 2, Place::Middle, &|p| Some(p.completed_per_sec)),
    ];
    asked.into_iter().chain(measured).collect()
}

fn latency_lines(points: &[SecondPoint], chosen: ResponseLines) -> Vec<Series> {
    chosen
        .chosen()
        .map(|of| {
            let series = line(points, of.name(), of.hue(), Place::Middle, &|p| secs(of.of(p)));
            if of.is_dashed() { series.dashed() } else { series }
        })
        .collect()
}

fn load_lines(scenario: &Scenario, points: &[SecondPoint]) -> Vec<Series> {
    let mut lines = Vec::new();
    if requests_per_iteration(scenario).is_none() {
        lines.push(line(points, "Asked users", 7, Place::Middle, &|p| Some(p.asked_level)).dashed());
    }
    let users = if scenario.load.model.is_open() { "Busy users" } else { "Users" };
    lines.push(line(points, users, 0, Place::End, &|p| Some(f64::from(p.n_users))));
    lines.push(line(points, "In flight", 4, Place::End, &|p| Some(f64::from(p.n_in_flight))));
    // Runs kept by early versions know neither connections nor workers.
    if points.iter().any(|point| point.n_connections.is_some()) {
        lines.push(line(points, "Connections", 5, Place::End, &|p| p.n_connections.map(f64::from)));
    }
    lines
}

/// The median of each phase that occurred.
fn phase_lines(points: &[SecondPoint]) -> Vec<Series> {
    let occurred = |phase: &RequestPhase| points.iter().any(|p| p.phase_p50[*phase as usize].is_some());
    RequestPhase::ALL
        .into_iter()
        .filter(occurred)
        .map(|phase| {
            let series = line(points, phase.name(), phase_hue(phase), Place::Middle, &|p| {
                secs(p.phase_p50[phase as usize])
            });
            // What only a new connection has stands out by its dashes.
            let is_rare = matches!(phase, RequestPhase::Dns | RequestPhase::Connect | RequestPhase::Tls);
            if is_rare { series.dashed() } else { series }
        })
        .collect()
}

fn phase_hue(phase: RequestPhase) -> usize {
    match phase {
        RequestPhase::Dns => 7,
        RequestPhase::Connect => 4,
        RequestPhase::Tls => 3,
        RequestPhase::Send => 1,
        RequestPhase::Wait => 0,
        RequestPhase::Receive => 2,
    }
}

fn cpu_lines(points: &[SecondPoint]) -> Vec<Series> {
    let mut lines = Vec::new();
    if points.iter().any(|point| point.busiest_worker_ratio.is_some()) {
        lines.push(line(points, "Busiest worker, of one processor", 1, Place::End, &|p| {
            p.busiest_worker_ratio
        }));
    }
    if points.iter().any(|point| point.host.is_some()) {
        let of_all = |p: &SecondPoint| p.host.map(|host| host.process_cpu_ratio);
        lines.push(line(points, "This program, of all", 0, Place::End, &of_all));
    }
    lines
}

fn machine_lines(points: &[SecondPoint]) -> Vec<Series> {
    if points.iter().all(|point| point.host.is_none()) {
        return Vec::new();
    }
    vec![
        line(points, "Processors", 0, Place::End, &|p| p.host.map(|host| host.machine_cpu_ratio)),
        line(points, "Memory in use", 3, Place::End, &|p| p.host.map(|host| host.memory_used_ratio)).dashed(),
    ]
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
    group.measured_secs = measured_secs;
    group.extent_secs = plan.duration().as_secs_f64().max(measured_secs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn connections_workers_and_phases_have_lines_where_they_were_measured() {
        let record = sample::record(sample::scenario());
        let mut points: Vec<SecondPoint> = record.points.to_vec();
        let names = |points: &[SecondPoint]| {
            let lines = RunLines::new(&record.start.scenario, points, ResponseLines::default());
            let of = |series: &[Series]| series.iter().map(|line| line.name.clone()).collect::<Vec<_>>();
            [&lines.load, &lines.cpu, &lines.machine, &lines.phases].map(|series| of(series))
        };
        let [load, cpu, machine, phases] = names(&points);
        assert_eq!(load, ["Asked users", "Users", "In flight", "Connections"]);
        assert_eq!(cpu, ["Busiest worker, of one processor", "This program, of all"]);
        assert_eq!(machine, ["Processors", "Memory in use"]);
        assert_eq!(phases, ["connect", "send", "wait", "receive"]);
        for point in &mut points {
            (point.n_connections, point.busiest_worker_ratio, point.host) = (None, None, None);
        }
        let [load, cpu, machine, _] = names(&points);
        assert_eq!((load.len(), cpu.len(), machine.len()), (3, 0, 0));
    }

    #[test]
    fn the_chosen_percentiles_are_the_lines() {
        let record = sample::record(sample::scenario());
        let points: Vec<SecondPoint> = record.points.to_vec();
        let chosen = ResponseLines::from_text("max,p50");
        let lines = RunLines::new(&record.start.scenario, &points, chosen).latency;
        assert_eq!(lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["p50", "max"]);
        let last = points.last().unwrap();
        assert_eq!(lines[1].points.last().unwrap().value, last.max.map(|max| max.as_secs_f64()));
    }
}
