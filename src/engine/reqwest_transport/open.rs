//! How many connections are open.
//!
//! reqwest does not tell, but hyper drives each connection of HTTP/1.1 by a task of its own, which ends with it, on
//! the worker's runtime, where nothing is spawned beside them but the virtual users.

use std::cell::{Cell, RefCell};

use reqwest::Url;
use tokio::runtime::Handle;

use crate::model::HttpVersion;

/// Counts the connections of a worker.
pub(super) struct OpenConnections {
    http: HttpVersion,
    /// Answers whose bodies are coming: each has one task more, which waits to give its connection back.
    n_bodies: Cell<u32>,
    /// Hosts that were connected to over HTTP/2: there is one connection to each.
    hosts: RefCell<Vec<String>>,
}

/// An answer whose body is coming.
pub(super) struct ComingBody<'a>(&'a OpenConnections);

impl OpenConnections {
    pub fn new(http: HttpVersion) -> Self {
        Self { http, n_bodies: Cell::new(0), hosts: RefCell::default() }
    }

    /// Whether requests share connections at the same time.
    pub fn are_multiplexed(&self) -> bool {
        self.http == HttpVersion::Http2
    }

    /// Connections that are open now; called on the worker's runtime.
    pub fn n_open(&self, n_user_tasks: impl FnOnce() -> usize) -> u32 {
        if self.are_multiplexed() {
            return self.hosts.borrow().len() as u32;
        }
        let n_tasks = Handle::try_current().map_or(0, |runtime| runtime.metrics().num_alive_tasks());
        (n_tasks.saturating_sub(n_user_tasks()) as u32).saturating_sub(self.n_bodies.get())
    }

    /// Notes that a connection to the host of `url` was opened.
    pub fn opened(&self, url: &Url) {
        let authority = url.authority();
        let mut hosts = self.hosts.borrow_mut();
        if self.are_multiplexed() && !hosts.iter().any(|known| known == authority) {
            hosts.push(authority.to_owned());
        }
    }

    /// Notes that a body is coming, until what this returns is dropped.
    pub fn coming_body(&self) -> ComingBody<'_> {
        self.n_bodies.set(self.n_bodies.get() + 1);
        ComingBody(self)
    }
}

impl Drop for ComingBody<'_> {
    fn drop(&mut self) {
        self.0.n_bodies.set(self.0.n_bodies.get() - 1);
    }
}
