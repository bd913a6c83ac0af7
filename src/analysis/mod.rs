//! What a run means: summaries with verdicts, and the comparison of two runs. Pure.

mod compare;
mod quality;
mod summary;

pub use compare::{Change, Comparison, compare};
pub use quality::{LIMITS, Limit, Quality, Standing, assess};
pub use summary::{BudgetResult, ScopeRow, StageRow, Summary, ThresholdResult, ThresholdVerdict, summarize};
