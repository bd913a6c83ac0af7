//! What a run means: summaries with verdicts, self-checks, and the comparison of two runs. Pure.

mod checks;
mod compare;
mod judge;
mod quality;
mod reading;
#[cfg(test)]
pub(crate) mod sample;
mod setup;
mod summary;
mod words;

pub use compare::{Change, Comparison, compare};
pub use judge::{ThresholdVerdict, is_thin};
pub use quality::{LIMITS, Limit, Quality, QualityRow, Standing, assess};
pub use reading::Reading;
pub use summary::{BudgetResult, ScopeRow, StageRow, Summary, ThresholdResult, summarize};
pub use words::{limit_words, metric_text, metric_words, scope_words, window_words};
