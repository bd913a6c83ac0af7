//! What a change would bring, by models: never measured, always labelled, refused where a model does not hold.
//!
//! Each projection has two lines: the queue stays as it is, and the queue follows the formulas of M/M/c and M/G/1. Ranges
//! come from blocks of the run that are drawn anew and from what is given as a range. Same input, same figures.

mod base;
mod convolve;
mod inputs;
mod measured;
mod model;
mod points;
mod project;
mod projection;
mod queueing;
mod quick;
mod refusals;
mod resample;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod words;
mod written;

pub use base::{Base, BaseError, Subject};
pub use inputs::{CallTime, Change, Input, InputRange, Quantity, Queue};
pub use measured::{
    Agreement, KeptProjections, NumberedProjection, PredictedAndMeasured, PredictedRow, Projections,
    compare_with_measured, percentile_words,
};
pub use project::{Draws, project, project_with};
pub use projection::{
    Case, Line, Moved, Projected, ProjectedPercentile, Projection, QueueFigures, Refusal, RefusalReason,
    Sensitivity,
};
pub use queueing::Waiting;
pub use quick::{Hits, QuickEffect, StepEffect, caching_step, halving_step, quick_cached, quick_faster};

/// The percentiles that are projected, as quantiles.
pub const QUANTILES: [f64; N_QUANTILES] = [0.5, 0.9, 0.95, 0.99];

const N_QUANTILES: usize = 4;

/// What stands over every projection.
pub const LABEL: &str = "A model, not measured.";
