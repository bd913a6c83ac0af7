//! The `[[monitors]]` tables, in and out: only what differs from the defaults is written.

use super::keys;
use super::reader::{Field, Node, Reader};
use super::write::{Lines, duration, key, text};
use crate::model::{
    Access, Bound, Combine, MetricReading, MetricSeries, MetricsProbe, Monitor, PostgresProbe, Probe,
    ProcessesProbe, PrometheusProbe, QuerySeries, RedisProbe, SeriesGroup, SeriesLimit, SeriesStatistic,
    SeriesUnit, ThresholdSeverity,
};

const REMEDY: &str =
    "Write each monitor as a [[monitors]] table with name and kind, such as kind = \"machine\".";
const SERIES_REMEDY: &str =
    "Write each series as a [[monitors.series]] table with name, and metric or query.";
const LIMIT_REMEDY: &str =
    "Write each limit as a [[monitors.limits]] table with series, and at_most or at_least.";

pub(super) fn read(reader: &mut Reader, root: &Node<'_>) -> Vec<Monitor> {
    let nodes = reader.tables(root, "monitors", keys::MONITOR, REMEDY);
    nodes.iter().map(|node| monitor(reader, node)).collect()
}

fn monitor(reader: &mut Reader, node: &Node<'_>) -> Monitor {
    let name =
        reader.required_text(node, "name", "Add a line such as name = \"this machine\".").unwrap_or_default();
    let remedy = "Add a line such as kind = \"machine\".";
    let kind = reader.required(node, "kind", remedy).and_then(|field| reader.word(&field, &Probe::KINDS));
    let probe = match kind {
        // A stand-in, so that the rest is checked all the same.
        None | Some("machine") => Probe::Machine,
        Some("processes") => Probe::Processes(ProcessesProbe { processes: texts(reader, node, "processes") }),
        Some("metrics") => Probe::Metrics(MetricsProbe {
            url: url(reader, node, "http://127.0.0.1:9100/metrics"),
            access: access(reader, node),
            series: metric_series(reader, node),
        }),
        Some("prometheus") => Probe::Prometheus(PrometheusProbe {
            url: url(reader, node, "http://127.0.0.1:9090"),
            access: access(reader, node),
            queries: queries(reader, node),
        }),
        Some("postgres") => Probe::Postgres(PostgresProbe {
            url: url(reader, node, "postgres://watch@127.0.0.1:5432/app"),
            password: reader.optional_text(node, "password").unwrap_or_default(),
            pool_size: reader.optional_integer(node, "pool_size", "Choose a whole number from 1."),
            slow_statement: reader.optional_duration(node, "slow_statement"),
        }),
        Some(_) => Probe::Redis(RedisProbe {
            url: url(reader, node, "redis://127.0.0.1:6379"),
            password: reader.optional_text(node, "password").unwrap_or_default(),
        }),
    };
    if let Some(kind) = kind {
        foreign_keys(reader, node, kind);
    }
    let enabled = reader.optional_truth(node, "enabled").unwrap_or(true);
    let limits = limits(reader, node, &probe);
    Monitor { name, enabled, probe, limits }
}

/// Reports keys that another kind of monitor has.
fn foreign_keys(reader: &mut Reader, node: &Node<'_>, kind: &str) {
    let own: &[&str] = match kind {
        "processes" => &["processes"],
        "metrics" | "prometheus" => &["url", "bearer", "user", "password", "ca", "series"],
        "postgres" => &["url", "password", "pool_size", "slow_statement"],
        "redis" => &["url", "password"],
        _ => &[],
    };
    for name in node.keys() {
        let is_of_all = ["name", "kind", "enabled", "limits"].contains(&name);
        if keys::MONITOR.contains(&name) && !is_of_all && !own.contains(&name) {
            let Some(field) = reader.field(node, name) else { continue };
            let message = format!("`{name}` says nothing to a monitor of kind `{kind}`");
            reader.error(&field.path, message, "Remove it, or choose another kind.");
        }
    }
}

fn url(reader: &mut Reader, node: &Node<'_>, example: &str) -> String {
    reader.required_text(node, "url", &format!("Add a line such as url = \"{example}\".")).unwrap_or_default()
}

fn texts(reader: &mut Reader, node: &Node<'_>, key: &str) -> Vec<String> {
    let remedy = "Write a list such as processes = [\"postgres\", \"pid:4711\"].";
    reader.required(node, key, remedy).map(|field| reader.loose_texts(&field)).unwrap_or_default()
}

fn access(reader: &mut Reader, node: &Node<'_>) -> Access {
    let mut of = |key| reader.optional_text(node, key).unwrap_or_default();
    Access { bearer: of("bearer"), user: of("user"), password: of("password"), ca: of("ca") }
}

fn metric_series(reader: &mut Reader, node: &Node<'_>) -> Vec<MetricSeries> {
    let nodes = reader.tables(node, "series", keys::METRIC_SERIES, SERIES_REMEDY);
    let read = |node: &Node<'_>| MetricSeries {
        name: reader.required_text(node, "name", SERIES_REMEDY).unwrap_or_default(),
        metric: reader.required_text(node, "metric", SERIES_REMEDY).unwrap_or_default(),
        labels: labels(reader, node),
        reading: reading(reader, node),
        combine: chosen(reader, node, "combine", &Combine::ALL, Combine::name),
        unit: chosen(reader, node, "unit", &SeriesUnit::ALL, SeriesUnit::name),
        group: chosen(reader, node, "group", &SeriesGroup::ALL, SeriesGroup::name),
    };
    nodes.iter().map(read).collect()
}

fn labels(reader: &mut Reader, node: &Node<'_>) -> Vec<(String, String)> {
    let remedy = "Write labels = { mode = \"idle\" }.";
    let Some(field) = reader.field(node, "labels") else { return Vec::new() };
    let Some(table) = reader.free_table(&field, remedy) else { return Vec::new() };
    let mut labels = Vec::new();
    for name in table.keys() {
        let value = reader.field(&table, name).and_then(|field| reader.loose_text(&field));
        labels.extend(value.map(|value| (name.to_owned(), value)));
    }
    labels
}

fn reading(reader: &mut Reader, node: &Node<'_>) -> MetricReading {
    let ways = ["reading", "growth_per", "value_per"];
    if ways.into_iter().filter(|key| node.has(key)).count() > 1 {
        let message = "`reading`, `growth_per` and `value_per` are three ways to read a metric";
        reader.error(node.path(), message, "Keep one of them.");
    }
    if let Some(other) = reader.optional_text(node, "growth_per") {
        return MetricReading::PerGrowthOf(other);
    }
    if let Some(other) = reader.optional_text(node, "value_per") {
        return MetricReading::PerValueOf(other);
    }
    match reader.optional_word(node, "reading", keys::READINGS) {
        Some("value") => MetricReading::Value,
        Some("rate") => MetricReading::Rate,
        Some("complement") => MetricReading::Complement,
        _ => MetricReading::Declared,
    }
}

fn queries(reader: &mut Reader, node: &Node<'_>) -> Vec<QuerySeries> {
    let nodes = reader.tables(node, "series", keys::QUERY_SERIES, SERIES_REMEDY);
    let read = |node: &Node<'_>| QuerySeries {
        name: reader.required_text(node, "name", SERIES_REMEDY).unwrap_or_default(),
        query: reader.required_text(node, "query", SERIES_REMEDY).unwrap_or_default(),
        unit: chosen(reader, node, "unit", &SeriesUnit::ALL, SeriesUnit::name),
        group: chosen(reader, node, "group", &SeriesGroup::ALL, SeriesGroup::name),
    };
    nodes.iter().map(read).collect()
}

/// One of a type's values by its word, or its default.
fn chosen<T: Copy + Default>(
    reader: &mut Reader,
    node: &Node<'_>,
    key: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> T {
    let words: Vec<&'static str> = all.iter().map(|value| name(*value)).collect();
    let word = reader.optional_word(node, key, &words);
    all.iter().copied().find(|value| Some(name(*value)) == word).unwrap_or_default()
}

fn limits(reader: &mut Reader, node: &Node<'_>, probe: &Probe) -> Vec<SeriesLimit> {
    let series = probe.series();
    let nodes = reader.tables(node, "limits", keys::SERIES_LIMIT, LIMIT_REMEDY);
    let mut limits = Vec::new();
    for node in &nodes {
        let name = reader.required_text(node, "series", LIMIT_REMEDY).unwrap_or_default();
        let unit = series.iter().find(|known| known.name == name).map(|known| known.unit);
        let statistic = chosen(reader, node, "statistic", &SeriesStatistic::ALL, SeriesStatistic::name);
        let severity = match reader.optional_word(node, "severity", keys::SEVERITIES) {
            Some("should") => ThresholdSeverity::Should,
            Some("info") => ThresholdSeverity::Info,
            _ => ThresholdSeverity::Must,
        };
        let bound = bound(reader, node, unit);
        limits.extend(bound.map(|bound| SeriesLimit { series: name, statistic, bound, severity }));
    }
    limits
}

fn bound(reader: &mut Reader, node: &Node<'_>, unit: Option<SeriesUnit>) -> Option<Bound> {
    match (reader.field(node, "at_most"), reader.field(node, "at_least")) {
        (Some(field), None) => value(reader, &field, unit).map(Bound::AtMost),
        (None, Some(field)) => value(reader, &field, unit).map(Bound::AtLeast),
        _ => {
            reader.error(node.path(), "a limit has either `at_most` or `at_least`", LIMIT_REMEDY);
            None
        }
    }
}

/// A value in the unit of its series; one of a series that is not known is reported with that series.
fn value(reader: &mut Reader, field: &Field<'_>, unit: Option<SeriesUnit>) -> Option<f64> {
    let remedy = unit
        .map_or_else(|| "Write a number.".to_owned(), |unit| format!("Write it as \"{}\".", unit.example()));
    let Some(written) = field.item.as_str() else { return reader.number(field, &remedy) };
    let Some(unit) = unit else { return Some(0.0) };
    let value = unit.parse(written).ok();
    if value.is_none() {
        let message = format!("`{}` is no value of this series", crate::model::problem::shown(written));
        reader.error(&field.path, message, remedy);
    }
    value
}

pub(super) fn write(out: &mut Lines, monitor: &Monitor) {
    out.header("[[monitors]]");
    out.pair("name", text(&monitor.name));
    out.pair("kind", text(monitor.probe.kind()));
    if !monitor.enabled {
        out.pair("enabled", false);
    }
    write_probe(out, &monitor.probe);
    let series = monitor.series();
    for limit in &monitor.limits {
        let unit = series.iter().find(|known| known.name == limit.series).map(|known| known.unit);
        write_limit(out, limit, unit.unwrap_or_default());
    }
}

fn write_probe(out: &mut Lines, probe: &Probe) {
    match probe {
        Probe::Machine => {}
        Probe::Processes(probe) => {
            let names: Vec<String> = probe.processes.iter().map(|name| text(name)).collect();
            out.pair("processes", format!("[{}]", names.join(", ")));
        }
        Probe::Metrics(probe) => {
            out.pair("url", text(&probe.url));
            write_access(out, &probe.access);
            probe.series.iter().for_each(|series| write_metric_series(out, series));
        }
        Probe::Prometheus(probe) => {
            out.pair("url", text(&probe.url));
            write_access(out, &probe.access);
            for query in &probe.queries {
                out.header("[[monitors.series]]");
                out.pair("name", text(&query.name));
                out.pair("query", text(&query.query));
                write_unit(out, query.unit, query.group);
            }
        }
        Probe::Postgres(probe) => {
            out.pair("url", text(&probe.url));
            write_text(out, "password", &probe.password);
            if let Some(size) = probe.pool_size {
                out.pair("pool_size", size);
            }
            if let Some(slow) = probe.slow_statement {
                out.pair("slow_statement", duration(slow));
            }
        }
        Probe::Redis(probe) => {
            out.pair("url", text(&probe.url));
            write_text(out, "password", &probe.password);
        }
    }
}

fn write_access(out: &mut Lines, access: &Access) {
    write_text(out, "bearer", &access.bearer);
    write_text(out, "user", &access.user);
    write_text(out, "password", &access.password);
    write_text(out, "ca", &access.ca);
}

fn write_text(out: &mut Lines, key: &str, value: &str) {
    if !value.is_empty() {
        out.pair(key, text(value));
    }
}

fn write_unit(out: &mut Lines, unit: SeriesUnit, group: SeriesGroup) {
    if unit != SeriesUnit::default() {
        out.pair("unit", text(unit.name()));
    }
    if group != SeriesGroup::default() {
        out.pair("group", text(group.name()));
    }
}

fn write_metric_series(out: &mut Lines, series: &MetricSeries) {
    out.header("[[monitors.series]]");
    out.pair("name", text(&series.name));
    out.pair("metric", text(&series.metric));
    if !series.labels.is_empty() {
        let labels: Vec<String> =
            series.labels.iter().map(|(name, value)| format!("{} = {}", key(name), text(value))).collect();
        out.pair("labels", format!("{{ {} }}", labels.join(", ")));
    }
    match &series.reading {
        MetricReading::Declared => {}
        MetricReading::Value => out.pair("reading", text("value")),
        MetricReading::Rate => out.pair("reading", text("rate")),
        MetricReading::Complement => out.pair("reading", text("complement")),
        MetricReading::PerGrowthOf(other) => out.pair("growth_per", text(other)),
        MetricReading::PerValueOf(other) => out.pair("value_per", text(other)),
    }
    if series.combine != Combine::default() {
        out.pair("combine", text(series.combine.name()));
    }
    write_unit(out, series.unit, series.group);
}

fn write_limit(out: &mut Lines, limit: &SeriesLimit, unit: SeriesUnit) {
    out.header("[[monitors.limits]]");
    out.pair("series", text(&limit.series));
    let key = match limit.bound {
        Bound::AtMost(_) => "at_most",
        Bound::AtLeast(_) => "at_least",
    };
    out.pair(key, text(&unit.write(limit.bound.value())));
    if limit.statistic != SeriesStatistic::default() {
        out.pair("statistic", text(limit.statistic.name()));
    }
    match limit.severity {
        ThresholdSeverity::Must => {}
        ThresholdSeverity::Should => out.pair("severity", text("should")),
        ThresholdSeverity::Info => out.pair("severity", text("info")),
    }
}
