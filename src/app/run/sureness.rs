//! How sure the percentiles of a selected stretch are: worked out on a thread of its own once the pointer lets go.

use std::{ops::Range, sync::Arc};

use super::sight::Sight;
use crate::analysis::StretchIntervals;
use crate::app::{
    command::{Command, Commands},
    state::{Outcome, RunState, Slot, State},
};
use crate::metrics::{History, RunId};

/// The intervals of the stretch that is selected, or that they are being worked out.
#[derive(Default)]
pub struct Sureness {
    /// What was asked for last.
    asked: Option<(RunId, Range<u32>)>,
    /// The answer to that.
    known: Option<Box<StretchIntervals>>,
}

impl Sureness {
    /// Asks for the intervals of what is selected, unless that was done.
    pub fn follow(&mut self, sight: &Sight<'_>, is_at_rest: bool, commands: &mut Commands) {
        // Seconds that are still open would change under them.
        let closed = |(_, end): &(u32, u32)| *end <= sight.history.extent().end;
        let wanted = sight.selection.filter(closed).map(|(start, end)| (sight.run_id, start..end));
        if self.asked == wanted {
            return;
        }
        self.known = None;
        if let Some((run_id, seconds)) = wanted.filter(|_| is_at_rest) {
            commands.push(Command::FindIntervals(run_id, seconds.clone()));
            self.asked = Some((run_id, seconds));
        } else {
            self.asked = None;
        }
    }

    /// Of what is selected, once they are known.
    pub fn known(&self) -> Option<&StretchIntervals> {
        self.known.as_deref()
    }

    fn take(&mut self, run_id: RunId, intervals: Box<StretchIntervals>) {
        if self.asked.as_ref().is_some_and(|asked| *asked == (run_id, intervals.seconds.clone())) {
            self.known = Some(intervals);
        }
    }
}

impl State {
    /// Works out how sure the percentiles of a stretch of a run on the screen are.
    pub fn find_intervals(&mut self, run_id: RunId, seconds: Range<u32>) {
        let (scenario, history): (_, Arc<History>) = match (self.shelf.loaded(run_id), &self.run_state) {
            (Some(run), _) => (run.record.start.scenario.clone(), Arc::clone(&run.history)),
            (None, RunState::Live(live)) if live.now.run_id == run_id => {
                ((*live.now.scenario).clone(), Arc::clone(&live.now.snapshot.past))
            }
            _ => return,
        };
        self.jobs.spawn(Slot::Intervals, move || {
            let found = StretchIntervals::of(&scenario, &history, seconds);
            Outcome::IntervalsFound(run_id, found.map(Box::new).map_err(|error| error.to_string()))
        });
    }

    pub fn receive_intervals(&mut self, run_id: RunId, found: Result<Box<StretchIntervals>, String>) {
        match found {
            Ok(intervals) => self.run.sureness.take(run_id, intervals),
            Err(error) => self.messages.fail(format!("The stretch has no intervals: {error}")),
        }
    }
}
