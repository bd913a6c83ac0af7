//! The words of the tour: its six steps, the optimisations to choose from, and how long its runs take.

use serde::{Deserialize, Serialize};

/// One of the six steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TourStep {
    Start,
    FirstRun,
    Findings,
    Switch,
    SecondRun,
    Report,
}

impl TourStep {
    pub const ALL: [Self; 6] =
        [Self::Start, Self::FirstRun, Self::Findings, Self::Switch, Self::SecondRun, Self::Report];

    /// From 1 on.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Start => "Start the sandbox, plain",
            Self::FirstRun => "Run the comprehensive preset on it",
            Self::Findings => "Read what the run means",
            Self::Switch => "Switch on one optimisation",
            Self::SecondRun => "Run again and compare",
            Self::Report => "Export the report",
        }
    }
}

/// One of the three that the sandbox has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimisation {
    CacheManager,
    QueryOptimizer,
    PayloadOptimizer,
}

impl Optimisation {
    pub const ALL: [Self; 3] = [Self::CacheManager, Self::QueryOptimizer, Self::PayloadOptimizer];

    pub fn name(self) -> &'static str {
        match self {
            Self::CacheManager => "Cache manager",
            Self::QueryOptimizer => "Query optimizer",
            Self::PayloadOptimizer => "Payload optimizer",
        }
    }

    /// The label that a run on the sandbox has for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::CacheManager => "cache_manager",
            Self::QueryOptimizer => "query_optimizer",
            Self::PayloadOptimizer => "payload_optimizer",
        }
    }

    /// What it does.
    pub fn words(self) -> &'static str {
        match self {
            Self::CacheManager => {
                "Keeps answers of courses, wallet and jobs, so that most requests need no database."
            }
            Self::QueryOptimizer => {
                "One joined query in place of one per row, an index for the job search, batches in place of single \
                 statements."
            }
            Self::PayloadOptimizer => {
                "Pages long lists, drops empty fields, cuts long texts and packs what is sent."
            }
        }
    }

    /// What can be said before the second run.
    pub fn prospect(self) -> &'static str {
        match self {
            Self::CacheManager => {
                "The what-if projects what it brings, keeps that with the first run, and the report sets it beside \
                 what the second run measures."
            }
            Self::QueryOptimizer => {
                "The what-if projects what one statement or two bring in the place of many, by what answers say in \
                 Server-Timing, and the report sets it beside what the second run measures. A job search needs an index, \
                 whose effect nobody can tell beforehand."
            }
            Self::PayloadOptimizer => {
                "No projection: between two programs on one machine bytes cost next to no time. Expect fewer bytes; \
                 over a real network they are time."
            }
        }
    }
}

/// How long the two runs of the tour take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    Full,
    #[default]
    Short,
    Quick,
}

impl Pace {
    pub const ALL: [Self; 3] = [Self::Full, Self::Short, Self::Quick];

    /// By which all durations of the preset are multiplied.
    pub fn time_scale(self) -> f64 {
        match self {
            Self::Full => 1.0,
            Self::Short => 0.2,
            // The least at which a stage holds the ten seconds that a projection needs.
            Self::Quick => 0.06,
        }
    }

    /// What the choice costs.
    pub fn words(self) -> &'static str {
        match self {
            Self::Full => "As the preset is meant: every stage holds long enough for sure percentiles.",
            Self::Short => {
                "A fifth of the requests: intervals are about twice as wide, so small changes may come out as cannot \
                 tell."
            }
            Self::Quick => {
                "To see the way, not to judge: stages of four to eleven seconds, wide intervals; some findings and verdicts \
                 will be missing or inconclusive."
            }
        }
    }
}
