//! From a base and a change to a projection: the model in the middle of its figures, and thousands of draws around it.

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    QUANTILES,
    base::Base,
    convolve::{COARSE, FINE},
    inputs::{Change, Input, InputRange, Quantity, Queue},
    model::{Fineness, Misfit, Outcome, Percentiles, Sample, evaluate},
    points::{Between, told},
    projection::{
        Line, Moved, Projected, ProjectedPercentile, Projection, QueueFigures, Refusal, Sensitivity,
    },
    queueing::ranks,
    refusals,
    resample::Resampler,
    words,
};

/// Figures that contradict what was measured are drawn again, so often at most.
const MOST_ATTEMPTS: usize = 8;

/// A part of the draws that tells how far the sample alone moves the result.
const SAMPLE_SHARE: usize = 4;

/// Fewer samples beyond a percentile than that do not tell it.
const FEWEST_BEYOND: f64 = 10.0;

/// How often a base and its inputs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    pub n: usize,
    pub seed: u64,
}

impl Default for Draws {
    fn default() -> Self {
        Self { n: 2_000, seed: 0x7768_6174_2d69_6621 }
    }
}

/// What a change would bring. Nothing in it is measured but the base.
pub fn project(base: &Base, change: &Change, queue: &Queue) -> Projection {
    project_with(base, change, queue, Draws::default())
}

/// The same with another number of draws.
pub fn project_with(base: &Base, change: &Change, queue: &Queue, draws: Draws) -> Projection {
    let mut projection = blank(base, change, queue);
    projection.refusals = refusals::of_base(base, change);
    if !projection.refusals.is_empty() {
        return projection;
    }
    let ranks = ranks();
    let desk = Desk {
        base,
        change,
        queue,
        resampler: Resampler::new(base, matches!(change, Change::Payload { .. })),
        ranks: &ranks,
        draws,
    };
    let queue_refusal = refusals::of_window(base);
    let worked = desk.work(queue_refusal.is_none());
    let worked = match (queue_refusal, worked) {
        (None, Ok(worked)) => worked,
        (refusal, Ok(worked)) => {
            projection.refusals.extend(refusal);
            worked
        }
        (_, Err(refusal)) => {
            projection.refusals.push(refusal);
            match desk.work(false) {
                Ok(worked) => worked,
                Err(refusal) => {
                    projection.refusals.push(refusal);
                    return projection;
                }
            }
        }
    };
    desk.fill(&mut projection, &worked);
    projection
}

/// The projection before anything is worked out.
fn blank(base: &Base, change: &Change, queue: &Queue) -> Projection {
    let interval = |quantile: f64| base.intervals.iter().find(|interval| interval.quantile == quantile);
    let measured = |quantile: &f64| {
        let value = base.whole.response_time.quantile(*quantile)?;
        let secs = |bound: Option<std::time::Duration>| bound.map(|bound| bound.as_secs_f64());
        Some(ProjectedPercentile {
            quantile: *quantile,
            base_secs: value.as_secs_f64(),
            base_low_secs: interval(*quantile).and_then(|interval| secs(interval.low)),
            base_high_secs: interval(*quantile).and_then(|interval| secs(interval.high)),
            unchanged: None,
            rescaled: None,
            cases: Vec::new(),
        })
    };
    let is_known = |quantile: &&f64| base.hidden_ratio() < 1.0 - **quantile - 1e-12;
    let more = match change {
        Change::Traffic { times } => base.changed_per_sec() * (times.middle() - 1.0),
        _ => 0.0,
    };
    Projection {
        format: Projection::FORMAT,
        run_id: base.run_id,
        scenario: base.scenario.clone(),
        changed: base.subject.changed.clone(),
        scope: base.subject.scope.clone(),
        window: base.window.clone(),
        window_words: base.window_words.clone(),
        change: change.clone(),
        queue: *queue,
        busy: None,
        measured_per_sec: base.per_sec(),
        projected_per_sec: base.per_sec() + more,
        n_samples: base.whole.response_time.n_samples(),
        percentiles: QUANTILES.iter().filter(is_known).filter_map(measured).collect(),
        cases: words::cases(change),
        sensitivity: Vec::new(),
        assumptions: words::assumptions(base, change),
        refusals: Vec::new(),
    }
}

/// What one projection is worked out with.
struct Desk<'a> {
    base: &'a Base,
    change: &'a Change,
    queue: &'a Queue,
    resampler: Resampler<'a>,
    ranks: &'a [f64],
    draws: Draws,
}

/// What was worked out.
struct Worked {
    /// In the middle of all figures: bucket by bucket, and as the draws see it.
    point: Outcome,
    coarse: Outcome,
    all_blocks: Sample,
    drawn: Vec<Outcome>,
    with_queue: bool,
    /// Why the queue's line is not told, where that was found on the way.
    refusal: Option<Refusal>,
    n_contradictions: usize,
}

impl Desk<'_> {
    /// Works everything out, with the queue's line or without.
    ///
    /// # Errors
    /// Where the queue does not fit, so that not even what requests take without it is known.
    fn work(&self, with_queue: bool) -> Result<Worked, Refusal> {
        let middle = &mut |range: InputRange| range.middle();
        let (change, queue) = (self.change.at(middle), self.queue.at(middle));
        let queue = with_queue.then_some(&queue);
        let (point, misfit) = evaluate(&self.resampler.measured(), &change, queue, self.fine());
        let mut refusal = None;
        match misfit.filter(|_| with_queue) {
            Some(misfit @ Misfit::Overloaded { .. }) => {
                refusal = Some(refusals::of_misfit(misfit, self.base));
            }
            Some(misfit) => return Err(refusals::of_misfit(misfit, self.base)),
            None => {}
        }
        refusal = refusal.or_else(|| refusals::of_busy(point.busy.as_ref()?, self.base, self.change));
        let all_blocks = self.resampler.all_blocks();
        let (coarse, _) = evaluate(&all_blocks, &change, queue, self.coarse());
        let needs_queue = point.rescaled.is_some() && refusal.is_none();
        let (drawn, n_contradictions) = self.drawn(with_queue, needs_queue, self.draws.n, false);
        if needs_queue {
            let n_with = drawn.iter().filter(|outcome| outcome.rescaled.is_some()).count();
            if n_with * 2 < drawn.len() {
                return Err(refusals::of_draws(drawn.len() - n_with, drawn.len()));
            }
            refusal = refusals::of_busy_draws(&drawn);
        }
        Ok(Worked { point, coarse, all_blocks, drawn, with_queue, refusal, n_contradictions })
    }

    /// Draws of base and inputs; of the base alone where the inputs stay in the middle. And how often inputs contradicted
    /// the base that was drawn.
    fn drawn(
        &self,
        with_queue: bool,
        needs_queue: bool,
        n: usize,
        in_the_middle: bool,
    ) -> (Vec<Outcome>, usize) {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.draws.seed);
        let mut n_contradictions = 0;
        let draw = |_| {
            let sample = if in_the_middle {
                self.resampler.drawn_quietly(&mut random)
            } else {
                self.resampler.drawn(&mut random)
            };
            let mut take = |range: InputRange| {
                let share: f64 = random.random();
                if in_the_middle { range.middle() } else { range.low + share * (range.high - range.low) }
            };
            let mut attempt = || {
                let change = self.change.at(&mut take);
                let queue = self.queue.at(&mut take);
                evaluate(&sample, &change, with_queue.then_some(&queue), self.coarse()).0
            };
            let mut outcome = attempt();
            let n_attempts = if in_the_middle { 1 } else { MOST_ATTEMPTS };
            for _ in 1..n_attempts {
                if outcome.rescaled.is_some() || !needs_queue {
                    break;
                }
                n_contradictions += 1;
                outcome = attempt();
            }
            outcome
        };
        let drawn = (0..n).map(draw).collect();
        (drawn, n_contradictions)
    }

    fn fine(&self) -> Fineness<'_> {
        Fineness { ranks: self.ranks, most_bins: FINE, between: Between::Values }
    }

    fn coarse(&self) -> Fineness<'_> {
        Fineness { ranks: self.ranks, most_bins: COARSE, between: Between::Neighbours }
    }

    /// Writes what was worked out into the projection.
    fn fill(&self, projection: &mut Projection, worked: &Worked) {
        let n = self.base.whole.response_time.n_samples() as f64;
        let has_rescaled = worked.point.rescaled.is_some() && worked.refusal.is_none();
        let range = |of: &dyn Fn(&Outcome) -> Option<Percentiles>, index: usize| {
            let (point, coarse) = (of(&worked.point)?[index], of(&worked.coarse)?[index]);
            let drawn = worked.drawn.iter().filter_map(|outcome| Some(of(outcome)?[index])).collect();
            Some(projected(point, coarse, drawn))
        };
        for percentile in &mut projection.percentiles {
            let Some(index) = QUANTILES.iter().position(|known| *known == percentile.quantile) else {
                continue;
            };
            if n * (1.0 - percentile.quantile) < FEWEST_BEYOND {
                continue;
            }
            percentile.unchanged = range(&|outcome| Some(outcome.unchanged), index);
            percentile.rescaled = range(&|outcome| outcome.rescaled, index).filter(|_| has_rescaled);
            let case = |case: usize| range(&|outcome| outcome.cases.get(case).copied(), index);
            percentile.cases = (0..projection.cases.len()).filter_map(case).collect();
        }
        let untold = projection.percentiles.iter().filter(|percentile| percentile.unchanged.is_none());
        let untold: Vec<f64> = untold.map(|percentile| percentile.quantile).collect();
        projection.assumptions.extend(words::untold(&untold));
        projection.refusals.extend(worked.refusal.clone());
        projection.busy = worked.point.busy.map(|busy| QueueFigures {
            workers: busy.workers,
            workers_after: busy.workers_after,
            service_secs: busy.service_secs,
            cs_squared: busy.cs_squared,
            rho: busy.rho,
            rho_after: busy.rho_after,
            waited_secs: busy.waited_secs,
            waited_after_secs: busy.waited_after_secs,
            basis: words::basis(self.base, self.queue),
        });
        if let Some(busy) = worked.point.busy.as_ref().filter(|_| has_rescaled) {
            projection.assumptions.extend(words::of_queue(self.base, busy));
        }
        projection.assumptions.push(words::of_draws(self.draws.n, worked.n_contradictions));
        if let Some(line) = projection.speaking_line() {
            projection.sensitivity = self.sensitivity(worked, line);
        }
    }

    /// How far each figure moves the result, one at a time, the farthest first.
    fn sensitivity(&self, worked: &Worked, line: Line) -> Vec<Sensitivity> {
        let of_line = |outcome: &Outcome| match line {
            Line::Unchanged => Some(outcome.unchanged),
            Line::Rescaled => outcome.rescaled,
        };
        let Some((point, coarse)) = of_line(&worked.point).zip(of_line(&worked.coarse)) else {
            return Vec::new();
        };
        let refined = |index: usize, value: f64| told(refined(point[index], coarse[index], value));
        let inputs: Vec<Input> = self
            .change
            .inputs()
            .into_iter()
            .chain(if worked.with_queue { self.queue.inputs() } else { Vec::new() })
            .collect();
        let mut found: Vec<Sensitivity> = Vec::new();
        for (place, input) in inputs.iter().enumerate() {
            let Some((low, high)) = ends(input) else { continue };
            let at = |end: f64| {
                let mut n_taken = 0;
                let mut take = |range: InputRange| {
                    n_taken += 1;
                    if n_taken == place + 1 { end } else { range.middle() }
                };
                let (change, queue) = (self.change.at(&mut take), self.queue.at(&mut take));
                let queue = worked.with_queue.then_some(&queue);
                of_line(&evaluate(&worked.all_blocks, &change, queue, self.coarse()).0)
            };
            let (at_low, at_high) = (at(low), at(high));
            let moved = |(index, quantile): (usize, &f64)| Moved {
                quantile: *quantile,
                at_low_secs: at_low.map(|found| refined(index, found[index])),
                at_high_secs: at_high.map(|found| refined(index, found[index])),
            };
            found.push(Sensitivity {
                input: input.name.to_owned(),
                quantity: input.quantity,
                low: Some(low),
                high: Some(high),
                is_exact: input.range.is_exact(),
                line,
                percentiles: QUANTILES.iter().enumerate().map(moved).collect(),
            });
        }
        found.push(self.sensitivity_to_the_sample(worked, line, &of_line, &refined));
        found.sort_by(|one, other| other.reach(0.95).total_cmp(&one.reach(0.95)));
        found
    }

    fn sensitivity_to_the_sample(
        &self,
        worked: &Worked,
        line: Line,
        of_line: &dyn Fn(&Outcome) -> Option<Percentiles>,
        refined: &dyn Fn(usize, f64) -> f64,
    ) -> Sensitivity {
        let n = (self.draws.n / SAMPLE_SHARE).max(20);
        let (drawn, _) = self.drawn(worked.with_queue, line == Line::Rescaled, n, true);
        let moved = |(index, quantile): (usize, &f64)| {
            let drawn = drawn.iter().filter_map(|outcome| Some(of_line(outcome)?[index])).collect();
            let range = spread(drawn);
            Moved {
                quantile: *quantile,
                at_low_secs: range.map(|(low, _)| refined(index, low)),
                at_high_secs: range.map(|(_, high)| refined(index, high)),
            }
        };
        Sensitivity {
            input: "what was measured, drawn anew by blocks".to_owned(),
            quantity: Quantity::Number,
            low: None,
            high: None,
            is_exact: false,
            line,
            percentiles: QUANTILES.iter().enumerate().map(moved).collect(),
        }
    }
}

impl Sensitivity {
    /// How far a percentile moves from one end to the other, in seconds.
    pub fn reach(&self, quantile: f64) -> f64 {
        let moved = self.percentiles.iter().find(|moved| moved.quantile == quantile);
        let ends = moved.and_then(|moved| moved.at_low_secs.zip(moved.at_high_secs));
        ends.map_or(0.0, |(low, high)| (high - low).abs())
    }
}

/// The ends between which a figure is moved: its own, or a tenth to each side where it is one value.
fn ends(input: &Input) -> Option<(f64, f64)> {
    let InputRange { low, high } = input.range;
    if !input.range.is_exact() {
        return Some((low, high));
    }
    let (less, more) = match input.quantity {
        Quantity::Workers => ((low - 1.0).max(1.0), low + 1.0),
        Quantity::Share => (low * 0.9, (low * 1.1).min(1.0)),
        Quantity::Times => ((low * 0.9).max(low.min(1.0)), low * 1.1),
        _ => (low * 0.9, low * 1.1),
    };
    (less < more).then_some((less, more))
}

/// A value among draws that are coarser than it, in the place where it lies to the coarse one.
fn refined(point: f64, coarse: f64, value: f64) -> f64 {
    if coarse > 0.0 { value * point / coarse } else { value }
}

fn projected(point: f64, coarse: f64, drawn: Vec<f64>) -> Projected {
    let (low, high) = spread(drawn).unwrap_or((coarse, coarse));
    let (low, high) = (refined(point, coarse, low), refined(point, coarse, high));
    Projected { secs: told(point), low_secs: told(low.min(point)), high_secs: told(high.max(point)) }
}

/// From p5 to p95 of what was drawn; none where nothing was.
fn spread(mut drawn: Vec<f64>) -> Option<(f64, f64)> {
    drawn.sort_by(f64::total_cmp);
    let at = |quantile: f64| drawn.get(((drawn.len() as f64 * quantile).ceil() as usize).max(1) - 1).copied();
    at(0.05).zip(at(0.95))
}
