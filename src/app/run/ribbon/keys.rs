//! The keyboard on the ribbon: what is drawn by keys waits for Enter.

use egui::{Event, EventFilter, Key, Modifiers, Response, Ui};

use super::{
    Canvas, RibbonView, Standing,
    handles::{Handle, insert, remove},
};
use crate::{
    app::{command::Commands, design::snap::snapped, run::sight::Sight},
    model::profile::edit::{Behind, Point},
};

/// Arrows move the focused point (Shift: ten steps; Ctrl: what follows stays), Insert adds a stage behind it, Delete
/// drops its stage, Enter applies what is drawn and Escape gives it up.
pub fn keys(
    ui: &Ui,
    view: &mut RibbonView,
    sight: &Sight<'_>,
    (canvas, ribbon): (&Canvas, &Response),
    handles: &[Handle],
    commands: &mut Commands,
) {
    let focused = handles.iter().find(|handle| handle.response.has_focus());
    let id = match focused {
        Some(handle) => handle.response.id,
        None if ribbon.has_focus() => ribbon.id,
        None => return,
    };
    let is_pending = view.standing() == Some(Standing::Pending);
    let filter = EventFilter {
        horizontal_arrows: focused.is_some(),
        vertical_arrows: focused.is_some(),
        escape: is_pending || view.held.is_some(),
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    if view.held.is_some() {
        return;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if is_pending && pressed(Key::Enter) {
        view.send(ui.input(|input| input.time), commands);
    } else if is_pending && pressed(Key::Escape) {
        view.give_up();
    } else if pressed(Key::Insert) {
        let last = sight.plan.stages().len().saturating_sub(1);
        let behind = view.drawn(sight).map_or(last, |drawn| drawn.profile().stages.len() - 1);
        insert(view, sight, focused.map_or(behind, |handle| handle.index));
    } else if let Some(handle) = focused {
        if pressed(Key::Delete) || pressed(Key::Backspace) {
            remove(view, sight, handle.index);
        } else {
            arrows(ui, view, sight, canvas, handle.index);
        }
    }
}

fn arrows(ui: &Ui, view: &mut RibbonView, sight: &Sight<'_>, canvas: &Canvas, index: usize) {
    let (mut across, mut up, mut behind) = (0.0, 0.0, Behind::Moves);
    // Each with its own modifiers: while frames are slow, a key may be long up when it is looked at.
    let mut step = |key: Key, modifiers: Modifiers| {
        let times = if modifiers.shift { 10.0 } else { 1.0 };
        match key {
            Key::ArrowRight => across += times,
            Key::ArrowLeft => across -= times,
            Key::ArrowUp => up += times,
            Key::ArrowDown => up -= times,
            _ => return false,
        }
        if modifiers.command {
            behind = Behind::Stays;
        }
        true
    };
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => !step(*key, *modifiers),
            _ => true,
        });
    });
    if across == 0.0 && up == 0.0 {
        return;
    }
    let mut redraw = view.begun(sight);
    let Some(from) = redraw.point(index) else { return };
    let (time_grain, level_grain) = canvas.extent.grains(sight.plan.is_open());
    let moved = |value: f64, steps: f64, grain: f64| {
        if steps == 0.0 { value } else { snapped(value + steps * grain, grain.min(0.5)) }
    };
    let to = Point {
        secs: moved(from.secs, across, time_grain),
        level: moved(from.level, up, level_grain).max(0.0),
    };
    redraw.move_point(index, to, behind, sight.elapsed);
    view.draw(redraw);
}
