//! Colours that stand for how much and how it ended: the ramp of the latency heatmap, and the hues of outcomes.

use egui::Color32;

use super::Colors;

/// What a colour of [`Colors::outcomes`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeHue {
    Ok,
    Redirect,
    ClientError,
    ServerError,
    FailedCheck,
    Timeout,
    NoAnswer,
}

impl Colors {
    pub fn outcome(&self, hue: OutcomeHue) -> Color32 {
        self.outcomes[hue as usize]
    }

    /// The colour of the heatmap's ramp at a place between 0 (few) and 1 (all).
    pub fn heat(&self, place: f32) -> Color32 {
        let at = place.clamp(0.0, 1.0) * (self.heat.len() - 1) as f32;
        let below = (at as usize).min(self.heat.len() - 2);
        self.heat[below].lerp_to_gamma(self.heat[below + 1], at - below as f32)
    }

    /// The same for failed requests of one kind, in their own hue; the fewest are well off the ground.
    pub fn heat_of(&self, hue: OutcomeHue, place: f32) -> Color32 {
        self.heat_ground.lerp_to_gamma(self.outcome(hue), 0.3 + 0.7 * place.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::theme::{DARK, LIGHT};

    /// How light a colour is seen by trichromats, and by people who see no red or no green.
    // Machado, Oliveira and Fernandes 2009, severity 1, on linear light.
    fn lightness(color: Color32) -> [f32; 3] {
        const PROTAN: [[f32; 3]; 3] =
            [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]];
        const DEUTAN: [[f32; 3]; 3] = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]];
        const IDENTITY: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let [r, g, b, _] = egui::Rgba::from(color).to_array();
        [IDENTITY, PROTAN, DEUTAN].map(|matrix| {
            let [r, g, b] = matrix.map(|row| row[0] * r + row[1] * g + row[2] * b);
            (0.2126 * r + 0.7152 * g + 0.0722 * b).max(0.0).cbrt()
        })
    }

    #[test]
    fn the_ramp_goes_one_way_from_the_ground_for_every_kind_of_eye() {
        for colors in [&LIGHT, &DARK] {
            let direction = if colors.is_dark { 1.0 } else { -1.0 };
            let ramp = [colors.heat_ground].into_iter().chain((0..=32).map(|n| colors.heat(n as f32 / 32.0)));
            let seen: Vec<_> = ramp.map(lightness).collect();
            for pair in seen.windows(2) {
                for (eye, (before, after)) in pair[0].into_iter().zip(pair[1]).enumerate() {
                    let step = (after - before) * direction;
                    assert!(step > 0.002, "eye {eye}: {step}, dark: {}", colors.is_dark);
                }
            }
        }
    }

    #[test]
    fn neighbouring_outcomes_are_told_apart_by_lightness_alone() {
        use OutcomeHue::{ClientError, FailedCheck, NoAnswer, Ok, ServerError, Timeout};
        for colors in [&LIGHT, &DARK] {
            for (one, other) in
                [(Ok, ServerError), (ClientError, ServerError), (FailedCheck, Timeout), (Timeout, NoAnswer)]
            {
                let [a, b] = [one, other].map(|hue| lightness(colors.outcome(hue)));
                let apart = (0..3).map(|eye| (a[eye] - b[eye]).abs()).fold(f32::MAX, f32::min);
                assert!(apart > 0.015, "{one:?} and {other:?}: {apart}, dark: {}", colors.is_dark);
            }
        }
    }
}
