//! Fetches tokens before a run, and renews them in the background while it goes on.
//!
//! No virtual user waits for a token: it sends the one that is there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, Proxy, redirect};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Token;
use super::fetch::{CredentialsPlace, Refusal, fetch};
use crate::engine::control::Shared;
use crate::engine::secrets::Secrets;
use crate::engine::{EngineError, crew, tls};
use crate::model::TransportOptions;

/// How long a token endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A token is renewed this long before it expires, or a quarter of its life if that is less.
const MAX_MARGIN: Duration = Duration::from_secs(60);
/// Tokens that are said to expire at once must not make a load of their own.
const MIN_LIFE: Duration = Duration::from_millis(500);
/// Pauses between attempts double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Asks for the tokens of a run.
pub(in crate::engine) struct TokenDesk {
    runtime: Runtime,
    client: Client,
    dues: Vec<Due>,
    secrets: Secrets,
    n_asked: Arc<AtomicU64>,
}

/// The tokens of a run, which are renewed as long as this lives.
pub(in crate::engine) struct Tokens {
    n_asked: Arc<AtomicU64>,
    _ends_with_it: oneshot::Sender<()>,
}

/// When a token is asked for again.
struct Due {
    token: Arc<Token>,
    place: CredentialsPlace,
    at: Option<Instant>,
    expires_at: Option<Instant>,
    n_failures: u32,
    is_told: bool,
}

impl TokenDesk {
    /// Fetches all tokens; none if there are none. Blocks, but not on a runtime that the caller may be on.
    pub fn open(
        tokens: &[Arc<Token>],
        secrets: &Secrets,
        options: &TransportOptions,
        files_root: Option<&Path>,
    ) -> Result<Option<Self>, EngineError> {
        if tokens.is_empty() {
            return Ok(None);
        }
        let mut desk = Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            client: client(options, files_root)?,
            dues: tokens.iter().map(|token| Due::new(Arc::clone(token))).collect(),
            secrets: secrets.clone(),
            n_asked: Arc::default(),
        };
        std::thread::scope(|scope| {
            let fetching = std::thread::Builder::new().name("tokens".to_owned());
            let fetched = fetching.spawn_scoped(scope, || desk.fetch_all())?.join();
            fetched.unwrap_or_else(|_| Err(EngineError::Transport("the tokens' thread failed".to_owned())))
        })?;
        Ok(Some(desk))
    }

    fn fetch_all(&mut self) -> Result<(), EngineError> {
        self.runtime.block_on(async {
            for due in &mut self.dues {
                due.renew(&self.client, &self.n_asked).await.map_err(|refusal| EngineError::Token {
                    reason: self.secrets.masked(&refusal.reason).into_owned(),
                    url: self.secrets.masked(&due.token.request.url).into_owned(),
                })?;
            }
            Ok(())
        })
    }

    /// Renews the tokens on a thread of its own until what is returned is dropped.
    pub fn stay_open(self, shared: &Arc<Shared>) -> std::io::Result<Tokens> {
        let (ends_with_it, ended) = oneshot::channel();
        let tokens = Tokens { n_asked: Arc::clone(&self.n_asked), _ends_with_it: ends_with_it };
        let of_run = Arc::clone(shared);
        crew::spawn(shared, "tokens", move || {
            let Self { runtime, client, mut dues, secrets, n_asked } = self;
            runtime.block_on(async {
                tokio::select! {
                    // Never sent: ends with an error once nobody needs tokens any more.
                    _ = ended => {}
                    () = renew_for_ever(&client, &mut dues, &n_asked, |words| {
                        of_run.annotate(&secrets.masked(words));
                    }) => {}
                }
            });
        })?;
        Ok(tokens)
    }
}

impl Tokens {
    /// How many requests for tokens there were, in a sentence.
    pub fn told(&self) -> String {
        match self.n_asked.load(Ordering::Relaxed) {
            1 => "One request for a token was sent beside those of the run".to_owned(),
            n => format!("{n} requests for tokens were sent beside those of the run"),
        }
    }
}

async fn renew_for_ever(client: &Client, dues: &mut [Due], n_asked: &AtomicU64, tell: impl Fn(&str)) {
    // Without an end to their lives nothing is ever due again.
    while let Some(next) = dues.iter().filter_map(|due| due.at).min() {
        sleep_until(next).await;
        for due in dues.iter_mut().filter(|due| due.at.is_some_and(|at| at <= Instant::now())) {
            if let Err(refusal) = due.renew(client, n_asked).await {
                due.put_off();
                if due.has_expired() && !due.is_told {
                    due.is_told = true;
                    let url = &due.token.request.url;
                    tell(&format!(
                        "A token has expired and could not be renewed: {}; requests go on with the old one ({url})",
                        refusal.reason
                    ));
                }
            }
        }
    }
}

impl Due {
    fn new(token: Arc<Token>) -> Self {
        let place = CredentialsPlace::Header;
        Self { token, place, at: None, expires_at: None, n_failures: 0, is_told: false }
    }

    /// Fetches the token, and says when that is due again.
    async fn renew(&mut self, client: &Client, n_asked: &AtomicU64) -> Result<(), Refusal> {
        let asked_at = Instant::now();
        n_asked.fetch_add(1, Ordering::Relaxed);
        let mut fetched = fetch(client, &self.token.request, self.place).await;
        if self.place == CredentialsPlace::Header
            && let Err(Refusal { is_of_client: true, .. }) = &fetched
        {
            n_asked.fetch_add(1, Ordering::Relaxed);
            let again = fetch(client, &self.token.request, CredentialsPlace::Body).await;
            // Of two refusals the first says more: every server knows the header.
            if again.is_ok() {
                (self.place, fetched) = (CredentialsPlace::Body, again);
            }
        }
        let fetched = fetched?;
        self.token.store(fetched.token);
        self.expires_at = fetched.valid_for.map(|valid_for| asked_at + valid_for);
        self.at = fetched.valid_for.map(|valid_for| asked_at + renewed_after(valid_for));
        (self.n_failures, self.is_told) = (0, false);
        Ok(())
    }

    fn put_off(&mut self) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.n_failures.min(10)).min(LONGEST_PAUSE);
        self.n_failures += 1;
        self.at = Some(Instant::now() + pause);
    }

    fn has_expired(&self) -> bool {
        self.expires_at.is_some_and(|at| at <= Instant::now())
    }
}

/// How long a token is used before the next is fetched.
fn renewed_after(valid_for: Duration) -> Duration {
    // Longer than any run, and within what clocks can add.
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
    valid_for.saturating_sub((valid_for / 4).min(MAX_MARGIN)).clamp(MIN_LIFE, LONGEST)
}

fn client(options: &TransportOptions, files_root: Option<&Path>) -> Result<Client, EngineError> {
    let tls = tls::client_config(&options.tls, files_root, tls::ALPN_HTTP1)?;
    let mut builder = Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .http1_only()
        // What proves the client is meant for this endpoint only.
        .redirect(redirect::Policy::none())
        .timeout(TIMEOUT);
    if let Some(proxy) = &options.proxy {
        let refused =
            |error: reqwest::Error| EngineError::Proxy { error: error.to_string(), url: proxy.clone() };
        builder = builder.proxy(Proxy::all(proxy).map_err(refused)?);
    }
    builder.build().map_err(|error| EngineError::Transport(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_renewed_before_they_expire() {
        let after = |secs: f64| renewed_after(Duration::from_secs_f64(secs)).as_secs_f64();
        assert_eq!([after(3600.0), after(100.0), after(4.0), after(0.0)], [3540.0, 75.0, 3.0, 0.5]);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_become_rarer() {
        let mut due = Due::new(Arc::new(Token::new(super::super::TokenRequest::default())));
        let mut pause = || {
            due.put_off();
            due.at.unwrap() - Instant::now()
        };
        assert_eq!([pause(), pause(), pause()].map(|pause| pause.as_millis()), [500, 1_000, 2_000]);
        assert_eq!((0..50).map(|_| pause()).last(), Some(LONGEST_PAUSE));
    }
}
