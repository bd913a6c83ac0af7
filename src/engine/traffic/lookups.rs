//! What the requests of followed keys were answered, within a bound of memory.
//!
//! Keys are chosen by their hash, so that all requests of a chosen key are there. One that is asked for again within a
//! moment is only counted: what it would get is known, and a key that is asked for all the time costs next to nothing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::engine::request::folded;
use crate::engine::transport::Answer;
use crate::metrics::Lookup;

/// Lookups of either kind that all workers keep together, that one keeps, and that one keeps of a step at least.
const MAX_LOOKUPS: usize = 128 * 1024;
const MAX_OF_WORKER: usize = 32 * 1024;
const MIN_OF_STEP: usize = 32;

/// For how long a key is only counted once it has been looked at, at first.
const FIRST_GAP_MILLIS: u32 = 100;

/// Follows the keys of one step.
pub struct Follower {
    room: usize,
    /// Keys up to this one are followed.
    limit: u64,
    gap_millis: u32,
    lookups: Vec<Lookup>,
    keys: HashMap<u64, Known, BuildHasherDefault<AsItIs>>,
}

/// What is known of a followed key.
#[derive(Clone, Copy)]
struct Known {
    looked_at: u32,
    /// Requests since then that were only counted.
    n_counted: u32,
}

/// What a follower has found.
pub struct Followed {
    pub limit: u64,
    pub lookups: Vec<Lookup>,
}

/// Keys are hashes already.
#[derive(Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = folded(self.0, bytes);
    }

    fn write_u64(&mut self, key: u64) {
        // Which keys are followed depends on their upper bits, and where a map puts them on both ends.
        self.0 = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// How many lookups of a step one of so many workers keeps.
pub fn room(n_steps: usize, n_workers: usize) -> usize {
    let of_worker = (MAX_LOOKUPS / n_workers.max(1)).min(MAX_OF_WORKER);
    (of_worker / n_steps.max(1)).max(MIN_OF_STEP)
}

impl Default for Followed {
    /// Of a follower that was never asked.
    fn default() -> Self {
        Self { limit: u64::MAX, lookups: Vec::new() }
    }
}

impl Follower {
    pub fn new(room: usize) -> Self {
        Self {
            room,
            limit: u64::MAX,
            gap_millis: FIRST_GAP_MILLIS,
            lookups: Vec::new(),
            keys: HashMap::default(),
        }
    }

    /// Whether the answer to a request of a key is to be looked at.
    #[inline]
    pub fn looks_at(&mut self, key: u64, at_millis: u32) -> bool {
        if key > self.limit {
            return false;
        }
        match self.keys.get_mut(&key) {
            Some(known) if at_millis.saturating_sub(known.looked_at) < self.gap_millis => {
                known.n_counted += 1;
                false
            }
            Some(known) => {
                known.looked_at = at_millis;
                true
            }
            None => {
                // Keys whose requests all fail have no lookups, and take room all the same.
                if self.keys.len() >= self.room {
                    self.make_room();
                }
                if key > self.limit {
                    return false;
                }
                self.keys.insert(key, Known { looked_at: at_millis, n_counted: 0 });
                true
            }
        }
    }

    /// Keeps what a key was answered.
    pub fn take(&mut self, step: u16, key: u64, at_millis: u32, answer: &Answer) {
        // It may have been given up since it was sent.
        let Some(known) = self.keys.get_mut(&key) else { return };
        self.lookups.push(Lookup {
            step,
            key,
            answer: folded(answer.n_body_bytes, &answer.body),
            at_millis,
            body_bytes: u32::try_from(answer.n_body_bytes).unwrap_or(u32::MAX),
            n_requests: 1 + std::mem::take(&mut known.n_counted),
        });
        while self.lookups.len().max(self.keys.len()) >= self.room {
            self.make_room();
        }
    }

    /// Follows half of the keys from now on; where there are few, looks at them half as often instead: a single key
    /// that is asked for all the time is what a cache is for.
    fn make_room(&mut self) {
        if self.keys.len() <= self.room / 16 {
            self.gap_millis = self.gap_millis.saturating_mul(2);
            self.thin_out();
        } else {
            self.limit /= 2;
            let limit = self.limit;
            self.lookups.retain(|lookup| lookup.key <= limit);
            self.keys.retain(|key, _| *key <= limit);
        }
    }

    /// Counts lookups that came within the gap with those after them.
    fn thin_out(&mut self) {
        let mut kept: HashMap<u64, (u32, u32), BuildHasherDefault<AsItIs>> = HashMap::default();
        let gap_millis = self.gap_millis;
        self.lookups.retain_mut(|lookup| {
            let (at_millis, n_counted) =
                kept.entry(lookup.key).or_insert((lookup.at_millis.wrapping_sub(gap_millis), 0));
            // Answers come in another order than requests are sent now and then.
            let is_kept = lookup.at_millis.wrapping_sub(*at_millis) >= gap_millis;
            if is_kept {
                *at_millis = lookup.at_millis;
                lookup.n_requests += std::mem::take(n_counted);
            } else {
                *n_counted += lookup.n_requests;
            }
            is_kept
        });
        for (key, (_, n_counted)) in kept {
            if let Some(known) = self.keys.get_mut(&key) {
                known.n_counted += n_counted;
            }
        }
    }

    /// What was found; requests that were counted last stand with the last lookup of their key.
    pub fn finish(mut self) -> Followed {
        for lookup in self.lookups.iter_mut().rev() {
            if let Some(known) = self.keys.get_mut(&lookup.key) {
                lookup.n_requests += std::mem::take(&mut known.n_counted);
            }
        }
        Followed { limit: self.limit, lookups: self.lookups }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::answered;

    fn ask(follower: &mut Follower, key: u64, at_millis: u32) {
        if follower.looks_at(key, at_millis) {
            follower.take(0, key, at_millis, &answered(200, "{}"));
        }
    }

    fn n_requests(followed: &Followed) -> u32 {
        followed.lookups.iter().map(|lookup| lookup.n_requests).sum()
    }

    #[test]
    fn a_key_that_is_asked_for_all_the_time_is_looked_at_now_and_then_and_counted() {
        let mut follower = Follower::new(1_000);
        for millis in 0..1_000 {
            ask(&mut follower, 7, millis);
        }
        let followed = follower.finish();
        let seen: Vec<_> =
            followed.lookups.iter().map(|lookup| (lookup.at_millis, lookup.n_requests)).collect();
        assert_eq!(seen[..3], [(0, 1), (100, 100), (200, 100)]);
        assert_eq!((seen.len(), seen[9], n_requests(&followed)), (10, (900, 199), 1_000));
    }

    #[test]
    fn a_single_key_is_followed_for_as_long_as_the_run_takes() {
        let mut follower = Follower::new(64);
        for tenth in 0..36_000 {
            ask(&mut follower, u64::MAX, tenth * 100);
        }
        let followed = follower.finish();
        assert_eq!((followed.limit, n_requests(&followed)), (u64::MAX, 36_000));
        assert!((16..64).contains(&followed.lookups.len()), "{}", followed.lookups.len());
        assert!(followed.lookups.last().unwrap().at_millis > 3_000_000);
    }

    #[test]
    fn of_many_keys_fewer_are_followed_and_each_of_those_whole() {
        let mut follower = Follower::new(500);
        let key = |n: u64| folded(n, b"key");
        for round in 0..3 {
            for n in 0..5_000 {
                ask(&mut follower, key(n), round * 60_000);
            }
        }
        let followed = follower.finish();
        assert!(followed.limit < u64::MAX / 8 && followed.lookups.len() < 500);
        for lookup in &followed.lookups {
            let of_key = followed.lookups.iter().filter(|other| other.key == lookup.key).count();
            assert_eq!(of_key, 3, "{lookup:?}");
        }
        let n_chosen = (0..5_000).filter(|n| key(*n) <= followed.limit).count();
        assert_eq!(n_requests(&followed) as usize, 3 * n_chosen);
    }

    #[test]
    fn answers_differ_by_what_they_say() {
        let mut follower = Follower::new(100);
        for (at_millis, body) in [(0, "one"), (200, "one"), (400, "two")] {
            assert!(follower.looks_at(7, at_millis));
            follower.take(0, 7, at_millis, &answered(200, body));
        }
        let answers: Vec<u64> = follower.finish().lookups.iter().map(|lookup| lookup.answer).collect();
        assert!(answers[0] == answers[1] && answers[1] != answers[2]);
    }

    #[test]
    fn a_request_that_failed_leaves_its_key_open() {
        let mut follower = Follower::new(100);
        assert!(follower.looks_at(7, 0) && !follower.looks_at(7, 50) && follower.looks_at(7, 100));
        follower.take(0, 7, 100, &answered(200, "{}"));
        let followed = follower.finish();
        assert_eq!((followed.lookups.len(), followed.lookups[0].n_requests), (1, 2));
    }
}
