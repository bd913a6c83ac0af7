//! How response times are distributed in each stretch of time, with timeouts and errors in rows of their own.

use std::{collections::BTreeMap, time::Duration};

use super::{column_secs, column_words, over_time};
use crate::humanize;
use crate::metrics::{HeatColumn, Outcome, heat_bucket_start};
use crate::report::{
    Paper,
    chart::{Axis, Chart, Cover, HeatCell, HeatPlace, Hue, Quantity, Shape},
};

/// Seconds put together: counts are added up, nothing is smoothed.
#[derive(Default)]
struct Column {
    counts: BTreeMap<u8, u64>,
    n_timeouts: u64,
    n_errors: u64,
}

impl Column {
    fn add(&mut self, column: &HeatColumn) {
        for (bucket, n) in &column.counts {
            *self.counts.entry(*bucket).or_default() += u64::from(*n);
        }
        self.n_timeouts += column.n_timeouts;
        self.n_errors += column.n_errors;
    }

    fn n_requests(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.n_timeouts + self.n_errors
    }
}

/// Response times by time and length; a column without a measured second stays blank.
pub fn heatmap(paper: &Paper<'_>) -> Option<Chart> {
    let secs = column_secs(paper.record);
    let mut columns: BTreeMap<u32, Column> = BTreeMap::new();
    for column in &paper.diagnosis.heat {
        columns.entry(column.second / secs).or_default().add(column);
    }
    let (n_timeouts, n_errors) = columns
        .values()
        .fold((0, 0), |(timeouts, errors), column| (timeouts + column.n_timeouts, errors + column.n_errors));
    let mut chart = Chart::new("latency-heatmap", "Distribution of response times over time");
    over_time(&mut chart, paper);
    chart.bands.clear();
    chart.y = Axis::of("Response time", Quantity::Latency).log();
    let extent = |column: u32| {
        let (from, to) = (f64::from(column * secs), f64::from((column + 1) * secs));
        Cover::new(from, to.min(super::length_secs(paper.record)))
    };
    chart.add("", Hue::Muted, Shape::Heat(latency_cells(&columns, extent)));
    for (name, n, outcome, count) in [
        ("timeouts", n_timeouts, Outcome::Timeout, (|column| column.n_timeouts) as fn(&Column) -> u64),
        ("other errors", n_errors, Outcome::Status, |column| column.n_errors),
    ] {
        if n > 0 {
            let cells = row_cells(&columns, extent, chart.y.rows.len(), count);
            chart.y.rows.push(name.to_owned());
            chart.add(name, Hue::Outcome(outcome as usize), Shape::Heat(cells));
        }
    }
    chart.note = format!(
        "Requests by the second in which they ended, whole run, {}, ten classes of length per decade.",
        column_words(secs)
    );
    chart.words = words(&columns)?;
    Some(chart)
}

fn latency_cells(columns: &BTreeMap<u32, Column>, extent: impl Fn(u32) -> Cover) -> Vec<HeatCell> {
    let mut cells = Vec::new();
    for (index, column) in columns {
        let x = extent(*index);
        cells.push(HeatCell { x, y: HeatPlace::Measured, share: 0.0 });
        let n_requests = column.n_requests() as f64;
        cells.extend(column.counts.iter().map(|(bucket, n)| {
            let start = |bucket: u8| heat_bucket_start(bucket.into()).as_secs_f64();
            let y = HeatPlace::Values(Cover::new(start(*bucket), start(bucket + 1)));
            HeatCell { x, y, share: *n as f64 / n_requests }
        }));
    }
    cells
}

fn row_cells(
    columns: &BTreeMap<u32, Column>,
    extent: impl Fn(u32) -> Cover,
    row: usize,
    count: fn(&Column) -> u64,
) -> Vec<HeatCell> {
    let cell = |(index, column): (&u32, &Column)| {
        let share = count(column) as f64 / column.n_requests().max(1) as f64;
        (share > 0.0).then(|| HeatCell { x: extent(*index), y: HeatPlace::Row(row), share })
    };
    columns.iter().filter_map(cell).collect()
}

fn words(columns: &BTreeMap<u32, Column>) -> Option<String> {
    let mut all = Column::default();
    for column in columns.values() {
        column.counts.iter().for_each(|(bucket, n)| *all.counts.entry(*bucket).or_default() += n);
        all.n_timeouts += column.n_timeouts;
        all.n_errors += column.n_errors;
    }
    let (fullest, n) = all.counts.iter().max_by_key(|(bucket, n)| (**n, std::cmp::Reverse(**bucket)))?;
    let slowest = all.counts.keys().next_back()?;
    let bound = |bucket: u8| {
        humanize::latency(Duration::from_secs_f64(heat_bucket_start(bucket.into()).as_secs_f64()))
    };
    Some(format!(
        "More requests took {} to {} than any other time on this scale ({} of all); the slowest \
         successful ones took up to {}. {} and {}.",
        bound(*fullest),
        bound(fullest + 1),
        humanize::percent(*n as f64 / all.n_requests() as f64),
        bound(slowest + 1),
        crate::analysis::capitalized(&humanize::counted(all.n_timeouts, "timeout")),
        humanize::counted(all.n_errors, "other error")
    ))
}
