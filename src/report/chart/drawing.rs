//! A chart laid out: plain shapes in roles, for whoever has colours and a pen.

/// A laid-out chart; y grows downwards, lengths are CSS pixels (1/96 inch).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    pub size: Size,
    /// What it shows, in a few words.
    pub title: String,
    /// The same in whole sentences.
    pub words: String,
    /// From the back to the front.
    pub items: Vec<Item>,
}

/// Room for a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// A place on the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Position {
    pub x: f64,
    pub y: f64,
}

/// One shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Line {
        from: Position,
        to: Position,
        stroke: Stroke,
    },
    Polyline {
        points: Vec<Position>,
        stroke: Stroke,
    },
    /// The ground between two lines of as many points each, from left to right.
    Ribbon {
        upper: Vec<Position>,
        lower: Vec<Position>,
        role: Role,
        opacity: f64,
    },
    Rect {
        min: Position,
        max: Position,
        role: Role,
        opacity: f64,
    },
    Marker {
        at: Position,
        radius: f64,
        marker: Marker,
        role: Role,
    },
    Text {
        at: Position,
        text: String,
        role: Role,
        size: f64,
        weight: Weight,
        anchor: Anchor,
    },
}

/// How a line is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    pub role: Role,
    pub width: f64,
    /// Lengths of dashes and gaps in turn; empty for a solid line.
    pub dash: &'static [f64],
}

/// What a shape stands for, and so what colour it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What the chart lies on.
    Ground,
    /// Words and figures that are read first.
    Ink,
    /// Words and figures that help.
    Muted,
    Grid,
    Axis,
    /// Behind every other stage.
    Band,
    Target,
    Ok,
    Warn,
    Fail,
    /// One of eight.
    Series(u8),
    /// One per [`Outcome`](crate::metrics::Outcome).
    Outcome(u8),
    /// Measured, without requests of this length; under all others of a heatmap.
    HeatGround,
    /// From few to many, one of [`Role::N_HEATS`].
    Heat(u8),
}

/// A small shape at a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    Diamond,
    Triangle,
}

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

/// Which part of a text stands at its place; the place's height is that of the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Role {
    pub const N_SERIES: usize = 8;
    pub const N_HEATS: usize = 16;
}
