//! The two colour tables. Series follow Okabe and Ito's colour-blind-safe set, tuned for each background.

use egui::Color32;

/// Colours by role.
#[derive(Debug)]
pub struct Colors {
    pub is_dark: bool,
    /// Behind everything.
    pub page: Color32,
    /// Rail and bars.
    pub chrome: Color32,
    pub card: Color32,
    /// Table heads, chips and code.
    pub raised: Color32,
    pub field: Color32,
    pub control: Color32,
    pub hover: Color32,
    pub pressed: Color32,
    pub border: Color32,
    pub border_strong: Color32,
    pub text: Color32,
    pub muted: Color32,
    /// Hints and axis labels; never the only carrier of a fact.
    pub faint: Color32,
    /// The one accent, as a fill.
    pub accent: Color32,
    pub accent_hover: Color32,
    /// Text upon the accent.
    pub on_accent: Color32,
    /// The accent as text on a card.
    pub accent_text: Color32,
    pub accent_soft: Color32,
    pub ok: Color32,
    pub ok_soft: Color32,
    pub warn: Color32,
    pub warn_soft: Color32,
    pub fail: Color32,
    pub fail_soft: Color32,
    pub info: Color32,
    pub info_soft: Color32,
    pub grid: Color32,
    pub shadow: Color32,
    /// Lines of charts, in order of use.
    pub series: [Color32; 8],
    /// Stages of a load profile, in turn.
    pub bands: [Color32; 6],
    /// Outcomes in the order of [`OutcomeHue`](super::OutcomeHue).
    pub outcomes: [Color32; 7],
    /// From few to many, each step further from the ground than the one before.
    pub heat: [Color32; 8],
    /// A measured second without requests of this length.
    pub heat_ground: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// By day.
pub const LIGHT: Colors = Colors {
    is_dark: false,
    page: rgb(0xF6F7F9),
    chrome: rgb(0xFFFFFF),
    card: rgb(0xFFFFFF),
    raised: rgb(0xF1F3F6),
    field: rgb(0xFBFCFD),
    control: rgb(0xFFFFFF),
    hover: rgb(0xF1F3F7),
    pressed: rgb(0xE6E9F0),
    border: rgb(0xE1E5EB),
    border_strong: rgb(0xC6CCD6),
    text: rgb(0x1B2130),
    muted: rgb(0x596273),
    faint: rgb(0x737C8C),
    accent: rgb(0x4653CF),
    accent_hover: rgb(0x3A46B8),
    on_accent: rgb(0xFFFFFF),
    accent_text: rgb(0x3C49C2),
    accent_soft: rgb(0xE8EAFB),
    ok: rgb(0x0B7A4B),
    ok_soft: rgb(0xDFF3E9),
    warn: rgb(0x8F5B00),
    warn_soft: rgb(0xFBEFD6),
    fail: rgb(0xBC2C2C),
    fail_soft: rgb(0xFBE5E5),
    info: rgb(0x1C64A8),
    info_soft: rgb(0xE0EDF9),
    grid: rgb(0xE4E7EC),
    shadow: Color32::from_black_alpha(34),
    series: [
        rgb(0x0072B2),
        rgb(0xD55E00),
        rgb(0x00875F),
        rgb(0xB6558D),
        rgb(0xB07800),
        rgb(0x3A9BD9),
        rgb(0x5B5FC7),
        rgb(0x6B7280),
    ],
    bands: [rgb(0x4653CF), rgb(0x0A8F86), rgb(0xB07800), rgb(0xB6558D), rgb(0x3A8DCB), rgb(0x6C8A2F)],
    outcomes: [
        rgb(0x7DBFAB),
        rgb(0x93B4DC),
        rgb(0xE0A83A),
        rgb(0xC2423A),
        rgb(0xC987B0),
        rgb(0x6D48B0),
        rgb(0x4D5665),
    ],
    heat: [
        rgb(0xC4E6D6),
        rgb(0x96D2C4),
        rgb(0x64B8BD),
        rgb(0x3B98B8),
        rgb(0x2B77AB),
        rgb(0x285695),
        rgb(0x22387A),
        rgb(0x141C52),
    ],
    heat_ground: rgb(0xF1F3F6),
};

/// By night.
pub const DARK: Colors = Colors {
    is_dark: true,
    page: rgb(0x0F1217),
    chrome: rgb(0x14181F),
    card: rgb(0x171C24),
    raised: rgb(0x1F2530),
    field: rgb(0x11151B),
    control: rgb(0x1E242E),
    hover: rgb(0x27303C),
    pressed: rgb(0x303A49),
    border: rgb(0x29303B),
    border_strong: rgb(0x3E4857),
    text: rgb(0xE6E9EF),
    muted: rgb(0x9DA7B6),
    faint: rgb(0x7F8999),
    accent: rgb(0x5663E4),
    accent_hover: rgb(0x6976F0),
    on_accent: rgb(0xFFFFFF),
    accent_text: rgb(0xA3ACFF),
    accent_soft: rgb(0x272D54),
    ok: rgb(0x4CC38A),
    ok_soft: rgb(0x15332A),
    warn: rgb(0xE5B454),
    warn_soft: rgb(0x3A2F17),
    fail: rgb(0xF07C7C),
    fail_soft: rgb(0x412024),
    info: rgb(0x6CB4F0),
    info_soft: rgb(0x172F44),
    grid: rgb(0x262D38),
    shadow: Color32::from_black_alpha(140),
    series: [
        rgb(0x56B4E9),
        rgb(0xF08A4B),
        rgb(0x2FC08F),
        rgb(0xDB8FBC),
        rgb(0xE6B23C),
        rgb(0x8FB8FF),
        rgb(0xA3A6F5),
        rgb(0x9AA4B2),
    ],
    bands: [rgb(0x7C88F5), rgb(0x35B8AE), rgb(0xE0AA3E), rgb(0xDB8FBC), rgb(0x62B0EC), rgb(0xA3C35C)],
    outcomes: [
        rgb(0x3F8F7C),
        rgb(0x5C82B8),
        rgb(0xE0AE4A),
        rgb(0xEE6A60),
        rgb(0xD795BF),
        rgb(0x8F6BE8),
        rgb(0xAEB8C6),
    ],
    heat: [
        rgb(0x403F86),
        rgb(0x365C8D),
        rgb(0x2A788E),
        rgb(0x21918C),
        rgb(0x2DB27D),
        rgb(0x65CB5E),
        rgb(0xB0DD2F),
        rgb(0xFDE725),
    ],
    heat_ground: rgb(0x1F2530),
};

impl Colors {
    /// The colour of the `index`-th line of a chart.
    pub fn series(&self, index: usize) -> Color32 {
        self.series[index % self.series.len()]
    }

    /// The colour of the `index`-th stage.
    pub fn band(&self, index: usize) -> Color32 {
        self.bands[index % self.bands.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color32) -> f32 {
        let [r, g, b, _] = egui::Rgba::from(color).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(one: Color32, other: Color32) -> f32 {
        let (light, dark) = (luminance(one).max(luminance(other)), luminance(one).min(luminance(other)));
        (light + 0.05) / (dark + 0.05)
    }

    #[test]
    fn text_is_readable_on_its_background_in_both_themes() {
        for colors in [&LIGHT, &DARK] {
            for (text, ground) in [
                (colors.text, colors.card),
                (colors.muted, colors.card),
                (colors.muted, colors.page),
                (colors.on_accent, colors.accent),
                (colors.accent_text, colors.accent_soft),
                (colors.ok, colors.ok_soft),
                (colors.warn, colors.warn_soft),
                (colors.fail, colors.fail_soft),
                (colors.info, colors.info_soft),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
            }
            for line in colors.series.iter().chain(&colors.bands) {
                assert!(contrast(*line, colors.card) >= 3.0, "{line:?}: {}", contrast(*line, colors.card));
            }
        }
    }
}
