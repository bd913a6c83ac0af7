//! Second after second: reads all sources at once at the end of each, keeps what they gave, and shows it.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::keeper::Keeper;
use super::published::Published;
use super::slot::{Slot, last_second};
use super::together::{Done, together};
use super::{Command, Finish, Wake};
use crate::metrics::{LiveWatch, MonitorFacts, SeriesPoint};
use crate::monitor::source::{RunStretch, Source};

const SECOND: Duration = Duration::from_secs(1);

/// A reading that is later than this belongs to the second in which it is taken.
const GRACE: Duration = Duration::from_millis(250);

/// The least time between the last two readings: rates over less are grain.
const MIN_LAST: Duration = Duration::from_millis(250);

/// Seconds between two times at which facts are kept, so that a killed run has them.
const FACTS_EVERY: u32 = 10;

/// How often the library is asked again at the end, and how long is waited in between.
const LAST_TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// What a watch starts with.
pub(super) struct Session {
    pub keeper: Keeper,
    pub started_at: Instant,
    pub started_at_unix: Duration,
    pub wake: Wake,
}

/// All sources of a run.
pub(super) struct Rounds<S> {
    slots: Vec<Slot<S>>,
    published: Published,
}

impl<S: Source> Rounds<S> {
    pub fn new(slots: Vec<Slot<S>>, live: Arc<ArcSwap<LiveWatch>>) -> Self {
        let series = slots.iter().flat_map(Slot::series).cloned().collect();
        Self { slots, published: Published::new(live, series) }
    }

    /// Lets every source begin, all at once.
    pub async fn begin(&mut self, patience: Duration) {
        let begun = together(self.slots.iter_mut().map(|slot| slot.begin(patience))).await;
        self.add_costs(&begun);
        self.show(&[]);
    }

    /// Reads until the load has ended, or nobody is interested any more.
    pub async fn watch(&mut self, mut session: Session, commands: &mut mpsc::Receiver<Command>) {
        let finish = self.watch_load(&mut session, commands).await;
        if let Some(finish) = finish {
            self.finish(&mut session, finish.load).await;
            // Whoever waited may have given up.
            _ = finish.done.try_send(());
        }
    }

    /// The seconds of the load; returns how it ended, or nothing where it was dropped.
    async fn watch_load(
        &mut self,
        session: &mut Session,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Option<Finish> {
        let series = self.slots.iter().flat_map(Slot::series).cloned().collect();
        session.keeper.announce(series);
        tokio::select! {
            command = commands.recv() => return finish_of(command),
            () = sleep_until(session.started_at) => {}
        }
        let primed = together(self.slots.iter_mut().map(Slot::prime)).await;
        self.add_costs(&primed);
        self.keep_facts(session);
        let mut next = 0;
        let mut last_read = Instant::now();
        loop {
            tokio::select! {
                biased;
                command = commands.recv() => {
                    let finish = finish_of(command)?;
                    let last = last_second(finish.load);
                    if next <= last && last_read.elapsed() >= MIN_LAST {
                        self.read(session, next, last).await;
                    }
                    return Some(finish);
                }
                () = sleep_until(end_of(session.started_at, next)) => {}
            }
            last_read = Instant::now();
            let second = second_of(last_read - session.started_at, next);
            self.read(session, next, second).await;
            if next / FACTS_EVERY != (second + 1) / FACTS_EVERY {
                self.keep_facts(session);
            }
            next = second + 1;
        }
    }

    /// Reads all sources for a second; those from `first` on that were skipped are gaps.
    async fn read(&mut self, session: &mut Session, first: u32, second: u32) {
        let read = together(self.slots.iter_mut().map(Slot::read)).await;
        let mut points = Vec::new();
        let mut place = 0;
        for (slot, done) in self.slots.iter_mut().zip(&read) {
            slot.noted(first, second, done);
            let values = done.output.iter().flatten().enumerate();
            let finite = values.filter(|(_, value)| value.is_finite());
            points.extend(finite.map(|(n, &value)| SeriesPoint { series: place + n as u32, second, value }));
            place += slot.series().len() as u32;
        }
        session.keeper.points(points.iter().copied());
        self.show(&points);
        (session.wake)();
    }

    /// What the run as a whole came to, and the values that come afterwards.
    async fn finish(&mut self, session: &mut Session, load: Duration) {
        let stretch = RunStretch { started_at_unix: session.started_at_unix, length: load };
        let ended = together(self.slots.iter_mut().map(|slot| slot.end(stretch))).await;
        self.add_costs(&ended);
        let mut points = Vec::new();
        let mut place = 0;
        for (slot, mut done) in self.slots.iter_mut().zip(ended) {
            let n_series = slot.series().len();
            done.output.late.retain(|&(n, second, value)| {
                n < n_series && second <= last_second(load) && value.is_finite()
            });
            points.extend(done.output.late.iter().map(|&(n, second, value)| SeriesPoint {
                series: place + n as u32,
                second,
                value,
            }));
            slot.take_over(&mut done.output, load);
            place += n_series as u32;
        }
        session.keeper.points(points.iter().copied());
        self.show(&points);
        for _ in 0..LAST_TRIES {
            session.keeper.flush();
            if self.keep_facts(session) && !session.keeper.is_behind() {
                break;
            }
            sleep(BETWEEN_TRIES).await;
        }
        (session.wake)();
    }

    /// Whether what the monitors came to is kept.
    fn keep_facts(&mut self, session: &mut Session) -> bool {
        let mut facts = self.facts();
        // It concerns them all, and is told once.
        if let (Some(note), Some(first)) = (session.keeper.note(), facts.first_mut()) {
            first.notes.push(note);
        }
        session.keeper.facts(&facts)
    }

    fn facts(&mut self) -> Vec<MonitorFacts> {
        self.slots.iter_mut().map(Slot::facts).collect()
    }

    fn show(&mut self, points: &[SeriesPoint]) {
        let facts = self.facts();
        let troubles = self.slots.iter().map(|slot| slot.trouble().map(str::to_owned)).collect();
        self.published.renew(points, facts, troubles);
    }

    fn add_costs<T>(&mut self, done: &[Done<T>]) {
        self.slots.iter_mut().zip(done).for_each(|(slot, done)| slot.add_cost(done));
    }
}

/// A second start is none: there is one session to a watch.
fn finish_of(command: Option<Command>) -> Option<Finish> {
    match command {
        Some(Command::Finish(finish)) => Some(finish),
        Some(Command::Start(_)) | None => None,
    }
}

fn end_of(started_at: Instant, second: u32) -> Instant {
    started_at + SECOND * (second + 1)
}

/// To which second a reading belongs that is taken so long after the start, where `due` is the one that is due at its end.
pub(super) fn second_of(elapsed: Duration, due: u32) -> u32 {
    let taken_in = u32::try_from(elapsed.as_secs()).unwrap_or(u32::MAX);
    let is_prompt = elapsed <= SECOND * (due + 1) + GRACE;
    if is_prompt { due } else { taken_in.max(due) }
}
