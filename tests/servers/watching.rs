//! Watches monitors as a run does, and keeps what they saw in memory.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use stagewright::metrics::{
    JournalError, MonitorFacts, ResourceSeries, SeriesInfo, SeriesPoint, WatchJournal, Watched,
};
use stagewright::model::Monitor;
use stagewright::monitor::{self, Watch, WatchJob};

use super::process::wait_until;

/// What was handed to the journal; another second of a series takes the place of the one before.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Watched>>);

/// Monitors at work.
pub struct Watching {
    watch: Watch,
    started_at: Instant,
    kept: Kept,
}

impl WatchJournal for Kept {
    fn series(&mut self, series: &[SeriesInfo]) -> Result<(), JournalError> {
        let series = series.iter().map(|info| ResourceSeries { info: info.clone(), values: Vec::new() });
        self.0.lock().unwrap().series = series.collect();
        Ok(())
    }

    fn points(&mut self, points: &[SeriesPoint]) -> Result<(), JournalError> {
        let mut watched = self.0.lock().unwrap();
        for point in points {
            watched.series[point.series as usize].set(point.second, point.value);
        }
        Ok(())
    }

    fn facts(&mut self, facts: &[MonitorFacts]) -> Result<(), JournalError> {
        self.0.lock().unwrap().monitors = facts.to_vec();
        Ok(())
    }
}

impl Watching {
    pub fn start(monitors: &[Monitor]) -> Self {
        let job = WatchJob { monitors: monitors.to_vec(), ..WatchJob::default() };
        let ready = monitor::prepare(job).unwrap();
        let kept = Kept::default();
        let started_at = Instant::now();
        let started_at_unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let watch = ready.start(Box::new(kept.clone()), started_at, started_at_unix, Arc::new(|| ()));
        Self { watch, started_at, kept }
    }

    /// Waits until `n` more seconds were read, or could not be.
    pub fn pass(&self, n: u64) {
        let n_asked =
            || self.watch.live().watched.monitors.iter().map(|facts| facts.n_asked).max().unwrap_or(0);
        let end = n_asked() + n;
        wait_until("second", || n_asked() >= end, || format!("{:?}", self.watch.live().troubles));
    }

    /// Waits until the monitor at `place` is in trouble, or is no more; returns what it says.
    pub fn until_trouble(&self, place: usize, expected: bool) -> Option<String> {
        let trouble = || self.watch.live().troubles.get(place).cloned().flatten();
        wait_until("change", || trouble().is_some() == expected, || format!("{:?}", trouble()));
        trouble()
    }

    /// The second of the run that is under way.
    pub fn second(&self) -> u32 {
        self.started_at.elapsed().as_secs() as u32
    }

    pub fn finish(self) -> Watched {
        self.watch.finish(self.started_at.elapsed());
        drop(self.watch);
        self.kept.0.lock().unwrap().clone()
    }
}

/// The monitor's facts by its name.
pub fn facts<'w>(watched: &'w Watched, monitor: &str) -> &'w MonitorFacts {
    watched.monitors.iter().find(|facts| facts.name == monitor).unwrap()
}

/// A figure over the run by its name.
pub fn total(watched: &Watched, monitor: &str, figure: &str) -> Option<f64> {
    let facts = facts(watched, monitor);
    facts.totals.iter().find(|total| total.name == figure).unwrap_or_else(|| panic!("{facts:?}")).value
}

/// What was read of a series, gaps left out.
pub fn values(watched: &Watched, monitor: &str, series: &str) -> Vec<f64> {
    let series = watched.series(monitor, series).unwrap_or_else(|| panic!("no {series}"));
    series.values.iter().copied().filter(|value| value.is_finite()).collect()
}

/// How long a connection may take to be tested.
pub const PATIENCE_OF_A_TEST: Duration = Duration::from_secs(10);
