//! Watches a Redis server through INFO, once a second: what its counters grew by, never what they stand at.
//!
//! What the probe itself does is left out of what the load did.

mod connect;
mod info;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use ::redis::{FromRedisValue, cmd};

use self::connect::{Session, Target};
use self::info::{CommandCount, Info};
use super::ProbeError;
use super::growth::{Growth, share};
use super::source::{Begun, Ended, RunStretch, Source};
use crate::metrics::{ClockOffset, CommandUse, RunFigure};
use crate::model::{RedisProbe, SeriesGroup, SeriesUnit};

/// How often the clock is asked; the quickest answer tells best.
const N_CLOCK_READINGS: usize = 3;
/// A rate over less than this would tell of the reading rather than of the load.
const LEAST_STRETCH: Duration = Duration::from_millis(50);
/// How many commands are kept of a run, and of how many of them the percentiles.
const MAX_COMMANDS: usize = 20;
const MAX_LATENCIES: usize = 3;
/// From this version on several sections can be asked for at once.
const SECTIONS_VERSION: u32 = 7;

/// Connections of ours among those that the server counts.
const N_OWN_CLIENTS: f64 = 1.0;

/// Counters in the order in which they are followed.
const HITS: usize = 0;
const MISSES: usize = 1;
const COMMANDS: usize = 2;
const EVICTED: usize = 3;
const EXPIRED: usize = 4;
const REJECTED: usize = 5;
const CPU: usize = 6;

/// A Redis server that is watched.
pub(super) struct RedisSource {
    target: Result<Target, ProbeError>,
    n_bytes: Arc<AtomicU64>,
    session: Option<Session>,
    major_version: u32,
    last_read_at: Option<Instant>,
    /// Commands of ours until now, and all of them until the last reading.
    own: Own,
    n_own_then: u64,
    counters: Growth<7>,
    /// Tells one life of the server from the next.
    run_id: String,
    n_lives: u32,
    commands: Option<Commands>,
}

/// The commands' counters as they were when the server was first reached in its present life.
#[derive(Default)]
struct Commands {
    counts: HashMap<String, CommandCount>,
    /// Ours until then.
    own: Own,
}

/// Commands of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Own {
    n_infos: u64,
    n_times: u64,
}

impl RedisSource {
    /// Reads nothing yet.
    pub(super) fn new(probe: &RedisProbe) -> Self {
        Self {
            target: Target::of(probe),
            n_bytes: Arc::default(),
            session: None,
            major_version: 0,
            last_read_at: None,
            own: Own::default(),
            n_own_then: 0,
            counters: Growth::new(),
            run_id: String::new(),
            n_lives: 0,
            commands: None,
        }
    }

    async fn ask<T: FromRedisValue>(&mut self, command: &str, arguments: &[&str]) -> Result<T, ProbeError> {
        let target = self.target.as_ref().map_err(Clone::clone)?;
        let Some(session) = &mut self.session else {
            return Err(ProbeError(format!("Redis is not connected: {}", target.address())));
        };
        match command {
            "TIME" => self.own.n_times += 1,
            _ => self.own.n_infos += 1,
        }
        let answer = session.ask(cmd(command).arg(arguments)).await;
        answer.map_err(|error| {
            let explained = target.explained(&error);
            if !connect::is_refusal(&error) {
                self.session = None;
            }
            explained
        })
    }

    async fn clock(&mut self) -> Result<Option<ClockOffset>, ProbeError> {
        let mut best: Option<ClockOffset> = None;
        for _ in 0..N_CLOCK_READINGS {
            let (asked_at, started_at) = (SystemTime::now(), Instant::now());
            let (secs, micros): (u64, u32) = self.ask("TIME", &[]).await?;
            let took = started_at.elapsed();
            let Ok(asked_at) = asked_at.duration_since(SystemTime::UNIX_EPOCH) else { return Ok(None) };
            let there = Duration::from_secs(secs) + Duration::from_micros(u64::from(micros));
            let uncertainty_secs = took.as_secs_f64() / 2.0;
            if best.is_none_or(|best| uncertainty_secs < best.uncertainty_secs) {
                let ahead_secs = there.as_secs_f64() - (asked_at + took / 2).as_secs_f64();
                best = Some(ClockOffset { ahead_secs, uncertainty_secs });
            }
        }
        Ok(best)
    }

    /// Everything that it tells; the sections of a second leave out most.
    async fn all(&mut self) -> Result<String, ProbeError> {
        self.ask("INFO", &["all"]).await
    }

    async fn second(&mut self) -> Result<String, ProbeError> {
        let sections: &[&str] = if self.major_version >= SECTIONS_VERSION {
            &["server", "clients", "memory", "stats", "cpu"]
        } else {
            &[]
        };
        self.ask("INFO", sections).await
    }

    /// Moves all counters on and returns the series' values.
    fn step(&mut self, info: &Info<'_>) -> Vec<f64> {
        let now = Instant::now();
        let elapsed = self.last_read_at.replace(now).map(|last| now - last);
        // The question itself is counted by the next.
        let n_before = (self.own.n_infos + self.own.n_times).saturating_sub(1);
        let n_own = n_before.saturating_sub(std::mem::replace(&mut self.n_own_then, n_before)) as f64;
        let run_id = info.text("run_id");
        let is_other_life = self.run_id != run_id;
        if is_other_life {
            run_id.clone_into(&mut self.run_id);
            self.n_lives += 1;
            // A server in a new life has counted nothing before it.
            self.commands = None;
        }
        let counted = |name| info.number(name);
        let grown = self.counters.step(
            [
                counted("keyspace_hits"),
                counted("keyspace_misses"),
                // Ours are none of the load's.
                counted("total_commands_processed"),
                counted("evicted_keys"),
                counted("expired_keys"),
                counted("rejected_connections"),
                counted("used_cpu_sys") + counted("used_cpu_user"),
            ],
            is_other_life,
        );
        let elapsed =
            elapsed.filter(|elapsed| *elapsed >= LEAST_STRETCH).map(|elapsed| elapsed.as_secs_f64());
        let grown = elapsed.and(grown);
        let elapsed = elapsed.unwrap_or(f64::NAN);
        let growth = |index: usize| grown.map_or(f64::NAN, |grown| grown[index]);
        let n_lookups = growth(HITS) + growth(MISSES);
        let commands = growth(COMMANDS) - n_own;
        vec![
            share(growth(HITS), n_lookups),
            n_lookups / elapsed,
            if commands < 0.0 { 0.0 } else { commands / elapsed },
            growth(EVICTED) / elapsed,
            growth(EXPIRED) / elapsed,
            counted("used_memory"),
            share(counted("used_memory"), counted("maxmemory")),
            counted("connected_clients") - N_OWN_CLIENTS,
            counted("blocked_clients"),
            growth(REJECTED) / elapsed,
            growth(CPU) / elapsed,
        ]
    }

    /// What commands took since the server was first reached in its present life, most time first.
    fn commands_used(&self, info: &Info<'_>, own_now: Own) -> Vec<CommandUse> {
        let Some(before) = &self.commands else { return Vec::new() };
        let own = Own {
            n_infos: own_now.n_infos.saturating_sub(before.own.n_infos),
            n_times: own_now.n_times.saturating_sub(before.own.n_times),
        };
        used(&before.counts, &info.commands(), own)
    }

    fn totals(&self, latencies: Vec<RunFigure>) -> Vec<RunFigure> {
        use SeriesUnit::{Number, Ratio};
        let counted = |index| self.counters.total(index);
        let lookups = counted(HITS).zip(counted(MISSES)).map(|(hits, misses)| hits + misses);
        let hit_share = counted(HITS).zip(lookups).map(|(hits, lookups)| share(hits, lookups));
        let figures = [
            ("hit share", hit_share, Ratio, "Lookups that found their key ÷ lookups of the run"),
            ("lookups", lookups, Number, "Keys looked up"),
            ("evicted keys", counted(EVICTED), Number, "Keys removed for want of memory"),
            ("expired keys", counted(EXPIRED), Number, "Keys whose time to live was over"),
            ("rejected connections", counted(REJECTED), Number, "Connections refused for having too many"),
        ];
        let figures = figures.into_iter().map(|(name, value, unit, meaning)| {
            figure(name.to_owned(), value.filter(|value| value.is_finite()), unit, meaning)
        });
        figures.chain(latencies).collect()
    }
}

fn figure(name: String, value: Option<f64>, unit: SeriesUnit, meaning: &str) -> RunFigure {
    RunFigure { name, value, unit, group: SeriesGroup::Cache, meaning: meaning.to_owned() }
}

/// What commands took between two answers without our `own`.
fn used(
    before: &HashMap<String, CommandCount>,
    after: &HashMap<String, CommandCount>,
    own: Own,
) -> Vec<CommandUse> {
    let mut commands: Vec<CommandUse> = after
        .iter()
        .filter_map(|(name, now)| {
            let then = before.get(name).copied().unwrap_or_default();
            // Counters that went backwards began anew: what they show is what they have counted since.
            let then = if then.n_calls > now.n_calls { CommandCount::default() } else { then };
            let n_calls = now.n_calls - then.n_calls;
            let micros = now.micros.saturating_sub(then.micros);
            let n_others = match name.as_str() {
                "info" => n_calls.saturating_sub(own.n_infos),
                "time" => n_calls.saturating_sub(own.n_times),
                _ => n_calls,
            };
            let mean_micros = micros as f64 / n_calls as f64;
            (n_others > 0).then(|| CommandUse {
                name: name.clone(),
                n_calls: n_others,
                total_time: Duration::from_secs_f64(mean_micros * n_others as f64 / 1e6),
                mean_time: Duration::from_secs_f64(mean_micros / 1e6),
            })
        })
        .collect();
    commands.sort_by(|a, b| b.total_time.cmp(&a.total_time).then_with(|| a.name.cmp(&b.name)));
    commands.truncate(MAX_COMMANDS);
    commands
}

impl Source for RedisSource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        self.session = None;
        let target = self.target.as_ref().map_err(Clone::clone)?;
        let session = target.open(Arc::clone(&self.n_bytes)).await?;
        self.session = Some(session);
        let mut notes = Vec::new();
        let clock = match self.clock().await {
            Err(error) if self.session.is_none() => return Err(error),
            Err(error) => {
                notes.push(format!("Its clock cannot be compared: {error}."));
                None
            }
            Ok(clock) => clock,
        };
        // An answer tells of the questions before its own.
        let own = self.own;
        let text = self.all().await?;
        let info = Info::of(&text);
        self.major_version = info.major_version();
        self.step(&info);
        self.last_read_at = None;
        if self.commands.is_none() {
            // Only what was there when the run began counts as before it.
            let counts = if self.n_lives == 1 { info.commands() } else { HashMap::new() };
            self.commands = Some(Commands { counts, own });
        }
        if info.number("maxmemory") == 0.0 {
            notes.push(
                "Redis has no limit on its memory (maxmemory): there is no share of it to show.".to_owned(),
            );
        }
        if info.text("cluster_enabled") == "1" {
            notes.push("Redis is one node of a cluster: the others are not watched.".to_owned());
        }
        Ok(Begun { version: info.version(), clock, notes })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        let text = self.second().await?;
        Ok(self.step(&Info::of(&text)))
    }

    async fn end(&mut self, _: RunStretch) -> Result<Ended, ProbeError> {
        let mut notes = Vec::new();
        let (mut commands, mut latencies) = (Vec::new(), Vec::new());
        // What cannot be had at the end costs the commands, and not what was counted until then.
        let own = self.own;
        match self.all().await {
            _ if self.n_lives == 0 => return Ok(Ended::default()),
            Ok(text) => {
                let info = Info::of(&text);
                self.step(&info);
                commands = self.commands_used(&info, own);
                latencies = commands
                    .iter()
                    .take(MAX_LATENCIES)
                    .flat_map(|command| figures_of(&info, &command.name))
                    .collect();
            }
            Err(error) => {
                notes.push(format!("Commands could not be counted at the end of the run: {error}."))
            }
        }
        if self.n_lives > 1 {
            let text = "Redis was started anew during the run: what it did from the reading before its end on is not in \
                        the totals, and commands are those of its last life.";
            notes.push(text.to_owned());
        } else if self.counters.n_restarts() > 0 {
            let text = "The counters of Redis were reset during the run: what they had counted since the reading \
                        before is not in the totals.";
            notes.push(text.to_owned());
        }
        Ok(Ended { commands, totals: self.totals(latencies), notes, ..Ended::default() })
    }

    fn bytes_read(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }
}

/// A command's percentiles, which the server keeps over its whole life only.
fn figures_of(info: &Info<'_>, command: &str) -> Vec<RunFigure> {
    let meaning = "Time that this share of the command's calls stayed within, since the server began to count and not \
                   of the run alone";
    let latencies = info.latencies(command).into_iter();
    latencies
        .map(|(quantile, time)| {
            figure(format!("{command} {quantile}"), Some(time.as_secs_f64()), SeriesUnit::Seconds, meaning)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Probe;

    fn source() -> RedisSource {
        RedisSource::new(&RedisProbe { url: "redis://127.0.0.1:1".to_owned(), password: String::new() })
    }

    fn answer(run_id: &str, hits: u64, misses: u64) -> String {
        format!(
            "run_id:{run_id}\nkeyspace_hits:{hits}\nkeyspace_misses:{misses}\ntotal_commands_processed:90\n\
             evicted_keys:0\nexpired_keys:2\nrejected_connections:0\nused_cpu_sys:1.5\nused_cpu_user:2.5\n\
             used_memory:1000\nmaxmemory:4000\nconnected_clients:3\nblocked_clients:0\n"
        )
    }

    fn hit_share(source: &RedisSource) -> Option<f64> {
        source.totals(Vec::new()).iter().find(|figure| figure.name == "hit share").unwrap().value
    }

    #[test]
    fn the_hit_share_is_the_runs_and_not_that_of_the_servers_life() {
        let mut source = source();
        source.step(&Info::of(&answer("a", 1_000_000, 0)));
        source.step(&Info::of(&answer("a", 1_000_000, 0)));
        assert_eq!(hit_share(&source), None);
        source.step(&Info::of(&answer("a", 1_000_030, 10)));
        assert_eq!(hit_share(&source), Some(0.75));
    }

    #[test]
    fn a_server_in_a_new_life_gives_a_gap_and_goes_on_counting() {
        let mut source = source();
        source.step(&Info::of(&answer("a", 100, 100)));
        source.step(&Info::of(&answer("a", 110, 100)));
        // More than before, so that only the identity tells.
        let values = source.step(&Info::of(&answer("b", 120, 110)));
        assert!(values[0].is_nan() && values[1].is_nan() && values[5] == 1000.0, "{values:?}");
        assert_eq!((source.n_lives, hit_share(&source)), (2, Some(130.0 / 240.0)));
    }

    #[test]
    fn there_is_a_value_for_each_series() {
        let values = source().step(&Info::of(&answer("a", 1, 1)));
        assert_eq!(values.len(), Probe::Redis(RedisProbe::default()).series().len());
        assert_eq!((values[6], values[7]), (0.25, 2.0));
        let values = source().step(&Info::of(""));
        assert!(values.iter().all(|value| value.is_nan()), "{values:?}");
    }

    #[test]
    fn commands_are_what_they_grew_by_without_our_own() {
        let counts = |counts: &[(&str, u64, u64)]| -> HashMap<String, CommandCount> {
            let count = |&(name, n_calls, micros): &(&str, u64, u64)| {
                (name.to_owned(), CommandCount { n_calls, micros })
            };
            counts.iter().map(count).collect()
        };
        let before = counts(&[("get", 10, 100), ("info", 5, 500), ("del", 9, 90)]);
        let after = counts(&[("get", 30, 160), ("info", 12, 1200), ("set", 2, 100), ("del", 4, 40)]);
        let told = |n_infos| {
            let commands = used(&before, &after, Own { n_infos, n_times: 0 }).into_iter();
            commands
                .map(|command| (command.name, command.n_calls, command.total_time.as_micros()))
                .collect::<Vec<_>>()
        };
        let rows = [("set", 2, 100), ("get", 20, 60), ("del", 4, 40)].map(|(n, c, t)| (n.to_owned(), c, t));
        assert_eq!(told(7), rows);
        assert_eq!(told(5)[0], ("info".to_owned(), 2, 200));
    }
}
