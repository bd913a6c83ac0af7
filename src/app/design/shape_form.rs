//! The small form of a shape: its figures and where its stages go, with a preview on the canvas.

use std::time::Duration;

use egui::Ui;

use super::{
    stage_table::parse_level,
    tools::{Doing, form_ui},
};
use crate::{
    app::widgets::{self, labelled, parsed_field},
    model::{
        LoadProfile, format_duration, parse_duration,
        profile::generate::{Generator, Pattern, Place},
    },
};

const FIELD: f32 = 88.0;

/// A shape that is being described.
#[derive(Debug)]
pub struct ShapeForm {
    generator: Generator,
    where_to: WhereTo,
}

/// Where the stages go, seen from the selected stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhereTo {
    Behind,
    InsteadOf,
    AtTheEnd,
}

impl ShapeForm {
    /// Figures that fit what is drawn already.
    pub fn new(pattern: Pattern, selected: Option<usize>, load: &LoadProfile) -> Self {
        let peak = if load.peak() > 0.0 { load.peak() } else { 50.0 };
        let before = selected.and_then(|index| load.stages.get(index)).or(load.stages.last());
        let level = before.map_or(0.0, |stage| stage.end_level);
        let (low, high) = match pattern {
            Pattern::Ramp | Pattern::Hold | Pattern::Ease => (0.0, peak),
            Pattern::Spike => (level, 2.0 * peak),
            Pattern::Sine => (if level < peak { level } else { (peak / 2.0).round() }, peak),
            Pattern::Staircase => ((peak / 5.0).round().max(1.0), peak),
        };
        let n_parts = match pattern {
            Pattern::Sine => 16,
            Pattern::Staircase => 5,
            _ => 8,
        };
        let duration = match load.duration() {
            Duration::ZERO => Duration::from_secs(120),
            whole => Duration::from_secs(whole.as_secs().clamp(10, 600)),
        };
        let generator = Generator { pattern, duration, low, high, n_cycles: 2, n_parts };
        let where_to = if selected.is_some() { WhereTo::Behind } else { WhereTo::AtTheEnd };
        Self { generator, where_to }
    }

    pub fn ui(&mut self, ui: &mut Ui, selected: Option<usize>, load: &LoadProfile) -> Doing {
        let selected = selected.filter(|index| *index < load.stages.len());
        if selected.is_none() {
            self.where_to = WhereTo::AtTheEnd;
        }
        let title = format!("Shape: {}", self.generator.pattern.name().to_lowercase());
        form_ui(ui, &title, "Insert shape", |ui| {
            self.figures_ui(ui, load.model.is_open());
            if let Some(index) = selected {
                let name = shortened(&load.stages[index].name);
                let choices = [
                    (WhereTo::Behind, format!("After “{name}”")),
                    (WhereTo::InsteadOf, format!("Instead of “{name}”")),
                    (WhereTo::AtTheEnd, "At the end".to_owned()),
                ];
                let choices = choices.each_ref().map(|(value, label)| (*value, label.as_str()));
                ui.horizontal_wrapped(|ui| widgets::segments(ui, &mut self.where_to, &choices));
            }
            let mut changed = load.clone();
            let range = self.generator.insert(&mut changed, self.place(selected))?;
            Ok((changed, range.last()))
        })
    }

    fn place(&self, selected: Option<usize>) -> Place {
        match (self.where_to, selected) {
            (WhereTo::Behind, Some(index)) => Place::Behind(index),
            (WhereTo::InsteadOf, Some(index)) => Place::InsteadOf(index),
            _ => Place::AtTheEnd,
        }
    }

    fn figures_ui(&mut self, ui: &mut Ui, is_open: bool) {
        let Generator { pattern, duration, low, high, n_cycles, n_parts } = &mut self.generator;
        let (low_name, high_name) = match pattern {
            Pattern::Ramp | Pattern::Hold | Pattern::Ease => ("", "To level"),
            Pattern::Spike => ("Level after", "Peak level"),
            Pattern::Sine => ("Low level", "High level"),
            Pattern::Staircase => ("First level", "Last level"),
        };
        ui.horizontal_top(|ui| {
            labelled(ui, "Duration", |ui| {
                let format = |duration: &Duration| format_duration(*duration);
                parsed_field(ui, "Shape duration", duration, FIELD, format, parse_duration)
            });
            if pattern.has_low() {
                level_ui(ui, low_name, low, is_open);
            }
            level_ui(ui, high_name, high, is_open);
            if pattern.has_cycles() {
                count_ui(ui, "Waves", n_cycles);
            }
            if pattern.has_parts() {
                let name = match pattern {
                    Pattern::Sine => "Stages per wave",
                    Pattern::Staircase => "Steps",
                    _ => "Stages",
                };
                count_ui(ui, name, n_parts);
            }
        });
    }
}

pub fn level_ui(ui: &mut Ui, name: &str, level: &mut f64, is_open: bool) {
    let unit = if is_open { "arrivals/s" } else { "users" };
    labelled(ui, &format!("{name} ({unit})"), |ui| {
        parsed_field(ui, name, level, FIELD, ToString::to_string, |text| parse_level(text, is_open))
    });
}

pub fn count_ui(ui: &mut Ui, name: &str, count: &mut u32) {
    labelled(ui, name, |ui| {
        parsed_field(ui, name, count, FIELD, ToString::to_string, |text| {
            text.trim().replace(',', "").parse().map_err(|_| "Write a whole number".to_owned())
        })
    });
}

fn shortened(name: &str) -> String {
    const MAX_CHARS: usize = 24;
    if name.chars().nth(MAX_CHARS).is_none() {
        return name.to_owned();
    }
    name.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}
