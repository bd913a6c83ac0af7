//! Latencies, spans and moments.

use std::time::Duration;

use super::number::{decimal, significant, trimmed};

/// A latency with three significant digits and its unit: `842 µs`, `42.1 ms`, `1.28 s`.
pub fn latency(latency: Duration) -> String {
    latency_secs(latency.as_secs_f64())
}

/// A latency given in seconds, as [`latency`] writes it.
// The boundaries lie where rounding would reach the next unit.
pub fn latency_secs(secs: f64) -> String {
    match secs.max(0.0) * 1e6 {
        micros if micros > 0.0 && micros < 0.5 => "< 1 µs".to_owned(),
        micros if micros < 999.5 => format!("{} µs", decimal(micros, 0)),
        micros if micros < 999_500.0 => format!("{} ms", significant(micros / 1e3)),
        micros => format!("{} s", significant(micros / 1e6)),
    }
}

/// A time of which parts of microseconds matter, such as processor time per request: `4.61 µs`, `1.28 ms`.
pub fn fine_time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 99.95 { format!("{} µs", significant(micros)) } else { latency(time) }
}

/// A latency that somebody chose, without zeros that nobody wrote: `20 ms`, `1.5 s`.
pub fn latency_limit(secs: f64) -> String {
    let text = latency_secs(secs);
    match text.rsplit_once(' ') {
        Some((digits, unit)) => format!("{} {unit}", trimmed(digits)),
        None => text,
    }
}

/// A stretch of time: `45 s`, `1 min 30 s`, `2 h 5 min`; `31.5 s` below a minute with fractions.
pub fn span(span: Duration) -> String {
    let secs = span.as_secs_f64();
    if secs == 0.0 {
        return "0 s".to_owned();
    }
    if secs < 0.9995 {
        return latency(span);
    }
    if secs < 59.95 {
        let text = decimal(secs, 1);
        return format!("{} s", text.strip_suffix(".0").unwrap_or(&text));
    }
    let whole_secs = secs.round() as u64;
    let parts = match whole_secs {
        s if s < 3_600 => [(s / 60, "min"), (s % 60, "s")],
        s if s < 86_400 - 30 => {
            let minutes = (s + 30) / 60;
            [(minutes / 60, "h"), (minutes % 60, "min")]
        }
        s => {
            let hours = (s + 1_800) / 3_600;
            [(hours / 24, "d"), (hours % 24, "h")]
        }
    };
    let [(large, large_unit), (small, small_unit)] = parts;
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

/// A position in a run as a clock shows it: `0:07`, `1:30`, `1:02:03`; whole seconds gone by.
pub fn clock(position: Duration) -> String {
    let secs = position.as_secs();
    let (hours, minutes, seconds) = (secs / 3_600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A moment in UTC: `2026-11-24 07:20:34 UTC`.
pub fn moment(unix_millis: i64) -> String {
    match jiff::Timestamp::from_millisecond(unix_millis) {
        Ok(timestamp) => timestamp.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "an impossible date".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_have_three_digits_and_the_unit_that_fits() {
        let cases = [
            (0, "0 µs"),
            (5, "5 µs"),
            (842, "842 µs"),
            (999, "999 µs"),
            (1_000, "1.00 ms"),
            (1_005, "1.00 ms"),
            (42_100, "42.1 ms"),
            (999_400, "999 ms"),
            (999_600, "1.00 s"),
            (1_280_000, "1.28 s"),
            (75_300_000, "75.3 s"),
            (3_600_000_000, "3,600 s"),
        ];
        for (micros, expected) in cases {
            assert_eq!(latency(Duration::from_micros(micros)), expected, "{micros} µs");
        }
        assert_eq!(latency(Duration::from_nanos(300)), "< 1 µs");
        assert_eq!(latency_secs(-0.0), "0 µs");
        assert_eq!(latency_limit(0.02), "20 ms");
        assert_eq!(latency_limit(1.5), "1.5 s");
        assert_eq!(latency_limit(0.1), "100 ms");
    }

    #[test]
    fn processor_time_keeps_parts_of_microseconds() {
        let text = |nanos| fine_time(Duration::from_nanos(nanos));
        assert_eq!(
            [text(4_612), text(420), text(123_400), text(0)],
            ["4.61 µs", "0.42 µs", "123 µs", "0 µs"]
        );
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let cases = [
            (0, "0 s"),
            (500, "500 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (1_500, "1.5 s"),
            (9_960, "10 s"),
            (31_500, "31.5 s"),
            (45_000, "45 s"),
            (59_700, "59.7 s"),
            (59_970, "1 min"),
            (90_000, "1 min 30 s"),
            (660_000, "11 min"),
            (7_500_000, "2 h 5 min"),
            (86_380_000, "1 d"),
            (97_200_000, "1 d 3 h"),
        ];
        for (millis, expected) in cases {
            assert_eq!(span(Duration::from_millis(millis)), expected, "{millis} ms");
        }
    }

    #[test]
    fn clocks_show_whole_seconds_gone_by() {
        assert_eq!(clock(Duration::from_millis(7_900)), "0:07");
        assert_eq!(clock(Duration::from_secs(90)), "1:30");
        assert_eq!(clock(Duration::from_secs(3_723)), "1:02:03");
    }

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(moment(1_795_504_834_999), "2026-11-24 07:20:34 UTC");
        assert_eq!(moment(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(moment(i64::MAX), "an impossible date");
    }
}
