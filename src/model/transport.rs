//! How requests travel: what the analyst asks of the transport, and which one that takes.

use super::Scenario;

/// What the analyst asks of the transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransportOptions {
    pub choice: TransportChoice,
    pub http: HttpVersion,
    pub connections: Connections,
    /// Redirects that are followed; 0 takes each answer as it is.
    pub max_redirects: u32,
    /// Whether a virtual user keeps cookies, and sends them.
    pub cookies: bool,
    /// Whether compressed answers are asked for and unpacked.
    pub compression: bool,
    /// URL of a proxy, `http://`, `https://` or `socks5://`.
    pub proxy: Option<String>,
    pub tls: TlsOptions,
}

/// Which transport is to be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransportChoice {
    /// The leanest one that does what is asked.
    #[default]
    Auto,
    Wire,
    Reqwest,
}

/// A transport that the engine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// Our lean HTTP/1.1 client.
    Wire,
    /// The reqwest client, for everything.
    Reqwest,
}

/// The version of HTTP that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    #[default]
    Http1,
    /// Agreed upon in the TLS handshake, or from the first byte for `http://`.
    Http2,
}

/// Which requests share a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connections {
    /// Each virtual user keeps one of its own to each host, as a browser does.
    #[default]
    PerUser,
    /// Virtual users share those that are idle.
    Pooled,
    /// Each request opens and closes its own.
    PerRequest,
}

/// How `https://` connections are secured; paths are those of PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsOptions {
    /// Certificates that are trusted in place of the system's.
    pub ca: Option<String>,
    /// The client's certificate, with its chain.
    pub certificate: Option<String>,
    /// The key to the client's certificate.
    pub key: Option<String>,
    /// Whether the server's certificate is verified.
    pub verify: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self { ca: None, certificate: None, key: None, verify: true }
    }
}

/// The transport of a scenario, and why that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenTransport {
    pub kind: TransportKind,
    /// One plain clause, such as `nothing asks for more than HTTP/1.1`.
    pub reason: String,
}

impl TransportKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Reqwest => "reqwest",
        }
    }
}

impl TransportOptions {
    /// The transport that these options take where `asked` is what only reqwest does.
    // Steps may ask for more than the options do: see `Scenario::chosen_transport`.
    fn chosen(&self, asked: &[&str]) -> ChosenTransport {
        let (kind, mut reason) = match self.choice {
            TransportChoice::Wire => (TransportKind::Wire, "the scenario says so".to_owned()),
            TransportChoice::Reqwest => (TransportKind::Reqwest, "the scenario says so".to_owned()),
            TransportChoice::Auto if asked.is_empty() => {
                (TransportKind::Wire, "nothing asks for more than HTTP/1.1".to_owned())
            }
            TransportChoice::Auto => {
                (TransportKind::Reqwest, format!("the scenario asks for {}", asked.join(", ")))
            }
        };
        if kind == TransportKind::Reqwest && self.connections == Connections::PerUser {
            // One client per user would cost what thousands of users do not have: see the transport.
            reason.push_str("; its users share connections");
        }
        ChosenTransport { kind, reason }
    }

    /// What is asked that only reqwest does.
    fn beyond_wire(&self) -> Vec<&'static str> {
        [
            (self.http == HttpVersion::Http2, "HTTP/2"),
            (self.max_redirects > 0, "redirects"),
            (self.cookies, "cookies"),
            (self.compression, "compression"),
            (self.proxy.is_some(), "a proxy"),
        ]
        .into_iter()
        .filter_map(|(asked, what)| asked.then_some(what))
        .collect()
    }
}

impl Scenario {
    /// The transport of its requests; an override that cannot do what is asked is a validation error.
    pub fn chosen_transport(&self) -> ChosenTransport {
        self.transport.chosen(&self.beyond_wire())
    }

    /// What is asked, by the options or by a step, that only reqwest does.
    pub fn beyond_wire(&self) -> Vec<&'static str> {
        let mut asked = self.transport.beyond_wire();
        let journeys = self.enabled_journeys();
        let mut steps = journeys.flat_map(|(_, journey)| journey.enabled_steps());
        if self.transport.max_redirects == 0
            && steps.any(|step| step.max_redirects.is_some_and(|max| max > 0))
        {
            asked.push("redirects");
        }
        asked
    }
}
