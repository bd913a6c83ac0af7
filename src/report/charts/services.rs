//! Services against their budgets: each actual value as a share of what it may be.

use crate::analysis::{BudgetResult, ThresholdVerdict, limit_text, metric_text};
use crate::humanize;
use crate::report::{
    Paper,
    chart::{Axis, Bar, Chart, Cover, Hue, Point, Quantity, Shape},
    selection::most_telling_budgets,
};

/// Rows of the chart.
const MAX_ROWS: usize = 30;

/// Half the height of a bar, in parts of its row.
const REACH: f64 = 0.28;

/// A bar per budget of which less is better, up to what was measured; the budget is a stroke across it.
pub fn services(paper: &Paper<'_>) -> Option<Chart> {
    let all = &paper.summary.budgets;
    let is_shown = |result: &&BudgetResult| {
        !result.budget.metric.higher_is_better() && result.actual.is_some() && result.budget.limit > 0.0
    };
    let shown: Vec<&BudgetResult> = all.iter().filter(is_shown).collect();
    let chosen = most_telling_budgets(&shown, MAX_ROWS);
    let rows: Vec<&BudgetResult> = chosen.iter().map(|index| shown[*index]).collect();
    let mut chart = Chart::new("services", "Services against their budgets");
    let name = |result: &&BudgetResult| format!("{} · {}", result.service, result.budget.metric);
    chart.y = Axis::names(rows.iter().map(name).collect());
    chart.x = Axis::of("Share of the budget", Quantity::Ratio);
    let verdicts = [
        ("within", Hue::Series(0), ThresholdVerdict::Pass),
        ("over", Hue::Fail, ThresholdVerdict::Fail),
        ("not enough data", Hue::Muted, ThresholdVerdict::NotEnoughData),
    ];
    for (words, hue, verdict) in verdicts {
        let of_verdict = rows.iter().enumerate().filter(|(_, result)| result.verdict == verdict);
        let bars: Vec<Bar> = of_verdict.filter_map(|(index, result)| bar(index, result)).collect();
        if !bars.is_empty() {
            chart.add(words, hue, Shape::Bars(bars));
        }
    }
    let limits = (0..rows.len()).map(|index| Point { x: 1.0, y: index as f64 + 0.5 }).collect();
    chart.add("budget", Hue::Ink, Shape::Limits(limits));
    let left_out = match all.len() - rows.len() {
        0 => String::new(),
        n => format!(" {} in the table only.", humanize::counted(n as u64, "further budget")),
    };
    chart.note = format!("{}.{left_out}", crate::analysis::capitalized(&paper.summary.headline_words));
    chart.words = words(&rows)?;
    Some(chart)
}

fn bar(index: usize, result: &BudgetResult) -> Option<Bar> {
    let (metric, limit) = (result.budget.metric, result.budget.limit);
    let y = index as f64 + 0.5;
    Some(Bar {
        x: Cover::new(0.0, result.actual? / limit),
        y: Cover::new(y - REACH, y + REACH),
        label: format!("{} of {}", result.reading()?.text(), limit_text(metric, limit)),
    })
}

fn words(rows: &[&BudgetResult]) -> Option<String> {
    let n_over = rows.iter().filter(|result| result.verdict == ThresholdVerdict::Fail).count() as u64;
    let nearest = rows.iter().max_by(|a, b| {
        let share = |result: &BudgetResult| result.actual.unwrap_or(0.0) / result.budget.limit;
        share(a).total_cmp(&share(b))
    })?;
    let (metric, actual) = (nearest.budget.metric, nearest.actual?);
    Some(format!(
        "{} of {} exceeded. {} {}, with {} {} of {}.",
        humanize::count(n_over),
        humanize::counted(rows.len() as u64, "budget"),
        if n_over > 0 { "Furthest beyond its limit is" } else { "Nearest to its limit is" },
        nearest.service,
        metric,
        metric_text(metric, actual),
        limit_text(metric, nearest.budget.limit)
    ))
}
