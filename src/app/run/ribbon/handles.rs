//! The pointer on the ribbon: handles of stages not yet reached are dragged, a drag elsewhere selects.

use egui::{CursorIcon, Id, Key, Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, accesskit::Role};

use super::{Canvas, Draft, Extent, Held, RibbonView, Standing, words::point_words};
use crate::{
    app::{
        charts::ChartGroup,
        command::Commands,
        design::{growth, snap::snapped, with_room},
        run::sight::Sight,
    },
    humanize,
    model::profile::edit::{Behind, Point},
};

/// How near to a point the pointer holds it.
const REACH: f32 = 20.0;
/// Points closer than this, in pixels, show a handle only near the pointer or with the focus.
const LEAST_DISTANCE: f32 = 10.0;
const NEAR: f32 = 6.0;

/// The end of a stage with the widget that holds it.
pub struct Handle {
    pub index: usize,
    pub at: Pos2,
    pub response: Response,
}

/// The widget of a point, by which it is focused.
pub fn point_id(index: usize) -> Id {
    Id::unique(("ribbon point", index))
}

pub fn handles_ui(
    ui: &mut Ui,
    view: &mut RibbonView,
    sight: &Sight<'_>,
    canvas: &Canvas,
    commands: &mut Commands,
) -> Vec<Handle> {
    if view.held.is_some() && ui.input(|input| input.key_pressed(Key::Escape)) {
        put_back(view);
    }
    let mut handles = Vec::new();
    for (index, at) in shown(ui, view, sight, canvas) {
        let response = widget(ui, view, sight, index, at);
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        dragged(ui, view, sight, canvas, (index, at, &response));
        response.context_menu(|ui| menu_ui(ui, view, sight, index));
        handles.push(Handle { index, at, response });
    }
    // Not by the widget: a point that is reached while it is held has none any more.
    if !ui.input(|input| input.pointer.any_down()) {
        let_go(ui, view, commands);
    }
    grow(ui, view, canvas);
    handles
}

/// The ends of stages that are not reached, where there is room, as they are drawn.
fn shown(ui: &Ui, view: &RibbonView, sight: &Sight<'_>, canvas: &Canvas) -> Vec<(usize, Pos2)> {
    let present = sight.plan.stage_at(sight.elapsed);
    let all: Vec<Point> = match view.drawn(sight) {
        Some(drawn) => drawn.points(),
        None => {
            let end = |stage: &crate::model::PlannedStage| Point {
                secs: stage.end.as_secs_f64(),
                level: stage.end_level,
            };
            sight.plan.stages().iter().map(end).collect()
        }
    };
    let pointer = ui.input(|input| input.pointer.hover_pos());
    let held = view.held.as_ref().map(|held| held.index);
    let focused = ui.memory(egui::Memory::focused);
    let matters = |index: usize, at: Pos2| {
        held == Some(index)
            || focused == Some(point_id(index))
            || pointer.is_some_and(|pointer| pointer.distance(at) < NEAR)
    };
    let positions = all.into_iter().map(|point| canvas.position(point)).enumerate().skip(present);
    with_room(positions, LEAST_DISTANCE, matters)
}

fn widget(ui: &Ui, view: &RibbonView, sight: &Sight<'_>, index: usize, at: Pos2) -> Response {
    let id = point_id(index);
    let rect = Rect::from_center_size(at, Vec2::splat(REACH));
    let response = ui.interact(rect, id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::Grab);
    let (name, words) = match view.drawn(sight) {
        Some(drawn) => {
            let name = drawn.profile().stages.get(index).map(|stage| stage.name.clone());
            let point = drawn.point(index);
            let is_open = sight.plan.is_open();
            let words = point.map(|point| {
                let at = humanize::clock(std::time::Duration::from_secs_f64(point.secs.max(0.0)));
                format!("{} at {at}, not in force yet", humanize::level(point.level, is_open))
            });
            (name, words)
        }
        None => {
            let name = sight.plan.stages().get(index).map(|stage| stage.name.clone());
            (name, Some(point_words(sight.plan, index)))
        }
    };
    let name = format!("End of {}", name.unwrap_or_default());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    ui.ctx().accesskit_node_builder(id, |node| node.set_value(words.unwrap_or_default()));
    response
}

fn dragged(
    ui: &Ui,
    view: &mut RibbonView,
    sight: &Sight<'_>,
    canvas: &Canvas,
    (index, at, response): (usize, Pos2, &Response),
) {
    if response.drag_started() {
        let pressed = ui.input(|input| input.pointer.press_origin());
        view.held = Some(Held {
            index,
            before: view.begun(sight),
            was_pending: view.standing() == Some(Standing::Pending),
            extent: canvas.extent,
            offset: pressed.map_or(Vec2::ZERO, |pressed| at - pressed),
        });
    }
    let Some(held) = view.held.as_ref().filter(|held| held.index == index) else { return };
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let modifiers = ui.input(|input| input.modifiers);
    let Some(from) = held.before.point(index) else { return };
    let to = canvas.point(pointer + held.offset);
    let (time_grain, level_grain) = canvas.extent.grains(sight.plan.is_open());
    let to = Point {
        secs: if modifiers.shift { from.secs } else { snapped(to.secs, time_grain) },
        level: if modifiers.alt { from.level } else { snapped(to.level, level_grain).max(0.0) },
    };
    let behind = if modifiers.command { Behind::Stays } else { Behind::Moves };
    // From where it was before the drag, so that nothing is left of places it only passed through.
    let mut redraw = held.before.clone();
    redraw.move_point(index, to, behind, sight.elapsed);
    view.draft = Some(Draft { redraw, standing: Standing::Held });
}

/// The drag has ended: it is ordered at once, unless it went on with something that waits to be applied.
fn let_go(ui: &Ui, view: &mut RibbonView, commands: &mut Commands) {
    let Some(held) = view.held.take() else { return };
    let Some(draft) = view.draft.take().filter(|draft| draft.redraw.is_changed()) else { return };
    view.draw(draft.redraw);
    if !held.was_pending {
        view.send(ui.input(|input| input.time), commands);
        // With the focus its readout would stay.
        ui.memory_mut(|memory| memory.surrender_focus(point_id(held.index)));
    }
}

/// What was drawn before the drag is all that stays.
fn put_back(view: &mut RibbonView) {
    if let Some(held) = view.held.take() {
        view.draft = None;
        if held.was_pending {
            view.draw(held.before);
        }
    }
}

/// Lets the held axes grow towards a pointer beyond the edge.
fn grow(ui: &Ui, view: &mut RibbonView, canvas: &Canvas) {
    let Some(held) = &mut view.held else { return };
    let (pointer, secs) = ui.input(|input| (input.pointer.latest_pos(), f64::from(input.stable_dt.min(0.1))));
    let Some(pointer) = pointer else { return };
    // The clock below belongs to the window, and so does the strip of names: the edge is that of the curves.
    let [right, _, up] = growth(canvas.plot, pointer, secs);
    if right + up > 0.0 {
        let Extent { until, level } = &mut held.extent;
        *until *= 1.0 + right;
        *level *= 1.0 + up;
        ui.ctx().request_repaint();
    }
}

fn menu_ui(ui: &mut Ui, view: &mut RibbonView, sight: &Sight<'_>, index: usize) {
    ui.set_min_width(220.0);
    if ui.button("Add a stage behind it").clicked() {
        insert(view, sight, index);
        ui.close();
    }
    let is_present = index <= sight.plan.stage_at(sight.elapsed);
    let button = ui.add_enabled(!is_present, egui::Button::new("Drop this stage"));
    if button.on_disabled_hover_text("The run is in this stage; skip it to end it now").clicked() {
        remove(view, sight, index);
        ui.close();
    }
}

/// Draws a stage behind a stage, and puts the focus on it.
pub fn insert(view: &mut RibbonView, sight: &Sight<'_>, index: usize) {
    let mut redraw = view.begun(sight);
    let last = sight.plan.stages().last().map_or(10.0, |stage| (stage.end - stage.start).as_secs_f64());
    match redraw.insert_behind(index, last.max(1.0)) {
        Some(added) => {
            view.draw(redraw);
            view.focus_next = Some(added);
        }
        None => view.said = Some("There is no room for one more stage here".to_owned()),
    }
}

/// Draws the run without a stage, and puts the focus on its neighbour.
pub fn remove(view: &mut RibbonView, sight: &Sight<'_>, index: usize) {
    if index <= sight.plan.stage_at(sight.elapsed) {
        view.said = Some("The run is in this stage; skip it to end it now".to_owned());
        return;
    }
    let mut redraw = view.begun(sight);
    redraw.remove(index);
    let last = redraw.profile().stages.len().saturating_sub(1);
    view.draw(redraw);
    view.focus_next = Some(index.min(last));
}

/// Moves the crosshair of all charts; a drag selects a stretch as on them, a double click ends that.
pub fn select(ui: &Ui, view: &mut RibbonView, group: &mut ChartGroup, response: &Response, canvas: &Canvas) {
    if response.double_clicked() {
        group.clear_selection();
        return;
    }
    let (pointer, pressed) = ui.input(|input| (input.pointer.latest_pos(), input.pointer.press_origin()));
    let here = pointer.map(|pointer| canvas.secs(pointer.x));
    if response.drag_started() {
        view.selecting_from = pressed.map(|pressed| canvas.secs(pressed.x));
    }
    let Some(here) = here.filter(|_| response.hovered() || response.dragged() || response.drag_stopped())
    else {
        return;
    };
    group.point_at(here);
    if let (Some(from), true) = (view.selecting_from, response.dragged() || response.drag_stopped()) {
        group.select(from, here);
    }
    if response.drag_stopped() {
        view.selecting_from = None;
    }
}
