//! The stage ribbon: what was planned at the start, the plan in force, and what was delivered of it so far.
//!
//! While load is made, ends of stages that are not reached yet are dragged or moved by keys; a drag is ordered when
//! it ends, what keys do when it is applied.

mod canvas;
mod foot;
mod handles;
mod keys;
mod paint;
#[cfg(test)]
mod tests;
mod words;

use egui::{Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use self::{
    canvas::{Canvas, Extent},
    paint::Painting,
};
use super::sight::Sight;
use crate::app::{
    charts::ChartGroup,
    command::{Command, Commands},
    state::Redraw,
    theme,
};

pub use words::progress_words;

const HEIGHT: f32 = 116.0;
/// Where the window is low, so that something is left for the charts.
const LOW_HEIGHT: f32 = 74.0;
const LOW_WINDOW: f32 = 560.0;
/// How long an order that was given is shown although the plan does not have it yet.
const SHOWN_SECS: f64 = 2.0;

/// What is under way on the ribbon.
#[derive(Default)]
pub struct RibbonView {
    draft: Option<Draft>,
    held: Option<Held>,
    /// Where a drag that selects began, in seconds.
    selecting_from: Option<f64>,
    /// Why a future that was drawn was given up, until the next press.
    said: Option<String>,
    /// The point that gets the focus at the end of the frame.
    focus_next: Option<usize>,
}

/// A future that was drawn and is not in force yet.
struct Draft {
    redraw: Redraw,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq)]
enum Standing {
    /// By a drag that goes on.
    Held,
    /// Until it is applied or given up.
    Pending,
    /// Ordered at this time of the window's clock.
    Sent(f64),
}

/// A point that is being dragged. The axes stand still, as none can be aimed at that move under the pointer.
struct Held {
    index: usize,
    /// As it was before the drag.
    before: Redraw,
    was_pending: bool,
    extent: Extent,
    /// From where it was pressed to the point.
    offset: Vec2,
}

impl RibbonView {
    /// What is drawn over the run that is shown.
    fn drawn(&self, sight: &Sight<'_>) -> Option<&Redraw> {
        self.draft.as_ref().map(|draft| &draft.redraw).filter(|redraw| redraw.run_id == sight.run_id)
    }

    fn standing(&self) -> Option<Standing> {
        self.draft.as_ref().map(|draft| draft.standing)
    }

    /// What is drawn so far, or nothing yet; drawing on what was just ordered begins with the plan in force.
    fn begun(&self, sight: &Sight<'_>) -> Redraw {
        let drawn = self.drawn(sight).filter(|_| !matches!(self.standing(), Some(Standing::Sent(_))));
        drawn.cloned().unwrap_or_else(|| Redraw::of(sight.run_id, sight.plan))
    }

    /// Draws something that waits until it is applied.
    fn draw(&mut self, redraw: Redraw) {
        self.draft = redraw.is_changed().then_some(Draft { redraw, standing: Standing::Pending });
    }

    /// Orders what is drawn.
    fn send(&mut self, now_secs: f64, commands: &mut Commands) {
        if let Some(draft) = &mut self.draft {
            draft.standing = Standing::Sent(now_secs);
            commands.push(Command::RedrawRun(Box::new(draft.redraw.clone())));
        }
    }

    fn give_up(&mut self) {
        (self.draft, self.held) = (None, None);
    }

    /// Lets what is drawn follow the run, or gives it up and says why.
    fn settle(&mut self, ui: &Ui, sight: &Sight<'_>, is_editable: bool) {
        let (pressed, now) = ui.input(|input| (input.pointer.any_pressed(), input.time));
        if pressed {
            self.said = None;
        }
        let Some(draft) = &mut self.draft else { return };
        if draft.redraw.run_id != sight.run_id {
            // Another run under way; a kept one is only looked at meanwhile.
            if sight.is_live() {
                self.give_up();
            }
            return;
        }
        let outcome = match draft.standing {
            Standing::Sent(at) if draft.redraw.is_outdated(sight.plan) || now - at > SHOWN_SECS => {
                self.give_up();
                return;
            }
            Standing::Sent(_) => return,
            _ if !is_editable => Err("The load ended before it was applied".to_owned()),
            _ => draft.redraw.follow(sight.plan, sight.elapsed),
        };
        let held = self.held.as_mut().map_or(Ok(()), |held| held.before.follow(sight.plan, sight.elapsed));
        if let Err(reason) = outcome.and(held) {
            self.give_up();
            self.said = Some(format!("What was drawn is given up. {reason}"));
        }
    }
}

/// Draws the ribbon over the full width; what the analyst does on it changes the plan, the selection or the crosshair.
pub fn ribbon_ui(
    ui: &mut Ui,
    view: &mut RibbonView,
    group: &mut ChartGroup,
    sight: &Sight<'_>,
    commands: &mut Commands,
) {
    let is_editable = sight.takes_changes();
    view.settle(ui, sight, is_editable);
    let is_low = ui.ctx().content_rect().height() < LOW_WINDOW;
    let height = if is_low { LOW_HEIGHT } else { HEIGHT };
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click_and_drag());
    let words = progress_words(sight);
    let ratio = sight.elapsed.as_secs_f64() / sight.plan.duration().as_secs_f64().max(f64::MIN_POSITIVE);
    response.widget_info(|| WidgetInfo {
        value: Some(ratio.clamp(0.0, 1.0)),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, format!("Progress: {words}"))
    });

    let preview = |view: &RibbonView| view.drawn(sight).map(|drawn| drawn.preview(sight.plan, sight.elapsed));
    let extent = match &view.held {
        Some(held) => held.extent,
        None => Extent::of(sight, preview(view).as_ref(), is_editable),
    };
    let canvas = Canvas::new(rect, extent);
    handles::select(ui, view, group, &response, &canvas);
    let handles = if is_editable {
        let handles = handles::handles_ui(ui, view, sight, &canvas, commands);
        keys::keys(ui, view, sight, (&canvas, &response), &handles, commands);
        handles
    } else {
        Vec::new()
    };

    let preview = preview(view);
    let painting = Painting { ui, colors: theme::colors(ui), canvas: &canvas, sight };
    painting.ground(group);
    painting.plans(preview.as_ref());
    painting.delivered();
    painting.now();
    painting.crosshair(group);
    painting.handles(&handles, view.held.as_ref().map(|held| held.index), preview.as_ref());
    foot::foot_ui(ui, view, sight, group.crosshair(), commands);
    if let Some(index) = view.focus_next.take() {
        ui.memory_mut(|memory| memory.request_focus(handles::point_id(index)));
        ui.ctx().request_repaint();
    }
}
