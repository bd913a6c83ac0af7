//! Documents as text: takes what analysis found, returns strings; writes nothing.

use crate::analysis::{Comparison, Summary};
use crate::metrics::RunRecord;

/// The benchmark report of a run as Markdown: same run, same bytes.
pub fn markdown(record: &RunRecord, summary: &Summary) -> String {
    let _ = (record, summary);
    todo!()
}

/// The run's numbers as JSON: the same figures as the Markdown, with base units in the key names.
pub fn json(record: &RunRecord, summary: &Summary) -> serde_json::Value {
    let _ = (record, summary);
    todo!()
}

/// A comparison as Markdown.
pub fn comparison_markdown(comparison: &Comparison) -> String {
    let _ = comparison;
    todo!()
}

/// A comparison as JSON.
pub fn comparison_json(comparison: &Comparison) -> serde_json::Value {
    let _ = comparison;
    todo!()
}
