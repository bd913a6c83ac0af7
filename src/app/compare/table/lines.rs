//! Which rows of a comparison are listed, and in which order.

use std::cmp::Ordering;

use crate::analysis::comparison::{
    Alignment, ChangeVerdict, CompareOptions, ComparisonRow, RELEVANT_ERROR_CHANGE, RowScope,
};
use crate::app::widgets::table::Sorting;
use crate::model::{Metric, Unit};

/// A line of the table; rows are named by their place in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The run, stages, services or steps.
    Kind(&'static str),
    /// What the rows below are about: the scope of this one.
    Scope(usize),
    Row {
        row: usize,
        /// Whether it says itself what it is about.
        is_named: bool,
    },
}

/// Which rows are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    /// Better or worse in any candidate.
    Changed,
    Worse,
    Better,
}

/// By what rows can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// How much worse a candidate got.
    Change(usize),
    /// Its verdict, and within it how much.
    Verdict(usize),
}

impl SortBy {
    pub fn candidate(self) -> usize {
        match self {
            Self::Change(candidate) | Self::Verdict(candidate) => candidate,
        }
    }
}

impl Filter {
    pub const ALL: [Self; 4] = [Self::All, Self::Changed, Self::Worse, Self::Better];

    pub fn name(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Changed => "Changed",
            Self::Worse => "Worse",
            Self::Better => "Better",
        }
    }

    /// What is said where no row is left.
    pub fn none_words(self) -> &'static str {
        match self {
            Self::All => "The runs have no figure in common: try another alignment",
            Self::Changed => "No change is shown that matters",
            Self::Worse => "Nothing is shown to be worse",
            Self::Better => "Nothing is shown to be better",
        }
    }

    pub fn includes(self, row: &ComparisonRow) -> bool {
        let any = |verdict| row.candidates.iter().any(|candidate| candidate.verdict == verdict);
        match self {
            Self::All => true,
            Self::Changed => any(ChangeVerdict::Worse) || any(ChangeVerdict::Better),
            Self::Worse => any(ChangeVerdict::Worse),
            Self::Better => any(ChangeVerdict::Better),
        }
    }
}

/// The lines of a table: grouped in the order of the scenario, or flat where they are sorted.
pub fn lines(
    rows: &[ComparisonRow],
    filter: Filter,
    metric: Option<Metric>,
    order: Option<Sorting<SortBy>>,
    alignment: Alignment,
) -> Vec<Line> {
    let is_wanted =
        |row: &usize| filter.includes(&rows[*row]) && metric.is_none_or(|metric| metric == rows[*row].metric);
    let mut wanted: Vec<usize> = (0..rows.len()).filter(is_wanted).collect();
    if let Some(order) = order {
        wanted.sort_by(|a, b| compare(&rows[*a], &rows[*b], order));
        return wanted.into_iter().map(|row| Line::Row { row, is_named: true }).collect();
    }
    let mut lines = Vec::new();
    let (mut kind, mut scope) = ("", None);
    for row in wanted {
        let own = &rows[row].scope;
        if kind != kind_of(own, alignment) {
            kind = kind_of(own, alignment);
            lines.push(Line::Kind(kind));
        }
        // With one metric a line per scope says all.
        let is_named = metric.is_some();
        if !is_named && *own != RowScope::Run && scope != Some(own) {
            lines.push(Line::Scope(row));
        }
        scope = Some(own);
        lines.push(Line::Row { row, is_named });
    }
    lines
}

fn kind_of(scope: &RowScope, alignment: Alignment) -> &'static str {
    match scope {
        RowScope::Run => "The run",
        RowScope::Stage(_) if alignment == Alignment::Time => "Stretches of time",
        RowScope::Stage(_) => "Stages",
        RowScope::Service(_) => "Services",
        RowScope::Step { .. } => "Steps",
    }
}

/// How much worse a candidate is, in shares of the value; error shares are weighed by what matters of them.
fn badness(row: &ComparisonRow, candidate: usize) -> Option<f64> {
    let size = row.candidates.get(candidate)?.change?.size;
    let size = if row.metric.unit() == Unit::Ratio {
        size / RELEVANT_ERROR_CHANGE * CompareOptions::DEFAULT_SMALLEST_RELEVANT
    } else {
        size
    };
    Some(if row.metric.higher_is_better() { -size } else { size })
}

/// The worst comes first by descending order; rows without a change come last either way.
fn compare(a: &ComparisonRow, b: &ComparisonRow, order: Sorting<SortBy>) -> Ordering {
    let candidate = order.column.candidate();
    let rank = |row: &ComparisonRow| {
        row.candidates.get(candidate).map_or(0, |change| match change.verdict {
            ChangeVerdict::Worse => 3,
            ChangeVerdict::Better => 2,
            ChangeVerdict::CannotTell => 1,
            ChangeVerdict::Same => 0,
        })
    };
    let by_verdict = match order.column {
        SortBy::Verdict(_) => order.apply(rank(a).cmp(&rank(b))),
        SortBy::Change(_) => Ordering::Equal,
    };
    let by_size = match (badness(a, candidate), badness(b, candidate)) {
        (Some(a), Some(b)) => order.apply(a.total_cmp(&b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    by_verdict.then(by_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::comparison::{CandidateChange, Change};

    const P95: Metric = Metric::Quantile(0.95);

    fn row(scope: RowScope, metric: Metric, size: f64, verdict: ChangeVerdict) -> ComparisonRow {
        let change = Change { size, low: None, high: None, p_value: None, adjusted_p: None };
        let candidate = CandidateChange { measured: None, change: Some(change), verdict };
        ComparisonRow { scope, metric, baseline: None, candidates: vec![candidate] }
    }

    fn rows() -> Vec<ComparisonRow> {
        let step = |name: &str| RowScope::Step { name: name.to_owned(), also_known_as: Vec::new() };
        vec![
            row(RowScope::Run, P95, 0.02, ChangeVerdict::CannotTell),
            row(RowScope::Run, Metric::Throughput, -0.30, ChangeVerdict::Worse),
            row(step("a"), P95, 0.12, ChangeVerdict::Worse),
            row(step("a"), Metric::Throughput, 0.0, ChangeVerdict::Same),
            row(step("b"), P95, -0.2, ChangeVerdict::Better),
        ]
    }

    fn listed(filter: Filter, metric: Option<Metric>, order: Option<Sorting<SortBy>>) -> Vec<String> {
        let word = |line: Line| match line {
            Line::Kind(title) => title.to_owned(),
            Line::Scope(row) => format!("s{row}"),
            Line::Row { row, .. } => row.to_string(),
        };
        lines(&rows(), filter, metric, order, Alignment::Stage).into_iter().map(word).collect()
    }

    #[test]
    fn rows_stand_under_what_they_are_about() {
        assert_eq!(
            listed(Filter::All, None, None),
            ["The run", "0", "1", "Steps", "s2", "2", "3", "s4", "4"]
        );
        assert_eq!(listed(Filter::All, Some(P95), None), ["The run", "0", "Steps", "2", "4"]);
    }

    #[test]
    fn filters_keep_what_changed_in_any_candidate() {
        assert_eq!(listed(Filter::Worse, None, None), ["The run", "1", "Steps", "s2", "2"]);
        assert_eq!(listed(Filter::Changed, Some(P95), None), ["Steps", "2", "4"]);
        assert!(listed(Filter::Better, Some(Metric::Throughput), None).is_empty());
    }

    #[test]
    fn the_worst_comes_first_whichever_way_is_worse() {
        let sorted = |column| listed(Filter::All, None, Some(Sorting { column, descending: true }));
        assert_eq!(sorted(SortBy::Change(0)), ["1", "2", "0", "3", "4"]);
        assert_eq!(sorted(SortBy::Verdict(0)), ["1", "2", "4", "0", "3"]);
    }
}
