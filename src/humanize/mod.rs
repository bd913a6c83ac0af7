//! Quantities to text: the only place that decides digits, units and separators on screen and in reports.

use std::time::Duration;

/// A latency with three significant digits and its unit: `842 µs`, `42.1 ms`, `1.28 s`.
pub fn latency(latency: Duration) -> String {
    let _ = latency;
    todo!()
}

/// A stretch of time: `45 s`, `1 min 30 s`, `2 h 5 min`, `1.5 s` below ten seconds with fractions.
pub fn span(span: Duration) -> String {
    let _ = span;
    todo!()
}

/// A whole number with thin groups of three: `12,345`.
pub fn count(count: u64) -> String {
    let _ = count;
    todo!()
}

/// A rate with its unit: `1,204/s`, `12.4/s`, `0.50/s`.
pub fn rate(per_sec: f64) -> String {
    let _ = per_sec;
    todo!()
}

/// A ratio as a percentage: `0.08 %`, `62 %`, `100 %`; never rounds something to `0 %` or a miss to `100 %`.
pub fn percent(ratio: f64) -> String {
    let _ = ratio;
    todo!()
}

/// A relative change with sign: `+18.2 %`, `−3.1 %`, `±0 %`.
pub fn change(ratio: f64) -> String {
    let _ = ratio;
    todo!()
}

/// Bytes in binary units: `512 B`, `1.4 KiB`, `3.2 GiB`.
pub fn bytes(bytes: u64) -> String {
    let _ = bytes;
    todo!()
}

/// A level of a load profile: `50 users`, `200/s`.
pub fn level(level: f64, is_open: bool) -> String {
    let _ = (level, is_open);
    todo!()
}

/// A moment in UTC: `2026-11-24 07:20:34 UTC`.
pub fn moment(unix_millis: i64) -> String {
    let _ = unix_millis;
    todo!()
}
