//! The sandbox's state and what can be changed of it, as `/control` has them; asked for over loopback, blocking, without a
//! runtime.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Switches;
use super::probe::{Asked, ask};

const PATIENCE: Duration = Duration::from_secs(2);

/// How a running sandbox is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SandboxState {
    pub switches: Switches,
    pub error_ratio: f64,
    /// Requests received until now; what asks for counts and control is not among them.
    pub n_received: u64,
    /// The same by method and path.
    pub n_received_by_route: BTreeMap<String, u64>,
    /// Requests being answered now.
    pub n_in_flight: u64,
    /// `sqlite` or `postgresql`.
    pub database: String,
    pub pool: PoolState,
    /// `memory` or `redis`.
    pub cache_store: String,
    pub cache: CacheState,
    /// Statements sent to the database until now.
    pub n_statements: u64,
    /// Those of them that took long.
    pub n_slow: u64,
    /// The slow ones that came last, the newest first.
    pub slow_statements: Vec<SlowStatement>,
    /// Answers that the payload optimizer has shaped.
    pub payload: PayloadState,
}

/// The connections to the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PoolState {
    pub size: u64,
    pub n_in_use: u64,
    pub n_waiting: u64,
    /// How often a connection was taken, and how long that was waited for in all.
    pub n_taken: u64,
    pub wait_seconds: f64,
}

/// What the cache manager counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheState {
    pub n_hits: u64,
    pub n_misses: u64,
    pub n_sets: u64,
    pub n_evictions: u64,
    pub n_invalidations: u64,
    pub n_errors: u64,
    pub n_entries: u64,
}

impl CacheState {
    /// The share of look-ups that found what they looked for; none where nothing was looked up.
    pub fn hit_ratio(&self) -> Option<f64> {
        let n_looked_up = self.n_hits + self.n_misses;
        (n_looked_up > 0).then(|| self.n_hits as f64 / n_looked_up as f64)
    }
}

/// One statement that took long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SlowStatement {
    pub name: String,
    pub text: String,
    pub millis: f64,
    pub n_rows: u64,
    /// Rows read one after the other for want of an index.
    pub n_scanned: u64,
    /// When it was sent, since the sandbox began.
    pub at_millis: u64,
}

/// What the payload optimizer brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PayloadState {
    pub n_answers: u64,
    pub bytes_before: u64,
    pub bytes_after: u64,
}

/// What is to be changed; what is not named stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SandboxChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_ratio: Option<f64>,
    #[serde(skip_serializing_if = "SwitchChange::is_empty")]
    pub switches: SwitchChange,
}

/// Switches to be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwitchChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_manager: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_optimizer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload_optimizer: Option<bool>,
}

impl SwitchChange {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The switches after the change.
    pub fn of(self, before: Switches) -> Switches {
        Switches {
            cache_manager: self.cache_manager.unwrap_or(before.cache_manager),
            query_optimizer: self.query_optimizer.unwrap_or(before.query_optimizer),
            payload_optimizer: self.payload_optimizer.unwrap_or(before.payload_optimizer),
        }
    }
}

impl From<Switches> for SwitchChange {
    fn from(switches: Switches) -> Self {
        Self {
            cache_manager: Some(switches.cache_manager),
            query_optimizer: Some(switches.query_optimizer),
            payload_optimizer: Some(switches.payload_optimizer),
        }
    }
}

/// Asks a running sandbox how it is; blocks for 2 s at most where nobody answers.
pub fn sandbox_state(base_url: &str) -> Result<SandboxState, String> {
    state_of(base_url, ask(base_url, "GET", "/control", "", PATIENCE))
}

/// Changes a running sandbox, and says how it is after that; blocks as [`sandbox_state`].
pub fn change_sandbox(base_url: &str, change: &SandboxChange) -> Result<SandboxState, String> {
    let body = serde_json::to_string(change).map_err(|error| error.to_string())?;
    state_of(base_url, ask(base_url, "POST", "/control", &body, PATIENCE))
}

fn state_of(base_url: &str, asked: Result<Asked, String>) -> Result<SandboxState, String> {
    let asked = asked.map_err(|error| format!("the sandbox does not answer: {error}: {base_url}"))?;
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    if asked.status != 200 {
        let message = read(&asked.body).and_then(|body| body["message"].as_str().map(str::to_owned));
        return Err(
            message.unwrap_or_else(|| format!("the sandbox answers with {}: {base_url}", asked.status))
        );
    }
    serde_json::from_str(&asked.body)
        .map_err(|error| format!("what answers is no sandbox that can be controlled: {error}: {base_url}"))
}

#[cfg(test)]
mod tests {
    use super::super::server::tests::TestServer;
    use super::*;

    #[test]
    fn a_sandbox_says_how_it_is_and_changes_what_is_named() {
        let server = TestServer::start(0.25);
        server.ask("GET", "/nowhere", "");
        let state = sandbox_state(&server.base_url()).unwrap();
        assert_eq!((state.error_ratio, state.n_received, state.switches), (0.25, 1, Switches::default()));
        assert_eq!(state.n_received_by_route["unknown"], 1);
        let switches = SwitchChange { payload_optimizer: Some(true), ..SwitchChange::default() };
        let changed =
            change_sandbox(&server.base_url(), &SandboxChange { switches, ..SandboxChange::default() });
        let expected = Switches { payload_optimizer: true, ..Switches::default() };
        assert_eq!(changed.as_ref().map(|state| (state.error_ratio, state.switches)), Ok((0.25, expected)));
        let error_ratio = SandboxChange { error_ratio: Some(0.0), ..SandboxChange::default() };
        let changed = change_sandbox(&server.base_url(), &error_ratio).unwrap();
        assert_eq!((changed.error_ratio, changed.switches), (0.0, expected));
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        let server = TestServer::start(0.25);
        let impossible = SandboxChange { error_ratio: Some(1.5), ..SandboxChange::default() };
        let error = change_sandbox(&server.base_url(), &impossible).unwrap_err();
        assert!(error.contains("between 0 and 1"), "{error}");
        assert_eq!(sandbox_state(&server.base_url()).unwrap().error_ratio, 0.25);
    }

    #[test]
    fn where_no_sandbox_is_the_address_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = sandbox_state(&base_url).unwrap_err();
        assert!(error.contains(&base_url), "{error}");
        assert!(sandbox_state("https://example.org").unwrap_err().contains("https://example.org"));
    }
}
