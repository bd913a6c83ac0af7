//! One evaluation: what a change makes of measured response times, with the queue as it was and as it would be.

use super::{
    N_QUANTILES, QUANTILES,
    convolve::{self, comonotone, countermonotone},
    inputs::{CallAt, ChangeAt, PayloadAt, QueueAt},
    points::{Between, Points, quantiles},
    queueing::{Shift, Waiting, constant_part, weibull},
};

/// Percentiles in seconds, in the order of [`QUANTILES`].
pub(super) type Percentiles = [f64; N_QUANTILES];

/// A queue fits what was measured where its mean is no more than this share above the measured one, and what that may
/// be off,
const FITS_ABOVE: f64 = 0.1;

/// and where it explains at least this share of it.
const FITS_BELOW: f64 = 0.5;

/// A stage at low load says what requests take without a queue where its own workers are no busier than this.
const QUIET: f64 = 0.3;

/// Response times as measured, or as drawn anew.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub changed: Vec<Part>,
    /// All changed ones together.
    pub pooled: Points,
    pub rest: Option<Points>,
    pub call: Option<Points>,
    pub low: Option<Points>,
    /// Requests per second that would be changed, in the window and in the stage of low load.
    pub per_sec: f64,
    pub low_per_sec: f64,
    /// By which share the mean may be off.
    pub mean_error: f64,
    /// How far a run that measures the outcome would be off; none for the outcome itself.
    pub noise: Option<Noise>,
}

/// What a run of the same length measures beside the truth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    /// In standard deviations.
    pub z: f64,
    pub n: f64,
    /// So many requests tell as much as one independent one, at each percentile.
    pub phi: Percentiles,
}

impl Noise {
    /// The shares of requests that a run finds below the percentiles of the truth, where it waits so many times as long.
    // Requests depend on each other as far as they wait for each other: near saturation with the square of the waiting
    // (Whitt 1989). Where waiting falls, its ratio alone is the careful one.
    fn ranks(noise: Option<Self>, times_waiting: f64) -> Percentiles {
        let Some(Self { z, n, phi }) = noise else { return QUANTILES };
        let mut ranks: Percentiles = std::array::from_fn(|index| {
            let quantile = QUANTILES[index];
            let phi = 1.0 + (phi[index] - 1.0) * times_waiting * times_waiting.max(1.0);
            (quantile + z * (phi * quantile * (1.0 - quantile) / n).sqrt()).clamp(1e-4, 1.0 - 1e-4)
        });
        ranks.sort_by(f64::total_cmp);
        ranks
    }
}

/// Changed requests whose answers have about the same size.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub points: Points,
    pub mean_bytes: f64,
}

/// What an evaluation comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub unchanged: Percentiles,
    pub rescaled: Option<Percentiles>,
    /// By dependence, in the order of [`case_names`](super::words::case_names).
    pub cases: Vec<Percentiles>,
    pub busy: Option<Busy>,
}

/// How busy workers are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Busy {
    pub workers: u32,
    pub workers_after: u32,
    pub service_secs: f64,
    pub cs_squared: f64,
    pub rho: f64,
    pub rho_after: f64,
    pub waited_secs: f64,
    pub waited_after_secs: f64,
    /// What is neither service nor waiting.
    pub constant_secs: f64,
    /// What the model's mean leaves of the measured mean.
    pub unexplained_secs: f64,
}

/// Why the queue's model does not hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Misfit {
    /// Neither given nor to be estimated.
    Unknown,
    /// At low load the workers are not idle enough to say what requests take without a queue.
    NotQuiet { rho: f64 },
    /// Requests wait so little that the workers cannot be told from it.
    NoWaiting,
    /// The workers could not have kept up with what was measured.
    CannotKeepUp { rho: f64 },
    /// The model's mean response time is not the measured one.
    Mean { model_secs: f64, measured_secs: f64 },
    /// After the change the workers would not keep up.
    Overloaded { rho: f64 },
}

/// The queue as it is, at the ranks of the tables.
struct Queueing {
    workers: u32,
    service_secs: f64,
    cs_squared: f64,
    waiting: Waiting,
    /// What requests take without waiting, the constant part among it.
    service: Vec<f64>,
    constant_secs: f64,
    unexplained_secs: f64,
}

/// How far an evaluation goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fineness<'a> {
    pub ranks: &'a [f64],
    pub most_bins: usize,
    pub between: Between,
}

/// What a change makes of a sample. Where the queue's model does not hold, that is said beside the other line.
pub(super) fn evaluate(
    sample: &Sample,
    change: &ChangeAt,
    queue: Option<&QueueAt>,
    fineness: Fineness<'_>,
) -> (Outcome, Option<Misfit>) {
    let queueing = match queue {
        Some(queue) => Queueing::of(sample, queue, fineness.ranks),
        None => Err(Misfit::Unknown),
    };
    let shifted = queueing
        .as_ref()
        .map_err(|misfit| *misfit)
        .and_then(|queueing| queueing.changed(sample, change, fineness.ranks));
    let service = queueing.as_ref().ok();
    let unchanged = changed_parts(sample, change, service, fineness);
    let as_before = Mixing { sample, at: Noise::ranks(sample.noise, 1.0), between: fineness.between };
    let mut outcome = Outcome {
        unchanged: as_before.percentiles(&unchanged),
        rescaled: None,
        cases: cases(as_before, change, service, fineness),
        busy: None,
    };
    let misfit = match shifted {
        Ok((busy, shift)) => {
            let times_waiting = busy.waited_after_secs / busy.waited_secs.max(1e-9);
            let at = Noise::ranks(sample.noise, times_waiting);
            let rescaled = unchanged.shifted(sample, &shift);
            outcome.rescaled = Some(Mixing { at, ..as_before }.percentiles(&rescaled));
            outcome.busy = Some(busy);
            None
        }
        Err(misfit) => Some(misfit),
    };
    (outcome, misfit)
}

/// The changed requests after the change, and those that no longer come to the workers.
struct Changed {
    /// By part of the sample.
    parts: Vec<Points>,
    /// How often each part's requests count: fewer where hits are elsewhere, more with more traffic.
    left: f64,
    hits: Option<Points>,
}

impl Changed {
    fn of(parts: Vec<Points>) -> Self {
        Self { parts, left: 1.0, hits: None }
    }

    /// Moved by what happens to the queue.
    // The ranks are those of all changed requests together, as they all wait in one queue. A change keeps the order of
    // what it is applied to, or is the only part.
    fn shifted(&self, sample: &Sample, shift: &Shift) -> Self {
        let moved = |(part, before): (&Points, &Part)| {
            if self.parts.len() == 1 {
                return shift_alone(part, &before.points, shift);
            }
            let mut below = Below::of(&sample.pooled);
            let mut walk = shift.walk();
            let mut before = before.points.values().iter();
            part.map(|rank, secs| {
                let (rank, measured) = match before.next() {
                    Some(measured) => (below.rank_of(*measured), *measured),
                    None => (rank, secs),
                };
                (secs + walk.at(rank, measured)).max(0.0)
            })
        };
        Self {
            parts: self.parts.iter().zip(&sample.changed).map(moved).collect(),
            left: self.left,
            hits: self.hits.clone(),
        }
    }
}

/// Moves times by their rank; how far is told by what was measured at that rank.
fn shift_alone(part: &Points, before: &Points, shift: &Shift) -> Points {
    let (values, weights) = (before.values(), before.weights());
    let (mut index, mut until) = (0, weights.first().copied().unwrap_or_default());
    let mut walk = shift.walk();
    part.map(|rank, secs| {
        while index + 1 < values.len() && until < rank * before.total() {
            index += 1;
            until += weights[index];
        }
        let measured = values.get(index).copied().unwrap_or(secs);
        (secs + walk.at(rank, measured)).max(0.0)
    })
}

/// Ranks of rising values.
struct Below<'a> {
    points: &'a Points,
    index: usize,
    weight: f64,
}

impl<'a> Below<'a> {
    fn of(points: &'a Points) -> Self {
        Self { points, index: 0, weight: 0.0 }
    }

    fn rank_of(&mut self, value: f64) -> f64 {
        while self.points.values().get(self.index).is_some_and(|known| *known < value) {
            self.weight += self.points.weights()[self.index];
            self.index += 1;
        }
        self.weight / self.points.total()
    }
}

/// How everything in the scope comes together.
#[derive(Clone, Copy)]
struct Mixing<'a> {
    sample: &'a Sample,
    /// The shares of requests that percentiles are taken at.
    at: Percentiles,
    between: Between,
}

impl Mixing<'_> {
    fn percentiles(self, changed: &Changed) -> Percentiles {
        let mut parts: Vec<(&Points, f64)> = changed.parts.iter().map(|part| (part, changed.left)).collect();
        parts.extend(changed.hits.as_ref().map(|hits| (hits, 1.0)));
        parts.extend(self.sample.rest.as_ref().map(|rest| (rest, 1.0)));
        let found = quantiles(&parts, &self.at, self.between);
        std::array::from_fn(|index| found[index])
    }
}

/// The changed requests where the queue stays as it is.
fn changed_parts(
    sample: &Sample,
    change: &ChangeAt,
    queueing: Option<&Queueing>,
    fineness: Fineness<'_>,
) -> Changed {
    let each = |change: &dyn Fn(f64, f64, f64) -> f64| {
        let part = |part: &Part| part.points.map(|rank, secs| change(part.mean_bytes, rank, secs));
        Changed::of(sample.changed.iter().map(part).collect())
    };
    match change {
        ChangeAt::Cache { hit_ratio, hit_secs, lookup_secs } => Changed {
            left: 1.0 - hit_ratio,
            hits: Some(Points::atom(*hit_secs, hit_ratio * sample.pooled.total())),
            ..each(&|_, _, secs| secs + lookup_secs)
        },
        ChangeAt::Payload(payload) => each(&|bytes, _, secs| payload.after(bytes, secs)),
        ChangeAt::Faster { speed_up, call } => {
            let saved = 1.0 - 1.0 / speed_up;
            match (call, call_times(sample, *call, queueing, fineness.ranks)) {
                (CallAt::Whole, None) => each(&|_, _, secs| secs / speed_up),
                (CallAt::Whole, Some(service)) => {
                    Changed::of(vec![comonotone(&sample.pooled, &service, saved)])
                }
                (_, Some(call)) => {
                    Changed::of(vec![convolve::independent(&sample.pooled, &call, saved, fineness.most_bins)])
                }
                (_, None) => each(&|_, _, secs| secs),
            }
        }
        ChangeAt::Workers { .. } => each(&|_, _, secs| secs),
        ChangeAt::Traffic { times } => Changed { left: *times, ..each(&|_, _, secs| secs) },
    }
}

/// The bounds by what goes together with what.
fn cases(
    mixing: Mixing<'_>,
    change: &ChangeAt,
    queueing: Option<&Queueing>,
    fineness: Fineness<'_>,
) -> Vec<Percentiles> {
    let pooled = &mixing.sample.pooled;
    match change {
        ChangeAt::Cache { hit_ratio, hit_secs, lookup_secs } => {
            let misses = pooled.slowest_without(*hit_ratio).map(|_, secs| secs + lookup_secs);
            let hits = Points::atom(*hit_secs, hit_ratio * pooled.total());
            vec![mixing.percentiles(&Changed { parts: vec![misses], left: 1.0, hits: Some(hits) })]
        }
        ChangeAt::Faster { speed_up, call: call @ (CallAt::Share(_) | CallAt::Measured) } => {
            let saved = 1.0 - 1.0 / speed_up;
            let call = call_times(mixing.sample, *call, queueing, fineness.ranks);
            let bound = |call: &Points, of: fn(&Points, &Points, f64) -> Points| {
                mixing.percentiles(&Changed::of(vec![of(pooled, call, saved)]))
            };
            let bounds = |call: Points| vec![bound(&call, comonotone), bound(&call, countermonotone)];
            call.map(bounds).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The times of the call that gets faster; none where the whole request does, with its waiting.
// A share is one of the time that is worked on, where that is known, else of all the time that was measured.
fn call_times(sample: &Sample, call: CallAt, queueing: Option<&Queueing>, ranks: &[f64]) -> Option<Points> {
    let service = || queueing.map(|queueing| queueing.worked(ranks));
    match call {
        CallAt::Whole => service(),
        CallAt::Share(ratio) => {
            Some(service().unwrap_or_else(|| sample.pooled.clone()).map(|_, secs| secs * ratio))
        }
        CallAt::Measured => sample.call.clone(),
    }
}

impl PayloadAt {
    /// How long an answer of this size is on its way.
    // Small ones take a round trip for each doubling of the window, long ones as long as their bits take.
    fn transfer_secs(&self, bytes: f64) -> f64 {
        let rounds = (bytes / self.initial_window_bytes + 1.0).log2().ceil();
        (8.0 * bytes / self.bits_per_sec).max(rounds * self.rtt_secs)
    }

    /// What is saved of the way of an answer of this size.
    pub fn saved_secs(&self, bytes: f64) -> f64 {
        self.transfer_secs(bytes) - self.transfer_secs(bytes * self.size_ratio)
    }

    /// How long an answer of this size takes to come, to be held against what was measured.
    pub fn transfer_before_secs(&self, bytes: f64) -> f64 {
        self.transfer_secs(bytes)
    }

    fn after(&self, bytes: f64, secs: f64) -> f64 {
        let floor = self.rtt_secs.min(secs);
        (secs - self.saved_secs(bytes)).max(floor) + self.compression_secs
    }
}

impl Queueing {
    fn of(sample: &Sample, queue: &QueueAt, ranks: &[f64]) -> Result<Self, Misfit> {
        let measured_secs = sample.pooled.mean();
        let low = sample.low.as_ref();
        let service_secs = queue.service_secs.or(low.map(Points::mean)).ok_or(Misfit::Unknown)?;
        let is_estimated = queue.service_secs.is_none();
        let cs_squared =
            queue.cs_squared.unwrap_or_else(|| low.filter(|_| is_estimated).map_or(1.0, Points::cv_squared));
        let workers = match (queue.workers, low) {
            (Some(workers), _) => workers,
            (None, None) => return Err(Misfit::Unknown),
            (None, Some(low)) => {
                let (waited_secs, low_secs) = (measured_secs - low.mean(), low.mean());
                if waited_secs < 0.05 * low_secs {
                    return Err(Misfit::NoWaiting);
                }
                Waiting::workers_for(waited_secs, sample.per_sec, service_secs, cs_squared)
            }
        };
        let rho = sample.per_sec * service_secs / f64::from(workers);
        let waiting = Waiting::at(workers, sample.per_sec, service_secs, cs_squared)
            .ok_or(Misfit::CannotKeepUp { rho })?;
        let low_rho = sample.low_per_sec * service_secs / f64::from(workers);
        if low_rho > QUIET && is_estimated {
            return Err(Misfit::NotQuiet { rho: low_rho });
        }
        let model_secs = service_secs + waiting.mean_secs;
        let misfit = Misfit::Mean { model_secs, measured_secs };
        if model_secs > (1.0 + FITS_ABOVE + sample.mean_error) * measured_secs {
            return Err(misfit);
        }
        // What requests take at low load is measured with everything around it; else it is the given service time,
        // and the way there and back is what is left of the mean.
        let (service, constant_secs) = match low.filter(|_| low_rho <= QUIET) {
            Some(low) => (low.at_ranks(ranks), (low.mean() - service_secs).max(0.0)),
            None => {
                let service = weibull(ranks, service_secs, cs_squared);
                let left = measured_secs - model_secs;
                let constant = constant_part(ranks, &service, &sample.pooled, left);
                (service.into_iter().map(|secs| secs + constant).collect(), constant)
            }
        };
        let unexplained_secs = measured_secs - model_secs - constant_secs;
        if measured_secs - unexplained_secs < FITS_BELOW * measured_secs {
            return Err(misfit);
        }
        Ok(Self { workers, service_secs, cs_squared, waiting, service, constant_secs, unexplained_secs })
    }

    /// The queue after the change, and by how much it moves response times.
    fn changed(&self, sample: &Sample, change: &ChangeAt, ranks: &[f64]) -> Result<(Busy, Shift), Misfit> {
        let mut after = (self.workers, sample.per_sec, self.service_secs, self.cs_squared);
        // What a request takes without waiting: so many times its work, and so much more.
        let (mut times, mut more) = (1.0, 0.0);
        match change {
            ChangeAt::Cache { hit_ratio, .. } => after.1 *= 1.0 - hit_ratio,
            ChangeAt::Payload(payload) => {
                more = payload.compression_secs;
                after.2 += more;
                after.3 *= (self.service_secs / after.2).powi(2);
            }
            ChangeAt::Faster { speed_up, call } => {
                let saved = 1.0 - 1.0 / speed_up;
                let share = match call {
                    CallAt::Whole => 1.0,
                    CallAt::Share(ratio) => *ratio,
                    CallAt::Measured => {
                        let call = sample.call.as_ref().map_or(0.0, Points::mean);
                        (call / self.service_secs).min(1.0)
                    }
                };
                times = 1.0 - saved * share;
                after.2 *= times;
            }
            ChangeAt::Workers { to } => after.0 = *to,
            ChangeAt::Traffic { times } => after.1 *= times,
        }
        let (workers_after, per_sec, service_secs, cs_squared) = after;
        let rho_after = per_sec * service_secs / f64::from(workers_after);
        let waiting = Waiting::at(workers_after, per_sec, service_secs, cs_squared)
            .ok_or(Misfit::Overloaded { rho: rho_after })?;
        let service_after: Vec<f64> = self
            .service
            .iter()
            .map(|secs| self.constant_secs.min(*secs) + (secs - self.constant_secs).max(0.0) * times + more)
            .collect();
        let busy = Busy {
            workers: self.workers,
            workers_after,
            service_secs: self.service_secs,
            cs_squared: self.cs_squared,
            rho: sample.per_sec * self.service_secs / f64::from(self.workers),
            rho_after,
            waited_secs: self.waiting.mean_secs,
            waited_after_secs: waiting.mean_secs,
            constant_secs: self.constant_secs,
            unexplained_secs: self.unexplained_secs,
        };
        let shift = Shift::new(ranks, (&self.service, self.waiting), (&service_after, waiting));
        Ok((busy, shift))
    }

    /// What workers are at, without the way there and back.
    fn worked(&self, ranks: &[f64]) -> Points {
        let cells = ranks.windows(2).zip(self.service.windows(2)).map(|(ranks, service)| {
            (((service[0] + service[1]) / 2.0 - self.constant_secs).max(0.0), ranks[1] - ranks[0])
        });
        Points::of(cells.collect())
    }
}
