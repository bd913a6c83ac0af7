//! The rounds in paused time, with sources that do as they are told.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::{Instant as TokioInstant, sleep};

use super::*;
use crate::metrics::{ProbeTrouble, SeriesPoint};
use crate::model::{MetricSeries, MetricsProbe, Probe};
use crate::monitor::source::{Begun, Ended, ProbeError, RunStretch, Source};
use crate::monitor::testing::MemoryJournal;

/// What a source does when it is called.
#[derive(Clone, Debug)]
enum Act {
    Value(f64),
    Fail(&'static str),
    /// Never answers.
    Hang,
}

/// A source with one series; past its script it answers with the number of the reading.
#[derive(Default)]
struct Scripted {
    begins: VecDeque<Act>,
    reads: VecDeque<Act>,
    late: Vec<(usize, u32, f64)>,
    is_afterwards: bool,
    end_fails: bool,
    seen: Rc<RefCell<Seen>>,
}

#[derive(Default)]
struct Seen {
    n_begins: u32,
    n_reads: u32,
    stretch: Option<RunStretch>,
}

async fn act(act: Act) -> Result<f64, ProbeError> {
    match act {
        Act::Value(value) => Ok(value),
        Act::Fail(text) => Err(ProbeError(text.to_owned())),
        Act::Hang => std::future::pending().await,
    }
}

impl Source for Scripted {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        self.seen.borrow_mut().n_begins += 1;
        act(self.begins.pop_front().unwrap_or(Act::Value(0.0))).await?;
        Ok(Begun { version: "Scripted 1 of topsecret".into(), ..Begun::default() })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        let n_reads = {
            let mut seen = self.seen.borrow_mut();
            seen.n_reads += 1;
            seen.n_reads
        };
        Ok(vec![act(self.reads.pop_front().unwrap_or(Act::Value(f64::from(n_reads)))).await?])
    }

    async fn end(&mut self, stretch: RunStretch) -> Result<Ended, ProbeError> {
        self.seen.borrow_mut().stretch = Some(stretch);
        if self.end_fails {
            return Err(ProbeError("gone".to_owned()));
        }
        let notes = vec!["It used topsecret.".to_owned()];
        Ok(Ended { late: self.late.clone(), notes, ..Ended::default() })
    }

    fn bytes_read(&self) -> u64 {
        42
    }

    fn is_read_afterwards(&self) -> bool {
        self.is_afterwards
    }
}

struct Watched {
    journal: MemoryJournal,
    live: Arc<LiveWatch>,
    n_wakes: u32,
}

impl Watched {
    fn values(&self, series: u32) -> Vec<(u32, f64)> {
        let points = self.journal.points();
        let own = points.iter().filter(|point| point.series == series);
        own.map(|point: &SeriesPoint| (point.second, point.value)).collect()
    }

    fn facts(&self, place: usize) -> crate::metrics::MonitorFacts {
        self.journal.facts()[place].clone()
    }
}

fn monitor(name: &str) -> Monitor {
    let series = MetricSeries {
        name: "s".into(),
        metric: "s".into(),
        labels: Vec::new(),
        reading: Default::default(),
        combine: Default::default(),
        unit: Default::default(),
        group: Default::default(),
    };
    let probe =
        MetricsProbe { url: "http://h/?key=topsecret".into(), series: vec![series], ..Default::default() };
    Monitor::new(name, Probe::Metrics(probe))
}

/// Watches a load that begins half a second after it was prepared.
async fn watched(sources: Vec<Scripted>, load: Duration) -> Watched {
    watched_into(MemoryJournal::default(), sources, load).await
}

async fn watched_into(journal: MemoryJournal, sources: Vec<Scripted>, load: Duration) -> Watched {
    let live = Arc::new(ArcSwap::from_pointee(LiveWatch::default()));
    let mask = Arc::new(Mask::new(&["topsecret".to_owned()], &[]));
    let slot =
        |(n, source): (usize, Scripted)| Slot::new(&monitor(&format!("m{n}")), source, Arc::clone(&mask));
    let mut rounds = Rounds::new(sources.into_iter().enumerate().map(slot).collect(), Arc::clone(&live));
    rounds.begin(BEGIN_PATIENCE).await;
    let n_wakes = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&n_wakes);
    let started_at = TokioInstant::now() + Duration::from_millis(500);
    let session = Session {
        keeper: Keeper::new(Box::new(journal.clone())),
        started_at,
        started_at_unix: Duration::from_secs(1_700_000_000),
        wake: Arc::new(move || _ = counted.fetch_add(1, Ordering::Relaxed)),
    };
    let (commands, mut receiver) = mpsc::channel(4);
    let finishing = async {
        tokio::time::sleep_until(started_at + load).await;
        let (done, is_done) = sync_mpsc::sync_channel(1);
        commands.send(Command::Finish(Finish { load, done })).await.unwrap();
        is_done
    };
    let ((), is_done) = tokio::join!(rounds.watch(session, &mut receiver), finishing);
    assert!(is_done.try_recv().is_ok(), "whoever waits is told");
    Watched { journal, live: live.load_full(), n_wakes: n_wakes.load(Ordering::Relaxed) }
}

#[tokio::test(start_paused = true)]
async fn each_second_of_the_load_has_one_reading_and_the_last_may_be_a_part() {
    let seen = Rc::new(RefCell::new(Seen::default()));
    let source = Scripted { seen: Rc::clone(&seen), ..Scripted::default() };
    let watched = watched(vec![source, Scripted::default()], Duration::from_millis(3_400)).await;
    // The first reading is what rates are held against, and is not kept.
    assert_eq!(watched.values(0), [(0, 2.0), (1, 3.0), (2, 4.0), (3, 5.0)]);
    assert_eq!(watched.values(1), watched.values(0));
    let facts = watched.facts(0);
    assert_eq!((facts.n_read, facts.n_asked, facts.cost.bytes_read), (4, 4, 42));
    assert!(facts.troubles.is_empty() && facts.cost.cpu.is_some(), "{facts:?}");
    let expected = RunStretch {
        started_at_unix: Duration::from_secs(1_700_000_000),
        length: Duration::from_millis(3_400),
    };
    assert_eq!(seen.borrow().stretch, Some(expected));
    assert_eq!(watched.live.watched.series[1].values, [2.0, 3.0, 4.0, 5.0]);
    assert_eq!(watched.journal.series().len(), 2);
    assert!(watched.n_wakes >= 4);
}

#[tokio::test(start_paused = true)]
async fn a_load_of_whole_seconds_has_no_second_more() {
    let watched = watched(vec![Scripted::default()], Duration::from_secs(3)).await;
    assert_eq!(watched.values(0).iter().map(|value| value.0).collect::<Vec<_>>(), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_source_leaves_a_gap_and_one_trouble_and_the_others_go_on() {
    let refused = Act::Fail("refused: topsecret");
    let failing = Scripted {
        begins: [Act::Value(0.0), refused.clone(), refused.clone()].into(),
        reads: [Act::Value(0.0), Act::Value(10.0), refused].into(),
        ..Scripted::default()
    };
    let watched = watched(vec![failing, Scripted::default()], Duration::from_secs(6)).await;
    // Refused in the seconds 1 to 3, reached again in 4, read in 5.
    assert_eq!(watched.values(0), [(0, 10.0), (5, 4.0)]);
    assert_eq!(watched.values(1).len(), 6);
    let facts = watched.facts(0);
    assert_eq!((facts.n_read, facts.n_asked), (2, 6));
    assert_eq!(facts.troubles, [ProbeTrouble { from: 1, to: 4, text: "refused: •••".into() }]);
    assert!(watched.live.watched.series[0].at(2).is_none(), "a gap, never a zero");
    assert_eq!(watched.live.troubles, [None, None]);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_dropped_in_time_and_holds_up_nobody() {
    let hanging = Scripted { reads: [Act::Value(0.0), Act::Hang, Act::Hang].into(), ..Scripted::default() };
    let watched = watched(vec![hanging, Scripted::default()], Duration::from_secs(4)).await;
    assert_eq!(watched.values(1), [(0, 2.0), (1, 3.0), (2, 4.0), (3, 5.0)]);
    assert!(watched.facts(0).troubles[0].text.contains("within 0.9 s"), "{:?}", watched.facts(0).troubles);
    assert!(watched.facts(1).cost.longest_reading < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_out_of_reach_before_the_load_does_not_hold_it_up_for_long() {
    let before = TokioInstant::now();
    let hanging = Scripted { begins: [Act::Hang].into(), ..Scripted::default() };
    let watched = watched(vec![hanging], Duration::from_secs(2)).await;
    assert!(before.elapsed() < BEGIN_PATIENCE + Duration::from_secs(3));
    assert_eq!(watched.values(0), [(0, 1.0), (1, 2.0)], "it was tried again as the load began");
}

#[test]
fn a_reading_that_comes_late_belongs_to_the_second_in_which_it_is_taken() {
    let check = |millis: u64, due: u32, expected: u32| {
        assert_eq!(rounds::second_of(Duration::from_millis(millis), due), expected, "{millis} ms");
    };
    check(1_000, 0, 0);
    check(1_250, 0, 0);
    check(1_251, 0, 1);
    check(3_600, 1, 3);
    // A last part of a second.
    check(2_400, 2, 2);
}

#[tokio::test(start_paused = true)]
async fn values_that_come_afterwards_fill_in_and_earlier_troubles_are_forgotten() {
    let afterwards = Scripted {
        is_afterwards: true,
        begins: [Act::Fail("not yet"), Act::Fail("not yet"), Act::Fail("not yet")].into(),
        late: vec![(0, 0, 5.0), (0, 2, 6.0), (0, 99, 1.0), (7, 0, 1.0), (0, 1, f64::NAN)],
        ..Scripted::default()
    };
    let watched = watched(vec![Scripted::default(), afterwards], Duration::from_secs(3)).await;
    assert_eq!(
        watched.values(1),
        [(0, 5.0), (2, 6.0)],
        "what is no second, no series or no number is left out"
    );
    let facts = watched.facts(1);
    assert_eq!((facts.n_read, facts.n_asked), (2, 3));
    assert_eq!(facts.troubles, []);
    assert_eq!(watched.live.watched.series[1].values[2], 6.0);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_gone_at_the_end_is_told() {
    let gone = Scripted { is_afterwards: true, end_fails: true, ..Scripted::default() };
    let watched = watched(vec![gone], Duration::from_secs(3)).await;
    assert_eq!(watched.facts(0).troubles, [ProbeTrouble { from: 0, to: 2, text: "gone".into() }]);
}

#[tokio::test(start_paused = true)]
async fn no_text_that_is_kept_shows_a_secret() {
    let watched = watched(vec![Scripted::default()], Duration::from_secs(1)).await;
    let facts = watched.facts(0);
    assert_eq!((&*facts.address, &*facts.version), ("http://h/?key=•••", "Scripted 1 of •••"));
    assert_eq!(facts.notes, ["It used •••."]);
}

#[tokio::test(start_paused = true)]
async fn facts_are_kept_while_the_run_goes_on() {
    let watched = watched(vec![Scripted::default()], Duration::from_secs(31)).await;
    assert_eq!(watched.journal.n_facts_kept(), 5, "at the start, after each ten seconds, at the end");
}

#[tokio::test(start_paused = true)]
async fn a_library_that_takes_nothing_is_told_and_asked_again() {
    let journal = MemoryJournal::default();
    journal.refuse(true);
    let again = journal.clone();
    let later = async move {
        sleep(Duration::from_millis(3_200)).await;
        again.refuse(false);
    };
    let load = Duration::from_secs(4);
    let (watched, ()) = tokio::join!(watched_into(journal, vec![Scripted::default()], load), later);
    assert_eq!(watched.values(0).len(), 4, "nothing is lost");
    let notes = watched.facts(0).notes;
    assert!(
        notes.iter().any(|note| note.contains("was kept later") && note.contains("the disk is full")),
        "{notes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn troubles_that_change_each_second_are_bounded() {
    let texts = ["one", "two"];
    let act = |n: usize| Act::Fail(texts[n % 2]);
    let source = Scripted { begins: (0..200).map(act).collect(), ..Scripted::default() };
    let watched = watched(vec![source], Duration::from_secs(100)).await;
    let facts = watched.facts(0);
    assert_eq!(facts.troubles.len(), 50);
    assert!(facts.notes.iter().any(|note| note.starts_with("50 more seconds")), "{:?}", facts.notes);
}

#[test]
fn monitors_are_watched_on_a_thread_of_their_own_from_the_start_of_a_load_to_its_end() {
    let job = WatchJob { monitors: vec![Monitor::new("machine", Probe::Machine)], ..WatchJob::default() };
    let ready = prepare(job).unwrap();
    assert_eq!(ready.troubles(), [None]);
    let journal = MemoryJournal::default();
    let (awake, is_awake) = sync_mpsc::channel();
    let wake: Wake = Arc::new(move || _ = awake.send(()));
    let started_at = Instant::now().checked_sub(Duration::from_millis(900)).unwrap();
    let watch = ready.start(Box::new(journal.clone()), started_at, Duration::from_secs(1_700_000_000), wake);
    is_awake.recv_timeout(Duration::from_secs(20)).unwrap();
    let watched = Arc::clone(&watch.live().watched);
    let memory = watched.series("machine", "memory").unwrap().at(0).unwrap();
    assert!(memory > 0.0 && memory < 1.0, "{memory}");
    watch.finish(Duration::from_secs(1));
    let facts = journal.facts();
    assert_eq!((facts.len(), &*facts[0].kind, facts[0].n_asked), (1, "machine", 1));
}

#[test]
fn a_watch_that_is_dropped_ends_its_thread() {
    for is_started in [false, true] {
        let ready = prepare(WatchJob::default()).unwrap();
        let live = Arc::downgrade(&ready.live);
        if is_started {
            let wake: Wake = Arc::new(|| {});
            drop(ready.start(Box::new(MemoryJournal::default()), Instant::now(), Duration::ZERO, wake));
        } else {
            drop(ready);
        }
        let begun = Instant::now();
        while live.strong_count() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(10), "its thread goes on");
            std::thread::yield_now();
        }
    }
}
