//! Series as shapes on the paper: lines, steps, areas, dots with whiskers, bars, limits, cells of a heatmap.

use super::{
    Anchor, Bar, Cover, Dot, Extent, HeatCell, HeatPlace, Hue, Item, Marker, Point, Position, Role, Series,
    Shape, Stroke, Weight,
    decimate::decimated,
    frame::{Frame, LABEL},
    labels::Taken,
    text,
};

pub const AREA_OPACITY: f64 = 0.16;
const LINE_WIDTH: f64 = 1.6;
/// Where a line is as dense as the paper, a thinner one shows more.
const DENSE_WIDTH: f64 = 1.0;
/// A line is rough from so much up and down per pixel on.
const ROUGH: f64 = 0.8;
const RADIUS: f64 = 3.6;
const CAP: f64 = 3.5;
/// Half the height of a limit's stroke, in parts of its row.
const LIMIT_REACH: f64 = 0.4;

/// Shares below this have the palest colour of the ramp.
const LEAST_SHARE: f64 = 0.001;

const DASHES: [&[f64]; Role::N_SERIES] = [
    &[],
    &[7.0, 3.0],
    &[2.0, 2.0],
    &[10.0, 3.0, 2.0, 3.0],
    &[5.0, 2.0],
    &[3.0, 1.5],
    &[12.0, 3.0],
    &[1.5, 3.0],
];

/// The colour that a hue stands for.
pub fn role_of(hue: Hue) -> Role {
    match hue {
        Hue::Series(n) => Role::Series((n % Role::N_SERIES) as u8),
        Hue::Outcome(n) => Role::Outcome(n as u8),
        Hue::Ink => Role::Ink,
        Hue::Muted => Role::Muted,
        Hue::Ok => Role::Ok,
        Hue::Warn => Role::Warn,
        Hue::Fail => Role::Fail,
    }
}

/// What tells hues apart beside their colour.
pub fn look_of(hue: Hue) -> (Marker, &'static [f64]) {
    const MARKERS: [Marker; 4] = [Marker::Circle, Marker::Square, Marker::Diamond, Marker::Triangle];
    match hue {
        Hue::Series(n) => (MARKERS[n % MARKERS.len()], DASHES[n % DASHES.len()]),
        Hue::Outcome(n) => (MARKERS[n % MARKERS.len()], &[]),
        Hue::Ok | Hue::Ink => (Marker::Circle, &[]),
        Hue::Muted => (Marker::Square, &[3.0, 3.0]),
        Hue::Warn => (Marker::Triangle, &[]),
        Hue::Fail => (Marker::Diamond, &[]),
    }
}

/// Which step of the ramp stands for a share: logarithmic from 0.1 % to 100 %.
pub fn heat_level(share: f64) -> u8 {
    let place = 1.0 - share.clamp(LEAST_SHARE, 1.0).log10() / LEAST_SHARE.log10();
    (place * (Role::N_HEATS - 1) as f64).round() as u8
}

/// Draws what lies in the back: areas, bars and heat.
pub fn ground_of(series: &Series, frame: &Frame, taken: &mut Taken, items: &mut Vec<Item>) {
    let role = role_of(series.hue);
    match &series.shape {
        Shape::Area(pieces) => pieces.iter().for_each(|piece| items.push(ribbon(piece, frame, role))),
        Shape::Bars(bars) => bars.iter().for_each(|bar| draw_bar(bar, frame, role, taken, items)),
        Shape::Heat(cells) => heat(cells, frame, series.hue, items),
        Shape::Line(_) | Shape::Step(_) | Shape::Dots(_) | Shape::Limits(_) => {}
    }
}

/// Draws what lies in front of that: lines, limits and dots.
pub fn figure_of(series: &Series, frame: &Frame, items: &mut Vec<Item>) {
    let role = role_of(series.hue);
    match &series.shape {
        Shape::Line(pieces) => lines(pieces.iter().map(|piece| at_all(piece, frame)), series.hue, items),
        Shape::Step(pieces) => {
            lines(pieces.iter().map(|piece| stairs(at_all(piece, frame))), series.hue, items);
        }
        Shape::Limits(points) => points.iter().for_each(|point| items.push(limit(*point, frame, role))),
        Shape::Dots(dots) => dots.iter().for_each(|dot| draw_dot(dot, frame, series.hue, items)),
        Shape::Area(_) | Shape::Bars(_) | Shape::Heat(_) => {}
    }
}

fn at_all(piece: &[Point], frame: &Frame) -> Vec<Position> {
    piece.iter().map(|point| frame.at(*point)).collect()
}

fn lines(pieces: impl Iterator<Item = Vec<Position>>, hue: Hue, items: &mut Vec<Item>) {
    let (role, (_, dash)) = (role_of(hue), look_of(hue));
    for piece in pieces {
        let n_points = piece.len();
        let points = decimated(piece);
        match points[..] {
            [] => {}
            // A second between two gaps is a point, and no line of no length.
            [at] => items.push(Item::Marker { at, radius: 1.4, marker: Marker::Circle, role }),
            _ => {
                let is_dense = points.len() < n_points;
                let width = if is_dense { DENSE_WIDTH } else { LINE_WIDTH };
                // Dashes of a line that goes up and down all the time would only look like noise.
                let dash = if is_dense || roughness(&points) > ROUGH { &[] } else { dash };
                items.push(Item::Polyline { points, stroke: Stroke { role, width, dash } });
            }
        }
    }
}

/// How far a line goes up and down for each pixel to the right.
fn roughness(points: &[Position]) -> f64 {
    let up_and_down: f64 = points.windows(2).map(|pair| (pair[1].y - pair[0].y).abs()).sum();
    let width = points.last().zip(points.first()).map_or(0.0, |(last, first)| last.x - first.x);
    up_and_down / width.max(1.0)
}

/// Each level until the next one.
fn stairs(points: Vec<Position>) -> Vec<Position> {
    let mut corners = Vec::with_capacity(2 * points.len());
    for point in decimated(points) {
        if let Some(last) = corners.last().copied() {
            let Position { y, .. } = last;
            if y != point.y {
                corners.push(Position { x: point.x, y });
            }
        }
        corners.push(point);
    }
    corners
}

fn ribbon(piece: &[Extent], frame: &Frame, role: Role) -> Item {
    let edge = |value: fn(&Extent) -> f64| {
        piece.iter().map(|extent| frame.at(Point { x: extent.x, y: value(extent) })).collect()
    };
    Item::Ribbon {
        upper: edge(|extent| extent.high),
        lower: edge(|extent| extent.low),
        role,
        opacity: AREA_OPACITY,
    }
}

fn draw_bar(bar: &Bar, frame: &Frame, role: Role, taken: &mut Taken, items: &mut Vec<Item>) {
    let (min, mut max) = frame.rect(bar.x, bar.y);
    if !frame.has_rows_of_names() && max.x - min.x > 3.0 {
        max.x -= 0.6;
    }
    let is_nothing = max.x - min.x < 0.05 || max.y - min.y < 0.05;
    if !is_nothing {
        items.push(Item::Rect { min, max, role, opacity: 1.0 });
    }
    if bar.label.is_empty() {
        return;
    }
    let width = text::width(&bar.label, LABEL, Weight::Regular);
    let at = Position { x: max.x + 6.0, y: (min.y + max.y) / 2.0 + 4.0 };
    if taken.take(Position { x: at.x, y: at.y - 9.0 }, Position { x: at.x + width, y: at.y + 2.0 }) {
        items.push(Item::label(at, bar.label.clone(), Role::Ink, Anchor::Start));
    }
}

/// A short line across a row, or across a column where names lie along x.
fn limit(point: Point, frame: &Frame, role: Role) -> Item {
    let stroke = Stroke::solid(role, 2.0);
    if frame.has_rows_of_names() {
        let x = frame.x_at(point.x);
        let [from, to] =
            [-LIMIT_REACH, LIMIT_REACH].map(|reach| Position { x, y: frame.y_at(point.y + reach) });
        return Item::Line { from, to, stroke };
    }
    let y = frame.y_at(point.y);
    let reach = if frame.x.names.is_empty() { 0.0 } else { LIMIT_REACH };
    let [from, to] = [-reach, reach].map(|reach| Position { x: frame.x_at(point.x + reach), y });
    Item::Line { from, to, stroke }
}

fn draw_dot(dot: &Dot, frame: &Frame, hue: Hue, items: &mut Vec<Item>) {
    let (role, (marker, _)) = (role_of(hue), look_of(hue));
    let at = frame.at(Point { x: dot.x, y: dot.y });
    let is_across = frame.has_rows_of_names();
    let along = |value: f64| {
        if is_across {
            Position { x: frame.x_at(value), y: at.y }
        } else {
            Position { x: at.x, y: frame.y_at(value) }
        }
    };
    if dot.low.is_some() || dot.high.is_some() {
        // Without a bound the whisker goes on to the edge, and has no cap there.
        let edge = |is_high: bool| match (is_across, is_high) {
            (true, false) => Position { x: frame.left, y: at.y },
            (true, true) => Position { x: frame.right, y: at.y },
            (false, false) => Position { x: at.x, y: frame.bottom },
            (false, true) => Position { x: at.x, y: frame.scale_top() },
        };
        let low = dot.low.map_or_else(|| edge(false), along);
        let high = dot.high.map_or_else(|| edge(true), along);
        items.push(Item::Line { from: low, to: high, stroke: Stroke::solid(role, 1.2) });
        for end in [dot.low.map(|_| low), dot.high.map(|_| high)].into_iter().flatten() {
            let (dx, dy) = if is_across { (0.0, CAP) } else { (CAP, 0.0) };
            let [from, to] = [-1.0, 1.0].map(|side| Position { x: end.x + side * dx, y: end.y + side * dy });
            items.push(Item::Line { from, to, stroke: Stroke::solid(role, 1.2) });
        }
    }
    items.push(Item::Marker { at, radius: RADIUS, marker, role });
}

/// Takes the room of what names of dots must not cover: lines, whiskers and the dots themselves.
pub fn keep_clear(items: &[Item], taken: &mut Taken) {
    for item in items {
        match item {
            Item::Line { from, to, .. } => keep_line_clear(*from, *to, taken),
            Item::Polyline { points, .. } => {
                points.windows(2).for_each(|pair| keep_line_clear(pair[0], pair[1], taken));
            }
            Item::Marker { at, radius, .. } => block_around(*at, radius + 1.0, taken),
            _ => {}
        }
    }
}

fn keep_line_clear(from: Position, to: Position, taken: &mut Taken) {
    const EVERY: f64 = 5.0;
    let length = (to.x - from.x).hypot(to.y - from.y);
    let n_parts = (length / EVERY).ceil().max(1.0);
    for part in 0..=n_parts as usize {
        let share = part as f64 / n_parts;
        let at = Position { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
        block_around(at, 1.5, taken);
    }
}

fn block_around(at: Position, reach: f64, taken: &mut Taken) {
    taken.block(Position { x: at.x - reach, y: at.y - reach }, Position { x: at.x + reach, y: at.y + reach });
}

/// Names dots where there is room beside them, in order: the first ones have the first choice.
pub fn name_dots(dots: &[Dot], frame: &Frame, taken: &mut Taken, items: &mut Vec<Item>) {
    for dot in dots.iter().filter(|dot| !dot.label.is_empty()) {
        let at = frame.at(Point { x: dot.x, y: dot.y });
        let width = text::width(&dot.label, LABEL, Weight::Regular);
        let places = [
            (at.x + 7.0, at.y + 4.0, Anchor::Start),
            (at.x + 6.0, at.y + 15.0, Anchor::Start),
            (at.x - 6.0, at.y - 8.0, Anchor::End),
            (at.x - 7.0, at.y + 4.0, Anchor::End),
            (at.x + 6.0, at.y - 8.0, Anchor::Start),
            (at.x - 6.0, at.y + 15.0, Anchor::End),
            (at.x + 8.0, at.y + 24.0, Anchor::Start),
        ];
        for (x, y, anchor) in places {
            let left = if anchor == Anchor::End { x - width } else { x };
            let is_inside = left >= frame.left && left + width <= frame.right && y - 9.0 >= frame.top;
            let (min, max) = (Position { x: left, y: y - 9.0 }, Position { x: left + width, y: y + 2.0 });
            if is_inside && y + 2.0 <= frame.bottom && taken.take(min, max) {
                items.push(Item::label(Position { x, y }, dot.label.clone(), Role::Muted, anchor));
                break;
            }
        }
    }
}

fn heat(cells: &[HeatCell], frame: &Frame, hue: Hue, items: &mut Vec<Item>) {
    // In order of colour, so that cells of one colour can be written as one shape.
    let mut drawn: Vec<(Role, f64, Position, Position)> =
        cells.iter().map(|cell| heat_cell(cell, frame, hue)).collect();
    drawn.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    items.extend(drawn.into_iter().map(|(role, opacity, min, max)| Item::Rect { min, max, role, opacity }));
}

// Edges on whole pixels: neighbours meet without a seam.
fn heat_cell(cell: &HeatCell, frame: &Frame, hue: Hue) -> (Role, f64, Position, Position) {
    let whole = |position: Position| Position { x: position.x.round(), y: position.y.round() };
    let scale = Cover { from: frame.y.from, to: frame.y.to };
    let (role, opacity, (min, max)) = match cell.y {
        HeatPlace::Values(y) => (Role::Heat(heat_level(cell.share)), 1.0, frame.rect(cell.x, y)),
        HeatPlace::Measured => (Role::HeatGround, 1.0, frame.rect(cell.x, scale)),
        HeatPlace::Row(row) => {
            let (upper, lower) = frame.row(row);
            let (left, right) = (frame.x_at(cell.x.from), frame.x_at(cell.x.to));
            let corners = (Position { x: left, y: upper }, Position { x: right, y: lower });
            // A row of its own has its own hue; the fewest are well off the ground.
            let opacity = 0.3 + 0.7 * f64::from(heat_level(cell.share)) / (Role::N_HEATS - 1) as f64;
            (role_of(hue), (opacity * 10.0).round() / 10.0, corners)
        }
    };
    (role, opacity, whole(min), whole(max))
}
