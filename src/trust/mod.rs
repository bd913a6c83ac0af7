//! Which servers a secure connection trusts, for all that opens one: load, monitors, the sandbox.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier as SystemVerifier;

/// Decides whether the certificate of a server is good enough.
pub type Verifier = Arc<dyn ServerCertVerifier>;

/// Those whom this system trusts.
// Costs a few milliseconds, for the system's certificates.
pub fn system(provider: &Arc<CryptoProvider>) -> Result<Verifier, VerifierBuilderError> {
    match SystemVerifier::new(Arc::clone(provider)) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        // Small containers have no certificates at all; without others not even plain connections could be made.
        Err(_) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec());
            authorities(roots, provider)
        }
    }
}

/// Those whom the given authorities have signed.
pub fn authorities(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Verifier, VerifierBuilderError> {
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map(|verifier| verifier as Verifier)
}

/// DANGER: anyone, so that anybody on the way can read and change everything.
pub fn anyone(provider: &Arc<CryptoProvider>) -> Verifier {
    Arc::new(TrustsAnyone(Arc::clone(provider)))
}

/// DANGER: trusts whoever answers, so that anybody on the way can read and change everything.
///
/// Only where an analyst asks for it, as by `verify = false`, or where the protocol has it so, as PostgreSQL's
/// `sslmode=require` has.
/// The signatures of the handshake are still checked: that costs the same time as with verification on.
#[derive(Debug)]
struct TrustsAnyone(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustsAnyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
