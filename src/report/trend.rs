//! A trend as a document and for programs: one metric after the other, with what changed and which runs stand out.

use serde_json::{Value, json};

use crate::analysis::trend::{ChangePoint, Trend, TrendMetric, TrendScale};
use crate::humanize;
use crate::model::Unit;

use super::document::{Document, Table};

/// What a trend document is of.
#[derive(Clone, Copy, Debug)]
pub struct TrendPaper<'a> {
    /// The scenario, or the file.
    pub subject: &'a str,
    pub trends: &'a [Trend],
    /// What is left out and why.
    pub notes: &'a [String],
}

pub fn document(paper: &TrendPaper<'_>) -> Document {
    let mut document = Document::default();
    document.heading(1, format!("Trend of {}", paper.subject));
    document.bullets(paper.trends.iter().flat_map(Trend::sentences).collect::<Vec<_>>());
    document.bullets(paper.notes.to_vec());
    document.heading(2, "Where levels changed");
    if paper.trends.iter().all(|trend| trend.change_points.is_empty()) {
        document.paragraph("Nowhere.");
    } else {
        document.table(changes(paper.trends));
    }
    for trend in paper.trends {
        document.heading(2, humanize_title(trend));
        document.table(points(trend));
    }
    document.paragraph(METHOD);
    document
}

const METHOD: &str = "Levels change where two stretches differ at p < 0.001 by Student's t and by at least 5 % \
    (shares: 0.1 percentage points), found by the method of Hunter and Apache Otava in windows of 50. A change is \
    provisional until three runs follow its first. Values that stand out (generalised ESD) are marked and count as \
    all others do.";

fn humanize_title(trend: &Trend) -> String {
    crate::analysis::capitalized(&trend.metric.words())
}

fn changes(trends: &[Trend]) -> Table {
    let titles = ["Metric", "Since", "Before", "Since then", "Change", "p", "State"];
    let mut table = Table::new("Each change of a level, by metric.", &titles, 2).ending_in_words();
    for trend in trends {
        for change in &trend.change_points {
            table.row(change_cells(trend, change));
        }
    }
    table
}

/// A change in cells: metric, since when, levels, change, p, and whether it is provisional.
pub fn change_cells(trend: &Trend, change: &ChangePoint) -> [String; 7] {
    let state = match (change.is_worse, change.is_provisional) {
        (true, false) => "worse",
        (false, false) => "better",
        (true, true) => "worse, provisional",
        (false, true) => "better, provisional",
    };
    [
        trend.metric.words(),
        trend.point_name(change.index),
        trend.metric.text(change.before),
        trend.metric.text(change.after),
        trend.change_text(change),
        p_text(change.p_value),
        state.to_owned(),
    ]
}

fn p_text(p_value: f64) -> String {
    if p_value < 1e-6 { "< 0.000001".to_owned() } else { humanize::number(p_value) }
}

fn points(trend: &Trend) -> Table {
    let mut table = Table::new("In order of time.", &["When", "Run", "Value", "Remark"], 2).ending_in_words();
    for (index, point) in trend.points.iter().enumerate() {
        let change = trend.change_points.iter().find(|change| change.index == index);
        let mut remarks: Vec<String> = change.map(|change| trend.change_text(change)).into_iter().collect();
        if trend.outliers.contains(&index) {
            remarks.push("stands out".to_owned());
        }
        table.row([
            humanize::moment(point.at_unix_millis),
            point.run_id.map_or_else(|| humanize::MISSING.to_owned(), |run_id| run_id.to_string()),
            point.value.map_or_else(|| humanize::MISSING.to_owned(), |value| trend.metric.text(value)),
            remarks.join(", "),
        ]);
    }
    table
}

pub fn json(paper: &TrendPaper<'_>) -> Value {
    json!({
        "subject": paper.subject,
        "notes": paper.notes,
        "trends": paper.trends.iter().map(trend_json).collect::<Vec<_>>(),
    })
}

fn trend_json(trend: &Trend) -> Value {
    let (metric, unit) = match trend.metric {
        TrendMetric::OfRuns(metric) => (Some(metric.to_string()), Some(unit_name(metric.unit()))),
        TrendMetric::Plain { .. } => (None, None),
    };
    json!({
        "metric": metric,
        "unit": unit,
        "higher_is_better": trend.metric.higher_is_better(),
        "verdict": trend.verdict.word().replace(' ', "_"),
        "is_provisional": trend.is_provisional(),
        "sentence": trend.sentence(),
        "n_values": trend.n_values,
        "baseline": trend.baseline,
        "targets": trend.targets,
        "levels": trend.segments.iter().map(|segment| json!({
            "first_point": segment.first,
            "last_point": segment.last,
            "n_values": segment.n_values,
            "level": segment.level,
        })).collect::<Vec<_>>(),
        "change_points": trend.change_points.iter().map(|change| change_json(trend, change)).collect::<Vec<_>>(),
        "outliers": trend.outliers,
        "points": trend.points.iter().map(|point| json!({
            "at": humanize::moment(point.at_unix_millis),
            "at_unix_millis": point.at_unix_millis,
            "run_id": point.run_id,
            "value": point.value.filter(|value| value.is_finite()),
        })).collect::<Vec<_>>(),
    })
}

fn change_json(trend: &Trend, change: &ChangePoint) -> Value {
    let is_ratio = trend.scale == TrendScale::Ratios;
    json!({
        "point": change.index,
        "at_unix_millis": change.at_unix_millis,
        "run_before": change.run_before,
        "run_after": change.run_after,
        "before": change.before,
        "after": change.after,
        "relative_ratio": is_ratio.then_some(change.change),
        "absolute": change.after - change.before,
        "p_value": change.p_value,
        "is_worse": change.is_worse,
        "is_provisional": change.is_provisional,
    })
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "secs",
        Unit::Ratio => "ratio",
        Unit::PerSecond => "per_sec",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::trend::TrendPoint;
    use crate::metrics::RunId;
    use crate::model::Metric;

    fn worse() -> Trend {
        let point = |day: i64| TrendPoint {
            at_unix_millis: 1_795_478_400_000 + day * 86_400_000,
            value: (day != 3).then_some(if day < 12 { 0.1 } else { 0.13 } + 0.001 * (day % 3) as f64),
            run_id: Some(RunId(day + 40)),
        };
        let trend = Trend::new(TrendMetric::OfRuns(Metric::Quantile(0.95)), (0..18).map(point).collect());
        Trend { baseline: Some(0.1), targets: vec![0.12], ..trend }
    }

    #[test]
    fn a_trend_reads_like_this() {
        let paper = TrendPaper {
            subject: "Checkout | normal day",
            trends: &[worse()],
            notes: &["Left out: 1 run (measurement invalid).".to_owned()],
        };
        let text = super::super::markdown::write(&document(&paper));
        for part in [
            "# Trend of Checkout",
            "- P95 response time is worse since run 52: ",
            "- P95 response time: baseline 100 ms, target 120 ms.",
            "- Left out: 1 run",
            "| p95 response time",
            "## P95 response time",
            "| 2026-11-27 00:00:00 UTC",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn programs_get_points_levels_and_changes() {
        let trend = worse();
        let value = json(&TrendPaper { subject: "Checkout", trends: &[trend], notes: &[] });
        let found = &value["trends"][0];
        assert_eq!(
            (&found["metric"], &found["unit"], &found["verdict"]),
            (&"p95".into(), &"secs".into(), &"worse".into())
        );
        assert_eq!(found["points"].as_array().unwrap().len(), 18);
        assert!(found["points"][3]["value"].is_null());
        assert_eq!((&found["baseline"], &found["targets"][0]), (&0.1.into(), &0.12.into()));
        let change = &found["change_points"][0];
        assert_eq!((&change["run_before"], &change["run_after"]), (&51.into(), &52.into()));
        assert!((change["relative_ratio"].as_f64().unwrap() - 0.297).abs() < 0.01, "{change}");
        assert_eq!(found["levels"].as_array().unwrap().len(), 2);
    }
}
