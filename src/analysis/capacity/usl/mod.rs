//! The universal scalability law: how throughput grows with concurrency, by contention and coherency.
//!
//! Always with three parameters. The form with two takes the one measured throughput at a concurrency of 1 for exact
//! and so bends the whole curve to its noise.

mod peak;
#[cfg(test)]
mod published;
mod solver;

use super::super::stats::{CONFIDENCE, t_upper};
use peak::peak_interval;
use solver::{Fit, Parameters};

/// A curve through fewer levels says nothing.
pub const MIN_LEVELS: usize = 4;

/// A curve through fewer levels is told with a warning.
pub const N_GOOD_LEVELS: usize = 6;

/// A peak beyond so many times the highest concurrency was not seen.
pub const MAX_EXTRAPOLATION: f64 = 1.5;

/// Throughput at one concurrency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UslPoint {
    pub concurrency: f64,
    pub throughput_per_sec: f64,
    /// What was asked for: points of one level count as one, however their concurrency came out.
    pub level: f64,
}

/// A fitted curve: X(N) = γ N ÷ (1 + α (N − 1) + β N (N − 1)).
#[derive(Clone, Debug, PartialEq)]
pub struct Usl {
    /// Contention, α: the share of the work that waits for its turn.
    pub contention: Coefficient,
    /// Coherency, β: what each needs of each other.
    pub coherency: Coefficient,
    /// Throughput of one, γ.
    pub of_one: Coefficient,
    /// Where throughput is highest; none where the curve has no peak, because β is nothing.
    pub peak: Option<UslPeak>,
    /// What contention alone would let through at most, γ ÷ α; none where there is no contention.
    pub limit_per_sec: Option<f64>,
    /// From this concurrency on contention takes more than it gives, 1 ÷ α; none without contention.
    pub optimum: Option<f64>,
    /// Standard deviation of the points around the curve.
    pub residual_per_sec: f64,
    /// The share of the points' variance that the curve explains.
    pub r_squared: f64,
    pub n_points: usize,
    /// Different levels among the points.
    pub n_levels: usize,
    pub max_concurrency: f64,
}

/// A parameter of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    pub value: f64,
    /// None where it stands at its bound, or where the points do not tell.
    pub standard_error: Option<f64>,
    /// Bounds at 95 % confidence, by Student's t with n − 3 degrees of freedom.
    pub interval: Option<(f64, f64)>,
}

/// Where throughput is highest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UslPeak {
    pub concurrency: f64,
    pub throughput_per_sec: f64,
    /// Bounds of the concurrency at 95 % confidence, by bootstrap; no upper one where a curve without peak fits as well.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// So far beyond the highest concurrency that no peak was seen.
    pub is_extrapolated: bool,
}

/// Why there is no curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UslRefusal {
    /// So many different levels, and [`MIN_LEVELS`] are the least.
    TooFewLevels(usize),
    /// Nothing came through at any level.
    NoThroughput,
    /// No curve comes near the points.
    NoFit,
}

impl Usl {
    /// Fits the curve through points of throughput.
    pub fn fit(points: &[UslPoint]) -> Result<Self, UslRefusal> {
        let is_usable = |point: &&UslPoint| {
            point.concurrency > 0.0
                && point.concurrency.is_finite()
                && point.throughput_per_sec >= 0.0
                && point.throughput_per_sec.is_finite()
        };
        let usable: Vec<UslPoint> = points.iter().filter(is_usable).copied().collect();
        let n_levels = n_different(&usable);
        if n_levels < MIN_LEVELS {
            return Err(UslRefusal::TooFewLevels(n_levels));
        }
        let pairs: Vec<(f64, f64)> =
            usable.iter().map(|point| (point.concurrency, point.throughput_per_sec)).collect();
        if pairs.iter().all(|(_, x)| *x == 0.0) {
            return Err(UslRefusal::NoThroughput);
        }
        let fit =
            solver::best_fit(&pairs, &solver::starts(&pairs), solver::EXACT).ok_or(UslRefusal::NoFit)?;
        Ok(Self::of(&pairs, n_levels, &fit))
    }

    fn of(points: &[(f64, f64)], n_levels: usize, fit: &Fit) -> Self {
        let degrees = points.len() as f64 - 3.0;
        let variance = fit.squares / degrees;
        let [contention, coherency, of_one] = coefficients(points, fit.parameters, variance, degrees);
        let max_concurrency = points.iter().map(|(n, _)| *n).fold(0.0, f64::max);
        let mean = points.iter().map(|(_, x)| x).sum::<f64>() / points.len() as f64;
        let all_squares: f64 = points.iter().map(|(_, x)| (x - mean).powi(2)).sum();
        let [alpha, _, gamma] = fit.parameters;
        let peak = peak_concurrency(fit.parameters).map(|concurrency| {
            let (low, high) = peak_interval(points, fit, variance.sqrt());
            UslPeak {
                concurrency,
                throughput_per_sec: solver::throughput(fit.parameters, concurrency),
                low,
                high,
                is_extrapolated: concurrency > MAX_EXTRAPOLATION * max_concurrency,
            }
        });
        Self {
            contention,
            coherency,
            of_one,
            peak,
            limit_per_sec: (alpha > 0.0).then(|| gamma / alpha),
            optimum: (alpha > 0.0).then(|| 1.0 / alpha),
            residual_per_sec: variance.sqrt(),
            r_squared: if all_squares > 0.0 { 1.0 - fit.squares / all_squares } else { 0.0 },
            n_points: points.len(),
            n_levels,
            max_concurrency,
        }
    }

    /// The curve's throughput at a concurrency.
    pub fn throughput_at(&self, concurrency: f64) -> f64 {
        let parameters = [self.contention.value, self.coherency.value, self.of_one.value];
        solver::throughput(parameters, concurrency)
    }

    /// Whether a curve without a peak is not excluded by the points.
    pub fn may_have_no_peak(&self) -> bool {
        self.peak.is_none_or(|peak| peak.is_extrapolated || peak.high.is_none())
    }

    /// Whether it goes through so few levels that its figures are rough.
    pub fn is_rough(&self) -> bool {
        self.n_levels < N_GOOD_LEVELS
    }
}

/// N* = sqrt((1 - alpha) / beta); none where beta is nothing.
fn peak_concurrency([alpha, beta, _]: Parameters) -> Option<f64> {
    (beta > 0.0).then(|| ((1.0 - alpha) / beta).sqrt())
}

fn n_different(points: &[UslPoint]) -> usize {
    let mut levels: Vec<f64> = points.iter().map(|point| point.level).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels.len()
}

/// Standard errors are the roots of the diagonal of (J'J)^-1 SSE/(n - 3).
// With a coefficient at its bound the others keep the errors of all three, which are the wider ones; its own would
// speak of a parabola that the bound cuts.
fn coefficients(
    points: &[(f64, f64)],
    parameters: Parameters,
    variance: f64,
    degrees: f64,
) -> [Coefficient; 3] {
    let (normal, _) = solver::normal_equations(points, parameters);
    let inverse = solver::inverse(&normal);
    let t = t_upper((1.0 - CONFIDENCE) / 2.0, degrees);
    std::array::from_fn(|index| {
        let value = parameters[index];
        let is_at_bound = index < 2 && (value <= 0.0 || value >= 1.0);
        let standard_error = inverse
            .map(|inverse| (inverse[index][index] * variance).sqrt())
            .filter(|error| error.is_finite() && !is_at_bound);
        let interval = standard_error.map(|error| (value - t * error, value + t * error));
        Coefficient { value, standard_error, interval }
    })
}
