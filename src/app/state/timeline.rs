//! The open scenario with the states before and after it: what undo and redo walk.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    model::{Scenario, parse_draft, write_scenario},
    store::PackedText,
};

/// States that are kept; beyond, the oldest goes.
const MAX_STATES: usize = 501;

/// The states of a scenario in the order of its edits; there is always one.
pub struct Timeline {
    moments: VecDeque<Moment>,
    present: usize,
    scenario: Arc<Scenario>,
    /// The gesture that made the present state, until something else is done.
    gesture: Option<u64>,
}

/// One state: what undo or redo comes to.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Where it stands in the journal; the next has one more.
    pub position: i64,
    /// Differs for everything that was ever different.
    pub version: u64,
    held: Held,
}

#[derive(Clone, Debug)]
enum Held {
    Open(Arc<Scenario>),
    /// Read from the journal; most states of the last visit are never looked at again.
    Packed(PackedText),
}

impl Moment {
    /// Its text for the journal.
    pub fn pack(&self) -> PackedText {
        match &self.held {
            Held::Open(scenario) => PackedText::pack(&write_scenario(scenario, None)),
            Held::Packed(text) => text.clone(),
        }
    }

    fn open(&self) -> Option<Arc<Scenario>> {
        match &self.held {
            Held::Open(scenario) => Some(Arc::clone(scenario)),
            Held::Packed(text) => parse_draft(&text.unpack()?).map(Arc::new),
        }
    }
}

impl Timeline {
    /// Begins with one state of this version.
    pub fn new(scenario: Arc<Scenario>, version: u64) -> Self {
        let held = Held::Open(Arc::clone(&scenario));
        let moments = VecDeque::from([Moment { position: 0, version, held }]);
        Self { moments, present: 0, scenario, gesture: None }
    }

    /// From the journal; versions count from `version` on. None where the state that was open cannot be read.
    pub fn restored(steps: Vec<(i64, PackedText)>, present: i64, version: u64) -> Option<Self> {
        let moments: VecDeque<Moment> = steps
            .into_iter()
            .zip(version..)
            .map(|((position, text), version)| Moment { position, version, held: Held::Packed(text) })
            .collect();
        let present = moments.iter().position(|moment| moment.position == present)?;
        let scenario = moments[present].open()?;
        Some(Self { moments, present, scenario, gesture: None })
    }

    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// All states, the oldest first.
    pub fn moments(&self) -> impl DoubleEndedIterator<Item = &Moment> {
        self.moments.iter()
    }

    /// The journal's position of the state that is open.
    pub fn present_position(&self) -> i64 {
        self.moments[self.present].position
    }

    pub fn can_undo(&self) -> bool {
        self.present > 0
    }

    pub fn can_redo(&self) -> bool {
        self.present + 1 < self.moments.len()
    }

    /// Makes `scenario` the present state; edits of one gesture share one state. What was undone is gone.
    pub fn edit(&mut self, scenario: Arc<Scenario>, gesture: u64, version: u64) {
        self.moments.truncate(self.present + 1);
        let held = Held::Open(Arc::clone(&scenario));
        let continues = self.gesture == Some(gesture) && self.present > 0;
        if continues && self.before().is_some_and(|before| *before == *scenario) {
            // The gesture came back to where it began: there is nothing to undo.
            self.moments.pop_back();
            self.present -= 1;
            self.gesture = None;
        } else if continues {
            let moment = &mut self.moments[self.present];
            (moment.version, moment.held) = (version, held);
        } else {
            let position = self.present_position() + 1;
            self.moments.push_back(Moment { position, version, held });
            self.present += 1;
            self.gesture = Some(gesture);
            if self.moments.len() > MAX_STATES {
                self.moments.pop_front();
                self.present -= 1;
            }
        }
        self.scenario = scenario;
    }

    fn before(&self) -> Option<Arc<Scenario>> {
        match &self.moments[self.present - 1].held {
            Held::Open(scenario) => Some(Arc::clone(scenario)),
            // Only the first edit after a restart meets one, and packed states are not worth reading for that.
            Held::Packed(_) => None,
        }
    }

    /// Goes one state back; returns whether there was one.
    pub fn undo(&mut self) -> bool {
        self.can_undo() && self.step_to(self.present - 1)
    }

    /// Goes one state forward again; returns whether there was one.
    pub fn redo(&mut self) -> bool {
        self.can_redo() && self.step_to(self.present + 1)
    }

    fn step_to(&mut self, index: usize) -> bool {
        self.gesture = None;
        let Some(scenario) = self.moments[index].open() else { return false };
        self.moments[index].held = Held::Open(Arc::clone(&scenario));
        (self.scenario, self.present) = (scenario, index);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    fn named(name: &str) -> Arc<Scenario> {
        Arc::new(Scenario { name: name.to_owned(), ..sample::scenario() })
    }

    fn timeline(edits: &[(&str, u64)]) -> Timeline {
        let mut timeline = Timeline::new(named("0"), 0);
        for (version, (name, gesture)) in (1..).zip(edits) {
            timeline.edit(named(name), *gesture, version);
        }
        timeline
    }

    fn name(timeline: &Timeline) -> &str {
        &timeline.scenario().name
    }

    #[test]
    fn a_gesture_is_one_step_and_keeps_its_row() {
        let mut timeline = timeline(&[("a", 1), ("ab", 1), ("abc", 1), ("x", 2)]);
        let rows: Vec<_> = timeline.moments().map(|moment| (moment.position, moment.version)).collect();
        assert_eq!(rows, [(0, 0), (1, 3), (2, 4)]);
        assert!(timeline.undo() && name(&timeline) == "abc");
        assert!(timeline.undo() && name(&timeline) == "0");
        assert!(!timeline.undo());
        assert!(timeline.redo() && timeline.redo() && name(&timeline) == "x");
        assert!(!timeline.redo());
    }

    #[test]
    fn an_edit_after_undo_drops_what_was_undone_even_within_the_same_gesture() {
        let mut timeline = timeline(&[("a", 1), ("b", 2)]);
        timeline.undo();
        timeline.edit(named("c"), 2, 9);
        assert_eq!((timeline.can_redo(), timeline.present_position()), (false, 2));
        timeline.undo();
        assert_eq!(name(&timeline), "a");
    }

    #[test]
    fn a_gesture_that_comes_back_to_its_beginning_leaves_nothing_to_undo() {
        let mut timeline = timeline(&[("a", 1), ("0", 1)]);
        assert!(!timeline.can_undo());
        timeline.edit(named("b"), 1, 9);
        assert!(timeline.undo() && name(&timeline) == "0");
    }

    #[test]
    fn five_hundred_steps_can_be_undone_and_the_oldest_go_first() {
        let mut timeline = Timeline::new(named("0"), 0);
        (1..=600).for_each(|n| timeline.edit(named(&n.to_string()), n, n));
        assert_eq!((0..).take_while(|_| timeline.undo()).count(), 500);
        assert_eq!(name(&timeline), "100");
        assert_eq!((0..).take_while(|_| timeline.redo()).count(), 500);
    }

    #[test]
    fn a_restored_history_goes_on_where_it_was() {
        let mut before = timeline(&[("a", 1), ("b", 2), ("c", 3)]);
        before.undo();
        let steps = before.moments().map(|moment| (moment.position, moment.pack())).collect();
        let mut after = Timeline::restored(steps, before.present_position(), 0).unwrap();
        assert_eq!((name(&after), after.can_redo()), ("b", true));
        assert!(after.redo() && name(&after) == "c");
        assert!(after.undo() && after.undo() && after.undo() && name(&after) == "0");
        assert!(Timeline::restored(vec![(0, PackedText::pack("no scenario"))], 0, 0).is_none());
    }
}
