//! What a comparison of sides says, in words.

use crate::analysis::metric_words;
use crate::humanize;
use crate::model::{Interleave, Metric, Unit};

use super::{Doubt, Interleaved, SideChange, SideVerdict};

impl SideVerdict {
    /// The verdict alone.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Same => "same",
            Self::CannotTell(_) => "cannot tell",
        }
    }
}

impl Interleaved {
    /// How the run was divided, in a sentence.
    pub fn division_words(&self) -> String {
        let pairs = humanize::counted(self.n_pairs as u64, "pair");
        let block = humanize::span(self.block);
        let order = match self.n_pairs {
            0 => String::new(),
            _ => format!(", the baseline first in {} of them", self.n_baseline_first),
        };
        format!(
            "{pairs} of blocks of {block}{order}; {} of load outside of whole pairs, ramps and warm-up among it, \
             is left out.",
            humanize::span(self.left_out)
        )
    }
}

impl SideChange {
    /// The change with its sign.
    pub fn change_text(&self) -> Option<String> {
        self.change.map(|change| self.signed(change))
    }

    /// The bounds of the change.
    pub fn interval_text(&self) -> Option<String> {
        self.interval.map(|(low, high)| format!("{} to {}", self.signed(low), self.signed(high)))
    }

    /// The verdict, and why there is none.
    pub fn verdict_words(&self) -> String {
        match self.verdict {
            SideVerdict::CannotTell(_) => format!("{}: {}", self.verdict.name(), self.doubt_words()),
            verdict => verdict.name().to_owned(),
        }
    }

    /// Why there is no verdict; nothing where there is one.
    fn doubt_words(&self) -> String {
        let SideVerdict::CannotTell(doubt) = self.verdict else { return String::new() };
        match doubt {
            Doubt::NotExcluded(most) => {
                let most = match self.metric.unit() {
                    Unit::Ratio => humanize::percent_points(most),
                    Unit::Seconds | Unit::PerSecond => {
                        humanize::change(most).trim_start_matches('+').to_owned()
                    }
                };
                format!("changes up to ±{most} are not excluded")
            }
            Doubt::TooFewPairs => "too few pairs: run longer".to_owned(),
            Doubt::TooFewRequests => "too few requests in a block: choose longer blocks".to_owned(),
            Doubt::HiddenByTimeouts => "hidden by timeouts".to_owned(),
        }
    }

    fn signed(&self, change: f64) -> String {
        match self.metric.unit() {
            Unit::Ratio => humanize::percent_change(change),
            Unit::Seconds | Unit::PerSecond => humanize::change(change),
        }
    }
}

/// What the run as a whole comes to.
pub fn sentence(sides: &Interleaved) -> String {
    if sides.n_pairs < Interleave::MIN_PAIRS {
        return format!(
            "Too few pairs to compare the sides: {} can be compared, and {} are the least. Run longer, or choose \
             shorter blocks.",
            match sides.n_pairs {
                0 => "none".to_owned(),
                n => humanize::count(n as u64),
            },
            Interleave::MIN_PAIRS
        );
    }
    let changes = &sides.whole.changes;
    let of = |verdict: SideVerdict| changes.iter().filter(move |change| change.verdict == verdict);
    let mut parts = Vec::new();
    for verdict in [SideVerdict::Worse, SideVerdict::Better] {
        let told: Vec<String> = of(verdict).filter_map(told).collect();
        if !told.is_empty() {
            parts.push(format!("{}: {}", verdict.name(), told.join("; ")));
        }
    }
    if !parts.is_empty() {
        return format!("The candidate is {}.", parts.join(". It is "));
    }
    if changes.iter().all(|change| change.verdict == SideVerdict::Same) {
        return "The candidate is the same as the baseline: no change that matters, in any figure."
            .to_owned();
    }
    let p95 = changes.iter().find(|change| change.metric == Metric::Quantile(0.95));
    match p95.map(|change| (change, change.verdict)) {
        Some((change, SideVerdict::CannotTell(_))) => {
            format!(
                "No difference was shown; of the {}, {}.",
                metric_words(change.metric),
                change.doubt_words()
            )
        }
        _ => "No difference was shown.".to_owned(),
    }
}

/// A change within the sentence.
fn told(change: &SideChange) -> Option<String> {
    let name = metric_words(change.metric);
    Some(format!("{name} {} ({})", change.change_text()?, change.interval_text()?))
}
