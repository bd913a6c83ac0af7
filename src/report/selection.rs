//! Which rows of a long table matter: over a limit, failing, slow; the rest is put together.

use std::collections::BTreeSet;

use crate::analysis::{BudgetResult, Intervals, ScopeRow, Summary, ThresholdVerdict};
use crate::metrics::{Aggregate, StepStats};
use crate::model::{Metric, Scope};

const P95: Metric = Metric::Quantile(0.95);

/// The stages that tell most, at most so many, in the order of the plan: over a limit, slowest, most errors; and always
/// the first and the last.
pub fn most_telling_stages(summary: &Summary, max: usize) -> Vec<usize> {
    let stages = &summary.stages;
    let is_over =
        |index: usize| stages[index].n_thresholds > 0 && stages[index].verdict == ThresholdVerdict::Fail;
    let ends = [0, stages.len().saturating_sub(1)];
    let aggregates: Vec<&Aggregate> = stages.iter().map(|stage| &stage.aggregate).collect();
    chosen(&aggregates, max, |index| ends.contains(&index) || is_over(index), summary)
}

/// The steps or services that tell most, at most so many, in the order of the scenario.
pub fn most_telling_scopes(summary: &Summary, rows: &[ScopeRow], max: usize) -> Vec<usize> {
    let is_over = |scope: &Scope| {
        let by_threshold = summary
            .thresholds
            .iter()
            .any(|result| result.threshold.scope == *scope && result.verdict == ThresholdVerdict::Fail);
        let by_budget = summary.budgets.iter().any(|result| {
            result.verdict == ThresholdVerdict::Fail && Scope::Service(result.service.clone()) == *scope
        });
        by_threshold || by_budget
    };
    let aggregates: Vec<&Aggregate> = rows.iter().map(|row| &row.aggregate).collect();
    // Asked of each scope once: long scenarios have thousands of steps and as many limits.
    let over: Vec<bool> =
        if rows.len() > max { rows.iter().map(|row| is_over(&row.scope)).collect() } else { Vec::new() };
    chosen(&aggregates, max, |index| over[index], summary)
}

/// The budgets that tell most, at most so many, in their order: those that are over, and those next to their limit.
pub fn most_telling_budgets(budgets: &[&BudgetResult], max: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..budgets.len()).collect();
    if order.len() > max {
        let share = |index: usize| {
            let result = budgets[index];
            let share = result.actual.map_or(0.0, |actual| actual / result.budget.limit);
            (result.verdict == ThresholdVerdict::Fail, share)
        };
        order.sort_by(|a, b| {
            let ((a_over, a_share), (b_over, b_share)) = (share(*a), share(*b));
            b_over.cmp(&a_over).then(b_share.total_cmp(&a_share)).then(a.cmp(b))
        });
        order.truncate(max);
        order.sort_unstable();
    }
    order
}

/// What must be there first; then the slowest and those with most errors by turns.
fn chosen(
    aggregates: &[&Aggregate],
    max: usize,
    must_be_there: impl Fn(usize) -> bool,
    summary: &Summary,
) -> Vec<usize> {
    if aggregates.len() <= max {
        return (0..aggregates.len()).collect();
    }
    let n_errors = |index: &usize| aggregates[*index].stats.counters.n_errors();
    let slowness: Vec<f64> = aggregates
        .iter()
        .map(|aggregate| {
            let reading = summary.reading(aggregate, P95);
            // What timeouts hide is slower than all that is known.
            reading.map_or(-1.0, |reading| if reading.is_censored { f64::INFINITY } else { reading.value })
        })
        .collect();
    let mut slowest: Vec<usize> = (0..aggregates.len()).collect();
    slowest.sort_by(|a, b| slowness[*b].total_cmp(&slowness[*a]).then(a.cmp(b)));
    let mut failing: Vec<usize> = (0..aggregates.len()).filter(|index| n_errors(index) > 0).collect();
    failing.sort_by(|a, b| n_errors(b).cmp(&n_errors(a)).then(a.cmp(b)));
    let required = slowest.iter().copied().filter(|index| must_be_there(*index));
    let mut kept: BTreeSet<usize> = required.take(max).collect();
    let (mut slowest, mut failing) = (slowest.into_iter(), failing.into_iter());
    while kept.len() < max {
        let next = [failing.next(), slowest.next()];
        if next == [None, None] {
            break;
        }
        for index in next.into_iter().flatten() {
            if kept.len() < max {
                kept.insert(index);
            }
        }
    }
    kept.into_iter().collect()
}

/// The rows that were not chosen as one: their histograms are merged, so its percentiles are those of all their requests.
pub fn others<'a>(aggregates: impl IntoIterator<Item = &'a Aggregate>) -> (u64, Aggregate) {
    let mut stats = StepStats::default();
    let (mut n, mut all) = (0, Aggregate::default());
    for aggregate in aggregates {
        stats.merge(&aggregate.stats);
        all.duration = all.duration.max(aggregate.duration);
        n += 1;
    }
    all.stats = stats;
    (n, all)
}

/// The row of what was left out; none where nothing was.
pub fn others_row(rows: &[ScopeRow], chosen: &[usize], noun: &str) -> Option<ScopeRow> {
    let kept: BTreeSet<usize> = chosen.iter().copied().collect();
    let left_out = rows.iter().enumerate().filter(|(index, _)| !kept.contains(index));
    let (n, aggregate) = others(left_out.map(|(_, row)| &row.aggregate));
    (n > 0).then(|| ScopeRow {
        name: others_words(n, noun),
        scope: Scope::Run,
        detail: crate::humanize::MISSING.to_owned(),
        aggregate,
        intervals: Intervals::default(),
    })
}

/// `1,950 other steps together`.
pub fn others_words(n: u64, noun: &str) -> String {
    format!("{} together", crate::humanize::counted(n, &format!("other {noun}")))
}
