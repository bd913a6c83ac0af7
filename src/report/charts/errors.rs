//! Failed requests over time, by how they failed.

use std::collections::BTreeMap;

use super::{column_secs, column_words, over_time, when};
use crate::humanize;
use crate::metrics::{N_OUTCOMES, Outcome};
use crate::report::{
    Paper,
    chart::{Axis, Bar, Chart, Cover, Hue, Quantity, Shape},
};

/// Failures per second as stacked columns, one hue per outcome; none where nothing failed.
pub fn errors(paper: &Paper<'_>) -> Option<Chart> {
    let secs = column_secs(paper.record);
    let mut columns: BTreeMap<u32, ([u64; N_OUTCOMES], u32)> = BTreeMap::new();
    for point in paper.record.points.iter() {
        let (counts, n_seconds) = columns.entry(point.second / secs).or_default();
        counts.iter_mut().zip(point.n_by_outcome).for_each(|(sum, n)| *sum += n);
        *n_seconds += 1;
    }
    let failed: Vec<Outcome> = Outcome::ALL
        .into_iter()
        .filter(|outcome| {
            !outcome.is_ok() && columns.values().any(|(counts, _)| counts[*outcome as usize] > 0)
        })
        .collect();
    let mut chart = Chart::new("errors", "Failed requests over time");
    over_time(&mut chart, paper);
    chart.y = Axis::of("Failed requests per second", Quantity::Rate);
    for (layer, outcome) in failed.iter().enumerate() {
        let bar = |(column, (counts, n_seconds)): (&u32, &([u64; N_OUTCOMES], u32))| {
            let rate = |outcomes: &[Outcome]| {
                outcomes.iter().map(|outcome| counts[*outcome as usize]).sum::<u64>() as f64
                    / f64::from(*n_seconds)
            };
            let (from, to) = (rate(&failed[..layer]), rate(&failed[..=layer]));
            let x = Cover::new(f64::from(column * secs), f64::from((column + 1) * secs));
            (to > from).then(|| Bar { x, y: Cover::new(from, to), label: String::new() })
        };
        let bars = columns.iter().filter_map(bar).collect();
        chart.add(outcome.name(), Hue::Outcome(*outcome as usize), Shape::Bars(bars));
    }
    chart.note = format!("By outcome, stacked, whole run, {}.", column_words(secs));
    let n_failed = |counts: &[u64; N_OUTCOMES]| counts.iter().sum::<u64>() - counts[Outcome::Ok as usize];
    let (worst, (counts, n_seconds)) = columns.iter().max_by(|a, b| {
        let rate = |(counts, n): &([u64; N_OUTCOMES], u32)| n_failed(counts) as f64 / f64::from(*n);
        rate(a.1).total_cmp(&rate(b.1)).then(b.0.cmp(a.0))
    })?;
    let all: u64 = columns.values().map(|(counts, _)| n_failed(counts)).sum();
    let at = std::time::Duration::from_secs(u64::from(worst * secs));
    chart.words = format!(
        "{} failed in the whole run; most {}, at {}.",
        crate::analysis::capitalized(&humanize::counted(all, "request")),
        when(paper.record, at),
        humanize::rate(n_failed(counts) as f64 / f64::from(*n_seconds))
    );
    (!failed.is_empty()).then_some(chart)
}
