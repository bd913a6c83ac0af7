//! A load profile as text, to copy and paste: our short form, k6 stages, CSV. The format is found out from the text.

mod csv;
mod k6;
mod short;

use std::time::Duration;

use super::{LoadModel, LoadProfile, Shape, Stage, edit::start_level, generate::within_limits, names::Names};
use crate::model::problem::shown;

pub use short::write as write_short;

/// A way to write a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `1m:50, 3m:50!, "Peak" 1m:100`: loses nothing of the stages.
    Short,
    /// `[{"duration":"1m","target":50}]`, or a whole options object.
    K6,
    /// `seconds,level` per corner of the curve.
    Csv,
}

/// A profile as text, with what the format cannot carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub text: String,
    pub losses: Vec<String>,
}

/// What a text says of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileText {
    pub format: Format,
    pub stages: Vec<Stage>,
    /// Said by k6 executors; the other formats fit either model.
    pub model: Option<TextModel>,
    /// What of the text was not taken, or not quite, one sentence each.
    pub notes: Vec<String>,
}

/// The load model that a text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextModel {
    Closed,
    Open { max_users: Option<u32> },
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Short, Self::K6, Self::Csv];

    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "Short form",
            Self::K6 => "k6 stages",
            Self::Csv => "CSV",
        }
    }

    /// Which format a text is in.
    fn of(text: &str) -> Self {
        let text = text.trim_start();
        if text.starts_with(['[', '{', '/']) || text.starts_with("export") || text.starts_with("const ") {
            return Self::K6;
        }
        if text.contains([':', '"']) { Self::Short } else { Self::Csv }
    }
}

/// The stages of a profile as text.
pub fn write(profile: &LoadProfile, format: Format) -> Written {
    match format {
        Format::Short => Written { text: write_short(profile), losses: Vec::new() },
        Format::K6 => k6::write(profile),
        Format::Csv => csv::write(profile),
    }
}

/// Reads a text in any of the formats; a refusal names the place and what to do.
pub fn read(text: &str) -> Result<ProfileText, String> {
    if text.trim().is_empty() {
        return Err("The text is empty: write stages such as 1m:50, 3m:50, 1m:100.".to_owned());
    }
    let read = match Format::of(text) {
        Format::Short => short::read(text),
        Format::K6 => k6::read(text),
        Format::Csv => csv::read(text),
    }?;
    if read.stages.is_empty() {
        return Err("The text has no stage in it: write stages such as 1m:50, 3m:50, 1m:100.".to_owned());
    }
    Ok(read)
}

impl ProfileText {
    /// The profile with these stages instead of its own, or why it cannot have them.
    pub fn applied(&self, profile: &LoadProfile) -> Result<LoadProfile, String> {
        let mut changed = LoadProfile { stages: self.stages.clone(), ..profile.clone() };
        match self.model {
            Some(TextModel::Closed) => changed.model = LoadModel::Closed,
            Some(TextModel::Open { max_users }) => {
                if !changed.model.is_open() {
                    changed.model = LoadModel::open();
                }
                if let (Some(asked), LoadModel::Open { max_users, .. }) = (max_users, &mut changed.model) {
                    *max_users = asked.max(1);
                }
            }
            None => {}
        }
        for (index, stage) in changed.stages.iter().enumerate() {
            check_stage(stage, changed.model.is_open())
                .map_err(|trouble| format!("Stage {} ({}): {trouble}", index + 1, shown(&stage.name)))?;
        }
        within_limits(&changed)?;
        if changed.duration().is_zero() {
            return Err("All stages together take no time: give one a duration.".to_owned());
        }
        Ok(changed)
    }
}

fn check_stage(stage: &Stage, is_open: bool) -> Result<(), String> {
    if !(0.0..=LoadProfile::MAX_LEVEL).contains(&stage.end_level) {
        return Err("levels go from 0 to 10,000,000.".to_owned());
    }
    if !is_open && stage.end_level.fract() != 0.0 {
        let level = stage.end_level;
        return Err(format!(
            "users are whole: write {} instead of {level}, or choose the open model.",
            level.round()
        ));
    }
    if stage.duration.is_zero() && stage.shape == Shape::Ramp {
        return Err("a ramp takes time: write a duration above 0s, or 0s:50! for a jump.".to_owned());
    }
    Ok(())
}

/// A level in a text, with or without its unit.
fn read_level(text: &str) -> Result<f64, String> {
    let bare = text.trim();
    let bare =
        ["users", "user", "VUs", "vus", "/s"].iter().find_map(|unit| bare.strip_suffix(unit)).unwrap_or(bare);
    let level: f64 = bare
        .trim()
        .parse()
        .map_err(|_| format!("`{}` is no level: write a number such as 50.", shown(text.trim())))?;
    if !level.is_finite() || level < 0.0 {
        return Err(format!("`{}` is no level: write a number from 0 on.", shown(text.trim())));
    }
    // Minus nought is nought.
    Ok(level + 0.0)
}

/// Stages from corners of a curve: each a time since the corner before and a level; no time is a jump.
struct Corners {
    stages: Vec<Stage>,
    names: Names,
    /// Where the curve is, jumps included.
    level: f64,
    /// Where the last stage ended.
    reached: f64,
}

impl Corners {
    fn new() -> Self {
        Self { stages: Vec::new(), names: Names::none(), level: 0.0, reached: 0.0 }
    }

    fn go(&mut self, time: Duration, level: f64) {
        if time.is_zero() {
            self.level = level;
            return;
        }
        if self.level == self.reached {
            self.push(time, level, Shape::Ramp);
        } else if self.level == level {
            self.push(time, level, Shape::Step);
        } else {
            self.push(Duration::ZERO, self.level, Shape::Step);
            self.push(time, level, Shape::Ramp);
        }
    }

    fn stages(mut self) -> Vec<Stage> {
        if self.level != self.reached {
            self.push(Duration::ZERO, self.level, Shape::Step);
        }
        self.stages
    }

    fn push(&mut self, duration: Duration, end_level: f64, shape: Shape) {
        let name = self.names.take(&format!("Stage {}", self.stages.len() + 1));
        self.stages.push(Stage { name, duration, end_level, shape });
        (self.level, self.reached) = (end_level, end_level);
    }
}

/// The corners of a profile's curve: each a time since the corner before and a level; no time is a jump.
fn corners(profile: &LoadProfile) -> Vec<(Duration, f64)> {
    let mut corners = Vec::with_capacity(profile.stages.len());
    let mut level = 0.0;
    for (index, stage) in profile.stages.iter().enumerate() {
        let start = start_level(profile, index);
        if start != level {
            corners.push((Duration::ZERO, start));
        }
        if !stage.duration.is_zero() {
            corners.push((stage.duration, stage.end_level));
        }
        level = stage.end_level;
    }
    corners
}
