//! The handles of the points: dragged, clicked, focused.

use egui::{CursorIcon, Rect, Response, Sense, Ui, WidgetInfo, accesskit::Role};

use super::{Canvas, CanvasView, Held, axes::time_words, decimate::with_room, point_id};
use crate::{
    app::design::snap::snapped,
    humanize,
    model::{
        LoadProfile,
        profile::edit::{Point, move_point, points, remove_point},
    },
};

/// How near to a point the pointer holds it.
const REACH: f32 = 22.0;
/// Points closer than this, in pixels, show a handle only near the pointer or the selection.
const LEAST_DISTANCE: f32 = 9.0;
/// This near to the pointer all points show.
const NEAR: f32 = 6.0;
/// Points that are closer than this on average leave no room for handles.
const LEAST_SPACING: f32 = 4.0;
/// So far around the pointer handles show even then.
const AROUND: f32 = 60.0;

/// A point with the widget that holds it.
pub(super) struct Handle {
    pub index: usize,
    pub response: Response,
}

pub(super) fn handles_ui(
    ui: &mut Ui,
    view: &mut CanvasView,
    profile: &mut LoadProfile,
    canvas: &Canvas,
) -> Vec<Handle> {
    let all = points(profile);
    let mut handles = Vec::new();
    let mut removed = None;
    for (index, at) in shown(ui, view, canvas, &all) {
        let response = widget(ui, profile, index, all[index], at);
        if clicked(ui, view, &response, index) {
            removed = Some(index);
        }
        dragged(ui, view, profile, canvas, (index, all[index], &response));
        handles.push(Handle { index, response });
    }
    if let Some(index) = removed {
        remove(ui, view, profile, index);
        // Their numbers have moved on; the next frame has the new ones.
        handles.clear();
    }
    handles
}

/// The points that have room for a handle, and those that matter: selected with its neighbours, near the pointer.
fn shown(ui: &Ui, view: &CanvasView, canvas: &Canvas, all: &[Point]) -> Vec<(usize, egui::Pos2)> {
    let first = all.partition_point(|point| point.secs < canvas.extent.from);
    let end = all.partition_point(|point| point.secs <= canvas.extent.until);
    let matters = |index: usize| view.selected.is_some_and(|selected| selected.abs_diff(index) <= 1);
    let pointer = ui.input(|input| input.pointer.hover_pos());
    let is_near =
        |at: egui::Pos2, distance: f32| pointer.is_some_and(|pointer| pointer.distance(at) < distance);
    // Where hardly any point has room, handles would hide the curve: they show around the pointer.
    let is_crowded = (end - first.min(end)) as f32 * LEAST_SPACING > canvas.frame().width();
    let is_shown = |index: usize, at: egui::Pos2| {
        !is_crowded || index == first || index + 1 == end || is_near(at, AROUND) || matters(index)
    };
    let positions = all
        .iter()
        .enumerate()
        .filter(|(index, _)| (first..end).contains(index) || matters(*index))
        .map(|(index, point)| (index, canvas.position(*point)))
        .filter(|(index, at)| is_shown(*index, *at));
    with_room(positions, LEAST_DISTANCE, |index, at| matters(index) || is_near(at, NEAR))
}

fn widget(ui: &Ui, profile: &LoadProfile, index: usize, point: Point, at: egui::Pos2) -> Response {
    let id = point_id(index);
    let rect = Rect::from_center_size(at, egui::Vec2::splat(REACH));
    let response = ui.interact(rect, id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::Grab);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Point {}", index + 1)));
    let words = point_words(point, profile.model.is_open());
    ui.ctx().accesskit_node_builder(id, |node| node.set_value(words));
    response
}

pub(super) fn point_words(point: Point, is_open: bool) -> String {
    format!("{}, {}", time_words(point.secs), humanize::level(point.level, is_open))
}

/// Returns whether the point is to be removed.
fn clicked(ui: &Ui, view: &mut CanvasView, response: &Response, index: usize) -> bool {
    if response.clicked() || response.drag_started() || response.gained_focus() {
        view.select(index);
    }
    if response.double_clicked() {
        view.double_click(index);
        return false;
    }
    if response.clicked() || response.drag_started() {
        view.just_added = None;
        response.request_focus();
    }
    // A click that Enter or Space makes has no pointer behind it.
    response.clicked() && ui.input(|input| input.pointer.any_click() && input.modifiers.command)
}

fn dragged(
    ui: &Ui,
    view: &mut CanvasView,
    profile: &mut LoadProfile,
    canvas: &Canvas,
    (index, point, response): (usize, Point, &Response),
) {
    if response.drag_started() {
        view.held = Some(Held { extent: canvas.extent, has_moved: false });
        view.just_added = None;
    }
    let Some(pointer) = response.interact_pointer_pos() else { return };
    if view.held.is_none() || !(response.dragged() || response.drag_stopped()) {
        return;
    }
    let modifiers = ui.input(|input| input.modifiers);
    let frame = canvas.frame();
    let to = canvas.point(pointer.clamp(frame.min, frame.max));
    let before = profile.stages[index].clone();
    let (time_grain, level_grain) = view.grains(canvas.extent, profile.model.is_open());
    let to = Point {
        secs: if modifiers.shift { point.secs } else { snapped(to.secs, time_grain) },
        level: if modifiers.alt { point.level } else { snapped(to.level, level_grain).max(0.0) },
    };
    move_point(profile, index, to, view.behind());
    if let Some(held) = &mut view.held {
        held.has_moved |= profile.stages[index] != before;
    }
}

/// Removes a point and puts the focus on its neighbour.
pub(super) fn remove(ui: &Ui, view: &mut CanvasView, profile: &mut LoadProfile, index: usize) {
    remove_point(profile, index);
    view.selected = None;
    match profile.stages.len().checked_sub(1) {
        Some(last) => view.focus_point(index.min(last)),
        None => ui.memory_mut(|memory| memory.surrender_focus(point_id(index))),
    }
}
