//! What the pointer does on the canvas beside the handles: adds points, selects bands, zooms, and lets axes grow.

use egui::{Key, PointerButton, Pos2, Rect, Ui};

use super::{Canvas, CanvasView, paint::STRIP};
use crate::{
    app::design::snap::snapped,
    model::{
        LoadProfile,
        profile::edit::{Point, Span, add_point, points},
    },
};

impl CanvasView {
    /// Puts the focus on a point, in sight.
    pub(super) fn focus_point(&mut self, index: usize) {
        self.show(index);
        self.focus_next = Some(index);
    }

    /// A double click on a stage names it. Its first click may have added a point, which is taken back.
    pub(super) fn double_click(&mut self, index: usize) {
        self.takes_back = self.just_added.take().is_some();
        self.rename(index);
    }
}

/// A click on the strip of names selects; below it, it adds a point. A double click names the stage, or shows all
/// of the time axis where no stage is.
pub(super) fn clicked(ui: &Ui, view: &mut CanvasView, profile: &mut LoadProfile, canvas: &Canvas) {
    let response = &canvas.response;
    let Some(at) = response.interact_pointer_pos().filter(|at| canvas.frame().contains(*at)) else { return };
    if !response.clicked() || !ui.input(|input| input.pointer.any_click()) {
        return;
    }
    let point = canvas.point(at);
    if response.double_clicked() {
        double_clicked(view, profile, point.secs);
    } else if at.y < canvas.frame().top() + STRIP {
        view.just_added = None;
        if let Some(band) = band_at(profile, point.secs) {
            view.focus_point(band);
        }
    } else {
        let (time, level) = view.grains(canvas.extent, profile.model.is_open());
        let snapped = Point { secs: snapped(point.secs, time).max(time), level: snapped(point.level, level) };
        match add_point(profile, snapped) {
            Some(index) => {
                view.just_added = Some((index, point.secs));
                view.focus_point(index);
            }
            None => view.say("There is no room for one more stage here.", true),
        }
    }
}

fn double_clicked(view: &mut CanvasView, profile: &LoadProfile, secs: f64) {
    match view.just_added {
        // The point was added behind the end, where there is no stage to name.
        Some((index, _)) if index + 1 == profile.stages.len() => {
            view.just_added = None;
            view.takes_back = true;
            view.show_all();
        }
        Some((index, _)) => view.double_click(index),
        None => match band_at(profile, secs) {
            Some(band) => view.double_click(band),
            None => view.show_all(),
        },
    }
}

/// The stage at a time.
fn band_at(profile: &LoadProfile, secs: f64) -> Option<usize> {
    let index = points(profile).partition_point(|point| point.secs <= secs);
    (secs >= 0.0 && index < profile.stages.len()).then_some(index)
}

/// Notes the stage under the pointer.
pub(super) fn hovered(ui: &Ui, view: &mut CanvasView, spans: &[Span], canvas: &Canvas) {
    let Some(at) = ui.input(|input| input.pointer.hover_pos()) else { return };
    if !canvas.frame().contains(at) || !ui.rect_contains_pointer(canvas.frame()) {
        return;
    }
    let secs = canvas.point(at).secs;
    let index = spans.partition_point(|span| span.to.secs <= secs);
    if secs >= 0.0 && index < spans.len() {
        view.hover(index);
    }
}

/// Ctrl and wheel zoom the time axis, a sideways wheel or the middle button moves it. The plain wheel is the page's.
pub(super) fn wheel(ui: &Ui, view: &mut CanvasView, canvas: &Canvas, whole: f64) {
    let frame = canvas.frame();
    let Some(at) = ui.input(|input| input.pointer.hover_pos()).filter(|at| frame.contains(*at)) else {
        return;
    };
    if !ui.rect_contains_pointer(frame) {
        return;
    }
    let secs_per_pixel = canvas.extent.length() / f64::from(frame.width());
    let (zoom, scroll, dragged) = ui.input(|input| {
        let dragged =
            if input.pointer.button_down(PointerButton::Middle) { input.pointer.delta().x } else { 0.0 };
        (input.zoom_delta(), input.smooth_scroll_delta().x, dragged)
    });
    if zoom != 1.0 {
        view.zoom_around(whole, canvas.point(at).secs, 1.0 / f64::from(zoom));
    }
    if scroll + dragged != 0.0 {
        view.pan_by(whole, -f64::from(scroll + dragged) * secs_per_pixel);
    }
}

/// While a point is held beyond the edge the axes grow; when it is let go they settle.
pub(super) fn end_drag(ui: &Ui, view: &mut CanvasView) {
    if view.held.is_some() && !ui.input(|input| input.pointer.any_down()) {
        if view.zoom.is_some() {
            view.zoom = view.held.map(|held| (held.extent.from, held.extent.until));
        }
        view.held = None;
    }
}

/// Escape puts a point that is being dragged back where it was.
pub(super) fn put_back(ui: &Ui, view: &mut CanvasView) {
    if view.held.is_some() && ui.input(|input| input.key_pressed(Key::Escape)) {
        // The whole drag so far is one edit.
        view.takes_back = view.held.take().is_some_and(|held| held.has_moved);
    }
}

/// By what part of their length axes grow in `secs` towards a pointer beyond the frame: right, left and up.
pub(in crate::app) fn growth(frame: Rect, pointer: Pos2, secs: f64) -> [f64; 3] {
    /// Part of the axis that is added per second and pixel beyond the edge.
    const SPEED: f64 = 0.02;
    /// The edge begins this far within the frame.
    const EDGE: f32 = 10.0;
    let frame = frame.shrink(EDGE);
    let beyond = |pixels: f32| f64::from(pixels.clamp(0.0, 60.0)) * SPEED * secs;
    [beyond(pointer.x - frame.right()), beyond(frame.left() - pointer.x), beyond(frame.top() - pointer.y)]
}

/// Lets the held axes grow towards a pointer beyond the frame.
pub(super) fn grow(ui: &Ui, view: &mut CanvasView, canvas: &Canvas) {
    let (pointer, secs) = ui.input(|input| (input.pointer.latest_pos(), f64::from(input.stable_dt.min(0.1))));
    let (Some(pointer), Some(held)) = (pointer, view.held.as_mut().map(|held| &mut held.extent)) else {
        return;
    };
    let [right, left, up] = growth(canvas.frame(), pointer, secs);
    let (right, left, up) = (right * held.length(), (left * held.length()).min(held.from), up * held.level);
    if right + left + up <= 0.0 {
        return;
    }
    // A stretch that is zoomed into moves on, so that its scale stays.
    held.until += right;
    if view.zoom.is_some() {
        held.from += right;
        held.from -= left;
        held.until -= left;
    }
    held.level += up;
    ui.ctx().request_repaint();
}
