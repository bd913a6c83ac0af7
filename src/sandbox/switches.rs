//! What can be switched while the sandbox runs: three optimisations, each of which cures a defect that it otherwise has.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

/// Which optimisations are on; none of them at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// Answers of course list, course, wallet and job search are kept for a while.
    pub cache_manager: bool,
    /// A join for N+1 statements, a batch for single statements, an index and pages for a scan.
    pub query_optimizer: bool,
    /// Answers of lists are compressed, and hold no more than is asked for.
    pub payload_optimizer: bool,
}

/// The switches as all requests see them.
#[derive(Debug, Default)]
pub(super) struct LiveSwitches {
    cache_manager: AtomicBool,
    query_optimizer: AtomicBool,
    payload_optimizer: AtomicBool,
}

impl LiveSwitches {
    pub fn new(switches: Switches) -> Self {
        let live = Self::default();
        live.replace(switches);
        live
    }

    pub fn now(&self) -> Switches {
        Switches {
            cache_manager: self.cache_manager.load(Relaxed),
            query_optimizer: self.query_optimizer.load(Relaxed),
            payload_optimizer: self.payload_optimizer.load(Relaxed),
        }
    }

    /// Holds for the requests to come.
    pub fn replace(&self, switches: Switches) {
        self.cache_manager.store(switches.cache_manager, Relaxed);
        self.query_optimizer.store(switches.query_optimizer, Relaxed);
        self.payload_optimizer.store(switches.payload_optimizer, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_as_they_were_last_set() {
        let live = LiveSwitches::new(Switches { query_optimizer: true, ..Switches::default() });
        assert!(live.now().query_optimizer && !live.now().cache_manager);
        let wanted = Switches { cache_manager: true, payload_optimizer: true, query_optimizer: false };
        live.replace(wanted);
        assert_eq!(live.now(), wanted);
    }
}
