//! The phases of one request, each with histograms of its own.

use serde::{Deserialize, Serialize};

/// A stretch of a request's life, in the order in which they follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestPhase {
    /// Looking the host's name up; only for a new connection.
    Dns,
    /// Until the connection stood; only for a new connection.
    Connect,
    /// Until it was secured; only for a new connection to an `https://` address.
    Tls,
    /// Until the request was handed to the system.
    Send,
    /// From there to the first byte of the answer.
    Wait,
    /// From there to the last byte.
    Receive,
}

/// The number of phases.
pub const N_REQUEST_PHASES: usize = RequestPhase::ALL.len();

impl RequestPhase {
    pub const ALL: [Self; 6] = [Self::Dns, Self::Connect, Self::Tls, Self::Send, Self::Wait, Self::Receive];

    /// The word for screen, file and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::Send => "send",
            Self::Wait => "wait",
            Self::Receive => "receive",
        }
    }
}
