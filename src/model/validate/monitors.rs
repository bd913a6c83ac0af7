//! Monitors: names of their own, something to read, places that can be reached, limits on series that there are.

use std::time::Duration;

use super::Findings;
use super::templates::Known;
use crate::model::problem::shown;
use crate::model::{
    Access, MetricReading, MetricsProbe, Monitor, PostgresProbe, Probe, PrometheusProbe, Scenario,
    SeriesLimit, template_names,
};

const MAX_MONITORS: usize = 50;
const MAX_SERIES: usize = 500;
const MAX_LIMITS: usize = 500;
const MAX_PROCESSES: usize = 100;

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let monitors = &scenario.monitors;
    if monitors.len() > MAX_MONITORS {
        findings.error("monitors", "there are more than 50 monitors", "Remove some.");
        return;
    }
    let known = Known::of(scenario);
    for (index, monitor) in monitors.iter().enumerate() {
        let field = format!("monitors[{index}]");
        findings.name(format!("{field}.name"), &monitor.name, "monitor");
        check_probe(&field, &monitor.probe, findings);
        check_limits(&field, monitor, findings);
        check_templates(&field, &monitor.probe, &known, findings);
    }
    let named = monitors.iter().enumerate();
    findings.duplicates(
        named.map(|(index, monitor)| (format!("monitors[{index}].name"), monitor.name.as_str())),
        "monitor",
    );
}

fn check_probe(field: &str, probe: &Probe, findings: &mut Findings) {
    match probe {
        Probe::Machine => {}
        Probe::Processes(probe) => check_processes(field, &probe.processes, findings),
        Probe::Metrics(probe) => {
            check_url(field, &probe.url, &["http://", "https://"], findings);
            check_access(field, &probe.access, findings);
            for (index, series) in probe.series.iter().enumerate() {
                let metric_field = format!("{field}.series[{index}].metric");
                check_metric(metric_field, &series.metric, findings);
                if let MetricReading::PerGrowthOf(other) | MetricReading::PerValueOf(other) = &series.reading
                {
                    check_metric(format!("{field}.series[{index}]"), other, findings);
                }
            }
            let names = probe.series.iter().map(|series| series.name.as_str());
            check_series(field, names, "metric", findings);
        }
        Probe::Prometheus(probe) => {
            check_url(field, &probe.url, &["http://", "https://"], findings);
            check_access(field, &probe.access, findings);
            for (index, query) in probe.queries.iter().enumerate() {
                if query.query.trim().is_empty() {
                    findings.error(
                        format!("{field}.series[{index}].query"),
                        "there is nothing to ask for",
                        "Write a query in PromQL, such as rate(http_requests_total[1m]).",
                    );
                }
            }
            check_series(field, probe.queries.iter().map(|query| query.name.as_str()), "query", findings);
        }
        Probe::Postgres(probe) => check_postgres(field, probe, findings),
        Probe::Redis(probe) => {
            check_url(field, &probe.url, &["redis://", "rediss://"], findings);
            caution(format!("{field}.password"), &probe.password, findings);
        }
    }
}

fn check_processes(field: &str, processes: &[String], findings: &mut Findings) {
    let field = format!("{field}.processes");
    if processes.is_empty() || processes.len() > MAX_PROCESSES {
        findings.error(
            field,
            "from 1 to 100 processes can be watched",
            "Name programs, such as \"postgres\", or processes by their number, such as \"pid:4711\".",
        );
        return;
    }
    for (index, name) in processes.iter().enumerate() {
        let is_number = |digits: &str| digits.parse::<u32>().is_ok_and(|pid| pid > 0);
        let is_wrong_pid = name.strip_prefix("pid:").is_some_and(|digits| !is_number(digits));
        if name.trim().is_empty() || is_wrong_pid {
            findings.error(
                format!("{field}[{index}]"),
                format!("`{}` names no process", shown(name)),
                "Write the name of a program, or pid: and a number.",
            );
        }
    }
}

fn check_url(field: &str, url: &str, schemes: &[&str], findings: &mut Findings) {
    let field = format!("{field}.url");
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    let example = schemes.first().copied().unwrap_or_default();
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.starts_with('/')) else {
        findings.error(
            field,
            format!("`{}` is no address for this kind of monitor", shown(url)),
            format!("Write one such as {example}127.0.0.1."),
        );
        return;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    if password.is_some_and(|(_, password)| !password.is_empty()) {
        findings.error(
            field,
            "a password stands in the address, where it would be kept and shown",
            "Take it out, and write password = \"{{name}}\" with a secret of that name.",
        );
    } else if url.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        findings.error(field, "there is a space in the address", "Take it out.");
    }
}

fn check_access(field: &str, access: &Access, findings: &mut Findings) {
    if !access.bearer.is_empty() && !access.user.is_empty() {
        findings.error(
            format!("{field}.bearer"),
            "both a token and a user are given",
            "Keep the one that the server asks for.",
        );
    }
    caution(format!("{field}.bearer"), &access.bearer, findings);
    caution(format!("{field}.password"), &access.password, findings);
}

/// A password in the file can be read by everyone who reads the file.
fn caution(field: String, password: &str, findings: &mut Findings) {
    if !password.is_empty() && template_names(password).next().is_none() {
        findings.warning(
            field,
            "this password stands in the file for everyone to read",
            "Name a secret instead: \"{{name}}\", with its source under [secrets].",
        );
    }
}

fn check_postgres(field: &str, probe: &PostgresProbe, findings: &mut Findings) {
    check_url(field, &probe.url, &["postgres://", "postgresql://"], findings);
    caution(format!("{field}.password"), &probe.password, findings);
    if probe.pool_size == Some(0) {
        findings.error(
            format!("{field}.pool_size"),
            "a pool of nothing holds no connection",
            "Choose 1 or more.",
        );
    }
    if let Some(slow) = probe.slow_statement {
        findings.at_most(&format!("{field}.slow_statement"), slow);
        if slow < Duration::from_micros(1) {
            findings.error(
                format!("{field}.slow_statement"),
                "every statement would be slow",
                "Choose a time such as 100ms.",
            );
        }
    }
}

fn check_metric(field: String, metric: &str, findings: &mut Findings) {
    let is_name = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | ':'))
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':' | '.' | '-'))
    };
    if !is_name(metric) {
        findings.error(
            field,
            format!("`{}` is no name of a metric", shown(metric)),
            "Write it as it stands on the exporter's page, without labels, such as node_load1.",
        );
    }
}

fn check_series<'a>(
    field: &str,
    names: impl ExactSizeIterator<Item = &'a str> + Clone,
    what: &str,
    findings: &mut Findings,
) {
    let all = format!("{field}.series");
    if names.len() == 0 {
        findings.error(
            all,
            "no series is chosen, so nothing would be kept",
            format!("Add a [[monitors.series]] table with name and {what}."),
        );
        return;
    }
    if names.len() > MAX_SERIES {
        findings.error(all, "there are more than 500 series", "Choose those that tell something.");
        return;
    }
    let fields = |index: usize| format!("{all}[{index}].name");
    for (index, name) in names.clone().enumerate() {
        findings.name(fields(index), name, "series");
    }
    findings
        .duplicates(names.enumerate().map(|(index, name)| (fields(index), name)), "series of this monitor");
}

fn check_limits(field: &str, monitor: &Monitor, findings: &mut Findings) {
    if monitor.limits.len() > MAX_LIMITS {
        findings.error(format!("{field}.limits"), "there are more than 500 limits", "Remove some.");
        return;
    }
    let series = monitor.series();
    for (index, limit) in monitor.limits.iter().enumerate() {
        let field = format!("{field}.limits[{index}]");
        if !series.iter().any(|known| known.name == limit.series) {
            let names = series.iter().map(|known| known.name.as_str());
            findings.unknown_name(format!("{field}.series"), "series of this monitor", &limit.series, names);
        }
        if !limit.bound.value().is_finite() {
            findings.error(field, "the limit is no number", "Write a value such as \"70%\".");
        }
    }
    let same = |(index, limit): (usize, &SeriesLimit)| {
        monitor.limits[..index].iter().any(|earlier| {
            earlier.series == limit.series
                && earlier.statistic == limit.statistic
                && std::mem::discriminant(&earlier.bound) == std::mem::discriminant(&limit.bound)
        })
    };
    if let Some((index, _)) = monitor.limits.iter().enumerate().find(|limit| same(*limit)) {
        findings.error(
            format!("{field}.limits[{index}]"),
            "there is another limit on the same figure",
            "Keep the one that counts.",
        );
    }
}

fn check_templates(field: &str, probe: &Probe, known: &Known<'_>, findings: &mut Findings) {
    let mut check = |key: &str, text: &str| known.check(&format!("{field}.{key}"), text, findings);
    check("url", probe.url());
    match probe {
        Probe::Metrics(MetricsProbe { access, .. }) | Probe::Prometheus(PrometheusProbe { access, .. }) => {
            check("bearer", &access.bearer);
            check("user", &access.user);
            check("password", &access.password);
        }
        Probe::Postgres(probe) => check("password", &probe.password),
        Probe::Redis(probe) => check("password", &probe.password),
        Probe::Machine | Probe::Processes(_) => {}
    }
}
