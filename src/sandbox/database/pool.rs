//! A few connections that requests take turns with, and how that goes.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How a pool is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolCounts {
    pub size: u64,
    pub n_in_use: u64,
    pub n_waiting: u64,
    /// How often a connection was taken.
    pub n_taken: u64,
    /// How long that was waited for, in all.
    pub waited: Duration,
}

/// Connections of one kind.
pub(super) struct Pool<T> {
    idle: Mutex<Vec<T>>,
    places: Arc<Semaphore>,
    size: usize,
    n_waiting: AtomicU64,
    n_taken: AtomicU64,
    waited_nanos: AtomicU64,
}

/// A connection that goes back to its pool when dropped.
pub struct Pooled<T> {
    /// None only while it is being dropped.
    connection: Option<T>,
    pool: Arc<Pool<T>>,
    // After the connection: whoever gets the place finds one.
    _place: OwnedSemaphorePermit,
}

impl<T> Pool<T> {
    pub fn new(connections: Vec<T>) -> Arc<Self> {
        let size = connections.len();
        Arc::new(Self {
            idle: Mutex::new(connections),
            places: Arc::new(Semaphore::new(size)),
            size,
            n_waiting: AtomicU64::new(0),
            n_taken: AtomicU64::new(0),
            waited_nanos: AtomicU64::new(0),
        })
    }

    pub fn counts(&self) -> PoolCounts {
        PoolCounts {
            size: self.size as u64,
            n_in_use: self.size.saturating_sub(self.places.available_permits()) as u64,
            n_waiting: self.n_waiting.load(Relaxed),
            n_taken: self.n_taken.load(Relaxed),
            waited: Duration::from_nanos(self.waited_nanos.load(Relaxed)),
        }
    }

    /// The next connection that is free, and how long it was waited for; None where there are none.
    pub async fn take(self: &Arc<Self>) -> Option<(Pooled<T>, Duration)> {
        let (place, waited) = match self.places.clone().try_acquire_owned() {
            Ok(place) => (place, Duration::ZERO),
            Err(_) => {
                let start = Instant::now();
                let _waiting = Waiting::begin(&self.n_waiting);
                (self.places.clone().acquire_owned().await.ok()?, start.elapsed())
            }
        };
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        self.n_taken.fetch_add(1, Relaxed);
        self.waited_nanos.fetch_add(waited.as_nanos() as u64, Relaxed);
        Some((Pooled { connection: Some(connection), pool: Arc::clone(self), _place: place }, waited))
    }
}

/// Counts one who waits, until it is dropped: who gives up does not wait either.
struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    fn begin(n_waiting: &'a AtomicU64) -> Self {
        n_waiting.fetch_add(1, Relaxed);
        Self(n_waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl<T> Drop for Pooled<T> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl<T> Deref for Pooled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.connection.as_ref().expect("taken only by drop")
    }
}

impl<T> DerefMut for Pooled<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.connection.as_mut().expect("taken only by drop")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_connection_waits_for_one_and_the_wait_is_counted() {
        let pool = Pool::new(vec![1]);
        let (first, waited) = pool.take().await.unwrap();
        assert_eq!(waited, Duration::ZERO);
        let second = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.take().await.map(|(_, waited)| waited) }
        });
        tokio::task::yield_now().await;
        let counts = pool.counts();
        assert_eq!((counts.size, counts.n_in_use, counts.n_waiting, counts.n_taken), (1, 1, 1, 1));
        tokio::time::advance(Duration::from_millis(5)).await;
        drop(first);
        assert!(second.await.unwrap().unwrap() >= Duration::from_millis(5));
        let counts = pool.counts();
        assert_eq!((counts.n_in_use, counts.n_waiting, counts.n_taken), (0, 0, 2));
        assert!(counts.waited >= Duration::from_millis(5));
    }

    #[tokio::test]
    async fn who_gives_up_does_not_wait_any_more() {
        let pool = Pool::new(vec![1]);
        let taken = pool.take().await.unwrap();
        let impatient = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.take().await.is_some() }
        });
        tokio::task::yield_now().await;
        impatient.abort();
        let _ = impatient.await;
        assert_eq!(pool.counts().n_waiting, 0);
        drop(taken);
        assert_eq!(pool.counts().n_in_use, 0);
    }
}
