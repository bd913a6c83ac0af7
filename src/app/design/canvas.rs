//! The canvas: the load profile as a curve whose points can be dragged.

use std::time::Duration;

use egui::{
    Align2, Color32, CursorIcon, EventFilter, FontId, Id, Key, Modifiers, Pos2, Rect, Response, Sense, Shape,
    Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role,
};
use egui_plot::{AxisHints, GridMark, Plot, PlotBounds, PlotPoint, PlotTransform};

use super::{
    profile_edit::{
        Behind, Point, add_point, move_point, peak, points, remove_point, stage_start, start_level,
    },
    snap::{level_step, marks, snapped, time_step},
};
use crate::{
    app::theme::{self, Colors, Weight, size, space},
    humanize,
    model::LoadProfile,
};

const HANDLE: f32 = 5.5;
const HANDLE_REACH: f32 = 22.0;
/// The strip of names above the bands.
const STRIP: f32 = 22.0;

/// What the canvas shows.
#[derive(Debug)]
pub struct CanvasView {
    pub selected: Option<usize>,
    pub snaps: bool,
    pub ripples: bool,
    /// Held while a point is dragged, as axes that move under the pointer cannot be aimed at.
    frozen: Option<Extent>,
    /// A stage whose name the table is to put the cursor into.
    pub rename: Option<usize>,
}

/// How far the axes reach.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    secs: f64,
    level: f64,
}

impl Default for CanvasView {
    fn default() -> Self {
        Self { selected: None, snaps: true, ripples: false, frozen: None, rename: None }
    }
}

impl CanvasView {
    /// Drops a selection that no longer exists.
    pub fn settle(&mut self, n_stages: usize) {
        self.selected = self.selected.filter(|index| *index < n_stages);
    }

    fn steps(&self, extent: Extent, is_open: bool) -> (f64, f64) {
        if !self.snaps {
            return (0.1, if is_open { 0.1 } else { 1.0 });
        }
        let level = level_step(extent.level / 60.0);
        (time_step(extent.secs / 150.0), if is_open { level } else { level.max(1.0) })
    }
}

impl Extent {
    fn of(profile: &LoadProfile) -> Self {
        let secs = profile.duration().as_secs_f64().max(10.0) * 1.1;
        let least = if profile.model.is_open() { 2.0 } else { 4.0 };
        Self { secs, level: peak(profile).max(least) * 1.25 }
    }
}

pub fn canvas_ui(ui: &mut Ui, view: &mut CanvasView, profile: &mut LoadProfile, height: f32) {
    view.settle(profile.stages.len());
    let extent = view.frozen.unwrap_or_else(|| Extent::of(profile));
    let plot = plot_ui(ui, extent, profile.model.is_open(), height);
    let canvas = Canvas { transform: plot.transform, colors: theme::colors(ui), extent };
    name_canvas(&plot.response, profile);
    canvas.paint_bands(ui, profile, view.selected);
    canvas.paint_curve(ui, profile);
    if profile.stages.is_empty() {
        canvas.paint_invitation(ui);
    }
    empty_canvas_clicked(view, profile, &canvas, &plot.response);
    let mut removed = None;
    for index in 0..profile.stages.len() {
        if handle_ui(ui, view, profile, &canvas, index) {
            removed = Some(index);
        }
    }
    if let Some(index) = removed {
        remove_point(profile, index);
        view.selected = None;
    }
    if view.frozen.is_some() && ui.input(|input| !input.pointer.any_down()) {
        view.frozen = None;
    }
}

fn plot_ui(ui: &mut Ui, extent: Extent, is_open: bool, height: f32) -> egui_plot::PlotResponse<()> {
    let x_step = time_step(extent.secs / 9.0);
    let y_step = level_step(extent.level / 6.0);
    let muted = theme::colors(ui).muted;
    let font = theme::font(size::SMALL, Weight::Regular);
    let axis = move |hints: AxisHints<'static>| hints.tick_label_color(muted).tick_label_font(font.clone());
    let spacer = move |step: f64, max: f64| -> Vec<GridMark> {
        marks(step, max).map(|value| GridMark { value, step_size: step }).collect()
    };
    Plot::new("load profile")
        .height(height)
        .sense(Sense::click())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_crosshair(false)
        .grid_color(theme::colors(ui).grid)
        .grid_fade(0.0)
        .set_margin_fraction(egui::Vec2::ZERO)
        .x_grid_spacer(move |_| spacer(x_step, extent.secs))
        .y_grid_spacer(move |_| spacer(y_step, extent.level))
        .custom_x_axes(vec![axis(AxisHints::new_x()).formatter(|mark, _| time_words(mark.value))])
        .custom_y_axes(vec![
            axis(AxisHints::new_y())
                .formatter(move |mark, _| humanize::level(mark.value, is_open))
                .min_thickness(64.0),
        ])
        .label_formatter(|_| None)
        .show(ui, |plot| {
            // Room below and left of zero, so that points on the axes can be seen and held whole.
            let least = [-0.012 * extent.secs, -0.05 * extent.level];
            plot.set_plot_bounds(PlotBounds::from_min_max(least, [extent.secs, extent.level]));
        })
}

fn time_words(secs: f64) -> String {
    humanize::span(Duration::try_from_secs_f64(secs.max(0.0)).unwrap_or_default())
}

fn name_canvas(response: &Response, profile: &LoadProfile) {
    let sentence = format!(
        "Load profile: {} stages in {}, peak {}",
        profile.stages.len(),
        humanize::span(profile.duration()),
        humanize::level(peak(profile), profile.model.is_open())
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &sentence));
}

fn empty_canvas_clicked(
    view: &mut CanvasView,
    profile: &mut LoadProfile,
    canvas: &Canvas<'_>,
    response: &Response,
) {
    let Some(at) = response.interact_pointer_pos() else { return };
    let frame = canvas.transform.frame();
    if !frame.contains(at) {
        return;
    }
    let value = canvas.transform.value_from_position(at);
    if at.y < frame.top() + STRIP {
        let band = band_at(profile, value.x);
        if response.clicked() {
            view.selected = band;
        }
        if response.double_clicked() {
            view.rename = band;
        }
    } else if response.clicked() {
        let (time, level) = view.steps(canvas.extent, profile.model.is_open());
        let at = Point { secs: snapped(value.x, time).max(time), level: snapped(value.y, level) };
        view.selected = Some(add_point(profile, at));
    }
}

fn band_at(profile: &LoadProfile, secs: f64) -> Option<usize> {
    points(profile).iter().position(|point| secs < point.secs)
}

/// One draggable point; returns whether it is to be removed.
fn handle_ui(
    ui: &mut Ui,
    view: &mut CanvasView,
    profile: &mut LoadProfile,
    canvas: &Canvas<'_>,
    index: usize,
) -> bool {
    let Some(point) = points(profile).get(index).copied() else { return false };
    let is_open = profile.model.is_open();
    let at = canvas.position(point);
    let id = Id::unique(("profile point", index));
    let response = ui
        .interact(Rect::from_center_size(at, egui::Vec2::splat(HANDLE_REACH)), id, Sense::click_and_drag())
        .on_hover_cursor(CursorIcon::Grab);
    let words = format!("{}, {}", time_words(point.secs), humanize::level(point.level, is_open));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Point {}", index + 1)));
    ui.ctx().accesskit_node_builder(id, |node| node.set_value(words.clone()));
    let modifiers = ui.input(|input| input.modifiers);
    if response.clicked() || response.drag_started() || response.gained_focus() {
        view.selected = Some(index);
    }
    if response.clicked() {
        response.request_focus();
        if modifiers.command {
            return true;
        }
    }
    if response.drag_started() {
        view.frozen = Some(canvas.extent);
    }
    if (response.dragged() || response.drag_stopped())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let value = canvas.transform.value_from_position(pointer);
        let (time_grain, level_grain) = view.steps(canvas.extent, is_open);
        let to = Point {
            secs: if modifiers.shift { point.secs } else { snapped(value.x, time_grain) },
            level: if modifiers.alt { point.level } else { snapped(value.y, level_grain).max(0.0) },
        };
        move_point(profile, index, to, behind(view));
    }
    let is_selected = view.selected == Some(index);
    canvas.paint_handle(ui, index, at, is_selected, &response);
    if response.dragged() || response.hovered() || response.has_focus() {
        canvas.paint_hint(ui, at, &words);
    }
    response.has_focus() && handle_keys(ui, view, profile, canvas, index, id)
}

fn behind(view: &CanvasView) -> Behind {
    if view.ripples { Behind::Moves } else { Behind::Stays }
}

/// Arrows move the focused point (Shift: ten steps), Insert adds one behind it, Delete asks for its removal.
fn handle_keys(
    ui: &Ui,
    view: &CanvasView,
    profile: &mut LoadProfile,
    canvas: &Canvas<'_>,
    index: usize,
    id: Id,
) -> bool {
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let (time_grain, level_grain) = view.steps(canvas.extent, profile.model.is_open());
    let insert = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Insert));
    let (across, up, delete) = ui.input_mut(|input| {
        let times = if input.modifiers.shift { 10.0 } else { 1.0 };
        let modifiers = if input.modifiers.shift { Modifiers::SHIFT } else { Modifiers::NONE };
        let mut pressed = |key| f64::from(u8::from(input.consume_key(modifiers, key)));
        let across = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let up = pressed(Key::ArrowUp) - pressed(Key::ArrowDown);
        (across * times, up * times, input.consume_key(Modifiers::NONE, Key::Delete))
    });
    if across != 0.0 || up != 0.0 {
        let from = points(profile)[index];
        let to = Point {
            secs: snapped(from.secs + across * time_grain, time_grain.min(0.1)),
            level: (from.level + up * level_grain).max(0.0),
        };
        move_point(profile, index, to, behind(view));
    }
    if insert {
        insert_behind(profile, index, time_grain);
    }
    delete
}

/// Adds a point half-way to the next one, or a little after the last.
fn insert_behind(profile: &mut LoadProfile, index: usize, time_grain: f64) {
    let points = points(profile);
    let from = points[index];
    let at = match points.get(index + 1) {
        Some(next) => {
            Point { secs: f64::midpoint(from.secs, next.secs), level: f64::midpoint(from.level, next.level) }
        }
        None => Point { secs: from.secs + 10.0 * time_grain, level: from.level },
    };
    let level = if profile.model.is_open() { at.level } else { at.level.round() };
    add_point(profile, Point { level, ..at });
}

/// Paints upon the plot, in its coordinates.
struct Canvas<'a> {
    transform: PlotTransform,
    colors: &'a Colors,
    extent: Extent,
}

impl Canvas<'_> {
    fn position(&self, point: Point) -> Pos2 {
        self.transform.position_from_point(&PlotPoint::new(point.secs, point.level))
    }

    fn painter(&self, ui: &Ui) -> egui::Painter {
        ui.painter_at(self.transform.frame().expand(2.0))
    }

    fn font(&self, weight: Weight) -> FontId {
        theme::font(size::SMALL, weight)
    }

    fn paint_bands(&self, ui: &Ui, profile: &LoadProfile, selected: Option<usize>) {
        let painter = self.painter(ui);
        let frame = *self.transform.frame();
        let mut left = self.position(Point { secs: 0.0, level: 0.0 }).x;
        for (index, (stage, end)) in profile.stages.iter().zip(points(profile)).enumerate() {
            let right = self.position(end).x;
            let rect = Rect::from_x_y_ranges(left..=right, frame.y_range());
            let color = self.colors.band(index);
            let is_selected = selected == Some(index);
            painter.rect_filled(rect, 0.0, color.gamma_multiply(if is_selected { 0.16 } else { 0.05 }));
            painter.rect_filled(rect.with_max_y(frame.top() + 3.0), 0.0, color);
            painter.vline(right, frame.y_range(), Stroke::new(1.0, color.gamma_multiply(0.35)));
            let mut job = egui::text::LayoutJob::simple_singleline(
                stage.name.clone(),
                self.font(if is_selected { Weight::SemiBold } else { Weight::Medium }),
                color,
            );
            job.wrap = egui::text::TextWrapping::truncate_at_width((rect.width() - 10.0).max(0.0));
            let galley = painter.layout_job(job);
            if rect.width() > 44.0 {
                painter.galley(rect.left_top() + egui::vec2(5.0, 6.0), galley, color);
            }
            left = right;
        }
        if !profile.warm_up.is_zero() {
            self.paint_warm_up(&painter, profile, frame);
        }
    }

    fn paint_warm_up(&self, painter: &egui::Painter, profile: &LoadProfile, frame: Rect) {
        let warm_up = Point { secs: profile.warm_up.as_secs_f64(), level: 0.0 };
        let right = self.position(warm_up).x.min(frame.right());
        let line = [Pos2::new(right, frame.top() + STRIP), Pos2::new(right, frame.bottom())];
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, self.colors.muted), 4.0, 3.0));
        let at = Pos2::new(right + 4.0, frame.bottom() - 4.0);
        painter.text(at, Align2::LEFT_BOTTOM, "warm-up ends", self.font(Weight::Regular), self.colors.muted);
    }

    fn paint_curve(&self, ui: &Ui, profile: &LoadProfile) {
        let painter = self.painter(ui);
        let mut line: Vec<Pos2> = Vec::new();
        for (index, end) in points(profile).into_iter().enumerate() {
            let start =
                Point { secs: stage_start(profile, index).as_secs_f64(), level: start_level(profile, index) };
            let [from, to] = [self.position(start), self.position(end)];
            let floor = self.position(Point { secs: 0.0, level: 0.0 }).y;
            let mut area = vec![Pos2::new(from.x, floor), from, to, Pos2::new(to.x, floor)];
            // Equal corners make the outline of a polygon stick out.
            area.dedup();
            let fill = self.colors.band(index).gamma_multiply(0.2);
            painter.add(Shape::convex_polygon(area, fill, Stroke::NONE));
            line.extend([from, to]);
        }
        painter.add(Shape::line(line, Stroke::new(2.0, self.colors.accent_text)));
    }

    fn paint_invitation(&self, ui: &Ui) {
        self.painter(ui).text(
            self.transform.frame().center(),
            Align2::CENTER_CENTER,
            "Click where the load should be, or add a stage below",
            theme::font(size::BODY, Weight::Medium),
            self.colors.muted,
        );
    }

    fn paint_handle(&self, ui: &Ui, index: usize, at: Pos2, is_selected: bool, response: &Response) {
        let painter = self.painter(ui);
        let is_lit = is_selected || response.hovered() || response.has_focus();
        let radius = if is_lit { HANDLE + 1.5 } else { HANDLE };
        let color = self.colors.band(index);
        if is_lit {
            painter.circle_filled(at, radius + 5.0, color.gamma_multiply(0.25));
        }
        let fill = if is_selected { color } else { self.colors.card };
        painter.circle(at, radius, fill, Stroke::new(2.0, color));
    }

    fn paint_hint(&self, ui: &Ui, at: Pos2, words: &str) {
        let painter = ui.painter_at(self.transform.frame().expand(2.0));
        let galley =
            painter.layout_no_wrap(words.to_owned(), self.font(Weight::SemiBold), Color32::PLACEHOLDER);
        let frame = self.transform.frame();
        let size = galley.size() + egui::vec2(2.0 * space::S, space::S);
        let mut rect = Rect::from_center_size(at - egui::vec2(0.0, 30.0), size);
        if rect.top() < frame.top() {
            rect = rect.translate(egui::vec2(0.0, 60.0));
        }
        let shift = (frame.right() - rect.right()).min(0.0) + (frame.left() - rect.left()).max(0.0);
        let rect = rect.translate(egui::vec2(shift, 0.0));
        let border = Stroke::new(1.0, self.colors.border_strong);
        painter.rect(rect, 6.0, self.colors.card, border, StrokeKind::Inside);
        painter.galley(rect.min + egui::vec2(space::S, space::XS), galley, self.colors.text);
    }
}
