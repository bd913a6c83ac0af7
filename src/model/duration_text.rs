//! Durations as people write them: `90`, `90s`, `1m30s`, `1:30`, `500ms`, `30d`. Exact to the nanosecond, both ways.

use std::time::Duration;

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// Units from large to small; `m` means minutes.
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400 * NANOS_PER_SEC),
    ("h", 3_600 * NANOS_PER_SEC),
    ("m", 60 * NANOS_PER_SEC),
    ("s", NANOS_PER_SEC),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Reads `90` (seconds), `90s`, `500ms`, `1m30s`, `1h`, `30d`, `1:30` or `1:02:03`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("the duration is empty: write one such as 30s, 1m30s or 500ms".into());
    }
    if trimmed.starts_with('-') {
        return Err(format!("`{trimmed}` is negative: a duration starts at 0s"));
    }
    let nanos = if trimmed.contains(':') {
        clock_nanos(trimmed)?
    } else if trimmed.ends_with(|c: char| c.is_ascii_digit() || c == '.') && !has_unit(trimmed) {
        scaled(trimmed, NANOS_PER_SEC, trimmed)?
    } else {
        unit_nanos(trimmed)?
    };
    to_duration(nanos).ok_or_else(|| too_long(trimmed))
}

/// Writes a duration so that [`parse_duration`] reads the same: `1m30s`, `500ms`, `0s`.
pub fn format_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".into();
    }
    if nanos < NANOS_PER_SEC {
        // The largest unit that leaves a whole part; the smallest one always does.
        let (unit, size) = UNITS[4..].iter().find(|(_, size)| *size <= nanos).unwrap_or(&UNITS[6]);
        return decimal(nanos, *size) + unit;
    }
    let [(_, day), (_, hour), (_, minute), ..] = UNITS;
    // A run of a day or so is told in hours, as it always was.
    if nanos >= 2 * day && nanos.is_multiple_of(day) {
        return format!("{}d", nanos / day);
    }
    let mut text = String::new();
    if nanos >= hour {
        text += &format!("{}h", nanos / hour);
    }
    if nanos % hour >= minute {
        text += &format!("{}m", nanos % hour / minute);
    }
    let rest = nanos % minute;
    if rest > 0 {
        text += &decimal(rest, NANOS_PER_SEC);
        text.push('s');
    }
    text
}

fn has_unit(text: &str) -> bool {
    text.contains(|c: char| c.is_alphabetic())
}

/// `1:30` is one minute thirty; `1:02:03` has hours.
fn clock_nanos(text: &str) -> Result<u128, String> {
    let unreadable = || {
        format!(
            "`{text}` is no duration: with colons it reads minutes:seconds or hours:minutes:seconds, such as 1:30"
        )
    };
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return Err(unreadable());
    }
    let mut nanos: u128 = 0;
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let whole_digits = part.split('.').next().unwrap_or_default();
        if whole_digits.is_empty() || (!is_last && part.contains('.')) {
            return Err(unreadable());
        }
        let part_nanos = scaled(part, NANOS_PER_SEC, text).map_err(|_| unreadable())?;
        if index > 0 && part_nanos >= 60 * NANOS_PER_SEC {
            return Err(format!("`{text}` is no duration: after a colon only 0 to 59 can follow"));
        }
        nanos = nanos
            .checked_mul(60)
            .and_then(|nanos| nanos.checked_add(part_nanos))
            .ok_or_else(|| too_long(text))?;
    }
    Ok(nanos)
}

/// `1m30s`: numbers with units, large units first.
fn unit_nanos(text: &str) -> Result<u128, String> {
    let mut nanos: u128 = 0;
    let mut previous_size = u128::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let n_number = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(n_number);
        let tail = tail.trim_start();
        let n_unit = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(n_unit);
        if number.is_empty() || unit.is_empty() {
            return Err(format!("`{text}` is no duration: write one such as 30s, 1m30s or 500ms"));
        }
        let size = unit_size(unit).ok_or_else(|| {
            format!(
                "`{text}` has the unknown unit `{unit}`: use d, h, m, s, ms or us, such as 1m30s or 500ms"
            )
        })?;
        if size >= previous_size {
            return Err(format!("`{text}` is no duration: large units come first, each once, such as 1m30s"));
        }
        nanos = nanos.checked_add(scaled(number, size, text)?).ok_or_else(|| too_long(text))?;
        previous_size = size;
        rest = tail.trim_start();
    }
    Ok(nanos)
}

fn unit_size(unit: &str) -> Option<u128> {
    // The micro sign and the Greek letter look the same and are both typed.
    let unit = if matches!(unit, "µs" | "μs") { "us" } else { unit };
    UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size)
}

/// A decimal number times a unit's nanoseconds, in whole numbers so that nothing is rounded.
fn scaled(number: &str, unit_nanos: u128, text: &str) -> Result<u128, String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
        return Err(format!("`{text}` is no duration: write one such as 30s, 1m30s or 500ms"));
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_long(text))? };
    let fraction = fraction.trim_end_matches('0');
    // No unit has more than 16 decimals above a nanosecond, and so many fit 128 bits.
    if fraction.len() > 16 {
        return Err(too_fine(text));
    }
    let numerator =
        fraction.bytes().fold(0, |value, digit| value * 10 + u128::from(digit - b'0')) * unit_nanos;
    let denominator = 10_u128.pow(fraction.len() as u32);
    if !numerator.is_multiple_of(denominator) {
        return Err(too_fine(text));
    }
    whole
        .checked_mul(unit_nanos)
        .and_then(|nanos| nanos.checked_add(numerator / denominator))
        .ok_or_else(|| too_long(text))
}

/// `nanos` in a unit, with as many decimals as it needs.
fn decimal(nanos: u128, unit_nanos: u128) -> String {
    let n_decimals = unit_nanos.ilog10() as usize;
    let (whole, rest) = (nanos / unit_nanos, nanos % unit_nanos);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:0n_decimals$}").trim_end_matches('0').to_owned()
}

fn to_duration(nanos: u128) -> Option<Duration> {
    let seconds = u64::try_from(nanos / NANOS_PER_SEC).ok()?;
    Some(Duration::new(seconds, (nanos % NANOS_PER_SEC) as u32))
}

fn too_long(text: &str) -> String {
    format!("`{text}` is too long for a duration")
}

fn too_fine(text: &str) -> String {
    format!("`{text}` is finer than a nanosecond")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, nanos: u64) {
        assert_eq!(parse_duration(text), Ok(Duration::from_nanos(nanos)), "{text}");
    }

    #[track_caller]
    fn refuse(text: &str, part: &str) {
        let message = parse_duration(text).expect_err(text);
        assert!(message.contains(part), "{text}: {message}");
    }

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn durations_read_as_people_write_them() {
        check("90", 90 * SECOND);
        check("90s", 90 * SECOND);
        check(" 1.5s ", 1_500_000_000);
        check("1.5", 1_500_000_000);
        check(".5s", 500_000_000);
        check("500ms", 500_000_000);
        check("250us", 250_000);
        check("250µs", 250_000);
        check("250μs", 250_000);
        check("7ns", 7);
        check("1m30s", 90 * SECOND);
        check("1m 30s", 90 * SECOND);
        check("30 s", 30 * SECOND);
        check("1h", 3_600 * SECOND);
        check("1.5h", 5_400 * SECOND);
        check("1h0m1s", 3_601 * SECOND);
        check("30d", 2_592_000 * SECOND);
        check("1d12h", 129_600 * SECOND);
        check("0.0000000000125d", 1_080);
        check("1:30", 90 * SECOND);
        check("0:00.25", 250_000_000);
        check("1:02:03", 3_723 * SECOND);
        check("0", 0);
        check("000001s", SECOND);
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_reason() {
        refuse("", "empty");
        refuse("  ", "empty");
        refuse("-5s", "negative");
        refuse("5 parsecs", "unknown unit `parsecs`");
        refuse("5S", "unknown unit `S`");
        refuse("s", "no duration");
        refuse("1.2.3s", "no duration");
        refuse("1e3s", "unknown unit");
        refuse("30s1m", "large units come first");
        refuse("1s1s", "each once");
        refuse("1m30", "no duration");
        refuse("1:75", "0 to 59");
        refuse("1:2:3:4", "minutes:seconds");
        refuse(":30", "minutes:seconds");
        refuse("1:", "minutes:seconds");
        refuse("1:3x", "minutes:seconds");
        refuse("+5s", "no duration");
        refuse("NaN", "no duration");
        refuse("99999999999999999999h", "too long");
        refuse("340282366920938463463374607431768211455h", "too long");
        refuse("9999999999999999999999999999999999999999999s", "too long");
        refuse("99999999999999999999999999999:00:00", "too long");
        refuse("0.0000000001s", "finer than a nanosecond");
        refuse("0.00000000000000000000000000001h", "finer than a nanosecond");
        refuse("💥", "no duration");
    }

    #[test]
    fn written_durations_are_short() {
        let write = |nanos| format_duration(Duration::from_nanos(nanos));
        assert_eq!(write(0), "0s");
        assert_eq!(write(90 * SECOND), "1m30s");
        assert_eq!(write(3_600 * SECOND), "1h");
        assert_eq!(write(3_601 * SECOND), "1h1s");
        assert_eq!(write(86_400 * SECOND), "24h");
        assert_eq!(write(30 * 86_400 * SECOND), "30d");
        assert_eq!(write(129_600 * SECOND), "36h");
        assert_eq!(write(90 * SECOND + 500_000_000), "1m30.5s");
        assert_eq!(write(500_000_000), "500ms");
        assert_eq!(write(1_500_000), "1.5ms");
        assert_eq!(write(250_000), "250us");
        assert_eq!(write(1_001), "1.001us");
        assert_eq!(write(1), "1ns");
    }

    #[test]
    fn every_written_duration_reads_back_to_the_nanosecond() {
        use rand::{Rng as _, SeedableRng as _};
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
        for _ in 0..20_000 {
            let nanos = random.random::<u64>() >> random.random_range(0..64);
            let duration = Duration::from_nanos(nanos / 10_u64.pow(random.random_range(0..10)));
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
        assert_eq!(parse_duration(&format_duration(Duration::MAX)), Ok(Duration::MAX));
    }

    #[test]
    fn arbitrary_text_never_panics() {
        use rand::{Rng as _, SeedableRng as _};
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(2);
        let letters: Vec<char> = "0123456789.:dhmsuµn -".chars().collect();
        for _ in 0..20_000 {
            let length = random.random_range(0..12);
            let text: String = (0..length).map(|_| letters[random.random_range(0..letters.len())]).collect();
            if let Ok(duration) = parse_duration(&text) {
                assert_eq!(parse_duration(&format_duration(duration)), Ok(duration), "{text}");
            }
        }
    }
}
