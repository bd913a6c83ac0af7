//! The charts of findings, from what their evidence says is to be shown.

use std::ops::Range;

use crate::analysis::capitalized;
use crate::analysis::findings::{
    EvidenceChart, FigureUnit, Finding, Grounds, LevelAxis, LevelPoint, SharePart, TimeLine,
};
use crate::humanize;
use crate::metrics::RunRecord;
use crate::report::chart::{Axis, Chart, Cover, Mark, Quantity, Target};

use super::{CurveChart, LinesChart, MeasuredPoint, NamedLine, SharesChart, ValueWithBounds, stage_bands};

/// Bars of a chart of shares; the rest is one bar more.
const MAX_BARS: usize = 12;

/// The charts of a finding, which is the report's so-many-th: one for each unit that its lines have.
pub fn evidence(record: &RunRecord, finding: &Finding, number: usize) -> Vec<Chart> {
    let shown = Shown { record, finding, id: format!("finding-{number}-{}", finding.rule.key()) };
    match &finding.evidence.chart {
        EvidenceChart::OverTime { seconds, lines, marks, limit } => {
            shown.over_time(seconds, lines, (marks, limit.as_ref()))
        }
        EvidenceChart::Levels { shown: axis, levels, marked } => {
            vec![shown.levels(*axis, levels, marked.and_then(|index| levels.get(index)))]
        }
        EvidenceChart::Shares { what, unit, parts } => vec![shown.shares(what, *unit, parts)],
    }
}

/// A finding whose chart is made.
struct Shown<'a> {
    record: &'a RunRecord,
    finding: &'a Finding,
    id: String,
}

/// What stands beside lines: moments of note, and a limit, both in words.
type Beside<'a> = (&'a [(u32, String)], Option<&'a (f64, String)>);

impl Shown<'_> {
    fn is_open(&self) -> bool {
        self.record.start.scenario.load.model.is_open()
    }

    fn note(&self) -> String {
        format!("Window: {}.", self.finding.evidence.window)
    }

    fn over_time(&self, seconds: &Range<u32>, lines: &[TimeLine], (marks, limit): Beside<'_>) -> Vec<Chart> {
        let mut units: Vec<FigureUnit> = Vec::new();
        for unit in lines.iter().map(|line| line.unit(self.is_open())) {
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
        let chart = |(index, unit): (usize, &FigureUnit)| {
            let of_unit: Vec<TimeLine> =
                lines.iter().copied().filter(|line| line.unit(self.is_open()) == *unit).collect();
            let id = if index == 0 { self.id.clone() } else { format!("{}-{}", self.id, index + 1) };
            // The limit is one of the first line.
            self.lines(&id, seconds, &of_unit, (marks, limit.filter(|_| index == 0)))
        };
        units.iter().enumerate().map(chart).collect()
    }

    fn lines(&self, id: &str, seconds: &Range<u32>, lines: &[TimeLine], (marks, limit): Beside<'_>) -> Chart {
        let names: Vec<&str> = lines.iter().map(|line| line.name()).collect();
        let title = capitalized(&names.join(", "));
        let unit = lines.first().map_or(FigureUnit::Number, |line| line.unit(self.is_open()));
        let points = self.record.points.iter().filter(|point| seconds.contains(&point.second));
        let line = |line: &TimeLine| NamedLine {
            name: line.name().to_owned(),
            points: points.clone().map(|point| (point.second, line.at(point))).collect(),
        };
        let (from, until) = (f64::from(seconds.start), f64::from(seconds.end));
        let bands = stage_bands(self.record).into_iter().filter_map(|band| {
            let x = Cover::new(band.x.from.max(from), band.x.to.min(until));
            (x.from < x.to).then_some(crate::report::chart::Band { x, ..band })
        });
        let mut chart = LinesChart {
            id,
            title: &title,
            note: &self.note(),
            words: &format!("{title} by the second, {}.", Grounds::stretch_words(seconds)),
            y: Axis::of(title.clone(), quantity(unit)),
            length_secs: until,
            lines: lines.iter().map(line).collect(),
            bands: bands.collect(),
            marks: marks
                .iter()
                .map(|(second, label)| Mark { at: f64::from(*second), label: label.clone() })
                .collect(),
            targets: limit
                .map(|(value, label)| Target { value: *value, label: label.clone() })
                .into_iter()
                .collect(),
        }
        .chart();
        chart.x = Axis::time(until).from(from);
        chart
    }

    fn levels(&self, axis: LevelAxis, levels: &[LevelPoint], marked: Option<&LevelPoint>) -> Chart {
        let load = if self.is_open() { Quantity::Rate } else { Quantity::Users };
        let label = |level: &LevelPoint| humanize::level(level.asked_level, self.is_open());
        let marks: Vec<Mark> = marked
            .map(|level| Mark {
                at: match axis {
                    LevelAxis::ThroughputAtLoad => level.asked_level,
                    LevelAxis::LatencyAtThroughput => level.throughput_per_sec,
                },
                label: label(level),
            })
            .into_iter()
            .collect();
        let words = format!("One point for each of {}.", humanize::counted(levels.len() as u64, "level"));
        let secs = |latency: Option<std::time::Duration>| latency.map(|latency| latency.as_secs_f64());
        match axis {
            LevelAxis::ThroughputAtLoad => {
                let point = |level: &LevelPoint| MeasuredPoint {
                    x: level.asked_level,
                    y: ValueWithBounds {
                        value: level.throughput_per_sec,
                        low: level.throughput_interval.map(|(low, _)| low),
                        high: level.throughput_interval.map(|(_, high)| high),
                    },
                    label: label(level),
                };
                CurveChart {
                    id: &self.id,
                    title: "Throughput at load",
                    note: &self.note(),
                    words: &words,
                    x: Axis::of("Load", load),
                    y: Axis::of("Requests completed per second", Quantity::Rate),
                    measured: vec![("completed".to_owned(), levels.iter().map(point).collect())],
                    marks,
                    ..CurveChart::default()
                }
                .chart()
            }
            LevelAxis::LatencyAtThroughput => {
                let p95 = |level: &LevelPoint| {
                    Some(MeasuredPoint {
                        x: level.throughput_per_sec,
                        y: ValueWithBounds {
                            value: secs(level.p95)?,
                            low: secs(level.p95_interval.and_then(|interval| interval.low)),
                            high: secs(level.p95_interval.and_then(|interval| interval.high)),
                        },
                        label: label(level),
                    })
                };
                let p50 = |level: &LevelPoint| {
                    let y = ValueWithBounds { value: secs(level.p50)?, low: None, high: None };
                    Some(MeasuredPoint { x: level.throughput_per_sec, y, label: String::new() })
                };
                CurveChart {
                    id: &self.id,
                    title: "Latency at throughput",
                    note: &self.note(),
                    words: &words,
                    x: Axis::of("Requests completed per second", Quantity::Rate),
                    y: Axis::of("Response time", Quantity::Latency),
                    measured: vec![
                        ("p95".to_owned(), levels.iter().filter_map(p95).collect()),
                        ("p50".to_owned(), levels.iter().filter_map(p50).collect()),
                    ],
                    marks,
                    ..CurveChart::default()
                }
                .chart()
            }
        }
    }

    fn shares(&self, what: &str, unit: FigureUnit, parts: &[SharePart]) -> Chart {
        let row = |part: &SharePart| (part.name.clone(), part.value, unit.text(part.value));
        let mut rows: Vec<(String, f64, String)> = parts.iter().take(MAX_BARS).map(row).collect();
        let rest = parts.get(MAX_BARS..).unwrap_or_default();
        if !rest.is_empty() {
            let sum: f64 = rest.iter().map(|part| part.value).sum();
            let name = format!("{} others", humanize::count(rest.len() as u64));
            rows.push((name, sum, unit.text(sum)));
        }
        let largest = rows.first().map_or_else(String::new, |(name, _, text)| format!("«{name}», {text}"));
        SharesChart {
            id: &self.id,
            title: what,
            note: &self.note(),
            words: &format!("Largest: {largest}."),
            x: Axis::of("", quantity(unit)),
            rows,
        }
        .chart()
    }
}

fn quantity(unit: FigureUnit) -> Quantity {
    match unit {
        FigureUnit::Seconds => Quantity::Latency,
        FigureUnit::Moment => Quantity::Clock,
        FigureUnit::PerSecond => Quantity::Rate,
        FigureUnit::Ratio => Quantity::Ratio,
        FigureUnit::Count => Quantity::Count,
        FigureUnit::Bytes | FigureUnit::BytesPerSecond => Quantity::Bytes,
        FigureUnit::Users => Quantity::Users,
        FigureUnit::Number => Quantity::Number,
    }
}
