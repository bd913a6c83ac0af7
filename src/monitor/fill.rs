//! Fills the gaps of a monitor's texts: `{{name}}` of variables and secrets, and `{{env(NAME)}}`.

use std::collections::BTreeMap;

use crate::model::{Access, Expression, Function, Monitor, Probe, parse_expression};

/// The monitor with each `{{name}}` in its texts replaced by its value; the refusal names the gap and what would be right.
pub fn filled(monitor: &Monitor, values: &BTreeMap<String, String>) -> Result<Monitor, String> {
    let mut filled = monitor.clone();
    let mut refusal = None;
    let mut fill = |text: &mut String| {
        if refusal.is_none() && text.contains("{{") {
            match filled_text(text, values) {
                Ok(full) => *text = full,
                Err(error) => refusal = Some(error),
            }
        }
    };
    each_text(&mut filled.probe, &mut fill);
    match refusal {
        None => Ok(filled),
        Some(refusal) => Err(refusal),
    }
}

/// All texts of a probe that may hold gaps; names of series are no such texts, for limits ask for them.
fn each_text(probe: &mut Probe, fill: &mut impl FnMut(&mut String)) {
    match probe {
        Probe::Machine => {}
        Probe::Processes(probe) => probe.processes.iter_mut().for_each(fill),
        Probe::Metrics(probe) => {
            fill(&mut probe.url);
            each_of_access(&mut probe.access, fill);
            let labels = probe.series.iter_mut().flat_map(|series| &mut series.labels);
            labels.for_each(|(_, value)| fill(value));
        }
        Probe::Prometheus(probe) => {
            fill(&mut probe.url);
            each_of_access(&mut probe.access, fill);
            probe.queries.iter_mut().for_each(|query| fill(&mut query.query));
        }
        Probe::Postgres(probe) => {
            fill(&mut probe.url);
            fill(&mut probe.password);
        }
        Probe::Redis(probe) => {
            fill(&mut probe.url);
            fill(&mut probe.password);
        }
    }
}

fn each_of_access(access: &mut Access, fill: &mut impl FnMut(&mut String)) {
    let Access { bearer, user, password, ca } = access;
    [bearer, user, password, ca].into_iter().for_each(fill);
}

fn filled_text(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut full = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("{{") {
        // An opening without its end is a text like any other, as in requests.
        let Some((inside, after)) = inner.split_once("}}") else { break };
        full.push_str(before);
        full.push_str(&value_of(inside, values)?);
        rest = after;
    }
    full.push_str(rest);
    Ok(full)
}

fn value_of(inside: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let told = |reason: String| format!("{{{{{}}}}} cannot be filled: {reason}", inside.trim());
    match parse_expression(inside).map_err(told)? {
        Expression::Variable(name) => values.get(name).cloned().ok_or_else(|| {
            told(
                "there is no variable and no secret of that name; add it under [variables] or [secrets]"
                    .to_owned(),
            )
        }),
        Expression::Function(Function::Env(name)) => std::env::var(&name)
            .map_err(|_| told("the environment variable is not set, or is no text; set it".to_owned())),
        Expression::Function(_) => Err(told(
            "a monitor's texts stay the same over the run; use a variable, a secret or env(NAME)".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricsProbe, PostgresProbe, PrometheusProbe, QuerySeries, SeriesGroup, SeriesUnit};

    fn values() -> BTreeMap<String, String> {
        [("host", "127.0.0.1"), ("key", "s3cret"), ("job", "shop")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn every_text_of_a_probe_is_filled_and_names_are_not() {
        let query = QuerySeries {
            name: "{{job}}".into(),
            query: r#"sum(rate(requests_total{job="{{ job }}"}[5s]))"#.into(),
            unit: SeriesUnit::PerSec,
            group: SeriesGroup::Other,
        };
        let access = Access { bearer: "{{key}}".into(), ..Access::default() };
        let probe = PrometheusProbe { url: "http://{{host}}:9090".into(), access, queries: vec![query] };
        let Probe::Prometheus(full) =
            filled(&Monitor::new("p", Probe::Prometheus(probe)), &values()).unwrap().probe
        else {
            panic!("it stays of its kind")
        };
        assert_eq!((&*full.url, &*full.access.bearer), ("http://127.0.0.1:9090", "s3cret"));
        assert_eq!(full.queries[0].query, r#"sum(rate(requests_total{job="shop"}[5s]))"#);
        assert_eq!(full.queries[0].name, "{{job}}");
        let probe = PostgresProbe {
            url: "postgres://w@{{host}}/app".into(),
            password: "{{key}}".into(),
            ..Default::default()
        };
        let Probe::Postgres(full) =
            filled(&Monitor::new("d", Probe::Postgres(probe)), &values()).unwrap().probe
        else {
            panic!("it stays of its kind")
        };
        assert_eq!((&*full.url, &*full.password), ("postgres://w@127.0.0.1/app", "s3cret"));
    }

    #[test]
    fn a_gap_without_a_value_is_refused_by_name() {
        let of = |url: &str| {
            let probe = MetricsProbe { url: url.to_owned(), ..MetricsProbe::default() };
            filled(&Monitor::new("exporter", Probe::Metrics(probe)), &values())
        };
        let refusal = of("http://{{hots}}/metrics").unwrap_err();
        assert!(refusal.contains("{{hots}}") && refusal.contains("[secrets]"), "{refusal}");
        assert!(of("http://h/{{uuid()}}").unwrap_err().contains("stay the same"));
        assert_eq!(of("http://h/{{open").unwrap().probe.url(), "http://h/{{open");
    }
}
