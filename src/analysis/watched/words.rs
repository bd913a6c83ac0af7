//! The words for series, their values, their limits and their changes.

use crate::humanize;
use crate::model::{Bound, SeriesStatistic, SeriesUnit};

/// `CPU (machine)`: a series with its monitor.
pub(super) fn name(series: &str, monitor: &str) -> String {
    format!("{series} ({monitor})")
}

/// A measured value of a series with its unit.
pub fn series_text(unit: SeriesUnit, value: f64) -> String {
    match unit {
        SeriesUnit::Ratio => humanize::percent(value),
        SeriesUnit::Bytes => byte_rate_or_bytes(value, false),
        SeriesUnit::BytesPerSec => byte_rate_or_bytes(value, true),
        SeriesUnit::PerSec => humanize::rate(value),
        SeriesUnit::Seconds => humanize::latency_secs(value),
        SeriesUnit::Number => humanize::amount(value),
    }
}

/// A limit of a series with its direction: `≤ 70 %`.
pub fn series_limit_text(unit: SeriesUnit, bound: Bound) -> String {
    let direction = match bound {
        Bound::AtMost(_) => '≤',
        Bound::AtLeast(_) => '≥',
    };
    format!("{direction} {}", limit_value_text(unit, bound.value()))
}

/// A value that somebody chose, without zeros that nobody wrote.
pub(super) fn limit_value_text(unit: SeriesUnit, limit: f64) -> String {
    match unit {
        SeriesUnit::PerSec => humanize::level(limit, true),
        SeriesUnit::Seconds => humanize::latency_limit(limit),
        SeriesUnit::Number => humanize::chosen(limit),
        SeriesUnit::Ratio | SeriesUnit::Bytes | SeriesUnit::BytesPerSec => series_text(unit, limit),
    }
}

/// Bytes as they are told, per second where they are a rate; never below none.
pub fn byte_rate_or_bytes(bytes: f64, per_sec: bool) -> String {
    let text = humanize::bytes(bytes.max(0.0).round() as u64);
    if per_sec { format!("{text}/s") } else { text }
}

/// How far a value lies from another: shares in percentage points, all else in per cent of the first; none where the
/// first is nothing.
pub fn series_change_text(unit: SeriesUnit, from: f64, to: f64) -> Option<String> {
    match unit {
        SeriesUnit::Ratio => Some(humanize::percent_change(to - from)),
        _ => (from.abs() > 0.0).then(|| humanize::change((to - from) / from.abs())),
    }
}

/// What is made of a series before it is judged, in words that stand before `of`.
pub fn statistic_words(statistic: SeriesStatistic) -> &'static str {
    match statistic {
        SeriesStatistic::Min => "lowest value",
        SeriesStatistic::Mean => "mean",
        SeriesStatistic::P95 => "p95",
        SeriesStatistic::Max => "highest value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_carry_the_unit_of_their_series() {
        let check = |unit, value, expected: &str| assert_eq!(series_text(unit, value), expected);
        check(SeriesUnit::Ratio, 0.62, "62 %");
        check(SeriesUnit::Bytes, 1_434.0, "1.4 KiB");
        check(SeriesUnit::BytesPerSec, 1_434.0, "1.4 KiB/s");
        check(SeriesUnit::PerSec, 12.4, "12.4/s");
        check(SeriesUnit::Seconds, 0.0421, "42.1 ms");
        check(SeriesUnit::Number, 12.0, "12");
        check(SeriesUnit::Number, 12.44, "12.4");
    }

    #[test]
    fn limits_have_a_direction_and_no_zeros_that_nobody_wrote() {
        let at_most = |unit, value| series_limit_text(unit, Bound::AtMost(value));
        assert_eq!(at_most(SeriesUnit::Ratio, 0.7), "≤ 70 %");
        assert_eq!(at_most(SeriesUnit::Number, 20.0), "≤ 20");
        assert_eq!(at_most(SeriesUnit::Seconds, 0.02), "≤ 20 ms");
        assert_eq!(series_limit_text(SeriesUnit::PerSec, Bound::AtLeast(5.0)), "≥ 5/s");
    }

    #[test]
    fn a_change_of_a_share_is_told_in_points_and_of_nothing_not_at_all() {
        assert_eq!(series_change_text(SeriesUnit::Ratio, 0.5, 0.62).unwrap(), "+12 pp");
        assert_eq!(series_change_text(SeriesUnit::Number, 10.0, 5.0).unwrap(), "−50.0 %");
        assert_eq!(series_change_text(SeriesUnit::Number, 0.0, 5.0), None);
    }
}
