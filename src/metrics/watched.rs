//! What monitors saw beside the load: series second by second, and what each monitor came to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Aspect, SeriesGroup, SeriesUnit};

/// What all monitors of a run saw; empty where nothing was watched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// In the order of the scenario, one for each monitor that was watched.
    pub monitors: Vec<MonitorFacts>,
    pub series: Vec<ResourceSeries>,
}

/// Describes a series; the same for the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesInfo {
    /// The monitor's name.
    pub monitor: String,
    /// Unique within the monitor.
    pub name: String,
    #[serde(with = "unit_word")]
    pub unit: SeriesUnit,
    #[serde(with = "group_word")]
    pub group: SeriesGroup,
    #[serde(with = "aspect_word")]
    pub aspect: Aspect,
    /// What it counts, in a sentence without its full stop.
    pub meaning: String,
}

/// One series of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceSeries {
    pub info: SeriesInfo,
    /// By second of the run, as the run's own intervals count; NaN where nothing was read: a gap, never a zero.
    pub values: Vec<f64>,
}

/// One value of a series in a second, before it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesPoint {
    /// Index into the monitors' series, in the order in which they were announced.
    pub series: u32,
    /// Second of the run.
    pub second: u32,
    /// Finite.
    pub value: f64,
}

/// What a monitor came to over a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MonitorFacts {
    pub name: String,
    /// The scenario's word for the kind of probe.
    pub kind: String,
    /// Where it read from, without secrets; empty for this machine.
    pub address: String,
    /// What answered, such as `PostgreSQL 15.8`; empty where it did not say.
    pub version: String,
    /// Seconds in which it was read, and in which it was to be read.
    pub n_read: u64,
    pub n_asked: u64,
    /// What it cost this machine.
    pub cost: ProbeCost,
    /// How far the clock of what it reads is ahead of this machine's, where that can be told.
    pub clock: Option<ClockOffset>,
    /// What went wrong, bounded in number.
    pub troubles: Vec<ProbeTrouble>,
    /// Plain sentences on what could not be had, such as a missing extension.
    pub notes: Vec<String>,
    /// Statements of a database by the time that they took, bounded in number.
    pub statements: Vec<StatementUse>,
    /// Commands of a cache by the time that they took, bounded in number.
    pub commands: Vec<CommandUse>,
    /// Figures over the whole run that are no means of seconds, such as a hit share.
    pub totals: Vec<RunFigure>,
}

/// What a probe cost this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeCost {
    /// Processor time of all its readings; none where a thread's own time cannot be told.
    pub cpu: Option<Duration>,
    /// From asking to having read, in the middle reading and in the longest.
    pub median_reading: Duration,
    pub longest_reading: Duration,
    pub bytes_read: u64,
}

/// How two clocks stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// Positive where the other clock is ahead.
    pub ahead_secs: f64,
    /// Half of what it may be off by: grain and half of the time that asking took.
    pub uncertainty_secs: f64,
}

/// A stretch in which a probe could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeTrouble {
    /// Seconds of the run, first and last.
    pub from: u32,
    pub to: u32,
    /// What happened and what to do, in plain words.
    pub text: String,
}

/// What one statement took of a database during the run: differences of its counters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatementUse {
    /// Normalised: values are placeholders. Bounded.
    pub text: String,
    pub n_calls: u64,
    pub total_time: Duration,
    pub mean_time: Duration,
    /// Of all statements' time.
    pub load_ratio: f64,
    pub rows_per_call: f64,
    /// Blocks found in the database's own cache ÷ blocks asked for; none where none was asked for.
    pub cache_hit_ratio: Option<f64>,
}

/// What one command took of a cache during the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandUse {
    pub name: String,
    pub n_calls: u64,
    pub total_time: Duration,
    pub mean_time: Duration,
}

/// A figure over the whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFigure {
    pub name: String,
    /// None where there was nothing to make it of, such as a hit share without lookups.
    pub value: Option<f64>,
    #[serde(with = "unit_word")]
    pub unit: SeriesUnit,
    #[serde(with = "group_word")]
    pub group: SeriesGroup,
    pub meaning: String,
}

/// What monitors see at the moment, for the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveWatch {
    pub watched: std::sync::Arc<Watched>,
    /// What is wrong with a monitor just now, by its place; none where it is read.
    pub troubles: Vec<Option<String>>,
}

impl Watched {
    pub fn is_empty(&self) -> bool {
        self.monitors.is_empty() && self.series.is_empty()
    }

    /// The series of a monitor by its name.
    pub fn series(&self, monitor: &str, name: &str) -> Option<&ResourceSeries> {
        self.series.iter().find(|series| series.info.monitor == monitor && series.info.name == name)
    }
}

impl ResourceSeries {
    /// The value in a second of the run; none in a gap.
    pub fn at(&self, second: u32) -> Option<f64> {
        self.values.get(second as usize).copied().filter(|value| value.is_finite())
    }

    /// Sets the value of a second; seconds before it that were never set are gaps.
    pub fn set(&mut self, second: u32, value: f64) {
        let second = second as usize;
        if self.values.len() <= second {
            self.values.resize(second + 1, f64::NAN);
        }
        self.values[second] = value;
    }
}

/// Kept as the scenario's words.
macro_rules! kept_as_word {
    ($module:ident, $type:ty, $what:literal) => {
        mod $module {
            use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

            pub fn serialize<S: Serializer>(value: &$type, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(value.name())
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let word = String::deserialize(deserializer)?;
                let known = <$type>::ALL.into_iter().find(|value| value.name() == word);
                known.ok_or_else(|| D::Error::custom(format!("`{word}` is no {} of a series", $what)))
            }
        }
    };
}

kept_as_word!(unit_word, crate::model::SeriesUnit, "unit");
kept_as_word!(group_word, crate::model::SeriesGroup, "group");
kept_as_word!(aspect_word, crate::model::Aspect, "aspect");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_without_a_reading_is_a_gap_and_never_a_zero() {
        let info = SeriesInfo {
            monitor: "database".to_owned(),
            name: "connections".to_owned(),
            unit: SeriesUnit::Number,
            group: SeriesGroup::Database,
            aspect: Aspect::Utilisation,
            meaning: String::new(),
        };
        let text = serde_json::to_string(&info).unwrap();
        assert_eq!(serde_json::from_str::<SeriesInfo>(&text).unwrap(), info);
        let mut series = ResourceSeries { info, values: Vec::new() };
        series.set(2, 7.0);
        series.set(4, 0.0);
        let read: Vec<Option<f64>> = (0..6).map(|second| series.at(second)).collect();
        assert_eq!(read, [None, None, Some(7.0), None, Some(0.0), None]);
    }
}
