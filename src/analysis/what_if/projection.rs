//! A projection as it is shown, reported and kept: figures, what they stand on, and what they do not cover.

use serde::{Deserialize, Serialize};

use crate::metrics::RunId;
use crate::model::{Scope, Window};

use super::inputs::{Change, Quantity, Queue};

/// What a model says of a change. Never measured, and labelled so wherever it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Version of what is kept.
    pub format: u32,
    /// The run that it was made from.
    pub run_id: RunId,
    pub scenario: String,
    /// The requests that would be changed.
    #[serde(with = "as_text")]
    pub changed: Scope,
    /// The requests whose percentiles these are.
    #[serde(with = "as_text")]
    pub scope: Scope,
    #[serde(with = "as_text")]
    pub window: Window,
    pub window_words: String,
    pub change: Change,
    /// The queue as it was given.
    pub queue: Queue,
    /// The queue as the model took it; none where that line is not told.
    pub busy: Option<QueueFigures>,
    /// Requests per second of the scope, as measured and as projected.
    pub measured_per_sec: f64,
    pub projected_per_sec: f64,
    /// Successful requests of the scope.
    pub n_samples: u64,
    /// In the order of their quantiles.
    pub percentiles: Vec<ProjectedPercentile>,
    /// Bounds by what goes together with what: a name and what it means for each of a percentile's cases.
    pub cases: Vec<Case>,
    /// How far each figure moves the result, one at a time.
    pub sensitivity: Vec<Sensitivity>,
    pub assumptions: Vec<String>,
    /// Why there is no projection, or not with this line.
    pub refusals: Vec<Refusal>,
}

/// One percentile, measured and projected. All in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectedPercentile {
    pub quantile: f64,
    /// As measured, with its bounds at 95 % confidence.
    pub base_secs: f64,
    pub base_low_secs: Option<f64>,
    pub base_high_secs: Option<f64>,
    /// Where the queue stays as it is.
    pub unchanged: Option<Projected>,
    /// Where the queue follows its model.
    pub rescaled: Option<Projected>,
    /// One for each of the projection's cases.
    pub cases: Vec<Projected>,
}

/// A projected value, with the range from p5 to p95 of all draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projected {
    pub secs: f64,
    pub low_secs: f64,
    pub high_secs: f64,
}

/// Which queue a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Unchanged,
    Rescaled,
}

/// A bound by what goes together with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    pub meaning: String,
}

/// The queue as the model took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueFigures {
    pub workers: u32,
    pub workers_after: u32,
    pub service_secs: f64,
    pub cs_squared: f64,
    /// The share of time in which workers are busy, now and after the change.
    pub rho: f64,
    pub rho_after: f64,
    /// Mean waiting by the model.
    pub waited_secs: f64,
    pub waited_after_secs: f64,
    /// What the queue's figures rest on, in words.
    pub basis: String,
}

/// How far one figure moves the result when all others stay in the middle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    pub input: String,
    pub quantity: Quantity,
    /// Its ends; the sample's are none.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// It was given as one value; the ends are ten percent off.
    pub is_exact: bool,
    /// The line that is moved.
    pub line: Line,
    pub percentiles: Vec<Moved>,
}

/// A percentile at both ends of a figure, in seconds; none where the model does not hold there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub quantile: f64,
    pub at_low_secs: Option<f64>,
    pub at_high_secs: Option<f64>,
}

/// Why a model does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub reason: RefusalReason,
    /// The line that is not told; none where nothing is.
    pub line: Option<Line>,
    /// What is the case, and what to do, in sentences.
    pub text: String,
}

/// Kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The run has no response times of these requests.
    NoHistogram,
    TooFewSamples,
    NotTransferBound,
    BeyondMeasuredRate,
    /// Workers would be busy for more than nine tenths of the time.
    TooBusy,
    MovesBottleneck,
    /// What was given contradicts what was measured.
    DoesNotFit,
    /// Nothing is known of the queue.
    UnknownQueue,
    /// The window mixes several levels of load.
    SeveralLevels,
}

impl Projection {
    pub const FORMAT: u32 = 1;

    /// Whether nothing at all is projected: a change of the queue alone needs the queue's line.
    pub fn is_refused(&self) -> bool {
        let needs_queue = self.change.is_of_the_queue_alone();
        self.percentiles.iter().all(|percentile| {
            percentile.rescaled.is_none() && (needs_queue || percentile.unchanged.is_none())
        })
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// In words, where a newer version of the program kept it, or it is damaged.
    pub fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version = serde_json::from_str(text).map_err(|_| "is damaged".to_owned())?;
        if version.format > Self::FORMAT {
            return Err("was kept by a newer version of this program".to_owned());
        }
        serde_json::from_str(text).map_err(|_| "is damaged".to_owned())
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("plain figures and words are JSON")
    }

    pub fn percentile(&self, quantile: f64) -> Option<&ProjectedPercentile> {
        self.percentiles.iter().find(|percentile| percentile.quantile == quantile)
    }

    /// The line that speaks for the projection: that of the queue's model, where it holds.
    pub fn speaking_line(&self) -> Option<Line> {
        let has = |line| self.percentiles.iter().any(|percentile| percentile.line(line).is_some());
        match () {
            () if has(Line::Rescaled) => Some(Line::Rescaled),
            () if has(Line::Unchanged) && !self.change.is_of_the_queue_alone() => Some(Line::Unchanged),
            () => None,
        }
    }
}

impl ProjectedPercentile {
    pub fn line(&self, line: Line) -> Option<Projected> {
        match line {
            Line::Unchanged => self.unchanged,
            Line::Rescaled => self.rescaled,
        }
    }
}

impl Line {
    pub const ALL: [Self; 2] = [Self::Unchanged, Self::Rescaled];

    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "queue unchanged",
            Self::Rescaled => "queue rescaled",
        }
    }
}

/// What files write in words of their own.
mod as_text {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err = String>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
