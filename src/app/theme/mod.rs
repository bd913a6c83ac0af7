//! How the window looks: the only place that names colours, sizes of text and spacing.

mod colors;
mod fonts;
mod glyphs;
mod heat;

pub use colors::{Colors, DARK, LIGHT};
pub use glyphs::GlyphMaker;
pub use heat::OutcomeHue;

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, RichText, Stroke, Style, TextStyle, Theme,
    Ui, Visuals,
    epaint::Shadow,
    style::{Selection, WidgetVisuals, Widgets},
};

/// Spacing scale, in points.
pub mod space {
    pub const XS: f32 = 4.0;
    pub const S: f32 = 8.0;
    pub const M: f32 = 12.0;
    pub const L: f32 = 16.0;
    pub const XL: f32 = 24.0;
}

/// Sizes of text, in points.
pub mod size {
    /// Titles of screens, and the numbers of tiles.
    pub const TITLE: f32 = 22.0;
    pub const HEADING: f32 = 18.0;
    pub const SECTION: f32 = 15.0;
    pub const BODY: f32 = 13.0;
    pub const SMALL: f32 = 12.0;
    /// Within charts and beside small marks.
    pub const FINE: f32 = 11.0;
}

/// Corners of cards, buttons and fields.
pub const CORNERS: CornerRadius = CornerRadius::same(6);

/// Height of buttons and fields.
pub const CONTROL_HEIGHT: f32 = 28.0;

/// The weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Medium,
    SemiBold,
}

/// Fonts and both themes; called once when the window opens.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Light, style(&LIGHT));
    ctx.set_style_of(Theme::Dark, style(&DARK));
}

/// The colours of the theme in force.
pub fn colors(ui: &Ui) -> &'static Colors {
    colors_of(ui.visuals())
}

/// The colours that belong to `visuals`.
pub fn colors_of(visuals: &Visuals) -> &'static Colors {
    if visuals.dark_mode { &DARK } else { &LIGHT }
}

/// A font of the window's family.
pub fn font(size: f32, weight: Weight) -> FontId {
    FontId::new(size, fonts::family(weight))
}

/// Icons stand on their own baseline, so that they need a font of their own.
pub fn icon_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(egui_material_icons::FONT_FAMILY.into()))
}

/// The quiet colour of an HTTP method.
pub fn method_color(colors: &Colors, method: &str) -> Color32 {
    match method {
        "GET" | "HEAD" | "OPTIONS" => colors.info,
        "POST" => colors.ok,
        "PUT" | "PATCH" => colors.warn,
        "DELETE" => colors.fail,
        _ => colors.muted,
    }
}

/// Letters of one width, for code and requests as sent.
pub fn mono() -> FontId {
    FontId::new(size::SMALL, FontFamily::Monospace)
}

/// A text of one size and weight, in the colour of its surroundings.
pub fn text(text: impl Into<String>, size: f32, weight: Weight) -> RichText {
    RichText::new(text).font(font(size, weight))
}

/// Secondary text.
pub fn muted(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(colors(ui).muted)
}

/// Small secondary text.
pub fn small(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).font(font(size::SMALL, Weight::Regular)).color(colors(ui).muted)
}

fn style(colors: &Colors) -> Style {
    let mut style = Style { visuals: visuals(colors), ..Style::default() };
    style.text_styles = [
        (TextStyle::Heading, font(size::HEADING, Weight::SemiBold)),
        (TextStyle::Body, font(size::BODY, Weight::Regular)),
        (TextStyle::Button, font(size::BODY, Weight::Medium)),
        (TextStyle::Small, font(size::SMALL, Weight::Regular)),
        (TextStyle::Monospace, FontId::new(size::SMALL, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = egui::vec2(space::S, space::S);
    spacing.button_padding = egui::vec2(10.0, 5.0);
    spacing.interact_size = egui::vec2(CONTROL_HEIGHT, CONTROL_HEIGHT);
    spacing.window_margin = Margin::same(space::L as i8);
    spacing.menu_margin = Margin::same(6);
    spacing.combo_width = 80.0;
    spacing.tooltip_width = 360.0;
    spacing.scroll = egui::style::ScrollStyle::thin();
    style.interaction.tooltip_delay = 0.35;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.08;
    style
}

fn visuals(colors: &Colors) -> Visuals {
    let mut visuals = if colors.is_dark { Visuals::dark() } else { Visuals::light() };
    visuals.widgets = widgets(colors);
    visuals.selection =
        Selection { bg_fill: colors.accent_soft, stroke: Stroke::new(1.0, colors.accent_text) };
    visuals.weak_text_color = Some(colors.muted);
    visuals.hyperlink_color = colors.accent_text;
    visuals.faint_bg_color = colors.raised;
    visuals.extreme_bg_color = colors.field;
    visuals.code_bg_color = colors.raised;
    visuals.warn_fg_color = colors.warn;
    visuals.error_fg_color = colors.fail;
    visuals.window_fill = colors.card;
    visuals.panel_fill = colors.page;
    visuals.window_stroke = Stroke::new(1.0, colors.border);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.window_shadow = Shadow { offset: [0, 12], blur: 32, spread: 0, color: colors.shadow };
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 18, spread: 0, color: colors.shadow };
    visuals.indent_has_left_vline = false;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals
}

fn widgets(colors: &Colors) -> Widgets {
    let state = |fill, border, text| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        fg_stroke: Stroke::new(1.0, text),
        corner_radius: CORNERS,
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(colors.card, colors.border, colors.text),
        inactive: state(colors.control, colors.border, colors.text),
        hovered: state(colors.hover, colors.border_strong, colors.text),
        active: state(colors.pressed, colors.accent, colors.text),
        open: state(colors.hover, colors.border_strong, colors.text),
    }
}
