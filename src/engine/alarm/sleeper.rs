//! Where no descriptor can ring: a thread that sleeps for the worker and wakes it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{io, thread, time::Duration};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Rings;

/// The end of a wait that is slept through; waiting for a signal has too coarse a grain on some systems.
const LAST_STRETCH: Duration = Duration::from_millis(2);

/// A thread that sleeps for a worker.
pub(super) struct Precise(Arc<Shared>);

struct Shared {
    order: Mutex<Order>,
    changed: Condvar,
    rung: Notify,
}

#[derive(Clone, Copy)]
struct Order {
    ring_at: Option<Instant>,
    ended: bool,
}

impl Rings for Precise {
    const WORDS: &'static str = "a sleeping thread, to about 0.1 ms";

    fn new() -> io::Result<Self> {
        let shared = Arc::new(Shared {
            order: Mutex::new(Order { ring_at: None, ended: false }),
            changed: Condvar::new(),
            rung: Notify::new(),
        });
        let of_thread = Arc::clone(&shared);
        thread::Builder::new().name("alarm".to_owned()).spawn(move || of_thread.ring_as_ordered())?;
        Ok(Self(shared))
    }

    fn set(&self, at: Instant) -> io::Result<()> {
        self.0.order().ring_at = Some(at);
        self.0.changed.notify_one();
        Ok(())
    }

    async fn ring(&self) -> io::Result<()> {
        self.0.rung.notified().await;
        Ok(())
    }
}

impl Drop for Precise {
    fn drop(&mut self) {
        self.0.order().ended = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    /// An order is whole at any moment, even if a holder panicked.
    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring_as_ordered(&self) {
        let mut order = self.order();
        while !order.ended {
            let left = order.ring_at.map(|at| at.saturating_duration_since(Instant::now()));
            order = match left {
                None => self.changed.wait(order).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left > LAST_STRETCH => {
                    let waited = self.changed.wait_timeout(order, left - LAST_STRETCH);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Some(left) => {
                    order.ring_at = None;
                    drop(order);
                    thread::sleep(left);
                    self.rung.notify_one();
                    self.order()
                }
            };
        }
    }
}
