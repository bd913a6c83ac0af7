//! What pointer and keyboard do to a group of charts, whichever of them they are on.

use egui::{EventFilter, Key, Modifiers, Pos2, Response, Ui};
use egui_plot::PlotTransform;

use super::{
    ChartGroup,
    group::{SelectionPart, ZOOM_STEP},
};

/// Share of what is shown by which an arrow key moves it.
const PAN_STEP: f64 = 0.1;

/// Moves the crosshair; a drag selects or zooms, Ctrl and the wheel zoom, a double click shows everything.
pub fn pointer(ui: &Ui, group: &mut ChartGroup, response: &Response, transform: &PlotTransform) {
    let pointer = ui.input(|input| input.pointer.latest_pos());
    let at_secs = |group: &ChartGroup, position: Pos2| {
        let range = group.range();
        transform.value_from_position(position).x.clamp(*range.start(), *range.end())
    };
    let here = pointer.map(|position| at_secs(group, position));
    if response.double_clicked() {
        group.reset();
        return;
    }
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.drag_started()
        && let Some(origin) = ui.input(|input| input.pointer.press_origin())
    {
        let extends = group.drag_selects && ui.input(|input| input.modifiers.shift);
        group.begin_drag(at_secs(group, origin), extends);
    }
    let Some(here) = here else {
        if response.drag_stopped() {
            group.end_drag();
        }
        return;
    };
    if response.hovered() || response.dragged() {
        group.point_at(here);
    }
    if response.hovered() {
        wheel(ui, group, here, response.rect.width());
    }
    let Some(from) = group.drag_from() else { return };
    if group.drag_selects && (response.dragged() || response.drag_stopped()) {
        group.select(from, here);
    }
    if response.drag_stopped() {
        group.end_drag();
        if !group.drag_selects {
            group.zoom_to(from, here);
        }
    }
}

/// Ctrl and the wheel, or two fingers, zoom about the pointer; Shift and the wheel move what is shown.
fn wheel(ui: &Ui, group: &mut ChartGroup, at_secs: f64, width: f32) {
    let (zoom, across) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta().x));
    if zoom != 1.0 {
        group.zoom_about(at_secs, f64::from(zoom));
    } else if across != 0.0 && group.is_zoomed() {
        let span = group.range().end() - group.range().start();
        group.pan(-f64::from(across) * span / f64::from(width.max(1.0)));
    }
}

/// What a key asks for.
#[derive(Clone, Copy)]
enum Wish {
    Enlarge,
    Widen,
    ShowAll,
    ZoomToSelection,
    SelectShown,
    Clear,
    /// Moves by one step in this direction.
    Move(SelectionPart, f64),
}

const KEYS: [(Modifiers, Key, Wish); 16] = [
    (Modifiers::NONE, Key::Plus, Wish::Enlarge),
    (Modifiers::SHIFT, Key::Plus, Wish::Enlarge),
    (Modifiers::NONE, Key::Equals, Wish::Enlarge),
    (Modifiers::NONE, Key::Minus, Wish::Widen),
    (Modifiers::NONE, Key::Num0, Wish::ShowAll),
    (Modifiers::NONE, Key::Home, Wish::ShowAll),
    (Modifiers::NONE, Key::Enter, Wish::ZoomToSelection),
    (Modifiers::NONE, Key::Space, Wish::SelectShown),
    (Modifiers::NONE, Key::Escape, Wish::Clear),
    (Modifiers::NONE, Key::Backspace, Wish::Clear),
    (Modifiers::SHIFT, Key::ArrowLeft, Wish::Move(SelectionPart::End, -1.0)),
    (Modifiers::SHIFT, Key::ArrowRight, Wish::Move(SelectionPart::End, 1.0)),
    (Modifiers::ALT, Key::ArrowLeft, Wish::Move(SelectionPart::Start, -1.0)),
    (Modifiers::ALT, Key::ArrowRight, Wish::Move(SelectionPart::Start, 1.0)),
    (Modifiers::NONE, Key::ArrowLeft, Wish::Move(SelectionPart::Whole, -1.0)),
    (Modifiers::NONE, Key::ArrowRight, Wish::Move(SelectionPart::Whole, 1.0)),
];

/// Zooms and selects by the keyboard while it is with this chart.
pub fn keys(ui: &Ui, group: &mut ChartGroup, response: &Response) {
    if !response.has_focus() {
        return;
    }
    // Arrows and Escape are for the chart; up, down and Tab go on to the next widget.
    let filter = EventFilter { horizontal_arrows: true, escape: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let wishes: Vec<Wish> = ui.input_mut(|input| {
        KEYS.iter()
            .filter(|(modifiers, key, _)| input.consume_key(*modifiers, *key))
            .map(|(_, _, wish)| *wish)
            .collect()
    });
    for wish in wishes {
        obey(group, wish);
    }
}

fn obey(group: &mut ChartGroup, wish: Wish) {
    match wish {
        Wish::Enlarge => group.zoom_by(ZOOM_STEP),
        Wish::Widen => group.zoom_by(1.0 / ZOOM_STEP),
        Wish::ShowAll => group.reset_zoom(),
        Wish::ZoomToSelection => group.zoom_to_selection(),
        Wish::SelectShown if group.drag_selects => group.select_shown(),
        Wish::SelectShown => {}
        Wish::Clear => group.clear_selection(),
        Wish::Move(part, by_secs) if group.selection().is_some() => group.move_selection(part, by_secs),
        Wish::Move(_, by) => {
            let span = group.range().end() - group.range().start();
            group.pan(by * span * PAN_STEP);
        }
    }
}
