//! What the rules on a run's own traffic share: the steps that were audited, and the statements of watched databases.

use crate::analysis::ScopeRow;
use crate::metrics::{MonitorFacts, StatementUse, StepTraffic};

use super::{Grounds, Rule};

/// Answers that what is said of a step's answers has to stand on; ours.
pub(super) const MIN_ANSWERS: u64 = 3;

/// From so many answers on they are taken to tell what the others are like; ours.
const ENOUGH_ANSWERS: u64 = 10;

/// Calls of a statement in a run from which it is spoken of; ours.
pub(super) const MIN_CALLS: u64 = 5;

/// Letters of a statement that a claim shows.
const MAX_STATEMENT: usize = 120;

/// A step with what the audit found of its traffic.
pub(super) struct Audited<'a> {
    pub row: &'a ScopeRow,
    /// Its place in the summary's table of steps.
    pub place: usize,
    pub traffic: &'a StepTraffic,
}

/// The steps that were audited, in order.
pub(super) fn audited<'a>(grounds: &Grounds<'a>) -> Vec<Audited<'a>> {
    let (summary, record) = (grounds.summary, grounds.record);
    let Some(audit) = &record.audit else { return Vec::new() };
    let sent = record.start.scenario.sent_steps().zip(summary.steps.iter().enumerate());
    sent.filter_map(|((index, _, _), (place, row))| {
        let traffic = audit.steps.iter().find(|traffic| usize::from(traffic.step) == index)?;
        Some(Audited { row, place, traffic })
    })
    .collect()
}

/// The statements of all watched databases with whose they are; without those that ask the database about itself.
pub(super) fn statements<'a>(
    grounds: &Grounds<'a>,
) -> impl Iterator<Item = (&'a MonitorFacts, &'a StatementUse)> + use<'a> {
    let monitors = grounds.record.watched.monitors.iter();
    let all =
        monitors.flat_map(|monitor| monitor.statements.iter().map(move |statement| (monitor, statement)));
    all.filter(|(_, statement)| !statement.text.contains("pg_stat") && !statement.text.contains("pg_catalog"))
}

/// A statement on one line, as far as a claim has room for it.
pub(super) fn in_short(statement: &str) -> String {
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_STATEMENT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// How sure sampled answers make a finding.
pub(super) fn confidence_of(n_answers: u64) -> super::Confidence {
    let reason = format!(
        "{} of the step, chosen by chance, were taken apart",
        crate::humanize::counted(n_answers, "answer")
    );
    match n_answers {
        ENOUGH_ANSWERS.. => super::Confidence::high(reason),
        _ => super::Confidence::medium(reason),
    }
}

impl Rule {
    /// The rules that had something to look at in a run: some look at what only newer runs have.
    pub fn looked_for(record: &crate::metrics::RunRecord) -> Vec<Self> {
        let is_audited = record.audit.is_some();
        let has_statements = record.watched.monitors.iter().any(|monitor| !monitor.statements.is_empty());
        let has_timings = record
            .audit
            .as_ref()
            .is_some_and(|audit| audit.steps.iter().any(|step| !step.timings.is_empty()));
        let has_grounds = |rule: &Self| match rule {
            Self::LargePayloads | Self::CacheableAnswers | Self::MissingValidators => is_audited,
            Self::SlowStatements => has_statements,
            Self::ManyStatements => has_statements || has_timings,
            Self::MissingPaging => is_audited || has_statements,
            _ => true,
        };
        Self::ALL.into_iter().filter(has_grounds).collect()
    }
}
