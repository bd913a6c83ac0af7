//! The chart of a trend: a number of each run in their order or by their dates, with what is marked among them.

use std::ops::Range;

use egui::{
    Align2, Color32, EventFilter, Key, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::{
    metric::TrendMetric,
    series::{TrendLine, TrendRun},
};
use crate::app::{
    charts::{axis_end, plate, round_step},
    theme::{self, Colors, Weight, size},
};
use crate::humanize;

const AXIS_WIDTH: f32 = 64.0;
const FOOT: f32 = 24.0;
/// Room above the values for what the changes say.
const HEAD: f32 = 26.0;
const DATE_WIDTH: f32 = 96.0;
const MILLIS_PER_DAY: f64 = 86_400_000.0;
const POINT: f32 = 3.0;
/// How near the pointer must be to a run or to a change.
const REACH: f32 = 14.0;
/// Targets beyond this many times the highest value stay out of sight, so that the line does not flatten.
const TARGET_REACH: f64 = 2.0;

/// What is drawn.
pub struct TrendChart<'a> {
    pub line: &'a TrendLine,
    /// Place of the first run shown.
    pub from: usize,
    pub metric: TrendMetric,
    pub by_date: bool,
    /// Limits of the newest run, with their words.
    pub targets: &'a [(f64, String)],
    pub height: f32,
}

/// What a click or Enter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The run at a place of the line.
    Open(usize),
    /// The change of this number.
    CompareAcross(usize),
}

/// Where things are in the window.
struct Scale {
    plot: Rect,
    from: usize,
    first_millis: f64,
    last_millis: f64,
    n_shown: usize,
    top: f64,
    by_date: bool,
}

impl Scale {
    fn new(plot: Rect, chart: &TrendChart<'_>, top: f64) -> Self {
        let shown = &chart.line.runs[chart.from..];
        let millis = |run: Option<&TrendRun>| run.map_or(0.0, |run| run.started_at_unix_millis as f64);
        Self {
            plot,
            from: chart.from,
            first_millis: millis(shown.first()),
            last_millis: millis(shown.last()),
            n_shown: shown.len(),
            top,
            by_date: chart.by_date,
        }
    }

    fn x(&self, place: usize, run: &TrendRun) -> f32 {
        let share = if self.by_date {
            let span = (self.last_millis - self.first_millis).max(1.0);
            ((run.started_at_unix_millis as f64 - self.first_millis) / span) as f32
        } else {
            (place - self.from) as f32 / (self.n_shown.saturating_sub(1)).max(1) as f32
        };
        let inner = self.plot.shrink2(vec2(10.0, 0.0));
        inner.left() + inner.width() * if self.n_shown == 1 { 0.5 } else { share }
    }

    /// Which part of a moment tells two dates of the axis apart: the day, or day and hour where runs lie close.
    fn date_part(&self) -> Range<usize> {
        let n_dates = f64::from(self.plot.width() / DATE_WIDTH).max(1.0);
        let is_close = (self.last_millis - self.first_millis) / n_dates < 2.0 * MILLIS_PER_DAY;
        if is_close { 5..16 } else { 0..10 }
    }

    fn y(&self, value: f64) -> f32 {
        let bottom = self.plot.bottom();
        bottom - (bottom - self.plot.top() - HEAD) * (value / self.top) as f32
    }

    fn at(&self, place: usize, run: &TrendRun) -> Option<Pos2> {
        Some(pos2(self.x(place, run), self.y(run.value?)))
    }
}

/// Draws the chart; `cursor` is the run that the keyboard is at. Returns what was asked for.
pub fn trend_chart_ui(ui: &mut Ui, chart: &TrendChart<'_>, cursor: &mut Option<usize>) -> Option<Wish> {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), chart.height), Sense::click());
    let ink = theme::colors(ui);
    let name = format!("Trend chart: {}", chart.metric.title());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let plot = Rect::from_min_max(rect.min + vec2(AXIS_WIDTH, 0.0), rect.max - vec2(8.0, FOOT));
    let step = value_step(chart, plot.height());
    let scale = Scale::new(plot, chart, axis_end(highest(chart), step));
    axes_ui(ui, ink, chart, &scale, step);
    lines_ui(ui, ink, chart, &scale);
    let over_change = changes_ui(ui, ink, chart, &scale, response.hover_pos());
    points_ui(ui, ink, chart, &scale);
    limits_ui(ui, ink, chart, &scale);
    if response.clicked() {
        response.request_focus();
    }
    let asked = keys(ui, &response, chart, cursor);
    let hovered = response.hover_pos().and_then(|at| nearest(chart, &scale, at));
    let over_change = over_change.filter(|(_, is_on_plate)| *is_on_plate || hovered.is_none());
    let pointed = hovered.filter(|_| over_change.is_none());
    let shown = pointed.or(cursor.filter(|_| response.has_focus()));
    if let Some(place) = shown {
        readout_ui(ui, ink, chart, &scale, place);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(plot, 2.0, Stroke::new(1.0, ink.accent_text), StrokeKind::Outside);
    }
    if pointed.is_some() || over_change.is_some() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    let clicked = match (over_change, pointed) {
        (Some((number, _)), _) => Some(Wish::CompareAcross(number)),
        (None, Some(place)) => Some(Wish::Open(place)),
        (None, None) => None,
    };
    asked.or(clicked.filter(|_| response.clicked()))
}

fn highest(chart: &TrendChart<'_>) -> f64 {
    let values = chart.line.runs[chart.from..].iter().filter_map(|run| run.value);
    let baseline = chart.line.baseline.map(|(_, value)| value);
    let highest = values.chain(baseline).fold(0.0, f64::max);
    let targets = chart.targets.iter().map(|(limit, _)| *limit);
    targets.filter(|limit| *limit <= highest * TARGET_REACH).fold(highest, f64::max)
}

fn value_step(chart: &TrendChart<'_>, height: f32) -> f64 {
    let n_parts = ((height / 44.0) as usize).clamp(2, 6);
    let highest = highest(chart);
    round_step(if highest > 0.0 { highest } else { 1.0 }, n_parts)
}

fn axes_ui(ui: &Ui, ink: &Colors, chart: &TrendChart<'_>, scale: &Scale, step: f64) {
    let (painter, plot, unit) = (ui.painter(), scale.plot, chart.metric.unit());
    let font = theme::font(size::FINE, Weight::Regular);
    let n_steps = (scale.top / step).round() as usize;
    for number in 0..=n_steps {
        let value = number as f64 * step;
        let y = scale.y(value);
        painter.hline(plot.x_range(), y, Stroke::new(1.0, ink.grid));
        let at = pos2(plot.left() - 8.0, y);
        painter.text(at, Align2::RIGHT_CENTER, unit.tick(value), font.clone(), ink.faint);
    }
    let runs = &chart.line.runs;
    let room = if scale.by_date { DATE_WIDTH } else { 64.0 };
    let mut free_from = f32::NEG_INFINITY;
    for (place, run) in runs.iter().enumerate().skip(chart.from) {
        let x = scale.x(place, run);
        let half = room * 0.4;
        if x - half < free_from || x + half > plot.right() + 8.0 {
            continue;
        }
        free_from = x + room;
        let moment = humanize::moment(run.started_at_unix_millis);
        let words = if scale.by_date {
            moment.get(scale.date_part()).unwrap_or(&moment).to_owned()
        } else {
            format!("run {}", run.run_id)
        };
        painter.vline(x, plot.bottom()..=plot.bottom() + 4.0, Stroke::new(1.0, ink.border_strong));
        painter.text(pos2(x, plot.bottom() + 7.0), Align2::CENTER_TOP, words, font.clone(), ink.faint);
    }
}

/// Targets and baseline, over the lines so that their words can be read.
fn limits_ui(ui: &Ui, ink: &Colors, chart: &TrendChart<'_>, scale: &Scale) {
    let targets = chart.targets.iter().map(|(limit, words)| (*limit, words.clone(), ink.fail));
    let baseline = chart.line.baseline.map(|(run_id, value)| {
        let words = format!("baseline, run {run_id}: {}", chart.metric.unit().text(value));
        (value, words, ink.accent_text)
    });
    let mut levels: Vec<_> = targets.chain(baseline).collect();
    levels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut free_from = f32::NEG_INFINITY;
    for (value, words, color) in levels {
        if (0.0..=scale.top).contains(&value) {
            free_from = level_ui(ui, scale, value, (words, color), free_from);
        }
    }
}

/// A dashed line across with its words at the right, above it where they are free of those before. Returns where they
/// end.
fn level_ui(ui: &Ui, scale: &Scale, value: f64, (words, color): (String, Color32), free_from: f32) -> f32 {
    let (plot, y) = (scale.plot, scale.y(value));
    let ends = [pos2(plot.left(), y), pos2(plot.right(), y)];
    ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.0, color), 4.0, 4.0));
    let galley = ui.painter().layout_no_wrap(words, theme::font(size::FINE, Weight::Regular), color);
    let top = (y - galley.size().y - 1.0).max(free_from);
    let at = pos2(plot.right() - galley.size().x - 4.0, top);
    let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
    ui.painter().rect_filled(ground, 2.0, theme::colors(ui).card.gamma_multiply(0.85));
    ui.painter().galley(at, galley, color);
    ground.bottom()
}

/// One line for each set-up: runs of different set-ups are never joined.
fn lines_ui(ui: &Ui, ink: &Colors, chart: &TrendChart<'_>, scale: &Scale) {
    for setup in (0..chart.line.setups.len()).rev() {
        let is_chosen = setup == chart.line.chosen;
        let runs = chart.line.runs.iter().enumerate().skip(chart.from);
        let points: Vec<Pos2> = runs
            .filter(|(_, run)| run.setup == setup && run.unfit.is_none())
            .filter_map(|(place, run)| scale.at(place, run))
            .collect();
        let stroke = match is_chosen {
            true => Stroke::new(1.8, ink.series(0)),
            false => Stroke::new(1.0, ink.border_strong),
        };
        ui.painter().add(Shape::line(points, stroke));
    }
    for level in &chart.line.levels {
        if level.last_at < chart.from {
            continue;
        }
        let runs = &chart.line.runs;
        let [left, right] =
            [level.first_at.max(chart.from), level.last_at].map(|place| scale.x(place, &runs[place]));
        let stroke = Stroke::new(5.0, ink.series(0).gamma_multiply(0.18));
        ui.painter().hline(left..=right, scale.y(level.value), stroke);
    }
}

/// A line down between the runs on both sides of each change, with how far it moved; a hollow mark is provisional.
///
/// Returns the change that the pointer is at, and whether it is upon its words.
fn changes_ui(
    ui: &Ui,
    ink: &Colors,
    chart: &TrendChart<'_>,
    scale: &Scale,
    pointer: Option<Pos2>,
) -> Option<(usize, bool)> {
    let mut pointed = None;
    let runs = &chart.line.runs;
    for (number, change) in chart.line.changes.iter().enumerate() {
        if change.before_at < chart.from {
            continue;
        }
        let [before, after] = [change.before_at, change.after_at].map(|at| scale.x(at, &runs[at]));
        let x = (before + after) / 2.0;
        let color = if change.is_worse { ink.fail } else { ink.ok };
        let (top, bottom) = (scale.plot.top(), scale.plot.bottom());
        let stroke = Stroke::new(1.2, color);
        if change.is_provisional {
            ui.painter().extend(Shape::dashed_line(
                &[pos2(x, top + 18.0), pos2(x, bottom)],
                stroke,
                3.0,
                3.0,
            ));
        } else {
            ui.painter().vline(x, top + 18.0..=bottom, stroke);
        }
        let ground = change_plate(ui, ink, scale, (x, change.words.clone()), (color, change.is_provisional));
        let Some(at) = pointer else { continue };
        if ground.contains(at) {
            pointed = Some((number, true));
        } else if (at.x - x).abs() < 5.0 && (top..=bottom).contains(&at.y) && pointed.is_none() {
            pointed = Some((number, false));
        }
    }
    pointed
}

/// How far a change moved, above its line; returns where it stands.
fn change_plate(
    ui: &Ui,
    ink: &Colors,
    scale: &Scale,
    (x, words): (f32, String),
    (color, is_provisional): (Color32, bool),
) -> Rect {
    let ink_of_words = if is_provisional { color } else { ink.card };
    let font = theme::font(size::FINE, Weight::SemiBold);
    let galley = ui.painter().layout_no_wrap(words, font, ink_of_words);
    let size = galley.size() + vec2(12.0, 4.0);
    let left = (x - size.x / 2.0).clamp(scale.plot.left(), scale.plot.right() - size.x);
    let ground = Rect::from_min_size(pos2(left, scale.plot.top()), size);
    let fill = if is_provisional { ink.card } else { color };
    ui.painter().rect(ground, 8.0, fill, Stroke::new(1.2, color), StrokeKind::Inside);
    ui.painter().galley(ground.min + vec2(6.0, 2.0), galley, ink_of_words);
    ground
}

fn points_ui(ui: &Ui, ink: &Colors, chart: &TrendChart<'_>, scale: &Scale) {
    let spacing = scale.plot.width() / scale.n_shown.max(1) as f32;
    for (place, run) in chart.line.runs.iter().enumerate().skip(chart.from) {
        let Some(at) = scale.at(place, run) else { continue };
        let is_chosen = run.setup == chart.line.chosen;
        // Where points would run into one another, only those that say something stand out.
        if spacing < 5.0 && is_chosen && !run.is_outlier && !run.is_baseline && run.unfit.is_none() {
            continue;
        }
        let color = if is_chosen { ink.series(0) } else { ink.muted };
        if run.unfit.is_some() {
            cross_ui(ui, at, ink.muted);
        } else if is_chosen {
            ui.painter().circle_filled(at, POINT, color);
        } else {
            ui.painter().circle(at, POINT, ink.card, Stroke::new(1.2, color));
        }
        if run.is_outlier {
            ui.painter().circle_stroke(at, POINT + 4.0, Stroke::new(1.6, ink.warn));
        }
        if run.is_baseline && is_chosen {
            ui.painter().circle_stroke(at, POINT + 2.5, Stroke::new(1.6, ink.accent_text));
        }
    }
}

fn cross_ui(ui: &Ui, at: Pos2, color: Color32) {
    let stroke = Stroke::new(1.4, color);
    ui.painter().line_segment([at - vec2(3.0, 3.0), at + vec2(3.0, 3.0)], stroke);
    ui.painter().line_segment([at - vec2(3.0, -3.0), at + vec2(3.0, -3.0)], stroke);
}

/// The run whose point is nearest to the pointer in a straight line across, and near enough.
fn nearest(chart: &TrendChart<'_>, scale: &Scale, at: Pos2) -> Option<usize> {
    if !scale.plot.expand(6.0).contains(at) {
        return None;
    }
    let runs = chart.line.runs.iter().enumerate().skip(chart.from);
    let near = runs.filter_map(|(place, run)| {
        let point = scale.at(place, run)?;
        Some((place, (point.x - at.x).abs(), (point.y - at.y).abs()))
    });
    let nearest =
        near.min_by(|a, b| (a.1, a.2).partial_cmp(&(b.1, b.2)).unwrap_or(std::cmp::Ordering::Equal));
    nearest.filter(|(_, across, _)| *across < REACH).map(|(place, _, _)| place)
}

/// What is known of a run, beside its point.
fn readout_ui(ui: &Ui, ink: &Colors, chart: &TrendChart<'_>, scale: &Scale, place: usize) {
    let run = &chart.line.runs[place];
    let Some(at) = scale.at(place, run) else { return };
    ui.painter().vline(at.x, scale.plot.y_range(), Stroke::new(1.0, ink.border_strong));
    ui.painter().circle(at, POINT + 1.5, ink.series(0), Stroke::new(1.5, ink.card));
    plate(
        ui.painter(),
        ink,
        scale.plot,
        pos2(at.x + 6.0, (at.y - 74.0).max(scale.plot.top() + HEAD)),
        run_words(chart, run),
    );
}

/// A run in a few lines.
pub fn run_words(chart: &TrendChart<'_>, run: &TrendRun) -> String {
    let unit = chart.metric.unit();
    let value = run.value.map_or_else(|| humanize::MISSING.to_owned(), |value| unit.text(value));
    let mut lines = vec![
        run.title.clone(),
        humanize::moment(run.started_at_unix_millis),
        format!("{} {value}, {}", chart.metric.name(), run.window),
    ];
    if let (Some((run_id, base)), Some(value)) = (chart.line.baseline, run.value)
        && base > 0.0
        && run_id != run.run_id
    {
        lines.push(format!("{} against the baseline", humanize::change(value / base - 1.0)));
    }
    lines.extend(run.verdict.map(|verdict| verdict.name().to_owned()));
    let marks = [
        run.is_baseline.then_some("baseline"),
        run.is_outlier.then_some("outlier: far from the other runs"),
        (run.setup != chart.line.chosen).then_some("another set-up"),
        run.unfit,
    ];
    lines.extend(marks.into_iter().flatten().map(str::to_owned));
    lines.join("\n")
}

/// Left and right go from run to run, Enter opens the run.
fn keys(ui: &Ui, response: &Response, chart: &TrendChart<'_>, cursor: &mut Option<usize>) -> Option<Wish> {
    if !response.has_focus() || chart.line.runs.is_empty() {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let (first, last) = (chart.from, chart.line.runs.len() - 1);
    let present = cursor.unwrap_or(last).clamp(first, last);
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    *cursor = Some(if pressed(Key::ArrowLeft) {
        present.saturating_sub(1).max(first)
    } else if pressed(Key::ArrowRight) {
        (present + 1).min(last)
    } else if pressed(Key::Home) {
        first
    } else if pressed(Key::End) {
        last
    } else {
        present
    });
    pressed(Key::Enter).then(|| Wish::Open(cursor.unwrap_or(present)))
}
