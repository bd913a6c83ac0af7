//! What can be asked of the sandbox, and how each value is written: behind `sandbox:?`, and as flags of its command.

use std::time::Duration;

use super::parse_duration;

/// One thing that can be asked of the sandbox.
pub struct SandboxWord {
    /// As behind `sandbox:?`; the flag has dashes where this has underscores.
    pub name: &'static str,
    /// The word without which this one would change nothing.
    pub needs: Option<&'static str>,
    /// Says why a text cannot be its value.
    pub(super) check: fn(&str) -> Result<(), String>,
}

/// All that can be asked.
pub const SANDBOX_WORDS: [SandboxWord; 21] = [
    word("slower", |text| share(text).map(drop)),
    word("error_share", |text| share(text).map(drop)),
    word("seed", |text| seed(text).map(drop)),
    word("workers", |text| workers(text).map(drop)),
    word("service_time", |text| service_time(text).map(drop)),
    word("service", |text| service(text).map(drop)),
    word("cache", |text| share(text).map(drop)),
    SandboxWord { needs: Some("cache"), ..word("cache_latency", |text| cache_latency(text).map(drop)) },
    word("limit", |text| limit(text).map(drop)),
    word("queue", |text| places(text).map(drop)),
    word("stall", |text| stall(text).map(drop)),
    word("slow_start", |text| slow_start(text).map(drop)),
    word("leak", |text| growth(text).map(drop)),
    word("close", alone),
    word("body", |text| body(text).map(drop)),
    SandboxWord { needs: Some("body"), ..word("bandwidth", |text| bandwidth(text).map(drop)) },
    word("cache_manager", |text| switch(text).map(drop)),
    word("query_optimizer", |text| switch(text).map(drop)),
    word("payload_optimizer", |text| switch(text).map(drop)),
    word("database_round_trip", |text| database_round_trip(text).map(drop)),
    word("link", |text| bandwidth(text).map(drop)),
];

const fn word(name: &'static str, check: fn(&str) -> Result<(), String>) -> SandboxWord {
    SandboxWord { name, needs: None, check }
}

/// How the service times of the queue are distributed; the first is the usual one.
pub const SERVICE_WORDS: [&str; 2] = ["exponential", "constant"];

const MAX_WORKERS: u64 = 1_000;
const MAX_COUNT: u64 = 1_000_000;
const MAX_TIME: Duration = Duration::from_secs(60);
const MAX_ROUND_TRIP: Duration = Duration::from_secs(1);
const MAX_PERIOD: Duration = Duration::from_secs(24 * 3_600);
const MAX_TIMES: f64 = 1_000.0;
const MAX_GROWTH: f64 = 10.0;
const MAX_BODY_BYTES: f64 = 10e6;
const MIN_BYTES_PER_SEC: f64 = 1e3;
const MAX_BYTES_PER_SEC: f64 = 10e9;

/// A share, such as `0.1`.
pub fn share(text: &str) -> Result<f64, String> {
    number_within(text, 0.0, 1.0).ok_or_else(|| "use a number from 0 to 1, such as 0.1".to_owned())
}

/// The number that all draws follow from.
pub fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "use a whole number, such as 7".to_owned())
}

/// Whether an optimisation of the platform is on; alone, the word says that it is.
pub fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" | "" => Ok(true),
        "off" => Ok(false),
        _ => Err("use on or off".to_owned()),
    }
}

/// How long a statement is on its way to the database and back, such as `1ms`.
pub fn database_round_trip(text: &str) -> Result<Duration, String> {
    time_within(text, MAX_ROUND_TRIP).map_err(|_| "use a time from 0ms to 1s, such as 1ms".to_owned())
}

/// How many requests are worked on at once, such as `4`.
pub fn workers(text: &str) -> Result<usize, String> {
    count_within(text, 1, MAX_WORKERS)
        .map(|count| count as usize)
        .ok_or_else(|| format!("use a whole number from 1 to {MAX_WORKERS}, such as 4"))
}

/// How long a worker takes on average, such as `20ms`.
pub fn service_time(text: &str) -> Result<Duration, String> {
    let mean = time_within(text, MAX_TIME)?;
    (!mean.is_zero()).then_some(mean).ok_or_else(|| "use a time above zero, such as 20ms".to_owned())
}

/// One of [`SERVICE_WORDS`].
pub fn service(text: &str) -> Result<&'static str, String> {
    let known = SERVICE_WORDS.into_iter().find(|known| *known == text);
    known.ok_or_else(|| format!("use {}", SERVICE_WORDS.join(" or ")))
}

/// How long the cache takes, such as `1ms`.
pub fn cache_latency(text: &str) -> Result<Duration, String> {
    time_within(text, MAX_TIME)
}

/// How many requests a second are let in, such as `150`.
pub fn limit(text: &str) -> Result<u64, String> {
    count_within(text, 1, MAX_COUNT).ok_or_else(|| {
        format!("use a whole number of requests per second from 1 to {MAX_COUNT}, such as 150")
    })
}

/// How many requests may wait, such as `200`.
pub fn places(text: &str) -> Result<usize, String> {
    count_within(text, 0, MAX_COUNT)
        .map(|count| count as usize)
        .ok_or_else(|| format!("use a whole number of requests from 0 to {MAX_COUNT}, such as 200"))
}

/// How often everything stops, and for how long: `10s/1s`.
pub fn stall(text: &str) -> Result<(Duration, Duration), String> {
    let (every, pause) =
        text.split_once('/').ok_or("write how often and for how long everything stops, such as 10s/1s")?;
    let (every, pause) = (time_within(every, MAX_PERIOD)?, time_within(pause, MAX_PERIOD)?);
    if pause.is_zero() || pause >= every {
        return Err("use a pause above zero and shorter than its period, such as 10s/1s".to_owned());
    }
    Ok((every, pause))
}

/// How long the beginning is slow, and how many times slower its first moment: `20s/5`.
pub fn slow_start(text: &str) -> Result<(Duration, f64), String> {
    let (lasts, times) =
        text.split_once('/').ok_or("write for how long and how many times slower, such as 20s/5")?;
    let lasts = time_within(lasts, MAX_PERIOD)?;
    let times = number_within(times, 1.0, MAX_TIMES)
        .ok_or_else(|| format!("use a number from 1 to {MAX_TIMES} behind the slash, such as 20s/5"))?;
    (!lasts.is_zero())
        .then_some((lasts, times))
        .ok_or_else(|| "use a time above zero before the slash, such as 20s/5".to_owned())
}

/// The share of the mean by which service times grow each second, such as `0.02`.
pub fn growth(text: &str) -> Result<f64, String> {
    number_within(text, 0.0, MAX_GROWTH).ok_or_else(|| {
        format!("use a number from 0 to {MAX_GROWTH}, such as 0.02 for 2 % of the mean per second")
    })
}

/// The length of each answer's body, such as `200kB`.
pub fn body(text: &str) -> Result<usize, String> {
    bytes(text)
        .filter(|bytes| (1.0..=MAX_BODY_BYTES).contains(bytes))
        .map(|bytes| bytes.round() as usize)
        .ok_or_else(|| "use a size from 1B to 10MB, such as 200kB".to_owned())
}

/// How fast each answer's body is sent or travels, in bytes per second: `4MB/s`.
pub fn bandwidth(text: &str) -> Result<f64, String> {
    let per_sec = text.strip_suffix("/s").and_then(bytes);
    per_sec
        .filter(|per_sec| (MIN_BYTES_PER_SEC..=MAX_BYTES_PER_SEC).contains(per_sec))
        .ok_or_else(|| "use bytes per second from 1kB/s to 10000MB/s, such as 4MB/s".to_owned())
}

fn alone(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { Err("write it without a value".to_owned()) }
}

fn number_within(text: &str, least: f64, most: f64) -> Option<f64> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

fn count_within(text: &str, least: u64, most: u64) -> Option<u64> {
    text.parse().ok().filter(|count| (least..=most).contains(count))
}

fn time_within(text: &str, most: Duration) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time <= most { Ok(time) } else { Err(format!("use a time of at most {} s", most.as_secs())) }
}

/// A size in bytes; units count in thousands.
fn bytes(text: &str) -> Option<f64> {
    let n_number = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(n_number);
    let size = match unit {
        "" | "B" => 1.0,
        "kB" | "KB" | "kb" => 1e3,
        "MB" | "mb" => 1e6,
        _ => return None,
    };
    number.trim_end().parse::<f64>().ok().map(|number| number * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        assert_eq!(workers("4"), Ok(4));
        assert_eq!(service_time("2.5ms"), Ok(Duration::from_micros(2_500)));
        assert_eq!((switch("on"), switch("off"), switch("")), (Ok(true), Ok(false), Ok(true)));
        assert_eq!(database_round_trip("0ms"), Ok(Duration::ZERO));
        assert_eq!(service("constant"), Ok("constant"));
        assert_eq!(stall("10s/500ms"), Ok((Duration::from_secs(10), Duration::from_millis(500))));
        assert_eq!(slow_start("20s/5"), Ok((Duration::from_secs(20), 5.0)));
        assert_eq!(growth("0.02"), Ok(0.02));
        assert_eq!(body("200kB"), Ok(200_000));
        assert_eq!(body("512"), Ok(512));
        assert_eq!(bandwidth("4MB/s"), Ok(4e6));
        assert_eq!(bandwidth("1.5 MB/s"), Ok(1.5e6));
    }

    #[track_caller]
    fn refuse<T: std::fmt::Debug>(read: Result<T, String>, remedy: &str) {
        let message = read.expect_err(remedy);
        assert!(message.contains(remedy), "{message}");
    }

    #[test]
    fn a_value_that_cannot_be_is_answered_with_one_that_can() {
        for wrong in ["-0.1", "1.1", "NaN", "much", ""] {
            refuse(share(wrong), "from 0 to 1");
        }
        for wrong in ["0", "1001", "-1", "2.5", ""] {
            refuse(workers(wrong), "such as 4");
        }
        refuse(service_time("0s"), "above zero");
        refuse(service_time("2m"), "at most 60 s");
        refuse(service_time("soon"), "500ms");
        refuse(switch("yes"), "on or off");
        refuse(database_round_trip("2s"), "such as 1ms");
        refuse(service("normal"), "exponential or constant");
        refuse(limit("0"), "such as 150");
        refuse(places("-1"), "such as 200");
        for wrong in ["10s/10s", "10s/0s", "1s/2s"] {
            refuse(stall(wrong), "shorter than its period");
        }
        refuse(stall("10s"), "such as 10s/1s");
        refuse(slow_start("20s"), "such as 20s/5");
        refuse(slow_start("20s/0.5"), "from 1 to 1000");
        refuse(slow_start("0s/5"), "above zero");
        refuse(growth("inf"), "such as 0.02");
        refuse(body("0B"), "such as 200kB");
        refuse(body("200KiB"), "such as 200kB");
        refuse(body("11MB"), "such as 200kB");
        refuse(bandwidth("4MB"), "such as 4MB/s");
        refuse(bandwidth("1B/s"), "such as 4MB/s");
    }
}
