//! How both transports secure connections: one rustls configuration from the scenario's TLS options.
//!
//! Reads the PEM files that the options name. Sessions are resumed, as browsers do, by all connections that
//! share a configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, InconsistentKeys, RootCertStore};

use super::EngineError;
use crate::model::TlsOptions;
use crate::trust::{self, Verifier};

/// Protocols that are offered in the handshake.
pub(super) const ALPN_HTTP1: &[u8] = b"http/1.1";
pub(super) const ALPN_HTTP2: &[u8] = b"h2";

/// Why a PEM file is of no use, for the sentences of [`EngineError::TlsFile`].
type Reason = String;

/// The configuration that `options` ask for; relative paths start at `files_root`, the scenario file's folder.
// Costs a few milliseconds, most of them for the system's certificates: once per worker, never per user.
pub(super) fn client_config(
    options: &TlsOptions,
    files_root: Option<&Path>,
    alpn: &[u8],
) -> Result<ClientConfig, EngineError> {
    let files = PemFiles { root: files_root };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(options, files, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| EngineError::Transport(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => {
            let chain = files.certificates("the client certificate", certificate)?;
            let parsed_key = files.key(key)?;
            builder
                .with_client_auth_cert(chain, parsed_key)
                .map_err(|error| files.failed("the client key", key, key_reason(&error, certificate)))?
        }
        (Some(certificate), None) => {
            let reason = "it has no key; add `key`, the PEM file of its private key".to_owned();
            return Err(files.failed("the client certificate", certificate, reason));
        }
        (None, Some(key)) => {
            let reason = "it has no certificate; add `certificate`, the PEM file that it belongs to";
            return Err(files.failed("the client key", key, reason.to_owned()));
        }
        (None, None) => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok(config)
}

/// Decides which servers are trusted: those of the given CA alone, or those the system trusts.
fn verifier(
    options: &TlsOptions,
    files: PemFiles<'_>,
    provider: &Arc<CryptoProvider>,
) -> Result<Verifier, EngineError> {
    if !options.verify {
        return Ok(trust::anyone(provider));
    }
    let verifier = match &options.ca {
        None => trust::system(provider),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            for certificate in files.certificates("the CA file", ca)? {
                roots.add(certificate).map_err(|error| {
                    files.failed("the CA file", ca, format!("{error}; give the CA's certificate as PEM"))
                })?;
            }
            trust::authorities(roots, provider)
        }
    };
    verifier.map_err(|error| EngineError::Transport(error.to_string()))
}

/// Where PEM files are looked for.
#[derive(Clone, Copy)]
struct PemFiles<'a> {
    root: Option<&'a Path>,
}

impl PemFiles<'_> {
    fn path(self, path: &str) -> PathBuf {
        // An absolute path takes the place of the root.
        self.root.unwrap_or(Path::new("")).join(path)
    }

    fn certificates(
        self,
        what: &'static str,
        path: &str,
    ) -> Result<Vec<CertificateDer<'static>>, EngineError> {
        let read = || CertificateDer::pem_file_iter(self.path(path))?.collect::<Result<Vec<_>, _>>();
        match read() {
            Ok(certificates) if certificates.is_empty() => Err(pem::Error::NoItemsFound),
            read => read,
        }
        .map_err(|error| self.failed(what, path, pem_reason(&error, "certificate", "CERTIFICATE")))
    }

    fn key(self, path: &str) -> Result<PrivateKeyDer<'static>, EngineError> {
        PrivateKeyDer::from_pem_file(self.path(path)).map_err(|error| {
            self.failed("the client key", path, pem_reason(&error, "private key", "PRIVATE KEY"))
        })
    }

    fn failed(self, what: &'static str, path: &str, reason: Reason) -> EngineError {
        EngineError::TlsFile { what, reason, path: self.path(path) }
    }
}

fn pem_reason(error: &pem::Error, item: &str, marker: &str) -> Reason {
    match error {
        pem::Error::Io(error) => {
            format!("{error}; relative paths start at the scenario file's folder")
        }
        pem::Error::NoItemsFound => format!(
            "there is no {item} in it; it should be a PEM file with a part `BEGIN {marker}`, without a password"
        ),
        error => format!("it is damaged ({error}); export it as PEM again"),
    }
}

fn key_reason(error: &rustls::Error, certificate: &str) -> Reason {
    match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            format!(
                "it is not the key of the first certificate in {certificate}; give the two that belong together"
            )
        }
        error => format!("{error}; rustls takes RSA, ECDSA and Ed25519 keys without a password"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing_tls::TestCa;

    fn refusal(options: &TlsOptions, root: &Path) -> String {
        client_config(options, Some(root), ALPN_HTTP1).unwrap_err().to_string()
    }

    fn with_client(certificate: &str, key: &str) -> TlsOptions {
        TlsOptions { certificate: Some(certificate.into()), key: Some(key.into()), ..TlsOptions::default() }
    }

    #[test]
    fn relative_paths_start_at_the_root_and_absolute_ones_stay() {
        let (folder, _) = (TestCa::new().folder(), ());
        let relative = TlsOptions { ca: Some("ca.pem".into()), ..with_client("client.pem", "client.key") };
        assert!(client_config(&relative, Some(folder.path()), ALPN_HTTP1).is_ok());
        let absolute = folder.path().join("ca.pem").to_str().unwrap().to_owned();
        let absolute = TlsOptions { ca: Some(absolute), ..TlsOptions::default() };
        assert!(client_config(&absolute, Some(Path::new("/nowhere")), ALPN_HTTP1).is_ok());
    }

    #[test]
    fn the_default_needs_no_files_and_offers_its_protocol() {
        let config = client_config(&TlsOptions::default(), None, ALPN_HTTP2).unwrap();
        assert_eq!(config.alpn_protocols, [b"h2".to_vec()]);
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = TestCa::new().folder();
        let text =
            refusal(&TlsOptions { ca: Some("missing.pem".into()), ..TlsOptions::default() }, folder.path());
        assert!(text.starts_with("the CA file cannot be used: "), "{text}");
        assert!(text.ends_with(&format!("({})", folder.path().join("missing.pem").display())), "{text}");
    }

    #[test]
    fn a_file_without_what_is_wanted_says_what_is_wanted() {
        let folder = TestCa::new().folder();
        let text =
            refusal(&TlsOptions { ca: Some("client.key".into()), ..TlsOptions::default() }, folder.path());
        assert!(text.contains("no certificate in it"), "{text}");
        let text = refusal(&with_client("client.pem", "client.pem"), folder.path());
        assert!(text.contains("no private key in it"), "{text}");
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let folder = TestCa::new().folder();
        let text = refusal(&with_client("client.pem", "server.key"), folder.path());
        assert!(text.contains("not the key of the first certificate in client.pem"), "{text}");
    }

    #[test]
    fn half_an_identity_is_refused() {
        let folder = TestCa::new().folder();
        let mut options = with_client("client.pem", "client.key");
        options.key = None;
        assert!(refusal(&options, folder.path()).contains("add `key`"));
        let mut options = with_client("client.pem", "client.key");
        options.certificate = None;
        assert!(refusal(&options, folder.path()).contains("add `certificate`"));
    }
}
