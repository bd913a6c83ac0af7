//! Asks an HTTP endpoint, bounded in size, and tells in plain words what went wrong.

use std::error::Error as _;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier as SystemVerifier;
use tokio::time::Instant;

use super::source::ProbeError;
use crate::metrics::ClockOffset;
use crate::model::Access;

/// The largest answer that is read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Shorter than a reading may take, so that its own words are told.
const CONNECT_PATIENCE: Duration = Duration::from_millis(800);
const MAX_REDIRECTS: usize = 3;

/// How much of a refusal is read, to show what it says.
const MAX_REFUSAL: usize = 400;

/// An endpoint and how it is reached; its connection is kept open between readings.
pub(super) struct Endpoint {
    client: Client,
    url: Url,
    access: Access,
    bytes_read: u64,
}

/// An answer whose body is still to be read.
pub(super) struct Answer {
    response: Response,
    /// When its head had come.
    pub at: Instant,
    pub exchange: Exchange,
    n_bytes: u64,
}

/// An API's answer, whatever its status.
pub(super) struct ApiAnswer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    pub exchange: Exchange,
}

/// When something was asked, by this machine's clock, and how long its answer took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub asked_unix: Duration,
    pub took: Duration,
}

impl Endpoint {
    /// Relative paths of certificates start at `files_root`.
    pub fn new(url: &str, access: &Access, files_root: Option<&Path>) -> Result<Self, ProbeError> {
        let parsed =
            Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(parsed) = parsed else {
            let what = if url.trim().is_empty() { "there is no address" } else { "the address is no URL" };
            return Err(ProbeError(format!(
                "{what}; write one such as http://127.0.0.1:9100/metrics ({url})"
            )));
        };
        let client = Client::builder()
            .no_proxy()
            .http1_only()
            .tls_backend_preconfigured(tls(access, files_root)?)
            .connect_timeout(CONNECT_PATIENCE)
            .redirect(reqwest::redirect::Policy::limited(MAX_REDIRECTS))
            .user_agent(concat!("stagewright/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ProbeError(format!("no client can be made for it: {}", innermost(&error))))?;
        Ok(Self { client, url: parsed, access: access.clone(), bytes_read: 0 })
    }

    /// Bytes of bodies until now.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Asks the address itself.
    pub async fn ask(&self, accept: &str) -> Result<Answer, ProbeError> {
        let request = self.client.get(self.url.clone()).header(reqwest::header::ACCEPT, accept);
        let (asked, asked_unix) = (Instant::now(), unix_now());
        let response = self.response(request).await?;
        let status = response.status();
        if !status.is_success() {
            let said = beginning(response).await;
            return Err(self.refused(status, &said));
        }
        let at = Instant::now();
        let exchange = Exchange { asked_unix, took: at - asked };
        Ok(Answer { response, at, exchange, n_bytes: 0 })
    }

    /// Asks a path below the address, with parameters; an API's own refusals are answers too.
    pub async fn ask_api(
        &mut self,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<ApiAnswer, ProbeError> {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url.set_query(None);
        if !parameters.is_empty() {
            let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let (asked, asked_unix) = (Instant::now(), unix_now());
        let response = self.response(self.client.get(url)).await?;
        let (status, at) = (response.status(), Instant::now());
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(self.refused(status, ""));
        }
        let exchange = Exchange { asked_unix, took: at - asked };
        let mut answer = Answer { response, at, exchange, n_bytes: 0 };
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk(self).await? {
            body.extend_from_slice(&chunk);
        }
        Ok(ApiAnswer { status, body, exchange })
    }

    async fn response(&self, mut request: RequestBuilder) -> Result<Response, ProbeError> {
        if !self.access.bearer.is_empty() {
            request = request.bearer_auth(&self.access.bearer);
        } else if !self.access.user.is_empty() {
            request = request.basic_auth(&self.access.user, Some(&self.access.password));
        }
        request.send().await.map_err(|error| self.failed(&error))
    }

    /// The address without its credentials.
    pub fn shown(&self) -> String {
        let mut url = self.url.clone();
        // Refused only where there is no host, which was looked at.
        _ = url.set_password(None);
        _ = url.set_username("");
        url.into()
    }

    pub fn refused(&self, status: StatusCode, said: &str) -> ProbeError {
        let remedy = match status.as_u16() {
            401 if self.access.bearer.is_empty() && self.access.user.is_empty() => {
                "it asks for credentials; give a user and password, or a bearer token"
            }
            401 => "it does not accept the credentials; look at user and password, or the bearer token",
            403 => "the credentials do not allow it; ask for the right to read metrics",
            404 | 410 => "there is nothing at this path; exporters mostly answer at /metrics",
            429 => "it is asked too often; watch it with one run at a time",
            500..=599 => "it has a fault of its own; look at its log",
            _ => "look at the address",
        };
        let said = if said.is_empty() { String::new() } else { format!("; it says: {said}") };
        ProbeError(format!("it answered with status {}: {remedy}{said} ({})", status.as_u16(), self.shown()))
    }

    fn failed(&self, error: &reqwest::Error) -> ProbeError {
        let mut causes: Vec<String> = Vec::new();
        let (mut tls, mut io) = (None, None);
        let mut source = error.source();
        while let Some(cause) = source {
            let found = cause.downcast_ref::<io::Error>();
            tls = tls.or_else(|| cause.downcast_ref::<rustls::Error>()).or_else(|| found.and_then(tls_cause));
            io = found.map(io::Error::kind).or(io);
            causes.push(cause.to_string());
            source = cause.source();
        }
        let innermost = causes.last().cloned().unwrap_or_else(|| error.to_string());
        let text = if let Some(tls) = tls {
            format!("no secure connection: {}", tls_told(tls))
        } else if error.is_redirect() {
            format!("it redirects more than {MAX_REDIRECTS} times; write the last address")
        } else if causes.iter().any(|cause| cause.contains("dns error")) {
            "there is no host of that name; look at its spelling".to_owned()
        } else if error.is_timeout() {
            "the host cannot be reached: nothing answers; look at address, network and firewall".to_owned()
        } else {
            match io {
                Some(io::ErrorKind::ConnectionRefused) => {
                    "the connection was refused: nothing listens at this port; start it, or correct the port"
                        .to_owned()
                }
                Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
                    "the host cannot be reached; look at address and network".to_owned()
                }
                _ if error.is_connect() => format!("no connection: {innermost}"),
                _ => format!("no complete answer: {innermost}; is it a server for HTTP, and no other?"),
            }
        };
        ProbeError(format!("{text} ({})", self.shown()))
    }
}

impl Answer {
    /// The next part of its body; none at its end.
    pub async fn chunk(&mut self, endpoint: &mut Endpoint) -> Result<Option<bytes::Bytes>, ProbeError> {
        let chunk = self.response.chunk().await.map_err(|error| endpoint.failed(&error))?;
        if let Some(chunk) = &chunk {
            self.n_bytes += chunk.len() as u64;
            endpoint.bytes_read += chunk.len() as u64;
            if self.n_bytes > MAX_BYTES {
                return Err(ProbeError(format!(
                    "the answer has more than 64 MB; let it say less, such as by a filter in its address ({})",
                    endpoint.shown()
                )));
            }
        }
        Ok(chunk)
    }

    /// Where its server's clock stands by the answer's `Date`.
    pub fn clock(&self) -> Option<ClockOffset> {
        // It counts whole seconds that have passed: on average half a second more.
        date_of(&self.response).map(|date| self.exchange.offset(date.as_secs_f64() + 0.5, 1.0))
    }

    /// What the answer says it is; empty where it does not.
    pub fn content_type(&self) -> String {
        let header = self.response.headers().get(reqwest::header::CONTENT_TYPE);
        header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase()
    }
}

/// The beginning of what a refusal says, as one line of text; empty where it is a web page.
async fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= MAX_REFUSAL {
                break;
            }
        }
    };
    // The status alone says enough where the rest does not come.
    _ = tokio::time::timeout(Duration::from_millis(200), read).await;
    body.truncate(MAX_REFUSAL);
    let text = String::from_utf8_lossy(&body);
    if text.trim_start().starts_with('<') {
        return String::new();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tls_cause(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref::<rustls::Error>().or_else(|| tls_cause(inner.downcast_ref::<io::Error>()?))
}

fn tls_told(error: &rustls::Error) -> String {
    use rustls::CertificateError as Wrong;
    match error {
        rustls::Error::InvalidCertificate(Wrong::UnknownIssuer) => {
            "the certificate's issuer is not trusted; give its CA certificate as `ca`".to_owned()
        }
        rustls::Error::InvalidCertificate(Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }) => {
            "the certificate is for another name; use the name that it was issued for".to_owned()
        }
        rustls::Error::InvalidCertificate(Wrong::Expired | Wrong::ExpiredContext { .. }) => {
            "the certificate has expired".to_owned()
        }
        rustls::Error::InvalidMessage(_) => "it does not speak TLS; is it http:// instead?".to_owned(),
        error => error.to_string(),
    }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}

/// The system's certificates and the given one; without any, those of Mozilla: reqwest alone would refuse to begin.
fn tls(access: &Access, files_root: Option<&Path>) -> Result<ClientConfig, ProbeError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let extra = match access.ca.trim() {
        "" => Vec::new(),
        ca => ca_certificates(ca, files_root)?,
    };
    let verifier = verifier(extra, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ProbeError(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(config)
}

fn ca_certificates(ca: &str, files_root: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, ProbeError> {
    // An absolute path takes the place of the root.
    let path = files_root.unwrap_or(Path::new("")).join(ca);
    let read = || CertificateDer::pem_file_iter(&path)?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(ProbeError(format!(
            "there is no certificate in the CA file; it should be PEM with a part `BEGIN CERTIFICATE` ({})",
            path.display()
        ))),
        Err(error) => Err(ProbeError(format!(
            "the CA file cannot be read: {error}; relative paths start at the scenario file's folder ({})",
            path.display()
        ))),
    }
}

fn verifier(
    extra: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ProbeError> {
    if let Ok(verifier) = SystemVerifier::new_with_extra_roots(extra.iter().cloned(), Arc::clone(provider)) {
        return Ok(Arc::new(verifier));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned().chain(extra));
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|error| ProbeError(error.to_string()))
}

/// This machine's clock, since 1970.
pub(super) fn unix_now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl Exchange {
    /// Where a clock stands that showed `then` at some moment of it, with a grain of so much.
    pub fn offset(&self, then_secs: f64, grain_secs: f64) -> ClockOffset {
        let middle = self.asked_unix.as_secs_f64() + self.took.as_secs_f64() / 2.0;
        ClockOffset {
            ahead_secs: then_secs - middle,
            uncertainty_secs: (grain_secs + self.took.as_secs_f64()) / 2.0,
        }
    }
}

fn date_of(response: &Response) -> Option<Duration> {
    let text = response.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    u64::try_from(zoned.timestamp().as_second()).ok().map(Duration::from_secs)
}
