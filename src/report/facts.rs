//! The named figures of a run as the report prints them: what prose and templates can ask for.

use std::collections::BTreeMap;

use crate::analysis::Summary;
use crate::humanize;
use crate::metrics::{Aggregate, RunRecord};
use crate::model::{Metric, nearest};

use super::Paper;

/// Names of facts about the run as a whole, with what they mean.
pub const RUN_FACTS: [(&str, &str); 10] = [
    ("run", "number of the run"),
    ("scenario", "name of the scenario"),
    ("base_url", "where the requests went"),
    ("started", "when the run began"),
    ("verdict", "PASS, FAIL or INCONCLUSIVE"),
    ("measurement", "standing of the measurement: valid, weak or invalid"),
    ("window", "window of the headline figures"),
    ("duration", "how long load was made"),
    ("peak_load", "highest level of the plan"),
    ("all_requests", "requests completed over the whole run"),
];

/// Names of figures of a window, with what they mean; any other percentile works like these.
pub const FIGURES: [(&str, &str); 13] = [
    ("p50", "median response time"),
    ("p75", "75th percentile of the response time"),
    ("p90", "90th percentile of the response time"),
    ("p95", "95th percentile of the response time"),
    ("p99", "99th percentile of the response time"),
    ("p99_9", "99.9th percentile of the response time"),
    ("mean", "mean response time"),
    ("max", "longest response time"),
    ("throughput", "requests completed per second"),
    ("error_share", "failed requests as a share of all"),
    ("availability", "successful requests as a share of all"),
    ("requests", "requests completed"),
    ("errors", "requests failed"),
];

/// The named figures of one run.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    record: &'a RunRecord,
    summary: &'a Summary,
}

impl<'a> Facts<'a> {
    pub fn of(paper: &Paper<'a>) -> Self {
        Self { record: paper.record, summary: paper.summary }
    }

    /// What a name stands for: a fact, a figure of the headline, or one `of stage NAME`, `of step NAME`,
    /// `of service NAME` or `of run`; else what is wrong with the name.
    pub fn look_up(self, name: &str) -> Result<String, String> {
        let name = name.trim();
        let (figure, scope) = match name.split_once(" of ") {
            Some((figure, scope)) => (figure.trim(), Some(scope.trim())),
            None => (name, None),
        };
        match scope {
            None => match self.fact(figure) {
                Some(fact) => Ok(fact),
                None => self.figure(figure, &self.summary.headline),
            },
            Some(scope) => self.figure(figure, self.aggregate(scope)?),
        }
    }

    /// All names that stand alone, with what they stand for.
    pub fn all(self) -> BTreeMap<&'static str, String> {
        let names = RUN_FACTS.iter().chain(&FIGURES).map(|(name, _)| *name);
        names.filter_map(|name| Some((name, self.look_up(name).ok()?))).collect()
    }

    fn fact(self, name: &str) -> Option<String> {
        let (record, summary) = (self.record, self.summary);
        let plan = || record.plan();
        Some(match name {
            "run" => record.run_id.to_string(),
            "scenario" => record.start.scenario.name.clone(),
            "base_url" => record.start.base_url.clone(),
            "started" => humanize::moment(record.start.started_at_unix_millis),
            "verdict" => summary.verdict.name().to_owned(),
            "measurement" => summary.quality.standing.name().to_owned(),
            "window" => summary.headline_words.clone(),
            "duration" => humanize::span(record.end.load_duration),
            "peak_load" => humanize::level(plan().peak_level(), plan().is_open()),
            "all_requests" => humanize::count(summary.whole.stats.counters.n_requests()),
            _ => return None,
        })
    }

    fn figure(self, name: &str, aggregate: &Aggregate) -> Result<String, String> {
        let counters = &aggregate.stats.counters;
        match name {
            "requests" => return Ok(humanize::count(counters.n_requests())),
            "errors" => return Ok(humanize::count(counters.n_errors())),
            _ => {}
        }
        let metric: Metric =
            name.replace('_', ".").parse().or_else(|_| name.parse()).map_err(|_| unknown(name))?;
        let reading = self.summary.reading(aggregate, metric);
        Ok(reading.map_or_else(|| humanize::MISSING.to_owned(), |reading| reading.text()))
    }

    fn aggregate(self, scope: &str) -> Result<&'a Aggregate, String> {
        let summary = self.summary;
        if matches!(scope, "run" | "the run" | "whole run" | "the whole run") {
            return Ok(&summary.whole);
        }
        let (kind, name) = scope.split_once(' ').unwrap_or((scope, ""));
        let name = name.trim();
        let rows: Vec<(&str, &Aggregate)> = match kind {
            "stage" => summary.stages.iter().map(|row| (row.name.as_str(), &row.aggregate)).collect(),
            "step" => summary.steps.iter().map(|row| (row.name.as_str(), &row.aggregate)).collect(),
            "service" => summary.services.iter().map(|row| (row.name.as_str(), &row.aggregate)).collect(),
            _ => {
                return Err(format!(
                    "`{scope}` is no part of a run; say `of run`, `of stage NAME`, `of step NAME` or `of service NAME`"
                ));
            }
        };
        if let Some((_, aggregate)) = rows.iter().find(|(row, _)| *row == name) {
            return Ok(aggregate);
        }
        Err(match nearest(name, rows.iter().map(|(row, _)| *row)) {
            Some(near) => format!("the run has no {kind} `{name}`; did you mean `{near}`?"),
            None => format!("the run has no {kind} `{name}`"),
        })
    }
}

fn unknown(name: &str) -> String {
    let known = RUN_FACTS.iter().chain(&FIGURES).map(|(name, _)| *name);
    match nearest(name, known.clone()) {
        Some(near) => format!("no figure has the name `{name}`; did you mean `{near}`?"),
        None => {
            format!("no figure has the name `{name}`; there are {}", known.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Diagnosis, sample, summarize};

    #[test]
    fn names_stand_for_what_the_report_prints() {
        let record = sample::record(sample::scenario());
        let summary = summarize(&record).unwrap();
        let diagnosis = Diagnosis::default();
        let facts = Facts::of(&Paper::new(&record, &summary, &diagnosis));
        for (name, expected) in [
            ("p95", "74.0 ms"),
            ("p99.9", "78.0 ms"),
            ("p99_9", "78.0 ms"),
            ("error_share", "0 %"),
            ("requests", "800"),
            ("all_requests", "1,600"),
            ("p95 of stage Spike (200)", "74.0 ms"),
            ("p95 of step Sign in", "76.0 ms"),
            ("max of service education", "39.0 ms"),
            ("requests of run", "1,600"),
            ("verdict", "INCONCLUSIVE"),
            ("peak_load", "200 users"),
        ] {
            let expected = if name == "verdict" { summary.verdict.name() } else { expected };
            assert_eq!(facts.look_up(name).as_deref(), Ok(expected), "{name}");
        }
        assert_eq!(facts.all().len(), RUN_FACTS.len() + FIGURES.len(), "every name means something");
    }

    #[test]
    fn a_name_that_means_nothing_brings_the_nearest() {
        let record = sample::record(sample::scenario());
        let summary = summarize(&record).unwrap();
        let diagnosis = Diagnosis::default();
        let facts = Facts::of(&Paper::new(&record, &summary, &diagnosis));
        for (name, expected) in [
            ("troughput", "did you mean `throughput`"),
            ("xyz", "there are run, scenario"),
            ("p95 of stage Spike (20)", "did you mean `Spike (200)`"),
            ("p95 of stag X", "`of stage NAME`"),
            ("p105", "no figure has the name `p105`"),
        ] {
            let message = facts.look_up(name).unwrap_err();
            assert!(message.contains(expected), "{name}: {message}");
        }
    }
}
