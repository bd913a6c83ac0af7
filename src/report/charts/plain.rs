//! Charts from plain data, for figures that other parts work out: lines over time, a curve through measured points, bars
//! of shares, and what was predicted beside what was measured.

use crate::report::chart::{Axis, Band, Bar, Chart, Cover, Dot, Extent, Hue, Mark, Point, Shape, Target};

/// A value with its 95 % interval; a bound that is not known is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ValueWithBounds {
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// What charts from plain data have in common.
fn begun(id: &str, title: &str, note: &str, words: &str) -> Chart {
    Chart { note: note.to_owned(), words: words.to_owned(), ..Chart::new(id, title) }
}

/// Lines over the seconds of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinesChart<'a> {
    pub id: &'a str,
    pub title: &'a str,
    /// Window and units.
    pub note: &'a str,
    /// What is to be seen, in a sentence or two.
    pub words: &'a str,
    pub y: Axis,
    /// Of the chart; [`length_secs`](super::length_secs) of a run.
    pub length_secs: f64,
    pub lines: Vec<NamedLine>,
    pub bands: Vec<Band>,
    pub marks: Vec<Mark>,
    pub targets: Vec<Target>,
}

/// One line over seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedLine {
    pub name: String,
    /// Second and value, in order; where a second is missing or has none, the line is broken.
    pub points: Vec<(u32, Option<f64>)>,
}

impl LinesChart<'_> {
    pub fn chart(self) -> Chart {
        let mut chart = begun(self.id, self.title, self.note, self.words);
        chart.x = Axis::time(self.length_secs);
        (chart.y, chart.bands, chart.marks, chart.targets) = (self.y, self.bands, self.marks, self.targets);
        for (index, line) in self.lines.into_iter().enumerate() {
            chart.add(line.name, Hue::Series(index), Shape::over_seconds(line.points));
        }
        chart
    }
}

/// Measured points with whiskers, and a fitted curve with its interval: latency at throughput, scalability.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurveChart<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub note: &'a str,
    pub words: &'a str,
    pub x: Axis,
    pub y: Axis,
    /// A name and points for each series of measurements.
    pub measured: Vec<(String, Vec<MeasuredPoint>)>,
    /// A name and points of what is a model, not a measurement; drawn dashed.
    pub curves: Vec<(String, Vec<(f64, f64)>)>,
    /// The interval of the first curve: x, low, high.
    pub interval: Vec<(f64, f64, f64)>,
    pub targets: Vec<Target>,
    /// Places along x, such as a peak or a capacity.
    pub marks: Vec<Mark>,
}

/// One measured point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasuredPoint {
    pub x: f64,
    pub y: ValueWithBounds,
    /// Such as the name of the stage; stands beside it where there is room.
    pub label: String,
}

impl CurveChart<'_> {
    pub fn chart(self) -> Chart {
        let mut chart = begun(self.id, self.title, self.note, self.words);
        (chart.x, chart.y, chart.targets, chart.marks) = (self.x, self.y, self.targets, self.marks);
        if !self.interval.is_empty() {
            let extent = |(x, low, high): (f64, f64, f64)| Extent { x, low, high };
            let piece = self.interval.into_iter().map(extent).collect();
            chart.add("95 % interval", Hue::Muted, Shape::Area(vec![piece]));
        }
        // Grey and dashed: the eye goes to what was measured.
        for (index, (name, points)) in self.curves.into_iter().enumerate() {
            let hue = if index == 0 { Hue::Muted } else { Hue::Series(4 + index) };
            chart.add(name, hue, Shape::line(points));
        }
        for (index, (name, points)) in self.measured.into_iter().enumerate() {
            let dot = |point: MeasuredPoint| Dot {
                x: point.x,
                y: point.y.value,
                low: point.y.low,
                high: point.y.high,
                label: point.label,
            };
            chart.add(name, Hue::Series(index), Shape::Dots(points.into_iter().map(dot).collect()));
        }
        chart
    }
}

/// A bar for each name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharesChart<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub note: &'a str,
    pub words: &'a str,
    pub x: Axis,
    /// Name, value, and the words at the end of the bar.
    pub rows: Vec<(String, f64, String)>,
}

impl SharesChart<'_> {
    pub fn chart(self) -> Chart {
        let mut chart = begun(self.id, self.title, self.note, self.words);
        chart.x = self.x;
        chart.y = Axis::names(self.rows.iter().map(|(name, _, _)| name.clone()).collect());
        let bar = |(index, (_, value, label)): (usize, (String, f64, String))| {
            let y = index as f64 + 0.5;
            Bar { x: Cover::new(0.0, value), y: Cover::new(y - 0.28, y + 0.28), label }
        };
        let bars = self.rows.into_iter().enumerate().map(bar).collect();
        chart.add("", Hue::Series(0), Shape::Bars(bars));
        chart
    }
}

/// Two values beside each other for each name, such as what was predicted and what was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedDots<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub note: &'a str,
    pub words: &'a str,
    pub x: Axis,
    /// What the first and the second value of each row are.
    pub names: [&'a str; 2],
    /// A second value that was not measured yet is none.
    pub rows: Vec<(String, ValueWithBounds, Option<ValueWithBounds>)>,
}

impl PairedDots<'_> {
    pub fn chart(self) -> Chart {
        let mut chart = begun(self.id, self.title, self.note, self.words);
        chart.x = self.x;
        chart.y = Axis::names(self.rows.iter().map(|(name, _, _)| name.clone()).collect());
        let dot = |index: usize, value: &ValueWithBounds, offset: f64| Dot {
            x: value.value,
            y: index as f64 + 0.5 + offset,
            low: value.low,
            high: value.high,
            label: String::new(),
        };
        let rows = || self.rows.iter().enumerate();
        let first = rows().map(|(index, (_, value, _))| dot(index, value, -0.16)).collect();
        let second: Vec<Dot> = rows()
            .filter_map(|(index, (_, _, value))| value.as_ref().map(|value| dot(index, value, 0.16)))
            .collect();
        chart.add(self.names[0], Hue::Series(1), Shape::Dots(first));
        if !second.is_empty() {
            chart.add(self.names[1], Hue::Series(0), Shape::Dots(second));
        }
        chart
    }
}

/// A point, for those who make series by hand.
impl From<(f64, f64)> for Point {
    fn from((x, y): (f64, f64)) -> Self {
        Self { x, y }
    }
}
