//! Slow statements: a database's own counters say which statements take long, or most of its time.

use crate::humanize;
use crate::metrics::{MonitorFacts, StatementUse};
use crate::model::Scope;

use super::traffic::{MIN_CALLS, in_short, statements};
use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule,
    SharePart, weight,
};

/// From this mean time on a statement is slow, in seconds; ours.
const SLOW: f64 = 0.1;

/// From this share of all statements' time on one statement decides; ours.
const MOST: f64 = 0.5;

/// The share of the run's time for which a statement has to be at work to matter, one connection counted; ours.
// Where there is one statement alone it takes all of the time, however little that is.
const MIN_AT_WORK: f64 = 0.05;

/// Statements that are told.
const MAX_TOLD: usize = 3;

pub fn slow_statements(grounds: &Grounds<'_>) -> Option<Finding> {
    let run_secs = grounds.record.end.load_duration.as_secs_f64().max(1.0);
    let is_slow = |statement: &StatementUse| {
        let decides =
            statement.load_ratio >= MOST && statement.total_time.as_secs_f64() >= MIN_AT_WORK * run_secs;
        statement.n_calls >= MIN_CALLS && (statement.mean_time.as_secs_f64() >= SLOW || decides)
    };
    let mut slow: Vec<(&MonitorFacts, &StatementUse)> =
        statements(grounds).filter(|(_, statement)| is_slow(statement)).collect();
    slow.sort_by_key(|(_, statement)| std::cmp::Reverse(statement.total_time));
    let (monitor, worst) = *slow.first()?;
    let confidence = Confidence::high("the database counted the time and the calls of each statement itself");
    let mut figures = vec![
        Figure::latency("Mean time of a call", worst.mean_time).keyed(FigureKey::StatementMean),
        Figure::share("Share of all statements' time", worst.load_ratio).keyed(FigureKey::StatementLoad),
        Figure::count("Calls", worst.n_calls),
        Figure::number("Rows per call", worst.rows_per_call),
    ];
    if let Some(hits) = worst.cache_hit_ratio {
        figures.push(Figure::share("Blocks found in the database's own cache", hits));
    }
    figures.extend(slow.iter().take(MAX_TOLD).skip(1).map(|(_, other)| {
        Figure::latency(format!("Mean time of `{}`", in_short(&other.text)), other.mean_time)
    }));
    let part = |(_, statement): (&MonitorFacts, &StatementUse)| SharePart {
        name: in_short(&statement.text),
        value: statement.load_ratio,
    };
    let more = match slow.len() - 1 {
        0 => String::new(),
        n => format!(" {} more like it.", humanize::counted(n as u64, "statement")),
    };
    Some(Finding {
        rule: Rule::SlowStatements,
        scope: Scope::Run,
        claim: format!(
            "A statement of {} takes {} per call and {} of all statements' time: `{}`.{more}",
            monitor.name,
            humanize::latency(worst.mean_time),
            humanize::percent(worst.load_ratio),
            in_short(&worst.text)
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!("the whole run, as {} counted", monitor.name),
            figures,
            chart: EvidenceChart::Shares {
                what: "Share of all statements' time".to_owned(),
                unit: FigureUnit::Ratio,
                parts: slow.iter().take(MAX_TOLD).map(|found| part(*found)).collect(),
            },
        },
        weight: weight(Rule::SlowStatements, &confidence, worst.load_ratio),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The statement may wait for locks or for a busy disk rather than work: its mean does not tell them apart.".to_owned(),
            "Something else than this run may have used the database at the same time.".to_owned(),
            "Means hide single slow calls, and counters have no percentiles.".to_owned(),
        ],
        next_experiment: Experiment::again(
            "with a faster statement",
            "Read its plan (`EXPLAIN (ANALYZE, BUFFERS)`), add the index or change what it asks for, run the same again and \
             compare.",
        ),
    })
}
