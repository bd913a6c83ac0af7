//! Letters are drawn into the font's texture before they are needed.
//!
//! The first frame of a run shows many sizes and weights at once. Drawing their letters took longer than all else in it,
//! on the window's own thread, with the load already running.

use egui::{
    Color32, Context, FontId,
    text::{LayoutJob, TextFormat},
};
use egui_material_icons::icons;

use super::{Weight, font, icon_font, size};

/// What charts, tiles and tables are written in.
const FONTS: [(f32, Weight); 10] = [
    (size::BODY, Weight::Regular),
    (size::BODY, Weight::Medium),
    (size::BODY, Weight::SemiBold),
    (size::SMALL, Weight::Regular),
    (size::SMALL, Weight::Medium),
    (size::FINE, Weight::Regular),
    (size::FINE, Weight::Medium),
    (size::FINE, Weight::SemiBold),
    (size::SECTION, Weight::SemiBold),
    (size::HEADING, Weight::SemiBold),
];

/// What is written beside ASCII.
const MORE: &str = "·–—…«»≤≥≠±×÷µ→←↑↓’";

/// The numbers of tiles, with their units.
const FIGURES: &str = "0123456789.,:%/<> —µmsreqinkMGBhu";

/// Sizes of icons on buttons and in tables.
const ICON_SIZES: [f32; 2] = [16.0, 17.0];

/// What the Run screen has on its buttons.
const ICONS: [egui_material_icons::MaterialIcon; 15] = [
    icons::ICON_PLAY_ARROW,
    icons::ICON_PAUSE,
    icons::ICON_SKIP_NEXT,
    icons::ICON_MORE_TIME,
    icons::ICON_STOP,
    icons::ICON_CANCEL,
    icons::ICON_ADD_COMMENT,
    icons::ICON_LAYERS,
    icons::ICON_TUNE,
    icons::ICON_HELP,
    icons::ICON_ZOOM_IN,
    icons::ICON_ZOOM_OUT,
    icons::ICON_ZOOM_OUT_MAP,
    icons::ICON_CHECK_CIRCLE,
    icons::ICON_SCATTER_PLOT,
];

/// Of letters, of figures and of icons.
const N_FONTS: usize = FONTS.len() + 1 + ICON_SIZES.len();

/// egui draws a letter anew for each quarter of a pixel at which it may begin.
const N_STARTS: usize = 4;

/// Draws letters a few at a time, anew whenever the window's scale changes.
#[derive(Default)]
pub struct GlyphMaker {
    pixels_per_point: f32,
    n_made: usize,
}

impl GlyphMaker {
    /// Draws the letters of one font at one start; whether there are more to be drawn.
    pub fn make_some(&mut self, ctx: &Context) -> bool {
        let pixels_per_point = ctx.pixels_per_point();
        if self.pixels_per_point != pixels_per_point {
            *self = Self { pixels_per_point, n_made: 0 };
        }
        let (font, start) = (self.n_made / N_STARTS, self.n_made % N_STARTS);
        let Some((font, letters)) = letters_of(font) else { return false };
        let start = start as f32 / N_STARTS as f32 / pixels_per_point;
        ctx.fonts_mut(|fonts| _ = fonts.layout_job(each_at(&letters, &font, start)));
        self.n_made += 1;
        self.n_made < N_STARTS * N_FONTS
    }
}

/// A font by its number, and what is to be drawn in it; none beyond the last.
fn letters_of(number: usize) -> Option<(FontId, String)> {
    if let Some((size, weight)) = FONTS.get(number) {
        return Some((font(*size, *weight), (' '..='~').chain(MORE.chars()).collect()));
    }
    if number == FONTS.len() {
        return Some((font(size::TITLE, Weight::SemiBold), FIGURES.to_owned()));
    }
    let points = ICON_SIZES.get(number - FONTS.len() - 1)?;
    Some((icon_font(*points), ICONS.iter().map(|icon| icon.codepoint).collect()))
}

/// Each letter in a row of its own, that many points from the edge.
fn each_at(letters: &str, font: &FontId, start: f32) -> LayoutJob {
    let mut job = LayoutJob::default();
    for letter in letters.chars() {
        let format = TextFormat::simple(font.clone(), Color32::PLACEHOLDER);
        job.append(&format!("{letter}\n"), start, format);
    }
    job
}

#[cfg(test)]
mod tests {
    use egui::RawInput;

    use super::*;

    /// How full the font's texture is after a frame that shows this text.
    fn fill_after(ctx: &Context, text: &str) -> f32 {
        let mut output = ctx.run_ui(RawInput::default(), |ui| _ = ui.label(text));
        output.textures_delta.clear();
        ctx.fonts(|fonts| fonts.font_atlas_fill_ratio())
    }

    #[test]
    fn letters_are_there_before_a_text_needs_them_and_again_at_another_scale() {
        let ctx = Context::default();
        super::super::install(&ctx);
        fill_after(&ctx, "");
        let mut maker = GlyphMaker::default();
        while maker.make_some(&ctx) {}
        let n_texts = maker.n_made;
        assert_eq!(n_texts, 52);
        let (before, after) = (fill_after(&ctx, ""), fill_after(&ctx, "Requests per second: 12,345.6"));
        assert!(before > 0.0 && after == before, "{before} {after}");
        assert!(!maker.make_some(&ctx));
        ctx.set_pixels_per_point(2.0);
        fill_after(&ctx, "");
        assert!(maker.make_some(&ctx), "they look different at this scale");
        while maker.make_some(&ctx) {}
        // 2,048 pixels a side are the least that OpenGL ES 3 grants; egui empties a texture that is 80 % full.
        let fill = fill_after(&ctx, "");
        assert!(fill < 0.7, "{fill}");
    }
}
