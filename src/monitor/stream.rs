//! Connections of probes that speak no HTTP: opened, secured where asked for, and counted in bytes.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::ProbeError;
use crate::trust;

/// What can be read from and written to.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// A connection that counts the bytes that it brings.
pub(super) struct Counted {
    wire: Box<dyn Wire>,
    n_bytes: Arc<AtomicU64>,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Port(String, u16),
    Socket(PathBuf),
}

/// Whose certificates are good enough.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trust {
    /// Anyone's: the connection is encrypted, but not known to end where it should.
    Anyone,
    /// Those that this system trusts.
    System,
    /// Those of one authority, from a PEM file.
    Authority(PathBuf),
}

impl Counted {
    /// Connects; `n_bytes` grows with what is read.
    pub(super) async fn open(place: &Place, n_bytes: Arc<AtomicU64>) -> io::Result<Self> {
        let wire: Box<dyn Wire> = match place {
            Place::Port(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            #[cfg(unix)]
            Place::Socket(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
            #[cfg(not(unix))]
            Place::Socket(_) => return Err(io::Error::from(io::ErrorKind::Unsupported)),
        };
        Ok(Self { wire, n_bytes })
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.wire).poll_read(context, buffer);
        let n_read = buffer.filled().len().saturating_sub(before);
        self.n_bytes.fetch_add(n_read as u64, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

/// What a failure to connect means, for a server called `server` at `address`.
pub(super) fn explained(error: &io::Error, server: &str, address: &str) -> ProbeError {
    let text = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("nothing accepts connections there; start {server} or correct the monitor's `url`")
        }
        io::ErrorKind::NotFound => {
            format!("there is no such socket; start {server} or correct the monitor's `url`")
        }
        io::ErrorKind::PermissionDenied => format!("{error}; let this user use {server}'s socket"),
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("{error}; look at the network, its firewalls, and the monitor's `url`")
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => {
            format!("the connection was ended from the other side; is {server} being started anew?")
        }
        _ if is_of_tls(error) => format!("no secure connection: {}", tls_advice(error)),
        _ => format!("{error}; look at the monitor's `url`"),
    };
    ProbeError(format!("{server} cannot be reached: {text}: {address}"))
}

/// Whether securing the connection failed.
pub(super) fn is_of_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

fn tls_advice(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            format!(
                "its certificate is not trusted ({reason:?}); trust its authority or correct the name in the `url`"
            )
        }
        Some(rustls::Error::InvalidMessage(_)) => "the server does not speak TLS there".to_owned(),
        _ => error.to_string(),
    }
}

/// A configuration for connections to whom `trust` says.
pub(super) fn client_config(trust: &Trust) -> Result<ClientConfig, ProbeError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let unusable = |error: &dyn std::fmt::Display| ProbeError(format!("TLS cannot be used: {error}"));
    let verifier = match trust {
        Trust::Anyone => Ok(trust::anyone(&provider)),
        Trust::System => trust::system(&provider),
        Trust::Authority(path) => trust::authorities(authority(path)?, &provider),
    }
    .map_err(|error| unusable(&error))?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

fn authority(path: &Path) -> Result<RootCertStore, ProbeError> {
    let failed = |reason: &dyn std::fmt::Display| {
        ProbeError(format!("the certificates to trust cannot be used: {reason}: {}", path.display()))
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| failed(&error))?;
    for certificate in certificates {
        roots.add(certificate.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
    }
    if roots.is_empty() {
        return Err(failed(&"it should be a PEM file with a part `BEGIN CERTIFICATE`"));
    }
    Ok(roots)
}
