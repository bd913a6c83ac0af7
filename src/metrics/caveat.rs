//! What to know before trusting a run's numbers.

use serde::{Deserialize, Serialize};

/// What weakens a result, with the figure that says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Caveat {
    pub kind: CaveatKind,
    pub weight: Weight,
    /// One plain sentence with number, limit and meaning.
    pub text: String,
}

/// What a caveat is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaveatKind {
    /// Requests left later than intended.
    StartLag,
    /// Fewer iterations started than asked for.
    SentShare,
    /// The generator's processors were busy.
    GeneratorCpu,
    /// Requests ended by the timeout, so that their true latency is unknown.
    Censored,
    /// The run did not end by its plan.
    Unfinished,
    /// Measured seconds that could not be kept.
    Journal,
    /// The target counted something else than was reported.
    Count,
    /// Too few requests for a printed percentile.
    FewSamples,
    /// The gaps between starts were not those of the plan.
    Gaps,
    /// Little's law does not hold between requests in flight, rate and service time.
    InFlight,
    /// The machine stopped the generator now and then.
    Hiccups,
    /// The generator's own part of a reading is large.
    Floor,
    /// Descriptors or ports of the generator's machine ran out.
    Resources,
    /// The clock jumped, or the machine slept.
    Clock,
    /// The plan asks for more than this machine was measured to do.
    Ceiling,
    /// A monitor gave nothing, or has gaps.
    Monitor,
}

/// How much a caveat weakens the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Good to know.
    Note,
    /// Numbers stand on weak feet.
    Weak,
    /// Numbers do not describe the target: the run is inconclusive.
    Invalid,
}

/// How far the numbers can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Valid,
    Weak,
    Invalid,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Weak => "weak",
            Self::Invalid => "invalid",
        }
    }
}

impl From<Weight> for Standing {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Note => Self::Valid,
            Weight::Weak => Self::Weak,
            Weight::Invalid => Self::Invalid,
        }
    }
}
