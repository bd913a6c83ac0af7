//! Evictions and expirations as the server counts them, from when we first asked, over its restarts.

use std::sync::{Mutex, PoisonError};

/// Counters of a server that may start again at zero.
#[derive(Default)]
pub(super) struct ServerCounts(Mutex<[Counter; 2]>);

#[derive(Clone, Copy, Default)]
struct Counter {
    last: Option<u64>,
    n_since_start: u64,
}

impl Counter {
    fn read(&mut self, now: u64) {
        // One that went back began again, and has counted `now` since.
        self.n_since_start += self.last.map_or(0, |last| now.checked_sub(last).unwrap_or(now));
        self.last = Some(now);
    }
}

const NAMES: [&str; 2] = ["evicted_keys", "expired_keys"];

impl ServerCounts {
    /// Takes in what `INFO stats` answered.
    pub fn read(&self, info: &str) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (counter, name) in counters.iter_mut().zip(NAMES) {
            let named = info.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| *key == name);
            if let Some(now) = named.and_then(|(_, value)| value.trim().parse().ok()) {
                counter.read(now);
            }
        }
    }

    /// Evictions and expirations since the first reading.
    pub fn since_start(&self) -> (u64, u64) {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (counters[0].n_since_start, counters[1].n_since_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_on_when_the_server_starts_again() {
        let counts = ServerCounts::default();
        let read = |evicted: u64, expired: u64| {
            counts.read(&format!("# Stats\r\nexpired_keys:{expired}\r\nevicted_keys:{evicted}\r\n"));
            counts.since_start()
        };
        assert_eq!(read(100, 7), (0, 0));
        assert_eq!(read(110, 7), (10, 0));
        assert_eq!(read(3, 0), (13, 0));
        assert_eq!(read(3, 2), (13, 2));
    }

    #[test]
    fn an_answer_without_the_counts_changes_nothing() {
        let counts = ServerCounts::default();
        counts.read("expired_keys:many\r\nrubbish");
        assert_eq!(counts.since_start(), (0, 0));
    }
}
