//! Ctrl-C and SIGTERM: counted here, obeyed by whoever runs.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::Thread,
};

use super::exit::{CliError, Exit};

/// How often the user has asked to end.
#[derive(Clone, Default)]
pub struct Interrupts(Arc<AtomicU32>);

impl Interrupts {
    /// Listens from now on, and wakes `sleeper` each time.
    // The third time leaves at once: whatever hangs then, the library has every finished second.
    pub fn listen(sleeper: Thread) -> Result<Self, CliError> {
        let interrupts = Self::default();
        let counter = interrupts.clone();
        ctrlc::set_handler(move || {
            if counter.0.fetch_add(1, Ordering::Relaxed) >= 2 {
                process::exit(Exit::Interrupted as i32);
            }
            sleeper.unpark();
        })
        .map_err(|error| CliError::Fault(format!("Ctrl-C cannot be listened for: {error}")))?;
        Ok(interrupts)
    }

    pub fn n_interrupts(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}
