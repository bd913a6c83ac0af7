//! A chart where there is only text: one line of blocks per series, with what it lies between.

use super::{Chart, Point, Quantity, Shape, ruler};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Letters of a line.
const MAX_COLUMNS: usize = 48;

/// A line of blocks for each line of a chart over time, under each other; none where it has no lines.
///
/// Each letter is the highest value of its stretch of x, against the highest of its line; a blank was not measured.
pub fn sparklines(chart: &Chart) -> Option<String> {
    if chart.x.quantity != Quantity::Clock {
        return None;
    }
    let lines: Vec<(&str, Vec<Point>)> = chart
        .series
        .iter()
        .filter_map(|series| match &series.shape {
            Shape::Line(pieces) | Shape::Step(pieces) => {
                Some((series.name.as_str(), pieces.iter().flatten().copied().collect()))
            }
            _ => None,
        })
        .filter(|(_, points): &(&str, Vec<Point>)| !points.is_empty())
        .collect();
    let all = || lines.iter().flat_map(|(_, points)| points).map(|point| point.x);
    let (from, to) = (all().reduce(f64::min)?, all().reduce(f64::max)?);
    let from = chart.x.from.unwrap_or(from);
    let to = chart.x.to.unwrap_or(to);
    // No more letters than seconds: a letter without a second would look like one that was not measured.
    let n_columns = ((to - from).ceil() as usize).clamp(1, MAX_COLUMNS);
    let width = lines.iter().map(|(name, _)| name.chars().count()).max()?;
    let line = |(name, points): &(&str, Vec<Point>)| {
        let values = points.iter().map(|point| point.y);
        let (low, high) = (values.clone().fold(f64::INFINITY, f64::min), values.fold(0.0, f64::max));
        let [low_words, high_words] = [low, high].map(|value| ruler::words(chart.y.quantity, value));
        format!(
            "{name:<width$}  {}  {low_words} to {high_words}",
            blocks(points, high, (from, to), n_columns)
        )
    };
    Some(lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn blocks(points: &[Point], high: f64, (from, to): (f64, f64), n_columns: usize) -> String {
    let mut columns: Vec<Option<f64>> = vec![None; n_columns];
    for point in points {
        let place = if to > from { (point.x - from) / (to - from) } else { 0.0 };
        let column = ((place * n_columns as f64) as usize).min(n_columns - 1);
        columns[column] = Some(columns[column].map_or(point.y, |value| value.max(point.y)));
    }
    let block = |value: Option<f64>| match value {
        None => ' ',
        Some(value) if value <= 0.0 || high <= 0.0 => BLOCKS[0],
        Some(value) => BLOCKS[((value / high * BLOCKS.len() as f64).ceil() as usize).clamp(1, 8) - 1],
    };
    columns.into_iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Axis, Hue};

    #[test]
    fn a_line_becomes_a_row_of_blocks_with_its_ends() {
        let mut chart = Chart::new("p95", "p95");
        (chart.x, chart.y) = (Axis::time(96.0), Axis::of("", Quantity::Latency));
        let seconds = (0..96).filter(|second| !(40..44).contains(second));
        let points = seconds.map(|second| (second, Some(f64::from(second + 1) / 1e3)));
        chart.add("p95", Hue::Series(0), Shape::over_seconds(points));
        chart.add("sent", Hue::Series(1), Shape::line([(0.0, 0.0), (95.0, 0.0)]));
        let text = sparklines(&chart).unwrap();
        let expected = "p95   ▁▁▁▁▁▁▂▂▂▂▂▂▃▃▃▃▃▃▄▄  ▄▄▅▅▅▅▅▅▆▆▆▆▆▆▇▇▇▇▇▇██████  1 ms to 96 ms\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("▁  0 to 0"), "{text}");
    }

    #[test]
    fn a_short_run_has_a_letter_a_second_and_no_gaps() {
        let mut chart = Chart::new("p95", "p95");
        (chart.x, chart.y) = (Axis::time(40.0), Axis::of("", Quantity::Rate));
        chart.add("sent", Hue::Series(0), Shape::over_seconds((0..40).map(|second| (second, Some(40.0)))));
        assert_eq!(sparklines(&chart).unwrap(), format!("sent  {}  40/s to 40/s", "█".repeat(40)));
    }

    #[test]
    fn what_has_no_lines_has_no_blocks() {
        assert_eq!(sparklines(&Chart::new("a", "A")), None);
    }
}
