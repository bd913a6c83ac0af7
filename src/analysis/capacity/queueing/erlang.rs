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

/// So many servers with one queue before them, in a steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ManyServers {
    pub n_servers: u32,
    pub arrivals_per_sec: f64,
    /// Mean time that a server needs for a request, queue left out.
    pub service_secs: f64,
}

impl ManyServers {
    /// The share of time that each server is busy.
    pub fn utilisation(&self) -> f64 {
        self.arrivals_per_sec * self.service_secs / f64::from(self.n_servers)
    }

    /// The probability that a request has to wait.
    pub fn waiting_ratio(&self) -> f64 {
        erlang_c(self.n_servers, self.arrivals_per_sec * self.service_secs)
    }

    /// How long requests wait on average; none where the queue grows without end.
    pub fn mean_wait_secs(&self) -> Option<f64> {
        Some(self.waiting_ratio() / self.spare_per_sec()?)
    }

    /// Mean response time: wait and service.
    pub fn mean_response_secs(&self) -> Option<f64> {
        Some(self.mean_wait_secs()? + self.service_secs)
    }

    /// A quantile of the wait, such as 0.99; nothing where so many do not wait at all.
    pub fn wait_quantile_secs(&self, quantile: f64) -> Option<f64> {
        let spare = self.spare_per_sec()?;
        let waiting = self.waiting_ratio();
        let beyond = 1.0 - quantile;
        Some(if beyond >= waiting { 0.0 } else { (waiting / beyond).ln() / spare })
    }

    /// A quantile of the response time, such as 0.99.
    pub fn response_quantile_secs(&self, quantile: f64) -> Option<f64> {
        let spare = self.spare_per_sec()?;
        let beyond = 1.0 - quantile;
        if beyond.is_nan() || beyond <= 0.0 {
            return None;
        }
        let (mut low, mut high) = (0.0, self.service_secs);
        // The slower of both parts decides the tail, so that doubling ends.
        while self.share_beyond(high, spare) > beyond {
            high *= 2.0;
        }
        for _ in 0..100 {
            let middle = (low + high) / 2.0;
            if self.share_beyond(middle, spare) > beyond { low = middle } else { high = middle }
        }
        Some(high)
    }

    /// The share of requests whose response takes longer than `secs`: a wait with probability C, then the service.
    // Gross and Harris, §2.4: P(R > t) = (1 - C) e^(-mu t) + C (theta e^(-mu t) - mu e^(-theta t)) / (theta - mu) with
    // theta = c mu - lambda; where theta is mu the second part is (1 + mu t) e^(-mu t).
    fn share_beyond(&self, secs: f64, spare: f64) -> f64 {
        let (mu, waiting) = (1.0 / self.service_secs, self.waiting_ratio());
        let served = (-mu * secs).exp();
        let after_wait = if (spare - mu).abs() < 1e-9 * mu {
            (1.0 + mu * secs) * served
        } else {
            (spare * served - mu * (-spare * secs).exp()) / (spare - mu)
        };
        (1.0 - waiting) * served + waiting * after_wait
    }

    /// What the servers can do beyond what arrives; none where that is nothing.
    fn spare_per_sec(&self) -> Option<f64> {
        let spare = f64::from(self.n_servers) / self.service_secs - self.arrivals_per_sec;
        (spare > 0.0 && spare.is_finite()).then_some(spare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64, tolerance: f64) {
        assert!((actual - expected).abs() <= tolerance, "{actual} is not {expected}");
    }

    fn servers(n_servers: u32, arrivals_per_sec: f64, service_secs: f64) -> ManyServers {
        ManyServers { n_servers, arrivals_per_sec, service_secs }
    }

    #[test]
    fn a_call_centre_is_as_published() {
        // The worked example that Maxima's page on Erlang C reproduces: 0.2 calls/s of 240 s and 55 agents.
        let calls = servers(55, 0.2, 240.0);
        check(calls.waiting_ratio(), 0.2387, 5e-5);
        check(calls.mean_wait_secs().unwrap(), 8.184, 5e-3);
        // 84.59 % are answered within 15 s.
        check(calls.wait_quantile_secs(0.8459).unwrap(), 15.0, 0.02);
        check(calls.utilisation(), 48.0 / 55.0, 1e-12);
    }

    #[test]
    fn one_and_two_servers_are_their_closed_forms() {
        check(erlang_c(1, 0.7), 0.7, 1e-12);
        // 2 rho^2 / (1 + rho).
        check(erlang_c(2, 1.5), 2.0 * 0.5625 / 1.75, 1e-12);
        let one = servers(1, 160.0, 0.005);
        check(one.mean_response_secs().unwrap(), 0.025, 1e-12);
        // Of M/M/1 the response is exponential.
        check(one.response_quantile_secs(0.99).unwrap(), -0.025 * 0.01f64.ln(), 1e-9);
        check(one.wait_quantile_secs(0.1).unwrap(), 0.0, 0.0);
    }

    #[test]
    fn response_quantiles_lie_between_those_of_service_and_of_their_sum() {
        // Spare capacity of just one server: both parts are alike.
        let alike = servers(3, 200.0, 0.01);
        let p99 = alike.response_quantile_secs(0.99).unwrap();
        let near = servers(3, 200.001, 0.01).response_quantile_secs(0.99).unwrap();
        check(p99, near, 1e-6);
        let service = -0.01 * 0.01f64.ln();
        assert!(p99 > service && p99 < service + alike.wait_quantile_secs(0.99).unwrap(), "{p99}");
    }

    #[test]
    fn full_servers_have_no_steady_state() {
        let full = servers(2, 400.0, 0.005);
        assert_eq!((full.waiting_ratio(), full.mean_wait_secs()), (1.0, None));
        assert_eq!(full.response_quantile_secs(0.5), None);
        assert_eq!(erlang_c(0, 0.0), 1.0);
        assert_eq!(erlang_c(4, 0.0), 0.0);
        check(erlang_c(2_000, 1_900.0), erlang_c(2_000, 1_900.000_001), 1e-6);
    }
}
