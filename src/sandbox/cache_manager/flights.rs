//! Loads that are under way: those who miss the same key wait for one of them instead of loading too.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use super::Pattern;

/// One load, and what it came to. Who is first loads; when it gives up, the next does.
pub(super) struct Flight<E> {
    pub landed: OnceCell<Result<Bytes, E>>,
    outdated: AtomicBool,
}

impl<E> Flight<E> {
    /// Whether what is being loaded was replaced or removed since the load began: it must not be kept.
    pub fn is_outdated(&self) -> bool {
        self.outdated.load(SeqCst)
    }
}

/// All loads under way, by key.
pub(super) struct Flights<E>(Mutex<HashMap<Box<str>, Arc<Flight<E>>>>);

impl<E> Default for Flights<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A place in a load; given up when dropped, be it by a client that went away.
pub(super) struct Seat<'a, E> {
    flights: &'a Flights<E>,
    key: &'a str,
    pub flight: Arc<Flight<E>>,
}

impl<E> Flights<E> {
    fn all(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<Flight<E>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the load of a key, or opens one.
    pub fn join<'a>(&'a self, key: &'a str) -> Seat<'a, E> {
        let mut all = self.all();
        let flight = match all.get(key) {
            Some(flight) => flight.clone(),
            None => {
                let new = Arc::new(Flight { landed: OnceCell::new(), outdated: AtomicBool::new(false) });
                all.insert(key.into(), new.clone());
                new
            }
        };
        drop(all);
        Seat { flights: self, key, flight }
    }

    /// From now on nobody joins the load of this key, and what it brings is not kept.
    pub fn outdate(&self, key: &str) {
        if let Some(flight) = self.all().remove(key) {
            flight.outdated.store(true, SeqCst);
        }
    }

    /// The same for all keys of a pattern.
    pub fn outdate_matching(&self, pattern: &Pattern) {
        self.all().retain(|key, flight| {
            let outdated = pattern.matches(key);
            if outdated {
                flight.outdated.store(true, SeqCst);
            }
            !outdated
        });
    }

    #[cfg(any(test, feature = "servers"))]
    pub fn n_under_way(&self) -> usize {
        self.all().len()
    }
}

impl<E> Drop for Seat<'_, E> {
    fn drop(&mut self) {
        let mut all = self.flights.all();
        let is_mine = all.get(self.key).is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        // Two: the map's and this one. Nobody can join meanwhile, the map is locked.
        if is_mine && (self.flight.landed.initialized() || Arc::strong_count(&self.flight) == 2) {
            all.remove(self.key);
        }
    }
}
