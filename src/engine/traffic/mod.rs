//! What a worker sets aside of its own traffic, for the audit: some answers whole, and what followed keys were answered.
//!
//! It is decided before a request is sent, so that all others cost a look at a number. Nothing is shared, and everything
//! is bounded; it is handed over once, with the worker's last batch.

mod answers;
mod lookups;

use std::time::Duration;

use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::request::RequestKey;
use super::transport::Answer;
use crate::metrics::{Lookup, SampledAnswer, TrafficSample};

use answers::{AnswerSampler, Share};
use lookups::{Followed, Follower};

/// What one worker sets aside while it makes load.
pub(super) struct TrafficSampler {
    steps: Vec<OfStep>,
    /// Lookups that a follower has room for.
    room: usize,
    random: Xoshiro256PlusPlus,
}

struct OfStep {
    answers: AnswerSampler,
    lookups: Follower,
    /// Of the same requests whoever sends them, from the first on that says who does.
    shared: Option<Box<Follower>>,
}

/// What is wanted of one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    keeps_answer: bool,
    /// The keys of a request by which it is looked at.
    own: Option<u64>,
    shared: Option<u64>,
}

/// What one worker has set aside.
#[derive(Default)]
pub(super) struct WorkerTraffic {
    answers: Vec<SampledAnswer>,
    /// By step.
    followed: Vec<Followed>,
    shared: Vec<Followed>,
}

impl Wish {
    /// Whether body and headers of the answer are wanted.
    pub fn is_any(self) -> bool {
        self.keeps_answer || self.own.is_some() || self.shared.is_some()
    }
}

impl TrafficSampler {
    /// The sampler of one of so many workers.
    pub fn new(n_steps: usize, worker: usize, n_workers: usize, seed: u64) -> Self {
        let share = Share::of(n_steps, worker, n_workers);
        let room = lookups::room(n_steps, n_workers);
        let of_step =
            |_| OfStep { answers: AnswerSampler::new(share), lookups: Follower::new(room), shared: None };
        Self {
            room,
            steps: (0..n_steps).map(of_step).collect(),
            // Apart from what users draw, who would otherwise draw something else.
            random: Xoshiro256PlusPlus::seed_from_u64(seed ^ ((worker as u64 + 1) << 32)),
        }
    }

    /// What is wanted of a request that is about to be sent; `key` is what it asks for, where a cache could keep that.
    pub fn wish(&mut self, step: u16, key: Option<RequestKey>, sent: Duration) -> Wish {
        let Some(OfStep { answers, lookups, shared }) = self.steps.get_mut(usize::from(step)) else {
            return Wish::default();
        };
        let mut wish = Wish { keeps_answer: answers.is_next(&mut self.random), ..Wish::default() };
        let Some(key) = key else { return wish };
        wish.own = Some(key.own).filter(|own| lookups.looks_at(*own, millis(sent)));
        // Where nobody says who asks, both are one.
        if key.shared != key.own {
            let shared = shared.get_or_insert_with(|| Box::new(Follower::new(self.room)));
            wish.shared = Some(key.shared).filter(|key| shared.looks_at(*key, millis(sent)));
        }
        wish
    }

    /// Sets aside what was wanted of an answer.
    pub fn take(&mut self, step: u16, wish: Wish, sent: Duration, answer: &Answer) {
        let Some(of_step) = self.steps.get_mut(usize::from(step)) else { return };
        if wish.keeps_answer && answer.status < 400 {
            of_step.answers.take(step, answer, &mut self.random);
        }
        if !(200..300).contains(&answer.status) {
            return;
        }
        if let Some(key) = wish.own {
            of_step.lookups.take(step, key, millis(sent), answer);
        }
        if let Some((follower, key)) = of_step.shared.as_mut().zip(wish.shared) {
            follower.take(step, key, millis(sent), answer);
        }
    }

    /// What has been set aside.
    pub fn finish(self) -> WorkerTraffic {
        let mut traffic = WorkerTraffic::default();
        for of_step in self.steps {
            traffic.answers.extend(of_step.answers.into_answers());
            traffic.followed.push(of_step.lookups.finish());
            let shared = of_step.shared.map(|follower| follower.finish());
            traffic.shared.push(shared.unwrap_or_default());
        }
        traffic
    }
}

/// What all workers have set aside; none where nothing was.
pub(super) fn merged(workers: Vec<WorkerTraffic>) -> Option<TrafficSample> {
    workers.first()?;
    let mut sample = TrafficSample::default();
    let (mut own, mut shared) = (Vec::new(), Vec::new());
    for worker in workers {
        sample.answers.extend(worker.answers);
        own.push(worker.followed);
        shared.push(worker.shared);
    }
    (sample.lookups, sample.key_ratio) = together(own);
    let (lookups, key_ratio) = together(shared);
    sample.shared_lookups = lookups;
    sample.key_ratio = sample.key_ratio.min(key_ratio);
    Some(sample)
}

/// The lookups of all workers by step, and the least share of keys of a step that they followed.
// A key is followed by all workers or by none: the strictest of them decides.
fn together(workers: Vec<Vec<Followed>>) -> (Vec<Lookup>, f64) {
    let n_steps = workers.iter().map(Vec::len).max().unwrap_or_default();
    let mut limits = vec![u64::MAX; n_steps];
    for worker in &workers {
        for (limit, followed) in limits.iter_mut().zip(worker) {
            *limit = followed.limit.min(*limit);
        }
    }
    let key_ratio = limits.iter().map(|limit| *limit as f64 / u64::MAX as f64).fold(1.0, f64::min);
    let mut lookups = Vec::new();
    for worker in workers {
        for (limit, followed) in limits.iter().zip(worker) {
            lookups.extend(followed.lookups.into_iter().filter(|lookup| lookup.key <= *limit));
        }
    }
    (lookups, key_ratio)
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::answered;

    fn sampler(worker: usize) -> TrafficSampler {
        TrafficSampler::new(2, worker, 2, 1)
    }

    /// Sends a request that is answered.
    fn send(sampler: &mut TrafficSampler, key: Option<u64>, millis: u64, status: u16) -> bool {
        let key = key.map(|key| RequestKey { own: key, shared: key });
        send_as(sampler, key, millis, status)
    }

    fn send_as(sampler: &mut TrafficSampler, key: Option<RequestKey>, millis: u64, status: u16) -> bool {
        let sent = Duration::from_millis(millis);
        let wish = sampler.wish(0, key, sent);
        if wish.is_any() {
            sampler.take(0, wish, sent, &answered(status, "{}"));
        }
        wish.is_any()
    }

    #[test]
    fn only_the_first_answers_and_now_and_then_one_more_are_wanted() {
        let mut sampler = sampler(0);
        let wanted: Vec<bool> = (0..10_000).map(|n| send(&mut sampler, None, n, 200)).collect();
        // Two workers share the 24 of a step.
        assert!(wanted[..12].iter().all(|wanted| *wanted));
        let n_wanted = wanted.iter().filter(|wanted| **wanted).count();
        assert!((60..400).contains(&n_wanted), "{n_wanted}");
        assert!(wanted[9_000..].iter().filter(|wanted| **wanted).count() < 20);
        let sample = merged(vec![sampler.finish()]).unwrap();
        assert!(sample.answers.len() == 12 && sample.lookups.is_empty());
        assert_eq!((sample.answers[0].step, sample.answers[0].body.as_slice()), (0, &b"{}"[..]));
    }

    #[test]
    fn failures_are_looked_at_and_not_kept() {
        let mut sampler = sampler(0);
        assert!(send(&mut sampler, Some(7), 0, 503));
        assert!(send(&mut sampler, Some(7), 500, 200));
        let sample = merged(vec![sampler.finish()]).unwrap();
        assert_eq!((sample.answers.len(), sample.lookups.len()), (1, 1));
        assert_eq!((sample.lookups[0].at_millis, sample.lookups[0].n_requests), (500, 1));
    }

    #[test]
    fn the_lookups_of_all_workers_come_together_by_the_strictest_of_them() {
        let (mut one, mut other) = (sampler(0), sampler(1));
        send(&mut one, Some(u64::MAX - 5), 0, 200);
        send(&mut one, Some(5), 1, 200);
        send(&mut other, Some(5), 2, 200);
        // More different keys than one worker has room for.
        for n in 0..200_000 {
            send(&mut other, Some(crate::engine::request::folded(n, b"key")), 3, 200);
        }
        let sample = merged(vec![one.finish(), other.finish()]).unwrap();
        assert!(sample.key_ratio < 0.5, "{}", sample.key_ratio);
        let of_key = |key| sample.lookups.iter().filter(|lookup| lookup.key == key).count();
        assert_eq!((of_key(5), of_key(u64::MAX - 5)), (2, 0));
        let share = sample.lookups.len() as f64 / 200_000.0;
        assert!((0.8..1.2).contains(&(share / sample.key_ratio)), "{share} {}", sample.key_ratio);
    }

    #[test]
    fn what_many_users_ask_for_is_followed_for_each_and_for_all() {
        let mut sampler = sampler(0);
        for user in 0..10 {
            send_as(&mut sampler, Some(RequestKey { own: 100 + user, shared: 7 }), user * 1_000, 200);
        }
        let sample = merged(vec![sampler.finish()]).unwrap();
        let n_keys = |lookups: &[Lookup]| {
            let keys: std::collections::BTreeSet<u64> = lookups.iter().map(|lookup| lookup.key).collect();
            (lookups.len(), keys.len())
        };
        assert_eq!((n_keys(&sample.lookups), n_keys(&sample.shared_lookups)), ((10, 10), (10, 1)));
    }

    #[test]
    fn of_no_worker_nothing_is_known() {
        assert_eq!(merged(Vec::new()), None);
    }
}
