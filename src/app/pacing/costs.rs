//! What the last frames cost.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Frames that percentiles look back at.
const N_KEPT: usize = 240;
/// Frames whose mean sets the pace.
const N_RECENT: usize = 8;
/// Over how long frames per second are counted.
const RATE_SPAN: Duration = Duration::from_secs(5);

/// Processor time of one frame: events, layout, drawing, painting and showing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameCost {
    pub main_thread: Duration,
    /// Threads that paint where no graphics card does.
    pub painters: Duration,
}

impl FrameCost {
    pub fn all(&self) -> Duration {
        self.main_thread + self.painters
    }
}

/// The last frames.
#[derive(Clone, Debug, Default)]
pub struct FrameCosts {
    frames: VecDeque<(Instant, FrameCost)>,
}

impl FrameCosts {
    pub fn add(&mut self, begun_at: Instant, cost: FrameCost) {
        if self.frames.len() == N_KEPT {
            self.frames.pop_front();
        }
        self.frames.push_back((begun_at, cost));
    }

    pub fn n_frames(&self) -> usize {
        self.frames.len()
    }

    /// The mean of the newest frames; none before the first.
    pub fn mean(&self) -> Option<FrameCost> {
        let n = self.frames.len().min(N_RECENT);
        let newest = self.frames.iter().rev().take(n).map(|(_, cost)| cost);
        let sum = newest.fold(FrameCost::default(), |sum, cost| FrameCost {
            main_thread: sum.main_thread + cost.main_thread,
            painters: sum.painters + cost.painters,
        });
        let n = u32::try_from(n).ok().filter(|n| *n > 0)?;
        Some(FrameCost { main_thread: sum.main_thread / n, painters: sum.painters / n })
    }

    /// A quantile of one part of the cost, by nearest rank.
    pub fn quantile(&self, quantile: f64, part: impl Fn(&FrameCost) -> Duration) -> Option<Duration> {
        let mut costs: Vec<Duration> = self.frames.iter().map(|(_, cost)| part(cost)).collect();
        costs.sort_unstable();
        let rank = (costs.len() as f64 * quantile).ceil() as usize;
        costs.get(rank.max(1) - 1).copied()
    }

    /// Frames per second of late.
    pub fn per_sec(&self) -> Option<f64> {
        let (last, _) = self.frames.back()?;
        let recent = self.frames.iter().rev().take_while(|(at, _)| *last - *at <= RATE_SPAN);
        let (n, first) = recent.fold((0_usize, *last), |(n, _), (at, _)| (n + 1, *at));
        let secs = (*last - first).as_secs_f64();
        (n > 1 && secs > 0.0).then(|| (n - 1) as f64 / secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(millis: u64) -> FrameCost {
        FrameCost { main_thread: Duration::from_millis(millis), painters: Duration::from_millis(10 * millis) }
    }

    #[test]
    fn percentiles_are_of_the_last_frames_and_the_mean_of_the_newest() {
        let (mut costs, since) = (FrameCosts::default(), Instant::now());
        assert_eq!((costs.mean(), costs.per_sec()), (None, None));
        assert_eq!(costs.quantile(0.5, FrameCost::all), None);
        for n in 1..=100 {
            costs.add(since + Duration::from_millis(200 * n), cost(n));
        }
        let main_thread = |quantile| costs.quantile(quantile, |cost| cost.main_thread).unwrap().as_millis();
        assert_eq!((main_thread(0.5), main_thread(0.99), main_thread(1.0)), (50, 99, 100));
        assert_eq!(costs.quantile(0.5, FrameCost::all), Some(Duration::from_millis(550)));
        assert_eq!(costs.mean().unwrap().main_thread, Duration::from_micros(96_500));
        assert_eq!(costs.per_sec(), Some(5.0));
        for n in 0..1_000 {
            costs.add(since + Duration::from_secs(100 + n), cost(1));
        }
        assert_eq!(costs.n_frames(), N_KEPT);
        assert_eq!(costs.quantile(1.0, |cost| cost.main_thread), Some(Duration::from_millis(1)));
    }
}
