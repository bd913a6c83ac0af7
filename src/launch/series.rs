//! Runs that belong together: repetitions of one scenario, labelled so that they can be compared honestly later.

use serde::{Deserialize, Serialize};

use crate::metrics::RunLabels;

/// The label that names a run's series.
pub const SERIES_LABEL: &str = "series";
/// The label that says which repetition it is: `2/5`.
pub const REPETITION_LABEL: &str = "repetition";

/// Some repetitions of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    pub series_id: String,
    pub n_repetitions: u32,
}

impl Series {
    /// A new series; its name tells when it was made.
    pub fn new(n_repetitions: u32) -> Self {
        let made_at = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
        // Two of one second are told apart.
        let series_id = format!("{made_at}-{:03x}", rand::random::<u16>() & 0xfff);
        Self { series_id, n_repetitions }
    }

    /// The labels of one repetition, counted from 1; a run without others has none.
    pub fn labels(&self, repetition: u32) -> RunLabels {
        if self.n_repetitions < 2 {
            return RunLabels::new();
        }
        RunLabels::from([
            (SERIES_LABEL.to_owned(), self.series_id.clone()),
            (REPETITION_LABEL.to_owned(), format!("{repetition}/{}", self.n_repetitions)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_carry_their_number_and_what_they_have_in_common() {
        let series = Series::new(5);
        let labels = series.labels(2);
        assert_eq!((labels[REPETITION_LABEL].as_str(), &labels[SERIES_LABEL]), ("2/5", &series.series_id));
        assert_ne!(series.series_id, Series::new(5).series_id);
        assert!(Series::new(1).labels(1).is_empty());
    }
}
