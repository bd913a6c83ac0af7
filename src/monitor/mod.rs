//! Watches resources: this machine and this process.

use crate::metrics::{Environment, HostSample};

/// Describes this machine and program.
pub fn environment() -> Environment {
    todo!()
}

/// Reads this machine's load; ratios cover the time since the last call.
pub struct HostSampler {}

impl HostSampler {
    pub fn new() -> Self {
        todo!()
    }

    /// None where the machine cannot be read, and at the first call.
    pub fn sample(&mut self) -> Option<HostSample> {
        todo!()
    }
}

impl Default for HostSampler {
    fn default() -> Self {
        Self::new()
    }
}
