//! Certificates for the engine's tests: a CA made on the spot, a server and a client that it vouches for.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;

/// A CA with the certificates of a server on this machine and of a client.
pub struct TestCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
    server: Identity,
    client: Identity,
}

struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl TestCa {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Stagewright test CA");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let server = Identity::new(&issuer, ExtendedKeyUsagePurpose::ServerAuth);
        let client = Identity::new(&issuer, ExtendedKeyUsagePurpose::ClientAuth);
        Self { issuer, server, client }
    }

    /// A folder with `ca.pem`, `client.pem`, `client.key` and `server.key`.
    pub fn folder(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("ca.pem", self.issuer.pem()),
            ("client.pem", self.client.certificate.pem()),
            ("client.key", self.client.key.serialize_pem()),
            ("server.key", self.server.key.serialize_pem()),
        ];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    /// How the server secures its connections; with `ask_client` only clients of this CA get in.
    pub fn server_config(&self, alpn: &[&[u8]], ask_client: bool) -> Arc<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if ask_client {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from(self.issuer.der().to_vec())).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let chain = vec![CertificateDer::from(self.server.certificate.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.server.key.serialize_der()));
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(config)
    }
}

impl Identity {
    fn new(issuer: &CertifiedIssuer<'static, KeyPair>, purpose: ExtendedKeyUsagePurpose) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, issuer).unwrap();
        Self { certificate, key }
    }
}
