//! Pages, cards and sections.

use egui::{
    Align, AsIdSalt, Frame, Id, InnerResponse, Key, Layout, Margin, Rect, RichText, ScrollArea, Stroke, Ui,
    Vec2, vec2,
};
use egui_material_icons::MaterialIcon;

use crate::app::theme::{self, Weight, size, space};

/// A screen's content with its margins, scrolling when it is too tall.
pub fn page<R>(ui: &mut Ui, id: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ScrollArea::vertical()
        .id_salt(id)
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::new().inner_margin(Margin::same(space::L as i8)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::M;
                ui.set_width(ui.available_width());
                add(ui)
            })
        })
        .inner
        .inner
}

/// A page, or a screen with the same margins whose parts scroll on their own.
pub fn page_or_pane<R>(ui: &mut Ui, id: &str, is_pane: bool, add: impl FnOnce(&mut Ui) -> R) -> R {
    if !is_pane {
        return page(ui, id, add);
    }
    Frame::new()
        .inner_margin(Margin::same(space::L as i8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::M;
            ui.set_width(ui.available_width());
            add(ui)
        })
        .inner
}

/// How high a part of a page is taken to be until it was drawn.
const UNKNOWN_HEIGHT: f32 = 200.0;

/// Draws a part of a page where it is in sight; one that is scrolled out of it only keeps the room that it took last.
///
/// How much room that is shows when it is drawn: those below what is in sight are drawn for it one in each frame, so
/// that the first frame of a page need not draw all of it. Whoever goes by keyboard or has the page read out finds all
/// of it drawn.
pub fn where_seen(ui: &mut Ui, salt: impl AsIdSalt, add: impl FnOnce(&mut Ui)) {
    let id = ui.make_persistent_id(salt);
    let width = ui.available_width();
    let last: Option<Vec2> = ui.data(|data| data.get_temp(id));
    let known = last.filter(|size| size.x == width);
    let size = known.unwrap_or(vec2(width, UNKNOWN_HEIGHT));
    let is_seen = ui.is_rect_visible(Rect::from_min_size(ui.cursor().min, size));
    if !is_seen && !is_explored(ui) && (known.is_some() || !is_first_unknown(ui)) {
        ui.allocate_space(size);
        return;
    }
    let height = ui.scope(add).response.rect.height();
    ui.data_mut(|data| data.insert_temp(id, vec2(width, height)));
}

/// Whether no other part of unknown height was drawn in this frame for its height alone; the others come next.
fn is_first_unknown(ui: &Ui) -> bool {
    let (id, frame) = (Id::unique("a part drawn for its height"), ui.ctx().cumulative_pass_nr());
    let last = ui.data_mut(|data| data.get_temp_mut_or_default::<Option<u64>>(id).replace(frame));
    last != Some(frame)
}

/// Whether somebody goes from widget to widget by Tab, or assistive technology is told of every widget.
fn is_explored(ui: &Ui) -> bool {
    let is_told = ui.ctx().accesskit_node_builder(ui.unique_id(), |_| ()).is_some();
    // What was clicked has the keyboard too, but nobody goes on from there until Tab is pressed.
    let id = Id::unique("explored by Tab");
    let (tabs, points) = ui.input(|input| (input.key_pressed(Key::Tab), input.pointer.any_pressed()));
    let by_tab = ui.data_mut(|data| {
        let by_tab = data.get_temp_mut_or_default::<bool>(id);
        *by_tab = tabs || (*by_tab && !points);
        *by_tab
    });
    is_told || by_tab && ui.memory(|memory| memory.focused().is_some())
}

/// Lines of text and fields read badly across a wide screen: keeps them to a column.
pub fn column<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.vertical(|ui| {
        ui.set_max_width(width.min(ui.available_width()));
        add(ui)
    })
    .inner
}

/// A surface that holds what belongs together.
pub fn card<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let colors = theme::colors(ui);
    Frame::new()
        .fill(colors.card)
        .stroke(Stroke::new(1.0, colors.border))
        .corner_radius(8.0)
        .inner_margin(Margin::same(space::M as i8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.set_width(ui.available_width());
            add(ui)
        })
}

/// A section's heading.
pub fn section(ui: &mut Ui, title: &str) {
    ui.label(theme::text(title, size::SECTION, Weight::SemiBold));
}

/// A section's heading with controls at the right.
pub fn section_with<R>(ui: &mut Ui, title: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal(|ui| {
        section(ui, title);
        ui.with_layout(Layout::right_to_left(Align::Center), add).inner
    })
    .inner
}

/// The buttons at the foot of a dialog, the first at the right; as high as they are, whatever room there is.
pub fn answers<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal(|ui| ui.with_layout(Layout::right_to_left(Align::Center), add).inner).inner
}

/// Says what is missing here and what to do; `add` draws the doors out of it.
pub fn empty_state<R>(
    ui: &mut Ui,
    icon: MaterialIcon,
    title: &str,
    words: &str,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    let colors = theme::colors(ui);
    ui.vertical_centered(|ui| {
        ui.set_max_width(520.0);
        ui.add_space((ui.available_height() * 0.22).max(space::XL));
        let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(56.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 14.0, colors.accent_soft);
        ui.painter().text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            icon.codepoint,
            theme::icon_font(28.0),
            colors.accent_text,
        );
        ui.add_space(space::S);
        ui.label(theme::text(title, size::HEADING, Weight::SemiBold));
        ui.label(RichText::new(words).color(colors.muted));
        ui.add_space(space::S);
        add(ui)
    })
    .inner
}

/// Names and values in two columns.
pub fn key_values(ui: &mut Ui, id: &str, rows: &[(&str, String)]) {
    egui::Grid::new(id).num_columns(2).spacing([space::L, 6.0]).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        for (key, value) in rows {
            ui.label(theme::muted(ui, *key));
            ui.label(theme::text(value, size::BODY, Weight::Medium));
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use egui::{Event, Modifiers, PointerButton};

    use super::*;

    /// Which of twenty parts of 100 points are drawn in a window of 400, and how high the page is.
    fn drawn(ctx: &egui::Context) -> (Vec<usize>, f32) {
        drawn_after(ctx, Vec::new())
    }

    fn drawn_after(ctx: &egui::Context, events: Vec<Event>) -> (Vec<usize>, f32) {
        let (mut drawn, mut height) = (Vec::new(), 0.0);
        let screen_rect = Some(Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(300.0, 400.0)));
        let mut output = ctx.run_ui(egui::RawInput { screen_rect, events, ..Default::default() }, |ui| {
            let _ = ui.button("Above");
            let scrolled = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for part in 0..20 {
                    where_seen(ui, part, |ui| {
                        ui.set_height(100.0);
                        drawn.push(part);
                    });
                }
            });
            height = scrolled.content_size.y;
        });
        output.textures_delta.clear();
        (drawn, height)
    }

    #[test]
    fn what_is_scrolled_out_of_sight_keeps_its_room_and_is_not_drawn() {
        let ctx = egui::Context::default();
        let (first, height) = drawn(&ctx);
        assert!(first.len() <= 6 && height > 2_000.0, "{first:?} {height}: most are of unknown height");
        for n_more in 1..=20 {
            let (seen, _) = drawn(&ctx);
            assert!(seen.contains(&0) && seen.len() <= 6, "{n_more}: {seen:?}");
        }
        let (seen, height) = drawn(&ctx);
        assert!(seen.contains(&0) && seen.len() <= 5, "{seen:?}");
        assert_eq!(height, 2_000.0, "each was drawn once for its height");
    }

    #[test]
    fn all_is_drawn_for_who_goes_by_tab_and_not_for_who_clicked_something() {
        let ctx = egui::Context::default();
        drawn(&ctx);
        let tab = Event::Key {
            key: Key::Tab,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        drawn_after(&ctx, vec![tab]);
        assert!(ctx.memory(|memory| memory.focused().is_some()));
        assert_eq!(drawn(&ctx).0.len(), 20);
        let (pos, button) = (egui::pos2(30.0, 10.0), PointerButton::Primary);
        let press = |pressed| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
        drawn_after(&ctx, vec![Event::PointerMoved(pos), press(true)]);
        drawn_after(&ctx, vec![press(false)]);
        ctx.memory_mut(|memory| memory.request_focus(Id::unique("clicked")));
        assert!(drawn(&ctx).0.len() <= 6);
    }

    #[test]
    fn where_all_widgets_are_told_all_are_drawn() {
        let ctx = egui::Context::default();
        ctx.enable_accesskit();
        drawn(&ctx);
        assert_eq!(drawn(&ctx).0.len(), 20);
    }
}
