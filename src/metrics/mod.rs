//! What was measured: outcomes, histograms, intervals, the run record, caveats and live snapshots.
//!
//! No disk, network, clock or thread. Percentiles come from merged histograms, never from averages.

mod aggregate;
mod caveat;
mod encoded;
mod exchange;
mod generator;
mod histogram;
mod history;
mod interval;
mod journal;
mod kept;
mod limit_totals;
mod outcome;
mod percentile_interval;
mod phases;
mod recent;
mod record;
mod second_point;
mod snapshot;
mod stats;
mod traffic;
mod varint;
mod watched;

pub use aggregate::{Aggregate, RunTotals};
pub use caveat::{Caveat, CaveatKind, Standing, Weight};
pub use encoded::{EncodedHistogram, HdrReader, HistogramError};
pub use exchange::{
    Asked, CheckResult, ExtractResult, Found, SentRequest, ShownAnswer, ShownBody, ShownFailure,
    StepExchange, Variables,
};
pub use generator::{Calibration, GeneratorStats, StartsSample};
pub use histogram::{LatencyBucket, LatencyHistogram};
pub use history::{Chunk, HeatColumn, History, LoadSums, N_HEAT_BUCKETS, WindowSums, heat_bucket_start};
pub use interval::{GroupErrors, IntervalLoad, IntervalRow, IntervalStats, LoadStats};
pub use journal::{Journal, JournalError, WatchJournal};
pub use kept::{KeptRun, Overview, PACKS_VERSION, Packer};
pub use limit_totals::LimitTotals;
#[cfg(test)]
pub(crate) use limit_totals::feed;
pub use outcome::{N_OUTCOMES, OTHER_ERRORS, OUT_OF_DESCRIPTORS, OUT_OF_PORTS, Outcome};
pub use percentile_interval::PercentileInterval;
pub use phases::{N_REQUEST_PHASES, RequestPhase};
pub use recent::{Recent, RecentSums, StretchFigures};
pub use record::{
    ARRIVED_WHEN_READ, Annotation, EngineFacts, Environment, ErrorExemplar, ErrorGroup, ExemplarText, Finish,
    HostSample, RunDigest, RunEnd, RunId, RunLabels, RunRecord, RunStart, Verdict,
};
pub use snapshot::{LiveSnapshot, LookBack, Phase, SecondPoint, ThresholdLive, ThresholdState, WatchNews};
pub use stats::{Counters, EncodedStats, Stats, StepStats};
pub use traffic::{
    CacheFacts, Lookup, PayloadFacts, Repeats, SampledAnswer, StepTraffic, TimingFacts, TrafficAudit,
    TrafficSample, TtlFacts,
};
pub use watched::{
    ClockOffset, CommandUse, LiveWatch, MonitorFacts, ProbeCost, ProbeTrouble, ResourceSeries, RunFigure,
    SeriesInfo, SeriesPoint, StatementUse, Watched,
};
