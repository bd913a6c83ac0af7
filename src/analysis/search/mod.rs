//! The search for the highest load that meets the targets: what to hold next, what a probe comes to, what was found.
//!
//! Pure: the same probes give the same answer, whether the run is under way or was kept long ago. A probe is judged on
//! confidence bounds alone, by whole seconds of its hold, in which requests count by their end.

mod judge;
mod machine;
mod measure;
mod outcome;
mod record;
mod settings;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod words;

pub use judge::{Judgement, ProbeVerdict, TargetStanding};
pub use machine::{Probe, ProbeKind, ProbePlan, Search, SearchEnd, Step};
pub use measure::{ProbeFigures, TargetFigures, measure};
pub use outcome::{FoundCapacity, SearchOutcome};
pub use record::{Seconds, outcome_of};
pub use settings::{SearchRefusal, SearchSettings, SearchTarget, search_scenario};
pub use words::{SEARCH_NOTE, errors_text, in_flight_text, latency_text, load_text};
