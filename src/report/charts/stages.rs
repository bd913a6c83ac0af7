//! Percentiles of each stage, with their intervals and the limit.

use crate::analysis::{StageRow, limit_words};
use crate::humanize;
use crate::model::{Metric, Scope, Window};
use crate::report::{
    Paper,
    chart::{Axis, Chart, Dot, Hue, Point, Quantity, Shape},
    selection::most_telling_stages,
};

/// Rows of the chart.
const MAX_ROWS: usize = 30;

/// Percentiles with the hue that they have in charts over time.
const SHOWN: [(f64, usize); 3] = [(0.5, 2), (0.95, 0), (0.99, 3)];

/// A row per stage that was measured: p50, p95 and p99 with their 95 % intervals.
pub fn stages(paper: &Paper<'_>) -> Option<Chart> {
    let summary = paper.summary;
    let chosen = most_telling_stages(summary, MAX_ROWS);
    let rows: Vec<&StageRow> = chosen
        .iter()
        .map(|index| &summary.stages[*index])
        .filter(|row| !row.aggregate.stats.response_time.is_empty())
        .collect();
    let is_open = paper.record.start.scenario.load.model.is_open();
    let mut chart = Chart::new("stages", "Response time per stage");
    let name = |row: &&StageRow| {
        format!("{} · {}", row.name, humanize::levels(row.start_level, row.end_level, is_open))
    };
    chart.y = Axis::names(rows.iter().map(name).collect());
    chart.x = Axis::of("Response time", Quantity::Latency);
    for (quantile, hue) in SHOWN {
        let metric = Metric::Quantile(quantile);
        let dot = |(index, row): (usize, &&StageRow)| {
            let reading = summary.reading(&row.aggregate, metric).filter(|reading| !reading.is_censored)?;
            let interval = row.intervals.at(metric);
            let bound = |bound: Option<std::time::Duration>| bound.map(|bound| bound.as_secs_f64());
            Some(Dot {
                x: reading.value,
                y: index as f64 + 0.5,
                low: interval.and_then(|interval| bound(interval.low)),
                high: interval.and_then(|interval| bound(interval.high)),
                label: String::new(),
            })
        };
        let dots = rows.iter().enumerate().filter_map(dot).collect();
        chart.add(metric.to_string(), Hue::Series(hue), Shape::Dots(dots));
    }
    add_limits(&mut chart, paper, &rows);
    let n_left_out = summary.stages.len() - chosen.len();
    let left_out = match n_left_out {
        0 => String::new(),
        n => {
            format!(" {} are left out; the table tells which.", humanize::counted(n as u64, "further stage"))
        }
    };
    chart.note = format!("Each stage, warm-up left out; whiskers are 95 % intervals.{left_out}");
    chart.words = words(paper, &rows)?;
    Some(chart)
}

/// The limits on percentiles that are put to each stage.
fn add_limits(chart: &mut Chart, paper: &Paper<'_>, rows: &[&StageRow]) {
    let mut seen: Vec<(Metric, f64)> = Vec::new();
    for result in &paper.summary.thresholds {
        let threshold = &result.threshold;
        let key = (threshold.metric, threshold.limit);
        let shown = SHOWN.iter().find(|(quantile, _)| threshold.metric == Metric::Quantile(*quantile));
        let Some((_, hue)) = shown.filter(|_| threshold.scope == Scope::Run && !seen.contains(&key)) else {
            continue;
        };
        seen.push(key);
        let applies = |row: &StageRow| !matches!(&threshold.window, Window::Stage(name) if *name != row.name);
        let point = |(index, row): (usize, &&StageRow)| {
            applies(row).then_some(Point { x: threshold.limit, y: index as f64 + 0.5 })
        };
        let points = rows.iter().enumerate().filter_map(point).collect();
        let name = format!("{} {}", threshold.metric, limit_words(threshold.metric, threshold.limit));
        // In the hue of what it limits.
        chart.add(name, Hue::Series(*hue), Shape::Limits(points));
    }
}

fn words(paper: &Paper<'_>, rows: &[&StageRow]) -> Option<String> {
    let p95 = Metric::Quantile(0.95);
    let known = rows.iter().filter_map(|row| {
        let reading = paper.summary.reading(&row.aggregate, p95)?;
        Some((reading, row))
    });
    let known: Vec<_> = known.collect();
    let by_value = |a: &&(crate::analysis::Reading, &&StageRow),
                    b: &&(crate::analysis::Reading, &&StageRow)| {
        a.0.value.total_cmp(&b.0.value)
    };
    let (fastest, slowest) = (known.iter().min_by(by_value)?, known.iter().max_by(by_value)?);
    let [low, high] = [fastest.0.text(), slowest.0.text()];
    Some(if low == high {
        format!("p95 was {high} in every stage.")
    } else {
        format!("p95 was lowest in {} ({low}) and highest in {} ({high}).", fastest.1.name, slowest.1.name)
    })
}
