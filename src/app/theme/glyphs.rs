//! Letters are drawn into the font's texture before they are needed.
//!
//! The first frame of a run shows many sizes and weights at once. Drawing their letters took longer than all else in it,
//! on the window's own thread, with the load already running.

use egui::{Color32, Context};

use super::{Weight, font, size};

/// What charts, tiles and tables are written in.
const FONTS: [(f32, Weight); 11] = [
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
    (size::TITLE, Weight::SemiBold),
];

/// What is written beside ASCII.
const MORE: &str = "·–—…«»≤≥≠±×÷µ→←↑↓’";

/// A letter is drawn anew for each quarter of a pixel at which it may begin: these stand before all letters, so
/// that most of them get to each.
const STARTS: [&str; 4] = ["", "i", "r", "w"];

/// Draws letters a few at a time, anew whenever the window's scale changes.
#[derive(Default)]
pub struct GlyphMaker {
    pixels_per_point: f32,
    n_made: usize,
}

impl GlyphMaker {
    /// Draws the letters of one font; whether there are more to be drawn.
    pub fn make_some(&mut self, ctx: &Context) -> bool {
        let pixels_per_point = ctx.pixels_per_point();
        if self.pixels_per_point != pixels_per_point {
            *self = Self { pixels_per_point, n_made: 0 };
        }
        let n_texts = FONTS.len() * STARTS.len();
        if self.n_made < n_texts {
            let ((size, weight), start) =
                (FONTS[self.n_made / STARTS.len()], STARTS[self.n_made % STARTS.len()]);
            let text: String = start.chars().chain(' '..='~').chain(MORE.chars()).collect();
            ctx.fonts_mut(|fonts| _ = fonts.layout_no_wrap(text, font(size, weight), Color32::PLACEHOLDER));
            self.n_made += 1;
        }
        self.n_made < n_texts
    }
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
    fn most_letters_are_there_before_a_text_needs_them_and_again_at_another_scale() {
        let ctx = Context::default();
        super::super::install(&ctx);
        fill_after(&ctx, "");
        let mut maker = GlyphMaker::default();
        while maker.make_some(&ctx) {}
        let n_texts = maker.n_made;
        assert_eq!(n_texts, 44);
        let (before, after) = (fill_after(&ctx, ""), fill_after(&ctx, "Requests per second: 12,345.6"));
        assert!(before > 0.0 && after - before < 0.02, "{before} {after}");
        assert!(!maker.make_some(&ctx));
        ctx.set_pixels_per_point(2.0);
        fill_after(&ctx, "");
        assert!(maker.make_some(&ctx), "they look different at this scale");
        while maker.make_some(&ctx) {}
        let fill = fill_after(&ctx, "");
        assert!(fill < 0.5, "{fill}: all is drawn anew when the texture is nearly full");
    }
}
