//! What went wrong with a request, in the same words whichever transport it was.
//!
//! The outcome says where it failed, the signature what such failures have in common, the detail the whole story.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, ErrorKind};

use super::transport::Failure;
use crate::metrics::{OUT_OF_DESCRIPTORS, OUT_OF_PORTS, Outcome};

/// The answer broke off.
pub(super) const INCOMPLETE: &str = "connection closed before the answer was complete";
/// The server closed the connection instead of answering.
pub(super) const UNANSWERED: &str = "connection closed before any answer";
/// More redirects than the scenario follows.
pub(super) const TOO_MANY_REDIRECTS: &str = "too many redirects";
/// A body that cannot be unpacked as its `Content-Encoding` says.
pub(super) const UNPACKABLE: &str = "the compressed answer is damaged";
/// The answer breaks the rules of HTTP.
pub(super) const NOT_HTTP: &str = "the answer is not valid HTTP";
/// The answer's head is larger than we read.
pub(super) const HEAD_TOO_LARGE: &str = "the answer's head is too large";
/// A server began to speak another protocol on its own.
pub(super) const SWITCHED: &str = "the answer switches protocols unasked";
pub(super) const NAME_NOT_FOUND: &str = "host name not found";
pub(super) const CLOSED_IN_HANDSHAKE: &str = "connection closed during the TLS handshake";

/// Error numbers for "too many open files": of this process, of the whole system.
// The same on Linux, macOS and the BSDs; `io::ErrorKind` has no name for them.
#[cfg(unix)]
const OUT_OF_DESCRIPTORS_CODES: [i32; 2] = [24, 23];
#[cfg(windows)]
const OUT_OF_DESCRIPTORS_CODES: [i32; 2] = [10_024, 4];

impl Failure {
    /// A failure whose story has no more to it than its signature.
    pub fn new(outcome: Outcome, signature: &'static str) -> Self {
        Self { outcome, signature: signature.into(), detail: signature.to_owned() }
    }

    /// A failure with its story; the detail begins with the signature where the story does not tell it.
    pub fn told(outcome: Outcome, signature: impl Into<Cow<'static, str>>, story: &str) -> Self {
        let signature = signature.into();
        let detail = match story {
            "" => signature.clone().into_owned(),
            story if story.contains(&*signature) => story.to_owned(),
            story => format!("{signature}: {story}"),
        };
        Self { outcome, signature, detail }
    }

    /// The host's name could not be looked up.
    pub fn of_lookup(host: &str, error: &io::Error) -> Self {
        let signature = generator_fault(error).unwrap_or(NAME_NOT_FOUND);
        Self::told(Outcome::Connect, signature, &format!("{host}: {error}"))
    }

    /// No connection to `address` came about.
    pub fn of_connect(address: impl std::fmt::Display, error: &io::Error) -> Self {
        Self::told(Outcome::Connect, connect_signature(error), &format!("{address}: {error}"))
    }

    /// The connection could not be secured.
    pub fn of_handshake(error: &io::Error) -> Self {
        let signature = match tls_cause(error) {
            Some(tls) => tls_signature(tls),
            None if is_end(error.kind()) => CLOSED_IN_HANDSHAKE.into(),
            None => kind_signature(error),
        };
        Self::told(Outcome::Tls, signature, &error.to_string())
    }

    /// A standing connection failed; `received` says whether anything of the answer had come.
    pub fn of_exchange(error: &io::Error, received: bool) -> Self {
        let closed = if received { INCOMPLETE } else { UNANSWERED };
        let (outcome, signature) = match tls_cause(error) {
            // The server's refusal of a client certificate comes after the handshake (TLS 1.3).
            Some(tls @ rustls::Error::AlertReceived(_)) => (Outcome::Tls, tls_signature(tls)),
            Some(tls) => (Outcome::Protocol, tls_signature(tls)),
            None if is_end(error.kind()) => (Outcome::Protocol, closed.into()),
            None if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput) => {
                (Outcome::Protocol, NOT_HTTP.into())
            }
            None => (Outcome::Protocol, kind_signature(error)),
        };
        Self::told(outcome, signature, &error.to_string())
    }
}

/// The signature of a fault that is the generator's own: its machine ran out of something.
// EADDRNOTAVAIL also comes for an address of a family that this machine does not have; a target at `[::1]` on a
// machine without IPv6 is the only such case that we know, and there no request succeeds at all.
pub(super) fn generator_fault(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error() {
        Some(code) if OUT_OF_DESCRIPTORS_CODES.contains(&code) => Some(OUT_OF_DESCRIPTORS),
        _ if error.kind() == ErrorKind::AddrNotAvailable => Some(OUT_OF_PORTS),
        _ => None,
    }
}

/// Why no connection came about.
pub(super) fn connect_signature(error: &io::Error) -> Cow<'static, str> {
    let fixed = match error.kind() {
        ErrorKind::ConnectionRefused => Some("connection refused"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Some("connection reset before it stood"),
        ErrorKind::TimedOut => Some("no answer to the connection attempt"),
        ErrorKind::HostUnreachable => Some("host unreachable"),
        ErrorKind::NetworkUnreachable => Some("network unreachable"),
        _ => None,
    };
    generator_fault(error).or(fixed).map_or_else(|| kind_signature(error), Cow::Borrowed)
}

/// What rustls did not like.
pub(super) fn tls_signature(error: &rustls::Error) -> Cow<'static, str> {
    use rustls::CertificateError as Certificate;
    match error {
        // Their texts carry names and times, which differ from one failure to the next.
        rustls::Error::InvalidCertificate(Certificate::NotValidForNameContext { .. }) => {
            "the certificate is for another name".into()
        }
        rustls::Error::InvalidCertificate(Certificate::ExpiredContext { .. }) => {
            "the certificate has expired".into()
        }
        rustls::Error::InvalidCertificate(Certificate::NotValidYetContext { .. }) => {
            "the certificate is not valid yet".into()
        }
        rustls::Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "the certificate's issuer is not trusted".into()
        }
        rustls::Error::NoApplicationProtocol
        | rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol) => {
            "the server does not speak the asked version of HTTP".into()
        }
        error => Cow::Owned(error.to_string()),
    }
}

/// The rustls error within an I/O error.
// I/O errors hide what they wrap from the chain of sources, and wrap each other.
pub(super) fn tls_cause(error: &io::Error) -> Option<&rustls::Error> {
    let wrapped: &(dyn Error + 'static) = error.get_ref()?;
    wrapped.downcast_ref().or_else(|| tls_cause(wrapped.downcast_ref()?))
}

/// Whether an error means that the other side closed the connection.
pub(super) fn is_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
    )
}

/// The kind leaves out what differs from one failure to the next.
fn kind_signature(error: &io::Error) -> Cow<'static, str> {
    match error.kind() {
        ErrorKind::Other => error.to_string().into(),
        kind => kind.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failure: &Failure, outcome: Outcome, signature: &str) {
        assert_eq!((failure.outcome, &*failure.signature), (outcome, signature), "{failure:?}");
        assert!(failure.detail.contains(signature), "{failure:?}");
    }

    #[cfg(unix)]
    #[test]
    fn what_the_generator_ran_out_of_is_told_from_what_the_target_refused() {
        let of_code = |code| Failure::of_connect("10.0.0.1:80", &io::Error::from_raw_os_error(code));
        check(&of_code(24), Outcome::Connect, OUT_OF_DESCRIPTORS);
        check(&of_code(23), Outcome::Connect, OUT_OF_DESCRIPTORS);
        let no_port = Failure::of_connect("10.0.0.1:80", &ErrorKind::AddrNotAvailable.into());
        check(&no_port, Outcome::Connect, OUT_OF_PORTS);
        let refused = Failure::of_connect("10.0.0.1:80", &ErrorKind::ConnectionRefused.into());
        check(&refused, Outcome::Connect, "connection refused");
        assert!(refused.detail.contains("10.0.0.1:80"));
        assert_eq!(generator_fault(&ErrorKind::ConnectionRefused.into()), None);
        let lookup = Failure::of_lookup("shop.test", &io::Error::from_raw_os_error(24));
        check(&lookup, Outcome::Connect, OUT_OF_DESCRIPTORS);
    }

    #[test]
    fn an_unknown_name_is_shown_in_the_detail_only() {
        let failure = Failure::of_lookup("shop.test", &io::Error::other("no such host"));
        check(&failure, Outcome::Connect, NAME_NOT_FOUND);
        assert!(failure.detail.contains("shop.test"));
    }

    #[test]
    fn a_certificate_of_an_unknown_issuer_is_named_as_such() {
        let cause = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::new(ErrorKind::InvalidData, cause));
        check(&Failure::of_handshake(&wrapped), Outcome::Tls, "the certificate's issuer is not trusted");
        check(
            &Failure::of_handshake(&ErrorKind::UnexpectedEof.into()),
            Outcome::Tls,
            "connection closed during the TLS handshake",
        );
    }

    #[test]
    fn an_alert_after_the_handshake_is_a_matter_of_tls() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired);
        let failure = Failure::of_exchange(&io::Error::new(ErrorKind::InvalidData, alert), false);
        assert_eq!(failure.outcome, Outcome::Tls);
    }

    #[test]
    fn a_closed_connection_tells_whether_anything_had_come() {
        let reset = || io::Error::from(ErrorKind::ConnectionReset);
        check(&Failure::of_exchange(&reset(), false), Outcome::Protocol, UNANSWERED);
        check(&Failure::of_exchange(&reset(), true), Outcome::Protocol, INCOMPLETE);
    }
}
