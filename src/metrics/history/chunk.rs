//! Some four minutes of a run: its seconds, sums of half a minute, and the sum of everything before it.
//!
//! Any stretch of a run is the sum before its end less the sum before its start, so that what it costs to sum up
//! does not depend on its length.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    node::{self, Node},
    sums::SecondLoad,
};
use crate::metrics::{HistogramError, IntervalStats, varint};

/// Seconds of a chunk.
pub(super) const CHUNK: u32 = 256;

/// Seconds of a block; a chunk has whole ones.
pub(super) const BLOCK: u32 = 32;

/// One closed second.
#[derive(Debug)]
pub(super) struct Second {
    pub second: u32,
    pub load: SecondLoad,
    pub node: Node,
    /// Pairs of an error group and how many failed.
    errors: Bytes,
}

/// The seconds from a multiple of [`CHUNK`] on, as far as they are known.
#[derive(Clone, Debug)]
pub struct Chunk {
    pub(super) number: u32,
    /// Everything that ended before this chunk.
    pub(super) before: Node,
    /// The blocks that have ended, by their number since the start of the run; those without a second are left out.
    pub(super) blocks: Vec<(u32, Node)>,
    pub(super) seconds: Vec<Arc<Second>>,
}

impl Second {
    pub fn new(interval: &IntervalStats, n_steps: usize) -> Result<Self, HistogramError> {
        let load = SecondLoad::of(&interval.load);
        let mut errors = Vec::new();
        for of_group in &interval.errors {
            varint::put(&mut errors, of_group.group.into());
            varint::put(&mut errors, of_group.n_errors);
        }
        let node = node::of_second(interval, n_steps)?;
        Ok(Self { second: interval.second, load, node, errors: errors.into_boxed_slice().into() })
    }

    /// Adds what failed within it, by error group.
    pub fn add_errors(&self, n_by_group: &mut Vec<u64>) {
        let mut bytes = &*self.errors;
        while let Some((group, n_errors)) = varint::take(&mut bytes).zip(varint::take(&mut bytes)) {
            let group = group as usize;
            if n_by_group.len() <= group {
                n_by_group.resize(group + 1, 0);
            }
            n_by_group[group] += n_errors;
        }
    }
}

impl Chunk {
    /// The chunk that begins with this second.
    pub(super) fn beginning(before: Node, first: Second) -> Self {
        let number = first.second / CHUNK;
        Self { number, before, blocks: Vec::new(), seconds: vec![Arc::new(first)] }
    }

    pub(super) fn start(&self) -> u32 {
        self.number * CHUNK
    }

    /// Adds the next second of this chunk.
    pub(super) fn push(&mut self, second: Second, n_steps: usize) -> Result<(), HistogramError> {
        if self.last_block() != Some(second.second / BLOCK) {
            self.end_block(n_steps)?;
        }
        self.seconds.push(Arc::new(second));
        Ok(())
    }

    fn last_block(&self) -> Option<u32> {
        self.seconds.last().map(|last| last.second / BLOCK)
    }

    /// Sums up the last block, as it has ended.
    fn end_block(&mut self, n_steps: usize) -> Result<(), HistogramError> {
        let Some(block) = self.last_block().filter(|block| self.block(*block).is_none()) else {
            return Ok(());
        };
        let within = self.seconds.iter().filter(|second| second.second / BLOCK == block);
        let nodes: Vec<&Node> = within.map(|second| &second.node).collect();
        self.blocks.push((block, node::merged(&nodes, n_steps)?));
        Ok(())
    }

    /// Sums up everything until the end of this chunk, as it has ended.
    pub(super) fn end(&mut self, n_steps: usize) -> Result<Node, HistogramError> {
        self.end_block(n_steps)?;
        let mut nodes = vec![&self.before];
        nodes.extend(self.blocks.iter().map(|(_, node)| node));
        node::merged(&nodes, n_steps)
    }

    fn block(&self, block: u32) -> Option<&Node> {
        self.blocks.iter().find(|(number, _)| *number == block).map(|(_, node)| node)
    }

    /// The seconds of this chunk that are within a stretch.
    pub(super) fn within(&self, seconds: &Range<u32>) -> &[Arc<Second>] {
        let from = self.seconds.partition_point(|second| second.second < seconds.start);
        let until = self.seconds.partition_point(|second| second.second < seconds.end);
        self.seconds.get(from..until).unwrap_or_default()
    }

    /// Adds the fewest nodes that make up what this chunk has within a stretch.
    pub(super) fn cover<'a>(&'a self, seconds: &Range<u32>, nodes: &mut Vec<&'a [u8]>) {
        let mut rest = self.within(seconds);
        while let Some((first, others)) = rest.split_first() {
            let block = first.second / BLOCK;
            let is_whole = block * BLOCK >= seconds.start && (block + 1) * BLOCK <= seconds.end;
            match self.block(block).filter(|_| is_whole) {
                Some(node) => {
                    nodes.push(node);
                    rest = &rest[rest.partition_point(|second| second.second / BLOCK == block)..];
                }
                None => {
                    nodes.push(&first.node);
                    rest = others;
                }
            }
        }
    }

    /// What it takes in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|(_, node)| node.len()).sum();
        let seconds: usize = self
            .seconds
            .iter()
            .map(|second| size_of::<Second>() + second.node.len() + second.errors.len())
            .sum();
        self.before.len() + blocks + seconds
    }

    /// As bytes, to be kept.
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.heap_bytes());
        varint::put(&mut bytes, self.number.into());
        varint::put_bytes(&mut bytes, &self.before);
        varint::put(&mut bytes, self.blocks.len() as u64);
        for (block, node) in &self.blocks {
            varint::put(&mut bytes, (*block).into());
            varint::put_bytes(&mut bytes, node);
        }
        varint::put(&mut bytes, self.seconds.len() as u64);
        for second in &self.seconds {
            varint::put(&mut bytes, second.second.into());
            second.load.pack(&mut bytes);
            varint::put_bytes(&mut bytes, &second.node);
            varint::put_bytes(&mut bytes, &second.errors);
        }
        bytes
    }

    /// From bytes that were packed, which it keeps; none where they are not.
    pub fn unpack(packed: Bytes) -> Option<Self> {
        let bytes = &mut &*packed;
        let part = |bytes: &mut &[u8]| Some(packed.slice_ref(varint::take_bytes(bytes)?));
        let number = u32::try_from(varint::take(bytes)?).ok()?;
        let before = part(bytes)?;
        let n_blocks = varint::take(bytes)?;
        let mut blocks = Vec::new();
        for _ in 0..n_blocks {
            blocks.push((u32::try_from(varint::take(bytes)?).ok()?, part(bytes)?));
        }
        let n_seconds = varint::take(bytes)?;
        let mut seconds = Vec::new();
        for _ in 0..n_seconds {
            let second = u32::try_from(varint::take(bytes)?).ok()?;
            let load = SecondLoad::unpack(bytes)?;
            let (node, errors) = (part(bytes)?, part(bytes)?);
            seconds.push(Arc::new(Second { second, load, node, errors }));
        }
        let is_in_order = seconds.is_sorted_by(|a, b| a.second < b.second);
        let is_within = seconds.iter().all(|second| second.second / CHUNK == number);
        (bytes.is_empty() && is_in_order && is_within).then_some(Self { number, before, blocks, seconds })
    }
}
