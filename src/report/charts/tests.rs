//! Charts of hand-made runs.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::analysis::{Diagnosis, Summary, sample, summarize_precisely};
use crate::metrics::{KeptRun, Outcome};
use crate::model::Metric;
use crate::report::chart::{Chart, Drawing, HeatPlace, Item, Position, Scale, Shape, SvgColors, draw, svg};

/// A kept run with what it comes to.
pub struct Known {
    pub run: KeptRun,
    pub summary: Summary,
    pub diagnosis: Diagnosis,
}

impl Known {
    pub fn of(record: RunRecord) -> Self {
        let run = KeptRun::from(record);
        let summary = summarize_precisely(&run).unwrap();
        let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
        Self { run, summary, diagnosis }
    }

    pub fn paper(&self) -> Paper<'_> {
        Paper::new(&self.run.record, &self.summary, &self.diagnosis)
    }

    /// Every chart of its report.
    pub fn charts(&self) -> Vec<Chart> {
        let paper = self.paper();
        let makers = [
            load,
            concurrency,
            latency,
            heatmap,
            errors,
            spectrum,
            stages,
            services,
            generator_use,
            start_lag,
        ];
        makers.iter().filter_map(|make| make(&paper)).collect()
    }
}

/// A run with limits, budgets, timeouts, other errors, and an event.
pub fn eventful() -> RunRecord {
    let mut scenario = sample::scenario();
    scenario.thresholds =
        vec![sample::must(Metric::Quantile(0.95), 0.1), sample::must(Metric::ErrorShare, 0.01)];
    scenario.services[0].budgets = vec![sample::budget_p95(40)];
    scenario.services[1].budgets = vec![sample::budget_p95(50)];
    let mut record = sample::record(scenario);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    sample::redraw(&mut record, 60, |step| {
        let millis = (20.0 + 12.0 * step as f64) * (0.6 - 0.4 * random.random::<f64>().ln());
        let outcome = if random.random_bool(0.004) { Outcome::Status } else { Outcome::Ok };
        (outcome, Duration::from_secs_f64(millis / 1e3))
    });
    sample::add(&mut record, 35, 1, &[(Outcome::Timeout, Duration::from_secs(30)); 9]);
    let annotation =
        crate::metrics::Annotation { at: Duration::from_secs(20), text: "Cache restarted".to_owned() };
    record.annotations.push(annotation);
    record
}

fn drawn(chart: &Chart) -> Drawing {
    draw(chart, chart.size())
}

#[test]
fn every_chart_has_words_a_note_and_a_drawing_within_its_paper() {
    let known = Known::of(eventful());
    let charts = known.charts();
    assert_eq!(charts.len(), 10, "{:?}", charts.iter().map(|chart| &chart.id).collect::<Vec<_>>());
    for chart in &charts {
        assert!(chart.words.ends_with('.') && !chart.note.is_empty(), "{}: {}", chart.id, chart.words);
        let drawing = drawn(chart);
        for at in positions(&drawing) {
            let is_within = (-0.5..=drawing.size.width + 0.5).contains(&at.x)
                && (-0.5..=drawing.size.height + 0.5).contains(&at.y);
            assert!(is_within && at.x.is_finite() && at.y.is_finite(), "{}: {at:?}", chart.id);
        }
    }
}

/// Every corner of a drawing.
fn positions(drawing: &Drawing) -> Vec<Position> {
    let of = |item: &Item| match item {
        Item::Line { from, to, .. } => vec![*from, *to],
        Item::Rect { min, max, .. } => vec![*min, *max],
        Item::Polyline { points, .. } => points.clone(),
        Item::Ribbon { upper, lower, .. } => [upper.clone(), lower.clone()].concat(),
        Item::Marker { at, .. } | Item::Text { at, .. } => vec![*at],
    };
    drawing.items.iter().flat_map(of).collect()
}

#[test]
fn the_words_of_charts_read_like_this() {
    let known = Known::of(eventful());
    let words = |chart: Chart| format!("{}: {}\n{}\n", chart.title, chart.words, chart.note);
    insta::assert_snapshot!(known.charts().into_iter().map(words).collect::<String>());
}

#[test]
fn the_same_chart_is_the_same_svg_and_has_a_title_and_words() {
    let known = Known::of(eventful());
    let chart = latency(&known.paper()).unwrap();
    let text = svg(&drawn(&chart), &chart.id, SvgColors::Fixed);
    assert_eq!(text, svg(&drawn(&chart), &chart.id, SvgColors::Fixed));
    assert!(
        text.contains("role=\"img\"")
            && text.contains("<title id=\"latency-title\">Response time over time</title>")
    );
    assert!(text.contains("<desc id=\"latency-words\">The p95 of a second lay between"), "{text}");
    assert!(text.contains(">p95 ≤ 100 ms</text>"), "{text}");
    let longest = text
        .split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .filter(|text| text.contains('.'));
    let n_decimals = longest.filter_map(|number| Some(number.split_once('.')?.1.len())).max().unwrap();
    assert!(n_decimals <= 2, "{n_decimals} decimals");
}

#[test]
fn missing_seconds_are_blank_and_never_zero() {
    let mut record = eventful();
    let n_steps = record.start.scenario.n_steps();
    record.intervals.drain(12..16);
    record.rows.drain(12 * n_steps..16 * n_steps);
    // The rows of a sample run are found by their second, so what is missing must be missing at the end.
    for (index, interval) in record.intervals.iter_mut().enumerate() {
        interval.second = index as u32;
    }
    let mut known = Known::of(record);
    let shifted = |second: u32| if second >= 12 { second + 4 } else { second };
    let points = std::sync::Arc::make_mut(&mut known.run.record.points);
    points.iter_mut().for_each(|point| point.second = shifted(point.second));
    for column in &mut known.diagnosis.heat {
        std::sync::Arc::make_mut(column).second = shifted(column.second);
    }
    let chart = latency(&known.paper()).unwrap();
    for series in &chart.series {
        let Shape::Line(pieces) = &series.shape else { panic!("{:?}", series.shape) };
        assert_eq!(pieces.iter().map(|piece| piece.len()).sum::<usize>(), pieces.iter().flatten().count());
        assert!(pieces.len() >= 2, "{}: broken where seconds are missing", series.name);
        assert!(pieces.iter().flatten().all(|point| !(12.0..16.0).contains(&point.x) && point.y > 0.0));
    }
    let chart = heatmap(&known.paper()).unwrap();
    let Shape::Heat(cells) = &chart.series[0].shape else { panic!() };
    let measured = cells.iter().filter(|cell| cell.y == HeatPlace::Measured);
    assert!(measured.clone().all(|cell| !(12.0..16.0).contains(&cell.x.from)));
    assert_eq!(measured.count(), known.diagnosis.heat.len());
}

#[test]
fn what_timeouts_hide_is_left_out_and_told() {
    let known = Known::of(eventful());
    let chart = latency(&known.paper()).unwrap();
    assert!(chart.note.contains("Left out where timeouts hide it: p99 in 1 second."), "{}", chart.note);
    let p99 = chart.series.iter().find(|series| series.name == "p99").unwrap();
    let Shape::Line(pieces) = &p99.shape else { panic!() };
    assert!(pieces.iter().flatten().all(|point| point.x != 35.5));
    let heat = heatmap(&known.paper()).unwrap();
    assert_eq!(heat.y.rows, ["timeouts", "other errors"]);
}

#[test]
fn every_second_of_a_heatmap_adds_up_to_all_its_requests() {
    let known = Known::of(eventful());
    let chart = heatmap(&known.paper()).unwrap();
    let mut sums = vec![0.0; 40];
    for series in &chart.series {
        let Shape::Heat(cells) = &series.shape else { panic!() };
        cells.iter().for_each(|cell| sums[cell.x.from as usize] += cell.share);
    }
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-9), "{sums:?}");
}

#[test]
fn a_run_without_requests_makes_no_chart_that_shows_something() {
    let mut record = sample::record(sample::scenario());
    record.rows.clear();
    record.intervals.clear();
    let known = Known::of(record);
    assert!(known.charts().iter().all(Chart::is_empty));
}

#[test]
fn labels_stand_apart() {
    let known = Known::of(eventful());
    for chart in known.charts() {
        let drawing = drawn(&chart);
        let texts: Vec<_> = drawing
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text { at, text, size, weight, anchor, .. } => {
                    let width = crate::report::chart::text_width(text, *size, *weight);
                    let left = match anchor {
                        crate::report::chart::Anchor::Start => at.x,
                        crate::report::chart::Anchor::Middle => at.x - width / 2.0,
                        crate::report::chart::Anchor::End => at.x - width,
                    };
                    Some((text, left, left + width, at.y - 0.7 * size, at.y + 0.1 * size))
                }
                _ => None,
            })
            .collect();
        for (index, a) in texts.iter().enumerate() {
            assert!(a.1 >= -1.0 && a.2 <= drawing.size.width + 1.0, "{}: {:?} leaves the paper", chart.id, a);
            for b in &texts[index + 1..] {
                let overlaps = a.1 < b.2 && a.2 > b.1 && a.3 < b.4 && a.4 > b.3;
                assert!(!overlaps, "{}: {:?} and {:?}", chart.id, a, b);
            }
        }
    }
}

#[test]
fn bars_lie_in_the_rows_of_their_names() {
    let known = Known::of(eventful());
    let chart = services(&known.paper()).unwrap();
    let Scale::Names(names) = &chart.y.scale else { panic!() };
    assert_eq!(names, &["education · p95", "auth · p95"]);
    let n_bars: usize = chart
        .series
        .iter()
        .map(|series| match &series.shape {
            Shape::Bars(bars) => bars.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(n_bars, 2);
}
