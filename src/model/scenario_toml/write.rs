//! From scenario to canonical text: stable order, one blank line between tables, defaults left out.

use std::fmt::Write as _;

use toml_edit::{Key, Value};

use super::{auth, interleave, monitors, search, service_levels, transport, write_data, write_steps};
use crate::model::{
    Arrivals, Auth, Journey, LoadModel, LoadProfile, Metric, Scenario, Scope, Service, Shape, Stage,
    ThinkTime, Threshold, ThresholdSeverity, Unit, Window, format_duration,
};

/// The whole file.
pub(super) fn canonical(scenario: &Scenario) -> String {
    let mut out = Lines::default();
    out.pair("format", Scenario::FORMAT);
    out.pair("name", text(&scenario.name));
    if !scenario.description.is_empty() {
        out.pair("description", text(&scenario.description));
    }
    out.pair("base_url", text(&scenario.base_url));
    if scenario.timeout != Scenario::DEFAULT_TIMEOUT {
        out.pair("timeout", duration(scenario.timeout));
    }
    if let Some(environment) = &scenario.environment {
        out.pair("environment", text(environment));
    }
    if scenario.auth != Auth::None {
        out.pair("auth", auth::value(&scenario.auth));
    }
    write_data::data(&mut out, scenario);
    transport::write(&mut out, &scenario.transport);
    if let Some(interleave) = &scenario.interleave {
        interleave::write(&mut out, interleave);
    }
    if let Some(search) = &scenario.search {
        search::write(&mut out, search);
    }
    load(&mut out, &scenario.load);
    for journey in &scenario.journeys {
        self::journey(&mut out, journey);
    }
    for service in &scenario.services {
        self::service(&mut out, service);
    }
    for threshold in &scenario.thresholds {
        self::threshold(&mut out, threshold);
    }
    service_levels::write(&mut out, &scenario.service_levels);
    scenario.monitors.iter().for_each(|monitor| monitors::write(&mut out, monitor));
    out.0
}

/// Text that grows by whole lines.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub fn header(&mut self, header: &str) {
        self.0 += "\n";
        self.0 += header;
        self.0 += "\n";
    }

    pub fn pair(&mut self, key: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        _ = writeln!(self.0, "{key} = {value}");
    }
}

pub(super) fn text(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) fn key(name: &str) -> String {
    Key::new(name).display_repr().into_owned()
}

pub(super) fn duration(duration: std::time::Duration) -> String {
    text(&format_duration(duration))
}

pub(super) fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else if number.is_finite() {
        format!("{number:?}")
    } else {
        Value::from(number).to_string()
    }
}

fn load(out: &mut Lines, load: &LoadProfile) {
    out.header("[load]");
    out.pair("model", text(if load.model.is_open() { "open" } else { "closed" }));
    if !load.warm_up.is_zero() {
        out.pair("warm_up", duration(load.warm_up));
    }
    if load.graceful_stop != LoadProfile::DEFAULT_GRACEFUL_STOP {
        out.pair("graceful_stop", duration(load.graceful_stop));
    }
    if let LoadModel::Open { arrivals, max_users, seed } = load.model {
        if max_users != LoadModel::DEFAULT_MAX_USERS {
            out.pair("max_users", max_users);
        }
        if arrivals == Arrivals::Poisson {
            out.pair("arrivals", text("poisson"));
        }
        if seed != LoadModel::DEFAULT_SEED {
            out.pair("seed", seed);
        }
    }
    for stage in &load.stages {
        self::stage(out, stage, load.model.is_open());
    }
}

fn stage(out: &mut Lines, stage: &Stage, is_open: bool) {
    out.header("[[load.stages]]");
    out.pair("name", text(&stage.name));
    out.pair("duration", duration(stage.duration));
    out.pair(if is_open { "rate" } else { "users" }, number(stage.end_level));
    if stage.shape == Shape::Step {
        out.pair("shape", text("step"));
    }
}

fn journey(out: &mut Lines, journey: &Journey) {
    out.header("[[journeys]]");
    out.pair("name", text(&journey.name));
    if !journey.enabled {
        out.pair("enabled", false);
    }
    if journey.weight != 1 {
        out.pair("weight", journey.weight);
    }
    if let Some(value) = think_time(&journey.think_time) {
        out.pair("think_time", value);
    }
    if let Some(pacing) = journey.pacing {
        out.pair("pacing", duration(pacing));
    }
    for step in &journey.steps {
        write_steps::step(out, step);
    }
}

fn think_time(think_time: &ThinkTime) -> Option<String> {
    let (kind, first, second) = match think_time {
        ThinkTime::None => return None,
        ThinkTime::Fixed(pause) => return Some(duration(*pause)),
        ThinkTime::Uniform { min, max } => {
            return Some(format!("{{ uniform = [{}, {}] }}", duration(*min), duration(*max)));
        }
        ThinkTime::Normal { mean, std_dev } => ("normal", ("mean", mean), ("std_dev", std_dev)),
        ThinkTime::LogNormal { median, p95 } => ("log_normal", ("median", median), ("p95", p95)),
    };
    let pair = |(key, value): (&str, &std::time::Duration)| format!("{key} = {}", duration(*value));
    Some(format!("{{ {kind} = {{ {}, {} }} }}", pair(first), pair(second)))
}

fn service(out: &mut Lines, service: &Service) {
    out.header("[[services]]");
    out.pair("name", text(&service.name));
    let mut pairs: Vec<(String, String)> = Vec::new();
    for budget in &service.budgets {
        let metric = key(&budget.metric.to_string());
        if pairs.iter().all(|(earlier, _)| *earlier != metric) {
            pairs.push((metric, limit(budget.metric, budget.limit)));
        }
    }
    if !pairs.is_empty() {
        let pairs: Vec<String> = pairs.iter().map(|(metric, limit)| format!("{metric} = {limit}")).collect();
        out.pair("budget", format!("{{ {} }}", pairs.join(", ")));
    }
}

fn threshold(out: &mut Lines, threshold: &Threshold) {
    out.header("[[thresholds]]");
    out.pair("metric", text(&threshold.metric.to_string()));
    if threshold.scope != Scope::Run {
        out.pair("scope", text(&threshold.scope.to_string()));
    }
    out.pair("limit", limit(threshold.metric, threshold.limit));
    if threshold.window != Window::Steady {
        out.pair("window", text(&threshold.window.to_string()));
    }
    match threshold.severity {
        ThresholdSeverity::Must => {}
        ThresholdSeverity::Should => out.pair("severity", text("should")),
        ThresholdSeverity::Info => out.pair("severity", text("info")),
    }
    if let Some(patience) = threshold.abort_after {
        out.pair("abort_after", duration(patience));
    }
}

fn limit(metric: Metric, limit: f64) -> String {
    match metric.unit() {
        Unit::Seconds => match std::time::Duration::try_from_secs_f64(limit) {
            Ok(limit) => duration(limit),
            // Kept as it is, so that reading it names the problem.
            Err(_) => number(limit),
        },
        Unit::Ratio => share(limit),
        Unit::PerSecond if limit.is_finite() => text(&format!("{}/s", number(limit))),
        Unit::PerSecond => number(limit),
    }
}

/// A share as a percentage where that is exact.
pub(super) fn share(ratio: f64) -> String {
    percentage(ratio).map_or_else(|| number(ratio), |percent| text(&percent))
}

/// The ratio in percent, if the shortest decimals stand for exactly this ratio.
fn percentage(ratio: f64) -> Option<String> {
    let percent = format!("{:.12}", ratio * 100.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    (format!("{percent}e-2").parse() == Ok(ratio)).then(|| format!("{percent}%"))
}
