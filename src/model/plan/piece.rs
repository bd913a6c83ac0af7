//! Pieces: the straight lines that the profile is made of once pauses and changes have cut the stages.

use std::time::Duration;

/// Areas this close count as one: it forgives the last bit of the area's sums.
const SAME_AREA: f64 = 1e-9;

/// A stretch of one stage over which the level changes evenly; never without length.
// The slope is kept beside the end level: a piece that is cut keeps its formula to the last bit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    /// Index of the stage.
    pub stage: usize,
    pub start: Duration,
    pub end: Duration,
    pub start_level: f64,
    pub end_level: f64,
    slope: f64,
    /// Area under the profile before this piece: user-seconds (closed) or arrivals (open).
    pub area_before: f64,
    /// Area under this piece.
    pub area: f64,
    pub paused: bool,
}

impl Piece {
    pub fn new(stage: usize, (start, end): (Duration, Duration), (from, to): (f64, f64)) -> Self {
        let seconds = (end - start).as_secs_f64();
        Self {
            stage,
            start,
            end,
            start_level: from,
            end_level: to,
            slope: if seconds > 0.0 { (to - from) / seconds } else { 0.0 },
            area_before: 0.0,
            area: (from + to) / 2.0 * seconds,
            paused: false,
        }
    }

    /// A stretch without load.
    pub fn pause(stage: usize, start: Duration, end: Duration) -> Self {
        Self { paused: true, ..Self::new(stage, (start, end), (0.0, 0.0)) }
    }

    /// The level at a time within the piece.
    pub fn level_at(&self, time: Duration) -> f64 {
        self.start_level + self.slope * self.seconds_to(time)
    }

    /// Area under the profile up to a time, which counts as the piece's end if it is after it.
    pub fn area_at(&self, time: Duration) -> f64 {
        self.area_before + self.area_within(time.min(self.end))
    }

    pub fn area_after(&self) -> f64 {
        self.area_before + self.area
    }

    /// Whether the profile has reached `area` by the end of this piece.
    pub fn reaches(&self, area: f64) -> bool {
        area - self.area_before <= self.area + SAME_AREA
    }

    /// The time at which the area under the profile reaches `area`.
    // Root of start_level·x + slope·x²/2 = area in the form that neither cancels nor divides by a zero slope.
    pub fn time_at_area(&self, area: f64) -> Duration {
        let area = (area - self.area_before).max(0.0);
        let discriminant = (self.start_level * self.start_level + 2.0 * self.slope * area).max(0.0);
        let denominator = self.start_level + discriminant.sqrt();
        let seconds = if denominator > 0.0 { 2.0 * area / denominator } else { 0.0 };
        self.at_seconds(seconds)
    }

    /// The stretch during which the level is at least `limit`.
    pub fn stretch_above(&self, limit: f64) -> Option<(Duration, Duration)> {
        let crossing = || self.at_seconds((limit - self.start_level) / self.slope);
        let (start, end) = match (self.start_level >= limit, self.end_level >= limit) {
            (true, true) => (self.start, self.end),
            (true, false) => (self.start, crossing()),
            (false, true) => (crossing(), self.end),
            (false, false) => return None,
        };
        (start < end).then_some((start, end))
    }

    /// Ends the piece at a time within it; returns what came after.
    pub fn cut(&mut self, time: Duration) -> Self {
        let level = self.level_at(time);
        let rest =
            Self { paused: self.paused, ..Self::new(self.stage, (time, self.end), (level, self.end_level)) };
        self.area = self.area_within(time);
        (self.end, self.end_level) = (time, level);
        rest
    }

    fn area_within(&self, time: Duration) -> f64 {
        let x = self.seconds_to(time);
        x * (self.start_level + self.slope * x / 2.0)
    }

    fn seconds_to(&self, time: Duration) -> f64 {
        time.saturating_sub(self.start).as_secs_f64()
    }

    fn at_seconds(&self, seconds: f64) -> Duration {
        // More than any duration means the end as well.
        let since = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        self.start.saturating_add(since).min(self.end)
    }
}
