//! The distributions that intervals and tests stand on, from `statrs`, for arguments that cannot be refused.

use statrs::{
    distribution::{ChiSquared, Continuous as _, ContinuousCDF as _, Normal, StudentsT},
    function::beta::{beta_reg, inv_beta_reg},
};

pub use statrs::function::gamma::ln_gamma;

/// From so many degrees of freedom on, Student's t comes from the normal distribution, to ten digits: the
/// incomplete beta function loses its own.
const MANY_DEGREES: f64 = 1e5;

/// The probability that a normal value is at most `z` standard deviations above its mean.
pub fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// How many standard deviations above its mean a normal value is with this probability at most.
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}

/// The probability that Student's t is as far from nothing as `t`, to either side.
pub fn t_two_sided_p(t: f64, degrees: f64) -> f64 {
    if t.is_nan() || degrees.is_nan() || degrees <= 0.0 {
        return 1.0;
    }
    if degrees > MANY_DEGREES {
        let z = t * (1.0 - 1.0 / (4.0 * degrees)) / (1.0 + t * t / (2.0 * degrees)).sqrt();
        return 2.0 * normal_cdf(-z.abs());
    }
    beta_reg(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// The value that Student's t exceeds with probability `tail`, which is at most one half.
pub fn t_upper(tail: f64, degrees: f64) -> f64 {
    if degrees.is_nan() || degrees <= 0.0 || tail <= 0.0 {
        return f64::INFINITY;
    }
    if degrees > MANY_DEGREES {
        let z = -normal_quantile(tail);
        return z + (z.powi(3) + z) / (4.0 * degrees);
    }
    let share = inv_beta_reg(degrees / 2.0, 0.5, (2.0 * tail).min(1.0));
    let t = (degrees * (1.0 - share) / share).sqrt();
    // The inverse is good for five digits only where there are many degrees; Newton's steps give the others.
    StudentsT::new(0.0, 1.0, degrees).map_or(t, |student| {
        (0..2).fold(t, |t, _| t + (t_two_sided_p(t, degrees) / 2.0 - tail) / student.pdf(t))
    })
}

/// The value that chi-square with these degrees of freedom is at most with this probability.
pub fn chi_squared_quantile(probability: f64, degrees: f64) -> f64 {
    ChiSquared::new(degrees).map_or(f64::NAN, |chi| chi.inverse_cdf(probability.clamp(0.0, 1.0)))
}

/// The probability that at most `k` of `n` independent trials succeed.
pub fn binomial_cdf(k: u64, n: u64, success: f64) -> f64 {
    if k >= n { 1.0 } else { beta_reg((n - k) as f64, k as f64 + 1.0, 1.0 - success) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 1e-6 * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        check(t_upper(0.025, 9.0), 2.262157);
        check(t_upper(0.025, 1.0), 12.706205);
        check(t_upper(0.025, 18.0), 2.100922);
        check(t_upper(0.0005, 10.0), 4.586894);
        check(t_upper(0.025, 120.0), 1.979930);
        check(normal_quantile(0.975), 1.959964);
        check(chi_squared_quantile(0.025, 4.0), 0.484419);
        check(chi_squared_quantile(0.975, 4.0), 11.143287);
    }

    #[test]
    fn student_s_t_turns_into_the_normal_distribution_without_a_step() {
        let mut last = f64::INFINITY;
        for degrees in [1.0, 1.3, 2.5, 7.7, 30.0, 400.0, 9.9e4, 1.1e5, 1e7, 1e12] {
            let t = t_upper(0.025, degrees);
            assert!(t <= last + 1e-9 && t > 1.9599, "{t} at {degrees}");
            check(t_two_sided_p(t, degrees), 0.05);
            last = t;
        }
    }

    #[test]
    fn what_has_no_number_is_no_evidence() {
        assert_eq!(t_two_sided_p(f64::NAN, 4.0), 1.0);
        assert_eq!(t_two_sided_p(f64::INFINITY, 4.0), 0.0);
        assert_eq!(t_upper(0.025, 0.0), f64::INFINITY);
    }

    #[test]
    fn binomial_sums_are_those_of_their_terms() {
        // 1 + 5 + 10 of 32.
        check(binomial_cdf(2, 5, 0.5), 0.5);
        check(binomial_cdf(0, 3, 0.1), 0.729);
        assert_eq!(binomial_cdf(3, 3, 0.1), 1.0);
    }
}
