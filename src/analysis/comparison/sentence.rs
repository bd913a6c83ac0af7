//! A comparison in one plain sentence per candidate.

use std::collections::HashSet;

use crate::analysis::words::{capitalized, metric_words};
use crate::humanize;
use crate::model::{Metric, Unit};

use super::{
    SideFacts,
    change::{CandidateChange, ChangeVerdict},
    rows::{ComparisonRow, RowScope},
};

/// The metric that speaks for a run where it alone is told.
const SPOKESMAN: Metric = Metric::Quantile(0.95);

/// What a candidate, by its place among the sides, comes to beside the baseline.
pub(super) fn sentence(sides: &[SideFacts], side: usize, rows: &[ComparisonRow]) -> String {
    let of_run: Vec<_> = of_candidate(rows, side, |scope| *scope == RowScope::Run).collect();
    let (candidate, baseline) = (capitalized(&sides[side].words()), sides[0].words());
    if of_run.iter().all(|(_, change)| change.change.is_none()) {
        return format!("{candidate} and {baseline} have no figure in common, so nothing can be compared.");
    }
    let with = |verdict: ChangeVerdict| -> Vec<String> {
        of_run.iter().filter(|(_, change)| change.verdict == verdict).filter_map(told).collect()
    };
    let (worse, better) = (with(ChangeVerdict::Worse), with(ChangeVerdict::Better));
    let is = if sides[side].run_ids.len() == 1 { "is" } else { "are" };
    let whole = match (worse.is_empty(), better.is_empty()) {
        (false, true) => format!("{candidate} {is} worse than {baseline}: {}.", worse.join(", ")),
        (true, false) => format!("{candidate} {is} better than {baseline}: {}.", better.join(", ")),
        (false, false) => format!(
            "{candidate} {is} worse in part and better in part than {baseline}: worse {}; better {}.",
            worse.join(", "),
            better.join(", ")
        ),
        (true, true) => undecided(&candidate, &baseline, &of_run),
    };
    whole + &steps(rows, side)
}

type Told<'a> = (&'a ComparisonRow, &'a CandidateChange);

fn of_candidate<'a>(
    rows: &'a [ComparisonRow],
    side: usize,
    includes: impl Fn(&RowScope) -> bool,
) -> impl Iterator<Item = Told<'a>> {
    let rows = rows.iter().filter(move |row| includes(&row.scope));
    rows.map(move |row| (row, &row.candidates[side - 1]))
}

/// `p95 response time +9.1 % (+7.9 % to +10.4 %)`.
fn told((row, change): &Told<'_>) -> Option<String> {
    let change = change.change?;
    let (words, size) = (metric_words(row.metric), change.text(row.metric));
    Some(format!("{words} {size} ({})", change.interval_text(row.metric)))
}

fn undecided(candidate: &str, baseline: &str, of_run: &[Told<'_>]) -> String {
    let latencies = || of_run.iter().filter(|(row, _)| row.metric.unit() == Unit::Seconds);
    if of_run.iter().all(|(_, change)| change.verdict == ChangeVerdict::Same) {
        return format!("{candidate} shows no change that matters against {baseline}.");
    }
    let spokesman = latencies().find(|(row, _)| row.metric == SPOKESMAN).or_else(|| latencies().next());
    let open = spokesman.and_then(|(row, change)| Some((row.metric, change.change?)));
    match open {
        Some((metric, change)) => match change.not_excluded() {
            Some(ratio) => format!(
                "No difference shown between {} and {baseline}; changes of {} up to ±{} are not excluded.",
                lower(candidate),
                metric_words(metric),
                humanize::percent(ratio)
            ),
            None => format!(
                "No difference shown between {} and {baseline}; {} cannot be bounded: run longer.",
                lower(candidate),
                metric_words(metric)
            ),
        },
        None => format!("No difference shown between {} and {baseline}.", lower(candidate)),
    }
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Which steps got worse or better, the farthest first.
fn steps(rows: &[ComparisonRow], side: usize) -> String {
    let is_step = |scope: &RowScope| matches!(scope, RowScope::Step { .. });
    let mut names: Vec<&RowScope> = of_candidate(rows, side, is_step).map(|(row, _)| &row.scope).collect();
    names.dedup();
    let n_steps = names.len();
    let with = |verdict: ChangeVerdict| {
        let mut found: Vec<(f64, &RowScope, String)> = of_candidate(rows, side, is_step)
            .filter(|(_, change)| change.verdict == verdict)
            .filter_map(|told_of| {
                let size = told_of.1.change?.size.abs();
                Some((size, &told_of.0.scope, told(&told_of)?))
            })
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let scopes: HashSet<&RowScope> = found.iter().map(|(_, scope, _)| *scope).collect();
        (scopes.len(), found.into_iter().next())
    };
    if n_steps < 2 {
        return String::new();
    }
    let mut text = String::new();
    for (verdict, word) in [(ChangeVerdict::Worse, "worse"), (ChangeVerdict::Better, "better")] {
        if let (n, Some((_, RowScope::Step { name, .. }, most))) = with(verdict) {
            let got = humanize::count(n as u64);
            text += &format!(
                " {got} of {} got {word}, most of all {name}: {most}.",
                humanize::counted(n_steps as u64, "step")
            );
        }
    }
    text
}
