//! Makes values of the chosen series out of two readings of a page.

use std::collections::HashMap;

use super::page::{Found, Page, Stamped, divisor};
use crate::model::{Combine, MetricReading, MetricSeries};

/// How much a counter grew between two readings.
#[derive(Clone, Copy, Debug)]
struct Growth {
    amount: f64,
    secs: f64,
}

/// One value for each series; NaN where there is none, and for rates where there is no page before.
pub(super) fn values(series: &[MetricSeries], before: Option<&Page>, now: &Page) -> Vec<f64> {
    // Divisors stand behind the series, in their order.
    let mut next_divisor = series.len();
    let value = |(place, series): (usize, &MetricSeries)| {
        let by = next_divisor;
        next_divisor += usize::from(divisor(series).is_some());
        value(series, place, by, before, now)
    };
    series.iter().enumerate().map(value).collect()
}

fn value(series: &MetricSeries, place: usize, by: usize, before: Option<&Page>, now: &Page) -> f64 {
    let found = &now.found[place];
    let growths = |place: usize| match before {
        Some(before) => growths(before, now, place),
        None => HashMap::new(),
    };
    let rates = || growths(place).into_values().map(|growth| growth.amount / growth.secs);
    match &series.reading {
        MetricReading::Value => combined(series.combine, plain(found)),
        MetricReading::Declared if !found.is_counter => combined(series.combine, plain(found)),
        MetricReading::Declared | MetricReading::Rate => combined(series.combine, rates()),
        MetricReading::Complement => combined(series.combine, rates().map(|rate| 1.0 - rate)),
        MetricReading::PerGrowthOf(_) => {
            let (parts, wholes) = (growths(place), growths(by));
            let pair = |(key, part): (&&str, &Growth)| Some((part.amount, wholes.get(*key)?.amount));
            per(series.combine, parts.iter().filter_map(pair))
        }
        MetricReading::PerValueOf(_) => {
            let wholes = &now.found[by].values;
            let pair = |(key, part): (&String, &Stamped)| Some((part.value, wholes.get(key)?.value));
            per(series.combine, found.values.iter().filter_map(pair))
        }
    }
}

fn plain(found: &Found) -> impl Iterator<Item = f64> {
    found.values.values().map(|stamped| stamped.value)
}

/// The growth of each sample that both pages have.
fn growths<'p>(before: &Page, now: &'p Page, place: usize) -> HashMap<&'p str, Growth> {
    let elapsed = (now.at - before.at).as_secs_f64();
    let old = &before.found[place].values;
    let growth = |(key, new): (&'p String, &Stamped)| {
        let old = old.get(key)?;
        // A page that is made less often than it is read says so by its timestamps.
        let secs = match (old.timestamp, new.timestamp) {
            (Some(then), Some(now)) => now - then,
            _ => elapsed,
        };
        // Smaller than before: it began anew, and has grown from nothing since.
        let amount = if new.value < old.value { new.value } else { new.value - old.value };
        (secs > 0.0 && amount.is_finite() && amount >= 0.0).then_some((key.as_str(), Growth { amount, secs }))
    };
    now.found[place].values.iter().filter_map(growth).collect()
}

/// Several values as one; those that are no numbers do not count.
fn combined(combine: Combine, values: impl Iterator<Item = f64>) -> f64 {
    let (mut n_values, mut sum, mut max) = (0_u32, 0.0, f64::NAN);
    for value in values.filter(|value| !value.is_nan()) {
        n_values += 1;
        sum += value;
        max = value.max(max);
    }
    match combine {
        _ if n_values == 0 => f64::NAN,
        Combine::Sum => sum,
        Combine::Mean => sum / f64::from(n_values),
        Combine::Max => max,
    }
}

/// Quotients as one value: that of the sums, the mean of all, or the largest.
fn per(combine: Combine, pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    match combine {
        Combine::Sum => {
            let (part, whole) = pairs.fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
            if whole == 0.0 { f64::NAN } else { part / whole }
        }
        Combine::Mean | Combine::Max => {
            combined(combine, pairs.filter(|pair| pair.1 != 0.0).map(|(part, whole)| part / whole))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::model::{SeriesGroup, SeriesUnit};
    use crate::monitor::exporter::lines::Lines;
    use crate::monitor::exporter::page::Wanted;

    fn series(
        metric: &str,
        labels: &[(&str, &str)],
        reading: MetricReading,
        combine: Combine,
    ) -> MetricSeries {
        let labels = labels.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        MetricSeries {
            name: metric.into(),
            metric: metric.into(),
            labels: labels.collect(),
            reading,
            combine,
            unit: SeriesUnit::Number,
            group: SeriesGroup::Other,
        }
    }

    /// The value of a series by two pages, two seconds apart.
    fn between(series: MetricSeries, before: &str, now: &str) -> f64 {
        let series = [series];
        let wanted = Wanted::new(&series);
        let start = Instant::now();
        let read = |text: &str, secs: u64| {
            let mut page = wanted.page(start + Duration::from_secs(secs), false);
            let mut lines = Lines::default();
            lines.feed(text.as_bytes(), &mut |line| wanted.take(line, &mut page));
            lines.finish(&mut |line| wanted.take(line, &mut page));
            page
        };
        let (before, now) = (read(before, 0), read(now, 2));
        values(&series, Some(&before), &now)[0]
    }

    #[test]
    fn what_a_page_declares_a_counter_becomes_a_rate_and_all_else_stays() {
        let check = |metric: &str, before: &str, now: &str, expected: f64| {
            let value = between(series(metric, &[], MetricReading::Declared, Combine::Sum), before, now);
            assert!(value == expected || value.is_nan() && expected.is_nan(), "{metric}: {value}");
        };
        check("a_total", "# TYPE a_total counter\na_total 4", "# TYPE a_total counter\na_total 10", 3.0);
        check("a_total", "# TYPE a counter\na_total 4", "# TYPE a counter\na_total 10", 3.0);
        check("h_count", "# TYPE h histogram\nh_count 4", "# TYPE h histogram\nh_count 10", 3.0);
        check("g", "# TYPE g gauge\ng 4", "# TYPE g gauge\ng 10", 10.0);
        check("g", "# TYPE g gauge\ng 10", "# TYPE g gauge\ng 4", 4.0);
        check("s", "# TYPE s summary\ns{quantile=\"0.5\"} 4", "# TYPE s summary\ns{quantile=\"0.5\"} 3", 3.0);
        check("u", "u 4", "u 10", 10.0);
        check("absent", "u 4", "u 10", f64::NAN);
    }

    #[test]
    fn a_counter_that_went_backwards_began_anew() {
        let rate = |before: &str, now: &str| {
            between(series("a", &[], MetricReading::Rate, Combine::Sum), before, now)
        };
        assert_eq!(rate("a 1000", "a 6"), 3.0);
        assert!(rate("b 1", "a 6").is_nan(), "a new one has nothing to be held against");
        assert!(rate("a NaN", "a 6").is_nan());
        assert_eq!(rate("a 4 1000", "a 10 4000"), 2.0, "by the page's own timestamps");
        assert!(rate("a 4 1000", "a 4 1000").is_nan(), "the page was not made anew");
    }

    #[test]
    fn samples_are_chosen_by_labels_and_combined() {
        let before =
            "c{cpu=\"0\",mode=\"idle\"} 10\nc{cpu=\"1\",mode=\"idle\"} 10\nc{cpu=\"0\",mode=\"user\"} 7";
        let now =
            "c{mode=\"idle\",cpu=\"1\"} 10.5\nc{cpu=\"0\",mode=\"idle\"} 11.5\nc{cpu=\"0\",mode=\"user\"} 9";
        let of = |reading, combine| between(series("c", &[("mode", "idle")], reading, combine), before, now);
        assert_eq!(of(MetricReading::Value, Combine::Sum), 22.0);
        assert_eq!(of(MetricReading::Value, Combine::Mean), 11.0);
        assert_eq!(of(MetricReading::Value, Combine::Max), 11.5);
        assert_eq!(of(MetricReading::Rate, Combine::Sum), 1.0);
        assert_eq!(of(MetricReading::Complement, Combine::Mean), 0.5);
        assert_eq!(of(MetricReading::Complement, Combine::Max), 0.75);
    }

    #[test]
    fn quotients_take_samples_of_the_same_labels() {
        let before = "t{d=\"a\"} 1\nn{d=\"a\"} 10\nt{d=\"b\"} 1\nn{d=\"b\"} 10\nt{d=\"c\"} 5";
        let now = "t{d=\"a\"} 3\nn{d=\"a\"} 14\nt{d=\"b\"} 2\nn{d=\"b\"} 14\nt{d=\"c\"} 9\nn{d=\"c\"} 1";
        let growth =
            |combine| between(series("t", &[], MetricReading::PerGrowthOf("n".into()), combine), before, now);
        assert_eq!(growth(Combine::Sum), 3.0 / 8.0);
        assert_eq!(growth(Combine::Max), 0.5);
        assert_eq!(growth(Combine::Mean), 0.375);
        let value =
            |combine| between(series("t", &[], MetricReading::PerValueOf("n".into()), combine), before, now);
        assert_eq!(value(Combine::Max), 9.0);
        let idle = between(series("t", &[], MetricReading::PerGrowthOf("n".into()), Combine::Sum), now, now);
        assert!(idle.is_nan(), "nothing ÷ nothing is nothing, not zero");
    }
}
