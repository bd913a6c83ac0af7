//! Servers that share one queue, with random arrivals and random service: M/M/c.

/// The probability that an arrival has to wait; 1 from full servers on. Erlang 1917.
// By Erlang B's recursion, B(k) = a B(k-1) / (k + a B(k-1)), which overflows nowhere.
pub fn erlang_c(n_servers: u32, offered_load: f64) -> f64 {
    let servers = f64::from(n_servers);
    if offered_load.is_nan() || offered_load >= servers {
        return 1.0;
    }
    if offered_load <= 0.0 {
        return 0.0;
    }
    let lost =
        (1..=n_servers).fold(1.0, |lost, k| offered_load * lost / (f64::from(k) + offered_load * lost));
    servers * lost / (servers - offered_load * (1.0 - lost))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64, tolerance: f64) {
        assert!((actual - expected).abs() <= tolerance, "{actual} is not {expected}");
    }

    #[test]
    fn a_call_centre_is_as_published() {
        // The worked example that Maxima's page on Erlang C reproduces: 0.2 calls/s of 240 s and 55 agents.
        check(erlang_c(55, 0.2 * 240.0), 0.2387, 5e-5);
    }

    #[test]
    fn one_and_two_servers_are_their_closed_forms() {
        check(erlang_c(1, 0.7), 0.7, 1e-12);
        // 2 rho^2 / (1 + rho).
        check(erlang_c(2, 1.5), 2.0 * 0.5625 / 1.75, 1e-12);
    }

    #[test]
    fn at_full_servers_everybody_waits_and_without_load_nobody() {
        assert_eq!([erlang_c(2, 2.0), erlang_c(0, 0.0), erlang_c(4, 0.0)], [1.0, 1.0, 0.0]);
        check(erlang_c(2_000, 1_900.0), erlang_c(2_000, 1_900.000_001), 1e-6);
    }
}
