//! How one request ended.

/// How one request ended: successful, or the class of its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    Ok,
    /// No connection: refused, unreachable, name not found.
    Connect,
    /// The connection could not be secured.
    Tls,
    /// No complete answer within the timeout.
    Timeout,
    /// The answer was not HTTP, or ended too early.
    Protocol,
    /// An HTTP status of 400 or more, or other than the one asked for.
    Status,
    /// A check on the answer failed.
    Check,
}

/// Signature of failures because this machine has no more file descriptors: the generator's fault.
pub const OUT_OF_DESCRIPTORS: &str = "too many open files on the generator's machine";
/// Signature of failures because this machine has no more local ports: the generator's fault.
pub const OUT_OF_PORTS: &str = "no free local port on the generator's machine";

/// Signature of the group of failures that are no longer told apart, because there are too many kinds of them.
pub const OTHER_ERRORS: &str = "other errors";

/// The number of outcomes.
pub const N_OUTCOMES: usize = Outcome::ALL.len();

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Ok, Self::Connect, Self::Tls, Self::Timeout, Self::Protocol, Self::Status, Self::Check];

    /// The word for screen, file and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Status => "status",
            Self::Check => "check",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    pub fn is_ok(self) -> bool {
        self == Self::Ok
    }
}
