//! Which rows of a long table matter: over a limit, failing, slow; the rest is put together.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::analysis::{BudgetResult, Intervals, ScopeRow, Summary, ThresholdVerdict};
use crate::metrics::{Aggregate, StepStats};
use crate::model::{Metric, Scope};

const P95: Metric = Metric::Quantile(0.95);

/// Tables with more rows than this are cut to [`MAX_ROWS`]; a few rows over the limit are not worth a row of others.
const CUT_FROM: usize = 60;

/// Rows of a table that was cut.
const MAX_ROWS: usize = 50;

/// How many of so many rows a table shows; `most` is how many a short report lets it have, beside a row of others.
pub fn n_shown(n_rows: usize, most: Option<usize>) -> usize {
    let (cut_from, most) = match most {
        Some(most) if most < MAX_ROWS => (most + 1, most),
        _ => (CUT_FROM, MAX_ROWS),
    };
    if n_rows > cut_from { most } else { n_rows }
}

/// How the windows of rows lie that are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Windows {
    /// All rows cover the same stretch, as steps do.
    Same,
    /// Each row has its own stretch, as stages do.
    EachItsOwn,
}

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

/// Rows as one: their histograms are merged, so its percentiles are those of all their requests.
pub fn together<'a>(
    windows: Windows,
    aggregates: impl IntoIterator<Item = &'a Aggregate>,
) -> (u64, Aggregate) {
    let mut stats = StepStats::default();
    let (mut n, mut n_after, mut duration) = (0, 0, Duration::ZERO);
    for aggregate in aggregates {
        stats.merge(&aggregate.stats);
        n_after += aggregate.n_after;
        duration = match windows {
            Windows::Same => duration.max(aggregate.duration),
            Windows::EachItsOwn => duration + aggregate.duration,
        };
        n += 1;
    }
    (n, Aggregate { stats, n_after, duration, sent_ratio: None })
}

/// Those of so many rows that were not chosen.
pub fn left_out(n_rows: usize, chosen: &[usize]) -> Vec<usize> {
    let chosen: BTreeSet<usize> = chosen.iter().copied().collect();
    (0..n_rows).filter(|index| !chosen.contains(index)).collect()
}

/// The row of what was left out; none where nothing was.
pub fn others_row(rows: &[ScopeRow], chosen: &[usize], noun: &str) -> Option<ScopeRow> {
    let others = left_out(rows.len(), chosen);
    let (n, aggregate) = together(Windows::Same, others.iter().map(|index| &rows[*index].aggregate));
    (n > 0).then(|| ScopeRow {
        name: others_words(n, noun),
        scope: Scope::Run,
        detail: crate::humanize::MISSING.to_owned(),
        aggregate,
        intervals: Intervals::default(),
    })
}

/// What stands under a table of which rows were left out; nothing where none were.
pub fn cut_sentence(n_rows: usize, shown: usize, noun: &str) -> Option<String> {
    (shown < n_rows).then(|| {
        format!(
            "{} of {} are shown: those over a limit, the slowest, and those with most errors; the row of the others merges \
             their requests. All are in the CSV of results.",
            crate::humanize::count(shown as u64),
            crate::humanize::counted(n_rows as u64, noun)
        )
    })
}

/// `1,950 other steps together`.
pub fn others_words(n: u64, noun: &str) -> String {
    format!("{} together", crate::humanize::counted(n, &format!("other {noun}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::metrics::Outcome;

    fn aggregate(millis: &[u64], n_errors: u64) -> Aggregate {
        let mut stats = StepStats::default();
        millis.iter().for_each(|millis| stats.response_time.record(Duration::from_millis(*millis)));
        stats.counters.n_by_outcome[Outcome::Ok as usize] = millis.len() as u64;
        stats.counters.n_by_outcome[Outcome::Status as usize] = n_errors;
        Aggregate { stats, duration: Duration::from_secs(10), ..Aggregate::default() }
    }

    fn row(index: usize, aggregate: Aggregate) -> ScopeRow {
        ScopeRow {
            name: format!("step {index}"),
            scope: Scope::Step(format!("step {index}")),
            detail: String::new(),
            aggregate,
            intervals: Intervals::default(),
        }
    }

    #[test]
    fn the_slowest_and_those_that_fail_are_chosen_and_stay_in_order() {
        let summary = summarize(&sample::record(sample::scenario())).unwrap();
        let slow = [90, 10, 10, 10, 500, 10, 10, 400];
        let rows: Vec<ScopeRow> = slow
            .iter()
            .enumerate()
            .map(|(index, millis)| row(index, aggregate(&[*millis; 20], if index == 2 { 9 } else { 0 })))
            .collect();
        assert_eq!(most_telling_scopes(&summary, &rows, 4), [0, 2, 4, 7]);
        assert_eq!(most_telling_scopes(&summary, &rows, 8), (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn percentiles_of_the_others_are_those_of_all_their_requests() {
        let rows =
            [row(0, aggregate(&[1; 99], 0)), row(1, aggregate(&[1_000], 3)), row(2, aggregate(&[5], 0))];
        let others = others_row(&rows, &[2], "step").unwrap();
        assert_eq!(others.name, "2 other steps together");
        let latency = &others.aggregate.stats.response_time;
        // The mean of both p95 would be 500 ms.
        assert_eq!(latency.quantile(0.95), Some(Duration::from_millis(1)));
        assert_eq!((latency.n_samples(), others.aggregate.stats.counters.n_errors()), (100, 3));
        assert_eq!(others.aggregate.duration, Duration::from_secs(10));
        let of_stages = together(Windows::EachItsOwn, rows.iter().map(|row| &row.aggregate)).1;
        assert_eq!(of_stages.duration, Duration::from_secs(30));
        assert!(others_row(&rows, &[0, 1, 2], "step").is_none());
    }

    #[test]
    fn a_table_is_cut_only_where_that_is_worth_a_row_of_others() {
        assert_eq!([5, 60, 61, 2_000].map(|n| n_shown(n, None)), [5, 60, 50, 50]);
        assert_eq!([5, 12, 13, 14, 2_000].map(|n| n_shown(n, Some(12))), [5, 12, 13, 12, 12]);
        assert_eq!(n_shown(2_000, Some(500)), 50);
        assert_eq!(cut_sentence(60, 60, "step"), None);
        assert!(cut_sentence(2_000, 50, "step").unwrap().starts_with("50 of 2,000 steps are shown"));
    }
}
