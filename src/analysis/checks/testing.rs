//! What the tests of all self-checks share.

use crate::analysis::{Standing, summarize};
use crate::metrics::{CaveatKind, GeneratorStats, RunRecord, Weight};

/// Checks standing of the named row and weight of the caveats of its kind; returns the row's texts.
pub fn check(record: &RunRecord, name: &str, kind: CaveatKind, expected: Option<Weight>) -> String {
    let quality = summarize(record).unwrap().quality;
    let found = quality.caveats.iter().find(|caveat| caveat.kind == kind);
    assert_eq!(found.map(|caveat| caveat.weight), expected, "{found:?}");
    let row = quality.rows.iter().find(|row| row.name.starts_with(name)).unwrap();
    assert_eq!(row.standing, expected.map_or(Standing::Valid, Standing::from));
    format!("{} | {}", row.measured, row.limit)
}

/// Whether the run has a row of that name.
pub fn has_row(record: &RunRecord, name: &str) -> bool {
    summarize(record).unwrap().quality.rows.iter().any(|row| row.name.starts_with(name))
}

/// The sentence of the heaviest caveat of a kind.
pub fn sentence(record: &RunRecord, kind: CaveatKind) -> String {
    let caveats = summarize(record).unwrap().caveats;
    caveats.into_iter().find(|caveat| caveat.kind == kind).unwrap().text
}

/// Changes what the generator says of itself in each second.
pub fn each_second(record: &mut RunRecord, mut change: impl FnMut(u32, &mut GeneratorStats)) {
    for interval in &mut record.intervals {
        let generator = interval.load.generator.get_or_insert_with(GeneratorStats::default);
        change(interval.second, generator);
    }
}
