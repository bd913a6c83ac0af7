//! Operational laws: they hold for whatever was measured, however requests arrive and are served.

/// Requests in flight: throughput × time in the system. Little 1961.
pub fn mean_in_flight(throughput_per_sec: f64, secs_within: f64) -> f64 {
    throughput_per_sec * secs_within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_is_that_of_the_textbook() {
        // Lazowska et al. 1984, §3.2: 40 requests/s that stay 100 ms each are four at a time.
        assert_eq!(mean_in_flight(40.0, 0.1), 4.0);
    }
}
