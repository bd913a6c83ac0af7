//! The small form of a transform: its one or two figures, with a preview on the canvas.

use std::time::Duration;

use egui::Ui;

use super::{
    shape_form::{count_ui, level_ui},
    tools::{Doing, form_ui},
};
use crate::{
    app::widgets::{labelled, parsed_field, segments},
    model::{LoadProfile, format_duration, parse_duration, profile::transform::Transform},
};

const FIELD: f32 = 88.0;

/// A transform that asks for figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stretch,
    Scale,
    Repeat,
    WarmUp,
    CoolDown,
}

/// A transform that is being described.
#[derive(Debug)]
pub struct TransformForm {
    kind: Kind,
    /// Whether it goes by a factor rather than to a figure.
    by_factor: bool,
    factor: f64,
    duration: Duration,
    level: f64,
    n_times: u32,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Stretch, Self::Scale, Self::Repeat, Self::WarmUp, Self::CoolDown];

    pub fn menu_words(self) -> &'static str {
        match self {
            Self::Stretch => "Stretch time…",
            Self::Scale => "Scale level…",
            Self::Repeat => "Repeat…",
            Self::WarmUp => "Insert warm-up…",
            Self::CoolDown => "Insert cool-down…",
        }
    }

    pub fn tip(self) -> &'static str {
        match self {
            Self::Stretch => "Makes all stages longer or shorter, the warm-up too",
            Self::Scale => "Makes all levels higher or lower",
            Self::Repeat => "The profile several times in a row",
            Self::WarmUp => "A ramp before everything, kept out of percentiles and verdicts",
            Self::CoolDown => "A ramp to zero behind everything",
        }
    }

    fn title(self) -> &'static str {
        self.menu_words().trim_end_matches('…')
    }
}

impl TransformForm {
    pub fn new(kind: Kind, load: &LoadProfile) -> Self {
        let duration = match kind {
            Kind::Stretch => load.duration(),
            _ => Duration::from_secs(30),
        };
        let level = match kind {
            // Where the first stage is to go on from.
            Kind::WarmUp => load.stages.first().map_or(10.0, |stage| stage.end_level),
            _ => load.peak(),
        };
        Self { kind, by_factor: true, factor: 2.0, duration, level, n_times: 2 }
    }

    pub fn ui(&mut self, ui: &mut Ui, load: &LoadProfile) -> Doing {
        form_ui(ui, self.kind.title(), "Apply", |ui| {
            let is_open = load.model.is_open();
            match self.kind {
                Kind::Stretch => self.stretch_ui(ui),
                Kind::Scale => self.scale_ui(ui, is_open),
                Kind::Repeat => count_ui(ui, "Times", &mut self.n_times),
                Kind::WarmUp => {
                    ui.horizontal_top(|ui| {
                        duration_ui(ui, "Warm-up lasts", &mut self.duration);
                        level_ui(ui, "To level", &mut self.level, is_open);
                    });
                }
                Kind::CoolDown => duration_ui(ui, "Cool-down lasts", &mut self.duration),
            }
            self.transform().applied(load).map(|changed| (changed, None))
        })
    }

    fn transform(&self) -> Transform {
        match (self.kind, self.by_factor) {
            (Kind::Stretch, true) => Transform::StretchTime(self.factor),
            (Kind::Stretch, false) => Transform::StretchTo(self.duration),
            (Kind::Scale, true) => Transform::ScaleLevel(self.factor),
            (Kind::Scale, false) => Transform::ScaleTo(self.level),
            (Kind::Repeat, _) => Transform::Repeat(self.n_times),
            (Kind::WarmUp, _) => Transform::WarmUp { duration: self.duration, level: self.level },
            (Kind::CoolDown, _) => Transform::CoolDown { duration: self.duration },
        }
    }

    fn stretch_ui(&mut self, ui: &mut Ui) {
        segments(ui, &mut self.by_factor, &[(true, "By a factor"), (false, "To a total duration")]);
        if self.by_factor {
            factor_ui(ui, &mut self.factor);
        } else {
            duration_ui(ui, "Total duration", &mut self.duration);
        }
    }

    fn scale_ui(&mut self, ui: &mut Ui, is_open: bool) {
        segments(ui, &mut self.by_factor, &[(true, "By a factor"), (false, "To a peak")]);
        if self.by_factor {
            factor_ui(ui, &mut self.factor);
        } else {
            level_ui(ui, "Peak", &mut self.level, is_open);
        }
    }
}

fn factor_ui(ui: &mut Ui, factor: &mut f64) {
    labelled(ui, "Factor", |ui| {
        parsed_field(ui, "Factor", factor, FIELD, ToString::to_string, |text| {
            let bare = text.trim().trim_end_matches(['×', 'x']).trim();
            let (number, unit) =
                bare.strip_suffix('%').map_or((bare, 1.0), |percent| (percent.trim(), 100.0));
            match number.parse::<f64>() {
                Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(factor / unit),
                _ => Err("Write a number above zero, such as 2, 0.5 or 150 %".to_owned()),
            }
        })
    });
}

fn duration_ui(ui: &mut Ui, name: &str, duration: &mut Duration) {
    labelled(ui, name, |ui| {
        parsed_field(ui, name, duration, FIELD, |duration| format_duration(*duration), parse_duration)
    });
}
