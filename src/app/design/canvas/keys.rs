//! The keyboard on the canvas: what a pointer can do, a key can do.

use egui::{Event, EventFilter, Key, Modifiers, Ui};

use super::{
    Canvas, CanvasView,
    handles::{Handle, remove},
};
use crate::{
    app::design::{snap::snapped, text_panel},
    model::{
        LoadProfile,
        profile::edit::{Point, append_stage, insert_behind, move_point, spans},
        profile::text::write_short,
    },
};

/// Where the keyboard stands.
enum Focus {
    Canvas,
    Point(usize),
}

/// Arrows move the focused point (Shift: ten steps), Insert adds one behind it, Delete removes it, F2 or Enter names
/// its stage, Home and End go to the first and last. R and S switch ripple and snap, plus, minus and 0 zoom.
pub(super) fn keys(
    ui: &Ui,
    view: &mut CanvasView,
    profile: &mut LoadProfile,
    canvas: &Canvas,
    handles: &[Handle],
) {
    let Some(focus) = focus(ui, view, canvas, handles) else { return };
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    clipboard(ui, view, profile);
    switches(ui, view, profile, canvas);
    let n_stages = profile.stages.len();
    if pressed(Key::Home) && n_stages > 0 {
        view.focus_point(0);
    }
    if pressed(Key::End) && n_stages > 0 {
        view.focus_point(n_stages - 1);
    }
    match focus {
        Focus::Point(index) => point_keys(ui, view, profile, canvas, index),
        Focus::Canvas if pressed(Key::Insert) => {
            let added = append_stage(profile);
            after_insert(view, added);
        }
        Focus::Canvas => {}
    }
}

fn focus(ui: &Ui, view: &mut CanvasView, canvas: &Canvas, handles: &[Handle]) -> Option<Focus> {
    if view.renaming.is_some() {
        return None;
    }
    let (id, focus) = match handles.iter().find(|handle| handle.response.has_focus()) {
        Some(handle) => {
            view.select(handle.index);
            (handle.response.id, Focus::Point(handle.index))
        }
        None if canvas.response.has_focus() => (canvas.response.id, Focus::Canvas),
        None => return None,
    };
    // While a point is dragged, Escape puts it back and leaves the focus where it is.
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        escape: view.held.is_some(),
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    Some(focus)
}

fn point_keys(ui: &Ui, view: &mut CanvasView, profile: &mut LoadProfile, canvas: &Canvas, index: usize) {
    let (time_grain, level_grain) = view.grains(canvas.extent, profile.model.is_open());
    let (across, up) = ui.input_mut(|input| {
        let times = if input.modifiers.shift { 10.0 } else { 1.0 };
        let modifiers = if input.modifiers.shift { Modifiers::SHIFT } else { Modifiers::NONE };
        let mut pressed = |key| input.count_and_consume_key(modifiers, key) as f64;
        let across = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let up = pressed(Key::ArrowUp) - pressed(Key::ArrowDown);
        (across * times, up * times)
    });
    if across != 0.0 || up != 0.0 {
        let from = spans(profile)[index].to;
        let secs = if across == 0.0 {
            from.secs
        } else {
            snapped(from.secs + across * time_grain, time_grain.min(0.1))
        };
        let level =
            if up == 0.0 { from.level } else { snapped(from.level + up * level_grain, level_grain.min(0.1)) };
        move_point(profile, index, Point { secs, level }, view.behind());
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::F2) || pressed(Key::Enter) {
        view.rename(index);
    }
    if pressed(Key::Insert) {
        let added = insert_behind(profile, index, 10.0 * time_grain);
        after_insert(view, added);
    } else if pressed(Key::Delete) || pressed(Key::Backspace) {
        remove(ui, view, profile, index);
        if profile.stages.is_empty() {
            canvas.response.request_focus();
        }
    }
}

fn after_insert(view: &mut CanvasView, added: Option<usize>) {
    match added {
        Some(index) => view.focus_point(index),
        None => view.say("There is no room for one more stage here.", true),
    }
}

fn switches(ui: &Ui, view: &mut CanvasView, profile: &LoadProfile, canvas: &Canvas) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::R) {
        view.ripples = !view.ripples;
    }
    if pressed(Key::S) {
        view.snaps = !view.snaps;
    }
    if pressed(Key::Plus) || pressed(Key::Equals) {
        view.zoom_by(profile, 0.5);
    }
    if pressed(Key::Minus) {
        view.zoom_by(profile, 2.0);
    }
    if pressed(Key::Num0) {
        view.show_all();
    }
    let half = canvas.extent.length() / 2.0;
    let whole = super::Extent::of(profile, None).until;
    if pressed(Key::PageDown) {
        view.pan_by(whole, half);
    }
    if pressed(Key::PageUp) {
        view.pan_by(whole, -half);
    }
}

/// Copies the short form; a pasted text replaces the profile, or says why it cannot.
fn clipboard(ui: &Ui, view: &mut CanvasView, profile: &mut LoadProfile) {
    let (copies, pasted) = ui.input_mut(|input| {
        let mut pasted = None;
        let mut copies = false;
        input.events.retain(|event| match event {
            Event::Copy => {
                copies = true;
                false
            }
            Event::Paste(text) => {
                pasted = Some(text.clone());
                false
            }
            _ => true,
        });
        (copies, pasted)
    });
    if copies && !profile.stages.is_empty() {
        ui.ctx().copy_text(write_short(profile));
        view.say("The profile was copied as text.", false);
    }
    if let Some(text) = pasted {
        text_panel::paste(view, profile, &text);
    }
}
