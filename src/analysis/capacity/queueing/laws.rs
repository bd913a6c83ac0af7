//! Operational laws: they hold for whatever was measured, however requests arrive and are served.

/// Requests in flight: throughput × time in the system. Little 1961.
pub fn mean_in_flight(throughput_per_sec: f64, secs_within: f64) -> f64 {
    throughput_per_sec * secs_within
}

/// How far Little's law may be off in a window, because requests reach over its edges: about L ÷ (X T), as a share.
pub fn littles_edge_ratio(mean_in_flight: f64, throughput_per_sec: f64, window_secs: f64) -> Option<f64> {
    let n_requests = throughput_per_sec * window_secs;
    (n_requests > 0.0).then(|| mean_in_flight / n_requests)
}

/// The share of time that each of so many servers is busy: U = X S ÷ m.
pub fn utilisation(throughput_per_sec: f64, service_secs: f64, n_servers: f64) -> f64 {
    throughput_per_sec * service_secs / n_servers
}

/// What can come through at most with `n_users`: min(1 ÷ Dmax, N ÷ (D + Z)).
///
/// `demands_secs` are the times that a request needs at each resource, queues left out. Denning and Buzen 1978.
pub fn throughput_bound(n_users: f64, demands_secs: &[f64], think_secs: f64) -> f64 {
    let demand: f64 = demands_secs.iter().sum();
    let largest = demands_secs.iter().copied().fold(0.0, f64::max);
    (1.0 / largest).min(n_users / (demand + think_secs))
}

/// From so many users on, some of them have to wait for each other: (D + Z) ÷ Dmax.
pub fn saturation_users(demands_secs: &[f64], think_secs: f64) -> f64 {
    let demand: f64 = demands_secs.iter().sum();
    (demand + think_secs) / demands_secs.iter().copied().fold(0.0, f64::max)
}

/// How long each answer takes where `n_users` pause for `think_secs`: R = N ÷ X − Z, the law of interactive systems.
pub fn response_by_users(n_users: f64, throughput_per_sec: f64, think_secs: f64) -> f64 {
    n_users / throughput_per_sec - think_secs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-9, "{actual} is not {expected}");
    }

    #[test]
    fn the_laws_are_those_of_the_textbook() {
        // Lazowska et al. 1984, §3.2: a disk of 40 requests/s and 22.5 ms is busy for 90 %.
        check(utilisation(40.0, 0.0225, 1.0), 0.9);
        check(mean_in_flight(40.0, 0.1), 4.0);
        // §3.4, the interactive response time law: 64 users, 30 s of thinking, 2 interactions/s take 2 s.
        check(response_by_users(64.0, 2.0, 30.0), 2.0);
    }

    #[test]
    fn throughput_follows_the_users_until_one_resource_is_full() {
        let demands = [0.005, 0.004, 0.003];
        check(throughput_bound(10.0, &demands, 0.088), 100.0);
        check(throughput_bound(100.0, &demands, 0.088), 200.0);
        check(saturation_users(&demands, 0.088), 20.0);
        check(throughput_bound(20.0, &demands, 0.088), 200.0);
    }

    #[test]
    fn the_edges_of_a_window_weigh_less_the_longer_it_is() {
        // 200/s of 50 ms: ten in flight, and 2,000 requests within ten seconds.
        check(littles_edge_ratio(10.0, 200.0, 10.0).unwrap(), 0.005);
        check(littles_edge_ratio(10.0, 200.0, 100.0).unwrap(), 0.0005);
        assert_eq!(littles_edge_ratio(0.0, 0.0, 10.0), None);
    }
}
