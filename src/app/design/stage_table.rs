//! The stages as rows, in step with the canvas; only the rows in sight are drawn.

use egui::{Align2, Color32, Frame, Margin, Rect, ScrollArea, Sense, Ui, Vec2};
use egui_material_icons::icons;

use super::{canvas::CanvasView, marks::Marks};
use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
    model::{
        LoadProfile, Scenario, Shape, format_duration, parse_duration,
        profile::edit::{Span, append_stage, name_refusal, rename_stage, spans},
    },
};

const SWATCH: f32 = 10.0;
const DURATION: f32 = 84.0;
const LEVEL: f32 = 84.0;
const SHAPE: f32 = 92.0;
const SPAN: f32 = 140.0;
const ACTIONS: f32 = 96.0;
const ROW_HEIGHT: f32 = 32.0;
/// Longer tables scroll within themselves, so that only what is in sight costs time.
const MAX_WHOLE: usize = 24;
const SCROLLING_HEIGHT: f32 = 374.0;

/// What a row asks for.
enum Ask {
    MoveUp,
    MoveDown,
    Remove,
}

/// What rows are drawn by: problems, and widths that depend on the room there is.
#[derive(Clone, Copy)]
struct Look<'a> {
    marks: &'a Marks<'a>,
    name: f32,
    /// Where there is room, each row says from when to when it goes.
    with_span: bool,
}

impl<'a> Look<'a> {
    fn of(ui: &Ui, marks: &'a Marks<'a>) -> Self {
        let with_span = ui.available_width() > 700.0;
        let fixed = SWATCH + DURATION + LEVEL + SHAPE + ACTIONS + 7.0 * space::S + 20.0;
        let span = if with_span { SPAN + space::S } else { 0.0 };
        Self { name: (ui.available_width() - fixed - span).clamp(90.0, 320.0), with_span, marks }
    }
}

pub fn stage_table_ui(ui: &mut Ui, view: &mut CanvasView, scenario: &mut Scenario, marks: &Marks<'_>) {
    let look = Look::of(ui, marks);
    head_ui(ui, look, scenario.load.model.is_open());
    let n_stages = scenario.load.stages.len();
    let all = spans(&scenario.load);
    let reveal = view.reveal.take();
    let mut asked = None;
    let mut rows_ui = |ui: &mut Ui, rows: std::ops::Range<usize>| {
        for index in rows {
            if let Some(ask) = row_ui(ui, view, scenario, (index, all[index]), look) {
                asked = Some((index, ask));
            }
        }
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if n_stages <= MAX_WHOLE {
            rows_ui(ui, 0..n_stages);
        } else {
            scroll_area(reveal).show_rows(ui, ROW_HEIGHT, n_stages, rows_ui);
        }
    });
    if let Some((index, ask)) = asked {
        obey(&mut scenario.load, view, index, &ask);
    }
    let can_grow = n_stages < LoadProfile::MAX_STAGES;
    let add = marks.list(ui, "load.stages", |ui| {
        ui.add_enabled_ui(can_grow, |ui| widgets::button(ui, icons::ICON_ADD, "Add stage")).inner
    });
    if add.on_disabled_hover_text("A profile has at most 10,000 stages").clicked()
        && let Some(index) = append_stage(&mut scenario.load)
    {
        view.select(index);
    }
}

/// As high as some rows; scrolled to a row that is to be in sight.
fn scroll_area(reveal: Option<usize>) -> ScrollArea {
    let area = ScrollArea::vertical()
        .id_salt("stages")
        .max_height(SCROLLING_HEIGHT)
        .min_scrolled_height(SCROLLING_HEIGHT)
        .auto_shrink([false, true]);
    match reveal {
        Some(index) => {
            let top = index as f32 * (ROW_HEIGHT + 2.0) - (SCROLLING_HEIGHT - ROW_HEIGHT) / 2.0;
            area.vertical_scroll_offset(top.max(0.0))
        }
        None => area,
    }
}

fn head_ui(ui: &mut Ui, look: Look<'_>, is_open: bool) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.add_space(2.0 * space::S + SWATCH);
        let level = if is_open { "Arrivals/s" } else { "Users" };
        let mut columns =
            vec![("Stage", look.name), ("Duration", DURATION), (level, LEVEL), ("Shape", SHAPE)];
        if look.with_span {
            columns.push(("From – to", SPAN));
        }
        for (words, width) in columns {
            cell_ui(ui, words, (width, 16.0), Weight::Medium);
        }
    });
}

/// Muted words in a cell of their own.
fn cell_ui(ui: &mut Ui, words: &str, cell: (f32, f32), weight: Weight) {
    let (rect, response) = ui.allocate_exact_size(cell.into(), Sense::hover());
    let font = theme::font(size::SMALL, weight);
    let color = theme::colors(ui).muted;
    ui.painter_at(rect).text(rect.left_center(), Align2::LEFT_CENTER, words, font, color);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
}

fn row_ui(
    ui: &mut Ui,
    view: &mut CanvasView,
    scenario: &mut Scenario,
    (index, span): (usize, Span),
    look: Look<'_>,
) -> Option<Ask> {
    let colors = theme::colors(ui);
    let fill = if view.selected == Some(index) {
        colors.accent_soft
    } else if view.hovered == Some(index) {
        colors.raised
    } else {
        Color32::TRANSPARENT
    };
    let n_stages = scenario.load.stages.len();
    let margin = Margin { left: space::S as i8, right: 4, top: 2, bottom: 2 };
    let row = Frame::new().fill(fill).corner_radius(theme::CORNERS).inner_margin(margin).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let mut touched = swatch_ui(ui, index);
            touched |= name_ui(ui, scenario, index, look);
            touched |= numbers_ui(ui, &mut scenario.load, index, look.marks);
            if look.with_span {
                cell_ui(ui, &span_words(span), (SPAN, 28.0), Weight::Regular);
            }
            if touched {
                view.selected = Some(index);
            }
            actions_ui(ui, index, n_stages)
        })
        .inner
    });
    if ui.rect_contains_pointer(row.response.rect) {
        view.hover(index);
    }
    row.inner
}

fn swatch_ui(ui: &mut Ui, index: usize) -> bool {
    let (swatch, response) = ui.allocate_exact_size(egui::vec2(SWATCH, 28.0), Sense::click());
    let dot = Rect::from_center_size(swatch.center(), Vec2::splat(SWATCH));
    ui.painter().rect_filled(dot, 3.0, theme::colors(ui).band(index));
    widgets::named(response, &format!("Select stage {}", index + 1)).clicked()
}

/// The name; one that cannot be shows why and changes nothing.
fn name_ui(ui: &mut Ui, scenario: &mut Scenario, index: usize, look: Look<'_>) -> bool {
    let mut name = scenario.load.stages[index].name.clone();
    let before = name.clone();
    let load = &scenario.load;
    let label = format!("Stage {} name", index + 1);
    let parse = |text: &str| match name_refusal(load, index, text) {
        Some(refusal) => Err(refusal),
        None => Ok(text.to_owned()),
    };
    let field = look.marks.field(ui, &format!("load.stages[{index}].name"), |ui| {
        widgets::parsed_field(ui, &label, &mut name, look.name, Clone::clone, parse)
    });
    if name != before {
        rename_stage(scenario, index, name);
    }
    field.gained_focus()
}

/// Duration, level and shape; returns whether one of them got the cursor.
fn numbers_ui(ui: &mut Ui, load: &mut LoadProfile, index: usize, marks: &Marks<'_>) -> bool {
    let is_open = load.model.is_open();
    let number = index + 1;
    let stage = &mut load.stages[index];
    let duration = marks.field(ui, &format!("load.stages[{index}].duration"), |ui| {
        widgets::parsed_field(
            ui,
            &format!("Stage {number} duration"),
            &mut stage.duration,
            DURATION,
            |duration| format_duration(*duration),
            parse_duration,
        )
    });
    let level_key = if is_open { "rate" } else { "users" };
    let level = marks.field(ui, &format!("load.stages[{index}].{level_key}"), |ui| {
        widgets::parsed_field(
            ui,
            &format!("Stage {number} level"),
            &mut stage.end_level,
            LEVEL,
            |level| level.to_string(),
            |text| parse_level(text, is_open),
        )
    });
    let name = format!("Stage {number} shape");
    let shape = egui::ComboBox::from_id_salt(&name)
        .width(SHAPE)
        .selected_text(shape_name(stage.shape))
        .show_ui(ui, |ui| {
            for shape in [Shape::Ramp, Shape::Step] {
                ui.selectable_value(&mut stage.shape, shape, shape_name(shape))
                    .on_hover_text(shape_tip(shape));
            }
        });
    shape.response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ComboBox, true, &name));
    duration.gained_focus() || level.gained_focus() || shape.response.gained_focus()
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Ramp => "Ramp",
        Shape::Step => "Step",
    }
}

fn shape_tip(shape: Shape) -> &'static str {
    match shape {
        Shape::Ramp => "Straight from the level before to this one",
        Shape::Step => "At once to this level, then held",
    }
}

/// A level as people write it, with or without its unit.
pub fn parse_level(text: &str, is_open: bool) -> Result<f64, String> {
    let number = text.trim().trim_end_matches("users").trim_end_matches("/s").trim().replace(',', "");
    let level: f64 = number.parse().map_err(|_| {
        if is_open {
            "Write a number such as 200 or 12.5".to_owned()
        } else {
            "Write a whole number such as 50".to_owned()
        }
    })?;
    if !level.is_finite() || level < 0.0 {
        return Err("A level is 0 or more".to_owned());
    }
    if !is_open && level.fract() != 0.0 {
        return Err("Users are whole: write 50, not 50.5".to_owned());
    }
    Ok(level)
}

fn span_words(span: Span) -> String {
    let words = |secs: f64| humanize::span(std::time::Duration::try_from_secs_f64(secs).unwrap_or_default());
    format!("{} – {}", words(span.from.secs), words(span.to.secs))
}

fn actions_ui(ui: &mut Ui, index: usize, n_stages: usize) -> Option<Ask> {
    ui.spacing_mut().item_spacing.x = 2.0;
    let number = index + 1;
    let mut asked = None;
    let buttons = [
        (icons::ICON_ARROW_UPWARD, format!("Move stage {number} up"), index > 0, Ask::MoveUp),
        (
            icons::ICON_ARROW_DOWNWARD,
            format!("Move stage {number} down"),
            index + 1 < n_stages,
            Ask::MoveDown,
        ),
        (icons::ICON_DELETE, format!("Remove stage {number}"), true, Ask::Remove),
    ];
    for (icon, name, enabled, ask) in buttons {
        let response = ui.add_enabled_ui(enabled, |ui| widgets::icon_button(ui, icon, &name)).inner;
        if response.clicked() {
            asked = Some(ask);
        }
    }
    asked
}

fn obey(load: &mut LoadProfile, view: &mut CanvasView, index: usize, ask: &Ask) {
    match ask {
        Ask::MoveUp => {
            load.stages.swap(index, index - 1);
            view.select(index - 1);
        }
        Ask::MoveDown => {
            load.stages.swap(index, index + 1);
            view.select(index + 1);
        }
        Ask::Remove => {
            load.stages.remove(index);
            view.selected = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_with_and_without_their_unit() {
        assert_eq!(parse_level("50", false), Ok(50.0));
        assert_eq!(parse_level("1,200 users", false), Ok(1_200.0));
        assert_eq!(parse_level("12.5/s", true), Ok(12.5));
        assert!(parse_level("12.5", false).is_err_and(|words| words.contains("whole")));
        assert!(parse_level("-1", true).is_err());
        assert!(parse_level("many", true).is_err());
    }
}
