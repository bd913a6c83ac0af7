//! Self-checks: does the measurement describe the target, or the generator?

use crate::metrics::{Caveat, HistogramError, RunRecord, RunTotals, Standing, Weight};

use super::checks;

/// How the self-checks came out.
#[derive(Clone, Debug)]
pub struct Quality {
    /// The worst of the caveats, as a word: valid, weak, invalid.
    pub standing: Standing,
    /// One row per self-check: name, measured figure, limit, standing; texts are ready to print.
    pub rows: Vec<QualityRow>,
    pub caveats: Vec<Caveat>,
}

/// One self-check with its figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityRow {
    pub name: String,
    pub measured: String,
    pub limit: String,
    pub standing: Standing,
}

impl Quality {
    /// What makes the measurement invalid, one sentence each.
    pub fn invalid_texts(&self) -> impl Iterator<Item = &str> {
        self.caveats
            .iter()
            .filter(|caveat| caveat.weight == Weight::Invalid)
            .map(|caveat| caveat.text.as_str())
    }
}

/// One self-check: its row where there is something to show, and what it found.
#[derive(Debug, Default)]
pub struct Finding {
    pub row: Option<QualityRow>,
    pub caveat: Option<Caveat>,
}

/// Runs all self-checks on a run.
pub fn assess(record: &RunRecord, totals: &RunTotals) -> Result<Quality, HistogramError> {
    let findings = checks::run_all(record, totals)?;
    let mut rows = Vec::new();
    let mut caveats = record.end.caveats.clone();
    for finding in findings {
        rows.extend(finding.row);
        caveats.extend(finding.caveat);
    }
    caveats.extend(super::watched::caveats(record));
    // Stable: within one weight the engine's own come first, then ours in the order of the checks.
    caveats.sort_by_key(|caveat| std::cmp::Reverse(caveat.weight));
    let standing = caveats.iter().map(|caveat| Standing::from(caveat.weight)).max();
    Ok(Quality { standing: standing.unwrap_or(Standing::Valid), rows, caveats })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::metrics::CaveatKind;

    #[test]
    fn a_sound_run_is_valid() {
        let quality = summarize(&sample::record(sample::scenario())).unwrap().quality;
        assert_eq!(quality.standing, Standing::Valid);
        assert!(quality.caveats.iter().all(|caveat| caveat.weight == Weight::Note), "{:?}", quality.caveats);
    }

    #[test]
    fn what_the_engine_says_stays_and_the_heaviest_comes_first() {
        let mut record = sample::record(sample::scenario());
        let text = "Two seconds could not be kept.".to_owned();
        record.end.caveats =
            vec![Caveat { kind: CaveatKind::Journal, weight: Weight::Weak, text: text.clone() }];
        let quality = summarize(&record).unwrap().quality;
        assert_eq!((quality.standing, &quality.caveats[0].text), (Standing::Weak, &text));
    }
}
