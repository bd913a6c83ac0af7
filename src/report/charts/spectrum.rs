//! The percentile spectrum: how long the slowest tenth, hundredth, thousandth … took, on both clocks.

use crate::analysis::limit_words;
use crate::humanize;
use crate::metrics::{LatencyHistogram, Outcome, StepStats};
use crate::model::{Metric, Scope};
use crate::report::{
    Paper,
    chart::{Axis, Chart, Dot, Hue, Quantity, Shape},
};

/// Points between a quantile and the one half as far from 1.
const PER_HALF: u32 = 5;

/// Response time and service time by quantile, as far as the number of requests and the timeouts let it be told.
pub fn spectrum(paper: &Paper<'_>) -> Option<Chart> {
    let summary = paper.summary;
    let stats = &summary.headline.stats;
    let last = last_odds(stats);
    let mut chart = Chart::new("percentiles", "Percentile spectrum");
    chart.x = Axis::of("Percentile, each step right is rarer", Quantity::Quantile).log().from(1.0);
    chart.y = Axis::of("Response time", Quantity::Latency);
    let line = |histogram: &LatencyHistogram| Shape::line(points(histogram, last));
    chart.add("service time", Hue::Series(1), line(&stats.service_time));
    chart.add("response time", Hue::Series(0), line(&stats.response_time));
    let limits: Vec<Dot> = summary
        .thresholds
        .iter()
        .filter_map(|result| {
            let threshold = &result.threshold;
            let Metric::Quantile(quantile) = threshold.metric else { return None };
            let is_shown = threshold.scope == Scope::Run
                && threshold.window == summary.headline_window
                && quantile < 1.0;
            let label = format!("{} {}", threshold.metric, limit_words(threshold.metric, threshold.limit));
            is_shown.then(|| Dot { x: 1.0 / (1.0 - quantile), y: threshold.limit, label, ..Dot::default() })
        })
        .collect();
    if !limits.is_empty() {
        chart.add("limit", Hue::Fail, Shape::Dots(limits));
    }
    let n_samples = stats.response_time.n_samples();
    chart.note = format!(
        "{} successful requests, {}. Response time counts from the intended start, service time from the send.",
        humanize::count(n_samples),
        summary.headline_words
    );
    let at = |quantile| stats.response_time.quantile(quantile).map(humanize::latency);
    let tail = [0.5, 0.9, 0.99, 0.999].into_iter().filter(|quantile| 1.0 / (1.0 - quantile) <= last);
    let tail: Vec<String> = tail
        .filter_map(|quantile| Some(format!("{} {}", Metric::Quantile(quantile), at(quantile)?)))
        .collect();
    chart.words = format!("Response time: {}.", tail.join(", "));
    (n_samples > 1 && last > 2.0).then_some(chart)
}

/// 1 ÷ (1 − quantile) of the last quantile that can be told.
fn last_odds(stats: &StepStats) -> f64 {
    let n_timeouts = stats.counters.n_of(Outcome::Timeout) as f64;
    let n_ok = stats.counters.n_ok() as f64;
    let of_requests = n_ok.max(1.0);
    // What lies among the timeouts is only known to be longer.
    if n_timeouts > 0.0 { of_requests.min((n_ok + n_timeouts) / n_timeouts) } else { of_requests }
}

fn points(histogram: &LatencyHistogram, last: f64) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut rest = 1.0;
    while 1.0 / rest <= last {
        for tick in 0..PER_HALF {
            let left = rest * (1.0 - f64::from(tick) / f64::from(2 * PER_HALF));
            let latency = histogram.quantile(1.0 - left).filter(|_| 1.0 / left <= last);
            points.extend(latency.map(|latency| (1.0 / left, latency.as_secs_f64())));
        }
        rest /= 2.0;
    }
    points
}
