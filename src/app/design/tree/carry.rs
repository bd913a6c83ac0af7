//! A row dragged to another place: a line shows where it lands, and only the drop changes the scenario.

use egui::{Align2, Id, Key, LayerId, Modifiers, Order, Rect, Stroke, Ui};

use super::Tree;
use crate::app::{
    design::{
        edit::{Move, carry},
        journeys::Selected,
    },
    theme::{self, Weight, size},
};

/// So near to the edge of the tree it scrolls.
const EDGE: f32 = 24.0;

impl Tree<'_> {
    /// Goes on with a drag, if one is under way; `seen` are the rows in sight.
    pub(super) fn carry_ui(&mut self, ui: &mut Ui, seen: &[(Selected, Rect)], area: Rect) {
        let Some(carried) = self.view.carried else { return };
        let Some(name) = super::name_of(self.scenario, carried).map(str::to_owned) else {
            self.view.carried = None;
            return;
        };
        let cancelled = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let (pointer, is_down) = ui.input(|input| (input.pointer.latest_pos(), input.pointer.primary_down()));
        let Some(pointer) = pointer.filter(|_| !cancelled) else {
            self.view.carried = None;
            return;
        };
        let target = target(carried, seen, pointer.y);
        if !is_down {
            self.view.carried = None;
            if let Some((moved, _)) = target {
                let to = carry(self.scenario, moved);
                self.select(ui, to);
            }
            return;
        }
        let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("carried step")));
        let colors = theme::colors(ui);
        if let Some((_, y)) = target {
            let y = y.clamp(area.top() + 1.0, area.bottom() - 1.0);
            painter.hline(area.x_range(), y, Stroke::new(2.0, colors.accent));
            painter.circle_filled(egui::pos2(area.left() + 3.0, y), 3.0, colors.accent);
        }
        let font = theme::font(size::BODY, Weight::Medium);
        let galley = painter.layout_no_wrap(name, font, colors.text);
        let label = Align2::LEFT_CENTER.anchor_size(pointer + egui::vec2(16.0, 0.0), galley.size());
        painter.rect(
            label.expand2(egui::vec2(8.0, 4.0)),
            theme::CORNERS,
            colors.card,
            Stroke::new(1.0, colors.border_strong),
            egui::StrokeKind::Outside,
        );
        painter.galley(label.min, galley, colors.text);
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
        scroll_near_edges(ui, area, pointer.y, &mut self.view.offset);
        self.view.shown = Some(*self.selected);
    }
}

/// What a drop at this height does, and where its line stands.
fn target(carried: Selected, seen: &[(Selected, Rect)], y: f32) -> Option<(Move, f32)> {
    let (first, last) = (seen.first()?, seen.last()?);
    let (over, rect) = seen.iter().find(|(_, rect)| y < rect.bottom()).unwrap_or(last);
    let rect = if y < first.1.top() { &first.1 } else { rect };
    let below = y > rect.center().y;
    match carried.step {
        Some(step) => {
            let (gap, line) = match over.step {
                // On a journey's own row, and so on a shut one too, a step becomes its first.
                None => (0, rect.bottom()),
                Some(other) => (other + usize::from(below), if below { rect.bottom() } else { rect.top() }),
            };
            let from = (carried.journey, step);
            Some((Move::Step { from, journey: over.journey, gap }, line))
        }
        None => {
            let from = carried.journey;
            let is_before = over.step.is_none() && !below;
            let gap = over.journey + usize::from(!is_before);
            let mut mine = seen.iter().rev().filter(|(at, _)| at.journey == over.journey);
            let line = if is_before { rect.top() } else { mine.next()?.1.bottom() };
            Some((Move::Journey { from, gap }, line))
        }
    }
}

fn scroll_near_edges(ui: &Ui, area: Rect, y: f32, offset: &mut f32) {
    let by = if y < area.top() + EDGE {
        -((area.top() + EDGE - y) / 4.0).min(8.0)
    } else if y > area.bottom() - EDGE {
        ((y - area.bottom() + EDGE) / 4.0).min(8.0)
    } else {
        return;
    };
    *offset = (*offset + by).max(0.0);
    ui.ctx().request_repaint();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Vec<(Selected, Rect)> {
        let rows = [(0, None), (0, Some(0)), (0, Some(1)), (1, None), (1, Some(0))];
        rows.iter()
            .enumerate()
            .map(|(index, (journey, step))| {
                let top = index as f32 * 10.0;
                let rect = Rect::from_x_y_ranges(0.0..=100.0, top..=top + 10.0);
                (Selected { journey: *journey, step: *step }, rect)
            })
            .collect()
    }

    #[test]
    fn the_line_stands_where_the_row_lands() {
        let step = Selected { journey: 0, step: Some(0) };
        let check = |y: f32, journey: usize, gap: usize, line: f32| {
            let expected = Move::Step { from: (0, 0), journey, gap };
            assert_eq!(target(step, &seen(), y), Some((expected, line)), "{y}");
        };
        check(-5.0, 0, 0, 10.0);
        check(12.0, 0, 0, 10.0);
        check(28.0, 0, 2, 30.0);
        check(33.0, 1, 0, 40.0);
        check(90.0, 1, 1, 50.0);
    }

    #[test]
    fn a_journey_lands_between_journeys() {
        let journey = Selected { journey: 0, step: None };
        let check = |y: f32, gap: usize, line: f32| {
            assert_eq!(target(journey, &seen(), y), Some((Move::Journey { from: 0, gap }, line)), "{y}");
        };
        check(2.0, 0, 0.0);
        check(15.0, 1, 30.0);
        check(32.0, 1, 30.0);
        check(90.0, 2, 50.0);
    }
}
