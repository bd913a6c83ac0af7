//! The latency heatmap's cells: exact sums of counts, one column per second or per whole number of seconds.

use std::{ops::Range, ops::RangeInclusive, sync::Arc, time::Duration};

use crate::humanize;
use crate::metrics::{HeatColumn, N_HEAT_BUCKETS, heat_bucket_start};

/// The share of a column at which its colours begin; smaller shares have the same colour.
pub const LEAST_SHARE: f64 = 0.001;
/// The value axis begins and ends at a multiple of so many buckets, so that it seldom moves while a run grows.
const BUCKET_STEP: usize = 5;
/// The value axis has at least so many buckets.
const MIN_BUCKETS: usize = 10;

/// The cells of a heatmap for one stretch of time and width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatGrid {
    /// Where the first column starts, in seconds; a multiple of `secs_per_column`.
    pub first_second: u32,
    pub secs_per_column: u32,
    /// The buckets from the fastest to the slowest request of the whole run.
    pub buckets: Range<usize>,
    /// None where nothing was measured.
    pub columns: Vec<Option<HeatCells>>,
}

/// What ended within one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatCells {
    /// Successful requests in each of the grid's buckets.
    pub counts: Vec<u64>,
    pub n_timeouts: u64,
    pub n_errors: u64,
}

/// A row of the heatmap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeatRow {
    /// Index of a bucket.
    Latency(usize),
    Timeouts,
    Errors,
}

impl HeatCells {
    /// Everything that ended.
    pub fn n_requests(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.n_timeouts + self.n_errors
    }

    fn add(&mut self, column: &HeatColumn, buckets: &Range<usize>) {
        for (bucket, n) in &column.counts {
            if let Some(count) = usize::from(*bucket).checked_sub(buckets.start) {
                self.counts[count] += u64::from(*n);
            }
        }
        self.n_timeouts += column.n_timeouts;
        self.n_errors += column.n_errors;
    }
}

impl HeatGrid {
    /// The cells of the seconds within `range`, in at most `max_columns` columns.
    pub fn new(columns: &[Arc<HeatColumn>], range: &RangeInclusive<f64>, max_columns: usize) -> Self {
        let buckets = buckets_of(columns);
        let (start, end) = (range.start().max(0.0).floor() as u32, range.end().max(0.0).ceil() as u32);
        let secs_per_column = end.saturating_sub(start).div_ceil(max_columns.max(1) as u32).max(1);
        // Columns begin at multiples of their length, so that a growing run changes only the last.
        let first_second = start / secs_per_column * secs_per_column;
        let n_columns = end.saturating_sub(first_second).div_ceil(secs_per_column) as usize;
        let mut cells: Vec<Option<HeatCells>> = vec![None; n_columns];
        let from = columns.partition_point(|column| column.second < first_second);
        for column in &columns[from..] {
            let index = ((column.second - first_second) / secs_per_column) as usize;
            let Some(cell) = cells.get_mut(index) else { break };
            let cell = cell
                .get_or_insert_with(|| HeatCells { counts: vec![0; buckets.len()], ..HeatCells::default() });
            cell.add(column, &buckets);
        }
        Self { first_second, secs_per_column, buckets, columns: cells }
    }

    /// Where the last column ends, in seconds.
    pub fn end_second(&self) -> u32 {
        self.first_second + self.secs_per_column * self.columns.len() as u32
    }

    /// What ended around a moment, and the stretch of the column that holds it.
    pub fn at(&self, at_secs: f64) -> Option<(Range<u32>, Option<&HeatCells>)> {
        let second = (at_secs.max(0.0) as u32).checked_sub(self.first_second)?;
        let index = second / self.secs_per_column.max(1);
        let from = self.first_second + index * self.secs_per_column;
        let cells = self.columns.get(index as usize)?;
        Some((from..from + self.secs_per_column, cells.as_ref()))
    }

    /// One cell in words: its stretch of time, its latencies, its count and share.
    pub fn reading(&self, at_secs: f64, row: HeatRow) -> Option<String> {
        let (seconds, cells) = self.at(at_secs)?;
        let time = time_words(&seconds);
        let Some(cells) = cells else { return Some(format!("{time}: nothing measured")) };
        let (what, n) = match row {
            HeatRow::Timeouts => ("timeouts".to_owned(), cells.n_timeouts),
            HeatRow::Errors => ("other errors".to_owned(), cells.n_errors),
            HeatRow::Latency(bucket) => {
                let count = bucket.checked_sub(self.buckets.start).and_then(|index| cells.counts.get(index));
                (bucket_words(bucket), *count?)
            }
        };
        let (n_words, all) = (humanize::count(n), cells.n_requests());
        let whole = if seconds.len() == 1 { "the second" } else { "these seconds" };
        let share = share_of(n, all).map_or_else(String::new, |share| {
            format!(", {} of {whole} ({})", humanize::percent(share), humanize::count(all))
        });
        Some(format!("{time}  {what}: {n_words}{share}"))
    }
}

/// A share of what ended in a column, on a logarithmic scale from 0 (few) to 1 (all); none where there is nothing.
pub fn place_of(n: u64, all: u64) -> Option<f32> {
    let share = share_of(n, all).filter(|share| *share > 0.0)?;
    Some((1.0 - share.log10() / LEAST_SHARE.log10()).clamp(0.0, 1.0) as f32)
}

fn share_of(n: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| n as f64 / all as f64)
}

/// The latencies of a bucket: `25.1 to 31.6 ms`.
pub fn bucket_words(bucket: usize) -> String {
    let [from, to] = [bucket, bucket + 1].map(|bucket| humanize::latency(heat_bucket_start(bucket)));
    let same_unit = from.split(' ').next_back() == to.split(' ').next_back();
    let from = if same_unit { from.split(' ').next().unwrap_or(&from) } else { &from };
    format!("{from} to {to}")
}

fn time_words(seconds: &Range<u32>) -> String {
    let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
    if seconds.len() == 1 {
        clock(seconds.start)
    } else {
        format!("{} to {}", clock(seconds.start), clock(seconds.end))
    }
}

/// From the lowest to the highest bucket in use, rounded outwards.
fn buckets_of(columns: &[Arc<HeatColumn>]) -> Range<usize> {
    let filled = |column: &Arc<HeatColumn>| {
        let (first, last) = (column.counts.first()?.0, column.counts.last()?.0);
        Some((usize::from(first), usize::from(last)))
    };
    let extremes = columns.iter().filter_map(filled).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    // Without a single latency, 1 ms to 1 s is as good a guess as any.
    let (lowest, highest) = extremes.unwrap_or((30, 59));
    let start = lowest / BUCKET_STEP * BUCKET_STEP;
    let end = (highest + 1).next_multiple_of(BUCKET_STEP).max(start + MIN_BUCKETS);
    start..end.min(N_HEAT_BUCKETS.max(highest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(second: u32, counts: &[(u8, u32)], n_timeouts: u64, n_errors: u64) -> Arc<HeatColumn> {
        Arc::new(HeatColumn { second, counts: counts.to_vec(), n_timeouts, n_errors })
    }

    /// A run of 7,200 seconds whose 100 requests per second walk through the buckets.
    fn long() -> Vec<Arc<HeatColumn>> {
        (0..7_200)
            .map(|second| {
                column(second, &[(30 + (second / 300) as u8, 90), (54, 8)], u64::from(second % 2), 1)
            })
            .collect()
    }

    #[test]
    fn a_second_is_a_column_where_there_is_room_and_a_missing_second_stays_blank() {
        let columns =
            [column(0, &[(40, 3)], 0, 0), column(1, &[(41, 2), (44, 1)], 1, 2), column(3, &[], 0, 0)];
        let grid = HeatGrid::new(&columns, &(0.0..=6.0), 500);
        assert_eq!((grid.first_second, grid.secs_per_column, grid.end_second()), (0, 1, 6));
        assert_eq!(grid.buckets, 40..50);
        let measured: Vec<bool> = grid.columns.iter().map(Option::is_some).collect();
        assert_eq!(measured, [true, true, false, true, false, false]);
        let second = grid.columns[1].as_ref().unwrap();
        assert_eq!((second.counts[1], second.counts[4], second.n_requests()), (2, 1, 6));
        assert_eq!(grid.columns[3].as_ref().unwrap().n_requests(), 0);
    }

    #[test]
    fn many_seconds_of_a_pixel_are_summed_and_nothing_is_lost() {
        let columns = long();
        let grid = HeatGrid::new(&columns, &(0.0..=7_200.0), 500);
        assert_eq!((grid.secs_per_column, grid.columns.len()), (15, 480));
        let of_column = |cells: &Option<HeatCells>| cells.as_ref().map_or(0, HeatCells::n_requests);
        let n_shown: u64 = grid.columns.iter().map(of_column).sum();
        let n_all: u64 = columns
            .iter()
            .map(|column| {
                column.counts.iter().map(|(_, n)| u64::from(*n)).sum::<u64>() + column.n_timeouts + 1
            })
            .sum();
        assert_eq!(n_shown, n_all);
        assert_eq!(grid.columns[0].as_ref().unwrap().n_timeouts, 7);
    }

    #[test]
    fn a_growing_run_changes_only_the_last_column() {
        let columns = long();
        let before = HeatGrid::new(&columns[..7_001], &(0.0..=7_200.0), 500);
        let after = HeatGrid::new(&columns[..7_002], &(0.0..=7_200.0), 500);
        let changed: Vec<_> = (0..480).filter(|n| before.columns[*n] != after.columns[*n]).collect();
        assert_eq!(changed, [7_001 / 15]);
    }

    #[test]
    fn a_zoom_between_seconds_shows_both_of_them_whole() {
        let grid = HeatGrid::new(&long(), &(10.4..=19.2), 500);
        assert_eq!((grid.first_second, grid.end_second(), grid.secs_per_column), (10, 20, 1));
    }

    #[test]
    fn shares_have_places_on_a_logarithmic_ramp() {
        let place = |n, all| place_of(n, all);
        assert_eq!((place(0, 100), place(0, 0)), (None, None));
        assert_eq!((place(100, 100), place(1, 1_000_000)), (Some(1.0), Some(0.0)));
        assert!((place(1, 10).unwrap() - 2.0 / 3.0).abs() < 1e-6);
        assert!((place(1, 100).unwrap() - 1.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn a_cell_says_its_latencies_its_count_and_its_share() {
        let columns = [column(34, &[(44, 123), (45, 877)], 3, 0), column(36, &[(44, 1)], 0, 1)];
        let grid = HeatGrid::new(&columns, &(30.0..=40.0), 500);
        let reading = |at_secs, row| grid.reading(at_secs, row).unwrap();
        assert_eq!(
            reading(34.7, HeatRow::Latency(44)),
            "0:34  25.1 to 31.6 ms: 123, 12.3 % of the second (1,003)"
        );
        assert_eq!(reading(34.0, HeatRow::Timeouts), "0:34  timeouts: 3, 0.3 % of the second (1,003)");
        assert_eq!(reading(36.0, HeatRow::Errors), "0:36  other errors: 1, 50 % of the second (2)");
        assert_eq!(reading(35.0, HeatRow::Errors), "0:35: nothing measured");
        assert_eq!(bucket_words(29), "794 µs to 1.00 ms");
        let coarse = HeatGrid::new(&columns, &(30.0..=40.0), 1);
        assert_eq!(
            coarse.reading(33.0, HeatRow::Latency(44)).unwrap(),
            "0:30 to 0:40  25.1 to 31.6 ms: 124, 12.3 % of these seconds (1,005)"
        );
    }
}
