//! One scope's response times in blocks of time: what tells how far requests depend on each other.

use std::{cell::OnceCell, time::Duration};

use crate::metrics::LatencyHistogram;

use super::ShareCount;

/// Blocks of each held stage. More of them were measured to cover less: they are shorter than queues last.
pub const N_BLOCKS: usize = 10;

/// One scope's response times in blocks of time: a stratum for each held stage, of equal blocks in order.
#[derive(Clone, Debug, Default)]
pub struct BlockedSample {
    strata: Vec<Vec<LatencyHistogram>>,
    /// Asked for once per percentile and partner, and the dearest part of a comparison.
    merged: OnceCell<LatencyHistogram>,
}

impl BlockedSample {
    pub fn new(strata: Vec<Vec<LatencyHistogram>>) -> Self {
        Self { strata, merged: OnceCell::new() }
    }

    /// Of one stage that was held.
    pub fn of_one_stage(blocks: Vec<LatencyHistogram>) -> Self {
        Self::new(vec![blocks])
    }

    /// Adds a stratum.
    pub fn push(&mut self, stratum: Vec<LatencyHistogram>) {
        self.strata.push(stratum);
        self.merged.take();
    }

    pub fn strata(&self) -> &[Vec<LatencyHistogram>] {
        &self.strata
    }

    pub fn n_samples(&self) -> u64 {
        self.strata.iter().flatten().map(LatencyHistogram::n_samples).sum()
    }

    /// All blocks together.
    pub fn merged(&self) -> &LatencyHistogram {
        self.merged.get_or_init(|| {
            let mut merged = LatencyHistogram::default();
            self.strata.iter().flatten().for_each(|block| merged.merge(block));
            merged
        })
    }

    /// How many samples of each block that has any are at most `limit`, by stratum.
    pub fn counts_at_most(&self, limit: Duration) -> Vec<Vec<ShareCount>> {
        let count = |block: &LatencyHistogram| ShareCount {
            n_hits: block.count_at_most(limit),
            n: block.n_samples(),
        };
        let of_stratum = |blocks: &Vec<LatencyHistogram>| {
            blocks.iter().filter(|block| !block.is_empty()).map(count).collect()
        };
        self.strata.iter().map(of_stratum).collect()
    }
}
