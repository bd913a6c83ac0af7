//! The legend: for what cannot be named where it is drawn.

use super::{
    Anchor, Chart, Item, Position, Role, Scale, Shape, Stroke, Weight,
    frame::{LABEL, LINE_HEIGHT, TICK},
    series::{heat_level, look_of, role_of},
    text,
};

const SWATCH_WIDTH: f64 = 18.0;
const SWATCH_GAP: f64 = 5.0;
const ENTRY_GAP: f64 = 16.0;
/// Lines that may be named at their ends.
const MAX_END_LABELS: usize = 7;

/// Shares at which the ramp of a heatmap is explained, with their words.
const RAMP_ENDS: (&str, &str) = ("0.1 %", "100 %");
const RAMP_WORDS: &str = "of the requests that ended in a column:";
const RAMP_CELL: f64 = 9.0;

/// Whether the lines of a chart are named at their ends.
pub fn is_named_at_ends(chart: &Chart) -> bool {
    let is_line = |shape: &Shape| matches!(shape, Shape::Line(_) | Shape::Step(_) | Shape::Area(_));
    let n_lines = chart.series.iter().filter(|series| !matches!(series.shape, Shape::Area(_))).count();
    let has_names = matches!(chart.x.scale, Scale::Names(_)) || matches!(chart.y.scale, Scale::Names(_));
    !has_names && n_lines <= MAX_END_LABELS && chart.series.iter().all(|series| is_line(&series.shape))
}

/// Draws the legend with its top at `top`; returns its height, nothing where none is needed.
pub fn legend(chart: &Chart, top: f64, width: f64, items: &mut Vec<Item>) -> f64 {
    let mut pen = Pen { x: 0.0, top, width, n_rows: 0 };
    let is_named_elsewhere = |shape: &Shape| matches!(shape, Shape::Heat(_));
    let entries = chart.series.iter().enumerate().filter(|(_, series)| {
        !series.name.is_empty() && !is_named_elsewhere(&series.shape) && !series.shape.is_empty()
    });
    let is_alone = entries.clone().count() == 1 && chart.series.len() == 1;
    if !is_named_at_ends(chart) && !is_alone {
        entries.for_each(|(index, _)| entry(chart, index, &mut pen, items));
    }
    if chart.series.iter().any(|series| matches!(series.shape, Shape::Heat(_))) {
        ramp(&mut pen, items);
    }
    if pen.n_rows == 0 { 0.0 } else { pen.n_rows as f64 * LINE_HEIGHT + 5.0 }
}

/// Where the next entry goes.
struct Pen {
    x: f64,
    top: f64,
    width: f64,
    n_rows: usize,
}

impl Pen {
    /// The baseline's start of an entry so wide, on this row or the next.
    fn place(&mut self, width: f64) -> Position {
        if self.n_rows == 0 || self.x + width > self.width {
            self.n_rows += 1;
            self.x = 0.0;
        }
        let at = Position { x: self.x, y: self.top + self.n_rows as f64 * LINE_HEIGHT - 4.0 };
        self.x += width + ENTRY_GAP;
        at
    }
}

fn entry(chart: &Chart, index: usize, pen: &mut Pen, items: &mut Vec<Item>) {
    let series = &chart.series[index];
    let role = role_of(series.hue);
    let room = pen.width - SWATCH_WIDTH - SWATCH_GAP;
    let Some(name) = text::fitted(&series.name, room, LABEL, Weight::Regular) else { return };
    let width = SWATCH_WIDTH + SWATCH_GAP + text::width(&name, LABEL, Weight::Regular);
    let at = pen.place(width);
    let (left, right, middle) = (at.x, at.x + SWATCH_WIDTH, at.y - 4.0);
    let center = Position { x: (left + right) / 2.0, y: middle };
    let (marker, dash) = look_of(series.hue);
    items.push(match &series.shape {
        Shape::Line(_) | Shape::Step(_) => Item::Line {
            from: Position { x: left, y: middle },
            to: Position { x: right, y: middle },
            stroke: Stroke { role, width: 2.0, dash },
        },
        Shape::Dots(_) => Item::Marker { at: center, radius: 4.0, marker, role },
        Shape::Limits(_) => Item::Line {
            from: Position { x: center.x, y: middle - 6.0 },
            to: Position { x: center.x, y: middle + 6.0 },
            stroke: Stroke::solid(role, 2.0),
        },
        Shape::Area(_) => block(left, right, middle, role, super::series::AREA_OPACITY),
        Shape::Bars(_) | Shape::Heat(_) => block(left + 4.0, right, middle, role, 1.0),
    });
    let words = Position { x: right + SWATCH_GAP, y: at.y };
    items.push(Item::label(words, name, Role::Ink, Anchor::Start));
}

fn block(left: f64, right: f64, middle: f64, role: Role, opacity: f64) -> Item {
    let (min, max) = (Position { x: left, y: middle - 5.0 }, Position { x: right, y: middle + 5.0 });
    Item::Rect { min, max, role, opacity }
}

/// The ramp of a heatmap, from few to all.
fn ramp(pen: &mut Pen, items: &mut Vec<Item>) {
    let words_width = |words: &str| text::width(words, TICK, Weight::Regular);
    let (few, all) = RAMP_ENDS;
    let n_cells = Role::N_HEATS as f64 / 2.0;
    let intro = words_width(RAMP_WORDS) + SWATCH_GAP;
    let width = intro + words_width(few) + n_cells * RAMP_CELL + 2.0 * SWATCH_GAP + words_width(all);
    let at = pen.place(width);
    items.push(Item::small(at, RAMP_WORDS, Role::Muted, Anchor::Start));
    let mut x = at.x + intro;
    items.push(Item::small(Position { x, y: at.y }, few, Role::Muted, Anchor::Start));
    x += words_width(few) + SWATCH_GAP;
    for cell in 0..Role::N_HEATS / 2 {
        let min = Position { x, y: at.y - 9.0 };
        let max = Position { x: x + RAMP_CELL, y: at.y + 1.0 };
        let role = Role::Heat((2 * cell + cell / (Role::N_HEATS / 2 - 1)) as u8);
        items.push(Item::Rect { min, max, role, opacity: 1.0 });
        x += RAMP_CELL;
    }
    x += SWATCH_GAP;
    items.push(Item::small(Position { x, y: at.y }, all, Role::Muted, Anchor::Start));
    debug_assert_eq!((heat_level(0.001), heat_level(1.0)), (0, Role::N_HEATS as u8 - 1), "the ramp's ends");
}
