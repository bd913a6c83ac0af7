//! What a run means: summaries with verdicts, self-checks, and the comparison of runs. Pure.

mod alignment;
mod answer_words;
pub mod audit;
pub mod capacity;
mod checklist;
mod checks;
pub mod comparison;
mod derive;
mod diagnosis;
mod expectation;
pub mod findings;
mod gaps;
mod generator;
mod interleaved;
mod judge;
mod learn;
mod limits;
mod load_facts;
mod margin;
pub mod noise;
mod precision;
mod quality;
mod reading;
pub mod recommendations;
mod replan;
mod resources;
#[cfg(test)]
pub(crate) mod sample;
pub mod search;
mod service_levels;
pub mod stats;
mod steadiness;
mod summary;
mod threshold_watch;
pub mod trend;
mod watched;
pub mod what_if;
mod words;

pub use crate::metrics::Standing;
pub use alignment::{CommonSeconds, StageAlignment, matching_steps};
pub use answer_words::{asked_words, check_words, found_words, source_words};
pub use capacity::Capacity;
pub use checklist::{Checked, Checklist, ChecklistItem, ChecklistRow, ItemState, Readiness};
use checks::is_loopback;
pub use derive::{Proposal, Proposals, ProposedFor, apply_limits, derive_limits};
pub use diagnosis::Diagnosis;
pub use expectation::{Experience, MeanIteration};
pub use generator::GeneratorFigures;
pub use interleaved::{Doubt, Interleaved, SideBySide, SideChange, SideVerdict, interleaved};
pub use judge::{ThresholdVerdict, is_thin, judge};
pub use learn::{LearnedCheck, learn_checks};
pub use limits::{LIMITS, Limit};
pub use load_facts::{LoadFact, load_facts};
pub use margin::Margin;
pub use precision::{INTERVALS_NOTE, Intervals, StretchIntervals, short_interval, summarize_precisely};
pub use quality::{Quality, QualityRow, assess};
pub use reading::Reading;
pub use replan::{ReplannedStage, StageEnd, plan_changes, redraw_words, replanned_stages};
pub use resources::{ResourceUse, Resources, Spread};
pub use service_levels::{
    APDEX_ENOUGH, AlertOutcome, Apdex, ApdexRow, ApdexTarget, BurnAlert, ErrorBudget, FastShare,
    GoodRequests, GoodSeconds, Objective, ObjectiveSource, ServiceLevels,
};
pub use steadiness::{
    LevelSegment, MIN_POINTS, MserCut, StageSteadiness, Steadiness, SteadinessClass, SteadinessFigures,
};
pub use summary::{
    BudgetResult, ScopeRow, StageRow, Summary, ThresholdResult, shortest_timeout, summarize, summarize_kept,
};
pub use threshold_watch::ThresholdWatch;
pub use watched::{
    MIN_SECONDS, SeriesResult, SeriesUse, StretchUse, WatchedUse, byte_rate_or_bytes, series_change_text,
    series_limit_text, series_text, statistic_words,
};
pub use words::{
    capitalized, difference_text, limit_text, limit_words, listed, metric_text, metric_words,
    peak_requests_per_sec, requests_per_iteration, scope_words, uncapitalized, window_words,
};
