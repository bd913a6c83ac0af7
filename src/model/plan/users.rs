//! Users of the closed model: how many there are, and when each is there.

use std::{iter, time::Duration};

use super::Plan;

/// A stretch during which one virtual user of the closed model starts iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserWindow {
    pub start: Duration,
    pub end: Duration,
}

impl Plan {
    /// Users of the closed model at a time.
    pub fn n_users_at(&self, time: Duration) -> u32 {
        if self.is_open() { 0 } else { self.level_at(time).round() as u32 }
    }

    /// The most users the closed model has at once.
    pub fn peak_users(&self) -> u32 {
        if self.is_open() { 0 } else { self.peak_level().round() as u32 }
    }

    /// When user `user_index` (from 0) of the closed model is there: while the level is at least `user_index` + 1/2.
    pub fn user_windows(&self, user_index: u32) -> Vec<UserWindow> {
        let first = self.user_window_after(user_index, Duration::ZERO);
        iter::successors(first, |window| self.user_window_after(user_index, window.end)).collect()
    }

    /// The user's window that contains `time`, or else the next one after it; none in sight while paused.
    pub fn user_window_after(&self, user_index: u32, time: Duration) -> Option<UserWindow> {
        let limit = f64::from(user_index) + 0.5;
        let stretch = |index: usize| {
            let (start, end) = self.pieces.get(index)?.stretch_above(limit)?;
            let end = self.paused_from.map_or(end, |from| end.min(from));
            (start < end).then_some((start, end))
        };
        let mut index = self.pieces.partition_point(|piece| piece.end <= time);
        let (mut start, mut end) = loop {
            match stretch(index) {
                Some((start, end)) if end > time => break (start, end),
                _ if index >= self.pieces.len() => return None,
                _ => index += 1,
            }
        };
        let mut first = index;
        while let Some((earlier, until)) = first.checked_sub(1).and_then(stretch)
            && until == start
        {
            (start, first) = (earlier, first - 1);
        }
        while let Some((from, later)) = stretch(index + 1)
            && from == end
        {
            (end, index) = (later, index + 1);
        }
        Some(UserWindow { start, end })
    }
}
