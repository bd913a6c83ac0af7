//! A kept run as screens show it, and the packs that let it open at once: derived data, made from its seconds.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::Segment;

use super::{
    EncodedHistogram, HeatColumn, HistogramError, History, IntervalLoad, IntervalRow, IntervalStats,
    RunRecord, SecondPoint, StepStats, history::Chunk,
};

/// The version of what [`Overview::pack`] and [`Chunk::pack`] make; packs of another version are made anew.
// Goes up with every change of what is packed, or of how; a test holds the bytes.
pub const PACKS_VERSION: u32 = 2;

/// A kept run with its seconds.
#[derive(Clone, Debug)]
pub struct KeptRun {
    pub record: RunRecord,
    /// Its seconds with their histograms.
    pub history: History,
}

/// What the seconds of a run come to, seen as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// How the load stood in each second.
    pub intervals: Vec<IntervalLoad>,
    /// All requests by segment and step.
    pub rows: Vec<IntervalRow>,
    pub points: Vec<SecondPoint>,
    pub columns: Vec<Arc<HeatColumn>>,
}

/// Makes an overview and a history of a run's seconds as they come.
#[derive(Debug)]
pub struct Packer {
    overview: Overview,
    cells: BTreeMap<(Segment, u16), StepStats>,
    history: History,
}

impl Packer {
    /// Of a run with this many steps.
    pub fn new(n_steps: usize) -> Self {
        Self { overview: Overview::default(), cells: BTreeMap::new(), history: History::new(n_steps) }
    }

    /// Takes the next second.
    pub fn push(&mut self, interval: IntervalStats) -> Result<(), HistogramError> {
        for row in &interval.rows {
            self.cells.entry((row.segment, row.step)).or_default().merge_encoded(&row.stats)?;
        }
        self.overview.points.push(SecondPoint::from_interval(&interval)?);
        self.history.push(&interval)?;
        self.overview.intervals.push(interval.into());
        Ok(())
    }

    /// Takes the packed parts out that further seconds do not change, so that they need no memory.
    pub fn take_packs(&mut self) -> Vec<Vec<u8>> {
        self.history.take_ended().iter().map(|chunk| chunk.pack()).collect()
    }

    /// The overview, and what was not taken out of the history.
    pub fn finish(mut self) -> (Overview, History) {
        let row = |((segment, step), stats): ((Segment, u16), StepStats)| IntervalRow {
            segment,
            step,
            stats: stats.encode(),
        };
        self.overview.rows = self.cells.into_iter().map(row).collect();
        self.overview.columns = self.history.columns().to_vec();
        (self.overview, self.history)
    }
}

impl Overview {
    /// As bytes, to be kept.
    pub fn pack(&self) -> Vec<u8> {
        let hiccups = |interval: &IntervalLoad| interval.load.generator.as_ref().map(|g| g.hiccups.clone());
        // Kept apart from the generator's other figures, as in the library.
        let hiccups: Vec<Option<EncodedHistogram>> = self.intervals.iter().map(hiccups).collect();
        let columns: Vec<&HeatColumn> = self.columns.iter().map(|column| &**column).collect();
        postcard::to_allocvec(&(&self.intervals, hiccups, &self.rows, &self.points, columns))
            .expect("plain figures fit into memory")
    }

    /// From bytes that were packed; none where they are not.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        type Parts = (
            Vec<IntervalLoad>,
            Vec<Option<EncodedHistogram>>,
            Vec<IntervalRow>,
            Vec<SecondPoint>,
            Vec<HeatColumn>,
        );
        let (mut intervals, hiccups, rows, points, columns): Parts = postcard::from_bytes(bytes).ok()?;
        let n_seconds = intervals.len();
        if [hiccups.len(), points.len(), columns.len()] != [n_seconds; 3] {
            return None;
        }
        for (interval, hiccups) in intervals.iter_mut().zip(hiccups) {
            if let Some((generator, hiccups)) = interval.load.generator.as_mut().zip(hiccups) {
                generator.hiccups = hiccups;
            }
        }
        Some(Self { intervals, rows, points, columns: columns.into_iter().map(Arc::new).collect() })
    }

    /// A run's own facts together with what its seconds come to.
    pub fn complete(self, record: RunRecord) -> RunRecord {
        RunRecord { intervals: self.intervals, rows: self.rows, points: Arc::new(self.points), ..record }
    }

    /// The run's history, from the chunks that belong to it; none where they do not.
    pub fn history(&self, n_steps: usize, chunks: Vec<Chunk>) -> Option<History> {
        History::of_packs(n_steps, chunks, self.columns.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    fn packed() -> (Overview, History) {
        let mut packer = Packer::new(2);
        for interval in sample::intervals(&sample::record(sample::scenario())) {
            packer.push(interval).unwrap();
        }
        packer.finish()
    }

    #[test]
    fn an_overview_reads_back_equal_and_damage_is_found() {
        let (overview, _) = packed();
        let bytes = overview.pack();
        assert_eq!(Overview::unpack(&bytes).unwrap(), overview);
        assert!(Overview::unpack(&bytes[..bytes.len() - 1]).is_none());
        assert!(Overview::unpack(&[]).is_none());
    }

    #[test]
    fn chunks_read_back_and_those_of_another_run_are_refused() {
        let (overview, history) = packed();
        let chunks = || -> Vec<Chunk> {
            history.chunks().iter().map(|chunk| Chunk::unpack(chunk.pack().into()).unwrap()).collect()
        };
        let again = overview.history(2, chunks()).unwrap();
        assert_eq!(again.sums(3..30).unwrap(), history.sums(3..30).unwrap());
        let mut shorter = overview.clone();
        shorter.columns.pop();
        assert!(shorter.history(2, chunks()).is_none());
        let bytes = history.chunks()[0].pack();
        assert!(Chunk::unpack(bytes[..bytes.len() - 1].to_vec().into()).is_none());
    }

    // Whoever changes these has to raise the version, so that packs of before are made anew.
    #[test]
    fn the_packing_of_this_version_is_what_it_is() {
        let (overview, history) = packed();
        let checksum = |bytes: &[u8]| {
            let mut sum = flate2::Crc::new();
            sum.update(bytes);
            sum.sum()
        };
        let sums = (checksum(&overview.pack()), checksum(&history.chunks()[0].pack()));
        assert_eq!((PACKS_VERSION, sums), (2, (3_424_965_832, 1_582_041_089)));
    }
}
