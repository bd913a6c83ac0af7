//! The routes that need data: read what is asked, take it from the cache or have a worker ask the database, and answer.
//!
//! What a request takes in all is drawn as for any other. What its statements usually take is part of that, so that fewer or
//! faster statements make it faster by as much, and nothing else changes.

mod courses;
mod jobs;
mod question;
mod wallets;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use super::answers::{Call, problem};
use super::cache_manager::{CacheManager, CacheStats, RedisOptions, Source};
use super::control::PayloadState;
use super::database::{Costs, Database, DatabaseError, N_ENROLMENTS, N_ENTRIES_PER_WALLET, USUAL_ROUND_TRIP};
use super::payload_optimizer::{Page, PayloadOptions, PayloadSizes, respond};
use super::platform::Platform;
use super::query_optimizer::{QueryOptimizer, Session};
use super::{SandboxError, SandboxOptions, Switches};
pub(super) use question::Kind;
use question::{Question, key_of_enrolments};

/// More than all answers that differ take.
const MAX_CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Longer strings of an answer are cut by the payload optimizer.
const MAX_STRING_CHARS: usize = 160;
/// Items of a page that the payload optimizer makes where none is asked for.
const N_ITEMS: usize = 20;
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// What the usual statements cost; the draws of service times hold that much of them.
const USUAL: Costs = Costs::with_round_trip(USUAL_ROUND_TRIP);

/// The database and what stands before it.
pub(super) struct Data {
    pub optimizer: QueryOptimizer,
    cache: CacheManager<Failure>,
    /// How far away the cache is.
    cache_round_trip: Duration,
    n_enrolments: AtomicU64,
    n_withdrawals: AtomicU64,
    n_wallets_read: AtomicU64,
    payload: PayloadCounts,
}

#[derive(Default)]
struct PayloadCounts {
    n_answers: AtomicU64,
    bytes_before: AtomicU64,
    bytes_after: AtomicU64,
}

/// What a worker could not do.
#[derive(Clone, Debug)]
struct Failure {
    status: StatusCode,
    message: String,
}

/// What the database took for an answer.
#[derive(Clone, Copy, Default)]
struct Charge {
    n_statements: u64,
    took: Duration,
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: error.to_string() }
    }
}

impl Failure {
    fn asked_for() -> Self {
        let message = "this failure is one of the error share asked for".to_owned();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, message }
    }
}

impl Data {
    /// A seeded database, and an empty cache.
    pub async fn open(options: &SandboxOptions) -> Result<Self, SandboxError> {
        let data = &options.data;
        let database = match &data.postgres_url {
            Some(url) => Database::at(&url.0).await,
            // Filling tables takes a moment, and nobody waits for this runtime yet.
            None => Database::in_memory(),
        };
        let database = database.map_err(|error| SandboxError::Data(error.to_string()))?;
        let cache = match &data.redis_url {
            Some(url) => CacheManager::in_redis(&RedisOptions::at(&url.0)).await,
            None => Ok(CacheManager::in_memory(MAX_CACHE_BYTES)),
        };
        let cache = cache.map_err(|error| SandboxError::Data(error.to_string()))?;
        let slowness = 1.0 + options.slower_ratio;
        let opened = Self {
            optimizer: QueryOptimizer::new(database, data.round_trip, slowness),
            cache,
            cache_round_trip: data.round_trip.mul_f64(slowness),
            n_enrolments: AtomicU64::new(N_ENROLMENTS.unsigned_abs()),
            n_withdrawals: AtomicU64::new(N_ENTRIES_PER_WALLET.unsigned_abs()),
            n_wallets_read: AtomicU64::new(0),
            payload: PayloadCounts::default(),
        };
        opened.follow(options.switches).await.map_err(SandboxError::Data)?;
        Ok(opened)
    }

    /// Makes the tables as the switches want them, and forgets what was answered before.
    pub async fn follow(&self, switches: Switches) -> Result<(), String> {
        self.cache.invalidate_pattern("*").await;
        self.optimizer.change_index(switches.query_optimizer).await.map_err(|error| error.to_string())
    }

    pub async fn cache_stats(&self) -> CacheStats {
        self.cache.stats().await
    }

    pub fn payload(&self) -> PayloadState {
        PayloadState {
            n_answers: self.payload.n_answers.load(Relaxed),
            bytes_before: self.payload.bytes_before.load(Relaxed),
            bytes_after: self.payload.bytes_after.load(Relaxed),
        }
    }

    /// Answers a request of a service.
    pub async fn answer(&self, platform: &Platform, service: usize, kind: Kind, call: &Call<'_>) -> Response {
        let switches = platform.switches.now();
        let shape = match self.shape(switches, kind, call) {
            Ok(shape) => shape,
            Err(message) => return problem(StatusCode::BAD_REQUEST, &message),
        };
        let question = match Question::read(kind, call, self) {
            Ok(question) => question,
            Err(message) => return problem(StatusCode::BAD_REQUEST, &message),
        };
        let status = if kind.writes() { StatusCode::CREATED } else { StatusCode::OK };
        let (body, timing) = match self.ask(platform, service, &question, switches).await {
            Ok(answer) => answer,
            Err(failure) => return problem(failure.status, &failure.message),
        };
        let mut response = match shape {
            Some(options) => self.shaped(status, &body, &options, call),
            None => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        };
        if let Ok(timing) = HeaderValue::from_str(&timing) {
            response.headers_mut().insert(SERVER_TIMING, timing);
        }
        response
    }

    /// The answer as JSON, and where its time went.
    async fn ask(
        &self,
        platform: &Platform,
        service: usize,
        question: &Question,
        switches: Switches,
    ) -> Result<(Bytes, String), Failure> {
        let kept = question.kept().filter(|_| switches.cache_manager);
        let Some((key, ttl)) = kept else {
            let (body, charge) = self.load(platform, service, question, switches).await?;
            self.forget(question, switches).await;
            return Ok((body, charge.timing()));
        };
        let begin = Instant::now();
        let charge = OnceLock::new();
        let load = || async {
            let (body, charged) = self.load(platform, service, question, switches).await?;
            // Loads once at most.
            let _ = charge.set(charged);
            Ok(body)
        };
        let fetched = self.cache.get_or_set(&key, ttl, load).await?;
        match fetched.source {
            Source::Load => Ok((fetched.value, charge.get().copied().unwrap_or_default().timing())),
            Source::SharedLoad => Ok((fetched.value, "cache;desc=\"shared\"".to_owned())),
            Source::Store => {
                sleep_until(begin + self.cache_round_trip).await;
                if platform.fails_on_the_way() {
                    return Err(Failure::asked_for());
                }
                Ok((fetched.value, "cache;desc=\"hit\"".to_owned()))
            }
        }
    }

    /// Has a worker of the service find the answer.
    async fn load(
        &self,
        platform: &Platform,
        service: usize,
        question: &Question,
        switches: Switches,
    ) -> Result<(Bytes, Charge), Failure> {
        let shift = platform.begin(service).await;
        if shift.fails {
            sleep(shift.service_time).await;
            return Err(Failure::asked_for());
        }
        let usual = question.usual_database_time().mul_f64(platform.slowness());
        let sent = shift.begun + shift.service_time.saturating_sub(usual);
        sleep_until(sent).await;
        let mut session = self.optimizer.session(sent);
        let value = self.find(&mut session, question, switches).await?;
        let charge = Charge { n_statements: session.n_statements(), took: session.took() };
        // A value's keys are texts, so it can always be written.
        Ok((Bytes::from(serde_json::to_vec(&value).unwrap_or_default()), charge))
    }

    async fn find(
        &self,
        session: &mut Session<'_>,
        question: &Question,
        switches: Switches,
    ) -> Result<Value, Failure> {
        let optimized = switches.query_optimizer;
        match question {
            Question::Courses(pages) if optimized => courses::list_by_join(session, *pages).await,
            Question::Courses(pages) => courses::list_one_by_one(session, *pages).await,
            Question::Course(id) => courses::one(session, *id).await,
            Question::Enrol(wanted) => courses::enrol(session, wanted).await,
            Question::Enrolments => courses::latest_enrolments(session).await,
            Question::Wallet(user) => wallets::one(session, *user).await,
            Question::Withdraw(wanted) if optimized => wallets::withdraw_at_once(session, wanted).await,
            Question::Withdraw(wanted) => wallets::withdraw_step_by_step(session, wanted).await,
            Question::Jobs(search) if optimized => jobs::page(session, search).await,
            Question::Jobs(search) => jobs::everything(session, search).await,
        }
    }

    /// What was changed is not to be answered from the cache.
    async fn forget(&self, question: &Question, switches: Switches) {
        if !switches.cache_manager {
            return;
        }
        match question {
            Question::Enrol(_) => self.cache.remove(&key_of_enrolments()).await,
            Question::Withdraw(wanted) => {
                self.cache.remove(&super::cache_manager::keys::wallet(wanted.user)).await
            }
            _ => {}
        }
    }

    /// What the payload optimizer is to do with the answer; None where it is off.
    fn shape(
        &self,
        switches: Switches,
        kind: Kind,
        call: &Call<'_>,
    ) -> Result<Option<PayloadOptions>, String> {
        if !switches.payload_optimizer || kind.writes() {
            return Ok(None);
        }
        let mut options = PayloadOptions::thrifty(MAX_STRING_CHARS).asked_by(call.uri.query())?;
        if kind.lists() {
            options.list_field = Some("items");
            options.page = Some(options.page.map_or_else(|| Page::new(1, N_ITEMS), Ok)?);
        } else {
            options.page = None;
        }
        Ok(Some(options))
    }

    fn shaped(&self, status: StatusCode, body: &[u8], options: &PayloadOptions, call: &Call<'_>) -> Response {
        // It was written here, or kept as it was written here.
        let value = serde_json::from_slice(body).unwrap_or_default();
        let response = respond(status, value, options, &call.headers);
        if let Some(sizes) = response.extensions().get::<PayloadSizes>() {
            self.payload.n_answers.fetch_add(1, Relaxed);
            self.payload.bytes_before.fetch_add(sizes.n_bytes_before as u64, Relaxed);
            self.payload.bytes_after.fetch_add(sizes.n_bytes_sent as u64, Relaxed);
        }
        response
    }
}

impl Charge {
    /// As in the header `Server-Timing`.
    fn timing(self) -> String {
        let plural = if self.n_statements == 1 { "" } else { "s" };
        let millis = self.took.as_secs_f64() * 1e3;
        format!("db;dur={millis:.2};desc=\"{} statement{plural}\"", self.n_statements)
    }
}

#[cfg(test)]
mod tests;
