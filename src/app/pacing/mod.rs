//! How often the window is drawn while a run is under way: its frames take processor time from the load, so what a
//! frame really costs decides when the next one comes. Without a run the window is drawn when there is a reason.

mod costs;
mod log;
mod meter;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use costs::{FrameCost, FrameCosts};

use self::{log::FrameLog, meter::Meter};

/// Share of one processor that the window takes by itself.
// Both processors of a small machine are full when its generator and its target run at full tilt, so what the window
// takes is lost to both. `benches/README.md` has what comes of it.
pub const OWN_SHARE: f64 = 0.065;
/// Share of one processor that the window may take while somebody points or types.
const SHARE_IN_USE: f64 = 0.30;
/// Snapshots of a run come no faster.
const FASTEST: Duration = Duration::from_millis(100);
/// Charts get a point each second; frames of an unseen window receive and save.
const SLOWEST: Duration = Duration::from_secs(1);
/// Longest wait of a click for its frame.
const LONGEST_HOLD: Duration = Duration::from_millis(100);
/// A wait of zero would ask for two frames at once.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// How long the window rests between two frames that nobody asked for, given what a frame costs.
pub fn rest(frame_cost: Duration) -> Duration {
    frame_cost.div_f64(OWN_SHARE).clamp(FASTEST, SLOWEST)
}

/// How long after a frame the next one may come at the earliest, whatever was clicked or typed.
pub fn hold(frame_cost: Duration) -> Duration {
    frame_cost.div_f64(SHARE_IN_USE).min(LONGEST_HOLD)
}

/// When the next frame is due; shared with the thread that brings a run's snapshots.
#[derive(Debug)]
pub struct Pace {
    since: Instant,
    due_nanos: AtomicU64,
}

impl Pace {
    fn new() -> Self {
        Self { since: Instant::now(), due_nanos: AtomicU64::new(0) }
    }

    /// How long to wait for the next frame.
    pub fn wait(&self) -> Duration {
        let due = Duration::from_nanos(self.due_nanos.load(Ordering::Relaxed));
        due.saturating_sub(self.since.elapsed()).max(SHORTEST_WAIT)
    }

    fn set(&self, due: Instant) {
        let nanos = due.duration_since(self.since).as_nanos();
        self.due_nanos.store(u64::try_from(nanos).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// A pass of the window's loop that has begun.
#[derive(Clone, Copy, Debug)]
struct Pass {
    at: Instant,
    is_drawn: bool,
}

/// Measures frames and sets the pace.
pub struct Pacer {
    pace: Arc<Pace>,
    meter: Meter,
    costs: FrameCosts,
    log: Option<FrameLog>,
    pass: Option<Pass>,
}

impl Default for Pacer {
    fn default() -> Self {
        Self {
            pace: Arc::new(Pace::new()),
            meter: Meter::default(),
            costs: FrameCosts::default(),
            log: None,
            pass: None,
        }
    }
}

impl Pacer {
    pub fn pace(&self) -> &Arc<Pace> {
        &self.pace
    }

    pub fn costs(&self) -> &FrameCosts {
        &self.costs
    }

    /// How long the window rests at present between two frames that nobody asked for.
    pub fn rest(&self) -> Duration {
        self.costs.mean().map_or(FASTEST, |cost| rest(cost.all()))
    }

    /// Writes down each frame, to be kept in this file at the end.
    pub fn keep_log(&mut self, path: PathBuf) {
        self.log = Some(FrameLog::new(path));
    }

    /// To be called when the window wakes, before it does anything; `is_loaded` while a run is under way.
    ///
    /// Holds it back where frames come too fast: what was pointed at and typed meanwhile goes into one frame.
    pub fn begin(&mut self, is_visible: bool, is_loaded: bool) {
        self.close_pass(is_loaded);
        if let Some(pass) = self.pass
            && let Some(mean) = self.costs.mean()
            && is_visible
            && is_loaded
        {
            std::thread::sleep(hold(mean.all()).saturating_sub(pass.at.elapsed()));
        }
        let at = Instant::now();
        self.pass = Some(Pass { at, is_drawn: false });
        self.pace.set(at + if is_visible { self.rest() } else { SLOWEST });
    }

    /// To be called where a pass draws the window.
    pub fn draws(&mut self) {
        if let Some(pass) = &mut self.pass {
            pass.is_drawn = true;
        }
    }

    /// What the pass before took, painting and all, is known once the next one begins.
    fn close_pass(&mut self, is_loaded: bool) {
        let cost = self.meter.take();
        let Some(pass) = self.pass.filter(|pass| pass.is_drawn) else { return };
        self.meter.look_for_painters();
        if let Some(cost) = cost {
            self.costs.add(pass.at, cost);
            if let Some(log) = &mut self.log {
                log.add(pass.at - self.pace.since, cost, is_loaded);
            }
        }
    }

    /// Keeps what was written down.
    pub fn finish(&mut self) -> std::io::Result<()> {
        self.log.take().map_or(Ok(()), |log| log.keep())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_dear_frame_comes_seldom_and_a_cheap_one_as_often_as_there_is_news() {
        assert_eq!(rest(millis(2)), FASTEST, "a graphics card paints");
        assert_eq!(rest(millis(13)), millis(200));
        assert_eq!(rest(millis(39)), millis(600));
        assert_eq!(rest(millis(400)), SLOWEST, "the charts' seconds do not wait");
    }

    #[test]
    fn whatever_a_frame_costs_the_window_keeps_to_its_share_until_it_is_at_its_slowest() {
        for micros in (500..65_000).step_by(500) {
            let cost = Duration::from_micros(micros);
            let share = cost.as_secs_f64() / rest(cost).as_secs_f64();
            assert!(share <= OWN_SHARE + 1e-9, "{cost:?}: {share}");
        }
    }

    #[test]
    fn what_is_clicked_shows_within_a_tenth_of_a_second() {
        assert_eq!(hold(millis(3)), millis(10));
        assert_eq!(hold(millis(24)), millis(80));
        assert_eq!(hold(millis(400)), LONGEST_HOLD);
    }

    #[test]
    fn an_unseen_window_wakes_once_a_second_and_a_visible_one_by_its_cost() {
        let mut pacer = Pacer::default();
        pacer.begin(false, true);
        let unseen = pacer.pace().wait();
        assert!(unseen > millis(900) && unseen <= SLOWEST, "{unseen:?}");
        pacer.begin(true, false);
        assert!(pacer.pace().wait() <= FASTEST);
        let cost = FrameCost { main_thread: millis(4), painters: millis(25) };
        for _ in 0..20 {
            pacer.costs.add(Instant::now(), cost);
        }
        pacer.begin(true, false);
        let wait = pacer.pace().wait();
        assert!(wait > millis(400) && wait <= millis(500), "{wait:?}");
    }

    #[test]
    fn only_passes_that_draw_count_as_frames() {
        let mut pacer = Pacer::default();
        pacer.begin(true, false);
        pacer.begin(true, false);
        assert_eq!(pacer.costs().n_frames(), 0);
        pacer.draws();
        pacer.begin(true, false);
        assert_eq!(pacer.costs().n_frames(), 1);
    }
}
