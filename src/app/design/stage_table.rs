//! The stages as rows, in step with the canvas.

use egui::{Sense, Stroke, Ui};
use egui_material_icons::icons;

use super::{
    canvas::CanvasView,
    marks::Marks,
    profile_edit::{append_stage, rename_stage, scale_levels, stage_start, stretch_time},
};
use crate::{
    app::{
        theme::{self, space},
        widgets,
    },
    humanize,
    model::{LoadProfile, Scenario, Shape, format_duration, parse_duration},
};

const SWATCH: f32 = 10.0;
const DURATION: f32 = 84.0;
const LEVEL: f32 = 84.0;
const SHAPE: f32 = 92.0;
const SPAN: f32 = 120.0;
const ACTIONS: f32 = 96.0;

/// What a row asks for.
enum Ask {
    MoveUp,
    MoveDown,
    Remove,
}

pub fn stage_table_ui(ui: &mut Ui, view: &mut CanvasView, scenario: &mut Scenario, marks: &Marks<'_>) {
    let is_open = scenario.load.model.is_open();
    let name_width = name_width(ui);
    head_ui(ui, name_width, is_open);
    let mut asked = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for index in 0..scenario.load.stages.len() {
            if let Some(ask) = row_ui(ui, view, scenario, &Row { index, name_width, marks }) {
                asked = Some((index, ask));
            }
        }
    });
    if let Some((index, ask)) = asked {
        obey(&mut scenario.load, view, index, &ask);
    }
    ui.horizontal_wrapped(|ui| {
        let add = marks.list(ui, "load.stages", |ui| widgets::button(ui, icons::ICON_ADD, "Add stage"));
        if add.clicked() {
            append_stage(&mut scenario.load);
            view.selected = Some(scenario.load.stages.len() - 1);
        }
        ui.add_space(space::S);
        transforms_ui(ui, &mut scenario.load);
    });
}

fn name_width(ui: &Ui) -> f32 {
    let fixed = SWATCH + DURATION + LEVEL + SHAPE + ACTIONS + 7.0 * space::S + 20.0;
    let with_span = fixed + SPAN + space::S;
    let free = ui.available_width() - if shows_span(ui) { with_span } else { fixed };
    free.clamp(90.0, 320.0)
}

/// Where there is room, each row says from when to when it goes.
fn shows_span(ui: &Ui) -> bool {
    ui.available_width() > 680.0
}

fn head_ui(ui: &mut Ui, name_width: f32, is_open: bool) {
    let with_span = shows_span(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.add_space(2.0 * space::S + SWATCH);
        let level = if is_open { "Arrivals/s" } else { "Users" };
        let mut columns =
            vec![("Stage", name_width), ("Duration", DURATION), (level, LEVEL), ("Shape", SHAPE)];
        if with_span {
            columns.push(("From – to", SPAN));
        }
        for (words, width) in columns {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(width, 16.0), Sense::hover());
            ui.painter().text(
                rect.left_center(),
                egui::Align2::LEFT_CENTER,
                words,
                theme::font(theme::size::SMALL, theme::Weight::Medium),
                theme::colors(ui).muted,
            );
        }
    });
}

/// What a row is drawn by.
struct Row<'a> {
    index: usize,
    name_width: f32,
    marks: &'a Marks<'a>,
}

fn row_ui(ui: &mut Ui, view: &mut CanvasView, scenario: &mut Scenario, row: &Row<'_>) -> Option<Ask> {
    let &Row { index, name_width, marks } = row;
    let colors = theme::colors(ui);
    let is_selected = view.selected == Some(index);
    let with_span = shows_span(ui);
    let fill = if is_selected { colors.accent_soft } else { egui::Color32::TRANSPARENT };
    let number = index + 1;
    let n_stages = scenario.load.stages.len();
    let frame = egui::Frame::new().fill(fill).corner_radius(theme::CORNERS);
    let margin = egui::Margin { left: space::S as i8, right: 4, top: 2, bottom: 2 };
    let inner = frame.inner_margin(margin).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let (swatch, response) = ui.allocate_exact_size(egui::vec2(SWATCH, 28.0), Sense::click());
            let dot = egui::Rect::from_center_size(swatch.center(), egui::Vec2::splat(SWATCH));
            ui.painter().rect_filled(dot, 3.0, colors.band(index));
            let response = widgets::named(response, &format!("Select stage {number}"));
            let mut touched = response.clicked();
            let mut name = scenario.load.stages[index].name.clone();
            let field = marks.field(ui, &format!("load.stages[{index}].name"), |ui| {
                widgets::text_field(ui, &format!("Stage {number} name"), &mut name, name_width)
            });
            if field.changed() {
                rename_stage(scenario, index, name);
            }
            if view.rename == Some(index) {
                field.request_focus();
                view.rename = None;
            }
            touched |= field.gained_focus();
            touched |= numbers_ui(ui, &mut scenario.load, index, marks);
            if with_span {
                span_ui(ui, &scenario.load, index);
            }
            if touched {
                view.selected = Some(index);
            }
            actions_ui(ui, index, n_stages)
        })
        .inner
    });
    inner.inner
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
                ui.selectable_value(&mut stage.shape, shape, shape_name(shape));
            }
        });
    shape.response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ComboBox, true, &name));
    duration.gained_focus() || level.gained_focus()
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Ramp => "Ramp",
        Shape::Step => "Step",
    }
}

/// A level as people write it, with or without its unit.
fn parse_level(text: &str, is_open: bool) -> Result<f64, String> {
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

fn span_ui(ui: &mut Ui, load: &LoadProfile, index: usize) {
    let start = stage_start(load, index);
    let end = start + load.stages[index].duration;
    let words = format!("{} – {}", humanize::span(start), humanize::span(end));
    let (rect, _) = ui.allocate_exact_size(egui::vec2(SPAN, 28.0), Sense::hover());
    ui.painter_at(rect).text(
        rect.left_center(),
        egui::Align2::LEFT_CENTER,
        words,
        theme::font(theme::size::SMALL, theme::Weight::Regular),
        theme::colors(ui).muted,
    );
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
            view.selected = Some(index - 1);
        }
        Ask::MoveDown => {
            load.stages.swap(index, index + 1);
            view.selected = Some(index + 1);
        }
        Ask::Remove => {
            load.stages.remove(index);
            view.selected = None;
        }
    }
}

/// Multiplies the whole profile.
enum Transform {
    Levels(f64),
    Time(f64),
}

fn transforms_ui(ui: &mut Ui, load: &mut LoadProfile) {
    let what = if load.model.is_open() { "rate" } else { "users" };
    let transforms = [
        (format!("½ {what}"), Transform::Levels(0.5)),
        (format!("2× {what}"), Transform::Levels(2.0)),
        ("½ time".to_owned(), Transform::Time(0.5)),
        ("2× time".to_owned(), Transform::Time(2.0)),
    ];
    for (label, transform) in transforms {
        let text = theme::text(&label, theme::size::SMALL, theme::Weight::Medium);
        let stroke = Stroke::new(1.0, theme::colors(ui).border);
        if ui.add(egui::Button::new(text).stroke(stroke)).clicked() {
            match transform {
                Transform::Levels(factor) => scale_levels(load, factor),
                Transform::Time(factor) => stretch_time(load, factor),
            }
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
