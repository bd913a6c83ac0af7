//! What a chart shows: series over time, their unit, and limits to compare with.

use egui::{Color32, Pos2, Shape, Stroke};
use egui_plot::LineStyle;

use super::scale;
use crate::analysis::series_text;
use crate::app::theme::{Colors, OutcomeHue};
use crate::humanize;
use crate::model::SeriesUnit;

/// How much of its colour a ghost's line shows.
const GHOST_STRENGTH: f32 = 0.45;

/// One value of a series; none where nothing was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimePoint {
    /// Seconds since the start of the run.
    pub at_secs: f64,
    pub value: Option<f64>,
}

/// A named line over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    pub hue: Hue,
    /// Tells series apart without colour.
    pub dash: Dash,
    /// A line of another run, for comparison: faint, with one entry in the legend for all of a name.
    pub ghost: bool,
    /// In order of time.
    pub points: Vec<TimePoint>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    #[default]
    Solid,
    Dashed,
    Long,
    Dotted,
}

/// From where a series has its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    /// Place in the theme's list of line colours.
    Line(usize),
    Outcome(OutcomeHue),
}

/// A limit drawn across the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetLine {
    pub name: String,
    pub value: f64,
}

/// The unit of a chart's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartUnit {
    Seconds,
    PerSecond,
    Count,
    Ratio,
    Bytes,
    BytesPerSec,
    /// A plain number, which may have a fraction.
    Number,
}

impl Series {
    pub fn new(name: impl Into<String>, line_hue: usize, points: Vec<TimePoint>) -> Self {
        Self { name: name.into(), hue: Hue::Line(line_hue), dash: Dash::Solid, ghost: false, points }
    }

    /// Requests that ended one way.
    pub fn of_outcome(name: impl Into<String>, hue: OutcomeHue, points: Vec<TimePoint>) -> Self {
        Self { name: name.into(), hue: Hue::Outcome(hue), dash: Dash::Solid, ghost: false, points }
    }

    #[must_use]
    pub fn dashed(self) -> Self {
        self.drawn(Dash::Dashed)
    }

    #[must_use]
    pub fn drawn(mut self, dash: Dash) -> Self {
        self.dash = dash;
        self
    }

    #[must_use]
    pub fn ghost(mut self) -> Self {
        self.ghost = true;
        self
    }

    /// Ghosts have the colour of the line that they belong to, and stay behind it.
    pub fn color(&self, ink: &Colors) -> Color32 {
        let color = self.hue.color(ink);
        if self.ghost { color.gamma_multiply(GHOST_STRENGTH) } else { color }
    }

    /// The point nearest to a time, at most `reach` seconds away.
    pub fn nearest(&self, at_secs: f64, reach: f64) -> Option<TimePoint> {
        let after = self.points.partition_point(|point| point.at_secs < at_secs);
        let candidates = [after.checked_sub(1), Some(after)].into_iter().flatten();
        candidates
            .filter_map(|index| self.points.get(index).copied())
            .min_by(|a, b| (a.at_secs - at_secs).abs().total_cmp(&(b.at_secs - at_secs).abs()))
            .filter(|point| (point.at_secs - at_secs).abs() <= reach)
    }
}

impl Dash {
    pub fn style(self) -> LineStyle {
        match self {
            Self::Solid => LineStyle::Solid,
            Self::Dashed => LineStyle::Dashed { length: 6.0 },
            Self::Long => LineStyle::Dashed { length: 14.0 },
            Self::Dotted => LineStyle::Dotted { spacing: 4.0 },
        }
    }

    /// A stretch of the line between two places.
    pub fn sample(self, ends: [Pos2; 2], stroke: Stroke) -> Vec<Shape> {
        match self {
            Self::Solid => vec![Shape::line_segment(ends, stroke)],
            Self::Dashed => Shape::dashed_line(&ends, stroke, 4.0, 3.0),
            Self::Long => Shape::dashed_line(&ends, stroke, 9.0, 3.0),
            Self::Dotted => Shape::dotted_line(&ends, stroke.color, 4.0, stroke.width / 2.0 + 0.3),
        }
    }
}

impl Hue {
    pub fn color(self, ink: &Colors) -> Color32 {
        match self {
            Self::Line(index) => ink.series(index),
            Self::Outcome(hue) => ink.outcome(hue),
        }
    }
}

impl ChartUnit {
    /// A value with its unit.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Seconds => humanize::latency_secs(value),
            Self::PerSecond => humanize::rate(value),
            Self::Count => humanize::count(value.round() as u64),
            Self::Ratio => humanize::percent(value),
            Self::Bytes => series_text(SeriesUnit::Bytes, value),
            Self::BytesPerSec => series_text(SeriesUnit::BytesPerSec, value),
            Self::Number => series_text(SeriesUnit::Number, value),
        }
    }

    /// The label of an axis mark: a round value, whose zeros at the end say nothing.
    pub fn tick(self, value: f64) -> String {
        match self {
            _ if value == 0.0 => humanize::count(0),
            Self::Seconds => humanize::latency_limit(value),
            Self::PerSecond => humanize::level(value, true),
            Self::Number => humanize::chosen(value),
            Self::Count | Self::Ratio => self.text(value),
            Self::Bytes | Self::BytesPerSec => self.text(value).replace(".0 ", " "),
        }
    }

    /// The unit of a series that a monitor reads.
    pub fn of_series(unit: SeriesUnit) -> Self {
        match unit {
            SeriesUnit::Ratio => Self::Ratio,
            SeriesUnit::Bytes => Self::Bytes,
            SeriesUnit::BytesPerSec => Self::BytesPerSec,
            SeriesUnit::PerSec => Self::PerSecond,
            SeriesUnit::Seconds => Self::Seconds,
            SeriesUnit::Number => Self::Number,
        }
    }

    /// A round step that cuts an axis up to `highest` into at most `n_parts`.
    pub fn step(self, highest: f64, n_parts: usize) -> f64 {
        // Bytes are told in units of 1,024, in which other steps are not round.
        let unit = match self {
            Self::Bytes | Self::BytesPerSec if highest >= 1.0 => {
                1_024f64.powf((highest.log2() / 10.0).floor().clamp(0.0, 6.0))
            }
            _ => 1.0,
        };
        (scale::round_step(highest / unit, n_parts) * unit).max(self.min_step())
    }

    /// The smallest step of an axis: counts have no fractions.
    fn min_step(self) -> f64 {
        if self == Self::Count { 1.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_cut_at_whole_binary_units() {
        let marks = |highest: f64| {
            let step = ChartUnit::Bytes.step(highest, 4);
            scale::steps(0.0..=scale::axis_end(highest, step), step)
                .map(|value| ChartUnit::Bytes.tick(value))
                .collect::<Vec<_>>()
        };
        assert_eq!(marks(200e6), ["0", "50 MiB", "100 MiB", "150 MiB", "200 MiB"]);
        assert_eq!(marks(3_000.0), ["0", "1 KiB", "2 KiB", "3 KiB"]);
        assert_eq!(ChartUnit::Number.tick(1.5), "1.5");
    }

    #[test]
    fn the_readout_takes_the_nearest_second_within_reach() {
        let point = |at_secs: f64| TimePoint { at_secs, value: Some(at_secs * 10.0) };
        let series = Series::new("p95", 0, vec![point(0.5), point(1.5), point(4.5)]);
        assert_eq!(series.nearest(1.2, 1.0), Some(point(1.5)));
        assert_eq!(series.nearest(0.0, 1.0), Some(point(0.5)));
        assert_eq!(series.nearest(3.0, 1.0), None);
        assert_eq!(series.nearest(9.0, 1.0), None);
    }
}
