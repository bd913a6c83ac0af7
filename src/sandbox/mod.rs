//! The built-in target platform: loopback only, known delays, counts what it receives.

/// How the sandbox behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct SandboxOptions {
    /// 0 takes a free port.
    pub port: u16,
    /// Share of requests answered with an error, 0 to 1.
    pub error_ratio: f64,
    pub seed: u64,
    /// End when standard input ends: the parent is gone.
    pub exit_with_parent: bool,
}

/// A sandbox in a child process; stops when dropped.
pub struct SandboxProcess {}

/// Why the sandbox cannot run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the sandbox cannot start: {0}")]
    Start(String),
}

/// Serves until the process is told to end; prints one line with its address once it listens.
pub fn serve(options: &SandboxOptions) -> Result<(), SandboxError> {
    let _ = options;
    todo!()
}

impl SandboxProcess {
    /// Starts this program's `sandbox` command as a child on a free loopback port and waits until it listens.
    pub fn start() -> Result<Self, SandboxError> {
        todo!()
    }

    pub fn base_url(&self) -> &str {
        todo!()
    }
}

/// Asks a sandbox how many requests it received (its own `/count` left out).
pub fn count_received(base_url: &str) -> Option<u64> {
    let _ = base_url;
    todo!()
}
