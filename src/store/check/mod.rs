//! Is the library sound, and what can be saved of it if it is not?
//!
//! What is derived is made anew in place. Everything else is repaired in a new file; the old one is kept untouched beside
//! it, so that nothing is lost by a repair.

mod locks;
mod look;
mod mend;
mod rescue;
mod salvage;

use std::path::PathBuf;

use crate::metrics::RunId;

pub use look::check_library;
pub use rescue::repair_library;

/// What a look at the whole library found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    pub n_runs: u32,
    pub findings: Vec<Finding>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// None where it concerns the whole file.
    pub run_id: Option<RunId>,
    /// One plain sentence.
    pub text: String,
    pub weight: FindingWeight,
}

/// What a finding takes to repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingWeight {
    /// Nothing: good to know.
    Note,
    /// Something derived that is made anew; no number is lost.
    Derived,
    /// The headline numbers are missing: the run has to be summed up, which is not the library's part.
    NoDigest,
    /// Kept data cannot be read.
    Damage,
}

/// What became of a library that was repaired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// What was found before.
    pub checkup: Checkup,
    /// What cannot be read any more, one plain sentence each; by run where it concerns one.
    pub losses: Vec<Loss>,
    /// Where the old file lies now; none where nothing in it was damaged.
    pub old_file: Option<PathBuf>,
    /// Runs of which the headline numbers have to be drawn up.
    pub without_digest: Vec<RunId>,
}

/// Something that could not be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub run_id: Option<RunId>,
    pub text: String,
}

impl Checkup {
    /// Whether all is as it should be, notes aside.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.weight == FindingWeight::Note)
    }

    fn is_damaged(&self) -> bool {
        self.findings.iter().any(|finding| finding.weight == FindingWeight::Damage)
    }

    fn find(&mut self, weight: FindingWeight, run_id: Option<RunId>, text: impl Into<String>) {
        self.findings.push(Finding { run_id, text: text.into(), weight });
    }
}

/// Seconds as a short text: `12, 47 to 60`.
fn second_words(seconds: &[u32]) -> String {
    let mut stretches: Vec<(u32, u32)> = Vec::new();
    for &second in seconds {
        match stretches.last_mut() {
            Some((_, last)) if second == *last + 1 => *last = second,
            _ => stretches.push((second, second)),
        }
    }
    let words = |&(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        _ => format!("{first} to {last}"),
    };
    stretches.iter().map(words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn seconds_are_told_in_stretches() {
        assert_eq!(super::second_words(&[]), "");
        assert_eq!(super::second_words(&[3]), "3");
        assert_eq!(super::second_words(&[1, 2, 5, 7, 8, 9]), "1 to 2, 5, 7 to 9");
    }
}
