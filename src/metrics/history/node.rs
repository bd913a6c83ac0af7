//! What ended in some stretch of seconds, step by step, as bytes: small, and read only in passing.

use bytes::Bytes;

use crate::metrics::{
    Counters, EncodedHistogram, EncodedStats, HistogramError, IntervalStats, LatencyHistogram, StepStats,
    varint,
};

/// For each step its measurements, then the start lag; each with its length before it, which is 0 for nothing.
// Nodes of a chunk that was read are parts of its bytes: a long run has many thousands, and copies take longer than
// reading them.
pub(super) type Node = Bytes;

/// Histograms of a step's measurements.
const N_HISTOGRAMS: usize = 9;

/// Which histograms of a step are read; counters always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Response times alone: a fifth of the bytes, and of the time.
    Responses,
    Everything,
}

impl Depth {
    /// A bit for each histogram.
    fn wanted(self) -> u64 {
        match self {
            Self::Responses => 1,
            Self::Everything => (1 << N_HISTOGRAMS) - 1,
        }
    }
}

/// The measurements of one second; a step that was asked for in two segments has them in one place.
pub(super) fn of_second(interval: &IntervalStats, n_steps: usize) -> Result<Node, HistogramError> {
    let mut bytes = Vec::with_capacity(128 * interval.rows.len());
    let mut part = Vec::new();
    for step in 0..n_steps {
        let mut rows = interval.rows.iter().filter(|row| usize::from(row.step) == step);
        part.clear();
        match (rows.next(), rows.next()) {
            (None, _) => {}
            (Some(only), None) => put_stats(&mut part, &only.stats),
            (Some(first), Some(second)) => {
                let mut merged = StepStats::default();
                for row in [first, second].into_iter().chain(rows) {
                    merged.merge_encoded(&row.stats)?;
                }
                put_stats(&mut part, &merged.encode());
            }
        }
        varint::put_bytes(&mut bytes, &part);
    }
    varint::put_bytes(&mut bytes, interval.load.start_lag.packed());
    Ok(bytes.into_boxed_slice().into())
}

/// Several nodes in one.
pub(super) fn merged(nodes: &[&Node], n_steps: usize) -> Result<Node, HistogramError> {
    let mut reading =
        Reading::new(nodes.iter().map(|node| &***node).collect(), Vec::new(), Depth::Everything);
    let (mut bytes, mut part) = (Vec::new(), Vec::new());
    let mut stats = StepStats::default();
    for _ in 0..n_steps {
        stats.clear();
        reading.next_step(&mut stats)?;
        part.clear();
        if !stats.is_empty() {
            put_stats(&mut part, &stats.encode());
        }
        varint::put_bytes(&mut bytes, &part);
    }
    varint::put_bytes(&mut bytes, reading.start_lag()?.encode().packed());
    Ok(bytes.into_boxed_slice().into())
}

/// Reads the counts of a node step by step, and no histogram.
pub(super) fn counters(mut node: &[u8], steps: &mut [Counters]) -> Result<(), HistogramError> {
    for counters in steps {
        let mut part = next_part(&mut node)?;
        *counters = match part {
            [] => Counters::default(),
            _ => take_counters(&mut part).ok_or_else(damaged)?.0,
        };
    }
    Ok(())
}

/// Sums of nodes, some taken away from the others, one step after the other.
pub(super) struct Reading<'a> {
    added: Vec<&'a [u8]>,
    taken: Vec<&'a [u8]>,
    depth: Depth,
}

impl<'a> Reading<'a> {
    pub fn new(added: Vec<&'a [u8]>, taken: Vec<&'a [u8]>, depth: Depth) -> Self {
        Self { added, taken, depth }
    }

    /// Adds the next step's sum to `stats`, which is empty.
    pub fn next_step(&mut self, stats: &mut StepStats) -> Result<(), HistogramError> {
        for node in &mut self.added {
            add_part(stats, next_part(node)?, self.depth)?;
        }
        for node in &mut self.taken {
            take_part(stats, next_part(node)?, self.depth)?;
        }
        if !self.taken.is_empty() {
            histograms(stats).into_iter().for_each(LatencyHistogram::settle);
        }
        Ok(())
    }

    /// What remains once all steps are read.
    pub fn start_lag(&mut self) -> Result<LatencyHistogram, HistogramError> {
        let mut lag = LatencyHistogram::default();
        for node in &mut self.added {
            lag.add_packed(next_part(node)?)?;
        }
        for node in &mut self.taken {
            lag.take_packed(next_part(node)?)?;
        }
        lag.settle();
        Ok(lag)
    }
}

fn next_part<'a>(node: &mut &'a [u8]) -> Result<&'a [u8], HistogramError> {
    varint::take_bytes(node).ok_or_else(damaged)
}

fn damaged() -> HistogramError {
    HistogramError::new("a sum of several is damaged")
}

// A number says bit by bit which histograms and counters follow: most are empty or zero.
fn put_stats(bytes: &mut Vec<u8>, stats: &EncodedStats) {
    let figures = stats.counters.figures();
    let mut has = 0u64;
    let encoded = encoded_histograms(stats);
    encoded.iter().enumerate().filter(|(_, h)| !h.is_empty()).for_each(|(bit, _)| has |= 1 << bit);
    figures.iter().enumerate().filter(|(_, n)| **n > 0).for_each(|(bit, _)| has |= 1 << (N_HISTOGRAMS + bit));
    varint::put(bytes, has);
    figures.iter().filter(|n| **n > 0).for_each(|n| varint::put(bytes, *n));
    encoded.iter().filter(|h| !h.is_empty()).for_each(|h| varint::put_bytes(bytes, h.packed()));
}

fn add_part(stats: &mut StepStats, mut part: &[u8], depth: Depth) -> Result<(), HistogramError> {
    if part.is_empty() {
        return Ok(());
    }
    let (counters, has) = take_counters(&mut part).ok_or_else(damaged)?;
    stats.counters.merge(&counters);
    each_packed(stats, part, (has, depth), LatencyHistogram::add_packed)
}

fn take_part(stats: &mut StepStats, mut part: &[u8], depth: Depth) -> Result<(), HistogramError> {
    if part.is_empty() {
        return Ok(());
    }
    let (counters, has) = take_counters(&mut part).ok_or_else(damaged)?;
    stats.counters.take_away(&counters);
    each_packed(stats, part, (has, depth), LatencyHistogram::take_packed)
}

fn each_packed(
    stats: &mut StepStats,
    mut part: &[u8],
    (has, depth): (u64, Depth),
    apply: fn(&mut LatencyHistogram, &[u8]) -> Result<(), HistogramError>,
) -> Result<(), HistogramError> {
    for (bit, histogram) in histograms(stats).into_iter().enumerate() {
        if has >> bit & 1 != 0 {
            let packed = varint::take_bytes(&mut part).ok_or_else(damaged)?;
            if depth.wanted() >> bit & 1 != 0 {
                apply(histogram, packed)?;
            }
        }
    }
    Ok(())
}

/// The counters, and which histograms follow.
fn take_counters(part: &mut &[u8]) -> Option<(Counters, u64)> {
    let has = varint::take(part)?;
    let mut counters = Counters::default();
    for (bit, figure) in counters.figures_mut().into_iter().enumerate() {
        if has >> (N_HISTOGRAMS + bit) & 1 != 0 {
            *figure = varint::take(part)?;
        }
    }
    Some((counters, has))
}

fn histograms(stats: &mut StepStats) -> [&mut LatencyHistogram; N_HISTOGRAMS] {
    let [dns, connect, tls, send, wait, receive] = &mut stats.phases;
    [
        &mut stats.response_time,
        &mut stats.service_time,
        &mut stats.error_time,
        dns,
        connect,
        tls,
        send,
        wait,
        receive,
    ]
}

fn encoded_histograms(stats: &EncodedStats) -> [&EncodedHistogram; N_HISTOGRAMS] {
    let [dns, connect, tls, send, wait, receive] = &stats.phases;
    [&stats.response_time, &stats.service_time, &stats.error_time, dns, connect, tls, send, wait, receive]
}
