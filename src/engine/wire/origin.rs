//! Where requests go: the addresses of a host, looked up once in a while, and its name for TLS.

use std::net::{IpAddr, SocketAddr};
use std::{io, rc::Rc, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::message::Origin;
use crate::engine::transport::Failure;

/// How long looked-up addresses are used for new connections, as resolvers on desktops do.
const FRESH_FOR: Duration = Duration::from_secs(60);

/// An origin as a worker knows it.
pub(super) struct OriginState {
    origin: Arc<Origin>,
    /// Locked during a look-up: users that connect at the same time wait for one look-up, not for one each.
    found: Mutex<Option<Found>>,
}

#[derive(Clone)]
struct Found {
    addresses: Rc<[SocketAddr]>,
    /// None for an address in the URL, which does not change.
    looked_up_at: Option<Instant>,
}

impl OriginState {
    pub fn new(origin: Arc<Origin>) -> Self {
        let literal = origin.host.parse::<IpAddr>().ok();
        let found = literal
            .map(|ip| Found { addresses: Rc::new([SocketAddr::new(ip, origin.port)]), looked_up_at: None });
        Self { origin, found: Mutex::new(found) }
    }

    pub fn is(&self, origin: &Origin) -> bool {
        *self.origin == *origin
    }

    pub fn is_tls(&self) -> bool {
        self.origin.is_tls
    }

    /// Whether the host is a name that has to be looked up.
    pub fn has_name(&self) -> bool {
        self.origin.host.parse::<IpAddr>().is_err()
    }

    pub async fn addresses(&self) -> Result<Rc<[SocketAddr]>, Failure> {
        let mut found = self.found.lock().await;
        let fresh =
            found.as_ref().filter(|found| found.looked_up_at.is_none_or(|at| at.elapsed() < FRESH_FOR));
        if let Some(fresh) = fresh {
            return Ok(Rc::clone(&fresh.addresses));
        }
        let Origin { host, port, .. } = &*self.origin;
        let looked_up = tokio::net::lookup_host((host.as_str(), *port)).await;
        let addresses: Rc<[SocketAddr]> =
            looked_up.map_err(|error| Failure::of_lookup(host, &error))?.collect();
        *found = Some(Found { addresses: Rc::clone(&addresses), looked_up_at: Some(Instant::now()) });
        Ok(addresses)
    }

    /// What to say of a name that has no address at all.
    pub fn without_address(&self) -> (String, io::Error) {
        (self.origin.host.clone(), io::Error::new(io::ErrorKind::NotFound, "the name has no address"))
    }

    pub fn server_name(&self) -> Result<ServerName<'static>, Failure> {
        ServerName::try_from(self.origin.host.clone())
            .map_err(|error| Failure::of_handshake(&io::Error::other(error)))
    }
}
