//! Which row an iteration gets: the turns of all virtual users, counted over all workers without a lock.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rand::Rng;

use super::shuffle::{Permutation, mix};
use crate::model::{AtEnd, FeedOrder};

/// The turn of an iteration with one feeder.
pub(in crate::engine) type Turn = u64;

/// Counts the turns of one feeder.
pub(super) struct Turns {
    pub order: FeedOrder,
    pub at_end: AtEnd,
    n_rows: u64,
    seed: u64,
    next: AtomicU64,
}

/// No row is left, and the load ends by that.
pub(super) struct Over;

/// No row is left for this iteration.
pub(super) struct NoRow;

impl Turns {
    pub fn new(order: FeedOrder, at_end: AtEnd, n_rows: u64, seed: u64) -> Self {
        Self { order, at_end, n_rows, seed, next: AtomicU64::new(0) }
    }

    /// Takes the next turn.
    pub fn take(&self) -> Result<Turn, Over> {
        match self.order {
            FeedOrder::Random | FeedOrder::Unique => Ok(0),
            FeedOrder::Sequential | FeedOrder::Shuffled => {
                let turn = self.next.fetch_add(1, Relaxed);
                if turn >= self.n_rows && self.at_end == AtEnd::Stop { Err(Over) } else { Ok(turn) }
            }
        }
    }

    /// The row of a turn that the user with this number has.
    pub fn row(&self, turn: Turn, user: u64, random: &mut impl Rng) -> Result<u64, NoRow> {
        let turn = match self.order {
            FeedOrder::Random => return Ok(random.random_range(0..self.n_rows)),
            FeedOrder::Unique => user,
            FeedOrder::Sequential | FeedOrder::Shuffled => turn,
        };
        let ends = self.order == FeedOrder::Unique || self.at_end != AtEnd::Wrap;
        if ends && turn >= self.n_rows {
            return Err(NoRow);
        }
        let (pass, position) = (turn / self.n_rows, turn % self.n_rows);
        Ok(match self.order {
            FeedOrder::Shuffled => {
                Permutation::new(self.n_rows, mix(self.seed.wrapping_add(mix(pass)))).at(position)
            }
            _ => position,
        })
    }

    /// How many users may start, where those without a row do not.
    pub fn most_users(&self) -> Option<u64> {
        (self.order == FeedOrder::Unique && self.at_end == AtEnd::Stop).then_some(self.n_rows)
    }
}
