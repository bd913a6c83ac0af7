//! What is done to the profile as a whole: shapes, transforms, the profile as text, and the time axis in sight.

use egui::{Button, RichText, Ui, containers::menu::MenuButton};
use egui_material_icons::icons;

use super::{
    canvas::CanvasView,
    shape_form::ShapeForm,
    text_panel::TextPanel,
    transform_form::{Kind, TransformForm},
};
use crate::{
    app::{
        theme::{self, space},
        widgets,
    },
    model::{
        LoadProfile,
        profile::{generate::Pattern, transform::Transform},
    },
};

/// The form that is open above the canvas.
#[derive(Debug, Default)]
pub enum Tool {
    #[default]
    None,
    Shape(ShapeForm),
    Transform(TransformForm),
    Text(TextPanel),
}

/// What became of a form in this frame.
pub enum Doing {
    /// It stays open; the profile that it would make, if it can.
    Open(Option<LoadProfile>),
    /// It made this profile; the stage to select.
    Done(LoadProfile, Option<usize>),
    Cancelled,
}

/// Draws the tools and the open form; returns the profile that the form would make.
pub fn tools_ui(
    ui: &mut Ui,
    tool: &mut Tool,
    view: &mut CanvasView,
    load: &mut LoadProfile,
) -> Option<LoadProfile> {
    ui.horizontal_wrapped(|ui| {
        shapes_ui(ui, tool, view, load);
        transforms_ui(ui, tool, view, load);
        let is_open = matches!(tool, Tool::Text(_));
        if widgets::button(ui, icons::ICON_NOTES, "As text")
            .on_hover_text("Copy or paste the profile as text: short form, k6 stages, CSV")
            .clicked()
        {
            *tool = if is_open { Tool::None } else { Tool::Text(TextPanel::default()) };
        }
        ui.add_space(space::S);
        zoom_ui(ui, view, load);
    });
    let doing = match tool {
        Tool::None => return None,
        Tool::Shape(form) => form.ui(ui, view.selected, load),
        Tool::Transform(form) => form.ui(ui, load),
        Tool::Text(panel) => panel.ui(ui, load),
    };
    match doing {
        Doing::Open(preview) => preview,
        Doing::Done(changed, selected) => {
            *load = changed;
            view.show_all();
            view.selected = None;
            if let Some(index) = selected {
                view.select(index);
            }
            *tool = Tool::None;
            None
        }
        Doing::Cancelled => {
            *tool = Tool::None;
            None
        }
    }
}

fn shapes_ui(ui: &mut Ui, tool: &mut Tool, view: &CanvasView, load: &LoadProfile) {
    let (button, _) = menu_button(ui, "Shape…").ui(ui, |ui| {
        for pattern in Pattern::ALL {
            if ui.add(Button::new(pattern.name())).on_hover_text(shape_tip(pattern)).clicked() {
                *tool = Tool::Shape(ShapeForm::new(pattern, view.selected, load));
            }
        }
    });
    widgets::named(button, "Shape…")
        .on_hover_text("Adds a shape made of plain stages: ramp, hold, spike, sine, ease, staircase");
}

/// A button that opens a menu, which closes when something in it is chosen.
fn menu_button<'a>(ui: &Ui, label: &'a str) -> MenuButton<'a> {
    let color = theme::colors(ui).muted;
    let caret = RichText::new(icons::ICON_EXPAND_MORE.codepoint).font(theme::icon_font(16.0)).color(color);
    MenuButton::from_button(Button::new((label, caret)).min_size(egui::vec2(0.0, theme::CONTROL_HEIGHT)))
}

fn shape_tip(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Ramp => "Straight to a level",
        Pattern::Hold => "At once to a level, then held",
        Pattern::Spike => "Up within a tenth of the time, held, and down within the last tenth",
        Pattern::Sine => "Waves between two levels",
        Pattern::Ease => "To a level, slow at both ends",
        Pattern::Staircase => "From level to level in equal steps, each held",
    }
}

fn transforms_ui(ui: &mut Ui, tool: &mut Tool, view: &mut CanvasView, load: &mut LoadProfile) {
    let (button, _) = menu_button(ui, "Transform…").ui(ui, |ui| {
        for kind in Kind::ALL {
            if ui.add(Button::new(kind.menu_words())).on_hover_text(kind.tip()).clicked() {
                *tool = Tool::Transform(TransformForm::new(kind, load));
            }
        }
        let tip = "The same curve from its end to its start; where it would have to jump, a stage without time jumps";
        if ui.add(Button::new("Mirror in time")).on_hover_text(tip).clicked() {
            match Transform::Mirror.applied(load) {
                Ok(mirrored) => *load = mirrored,
                Err(refusal) => view.say(refusal, true),
            }
        }
    });
    widgets::named(button, "Transform…")
        .on_hover_text("Changes the whole profile: stretch, scale, repeat, mirror, warm-up, cool-down");
}

fn zoom_ui(ui: &mut Ui, view: &mut CanvasView, load: &LoadProfile) {
    let zoom_in = widgets::bare_icon_button(ui, icons::ICON_ZOOM_IN, "Zoom into the time axis");
    if zoom_in.on_hover_text("Zoom into the time axis (Ctrl and wheel, or + on the canvas)").clicked() {
        view.zoom_by(load, 0.5);
    }
    let is_zoomed = view.is_zoomed();
    ui.add_enabled_ui(is_zoomed, |ui| {
        let zoom_out = widgets::bare_icon_button(ui, icons::ICON_ZOOM_OUT, "Zoom out of the time axis");
        if zoom_out.on_hover_text("Zoom out of the time axis (Ctrl and wheel, or − on the canvas)").clicked()
        {
            view.zoom_by(load, 2.0);
        }
        let all = widgets::bare_icon_button(ui, icons::ICON_FIT_SCREEN, "Show the whole time axis");
        let tip =
            "Show the whole time axis (0 on the canvas); the middle button or Page Up and Page Down move it";
        if all.on_hover_text(tip).clicked() {
            view.show_all();
        }
    });
}

/// A form in a frame of its own, with its heading, its problem and its two buttons.
pub fn form_ui(
    ui: &mut Ui,
    title: &str,
    yes: &str,
    made: impl FnOnce(&mut Ui) -> Result<(LoadProfile, Option<usize>), String>,
) -> Doing {
    let colors = theme::colors(ui);
    let frame = egui::Frame::new().fill(colors.raised).corner_radius(theme::CORNERS);
    frame
        .inner_margin(space::M)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            widgets::section(ui, title);
            let made = made(ui);
            if let Err(refusal) = &made {
                ui.label(theme::small(ui, refusal).color(colors.fail));
            }
            buttons_ui(ui, yes, made)
        })
        .inner
}

fn buttons_ui(ui: &mut Ui, yes: &str, made: Result<(LoadProfile, Option<usize>), String>) -> Doing {
    ui.horizontal(|ui| {
        let confirmed = ui
            .add_enabled_ui(made.is_ok(), |ui| widgets::primary_button(ui, icons::ICON_CHECK, yes))
            .inner
            .clicked();
        let cancelled = widgets::link_button(ui, "Cancel").clicked();
        match made {
            Ok((profile, selected)) if confirmed => Doing::Done(profile, selected),
            _ if cancelled => Doing::Cancelled,
            made => Doing::Open(made.ok().map(|(profile, _)| profile)),
        }
    })
    .inner
}
