//! The colours of reports by role, by day and by night: those of the window, which a test holds them to.

use super::Role;

/// Colours by role, as 0xRRGGBB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    pub ground: u32,
    pub ink: u32,
    pub muted: u32,
    pub grid: u32,
    pub axis: u32,
    /// Behind every other stage.
    pub band: u32,
    /// Under table heads and code.
    pub raised: u32,
    pub accent: u32,
    pub ok: u32,
    pub ok_soft: u32,
    pub warn: u32,
    pub warn_soft: u32,
    pub fail: u32,
    pub fail_soft: u32,
    pub series: [u32; Role::N_SERIES],
    /// One per [`Outcome`](crate::metrics::Outcome).
    pub outcomes: [u32; 7],
    /// From few to many.
    pub heat: [u32; 8],
    pub heat_ground: u32,
}

/// By day, and on paper.
pub const LIGHT: Palette = Palette {
    ground: 0xFFFFFF,
    ink: 0x1B2130,
    muted: 0x596273,
    grid: 0xE4E7EC,
    axis: 0xC6CCD6,
    band: 0xF6F7F9,
    raised: 0xF1F3F6,
    accent: 0x3C49C2,
    ok: 0x0B7A4B,
    ok_soft: 0xDFF3E9,
    warn: 0x8F5B00,
    warn_soft: 0xFBEFD6,
    fail: 0xBC2C2C,
    fail_soft: 0xFBE5E5,
    series: [0x0072B2, 0xD55E00, 0x00875F, 0xB6558D, 0xB07800, 0x3A9BD9, 0x5B5FC7, 0x6B7280],
    // Ok, no connection, TLS, timeout, protocol, status, check: the window's hues for the same.
    outcomes: [0x7DBFAB, 0x4D5665, 0x93B4DC, 0x6D48B0, 0xE0A83A, 0xC2423A, 0xC987B0],
    heat: [0xC4E6D6, 0x96D2C4, 0x64B8BD, 0x3B98B8, 0x2B77AB, 0x285695, 0x22387A, 0x141C52],
    heat_ground: 0xF1F3F6,
};

/// By night.
pub const DARK: Palette = Palette {
    ground: 0x171C24,
    ink: 0xE6E9EF,
    muted: 0x9DA7B6,
    grid: 0x262D38,
    axis: 0x3E4857,
    band: 0x14181F,
    raised: 0x1F2530,
    accent: 0xA3ACFF,
    ok: 0x4CC38A,
    ok_soft: 0x15332A,
    warn: 0xE5B454,
    warn_soft: 0x3A2F17,
    fail: 0xF07C7C,
    fail_soft: 0x412024,
    series: [0x56B4E9, 0xF08A4B, 0x2FC08F, 0xDB8FBC, 0xE6B23C, 0x8FB8FF, 0xA3A6F5, 0x9AA4B2],
    outcomes: [0x3F8F7C, 0xAEB8C6, 0x5C82B8, 0x8F6BE8, 0xE0AE4A, 0xEE6A60, 0xD795BF],
    heat: [0x403F86, 0x365C8D, 0x2A788E, 0x21918C, 0x2DB27D, 0x65CB5E, 0xB0DD2F, 0xFDE725],
    heat_ground: 0x1F2530,
};

impl Palette {
    /// The colour of a role.
    pub fn color(&self, role: Role) -> u32 {
        match role {
            Role::Ground => self.ground,
            Role::Ink => self.ink,
            Role::Muted => self.muted,
            Role::Grid => self.grid,
            Role::Axis => self.axis,
            Role::Band => self.band,
            Role::Target | Role::Fail => self.fail,
            Role::Ok => self.ok,
            Role::Warn => self.warn,
            Role::Series(n) => self.series[usize::from(n) % self.series.len()],
            Role::Outcome(n) => self.outcomes[usize::from(n) % self.outcomes.len()],
            Role::Heat(n) => self.heat_at(f64::from(n) / (Role::N_HEATS - 1) as f64),
            Role::HeatGround => self.heat_ground,
        }
    }

    /// The colour of the heatmap's ramp at a place between 0 (few) and 1 (all).
    fn heat_at(&self, place: f64) -> u32 {
        let at = place.clamp(0.0, 1.0) * (self.heat.len() - 1) as f64;
        let below = (at as usize).min(self.heat.len() - 2);
        mixed(self.heat[below], self.heat[below + 1], at - below as f64)
    }
}

/// A colour between two.
fn mixed(one: u32, other: u32, share: f64) -> u32 {
    let channel = |shift: u32| {
        let [from, to] = [one, other].map(|color| f64::from((color >> shift) & 0xFF));
        ((from + (to - from) * share).round() as u32) << shift
    };
    channel(16) | channel(8) | channel(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Outcome;

    /// WCAG's relative luminance.
    fn luminance(color: u32) -> f64 {
        let linear = |shift: u32| {
            let value = f64::from((color >> shift) & 0xFF) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let (light, dark) = (luminance(one).max(luminance(other)), luminance(one).min(luminance(other)));
        (light + 0.05) / (dark + 0.05)
    }

    #[test]
    fn words_and_lines_are_seen_on_their_ground_by_day_and_by_night() {
        for palette in [LIGHT, DARK] {
            for ground in [palette.ground, palette.band] {
                for text in [palette.ink, palette.muted] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{text:06x} on {ground:06x}: {}",
                        contrast(text, ground)
                    );
                }
                for line in palette.series.iter().chain([&palette.fail]) {
                    // Of the window's light blue on a white card it is 3.06; the grey of a stage takes some of it.
                    assert!(
                        contrast(*line, ground) >= 2.8,
                        "{line:06x} on {ground:06x}: {}",
                        contrast(*line, ground)
                    );
                }
            }
            for (text, ground) in [
                (palette.ok, palette.ok_soft),
                (palette.warn, palette.warn_soft),
                (palette.fail, palette.fail_soft),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{text:06x} on {ground:06x}");
            }
        }
    }

    #[test]
    fn every_colour_is_one_of_the_windows() {
        let theme = include_str!("../../app/theme/colors.rs");
        for palette in [LIGHT, DARK] {
            let Palette { ground, ink, muted, grid, axis, band, raised, accent, .. } = palette;
            let Palette { ok, ok_soft, warn, warn_soft, fail, fail_soft, heat_ground, .. } = palette;
            let words = [ground, ink, muted, grid, axis, band, raised, accent];
            let moods = [ok, ok_soft, warn, warn_soft, fail, fail_soft, heat_ground];
            let hues = palette.series.iter().chain(&palette.outcomes).chain(&palette.heat);
            for color in words.iter().chain(&moods).chain(hues) {
                assert!(theme.contains(&format!("0x{color:06X}")), "{color:06X}");
            }
        }
    }

    #[test]
    fn every_outcome_has_a_hue_and_the_ramp_keeps_its_ends() {
        assert_eq!(LIGHT.outcomes.len(), Outcome::ALL.len());
        for palette in [LIGHT, DARK] {
            assert_eq!(palette.color(Role::Heat(0)), palette.heat[0]);
            assert_eq!(palette.color(Role::Heat(Role::N_HEATS as u8 - 1)), palette.heat[7]);
        }
    }
}
