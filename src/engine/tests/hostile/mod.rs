//! What comes of servers that break the rules: each misdeed a classified outcome, in time and in bounded memory.

mod cases;
mod early;
mod endless;
mod idle;
mod server;
mod under_load;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::engine::request::Wants;
use crate::engine::reqwest_transport::ReqwestTransport;
use crate::engine::testing::{prepared, step, with_filling};
use crate::engine::tls;
use crate::engine::transport::{Exchange, Ready as _, Transport};
use crate::engine::wire::WireTransport;
use crate::metrics::Outcome;
use crate::model::{Connections, Step, TlsOptions, TransportOptions};

/// A request may end this much after its timeout; the machine may be busy.
const MARGIN: Duration = Duration::from_secs(2);

/// One virtual user of a transport.
struct User<T: Transport> {
    transport: Rc<T>,
    session: T::Session,
}

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// An answer of this status.
    Status(u16),
    /// None, because of this; the signature where it is in our words.
    Failure(Outcome, Option<&'static str>),
}

fn trusting_anybody() -> TransportOptions {
    let tls = TlsOptions { verify: false, ..TlsOptions::default() };
    TransportOptions { tls, ..TransportOptions::default() }
}

fn wire() -> WireTransport {
    let config = tls::client_config(&trusting_anybody().tls, None, tls::ALPN_HTTP1).unwrap();
    WireTransport::new(Connections::PerUser, Some(TlsConnector::from(Arc::new(config))))
}

fn reqwest() -> ReqwestTransport {
    ReqwestTransport::new(&trusting_anybody(), None).unwrap()
}

impl<T: Transport> User<T> {
    fn of(transport: &Rc<T>) -> Self {
        Self { transport: Rc::clone(transport), session: T::Session::default() }
    }

    /// Sends a request as the engine does, and drops it after `limit`.
    async fn send(&mut self, described: &Step, limit: Duration) -> Exchange {
        let request = prepared(described, "http://unused", Wants::default(), &[]);
        let ready =
            with_filling(&vec![], |filling| self.transport.ready(&mut self.session, &request, filling))
                .unwrap();
        let exchange = self.transport.exchange(&mut self.session, &ready, Instant::now(), false);
        timeout(limit, exchange).await.unwrap_or_else(|_| Exchange::timed_out(ready.n_bytes()))
    }

    async fn get(&mut self, url: &str, limit: Duration) -> Exchange {
        self.send(&step(url), limit).await
    }
}

impl End {
    /// Whether this is what became of the exchange.
    fn is_of(self, exchange: &Exchange) -> bool {
        match (self, &exchange.answer) {
            (Self::Status(expected), Ok(answer)) => answer.status == expected,
            (Self::Failure(outcome, signature), Err(failure)) => {
                failure.outcome == outcome && signature.is_none_or(|signature| failure.signature == signature)
            }
            _ => false,
        }
    }
}

/// What became of an exchange, for the eye.
fn told(exchange: &Exchange) -> String {
    match &exchange.answer {
        Ok(answer) => format!("HTTP {}", answer.status),
        Err(failure) => format!("{:?}: {} ({})", failure.outcome, failure.signature, failure.detail),
    }
}
