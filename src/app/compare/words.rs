//! What is said of a value or a change to those who ask.

use crate::analysis::comparison::{CandidateChange, Change, ChangeVerdict, ComparisonRow, Measured};
use crate::analysis::{metric_text, metric_words};
use crate::app::widgets::table::split_unit;
use crate::humanize;
use crate::model::Metric;

/// What a row is about, in a line: `List courses, p95 response time`.
pub fn row_words(row: &ComparisonRow) -> String {
    match row.scope.name() {
        None => capital(&metric_words(row.metric)),
        Some(scope) => format!("{scope}, {}", metric_words(row.metric)),
    }
}

/// With a capital at the start; `p95` stays as it is.
pub fn capital(words: &str) -> String {
    if words.chars().nth(1).is_some_and(|letter| letter.is_ascii_digit()) {
        return words.to_owned();
    }
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An interval in little room: `41.9–44.8`, with units where they are not those of the value.
pub fn short_interval(metric: Metric, measured: &Measured) -> Option<String> {
    let text = |value: f64| metric_text(metric, value);
    let value = text(measured.value);
    let unit = split_unit(&value).1;
    let bare = |bound: String| match split_unit(&bound) {
        (number, own) if own == unit => number.trim().to_owned(),
        _ => bound,
    };
    match (measured.low.map(text), measured.high.map(text)) {
        (Some(low), Some(high)) => Some(format!("{}–{}", bare(low), bare(high))),
        (Some(low), None) => Some(format!("from {}", bare(low))),
        (None, Some(high)) => Some(format!("to {}", bare(high))),
        (None, None) => None,
    }
}

/// A value with all that is known of it, one line each.
pub fn measured_lines(metric: Metric, measured: &Measured, side: &str, n_runs: usize) -> Vec<String> {
    let text = |value: f64| metric_text(metric, value);
    let mut lines = vec![format!("{side}: {} {}", metric_words(metric), text(measured.value))];
    lines.extend(match (measured.low, measured.high) {
        (Some(low), Some(high)) => Some(format!("95 % interval {} to {}", text(low), text(high))),
        (Some(low), None) => Some(format!("95 % interval from {}; no upper bound: run longer", text(low))),
        (None, Some(high)) => Some(format!("95 % interval to {}; no lower bound: run longer", text(high))),
        (None, None) => None,
    });
    let n_samples = humanize::count(measured.n_samples);
    lines.push(match measured.n_effective {
        _ if n_runs > 1 => format!("Over {n_samples} runs"),
        None => format!("n {n_samples} requests"),
        Some(n_effective) => format!(
            "n {n_samples} requests, as telling as {} independent ones (effective n)",
            humanize::count(n_effective.round() as u64)
        ),
    });
    lines
}

/// What may be said of a change, one line each.
pub fn change_lines(metric: Metric, candidate: &CandidateChange, smallest_relevant: f64) -> Vec<String> {
    let Some(change) = &candidate.change else {
        return vec!["No change can be told: one side has no figure here".to_owned()];
    };
    let mut lines = vec![
        format!("Change {}", change.text(metric)),
        format!("95 % interval {}", change.interval_text(metric)),
    ];
    if let Some(p_value) = change.adjusted_p.or(change.p_value) {
        lines.push(format!("p {} after Holm's correction over the table", humanize::p_value(p_value)));
    }
    lines.push(verdict_words(metric, candidate.verdict, change, smallest_relevant));
    lines
}

/// Why the verdict is what it is.
pub fn verdict_words(
    metric: Metric,
    verdict: ChangeVerdict,
    change: &Change,
    smallest_relevant: f64,
) -> String {
    let relevant = match metric {
        Metric::ErrorShare => humanize::percent_points(crate::analysis::comparison::RELEVANT_ERROR_CHANGE),
        _ => humanize::percent(smallest_relevant),
    };
    match verdict {
        ChangeVerdict::Better => format!("Better: real, and larger than ±{relevant}"),
        ChangeVerdict::Worse => format!("Worse: real, and larger than ±{relevant}"),
        ChangeVerdict::Same => format!("Same: the data exclude changes larger than ±{relevant}"),
        ChangeVerdict::CannotTell => match change.not_excluded() {
            Some(size) if metric == Metric::ErrorShare => {
                format!("Cannot tell: changes up to ±{} are not excluded", humanize::percent_points(size))
            }
            Some(size) => {
                format!("Cannot tell: changes up to ±{} are not excluded", humanize::percent(size))
            }
            None => "Cannot tell: the change cannot be bounded; run longer".to_owned(),
        },
    }
}

/// A row in one line, for whoever has it read out.
pub fn spoken(row: &ComparisonRow, names: &[String]) -> String {
    let value = |measured: Option<Measured>| {
        measured.map_or_else(|| "no value".to_owned(), |measured| metric_text(row.metric, measured.value))
    };
    let mut words = format!("{}: {} {}", row_words(row), names[0], value(row.baseline));
    for (name, candidate) in names[1..].iter().zip(&row.candidates) {
        words += &format!("; {name} {}", value(candidate.measured));
        if let Some(change) = &candidate.change {
            words += &format!(", {} ({})", change.text(row.metric), change.interval_text(row.metric));
        }
        words += &format!(", {}", candidate.verdict.name());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(low: Option<f64>, high: Option<f64>) -> Measured {
        Measured { value: 0.0432, low, high, n_samples: 1_200, n_effective: Some(310.4) }
    }

    #[test]
    fn intervals_leave_out_the_unit_that_the_value_has() {
        let p95 = Metric::Quantile(0.95);
        let short = |low, high| short_interval(p95, &measured(low, high));
        assert_eq!(short(Some(0.0419), Some(0.0448)).unwrap(), "41.9–44.8");
        assert_eq!(short(Some(0.0419), Some(1.2)).unwrap(), "41.9–1.20 s");
        assert_eq!(short(Some(0.0419), None).unwrap(), "from 41.9");
        assert_eq!(short(None, None), None);
    }

    #[test]
    fn an_open_interval_says_what_to_do() {
        let lines = measured_lines(Metric::Quantile(0.99), &measured(Some(0.04), None), "Run 3", 1);
        assert!(lines[1].ends_with("no upper bound: run longer"), "{lines:?}");
        assert!(lines[2].contains("1,200 requests, as telling as 310 independent"), "{lines:?}");
    }

    #[test]
    fn what_cannot_be_told_says_what_is_not_excluded() {
        let change =
            Change { size: 0.02, low: Some(-0.03), high: Some(0.07), p_value: Some(0.4), adjusted_p: None };
        let words = verdict_words(Metric::Quantile(0.95), ChangeVerdict::CannotTell, &change, 0.05);
        assert_eq!(words, "Cannot tell: changes up to ±7 % are not excluded");
    }
}
