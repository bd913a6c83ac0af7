//! What one exchange has come to so far, over all its redirects.

use std::time::Duration;

use tokio::time::Instant;

use super::outgoing::BodyTaken;
use super::seen::ConnectionTimes;
use crate::engine::transport::{Answer, Exchange, Failure, PhaseTimes, Traffic};
use crate::metrics::{N_REQUEST_PHASES, RequestPhase};

/// Sums up the requests that one exchange takes.
// Requests and answers on the way count with their bytes and their phases, so that all still add up to the
// service time.
pub(super) struct Tally {
    /// When the newest part of it ended.
    pub ended: Instant,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub reconnected: bool,
    n_connections: u32,
    times: [Option<Duration>; N_REQUEST_PHASES],
}

impl Tally {
    pub fn new(began: Instant) -> Self {
        Self {
            ended: began,
            bytes_sent: 0,
            bytes_received: 0,
            reconnected: false,
            n_connections: 0,
            times: [None; N_REQUEST_PHASES],
        }
    }

    pub fn add(&mut self, phase: RequestPhase, time: Duration) {
        *self.times[phase as usize].get_or_insert_default() += time;
    }

    /// Adds the connection that was made for a request.
    pub fn connected(&mut self, times: ConnectionTimes) {
        self.n_connections += 1;
        self.add(RequestPhase::Connect, times.connect);
        if let Some(lookup) = times.lookup {
            self.add(RequestPhase::Dns, lookup);
        }
        if let Some(handshake) = times.handshake {
            self.add(RequestPhase::Tls, handshake);
        }
    }

    /// Adds the time from a connection to the head of an answer, which has just come.
    // Without a body, sending is one system call that nobody sees from outside: it is part of the wait.
    pub fn waited(&mut self, connected: Instant, body_taken: Option<BodyTaken>) {
        let waited = self.ended.saturating_duration_since(connected);
        let sending = body_taken
            .and_then(|taken| taken.at())
            .map(|at| at.saturating_duration_since(connected).min(waited));
        if let Some(sending) = sending {
            self.add(RequestPhase::Send, sending);
        }
        self.add(RequestPhase::Wait, waited - sending.unwrap_or_default());
    }

    /// The whole of it.
    pub fn exchange(self, answer: Result<Answer, Failure>) -> Exchange {
        let mut phases = PhaseTimes::default();
        for (phase, time) in RequestPhase::ALL.into_iter().zip(self.times) {
            if let Some(time) = time {
                phases.set(phase, time);
            }
        }
        Exchange {
            ended: self.ended,
            traffic: Traffic {
                bytes_sent: self.bytes_sent,
                bytes_received: self.bytes_received,
                phases,
                n_connections: self.n_connections,
                reconnected: self.reconnected,
            },
            answer,
        }
    }
}
