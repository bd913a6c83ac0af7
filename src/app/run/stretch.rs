//! The stretch of a run that numbers and tables cover, and its sums: made anew only when the run or the stretch changes.

use std::{ops::Range, time::Duration};

use super::sight::Sight;
use crate::humanize;
use crate::metrics::WindowSums;

/// The sums of the stretch that is shown.
#[derive(Default)]
pub struct Stretch {
    /// What the analyst selected; none shows the whole of a live run, and a kept run's summary.
    selected: Option<Range<u32>>,
    sums: Option<WindowSums>,
    /// What the sums were made from.
    made_of: Option<(u64, Range<u32>)>,
}

impl Stretch {
    /// Selects whole seconds, at least one.
    pub fn select(&mut self, from_secs: f64, to_secs: f64) {
        let (from, to) = (from_secs.min(to_secs).max(0.0).round(), from_secs.max(to_secs).round());
        self.selected = Some(from as u32..(to as u32).max(from as u32 + 1));
    }

    /// Shows everything again.
    pub fn clear(&mut self) {
        self.selected = None;
    }

    /// The sums of what is shown of this run; none where that is a kept run's summary.
    pub fn renew(&mut self, sight: &Sight<'_>) {
        let extent = sight.history.extent();
        let shown = match &self.selected {
            Some(selected) => selected.clone(),
            None if sight.is_live() => extent,
            None => {
                (self.sums, self.made_of) = (None, None);
                return;
            }
        };
        let made_of = (sight.revision(), shown.clone());
        if self.made_of.as_ref() != Some(&made_of) {
            // A damaged second is told of when the run is opened; without it there is nothing to sum up.
            self.sums = sight.history.sums(shown).ok();
            self.made_of = Some(made_of);
        }
    }

    pub fn sums(&self) -> Option<&WindowSums> {
        self.sums.as_ref()
    }

    /// The stretch in words.
    pub fn words(&self) -> Option<String> {
        let seconds = self.selected.as_ref()?;
        let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
        Some(format!("requests that ended from {} to {}", clock(seconds.start), clock(seconds.end)))
    }
}
