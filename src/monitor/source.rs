//! What every kind of probe does: begins before the load, is read once a second, and ends after it.

use std::time::Duration;

use crate::metrics::{ClockOffset, CommandUse, RunFigure, StatementUse};

/// Why something cannot be read: what happened, and what to do about it. Holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProbeError(pub String);

/// Something that is read once a second. Every call is bounded in time by the caller, who drops its future; a source whose
/// call was dropped is as good as before.
pub(super) trait Source {
    /// Connects and takes what later readings are held against. Tried again, once a second, until it succeeds; called
    /// again after a failed reading.
    async fn begin(&mut self) -> Result<Begun, ProbeError>;

    /// Reads the present values, in the order of [`Probe::series`](crate::model::Probe::series); NaN for what there is
    /// none of. Rates cover the time since the last call, and are NaN where there was none.
    async fn read(&mut self) -> Result<Vec<f64>, ProbeError>;

    /// What the whole run came to; called once, after the last reading.
    async fn end(&mut self, stretch: RunStretch) -> Result<Ended, ProbeError>;

    /// Bytes read from the source until now.
    fn bytes_read(&self) -> u64;

    /// How the source's clock stands, where readings tell it better than the beginning did.
    fn clock(&self) -> Option<ClockOffset> {
        None
    }

    /// What came up while it was read, in plain sentences; each is kept once.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether all values come at the end: then it is never read in between.
    fn is_read_afterwards(&self) -> bool {
        false
    }
}

/// What is known of a source once it is reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Begun {
    /// What answered, such as `PostgreSQL 15.8`; empty where it did not say.
    pub version: String,
    pub clock: Option<ClockOffset>,
    /// Plain sentences on what cannot be had.
    pub notes: Vec<String>,
}

/// Where a run lies in time, by this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RunStretch {
    pub started_at_unix: Duration,
    pub length: Duration,
}

/// What a source says of a run as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ended {
    /// Values that came afterwards: place of the series, second of the run, value.
    pub late: Vec<(usize, u32, f64)>,
    pub statements: Vec<StatementUse>,
    pub commands: Vec<CommandUse>,
    pub totals: Vec<RunFigure>,
    pub notes: Vec<String>,
}
