//! Whole answers of a step, each as likely to be kept as any other, within a bound of memory.

use rand::Rng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::engine::transport::Answer;
use crate::metrics::SampledAnswer;

/// The most that is kept of all bodies by all workers together, of one body, and of answers per step.
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_BODY: usize = 256 * 1024;
const MAX_ANSWERS: usize = 24;

/// What one worker may keep of each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    n_answers: usize,
    n_bytes: usize,
}

/// Draws answers of one step, without knowing how many there will be.
// Algorithm L (Li, 1994): it draws how many are passed over, so that these cost nothing but counting.
pub struct AnswerSampler {
    share: Share,
    kept: Vec<SampledAnswer>,
    n_bytes: usize,
    /// How many more requests are passed over.
    n_passed_over: u64,
    /// Requests that were chosen before there was room for no more.
    n_first: usize,
    weight: f64,
}

impl Share {
    /// The share of a worker: few large answers of each step are better than none, so the first workers keep them where
    /// there are many.
    pub fn of(n_steps: usize, worker: usize, n_workers: usize) -> Self {
        let of_step = MAX_BYTES / n_steps.max(1);
        let n_keepers = (of_step / MAX_BODY).clamp(1, n_workers.max(1));
        if worker >= n_keepers {
            return Self { n_answers: 0, n_bytes: 0 };
        }
        Self { n_answers: MAX_ANSWERS.div_ceil(n_keepers), n_bytes: of_step / n_keepers }
    }
}

impl AnswerSampler {
    pub fn new(share: Share) -> Self {
        Self { share, kept: Vec::new(), n_bytes: 0, n_passed_over: 0, n_first: 0, weight: 1.0 }
    }

    /// Whether the answer to the next request is to be kept.
    #[inline]
    pub fn is_next(&mut self, random: &mut Xoshiro256PlusPlus) -> bool {
        if self.n_passed_over > 0 {
            self.n_passed_over -= 1;
            return false;
        }
        if self.share.n_answers == 0 {
            self.n_passed_over = u64::MAX;
            return false;
        }
        if self.n_first < self.share.n_answers {
            self.n_first += 1;
        }
        if self.n_first == self.share.n_answers {
            self.pass_over(random);
        }
        true
    }

    fn pass_over(&mut self, random: &mut Xoshiro256PlusPlus) {
        // Never zero, whose logarithm has no end.
        let mut draw = || 1.0 - random.random::<f64>();
        self.weight *= (draw().ln() / self.share.n_answers as f64).exp();
        let skipped = draw().ln() / (1.0 - self.weight).ln();
        // A number that is too large, or none, passes over all that follow.
        self.n_passed_over = if skipped.is_finite() { skipped as u64 } else { u64::MAX };
    }

    /// Keeps an answer, in the place of one that chance chooses once there are enough.
    pub fn take(&mut self, step: u16, answer: &Answer, random: &mut Xoshiro256PlusPlus) {
        let body = answer.packed.as_ref().unwrap_or(&answer.body);
        let body = &body[..body.len().min(MAX_BODY).min(self.share.n_bytes)];
        if self.kept.len() >= self.share.n_answers {
            self.remove_one(random);
        }
        while self.n_bytes + body.len() > self.share.n_bytes && !self.kept.is_empty() {
            self.remove_one(random);
        }
        self.n_bytes += body.len();
        self.kept.push(SampledAnswer {
            step,
            status: answer.status,
            headers: answer.headers.shown(),
            body: body.to_vec(),
            body_bytes: answer.n_body_bytes,
        });
    }

    fn remove_one(&mut self, random: &mut Xoshiro256PlusPlus) {
        let removed = self.kept.swap_remove(random.random_range(0..self.kept.len()));
        self.n_bytes -= removed.body.len();
    }

    pub fn into_answers(self) -> Vec<SampledAnswer> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rand::SeedableRng as _;

    use super::*;
    use crate::engine::testing::answered;

    fn kept(share: Share, n_answers: u64, body_of: impl Fn(u64) -> Bytes) -> Vec<SampledAnswer> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut sampler = AnswerSampler::new(share);
        for n in 0..n_answers {
            if sampler.is_next(&mut random) {
                let body = body_of(n);
                let n_body_bytes = body.len() as u64;
                sampler.take(0, &Answer { body, n_body_bytes, ..answered(200, "") }, &mut random);
            }
        }
        sampler.into_answers()
    }

    #[test]
    fn late_answers_are_as_likely_to_be_kept_as_early_ones() {
        let share = Share { n_answers: 400, n_bytes: MAX_BYTES };
        let numbers = kept(share, 40_000, |n| Bytes::from(n.to_string()));
        assert_eq!(numbers.len(), 400);
        let of_quarter = |quarter: u64| {
            let is_in = |number: &&SampledAnswer| {
                let number: u64 = std::str::from_utf8(&number.body).unwrap().parse().unwrap();
                number / 10_000 == quarter
            };
            numbers.iter().filter(is_in).count()
        };
        // 100 each, with a standard deviation below 9.
        for quarter in 0..4 {
            assert!((70..=130).contains(&of_quarter(quarter)), "{quarter}: {}", of_quarter(quarter));
        }
    }

    #[test]
    fn large_answers_are_cut_and_are_fewer() {
        let share = Share { n_answers: 24, n_bytes: 3 * MAX_BODY };
        let large = kept(share, 100, |_| Bytes::from(vec![b'x'; 2 * MAX_BODY]));
        assert_eq!(large.len(), 3);
        assert!(
            large
                .iter()
                .all(|answer| (answer.body.len(), answer.body_bytes) == (MAX_BODY, 2 * MAX_BODY as u64))
        );
    }

    #[test]
    fn what_all_workers_keep_is_bounded_however_many_there_are() {
        for (n_steps, n_workers) in [(1, 1), (1, 4), (10, 8), (64, 3), (1_000, 256), (0, 1)] {
            let shares: Vec<Share> =
                (0..n_workers).map(|worker| Share::of(n_steps, worker, n_workers)).collect();
            let n_bytes: usize = shares.iter().map(|share| share.n_bytes).sum::<usize>() * n_steps;
            assert!(n_bytes <= MAX_BYTES, "{n_steps} {n_workers}: {n_bytes}");
            let n_answers: usize = shares.iter().map(|share| share.n_answers).sum();
            assert!((24..=48).contains(&n_answers), "{n_steps} {n_workers}: {n_answers}");
        }
        assert_eq!(kept(Share::of(1_000, 5, 256), 100, |_| Bytes::new()), []);
    }

    #[test]
    fn an_answer_that_was_unpacked_is_kept_as_it_came() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut sampler = AnswerSampler::new(Share::of(1, 0, 1));
        let packed = Some(Bytes::from_static(b"packed"));
        sampler.take(0, &Answer { packed, n_body_bytes: 6, ..answered(200, "what it says") }, &mut random);
        assert_eq!(sampler.into_answers()[0].body, b"packed");
    }
}
