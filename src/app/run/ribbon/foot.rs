//! Below the ribbon: what the curves are, what is drawn and waits, and how to draw.

use egui::{Align, Label, Layout, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};
use egui_material_icons::icons;

use super::{
    RibbonView, Standing,
    words::{Levels, is_replanned},
};
use crate::app::{
    command::Commands,
    run::sight::Sight,
    theme::{self, CONTROL_HEIGHT, Colors, Weight, size, space},
    widgets,
};

const SWATCH: Vec2 = vec2(20.0, 8.0);
/// Narrower rows leave out what only explains.
const WIDE: f32 = 760.0;
/// So wide that what waits has room beside the legend.
const VERY_WIDE: f32 = 1_400.0;
const HINT: &str = "Drag a point to change what is to come";
const HELD_HINT: &str =
    "Ctrl: what follows stays  ·  Shift: keep the time  ·  Alt: keep the level  ·  Esc: give up";
const HINT_MORE: &str = "The change is ordered when you let go; Escape gives it up. What follows moves along, with Ctrl \
                         it stays. Shift keeps the time, Alt the level. By keyboard: Tab to a point, arrows move it, \
                         Insert adds a stage behind it, Delete drops its stage, Enter applies.";

/// How a curve is drawn.
#[derive(Clone, Copy)]
enum Look {
    Planned,
    InForce,
    Delivered,
    Drawn,
}

pub fn foot_ui(
    ui: &mut Ui,
    view: &mut RibbonView,
    sight: &Sight<'_>,
    crosshair: Option<f64>,
    commands: &mut Commands,
) {
    let is_editable = sight.takes_changes();
    let is_pending = view.standing() == Some(Standing::Pending) && view.drawn(sight).is_some();
    let is_wide = ui.available_width() >= if is_pending { VERY_WIDE } else { WIDE };
    let row = vec2(ui.available_width(), if is_editable { CONTROL_HEIGHT } else { 18.0 });
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(row);
        ui.spacing_mut().item_spacing.x = space::M;
        if is_wide {
            legend_ui(ui, sight, view.drawn(sight).is_some(), crosshair);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if is_editable {
                draft_ui(ui, view, sight, commands);
            }
        });
    });
}

/// What the curves are, with their levels while the pointer is over a chart or the ribbon.
fn legend_ui(ui: &mut Ui, sight: &Sight<'_>, has_drawn: bool, crosshair: Option<f64>) {
    let colors = theme::colors(ui);
    let is_replanned = is_replanned(sight);
    let levels = Levels::at(sight, crosshair);
    if is_replanned {
        entry_ui(ui, colors, Look::Planned, ("planned at the start", levels.planned));
    }
    let plan = if is_replanned { "plan as changed" } else { "plan" };
    entry_ui(ui, colors, Look::InForce, (plan, levels.in_force));
    entry_ui(ui, colors, Look::Delivered, ("delivered", levels.delivered));
    if has_drawn {
        entry_ui(ui, colors, Look::Drawn, ("drawn, not in force yet", None));
    }
}

fn entry_ui(ui: &mut Ui, colors: &Colors, look: Look, (words, level): (&str, Option<String>)) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS + 2.0;
        let (rect, _) = ui.allocate_exact_size(SWATCH, Sense::hover());
        swatch(ui, colors, look, rect);
        ui.label(theme::small(ui, words));
        if let Some(level) = level {
            ui.label(theme::text(level, size::SMALL, Weight::SemiBold));
        }
    });
}

fn swatch(ui: &Ui, colors: &Colors, look: Look, rect: Rect) {
    let line: [Pos2; 2] = [rect.left_center(), rect.right_center()];
    let painter = ui.painter();
    match look {
        Look::Planned => {
            painter.extend(Shape::dashed_line(&line, Stroke::new(1.2, colors.muted), 3.0, 3.0));
        }
        Look::InForce => {
            painter.rect_filled(rect, 0.0, colors.band(0).gamma_multiply(0.3));
            let top = [rect.left_top(), pos2(rect.right(), rect.top())];
            painter.line_segment(top, Stroke::new(1.5, colors.band(0)));
        }
        Look::Delivered => _ = painter.line_segment(line, Stroke::new(1.8, colors.text)),
        Look::Drawn => {
            painter.extend(Shape::dashed_line(&line, Stroke::new(2.2, colors.accent_text), 6.0, 3.0))
        }
    }
}

/// From right to left: what waits with its two buttons, or how to draw and the button that adds a stage.
fn draft_ui(ui: &mut Ui, view: &mut RibbonView, sight: &Sight<'_>, commands: &mut Commands) {
    let colors = theme::colors(ui);
    if view.standing() == Some(Standing::Pending)
        && let Some(words) = view.drawn(sight).map(|drawn| drawn.words(sight.plan, sight.elapsed))
    {
        if widgets::button(ui, icons::ICON_CLOSE, "Discard").on_hover_text("Give it up (Escape)").clicked() {
            view.give_up();
        }
        let apply = widgets::primary_button(ui, icons::ICON_CHECK, "Apply");
        if apply.on_hover_text("Let the run go on like this (Enter)").clicked() {
            view.send(ui.input(|input| input.time), commands);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            widgets::badge(ui, "PENDING", colors.info, colors.info_soft)
                .on_hover_text("Drawn and not in force yet: the dashed line on the ribbon");
            let font = theme::font(size::SMALL, Weight::Medium);
            ui.add(Label::new(RichText::new(words).font(font).color(colors.text)).truncate());
        });
        return;
    }
    let add = widgets::button(ui, icons::ICON_ADD, "Add stage");
    if add.on_hover_text("Draw one more stage at the end; it waits until you apply it").clicked() {
        let mut redraw = view.begun(sight);
        match redraw.append() {
            Some(added) => {
                view.draw(redraw);
                view.focus_next = Some(added);
            }
            None => view.said = Some("There is no room for one more stage".to_owned()),
        }
    }
    match &view.said {
        Some(said) => {
            let words = RichText::new(said).font(theme::font(size::SMALL, Weight::Medium)).color(colors.warn);
            ui.add(Label::new(words).truncate());
        }
        None if ui.available_width() > 230.0 => {
            let hint = if view.held.is_some() { HELD_HINT } else { HINT };
            ui.add(Label::new(theme::small(ui, hint)).truncate()).on_hover_text(HINT_MORE);
        }
        None => {}
    }
}
