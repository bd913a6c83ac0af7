//! What a chart shows, in the units of what was measured: seconds, requests per second, ratios.

/// A chart: what it shows, and in what words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Names its file and its place in a page: lower-case letters, digits and hyphens.
    pub id: String,
    pub title: String,
    /// Window and units, on one line under the title.
    pub note: String,
    /// What is to be seen, for those who cannot see it and for those who quote it.
    pub words: String,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
    /// Stages, behind everything.
    pub bands: Vec<Band>,
    pub targets: Vec<Target>,
    /// Events, at their time.
    pub marks: Vec<Mark>,
    /// Whether it is drawn lower than others, for a page that has to fit one sheet.
    pub is_low: bool,
}

/// What runs along an edge of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What is measured; the unit stands at the numbers.
    pub title: String,
    pub quantity: Quantity,
    pub scale: Scale,
    /// Where the axis begins; none: at zero, or below the least value on a logarithmic scale.
    pub from: Option<f64>,
    /// Where it ends; none: at a round number beyond the greatest value.
    pub to: Option<f64>,
    /// Rows of a heatmap beyond the end of a y axis, such as that of the timeouts, from the bottom up.
    pub rows: Vec<String>,
}

/// How the numbers of an axis read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quantity {
    /// A figure without unit.
    #[default]
    Number,
    /// A whole number of things.
    Count,
    /// Virtual users.
    Users,
    /// Per second.
    Rate,
    /// A latency in seconds.
    Latency,
    /// A share between 0 and 1, printed in per cent.
    Ratio,
    Bytes,
    /// Seconds since the start, printed as a clock shows them.
    Clock,
    /// 1 ÷ (1 − quantile): 100 is printed as p99.
    Quantile,
}

/// How values lie along an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Scale {
    #[default]
    Linear,
    Log,
    /// One place for each name; the first lies at 0.5, the next at 1.5. On the y axis the first is at the top.
    Names(Vec<String>),
}

/// What is drawn in one hue, under one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Stands at the end of a line, or in the legend.
    pub name: String,
    pub hue: Hue,
    pub shape: Shape,
}

/// What a colour stands for; the theme knows which colour that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    /// The first eight are told apart by every kind of eye; each has a dash and a marker of its own.
    Series(usize),
    /// What failed, by the kind of failure: an index into [`Outcome::ALL`](crate::metrics::Outcome::ALL).
    Outcome(usize),
    Ink,
    Muted,
    Ok,
    Warn,
    Fail,
}

/// How values are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Unbroken pieces in order of x: between them nothing was measured.
    Line(Vec<Vec<Point>>),
    /// The same as a staircase: each level holds until the next.
    Step(Vec<Vec<Point>>),
    /// The ground between two lines.
    Area(Vec<Vec<Extent>>),
    Dots(Vec<Dot>),
    Bars(Vec<Bar>),
    /// Limits across a row or column of names, or across a bar.
    Limits(Vec<Point>),
    Heat(Vec<HeatCell>),
}

/// A value at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// From where to where something reaches at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    pub x: f64,
    pub low: f64,
    pub high: f64,
}

/// A value with its interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dot {
    pub x: f64,
    pub y: f64,
    /// Along x where the names stand on the y axis, else along y; none where nothing bounds it.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Stands beside it; may be empty.
    pub label: String,
}

/// A rectangle between two values on each axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    pub x: Cover,
    pub y: Cover,
    /// Stands at its end; may be empty.
    pub label: String,
}

/// A stretch of an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cover {
    pub from: f64,
    pub to: f64,
}

/// How many of a column's requests lie within a stretch of latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatCell {
    pub x: Cover,
    pub y: HeatPlace,
    /// Of all requests of the column, from 0 to 1; a cell without requests is left out.
    pub share: f64,
}

/// Where along y a cell of a heatmap lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeatPlace {
    Values(Cover),
    /// One of the axis's rows.
    Row(usize),
    /// The whole scale: something was measured there, whatever lies upon it.
    Measured,
}

/// A stage, or another stretch of x with a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    pub x: Cover,
    pub name: String,
}

/// A limit along y.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    pub value: f64,
    /// The limit in words, such as `p95 ≤ 100 ms`.
    pub label: String,
}

/// Something that happened at a place along x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    pub at: f64,
    pub label: String,
}

impl Chart {
    /// An empty chart.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), ..Self::default() }
    }

    /// Adds what is drawn in one hue.
    pub fn add(&mut self, name: impl Into<String>, hue: Hue, shape: Shape) {
        self.series.push(Series { name: name.into(), hue, shape });
    }

    /// Whether there is nothing to be drawn in it.
    pub fn is_empty(&self) -> bool {
        self.series.iter().all(|series| series.shape.is_empty())
    }
}

impl Axis {
    /// A linear axis from zero.
    pub fn of(title: impl Into<String>, quantity: Quantity) -> Self {
        Self { title: title.into(), quantity, ..Self::default() }
    }

    /// Time since the start of the run.
    pub fn time(until_secs: f64) -> Self {
        let to = Some(until_secs);
        Self { from: Some(0.0), to, ..Self::of("Time since the start", Quantity::Clock) }
    }

    /// One place for each name.
    pub fn names(names: Vec<String>) -> Self {
        Self { scale: Scale::Names(names), ..Self::default() }
    }

    /// The same on a logarithmic scale.
    pub fn log(self) -> Self {
        Self { scale: Scale::Log, ..self }
    }

    /// The same from here on.
    pub fn from(self, from: f64) -> Self {
        Self { from: Some(from), ..self }
    }

    /// The same up to here.
    pub fn to(self, to: f64) -> Self {
        Self { to: Some(to), ..self }
    }
}

impl Shape {
    /// A line over seconds; where a second is missing or nothing was measured in it, the line is broken.
    pub fn over_seconds(points: impl IntoIterator<Item = (u32, Option<f64>)>) -> Self {
        let mut pieces: Vec<Vec<Point>> = Vec::new();
        let mut last = None;
        for (second, value) in points {
            let Some(y) = value.filter(|value| value.is_finite()) else { continue };
            // In the middle of its second.
            let point = Point { x: f64::from(second) + 0.5, y };
            match pieces.last_mut() {
                Some(piece) if last.is_some_and(|last| second == last + 1) => piece.push(point),
                _ => pieces.push(vec![point]),
            }
            last = Some(second);
        }
        Self::Line(pieces)
    }

    /// One unbroken line.
    pub fn line(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::Line(vec![points.into_iter().map(|(x, y)| Point { x, y }).collect()])
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Line(pieces) | Self::Step(pieces) => pieces.iter().all(Vec::is_empty),
            Self::Area(pieces) => pieces.iter().all(Vec::is_empty),
            Self::Dots(dots) => dots.is_empty(),
            Self::Bars(bars) => bars.is_empty(),
            Self::Limits(points) => points.is_empty(),
            Self::Heat(cells) => cells.is_empty(),
        }
    }
}

impl Cover {
    pub fn new(from: f64, to: f64) -> Self {
        Self { from, to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_second_breaks_a_line() {
        let of = |points: &[(u32, Option<f64>)]| match Shape::over_seconds(points.iter().copied()) {
            Shape::Line(pieces) => pieces.iter().map(Vec::len).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let one = Some(1.0);
        assert_eq!(of(&[(0, one), (1, one), (2, one)]), [3]);
        assert_eq!(of(&[(0, one), (1, None), (2, one)]), [1, 1]);
        assert_eq!(of(&[(0, one), (1, one), (3, one)]), [2, 1]);
        assert!(of(&[(0, None), (1, Some(f64::NAN))]).is_empty());
    }
}
