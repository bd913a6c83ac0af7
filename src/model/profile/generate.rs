//! Shapes that come as plain stages: ramp, hold, spike, sine, ease, staircase.

use std::{f64::consts::PI, ops::Range, time::Duration};

use super::{LoadProfile, Shape, Stage, names::Names};

/// What a generator draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Straight from the level before to `high`.
    Ramp,
    /// At once to `high`, then held.
    Hold,
    /// Up to `high` within a tenth of the time, held, and down to `low` within the last tenth.
    Spike,
    /// Waves between `low` and `high`, from `low` to `low`.
    Sine,
    /// From the level before to `high`, slow at both ends.
    Ease,
    /// From `low` to `high` in equal steps, each held.
    Staircase,
}

/// A pattern with its figures; each pattern uses those that it has.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    pub pattern: Pattern,
    /// Of everything that it makes.
    pub duration: Duration,
    pub low: f64,
    pub high: f64,
    /// Waves of a sine.
    pub n_cycles: u32,
    /// Steps of a staircase, parts of an ease, parts of each wave.
    pub n_parts: u32,
}

/// Where generated stages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind this stage.
    Behind(usize),
    /// Instead of this stage.
    InsteadOf(usize),
    AtTheEnd,
}

impl Pattern {
    pub const ALL: [Self; 6] = [Self::Ramp, Self::Hold, Self::Spike, Self::Sine, Self::Ease, Self::Staircase];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ramp => "Ramp",
            Self::Hold => "Hold",
            Self::Spike => "Spike",
            Self::Sine => "Sine",
            Self::Ease => "Ease",
            Self::Staircase => "Staircase",
        }
    }

    pub fn has_low(self) -> bool {
        matches!(self, Self::Spike | Self::Sine | Self::Staircase)
    }

    pub fn has_cycles(self) -> bool {
        self == Self::Sine
    }

    pub fn has_parts(self) -> bool {
        matches!(self, Self::Sine | Self::Ease | Self::Staircase)
    }
}

/// A part of a pattern: up to which share of its time, to which level.
struct Part {
    name: String,
    until: f64,
    level: f64,
    shape: Shape,
}

impl Generator {
    /// Puts the stages into the profile and says which they are; a refusal changes nothing.
    pub fn insert(&self, profile: &mut LoadProfile, place: Place) -> Result<Range<usize>, String> {
        let (at, n_removed) = match place {
            Place::Behind(index) => (index + 1, 0),
            Place::InsteadOf(index) => (index, 1),
            Place::AtTheEnd => (profile.stages.len(), 0),
        };
        let parts = self.parts(at.checked_sub(1).map_or(0.0, |before| profile.stages[before].end_level))?;
        let mut changed = profile.clone();
        changed.stages.drain(at..at + n_removed);
        let stages = self.stages(parts, &changed)?;
        let range = at..at + stages.len();
        changed.stages.splice(at..at, stages);
        within_limits(&changed)?;
        *profile = changed;
        Ok(range)
    }

    fn stages(&self, parts: Vec<Part>, profile: &LoadProfile) -> Result<Vec<Stage>, String> {
        let mut names = Names::of(profile);
        let mut start = Duration::ZERO;
        let mut stages = Vec::with_capacity(parts.len());
        let n_parts = parts.len();
        for (index, part) in parts.into_iter().enumerate() {
            let end = if index + 1 == n_parts { self.duration } else { on_millis(self.duration, part.until) };
            let duration = end.saturating_sub(start);
            if duration.is_zero() {
                return Err(format!("The duration is too short for {n_parts} stages: make it longer."));
            }
            let (name, end_level) = (names.take(&part.name), profile.possible(self.friendly(part.level)));
            stages.push(Stage { name, duration, end_level, shape: part.shape });
            start = end;
        }
        Ok(stages)
    }

    /// Levels between those that were asked for need no more than three digits of the highest.
    fn friendly(&self, level: f64) -> f64 {
        if [self.low, self.high].contains(&level) || !level.is_finite() {
            return level;
        }
        let unit = 10_f64.powf(2.0 - self.low.max(self.high).max(level).max(1e-6).log10().floor());
        (level * unit).round() / unit
    }

    fn parts(&self, before: f64) -> Result<Vec<Part>, String> {
        self.check()?;
        let name = self.pattern.name();
        let single = |shape| vec![Part { name: name.to_owned(), until: 1.0, level: self.high, shape }];
        Ok(match self.pattern {
            Pattern::Ramp => single(Shape::Ramp),
            Pattern::Hold => single(Shape::Step),
            Pattern::Spike => {
                [("Spike up", 0.1, self.high), ("Spike", 0.9, self.high), ("Spike down", 1.0, self.low)]
                    .map(|(name, until, level)| Part {
                        name: name.to_owned(),
                        until,
                        level,
                        shape: Shape::Ramp,
                    })
                    .into()
            }
            Pattern::Sine => {
                let height = self.high - self.low;
                let wave = |share: f64| (1.0 - (2.0 * PI * f64::from(self.n_cycles) * share).cos()) / 2.0;
                let mut parts = self.many(u64::from(self.n_cycles) * u64::from(self.n_parts), |share| {
                    self.low + height * wave(share)
                });
                // A wave starts at its low, wherever the load stood before.
                if before != self.low {
                    let start = Part {
                        name: "Sine start".to_owned(),
                        until: 0.0,
                        level: self.low,
                        shape: Shape::Step,
                    };
                    self.prepend(&mut parts, start);
                }
                parts
            }
            Pattern::Ease => {
                let smooth = |share: f64| share * share * (3.0 - 2.0 * share);
                self.many(u64::from(self.n_parts), |share| before + (self.high - before) * smooth(share))
            }
            Pattern::Staircase => {
                let last = f64::from(self.n_parts.max(2) - 1);
                let mut index = 0.0;
                let mut parts = self.many(u64::from(self.n_parts), |_| {
                    let share = if self.n_parts == 1 { 1.0 } else { index / last };
                    index += 1.0;
                    self.low + (self.high - self.low) * share
                });
                parts.iter_mut().for_each(|part| part.shape = Shape::Step);
                parts
            }
        })
    }

    fn check(&self) -> Result<(), String> {
        let is_level = |level: f64| level.is_finite() && (0.0..=LoadProfile::MAX_LEVEL).contains(&level);
        let n_cycles = if self.pattern.has_cycles() { u64::from(self.n_cycles) } else { 1 };
        let n_stages = u64::from(self.n_parts) * n_cycles;
        if self.duration.is_zero() {
            Err("A shape takes time: write a duration such as 2m.".to_owned())
        } else if !is_level(self.low) || !is_level(self.high) {
            Err("Levels go from 0 to 10,000,000.".to_owned())
        } else if self.pattern.has_parts() && n_stages == 0 {
            Err("A shape has at least one part: write 1 or more.".to_owned())
        } else if self.pattern.has_parts() && n_stages > LoadProfile::MAX_STAGES as u64 {
            Err(too_many(n_stages))
        } else {
            Ok(())
        }
    }

    fn many(&self, n_stages: u64, mut level: impl FnMut(f64) -> f64) -> Vec<Part> {
        let name = self.pattern.name();
        (1..=n_stages)
            .map(|number| {
                let until = number as f64 / n_stages as f64;
                let name = format!("{name} {number} of {n_stages}");
                Part { name, until, level: level(until), shape: Shape::Ramp }
            })
            .collect()
    }

    /// Gives half of the first part's time to a held start.
    fn prepend(&self, parts: &mut Vec<Part>, start: Part) {
        let until = parts.first().map_or(1.0, |first| first.until) / 2.0;
        parts.insert(0, Part { until, ..start });
    }
}

/// A share of a duration, on the millisecond.
fn on_millis(duration: Duration, share: f64) -> Duration {
    Duration::from_millis((duration.as_secs_f64() * share * 1_000.0).round() as u64)
}

fn too_many(n_stages: u64) -> String {
    format!("That makes {n_stages} stages, and a profile has at most 10,000: ask for fewer.")
}

/// Why a profile cannot be as large as this.
pub(super) fn within_limits(profile: &LoadProfile) -> Result<(), String> {
    if profile.stages.len() > LoadProfile::MAX_STAGES {
        return Err(too_many(profile.stages.len() as u64));
    }
    if profile.duration() > LoadProfile::MAX_DURATION {
        return Err("All stages together would take more than seven days: make it shorter.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LoadModel, profile::edit::points};

    fn empty() -> LoadProfile {
        LoadProfile {
            model: LoadModel::Closed,
            warm_up: Duration::ZERO,
            graceful_stop: Duration::ZERO,
            stages: Vec::new(),
        }
    }

    fn generator(pattern: Pattern) -> Generator {
        Generator {
            pattern,
            duration: Duration::from_secs(80),
            low: 10.0,
            high: 50.0,
            n_cycles: 2,
            n_parts: 4,
        }
    }

    fn check(profile: &LoadProfile, expected: &[(&str, f64, f64)]) {
        let found: Vec<(&str, f64, f64)> = profile
            .stages
            .iter()
            .zip(points(profile))
            .map(|(stage, point)| (stage.name.as_str(), point.secs, point.level))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_staircase_climbs_from_low_to_high() {
        let mut profile = empty();
        let range =
            Generator { n_parts: 5, ..generator(Pattern::Staircase) }.insert(&mut profile, Place::AtTheEnd);
        assert_eq!(range, Ok(0..5));
        check(
            &profile,
            &[
                ("Staircase 1 of 5", 16.0, 10.0),
                ("Staircase 2 of 5", 32.0, 20.0),
                ("Staircase 3 of 5", 48.0, 30.0),
                ("Staircase 4 of 5", 64.0, 40.0),
                ("Staircase 5 of 5", 80.0, 50.0),
            ],
        );
        assert!(profile.stages.iter().all(|stage| stage.shape == Shape::Step));
    }

    #[test]
    fn a_spike_goes_up_stays_and_comes_down_and_a_second_one_has_names_of_its_own() {
        let mut profile = empty();
        generator(Pattern::Spike).insert(&mut profile, Place::AtTheEnd).unwrap();
        generator(Pattern::Spike).insert(&mut profile, Place::Behind(0)).unwrap();
        let names: Vec<&str> = profile.stages.iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["Spike up", "Spike up (2)", "Spike (2)", "Spike down (2)", "Spike", "Spike down"]);
        assert_eq!(profile.duration(), Duration::from_secs(160));
    }

    #[test]
    fn a_sine_meets_low_and_high_and_an_ease_starts_where_the_load_stood() {
        let mut profile = empty();
        generator(Pattern::Sine).insert(&mut profile, Place::AtTheEnd).unwrap();
        let levels: Vec<f64> = profile.stages.iter().map(|stage| stage.end_level).collect();
        assert_eq!(levels, [10.0, 30.0, 50.0, 30.0, 10.0, 30.0, 50.0, 30.0, 10.0]);
        let range = Generator { high: 0.0, ..generator(Pattern::Ease) }.insert(&mut profile, Place::AtTheEnd);
        let levels: Vec<f64> = profile.stages[range.unwrap()].iter().map(|stage| stage.end_level).collect();
        assert_eq!(levels, [8.0, 5.0, 2.0, 0.0]);
    }

    #[test]
    fn a_shape_instead_of_a_stage_takes_its_place_and_name() {
        let mut profile = empty();
        generator(Pattern::Hold).insert(&mut profile, Place::AtTheEnd).unwrap();
        let half = Generator { duration: Duration::from_secs(7), ..generator(Pattern::Hold) };
        assert_eq!(half.insert(&mut profile, Place::InsteadOf(0)), Ok(0..1));
        check(&profile, &[("Hold", 7.0, 50.0)]);
    }

    #[test]
    fn what_cannot_be_made_is_refused_and_changes_nothing() {
        let mut profile = empty();
        for (generator, words) in [
            (Generator { duration: Duration::ZERO, ..generator(Pattern::Ramp) }, "takes time"),
            (Generator { n_parts: 20_000, ..generator(Pattern::Ease) }, "20000 stages"),
            (Generator { duration: Duration::from_millis(2), ..generator(Pattern::Staircase) }, "too short"),
            (Generator { high: -1.0, ..generator(Pattern::Ramp) }, "Levels"),
        ] {
            let refusal = generator.insert(&mut profile, Place::AtTheEnd).unwrap_err();
            assert!(refusal.contains(words), "{refusal}");
        }
        assert_eq!(profile, empty());
    }
}
