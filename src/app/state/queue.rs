//! The runs that wait: series of repetitions in order, each with its scenario as it was when it was queued.
//!
//! What waits is kept in the library's settings. A visit that begins finds it held: nothing makes load by itself.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    humanize,
    launch::Series,
    metrics::{Finish, RunId, RunLabels},
    model::{Scenario, parse_draft, write_scenario},
};

/// The setting that holds the queue.
pub const QUEUE_SETTING: &str = "queue";

/// The runs that wait for their turn.
#[derive(Default)]
pub struct Queue {
    entries: Vec<QueueEntry>,
    /// Why nothing starts by itself; none while the queue goes on.
    held: Option<String>,
    /// When the run before was kept.
    rested_since: Option<Instant>,
    under_way: Option<QueuedRun>,
    /// The run that ended last in this visit.
    pub last_run: Option<RunId>,
    /// Counts changes of what is to be kept.
    revision: u64,
    kept_revision: u64,
}

/// Repetitions of a scenario that wait.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueEntry {
    pub series: Series,
    pub scenario: Arc<Scenario>,
    /// Where relative paths of the scenario start.
    pub files_root: Option<PathBuf>,
    pub n_started: u32,
    /// Between the end of the run before and each of these.
    pub pause: Duration,
}

/// A run that came out of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedRun {
    pub entry: QueueEntry,
    /// Counted from 1.
    pub repetition: u32,
}

/// A queue entry as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptEntry {
    series: Series,
    scenario: String,
    files_root: Option<PathBuf>,
    n_started: u32,
    pause_secs: f64,
}

impl QueueEntry {
    pub fn n_left(&self) -> u32 {
        self.series.n_repetitions.saturating_sub(self.n_started)
    }

    /// What is left of it in words: `3 of 5 runs, 30 s before each`.
    pub fn words(&self) -> String {
        let runs = match (self.n_left(), self.series.n_repetitions) {
            (1, 1) => "1 run".to_owned(),
            (left, all) if left == all => humanize::counted(all.into(), "run"),
            (left, all) => format!("{left} of {all} runs left"),
        };
        if self.pause.is_zero() {
            format!("{runs}, no pause")
        } else {
            format!("{runs}, {} before each", humanize::span(self.pause))
        }
    }
}

impl QueuedRun {
    pub fn labels(&self) -> RunLabels {
        self.entry.series.labels(self.repetition)
    }

    /// `repetition 2 of 5`; none where it is the only one.
    pub fn words(&self) -> Option<String> {
        let n = self.entry.series.n_repetitions;
        (n > 1).then(|| format!("repetition {} of {n}", self.repetition))
    }
}

impl Queue {
    /// Takes up what waited when the last visit ended, held.
    pub fn restored(text: &str) -> Result<Self, String> {
        let kept: Vec<KeptEntry> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let entries = kept.into_iter().filter_map(|kept| {
            Some(QueueEntry {
                series: kept.series,
                scenario: Arc::new(parse_draft(&kept.scenario)?),
                files_root: kept.files_root,
                n_started: kept.n_started,
                pause: Duration::try_from_secs_f64(kept.pause_secs).ok()?,
            })
        });
        let entries: Vec<_> = entries.filter(|entry| entry.n_left() > 0).collect();
        let held = (!entries.is_empty()).then(|| "it waited when the last visit ended".to_owned());
        Ok(Self { entries, held, ..Self::default() })
    }

    pub fn entries(&self) -> &[QueueEntry] {
        &self.entries
    }

    /// How many runs wait.
    pub fn n_waiting(&self) -> u32 {
        self.entries.iter().map(QueueEntry::n_left).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Why nothing starts by itself.
    pub fn held(&self) -> Option<&str> {
        self.held.as_deref()
    }

    /// Whether a run would start by itself.
    pub fn goes_on(&self) -> bool {
        self.held.is_none() && !self.is_empty()
    }

    /// The run that came out of the queue and is under way.
    pub fn under_way(&self) -> Option<&QueuedRun> {
        self.under_way.as_ref()
    }

    pub fn add(&mut self, entry: QueueEntry) {
        self.entries.push(entry);
        self.revision += 1;
    }

    /// Moves an entry by one place.
    pub fn move_by(&mut self, series_id: &str, by: isize) {
        let Some(index) = self.index_of(series_id) else { return };
        if let Some(to) = index.checked_add_signed(by).filter(|to| *to < self.entries.len()) {
            self.entries.swap(index, to);
            self.revision += 1;
        }
    }

    pub fn remove(&mut self, series_id: &str) {
        if let Some(index) = self.index_of(series_id) {
            self.entries.remove(index);
            self.changed();
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.changed();
    }

    // A queue with nothing in it has nothing to hold: what is queued next is meant to start.
    fn changed(&mut self) {
        if self.entries.is_empty() {
            self.held = None;
        }
        self.revision += 1;
    }

    pub fn hold(&mut self, reason: impl Into<String>) {
        if !self.is_empty() {
            self.held = Some(reason.into());
        }
    }

    /// Goes on at once: whoever asks for it does not want to wait.
    pub fn go_on(&mut self) {
        self.held = None;
        self.rested_since = None;
    }

    /// How long the next run still waits for the pause before it; none while it does not wait for time.
    pub fn rest_left(&self, now: Instant) -> Option<Duration> {
        let next = self.entries.first().filter(|_| self.held.is_none())?;
        let rested = now.saturating_duration_since(self.rested_since?);
        Some(next.pause.saturating_sub(rested)).filter(|left| !left.is_zero())
    }

    /// Takes out the next run, if its time has come.
    pub fn next(&mut self, now: Instant) -> Option<QueuedRun> {
        if !self.goes_on() || self.rest_left(now).is_some() {
            return None;
        }
        let entry = self.entries.first_mut()?;
        entry.n_started += 1;
        let next = QueuedRun { entry: entry.clone(), repetition: entry.n_started };
        if entry.n_left() == 0 {
            self.entries.remove(0);
        }
        self.revision += 1;
        self.under_way = Some(next.clone());
        Some(next)
    }

    /// The run that was taken out could not start: it waits again, and the queue with it.
    pub fn launch_failed(&mut self, reason: &str) {
        let Some(QueuedRun { mut entry, repetition }) = self.under_way.take() else { return };
        match self.index_of(&entry.series.series_id) {
            Some(index) => self.entries[index].n_started = repetition - 1,
            None => {
                entry.n_started = repetition - 1;
                self.entries.insert(0, entry);
            }
        }
        self.revision += 1;
        self.hold(format!("its next run did not start: {reason}"));
    }

    /// A run was kept, queued or not. One that did not end as planned may mean that the others should not start.
    pub fn run_ended(&mut self, run_id: RunId, finish: Option<Finish>, now: Instant) {
        self.under_way = None;
        self.last_run = Some(run_id);
        self.rested_since = Some(now);
        match finish {
            Some(Finish::Completed) => {}
            Some(Finish::Stopped) => self.hold(format!("run {run_id} was stopped")),
            Some(Finish::Breached) => self.hold(format!("run {run_id} was ended by a threshold")),
            Some(Finish::Aborted) => self.hold(format!("run {run_id} was aborted")),
            _ => self.hold(format!("run {run_id} did not end as planned")),
        }
    }

    /// What is to be kept, if that changed.
    pub fn take_text_to_keep(&mut self) -> Option<String> {
        if self.kept_revision == self.revision {
            return None;
        }
        self.kept_revision = self.revision;
        let kept: Vec<_> = self
            .entries
            .iter()
            .map(|entry| KeptEntry {
                series: entry.series.clone(),
                scenario: write_scenario(&entry.scenario, None),
                files_root: entry.files_root.clone(),
                n_started: entry.n_started,
                pause_secs: entry.pause.as_secs_f64(),
            })
            .collect();
        serde_json::to_string(&kept).ok()
    }

    fn index_of(&self, series_id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.series.series_id == series_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::presets;

    fn entry(n: u32, pause_secs: u64) -> QueueEntry {
        let scenario = parse_draft(presets()[0].text).unwrap();
        QueueEntry {
            series: Series::new(n),
            scenario: Arc::new(scenario),
            files_root: Some("files".into()),
            n_started: 0,
            pause: Duration::from_secs(pause_secs),
        }
    }

    #[test]
    fn repetitions_follow_each_other_after_their_pause() {
        let mut queue = Queue::default();
        queue.add(entry(2, 30));
        let start = Instant::now();
        let first = queue.next(start).unwrap();
        assert_eq!((first.repetition, first.labels()["repetition"].as_str()), (1, "1/2"));
        queue.run_ended(RunId(1), Some(Finish::Completed), start);
        let soon = start + Duration::from_secs(10);
        assert_eq!(queue.rest_left(soon), Some(Duration::from_secs(20)));
        assert_eq!(queue.next(soon), None);
        let second = queue.next(start + Duration::from_secs(30)).unwrap();
        assert_eq!((second.repetition, queue.n_waiting()), (2, 0));
        assert_eq!(first.labels()["series"], second.labels()["series"]);
    }

    #[test]
    fn a_run_that_does_not_end_as_planned_holds_what_waits() {
        let now = Instant::now();
        for (finish, words) in [
            (Some(Finish::Aborted), "run 7 was aborted"),
            (Some(Finish::Stopped), "run 7 was stopped"),
            (Some(Finish::Breached), "run 7 was ended by a threshold"),
        ] {
            let mut queue = Queue::default();
            queue.add(entry(1, 0));
            queue.run_ended(RunId(7), finish, now);
            assert_eq!(queue.next(now), None);
            assert_eq!(queue.held(), Some(words));
            queue.go_on();
            assert!(queue.next(now).is_some());
            queue.run_ended(RunId(8), finish, now);
            assert_eq!(queue.held(), None, "nothing waits");
        }
    }

    #[test]
    fn a_run_that_does_not_start_waits_again_at_the_front() {
        let mut queue = Queue::default();
        queue.add(entry(1, 0));
        queue.add(entry(3, 0));
        queue.next(Instant::now()).unwrap();
        assert_eq!(queue.n_waiting(), 3);
        queue.launch_failed("nothing answers");
        assert_eq!((queue.n_waiting(), queue.entries()[0].n_left()), (4, 1));
        assert_eq!(queue.held(), Some("its next run did not start: nothing answers"));
        queue.go_on();
        assert_eq!(queue.next(Instant::now()).unwrap().repetition, 1);
    }

    #[test]
    fn what_waits_comes_back_held_as_it_was() {
        let mut queue = Queue::default();
        assert_eq!(queue.take_text_to_keep(), None);
        queue.add(entry(3, 30));
        queue.add(entry(1, 0));
        queue.next(Instant::now()).unwrap();
        let text = queue.take_text_to_keep().unwrap();
        assert_eq!(queue.take_text_to_keep(), None, "kept once");
        let mut restored = Queue::restored(&text).unwrap();
        assert_eq!(restored.entries(), queue.entries());
        assert!(restored.held().is_some() && restored.next(Instant::now()).is_none());
        assert!(Queue::restored("nonsense").is_err());
    }

    #[test]
    fn entries_move_and_go_and_an_empty_queue_holds_nothing() {
        let mut queue = Queue::default();
        (1..=3).for_each(|n| queue.add(entry(n, 0)));
        let ids: Vec<String> = queue.entries().iter().map(|entry| entry.series.series_id.clone()).collect();
        queue.move_by(&ids[2], -1);
        queue.move_by(&ids[0], -1);
        let order = |queue: &Queue| queue.entries().iter().map(|entry| entry.n_left()).collect::<Vec<_>>();
        assert_eq!(order(&queue), [1, 3, 2]);
        queue.hold("for now");
        queue.remove(&ids[0]);
        assert_eq!((order(&queue), queue.held()), (vec![3, 2], Some("for now")));
        queue.clear();
        assert_eq!((queue.n_waiting(), queue.held()), (0, None));
    }

    #[test]
    fn an_entry_says_what_is_left_of_it() {
        let words = |n, n_started, pause| QueueEntry { n_started, ..entry(n, pause) }.words();
        assert_eq!(words(1, 0, 0), "1 run, no pause");
        assert_eq!(words(5, 0, 30), "5 runs, 30 s before each");
        assert_eq!(words(5, 2, 90), "3 of 5 runs left, 1 min 30 s before each");
    }
}
