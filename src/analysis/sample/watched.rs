//! A hand-made run that was watched: every figure of its monitors is known beforehand.

use std::{sync::Arc, time::Duration};

use super::{record, scenario};
use crate::metrics::{
    ClockOffset, CommandUse, MonitorFacts, ProbeCost, ProbeTrouble, ResourceSeries, RunFigure, RunRecord,
    SeriesInfo, Watched,
};
use crate::model::{
    Bound, Monitor, Probe, RedisProbe, SeriesGroup, SeriesLimit, SeriesStatistic, SeriesUnit,
    ThresholdSeverity,
};

/// A run with two monitors: the machine, whose processors are in use by 0.3, 0.6 and 0.9 in its three stages and were not
/// read in the first second, and a cache whose hit share is 0.9, 0.8 and 0.85 and which was away for five seconds of the second stage.
pub fn watched() -> RunRecord {
    let limit = |series: &str, statistic, bound| SeriesLimit {
        series: series.to_owned(),
        statistic,
        bound,
        severity: ThresholdSeverity::Must,
    };
    let mut scenario = scenario();
    let machine = Monitor {
        limits: vec![limit("CPU", SeriesStatistic::P95, Bound::AtMost(0.7))],
        ..Monitor::new("machine", Probe::Machine)
    };
    let redis = RedisProbe { url: "redis://127.0.0.1:6379".to_owned(), password: String::new() };
    let cache = Monitor {
        limits: vec![limit("hit share", SeriesStatistic::Mean, Bound::AtLeast(0.75))],
        ..Monitor::new("cache", Probe::Redis(redis))
    };
    let monitors = vec![machine, cache];
    let series = |monitor: usize, name: &str, value: &dyn Fn(u32) -> f64| {
        let described = monitors[monitor].series().into_iter().find(|series| series.name == name).unwrap();
        let info = SeriesInfo {
            monitor: monitors[monitor].name.clone(),
            name: described.name,
            unit: described.unit,
            group: described.group,
            aspect: described.aspect,
            meaning: described.meaning,
        };
        ResourceSeries { info, values: (0..40).map(value).collect() }
    };
    let of_stage =
        |second: u32, values: [f64; 3]| values[usize::from(second >= 10) + usize::from(second >= 30)];
    let away = |second: u32, value: f64| if (20..25).contains(&second) { f64::NAN } else { value };
    let series = vec![
        series(0, "CPU", &|second| if second == 0 { f64::NAN } else { of_stage(second, [0.3, 0.6, 0.9]) }),
        series(0, "memory", &|second| 0.5 + f64::from(second) / 400.0),
        series(0, "network sent", &|_| 250_000.0),
        series(1, "hit share", &|second| away(second, of_stage(second, [0.9, 0.8, 0.85]))),
        series(1, "memory", &|second| away(second, f64::from(8 << 20))),
        series(1, "evictions", &|second| away(second, of_stage(second, [0.0, 0.0, 12.5]))),
    ];
    scenario.monitors = monitors;
    let mut record = record(scenario);
    record.watched = Arc::new(Watched { monitors: monitor_facts(), series });
    record
}

fn monitor_facts() -> Vec<MonitorFacts> {
    let cost = ProbeCost {
        cpu: Some(Duration::from_millis(24)),
        median_reading: Duration::from_micros(600),
        longest_reading: Duration::from_millis(3),
        bytes_read: 48_000,
    };
    let machine = MonitorFacts {
        name: "machine".to_owned(),
        kind: "machine".to_owned(),
        n_read: 40,
        n_asked: 40,
        cost,
        notes: vec!["The speed of the links is not known, so there is no share of it.".to_owned()],
        ..MonitorFacts::default()
    };
    let command = |name: &str, n_calls, micros| CommandUse {
        name: name.to_owned(),
        n_calls,
        total_time: Duration::from_micros(micros) * n_calls as u32,
        mean_time: Duration::from_micros(micros),
    };
    let cache = MonitorFacts {
        name: "cache".to_owned(),
        kind: "redis".to_owned(),
        address: "redis://127.0.0.1:6379".to_owned(),
        version: "Redis 7.0.15".to_owned(),
        n_read: 35,
        n_asked: 40,
        cost,
        clock: Some(ClockOffset { ahead_secs: 0.002, uncertainty_secs: 0.001 }),
        troubles: vec![ProbeTrouble {
            from: 20,
            to: 24,
            text: "the server refused the connection".to_owned(),
        }],
        commands: vec![command("get", 1_400, 4), command("set", 280, 9)],
        totals: vec![RunFigure {
            name: "hit share".to_owned(),
            value: Some(0.8),
            unit: SeriesUnit::Ratio,
            group: SeriesGroup::Cache,
            meaning: "Lookups that found their key ÷ lookups, over the whole run".to_owned(),
        }],
        ..MonitorFacts::default()
    };
    vec![machine, cache]
}
