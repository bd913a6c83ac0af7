//! One connection: opened with its phases timed, written to at once, read only when something is there.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::origin::OriginState;
use super::stamped::StampedStream;
use crate::engine::transport::{Failure, PhaseTimes};
use crate::metrics::RequestPhase;

/// An open connection; counted until it is dropped.
pub(super) struct Connection {
    stream: Stream,
    _open: Open,
}

enum Stream {
    Plain(StampedStream),
    Tls(Box<TlsStream<StampedStream>>),
}

/// Counts one connection for as long as it lives.
struct Open(Rc<Cell<u32>>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Connection {
    /// Connects to an origin, trying its addresses in turn.
    pub async fn open(
        origin: &OriginState,
        tls: Option<&TlsConnector>,
        n_open: &Rc<Cell<u32>>,
        phases: &mut PhaseTimes,
    ) -> Result<Self, Failure> {
        let asked_at = Instant::now();
        let addresses = origin.addresses().await?;
        let found_at = Instant::now();
        if origin.has_name() {
            phases.set(RequestPhase::Dns, found_at - asked_at);
        }
        let mut last_error = None;
        let mut connected = None;
        for address in addresses.iter() {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    connected = Some(stream);
                    break;
                }
                Err(error) => last_error = Some((address.to_string(), error)),
            }
        }
        let stream = connected.ok_or_else(|| {
            let (address, error) = last_error.unwrap_or_else(|| origin.without_address());
            Failure::of_connect(address, &error)
        })?;
        // Where this fails, small requests may wait for an acknowledgement; they are sent all the same.
        let _ = stream.set_nodelay(true);
        let connected_at = Instant::now();
        phases.set(RequestPhase::Connect, connected_at - found_at);
        n_open.set(n_open.get() + 1);
        let open = Open(Rc::clone(n_open));
        let stream = StampedStream::new(stream);
        let Some(tls) = tls else { return Ok(Self { stream: Stream::Plain(stream), _open: open }) };
        let secured = tls.connect(origin.server_name()?, stream).await;
        let stream = secured.map_err(|error| Failure::of_handshake(&error))?;
        phases.set(RequestPhase::Tls, connected_at.elapsed());
        Ok(Self { stream: Stream::Tls(Box::new(stream)), _open: open })
    }

    /// Hands all bytes to the system.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => {
                let mut rest = bytes;
                loop {
                    match stream.try_write(rest) {
                        Ok(n_written) if n_written == rest.len() => return Ok(()),
                        Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                        Ok(n_written) => rest = &rest[n_written..],
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                            stream.get_ref().writable().await?
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
            Stream::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Reads what is there; nothing read is the end of the connection.
    pub fn poll_read(&mut self, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Stream::Tls(stream) => Pin::new(&mut **stream).poll_read(context, into),
        }
    }

    /// When the last bytes that were read came; under TLS, those of the last record.
    pub fn arrived_at(&self) -> Instant {
        match &self.stream {
            Stream::Plain(stream) => stream.arrived_at(),
            Stream::Tls(stream) => stream.get_ref().0.arrived_at(),
        }
    }

    /// Whether an idle connection has been closed, or holds bytes that nobody asked for.
    // Costs no system call as long as nothing has come: the readiness is known.
    pub fn is_stale(&mut self, context: &mut Context<'_>) -> bool {
        let mut byte = [0];
        match &self.stream {
            Stream::Plain(stream) => {
                let tried = stream.get_ref().try_read(&mut byte);
                !tried.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
            }
            Stream::Tls(_) => self.poll_read(context, &mut ReadBuf::new(&mut byte)).is_ready(),
        }
    }
}
