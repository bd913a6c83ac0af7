//! A chart laid out: head, axes, stages, series, and names at the ends of lines, none on top of another.

use super::{
    Anchor, Bar, Chart, Cover, Drawing, Extent, HeatPlace, Item, Point, Position, Quantity, Role, Scale,
    Series, Shape, Size, Stroke, Weight,
    frame::{Frame, LABEL, LINE_HEIGHT, NOTE, TICK, TITLE},
    labels::{Taken, spread},
    legend::{is_named_at_ends, legend},
    ruler::{Ruler, Tick},
    series::{figure_of, ground_of, keep_clear, look_of, name_dots, role_of},
    text,
};

/// The usual width, in CSS pixels.
const WIDTH: f64 = 760.0;
/// Of a low one, that its words are no larger on a sheet than those around it.
const LOW_WIDTH: f64 = 920.0;
const PLOT_HEIGHT: f64 = 190.0;
const LOW_PLOT_HEIGHT: f64 = 96.0;
const ROW_HEIGHT: f64 = 22.0;
/// Beyond the edges of a plot.
const END_GAP: f64 = 8.0;
/// Names at the left and labels at the right take at most so much of the width.
const MOST_NAMES: f64 = 0.34;
const MOST_ENDS: f64 = 0.3;
/// Between two names at the ends of lines.
const END_ROOM: f64 = 14.0;
/// Room for the names of stages and of events, above the plot.
const STRIP: f64 = 15.0;
/// A limit so many times beyond all values would press them flat, and is only named.
const FAR: f64 = 3.0;

impl Chart {
    /// The size in which it is read best.
    pub fn size(&self) -> Size {
        let rows = match &self.y.scale {
            Scale::Names(names) => names.len() as f64 * ROW_HEIGHT,
            _ if self.is_low => LOW_PLOT_HEIGHT,
            _ => PLOT_HEIGHT + 16.0 * self.y.rows.len() as f64,
        };
        let width = if self.is_low { LOW_WIDTH } else { WIDTH };
        let mut ignored = Vec::new();
        Size { width, height: (head(self, width, &mut ignored) + rows + foot(self) + strips(self)).ceil() }
    }
}

/// Lays a chart out in a given room.
pub fn draw(chart: &Chart, size: Size) -> Drawing {
    let mut items = Vec::new();
    let top = head(chart, size.width, &mut items);
    let frame = frame(chart, size, top);
    let mut taken = Taken::default();
    draw_bands(chart, &frame, &mut items);
    draw_axes(chart, &frame, &mut items);
    chart.series.iter().for_each(|series| ground_of(series, &frame, &mut taken, &mut items));
    let n_ground = items.len();
    draw_marks(chart, &frame, &mut items);
    chart.series.iter().for_each(|series| figure_of(series, &frame, &mut items));
    // Upon the lines: whether a limit is kept is what they are looked at for.
    draw_targets(chart, &frame, &mut items);
    if chart.series.iter().any(|series| matches!(series.shape, Shape::Dots(_))) {
        keep_clear(&items[n_ground..], &mut taken);
    }
    for series in &chart.series {
        if let Shape::Dots(dots) = &series.shape {
            name_dots(dots, &frame, &mut taken, &mut items);
        }
    }
    draw_ends(chart, &frame, size, &mut items);
    Drawing { size, title: chart.title.clone(), words: chart.words.clone(), items }
}

/// Title, note, legend and the name of the y axis; returns where the plot may begin.
fn head(chart: &Chart, width: f64, items: &mut Vec<Item>) -> f64 {
    let mut y = 0.0;
    let mut line = |text: String, size: f64, weight: Weight, role: Role, height: f64| {
        y += height;
        let at = Position { x: 0.0, y: y - 4.0 };
        items.push(Item::Text { at, text, role, size, weight, anchor: Anchor::Start });
    };
    for title in text::wrapped(&chart.title, width, TITLE, Weight::SemiBold) {
        line(title, TITLE, Weight::SemiBold, Role::Ink, 18.0);
    }
    for note in text::wrapped(&chart.note, width, NOTE, Weight::Regular) {
        line(note, NOTE, Weight::Regular, Role::Muted, LINE_HEIGHT);
    }
    y += 5.0;
    y += legend(chart, y, width, items);
    if !chart.y.title.is_empty() {
        y += LINE_HEIGHT;
        items.push(Item::small(
            Position { x: 0.0, y: y - 4.0 },
            chart.y.title.clone(),
            Role::Muted,
            Anchor::Start,
        ));
    }
    // Nothing is named between the head and the plot: the name of the axis keeps clear of its highest mark.
    if strips(chart) == 0.0 { y + 8.0 } else { y + 3.0 }
}

/// Room for names of stages and events between the head and the plot.
fn strips(chart: &Chart) -> f64 {
    let has = |is_there: bool| if is_there { STRIP } else { 0.0 };
    has(!chart.bands.is_empty()) + has(!chart.marks.is_empty())
}

/// Room under the plot.
fn foot(chart: &Chart) -> f64 {
    let title = if chart.x.title.is_empty() { 0.0 } else { LINE_HEIGHT };
    8.0 + LINE_HEIGHT + title
}

fn frame(chart: &Chart, size: Size, top: f64) -> Frame {
    let (top, bottom) = (top + strips(chart), size.height - foot(chart));
    let (xs, ys) = extents(chart);
    let y = Ruler::new(&chart.y, ys, n_y_ticks(bottom - top));
    let left = match &chart.y.scale {
        Scale::Names(names) => widest(names, LABEL).min(size.width * MOST_NAMES),
        _ => {
            let ticks = y.ticks(n_y_ticks(bottom - top)).into_iter().map(|tick| tick.label);
            widest(ticks.chain(chart.y.rows.iter().cloned()), TICK)
        }
    };
    let left = (left + END_GAP).ceil();
    let right = (size.width - ends_width(chart, &y, size.width)).floor();
    let x = Ruler::new(&chart.x, xs, n_x_ticks(right - left, &chart.x.quantity));
    Frame { left, right, top, bottom, x, y, n_rows: chart.y.rows.len() }
}

fn n_y_ticks(height: f64) -> usize {
    (height / 36.0).round().max(2.0) as usize
}

fn n_x_ticks(width: f64, quantity: &Quantity) -> usize {
    let room = if *quantity == Quantity::Clock { 72.0 } else { 84.0 };
    (width / room).floor().max(2.0) as usize
}

fn widest(words: impl IntoIterator<Item = impl AsRef<str>>, size: f64) -> f64 {
    let widths = words.into_iter().map(|words| text::width(words.as_ref(), size, Weight::Regular));
    widths.fold(0.0, f64::max)
}

/// Room at the right for the names of lines and limits, or for the labels of bars.
fn ends_width(chart: &Chart, y: &Ruler, width: f64) -> f64 {
    let labels = end_labels(chart).into_iter().map(|(words, _, value)| end_words(words, value, y));
    let of_bars = chart.series.iter().flat_map(|series| match &series.shape {
        Shape::Bars(bars) => bars.iter().map(|bar: &Bar| bar.label.clone()).collect(),
        _ => Vec::new(),
    });
    let widest = widest(labels.chain(of_bars), LABEL).min(width * MOST_ENDS);
    // Half of the last mark's words reach beyond the plot.
    if widest > 0.0 { widest + END_GAP + 4.0 } else { 22.0 }
}

/// The least and the greatest value.
type Range = (f64, f64);

/// Of all that is drawn, along x and along y.
fn extents(chart: &Chart) -> (Option<Range>, Option<Range>) {
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    chart.series.iter().for_each(|series| collect(series, &chart.y.scale, &mut xs, &mut ys));
    let (x_is_log, y_is_log) = (chart.x.scale == Scale::Log, chart.y.scale == Scale::Log);
    let x = extent(&xs, x_is_log);
    let mut y = extent(&ys, y_is_log);
    let reach = y.map_or(f64::INFINITY, |(_, high)| high * FAR);
    for target in chart.targets.iter().filter(|target| target.value <= reach && target.value > 0.0) {
        let (low, high) = y.unwrap_or((target.value, target.value));
        y = Some((low.min(target.value), high.max(target.value)));
    }
    (x, y)
}

fn extent(values: &[f64], is_log: bool) -> Option<(f64, f64)> {
    let shown = values.iter().copied().filter(|value| value.is_finite() && (!is_log || *value > 0.0));
    shown.fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

fn collect(series: &Series, y_scale: &Scale, xs: &mut Vec<f64>, ys: &mut Vec<f64>) {
    match &series.shape {
        Shape::Line(pieces) | Shape::Step(pieces) => {
            xs.extend(pieces.iter().flatten().map(|point| point.x));
            ys.extend(pieces.iter().flatten().map(|point| point.y));
        }
        Shape::Area(pieces) => {
            for extent in pieces.iter().flatten() {
                xs.push(extent.x);
                ys.extend([extent.low, extent.high]);
            }
        }
        Shape::Dots(dots) => {
            for dot in dots {
                xs.push(dot.x);
                ys.push(dot.y);
                let along = if matches!(y_scale, Scale::Names(_)) { &mut *xs } else { &mut *ys };
                along.extend([dot.low, dot.high].into_iter().flatten());
            }
        }
        Shape::Bars(bars) => {
            for bar in bars {
                xs.extend([bar.x.from, bar.x.to]);
                ys.extend([bar.y.from, bar.y.to]);
            }
        }
        Shape::Limits(points) => {
            xs.extend(points.iter().map(|point| point.x));
            ys.extend(points.iter().map(|point| point.y));
        }
        Shape::Heat(cells) => {
            for cell in cells {
                xs.extend([cell.x.from, cell.x.to]);
                if let HeatPlace::Values(Cover { from, to }) = cell.y {
                    ys.extend([from, to]);
                }
            }
        }
    }
}

/// Every other stage on a ground of its own, with its name above where there is room.
fn draw_bands(chart: &Chart, frame: &Frame, items: &mut Vec<Item>) {
    let names_bottom = frame.top - if chart.marks.is_empty() { 0.0 } else { STRIP };
    for (index, band) in chart.bands.iter().enumerate() {
        let (left, right) = (frame.x_at(band.x.from), frame.x_at(band.x.to));
        if index % 2 == 0 {
            let min = Position { x: left, y: names_bottom - STRIP };
            let max = Position { x: right, y: frame.bottom };
            items.push(Item::Rect { min, max, role: Role::Band, opacity: 1.0 });
        }
        if let Some(name) = stage_name(&band.name, right - left - 6.0) {
            let at = Position { x: (left + right) / 2.0, y: names_bottom - 4.0 };
            items.push(Item::small(at, name, Role::Muted, Anchor::Middle));
        }
    }
}

/// A stage's name as far as it fits; what stands in brackets goes as a whole.
fn stage_name(name: &str, room: f64) -> Option<String> {
    let fitted = text::fitted(name, room, TICK, Weight::Regular)?;
    let before_brackets = name.split_once(" (").map(|(before, _)| before);
    match before_brackets {
        Some(before) if fitted != name && text::width(before, TICK, Weight::Regular) <= room => {
            Some(before.to_owned())
        }
        _ => Some(fitted),
    }
}

fn draw_axes(chart: &Chart, frame: &Frame, items: &mut Vec<Item>) {
    if frame.has_rows_of_names() {
        draw_names(frame, items);
    } else {
        draw_values(chart, frame, items);
    }
    let baseline = Stroke::solid(Role::Axis, 1.0);
    let [from, to] = [frame.left, frame.right].map(|x| Position { x, y: frame.bottom });
    items.push(Item::Line { from, to, stroke: baseline.clone() });
    let ticks = frame.x.ticks(n_x_ticks(frame.width(), &frame.x.quantity));
    for Tick { value, label } in clear_of_each_other(ticks, frame) {
        let x = frame.x_at(value);
        let is_grid = frame.has_rows_of_names();
        let (top, stroke) = if is_grid {
            (frame.top, Stroke::solid(Role::Grid, 1.0))
        } else {
            (frame.bottom, baseline.clone())
        };
        items.push(Item::Line {
            from: Position { x, y: top },
            to: Position { x, y: frame.bottom + 4.0 },
            stroke,
        });
        items.push(Item::small(Position { x, y: frame.bottom + 16.0 }, label, Role::Muted, Anchor::Middle));
    }
    if !chart.x.title.is_empty() {
        let at = Position { x: frame.right, y: frame.bottom + 16.0 + LINE_HEIGHT };
        items.push(Item::small(at, chart.x.title.clone(), Role::Muted, Anchor::End));
    }
}

/// Marks whose words do not touch.
fn clear_of_each_other(ticks: Vec<Tick>, frame: &Frame) -> Vec<Tick> {
    let mut until = f64::NEG_INFINITY;
    let is_clear = |tick: &Tick| {
        let half = text::width(&tick.label, TICK, Weight::Regular) / 2.0;
        let at = frame.x_at(tick.value);
        let is_clear = at - half >= until + 6.0;
        if is_clear {
            until = at + half;
        }
        is_clear
    };
    ticks.into_iter().filter(is_clear).collect()
}

fn draw_values(chart: &Chart, frame: &Frame, items: &mut Vec<Item>) {
    let words_x = frame.left - END_GAP;
    for Tick { value, label } in frame.y.ticks(n_y_ticks(frame.bottom - frame.scale_top())) {
        let y = frame.y_at(value);
        let [from, to] = [frame.left, frame.right].map(|x| Position { x, y });
        items.push(Item::Line { from, to, stroke: Stroke::solid(Role::Grid, 1.0) });
        items.push(Item::small(Position { x: words_x, y: y + 4.0 }, label, Role::Muted, Anchor::End));
    }
    for (row, name) in chart.y.rows.iter().enumerate() {
        let (upper, lower) = frame.row(row);
        let at = Position { x: words_x, y: (upper + lower) / 2.0 + 4.0 };
        items.push(Item::small(at, name.clone(), Role::Muted, Anchor::End));
    }
}

/// One line of words per row, shortened where it is too long.
fn draw_names(frame: &Frame, items: &mut Vec<Item>) {
    let room = frame.left - END_GAP;
    for (index, name) in frame.y.names.iter().enumerate() {
        let y = frame.y_at(index as f64 + 0.5);
        if index % 2 == 0 {
            let half = (frame.bottom - frame.top) / frame.y.names.len() as f64 / 2.0;
            let (min, max) = (Position { x: 0.0, y: y - half }, Position { x: frame.right, y: y + half });
            items.push(Item::Rect { min, max, role: Role::Band, opacity: 1.0 });
        }
        if let Some(name) = text::fitted(name, room, LABEL, Weight::Regular) {
            items.push(Item::label(Position { x: room, y: y + 4.0 }, name, Role::Ink, Anchor::End));
        }
    }
}

/// Events as thin lines; their words stand above as far as there is room.
fn draw_marks(chart: &Chart, frame: &Frame, items: &mut Vec<Item>) {
    let mut free_from = frame.left;
    for mark in &chart.marks {
        let x = frame.x_at(mark.at);
        let (from, to) = (Position { x, y: frame.top - 2.0 }, Position { x, y: frame.bottom });
        items.push(Item::Line {
            from,
            to,
            stroke: Stroke { role: Role::Muted, width: 1.0, dash: &[2.0, 2.0] },
        });
        let room = 200.0f64.min(frame.right - x);
        let words = text::fitted(&mark.label, room, TICK, Weight::Regular);
        if let Some(words) = words.filter(|_| x >= free_from && room > 40.0) {
            free_from = x + text::width(&words, TICK, Weight::Regular) + 8.0;
            items.push(Item::small(Position { x, y: frame.top - 5.0 }, words, Role::Muted, Anchor::Start));
        }
    }
}

fn draw_targets(chart: &Chart, frame: &Frame, items: &mut Vec<Item>) {
    for target in chart.targets.iter().filter(|target| frame.y.contains(target.value)) {
        let y = frame.y_at(target.value);
        let [from, to] = [frame.left, frame.right].map(|x| Position { x, y });
        items.push(Item::Line {
            from,
            to,
            stroke: Stroke { role: Role::Target, width: 1.2, dash: &[4.0, 3.0] },
        });
    }
}

/// What is named at the right edge: words, colour, and the value beside which they belong.
fn end_labels(chart: &Chart) -> Vec<(String, Role, f64)> {
    let mut labels: Vec<(String, Role, f64)> =
        chart.targets.iter().map(|target| (target.label.clone(), Role::Target, target.value)).collect();
    if is_named_at_ends(chart) {
        labels.extend(chart.series.iter().filter_map(|series| {
            let last = last_point(&series.shape).filter(|_| !series.name.is_empty())?;
            Some((series.name.clone(), role_of(series.hue), last.y))
        }));
    }
    labels
}

fn last_point(shape: &Shape) -> Option<Point> {
    match shape {
        Shape::Line(pieces) | Shape::Step(pieces) => pieces.last()?.last().copied(),
        Shape::Area(pieces) => {
            let middle = |extent: &Extent| Point { x: extent.x, y: (extent.low + extent.high) / 2.0 };
            pieces.last()?.last().map(middle)
        }
        Shape::Dots(_) | Shape::Bars(_) | Shape::Limits(_) | Shape::Heat(_) => None,
    }
}

/// A marker at the end of each line, so that lines differ by more than their colour.
fn draw_end_markers(chart: &Chart, frame: &Frame, items: &mut Vec<Item>) {
    for series in &chart.series {
        let last = last_point(&series.shape).filter(|_| !matches!(series.shape, Shape::Area(_)));
        let (marker, _) = look_of(series.hue);
        items.extend(last.map(|last| Item::Marker {
            at: frame.at(last),
            radius: 2.8,
            marker,
            role: role_of(series.hue),
        }));
    }
}

fn is_beyond(value: f64, y: &Ruler) -> bool {
    value > y.to && !y.contains(value)
}

/// A limit beyond the scale has no line; its words say where it would be.
fn end_words(words: String, value: f64, y: &Ruler) -> String {
    if is_beyond(value, y) { format!("↑ {words}") } else { words }
}

/// Names lines and limits at the right edge, apart from each other, with a thin line where one had to move.
fn draw_ends(chart: &Chart, frame: &Frame, size: Size, items: &mut Vec<Item>) {
    if is_named_at_ends(chart) {
        draw_end_markers(chart, frame, items);
    }
    let labels = end_labels(chart);
    let wanted: Vec<f64> = labels.iter().map(|(_, _, value)| frame.y_at(*value)).collect();
    let places = spread(&wanted, END_ROOM, (frame.top + 4.0, frame.bottom - 2.0));
    let x = frame.right + END_GAP;
    for (((words, role, value), wanted), place) in labels.into_iter().zip(wanted).zip(places) {
        let words = end_words(words, value, &frame.y);
        let Some(words) = text::fitted(&words, size.width - x, LABEL, Weight::Regular) else { continue };
        if (place - wanted).abs() > 3.0 && !is_beyond(value, &frame.y) {
            let (from, to) = (Position { x: frame.right, y: wanted }, Position { x: x - 2.0, y: place });
            items.push(Item::Line { from, to, stroke: Stroke::solid(role, 0.7) });
        }
        items.push(Item::label(Position { x, y: place + 4.0 }, words, role, Anchor::Start));
    }
}
