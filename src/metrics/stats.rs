//! Mergeable measurements of one step.

use serde::{Deserialize, Serialize};

use super::{
    EncodedHistogram, HistogramError, LatencyHistogram, N_OUTCOMES, N_REQUEST_PHASES, Outcome, RequestPhase,
};

/// Counts of requests and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    pub n_by_outcome: [u64; N_OUTCOMES],
    /// By the answer's first digit (1xx to 5xx); index 0 counts requests without an answer.
    pub n_by_status_class: [u64; 6],
    pub bytes_sent: u64,
    pub bytes_received: u64,
    /// Connections opened for these requests.
    pub n_connections: u64,
    /// Requests sent again on a new connection, because an idle one turned out to be closed.
    pub n_reconnects: u64,
}

/// How many counts [`Counters`] holds.
const N_FIGURES: usize = 17;

/// Everything measured of a step in some stretch of time; stretches merge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats<H> {
    pub counters: Counters,
    /// End − intended start, of successful requests.
    pub response_time: H,
    /// End − sent, of successful requests.
    pub service_time: H,
    /// End − intended start, of failed requests.
    pub error_time: H,
    /// By [`RequestPhase`], of successful requests.
    pub phases: [H; N_REQUEST_PHASES],
}

/// Measurements in memory.
pub type StepStats = Stats<LatencyHistogram>;

/// Measurements as kept.
pub type EncodedStats = Stats<EncodedHistogram>;

impl Counters {
    pub fn n_requests(&self) -> u64 {
        self.n_by_outcome.iter().sum()
    }

    pub fn n_ok(&self) -> u64 {
        self.n_by_outcome[Outcome::Ok as usize]
    }

    pub fn n_errors(&self) -> u64 {
        self.n_requests() - self.n_ok()
    }

    pub fn n_of(&self, outcome: Outcome) -> u64 {
        self.n_by_outcome[outcome as usize]
    }

    /// Failed requests ÷ requests; none without requests.
    pub fn error_ratio(&self) -> Option<f64> {
        let n_requests = self.n_requests();
        (n_requests > 0).then(|| self.n_errors() as f64 / n_requests as f64)
    }

    /// The share of requests that needed no connection of their own; none without requests.
    pub fn reuse_ratio(&self) -> Option<f64> {
        let n_requests = self.n_requests();
        (n_requests > 0).then(|| 1.0 - self.n_connections.min(n_requests) as f64 / n_requests as f64)
    }

    pub fn merge(&mut self, other: &Self) {
        let pairs = self.figures_mut().into_iter().zip(other.figures());
        pairs.for_each(|(mine, theirs)| *mine = mine.saturating_add(theirs));
    }

    /// Takes away what was merged before.
    pub(super) fn take_away(&mut self, other: &Self) {
        let pairs = self.figures_mut().into_iter().zip(other.figures());
        pairs.for_each(|(mine, theirs)| *mine = mine.saturating_sub(theirs));
    }

    /// All counts in one order.
    pub(super) fn figures(mut self) -> [u64; N_FIGURES] {
        self.figures_mut().map(|figure| *figure)
    }

    /// The same, to be changed.
    pub(super) fn figures_mut(&mut self) -> [&mut u64; N_FIGURES] {
        let [ok, connect, tls, timeout, protocol, status, check] = &mut self.n_by_outcome;
        let [no_answer, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx] = &mut self.n_by_status_class;
        [
            ok,
            connect,
            tls,
            timeout,
            protocol,
            status,
            check,
            no_answer,
            n_1xx,
            n_2xx,
            n_3xx,
            n_4xx,
            n_5xx,
            &mut self.bytes_sent,
            &mut self.bytes_received,
            &mut self.n_connections,
            &mut self.n_reconnects,
        ]
    }
}

impl<H> Stats<H> {
    pub fn phase(&self, phase: RequestPhase) -> &H {
        &self.phases[phase as usize]
    }
}

impl EncodedStats {
    pub(super) fn heap_bytes(&self) -> usize {
        let times = [&self.response_time, &self.service_time, &self.error_time];
        times.into_iter().chain(&self.phases).map(EncodedHistogram::heap_bytes).sum()
    }
}

impl StepStats {
    pub fn is_empty(&self) -> bool {
        self.counters.n_requests() == 0
    }

    /// Whether phases and connections were measured; runs kept by early versions have neither.
    pub fn has_phases(&self) -> bool {
        self.counters.n_connections > 0 || self.phases.iter().any(|phase| !phase.is_empty())
    }

    pub fn merge(&mut self, other: &Self) {
        self.counters.merge(&other.counters);
        self.response_time.merge(&other.response_time);
        self.service_time.merge(&other.service_time);
        self.error_time.merge(&other.error_time);
        self.phases.iter_mut().zip(&other.phases).for_each(|(mine, theirs)| mine.merge(theirs));
    }

    /// Merges counts and response times alone, which is all that a metric asks of several steps together.
    pub fn merge_responses(&mut self, other: &Self) {
        self.counters.merge(&other.counters);
        self.response_time.merge(&other.response_time);
    }

    pub fn merge_encoded(&mut self, other: &EncodedStats) -> Result<(), HistogramError> {
        self.response_time.merge_encoded(&other.response_time)?;
        self.service_time.merge_encoded(&other.service_time)?;
        self.error_time.merge_encoded(&other.error_time)?;
        for (mine, theirs) in self.phases.iter_mut().zip(&other.phases) {
            mine.merge_encoded(theirs)?;
        }
        self.counters.merge(&other.counters);
        Ok(())
    }

    /// What it takes in memory beyond its own size.
    pub fn heap_bytes(&self) -> usize {
        let times = [&self.response_time, &self.service_time, &self.error_time];
        times.into_iter().chain(&self.phases).map(LatencyHistogram::heap_bytes).sum()
    }

    /// Empties everything and keeps the memory.
    pub fn clear(&mut self) {
        self.counters = Counters::default();
        self.response_time.clear();
        self.service_time.clear();
        self.error_time.clear();
        self.phases.iter_mut().for_each(LatencyHistogram::clear);
    }

    pub fn encode(&self) -> EncodedStats {
        EncodedStats {
            counters: self.counters,
            response_time: self.response_time.encode(),
            service_time: self.service_time.encode(),
            error_time: self.error_time.encode(),
            phases: self.phases.each_ref().map(LatencyHistogram::encode),
        }
    }
}
