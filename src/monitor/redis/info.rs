//! Reads what a Redis server answers to INFO: pure functions on its text.

use std::collections::HashMap;
use std::time::Duration;

/// The fields of an answer, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Info<'t> {
    fields: HashMap<&'t str, &'t str>,
}

/// What one command came to since the server began to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CommandCount {
    pub n_calls: u64,
    pub micros: u64,
}

impl<'t> Info<'t> {
    /// Lines without a name are no fields; a name that comes twice counts as it comes last.
    pub(super) fn of(text: &'t str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        Self { fields: lines.filter_map(|line| line.split_once(':')).collect() }
    }

    pub(super) fn text(&self, name: &str) -> &'t str {
        self.fields.get(name).copied().unwrap_or_default()
    }

    /// NaN where there is no such number.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(f64::NAN)
    }

    /// What answers, such as `Redis 7.0.15`.
    // Valkey says that it is Redis 7.2.4 too, for its clients' sake.
    pub(super) fn version(&self) -> String {
        match (self.text("valkey_version"), self.text("redis_version")) {
            ("", "") => String::new(),
            ("", version) => format!("Redis {version}"),
            (version, _) => format!("Valkey {version}"),
        }
    }

    /// The first number of its version; 0 where it does not say.
    pub(super) fn major_version(&self) -> u32 {
        self.text("redis_version").split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
    }

    /// Commands by name, such as `get` and `config|get`.
    pub(super) fn commands(&self) -> HashMap<String, CommandCount> {
        let counted = self.fields.iter().filter_map(|(name, values)| {
            let name = name.strip_prefix("cmdstat_")?;
            let micros = value_of(values, "usec")?;
            Some((name.to_lowercase(), CommandCount { n_calls: value_of(values, "calls")?, micros }))
        });
        counted.collect()
    }

    /// What a share of a command's calls stayed below, such as `("p99", …)`, since the server began to count.
    pub(super) fn latencies(&self, command: &str) -> Vec<(String, Duration)> {
        let values = self.text(&format!("latency_percentiles_usec_{command}"));
        let latency = |pair: &str| {
            let (name, micros) = pair.split_once('=')?;
            let time = Duration::try_from_secs_f64(micros.parse::<f64>().ok()? / 1e6).ok()?;
            Some((name.to_owned(), time))
        };
        values.split(',').filter_map(latency).collect()
    }
}

fn value_of(values: &str, name: &str) -> Option<u64> {
    let pairs = values.split(',').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "# Server\r\nredis_version:7.0.15\r\nrun_id:9f\r\nexecutable:/usr/bin/a:b\r\n\r\n# Stats\r\n\
        keyspace_hits:30\r\nused_cpu_sys:1.250000\r\nmalformed\r\n# Commandstats\r\n\
        cmdstat_get:calls=21,usec=175,usec_per_call=8.33,rejected_calls=0,failed_calls=0\r\n\
        cmdstat_config|get:calls=1,usec=30,usec_per_call=30.00,rejected_calls=0,failed_calls=0\r\n\
        cmdstat_bad:calls=x,usec=1\r\n# Latencystats\r\n\
        latency_percentiles_usec_get:p50=1.003,p99=4.015,p99.9=nan?\r\n";

    #[test]
    fn fields_are_found_by_name_and_what_is_not_there_is_no_zero() {
        let info = Info::of(ANSWER);
        assert_eq!((info.number("keyspace_hits"), info.number("used_cpu_sys")), (30.0, 1.25));
        assert_eq!((info.text("run_id"), info.text("executable")), ("9f", "/usr/bin/a:b"));
        assert!(info.number("keyspace_misses").is_nan() && info.number("run_id").is_nan());
        assert_eq!((info.version().as_str(), info.major_version()), ("Redis 7.0.15", 7));
    }

    #[test]
    fn commands_and_their_percentiles_are_read_and_damaged_ones_left_out() {
        let info = Info::of(ANSWER);
        let commands = info.commands();
        assert_eq!(commands.len(), 2);
        assert_eq!(commands["get"], CommandCount { n_calls: 21, micros: 175 });
        assert_eq!(commands["config|get"].n_calls, 1);
        let expected =
            [("p50", 1003), ("p99", 4015)].map(|(n, nanos)| (n.to_owned(), Duration::from_nanos(nanos)));
        assert_eq!(info.latencies("get"), expected);
        assert_eq!(info.latencies("set"), []);
    }

    #[test]
    fn valkey_is_called_by_its_name_and_nothing_by_none() {
        let info = Info::of("redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.0.1\n");
        assert_eq!((info.version().as_str(), info.major_version()), ("Valkey 8.0.1", 7));
        assert_eq!((Info::of("").version().as_str(), Info::of("").major_version()), ("", 0));
    }
}
