//! Where requests go: the sandbox, started for this run, or a server that must at least take connections.

use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::metrics::RunLabels;
use crate::model::{SandboxUrl, Scenario, Side};
use crate::sandbox::SandboxProcess;

use super::LaunchError;
use super::standing::{SandboxCount, StandingSandbox};

/// For looking the name up, and again for connecting.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the requests of one side go.
pub(super) enum Target {
    /// Started for this run; stops when dropped.
    Sandbox(SandboxProcess),
    /// One that was there before, and stays.
    Standing(StandingSandbox),
    Server {
        base_url: String,
    },
}

/// Where the requests of all sides go.
pub(super) struct Targets {
    pub baseline: Target,
    /// Of an interleaved run only.
    pub candidate: Option<Target>,
}

impl Targets {
    /// Has every target that the scenario asks for ready. Each sandbox is a process of its own, unless one stands that
    /// is what the scenario asks for.
    pub fn ready(scenario: &Scenario, standing: Option<&str>) -> Result<Self, LaunchError> {
        // Sides that are to be told apart must not share what one of them could fill or exhaust.
        let standing = standing.filter(|_| scenario.interleave.is_none());
        let of = |side| Target::ready(scenario.base_url_of(side), standing);
        let baseline = of(Side::Baseline)?;
        let candidate = scenario.interleave.is_some().then(|| of(Side::Candidate)).transpose()?;
        Ok(Self { baseline, candidate })
    }

    /// How to ask the sandboxes for their counts; none where a server is not ours to ask.
    pub fn counts(&self) -> Option<Vec<SandboxCount>> {
        let all = [Some(&self.baseline), self.candidate.as_ref()].into_iter().flatten();
        all.map(Target::count).collect()
    }

    /// What is to be known of a sandbox that stood before, as labels of the run.
    pub fn labels(&self) -> RunLabels {
        match &self.baseline {
            Target::Standing(standing) => standing.labels().clone(),
            Target::Sandbox(_) | Target::Server { .. } => RunLabels::new(),
        }
    }
}

impl Target {
    /// Starts the sandbox if the base URL asks for one that does not stand, else makes sure that somebody listens.
    fn ready(base_url: &str, standing: Option<&str>) -> Result<Self, LaunchError> {
        if let Some(wish) = SandboxUrl::of(base_url) {
            if let Some(standing) = standing.filter(|_| wish.wishes().next().is_none()) {
                let standing = StandingSandbox::at(standing).map_err(LaunchError::Unreachable)?;
                return Ok(Self::Standing(standing));
            }
            return Ok(Self::Sandbox(SandboxProcess::start(wish.wishes())?));
        }
        check_reachable(base_url).map_err(LaunchError::Unreachable)?;
        Ok(Self::Server { base_url: base_url.to_owned() })
    }

    pub fn base_url(&self) -> &str {
        match self {
            Self::Sandbox(process) => process.base_url(),
            Self::Standing(standing) => standing.base_url(),
            Self::Server { base_url } => base_url,
        }
    }

    /// How to ask for the sandbox's count; None for a server that is not ours to ask.
    fn count(&self) -> Option<SandboxCount> {
        match self {
            Self::Sandbox(process) => Some(SandboxCount::from_the_start(process.base_url())),
            Self::Standing(standing) => Some(standing.count()),
            Self::Server { .. } => None,
        }
    }
}

/// Connects once and hangs up; the error says in a sentence what failed and what to try.
fn check_reachable(base_url: &str) -> Result<(), String> {
    let url = reqwest::Url::parse(base_url).map_err(|error| {
        format!("base_url is no address ({error}). Write http:// or https:// and a host: {base_url}")
    })?;
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(format!("base_url names no host. Write http:// or https:// and a host: {base_url}"));
    };
    let addresses = resolve(host, port).map_err(|error| {
        let what = words(&error);
        format!(
            "the name {host} cannot be resolved ({what}). Check its spelling and this machine's network: {base_url}"
        )
    })?;
    connect_to_any(&addresses).map_err(|error| {
        let what = words(&error);
        format!(
            "nothing answers at {host}, port {port} ({what}). Start the target or correct base_url: {base_url}"
        )
    })
}

/// Looks a name up, in a thread because the system's look-up has no timeout.
fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    // URLs write IPv6 addresses in brackets, the look-up wants them bare.
    let host = host.trim_matches(['[', ']']).to_owned();
    let (found, addresses) = mpsc::sync_channel(1);
    std::thread::Builder::new().name("name look-up".to_owned()).spawn(move || {
        // Nobody waits any more when this fails.
        let _ = found.send((host.as_str(), port).to_socket_addrs().map(Vec::from_iter));
    })?;
    addresses.recv_timeout(PATIENCE).map_err(|_| Error::from(ErrorKind::TimedOut))?
}

fn connect_to_any(addresses: &[SocketAddr]) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    let mut failure = Error::new(ErrorKind::NotFound, "the name has no address");
    for (index, address) in addresses.iter().enumerate() {
        // An equal share of what is left, so that a silent first address does not hide a good second one.
        let share = deadline.saturating_duration_since(Instant::now()) / (addresses.len() - index) as u32;
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(_) => return Ok(()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn words(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ErrorKind::TimedOut => "no answer within 3 s".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_listening_server_is_reachable_by_address_and_by_name() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(check_reachable(&format!("http://127.0.0.1:{port}")), Ok(()));
        assert_eq!(check_reachable(&format!("http://localhost:{port}/api/")), Ok(()));
    }

    #[test]
    fn a_refused_connection_says_where_and_what_to_try() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = check_reachable(&format!("http://{address}")).unwrap_err();
        assert!(error.contains(&format!("port {}", address.port())), "{error}");
        assert!(error.contains("connection refused") && error.contains("Start the target"), "{error}");
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_remedy() {
        for base_url in ["localhost", "http://", "mailto:ada@example.org"] {
            let error = check_reachable(base_url).unwrap_err();
            assert!(error.contains("http://") && error.ends_with(base_url), "{error}");
        }
    }

    #[test]
    fn ipv6_addresses_lose_their_brackets() {
        assert_eq!(resolve("[::1]", 80).unwrap(), ["[::1]:80".parse().unwrap()]);
    }
}
