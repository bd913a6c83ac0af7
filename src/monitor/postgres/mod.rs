//! Watches a PostgreSQL server: one session that asks one question a second, and counts statements before and after.
//!
//! What the session itself does is left out of what the load did.

mod connect;
mod queries;
mod statements;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio_postgres::SimpleQueryRow;

use self::connect::{Session, Target};
use self::queries::{Abilities, number, text};
use self::statements::{Snapshot, StatementsUsed};
use super::ProbeError;
use super::growth::{Growth, share};
use super::source::{Begun, Ended, RunStretch, Source};
use crate::metrics::{ClockOffset, RunFigure};
use crate::model::{PostgresProbe, SeriesGroup, SeriesUnit};

/// How often the clock is asked; the quickest answer tells best.
const N_CLOCK_READINGS: usize = 3;
/// A rate over less than this would tell of the reading rather than of the load.
const LEAST_STRETCH: Duration = Duration::from_millis(50);

/// Counters in the order in which they are followed.
const COMMITS: usize = 0;
const ROLLBACKS: usize = 1;
const DEADLOCKS: usize = 2;
const HITS: usize = 3;
const READS: usize = 4;
const TEMPORARY: usize = 5;
const ACTIVE_MILLIS: usize = 6;
/// Apart from the others, which are reset by another command.
const CALLS: usize = 0;
const STATEMENT_MILLIS: usize = 1;

/// A PostgreSQL server that is watched.
pub(super) struct PostgresSource {
    target: Result<Target, ProbeError>,
    pool_size: Option<u32>,
    slow: Duration,
    n_bytes: Arc<AtomicU64>,
    session: Option<Session>,
    abilities: Abilities,
    /// Identities of our own statements.
    own: Vec<String>,
    last_read_at: Option<Instant>,
    /// Questions asked until the last reading; each is a transaction of ours.
    n_asked: u64,
    n_own_commits: f64,
    counters: Growth<7>,
    calls: Growth<2>,
    since: String,
    before: Option<Before>,
    n_restarts: u32,
}

/// The statements as they were when the server was first reached.
struct Before {
    at: SystemTime,
    snapshot: Result<Snapshot, String>,
}

impl PostgresSource {
    /// Reads nothing yet; relative paths in the URL start at `files_root`.
    pub(super) fn new(probe: &PostgresProbe, files_root: Option<&Path>) -> Self {
        Self {
            target: Target::of(probe, files_root),
            pool_size: probe.pool_size.filter(|size| *size > 0),
            slow: probe.slow_statement.unwrap_or(PostgresProbe::DEFAULT_SLOW_STATEMENT),
            n_bytes: Arc::default(),
            session: None,
            abilities: Abilities::default(),
            own: Vec::new(),
            last_read_at: None,
            n_asked: 0,
            n_own_commits: 0.0,
            counters: Growth::new(),
            calls: Growth::new(),
            since: String::new(),
            before: None,
            n_restarts: 0,
        }
    }

    fn target(&self) -> Result<&Target, ProbeError> {
        self.target.as_ref().map_err(Clone::clone)
    }

    /// Asks over the session; one that failed is over.
    async fn ask(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>, ProbeError> {
        let target = self.target.as_ref().map_err(Clone::clone)?;
        let Some(session) = &mut self.session else {
            return Err(ProbeError(format!("PostgreSQL is not connected: {}", target.address())));
        };
        let answer = session.ask(sql).await;
        answer.map_err(|error| {
            let explained = target.explained(&error);
            // What the server itself refused leaves the session as it was, unless it also ended it.
            if error.as_db_error().is_none_or(|error| error.severity() != "ERROR") {
                self.session = None;
            }
            explained
        })
    }

    async fn ask_one(&mut self, sql: &str) -> Result<SimpleQueryRow, ProbeError> {
        let row = self.ask(sql).await?.into_iter().next();
        match row {
            Some(row) => Ok(row),
            None => {
                let text = "PostgreSQL gave no answer to what each version of it answers";
                Err(ProbeError(format!("{text}: {}", self.target()?.address())))
            }
        }
    }

    async fn clock(&mut self) -> Result<Option<ClockOffset>, ProbeError> {
        let mut best: Option<ClockOffset> = None;
        for _ in 0..N_CLOCK_READINGS {
            let (asked_at, started_at) = (SystemTime::now(), Instant::now());
            let row = self.ask_one(&queries::clock()).await?;
            let took = started_at.elapsed();
            let Ok(asked_at) = asked_at.duration_since(SystemTime::UNIX_EPOCH) else { return Ok(None) };
            let here = (asked_at + took / 2).as_secs_f64();
            let uncertainty_secs = took.as_secs_f64() / 2.0;
            let ahead_secs = number(&row, "now") - here;
            let is_better = best.is_none_or(|best| uncertainty_secs < best.uncertainty_secs);
            if ahead_secs.is_finite() && is_better {
                best = Some(ClockOffset { ahead_secs, uncertainty_secs });
            }
        }
        Ok(best)
    }

    /// Takes the statements' counters as they are; none where they cannot be read, with a note that says why.
    async fn snapshot(&mut self) -> Result<Result<Snapshot, String>, ProbeError> {
        let Some(extension) = self.abilities.statements.clone() else {
            let text = "Statements cannot be told apart: pg_stat_statements is not installed in this database; set \
                        shared_preload_libraries = 'pg_stat_statements', start the server anew, and run CREATE \
                        EXTENSION pg_stat_statements in it.";
            return Ok(Err(text.to_owned()));
        };
        let info =
            if extension.has_info() { self.ask(&queries::info(&extension)).await } else { Ok(Vec::new()) };
        let taken = match info {
            Ok(info) => self
                .ask(&queries::snapshot(&self.abilities, &extension))
                .await
                .map(|rows| Snapshot::of(&rows, info.first())),
            Err(error) => Err(error),
        };
        match taken {
            Ok(snapshot) => Ok(Ok(snapshot)),
            Err(error) if self.session.is_none() => Err(error),
            // Installed in the database, but not loaded by the server, or not to be read by this user.
            Err(error) => {
                self.abilities.statements = None;
                Ok(Err(format!("Statements cannot be told apart: {error}.")))
            }
        }
    }

    /// What this user, this server and this monitor's settings leave out.
    fn notes(&self) -> Vec<String> {
        let abilities = &self.abilities;
        let mut notes = Vec::new();
        let mut note = |is_so: bool, text: &str| {
            if is_so {
                notes.push(text.to_owned());
            }
        };
        note(
            !abilities.reads_all_stats,
            "The monitor's user may not see what others' sessions and statements do: GRANT pg_monitor TO it.",
        );
        note(
            abilities.version_number < queries::VERSION_14,
            "Active time is told by PostgreSQL 14 and later.",
        );
        note(!abilities.tracks_activities, "Sessions cannot be told apart: switch track_activities on.");
        note(!abilities.tracks_counts, "Transactions and blocks are not counted: switch track_counts on.");
        notes
    }

    /// Takes one reading and moves all counters on.
    async fn step(&mut self) -> Result<Vec<f64>, ProbeError> {
        let row = self.ask_one(&queries::reading(&self.abilities, &self.own)).await?;
        let now = Instant::now();
        let elapsed = self.last_read_at.replace(now).map(|last| now - last);
        let n_asked = self.session.as_ref().map_or(0, Session::n_asked);
        // The reading's own transaction is counted by the next.
        let n_before = n_asked.saturating_sub(1);
        let n_own = n_before.saturating_sub(self.n_asked) as f64;
        self.n_asked = n_before;

        let counted = |column| number(&row, column);
        let since = text(&row, "stats_reset");
        let is_reset = !self.since.is_empty() && since != self.since;
        self.since = since.to_owned();
        let grown = self.counters.step(
            [
                counted("xact_commit"),
                counted("xact_rollback"),
                counted("deadlocks"),
                counted("blks_hit"),
                counted("blks_read"),
                counted("temp_bytes"),
                counted("active_millis"),
            ],
            is_reset,
        );
        if grown.is_some() {
            self.n_own_commits += n_own;
        }
        let called = self.calls.step([counted("calls"), counted("statements_millis")], false);

        let elapsed =
            elapsed.filter(|elapsed| *elapsed >= LEAST_STRETCH).map(|elapsed| elapsed.as_secs_f64());
        let grown = elapsed.and(grown);
        let called = elapsed.and(called);
        let elapsed = elapsed.unwrap_or(f64::NAN);
        let growth = |index: usize| grown.map_or(f64::NAN, |grown| grown[index]);
        let (calls, millis) = called.map_or((f64::NAN, f64::NAN), |c| (c[CALLS], c[STATEMENT_MILLIS]));
        // Others' sessions that do not show what they do would pass for idle ones.
        let is_seen = counted("hidden") == 0.0 && self.abilities.tracks_activities;
        let seen = |column| if is_seen { counted(column) } else { f64::NAN };
        let pool = self.pool_size.map_or(f64::NAN, |size| seen("held") / f64::from(size));
        let commits = growth(COMMITS) - n_own;
        Ok(vec![
            counted("clients") / self.abilities.max_clients,
            counted("clients"),
            seen("active"),
            seen("waiting"),
            seen("waiting_for_locks"),
            seen("idle_in_transaction"),
            pool,
            // Before version 15 a transaction of ours may be told late. NaN has to stay what it is.
            if commits < 0.0 { 0.0 } else { commits / elapsed },
            growth(ROLLBACKS) / elapsed,
            growth(DEADLOCKS) / elapsed,
            share(growth(HITS), growth(HITS) + growth(READS)),
            growth(TEMPORARY) / elapsed,
            growth(ACTIVE_MILLIS) / 1e3 / elapsed,
            calls / elapsed,
            share(millis / 1e3, calls),
        ])
    }

    /// Figures over the run, from the counters and from what statements took.
    fn totals(&self, used: Option<&StatementsUsed>, stretch: RunStretch) -> Vec<RunFigure> {
        use SeriesUnit::{Bytes, Number, Ratio};
        let counted = |index| self.counters.total(index);
        let lookups = counted(HITS).zip(counted(READS)).map(|(hits, reads)| share(hits, hits + reads));
        let n_transactions = counted(COMMITS)
            .zip(counted(ROLLBACKS))
            .map(|(commits, rollbacks)| (commits - self.n_own_commits).max(0.0) + rollbacks);
        let length = stretch.length.as_secs_f64();
        let active = used.map(|used| share(used.total_time.as_secs_f64(), length));
        [
            ("block hit share", lookups, Ratio, "Blocks found in the server's own memory ÷ blocks asked for; others may still come from the system's cache"),
            ("transactions", n_transactions, Number, "Transactions committed or rolled back in this database"),
            ("rollbacks", counted(ROLLBACKS), Number, "Transactions rolled back in this database"),
            ("deadlocks", counted(DEADLOCKS), Number, "Deadlocks that the server broke"),
            ("temporary files", counted(TEMPORARY), Bytes, "Written to temporary files, for want of working memory"),
            ("statements", used.map(|used| used.n_calls as f64), Number, "Statements executed in this database"),
            ("average active statements", active, Number, "All statements' time ÷ the run's length"),
            ("slow statements", used.map(|used| used.n_slow as f64), Number, "Different statements whose mean time lay at or above that from which on the monitor calls them slow"),
        ]
        .into_iter()
        .map(|(name, value, unit, meaning)| RunFigure {
            name: name.to_owned(),
            value: value.filter(|value| value.is_finite()),
            unit,
            group: SeriesGroup::Database,
            meaning: meaning.to_owned(),
        })
        .collect()
    }
}

impl Source for PostgresSource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        self.session = None;
        self.n_asked = 0;
        let session = self.target()?.open(Arc::clone(&self.n_bytes)).await?;
        self.session = Some(session);
        self.ask(&queries::session()).await?;
        let started_before = std::mem::take(&mut self.abilities.started_at);
        self.abilities = Abilities::of(&self.ask_one(&queries::abilities()).await?);
        if self.abilities.version_number < queries::OLDEST_VERSION {
            let text = format!(
                "PostgreSQL {} is too old; from version 10 on it tells what is needed: {}",
                self.abilities.version,
                self.target()?.address()
            );
            return Err(ProbeError(text));
        }
        if !started_before.is_empty() && started_before != self.abilities.started_at {
            self.n_restarts += 1;
        }
        let clock = self.clock().await?;
        // Once for the server to know this statement as one of ours, and once more to have it tell of it.
        let statements = self.abilities.statements.clone();
        let reading = queries::reading(&self.abilities, &[]);
        if let Err(error) = self.ask_one(&reading).await
            && (self.session.is_none() || statements.is_none())
        {
            return Err(error);
        }
        let at = SystemTime::now();
        let snapshot = self.snapshot().await?;
        self.own = snapshot.as_ref().map_or_else(|_| Vec::new(), Snapshot::own);
        let mut notes = self.notes();
        notes.extend(snapshot.as_ref().err().cloned());
        if self.before.is_none() {
            self.before = Some(Before { at, snapshot });
        }
        self.ask_one(&queries::reading(&self.abilities, &self.own)).await?;
        self.step().await?;
        self.last_read_at = None;
        Ok(Begun { version: format!("PostgreSQL {}", self.abilities.version), clock, notes })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        self.step().await
    }

    async fn end(&mut self, stretch: RunStretch) -> Result<Ended, ProbeError> {
        let mut notes = Vec::new();
        if self.n_restarts > 0 {
            notes.push("PostgreSQL was started anew during the run.".to_owned());
        }
        if self.counters.n_restarts() > 0 {
            let text = "The server's counters began anew during the run: what they had counted since the reading \
                        before is not in its totals.";
            notes.push(text.to_owned());
        }
        let Some(before) = self.before.take() else { return Ok(Ended { notes, ..Ended::default() }) };
        let mut used = None;
        // What cannot be had at the end costs the statements, and not what was counted until then.
        if let Ok(earlier) = &before.snapshot {
            let later = match self.step().await {
                Ok(_) => self.snapshot().await.map_err(|error| error.0).and_then(|snapshot| snapshot),
                Err(error) => Err(error.0),
            };
            match later {
                Ok(later) => match later.since(earlier, self.slow) {
                    Ok(taken) => used = Some(taken),
                    Err(why) => notes.push(why.to_owned()),
                },
                Err(why) => {
                    notes.push(format!("Statements could not be counted at the end of the run: {why}."))
                }
            }
        } else if self.session.is_some() {
            // A reading that fails here leaves the totals at the one before.
            let _ = self.step().await;
        }
        notes.extend(late_note(before.at, stretch, used.is_some()));
        let totals = self.totals(used.as_ref(), stretch);
        let statements = used.map(|used| used.statements).unwrap_or_default();
        Ok(Ended { statements, totals, notes, ..Ended::default() })
    }

    fn bytes_read(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }
}

/// Says so where the statements' counters were first taken when the run was under way.
fn late_note(at: SystemTime, stretch: RunStretch, is_counted: bool) -> Option<String> {
    let at = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let late = at.checked_sub(stretch.started_at_unix)?.as_secs();
    (is_counted && late > 0).then(|| {
        format!(
            "The server was first reached in second {late} of the run: statements are counted from then on."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_reached_late_is_said_to_have_been() {
        let unix = |secs: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(secs);
        let stretch =
            RunStretch { started_at_unix: Duration::from_secs(1000), length: Duration::from_secs(60) };
        assert_eq!(late_note(unix(998), stretch, true), None);
        assert!(late_note(unix(1012), stretch, true).unwrap().contains("second 12 "));
        assert_eq!(late_note(unix(1012), stretch, false), None);
    }

    #[test]
    fn a_source_has_a_value_for_each_series_even_where_it_cannot_be_reached() {
        let probe = PostgresProbe { url: "not an address".to_owned(), ..PostgresProbe::default() };
        let mut source = PostgresSource::new(&probe, None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(source.begin()).unwrap_err().0;
        assert!(error.contains("postgres://user@host:5432/database"), "{error}");
        let stretch = RunStretch { started_at_unix: Duration::ZERO, length: Duration::from_secs(1) };
        assert_eq!(runtime.block_on(source.end(stretch)), Ok(Ended::default()));
    }
}
