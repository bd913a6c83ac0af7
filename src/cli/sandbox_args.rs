//! The flags of `sandbox`: the words that may stand behind `sandbox:?` in a scenario's base URL, and those of a process.

use std::time::Duration;

use clap::Args;

use crate::model::sandbox_words as words;
use crate::sandbox::{
    DataOptions, POSTGRES_VARIABLE, QueueCache, QueueFaults, QueueOptions, QueueStall, REDIS_VARIABLE,
    ServerUrl, ServiceTimes, SlowStart, Switches,
};

#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Loopback port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Share of requests answered with an error, 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = words::share, allow_negative_numbers = true)]
    pub error_share: f64,
    /// Share by which every answer takes longer, such as 0.1: a change to be found by comparing runs
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = words::share, allow_negative_numbers = true)]
    pub slower: f64,
    /// Seed of delays and errors
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Answer everything at once with the same 13 bytes, on one thread: a target to measure load generators with
    #[arg(long, conflicts_with_all = ["error_share", "slower", "seed", "PlatformArgs", "QueueArgs"])]
    pub null: bool,
    #[command(flatten)]
    pub platform: PlatformArgs,
    #[command(flatten)]
    pub queue: QueueArgs,
    /// End when standard input ends
    #[arg(long, hide = true)]
    pub exit_with_parent: bool,
}

/// What the seven services work on, and which optimisations are on.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Optimisations of the platform, off unless asked for (switched while it runs: /admin)"
)]
pub struct PlatformArgs {
    /// Keep answers that many ask for: on or off
    #[arg(long, value_name = "ON", default_value = "off", default_missing_value = "on", num_args = 0..=1, require_equals = true, value_parser = words::switch)]
    cache_manager: bool,
    /// Ask the database for less, in fewer statements: on or off
    #[arg(long, value_name = "ON", default_value = "off", default_missing_value = "on", num_args = 0..=1, require_equals = true, value_parser = words::switch)]
    query_optimizer: bool,
    /// Send less, and compressed: on or off
    #[arg(long, value_name = "ON", default_value = "off", default_missing_value = "on", num_args = 0..=1, require_equals = true, value_parser = words::switch)]
    payload_optimizer: bool,
    /// How long each statement is on its way to the database and back
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = words::database_round_trip)]
    database_round_trip: Duration,
    /// Let each answer of a service travel to its client at this rate, such as 2MB/s: what smaller answers save
    #[arg(long, value_name = "RATE", value_parser = words::bandwidth)]
    pub link: Option<f64>,
    /// Keep the data in this PostgreSQL, in a schema of its own, such as postgres://user@127.0.0.1/name
    #[arg(long, value_name = "URL", env = POSTGRES_VARIABLE, hide_env_values = true)]
    postgres: Option<String>,
    /// Let the cache manager keep its answers in this Redis, such as redis://127.0.0.1:6379
    #[arg(long, value_name = "URL", env = REDIS_VARIABLE, hide_env_values = true)]
    redis: Option<String>,
}

impl PlatformArgs {
    pub fn switches(&self) -> Switches {
        Switches {
            cache_manager: self.cache_manager,
            query_optimizer: self.query_optimizer,
            payload_optimizer: self.payload_optimizer,
        }
    }

    pub fn data(&self) -> DataOptions {
        DataOptions {
            round_trip: self.database_round_trip,
            postgres_url: self.postgres.clone().map(ServerUrl::new),
            redis_url: self.redis.clone().map(ServerUrl::new),
        }
    }
}

/// How the queue at `/queue` is, and what is wrong with it.
#[derive(Debug, Args)]
#[command(next_help_heading = "The queue at /queue, whose capacity is known (counts: /queue/stats)")]
pub struct QueueArgs {
    /// Requests worked on at once; its ceiling is workers ÷ service time
    #[arg(long, value_name = "N", default_value = "4", value_parser = words::workers)]
    workers: usize,
    /// Mean service time
    #[arg(long, value_name = "TIME", default_value = "20ms", value_parser = words::service_time)]
    service_time: Duration,
    /// How service times are distributed: exponential or constant
    #[arg(long, value_name = "KIND", default_value = words::SERVICE_WORDS[0], value_parser = words::service)]
    service: &'static str,
    /// Share of requests that a cache answers, without a worker
    #[arg(long, value_name = "SHARE", value_parser = words::share, allow_negative_numbers = true)]
    cache: Option<f64>,
    /// How long the cache takes
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = words::cache_latency, requires = "cache")]
    cache_latency: Duration,
    /// Let so many requests in each second, answer others with 429
    #[arg(long, value_name = "N", value_parser = words::limit)]
    limit: Option<u64>,
    /// Let so many requests wait, answer others with 503
    #[arg(long, value_name = "N", value_parser = words::places)]
    queue: Option<usize>,
    /// Stop everything every so often for so long, such as 10s/1s
    #[arg(long, value_name = "EVERY/PAUSE", value_parser = words::stall)]
    stall: Option<(Duration, Duration)>,
    /// Be so many times slower at first, and less and less so for a time, such as 20s/5
    #[arg(long, value_name = "TIME/TIMES", value_parser = words::slow_start)]
    slow_start: Option<(Duration, f64)>,
    /// Take longer each second, by this share of the mean
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = words::growth, allow_negative_numbers = true)]
    leak: f64,
    /// Close the connection with every answer
    #[arg(long)]
    close: bool,
    /// Answer with bodies of this size, such as 200kB
    #[arg(long, value_name = "SIZE", value_parser = words::body)]
    body: Option<usize>,
    /// Send each body at this rate, such as 4MB/s
    #[arg(long, value_name = "RATE", value_parser = words::bandwidth, requires = "body")]
    bandwidth: Option<f64>,
}

impl QueueArgs {
    pub fn options(&self) -> QueueOptions {
        let exponential = self.service == words::SERVICE_WORDS[0];
        QueueOptions {
            n_workers: self.workers,
            service_time: self.service_time,
            service: if exponential { ServiceTimes::Exponential } else { ServiceTimes::Constant },
            cache: self.cache.map(|hit_ratio| QueueCache { hit_ratio, latency: self.cache_latency }),
            faults: QueueFaults {
                limit_per_sec: self.limit,
                max_waiting: self.queue,
                stall: self.stall.map(|(every, pause)| QueueStall { every, pause }),
                slow_start: self.slow_start.map(|(lasts, times)| SlowStart { lasts, times }),
                growth_per_sec: self.leak,
                closes: self.close,
            },
            body_bytes: self.body,
            bytes_per_sec: self.bandwidth,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Command, CommandLine};
    use crate::model::sandbox_words::SANDBOX_WORDS;

    fn sandbox(flags: &str) -> Result<SandboxArgs, clap::Error> {
        let line = ["stagewright", "sandbox"].into_iter().chain(flags.split_whitespace());
        match CommandLine::try_parse_from(line)?.command {
            Some(Command::Sandbox(args)) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_become_options_and_without_flags_the_queue_is_as_usual() {
        assert_eq!(sandbox("").unwrap().queue.options(), QueueOptions::default());
        let args = sandbox(
            "--workers=2 --service-time=5ms --service=constant --cache=0.6 --cache-latency=2ms --limit=150 --queue=200 \
             --stall=10s/1s --slow-start=20s/5 --leak=0.02 --close --body=200kB --bandwidth=4MB/s",
        );
        let secs = Duration::from_secs;
        let expected = QueueOptions {
            n_workers: 2,
            service_time: Duration::from_millis(5),
            service: ServiceTimes::Constant,
            cache: Some(QueueCache { hit_ratio: 0.6, latency: Duration::from_millis(2) }),
            faults: QueueFaults {
                limit_per_sec: Some(150),
                max_waiting: Some(200),
                stall: Some(QueueStall { every: secs(10), pause: secs(1) }),
                slow_start: Some(SlowStart { lasts: secs(20), times: 5.0 }),
                growth_per_sec: 0.02,
                closes: true,
            },
            body_bytes: Some(200_000),
            bytes_per_sec: Some(4e6),
        };
        assert_eq!(args.unwrap().queue.options(), expected);
    }

    #[test]
    fn every_word_of_a_base_url_is_a_flag_that_needs_the_same() {
        for word in &SANDBOX_WORDS {
            let value = match word.name {
                "close" => "",
                "service" => "=constant",
                "service_time" | "cache_latency" | "database_round_trip" => "=5ms",
                "cache_manager" | "query_optimizer" | "payload_optimizer" => "=on",
                "stall" => "=10s/1s",
                "slow_start" => "=20s/5",
                "body" => "=10kB",
                "bandwidth" | "link" => "=1MB/s",
                "workers" | "limit" | "queue" | "seed" => "=3",
                _ => "=0.5",
            };
            let flag = format!("--{}{value}", word.name.replace('_', "-"));
            let alone = sandbox(&flag);
            assert_eq!(alone.is_ok(), word.needs.is_none(), "{flag}: {alone:?}");
            let needed = match word.needs {
                Some("cache") => " --cache=0.5",
                Some("body") => " --body=10kB",
                _ => "",
            };
            assert!(sandbox(&format!("{flag}{needed}")).is_ok(), "{flag}");
        }
    }

    #[test]
    fn switches_are_off_unless_asked_for_and_a_flag_alone_asks() {
        let switches = |flags: &str| sandbox(flags).unwrap().platform.switches();
        assert_eq!(switches(""), Switches::default());
        assert_eq!(switches("--cache-manager=off --payload-optimizer=off"), Switches::default());
        let both = Switches { cache_manager: true, query_optimizer: true, payload_optimizer: false };
        assert_eq!(switches("--cache-manager --query-optimizer=on"), both);
        assert!(sandbox("--cache-manager=perhaps").unwrap_err().to_string().contains("use on or off"));
    }

    #[test]
    fn servers_and_round_trips_are_as_asked_for_and_urls_are_not_shown() {
        let args = sandbox("--database-round-trip=3ms --postgres=postgres://ada:secret@127.0.0.1/x").unwrap();
        let data = args.platform.data();
        assert_eq!(data.round_trip, Duration::from_millis(3));
        assert!(data.postgres_url.is_some() && data.redis_url.is_none());
        assert!(!format!("{data:?}").contains("secret"), "{data:?}");
        assert_eq!(sandbox("").unwrap().platform.data(), DataOptions::default());
    }

    #[test]
    fn the_null_target_has_no_queue() {
        assert!(sandbox("--null").is_ok());
        assert!(sandbox("--null --workers=3").is_err());
        assert!(sandbox("--null --close").is_err());
        assert!(sandbox("--null --cache-manager").is_err());
    }
}
