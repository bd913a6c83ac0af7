//! The inside of a chart: where its plot lies, and where values come to lie on the paper.

use super::{Anchor, Cover, Item, Point, Position, Role, Stroke, Weight, ruler::Ruler};

/// Sizes of letters, in CSS pixels.
pub const TITLE: f64 = 14.0;
pub const NOTE: f64 = 11.5;
pub const LABEL: f64 = 11.5;
pub const TICK: f64 = 11.0;

/// Between two lines of small letters.
pub const LINE_HEIGHT: f64 = 15.0;

/// A row of a heatmap beyond the scale.
const ROW_HEIGHT: f64 = 13.0;
const ROW_GAP: f64 = 3.0;
const FIRST_ROW_GAP: f64 = 8.0;

/// Where a plot lies, and what its edges stand for.
#[derive(Clone, Debug)]
pub struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Ruler,
    pub y: Ruler,
    /// Rows beyond the scale of y.
    pub n_rows: usize,
}

impl Frame {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn x_at(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * self.width()
    }

    pub fn y_at(&self, value: f64) -> f64 {
        let top = self.scale_top();
        // Names are read from the top.
        if self.y.names.is_empty() {
            self.bottom - self.y.place(value) * (self.bottom - top)
        } else {
            top + self.y.place(value) * (self.bottom - top)
        }
    }

    pub fn at(&self, point: Point) -> Position {
        Position { x: self.x_at(point.x), y: self.y_at(point.y) }
    }

    /// Where the scale of y ends and its rows begin.
    pub fn scale_top(&self) -> f64 {
        match self.n_rows {
            0 => self.top,
            n => self.top + n as f64 * (ROW_HEIGHT + ROW_GAP) - ROW_GAP + FIRST_ROW_GAP,
        }
    }

    /// Upper and lower edge of a row beyond the scale.
    pub fn row(&self, row: usize) -> (f64, f64) {
        let lower = self.scale_top() - FIRST_ROW_GAP - row as f64 * (ROW_HEIGHT + ROW_GAP);
        (lower - ROW_HEIGHT, lower)
    }

    /// The corners of what covers a stretch of each axis.
    pub fn rect(&self, x: Cover, y: Cover) -> (Position, Position) {
        let (one, other) = (self.y_at(y.from), self.y_at(y.to));
        let min = Position { x: self.x_at(x.from), y: one.min(other) };
        (min, Position { x: self.x_at(x.to), y: one.max(other) })
    }

    /// Whether rows of names lie along y.
    pub fn has_rows_of_names(&self) -> bool {
        !self.y.names.is_empty()
    }
}

impl Stroke {
    pub fn solid(role: Role, width: f64) -> Self {
        Self { role, width, dash: &[] }
    }
}

impl Position {
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

impl Item {
    /// A line of small letters.
    pub fn small(at: Position, text: impl Into<String>, role: Role, anchor: Anchor) -> Self {
        Self::Text { at, text: text.into(), role, size: TICK, weight: Weight::Regular, anchor }
    }

    /// A line of letters that name something.
    pub fn label(at: Position, text: impl Into<String>, role: Role, anchor: Anchor) -> Self {
        Self::Text { at, text: text.into(), role, size: LABEL, weight: Weight::Regular, anchor }
    }
}
