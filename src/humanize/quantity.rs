//! Counts, rates, shares, bytes and levels, and their changes.

use super::{
    number::{decimal, grouped, signed, significant, trimmed},
    time::latency_secs,
};

/// What stands where nothing was measured.
pub const MISSING: &str = "–";

/// A whole number with groups of three: `12,345`.
pub fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// A count with its noun, in the plural where it is not one: `1 request`, `12,345 requests`.
pub fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// A measured figure that has no unit, with three significant digits: `1.02`, `0.034`, `12.4`.
pub fn number(value: f64) -> String {
    significant(value)
}

/// A measured amount of things, which is whole where it was counted: `12`, `12.4`.
pub fn amount(value: f64) -> String {
    let is_whole = value.fract() == 0.0 && value.abs() < 1e15;
    if is_whole { decimal(value, 0) } else { significant(value) }
}

/// A figure that somebody chose, with all its digits and no zeros that nobody wrote: `20`, `0.5`.
pub fn chosen(value: f64) -> String {
    trimmed(&decimal(value, 3)).to_owned()
}

/// How likely something is by chance alone: `0.012`, `< 0.0001`.
pub fn p_value(value: f64) -> String {
    if value < 0.0001 { "< 0.0001".to_owned() } else { significant(value) }
}

/// A rate with its unit: `1,204/s`, `12.4/s`, `0.50/s`.
pub fn rate(per_sec: f64) -> String {
    format!("{}/s", significant(per_sec))
}

/// A difference of rates with sign: `+12.4/s`, `−0.50/s`, `±0/s`.
pub fn rate_change(per_sec: f64) -> String {
    signed(per_sec, &rate(per_sec.abs()))
}

/// A ratio as a percentage: `0.08 %`, `62 %`, `100 %`; never rounds something to `0 %` or a miss to `100 %`.
pub fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent < 0.0 {
        return signed(percent, &self::percent(-ratio));
    }
    let from_end = percent.min((100.0 - percent).abs());
    // Binary noise of the multiplication is no miss: 0.57 × 100 is not 57 by the last bit.
    if from_end < 1e-12 {
        return format!("{} %", decimal(percent, 0));
    }
    if from_end < 0.000_05 {
        let limit = if percent < 50.0 {
            "< 0.0001"
        } else if percent < 100.0 {
            "> 99.9999"
        } else {
            "> 100"
        };
        return format!("{limit} %");
    }
    let n_decimals = match from_end {
        // Two digits after the leading zeros of what is left.
        left if left < 1.0 => (1.0 - left.log10().floor()).clamp(2.0, 4.0) as usize,
        _ if percent < 10.0 => 2,
        _ if percent < 200.0 => 1,
        _ => 0,
    };
    format!("{} %", trimmed(&decimal(percent, n_decimals)))
}

/// A ratio that is at least so much, as a percentage rounded down to a whole percent (`per_one` 100), or to a tenth of
/// one (1,000).
pub fn percent_at_least(ratio: f64, per_one: f64) -> String {
    // Binary noise is no less: 0.29 × 100 is 28.999….
    percent((ratio * per_one + 1e-9).floor() / per_one)
}

/// A distance between two ratios in percentage points: `0.12 pp`, `3.1 pp`.
pub fn percent_points(ratio: f64) -> String {
    format!("{} pp", percent(ratio).trim_end_matches(" %"))
}

/// A difference of two ratios in percentage points, with sign: `+0.12 pp`, `−3.1 pp`, `±0 pp`.
pub fn percent_change(ratio: f64) -> String {
    signed(ratio, &percent_points(ratio.abs()))
}

/// A relative change with sign: `+18.2 %`, `−3.1 %`, `±0 %`.
pub fn change(ratio: f64) -> String {
    let percent = ratio.abs() * 100.0;
    let text = match percent {
        p if p < 0.005 => "0".to_owned(),
        p if p < 0.995 => trimmed(&decimal(p, 2)).to_owned(),
        p if p < 99.95 => decimal(p, 1),
        p => decimal(p, 0),
    };
    signed(ratio, &format!("{text} %"))
}

/// A difference of latencies in seconds, with sign: `+4.20 ms`, `−842 µs`, `±0 µs`.
pub fn latency_change(secs: f64) -> String {
    signed(secs, &latency_secs(secs.abs()))
}

/// Bytes in binary units: `512 B`, `1.4 KiB`, `3.2 GiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // From 1,023.5 on, rounding to whole units would reach the next one.
    while value >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{} {}", decimal(value, usize::from(value < 99.95)), UNITS[unit])
}

/// A bandwidth in decimal units, as networks are sold: `10 Mbit/s`, `2.5 Gbit/s`.
pub fn bandwidth(bits_per_sec: f64) -> String {
    let (value, unit) = match bits_per_sec {
        bits if bits < 1e3 => (bits, "bit/s"),
        bits if bits < 999.95e3 => (bits / 1e3, "kbit/s"),
        bits if bits < 999.95e6 => (bits / 1e6, "Mbit/s"),
        bits => (bits / 1e9, "Gbit/s"),
    };
    format!("{} {unit}", trimmed(&decimal(value, 1)))
}

/// A level of a load profile: `50 users`, `200/s`.
pub fn level(level: f64, is_open: bool) -> String {
    if is_open { format!("{}/s", chosen(level)) } else { counted(level.max(0.0).round() as u64, "user") }
}

/// The levels at the start and end of a stage: `50 users`, `0 → 50 users`, `10 → 200/s`.
pub fn levels(start: f64, end: f64, is_open: bool) -> String {
    if start == end {
        return level(end, is_open);
    }
    let start = if is_open { chosen(start) } else { count(start.max(0.0).round() as u64) };
    format!("{start} → {}", level(end, is_open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_rounded_down_and_binary_noise_is_no_less() {
        assert_eq!(percent_at_least(0.998_8, 100.0), "99 %");
        assert_eq!(percent_at_least(0.29, 100.0), "29 %");
        assert_eq!(percent_at_least(1.0 - 1_000.0 / 1_250.0, 1_000.0), "20 %");
        assert_eq!(percent_at_least(1.0 - 1_000.0 / 1_249.5, 1_000.0), "19.9 %");
    }

    #[test]
    fn counts_have_groups_and_nouns() {
        assert_eq!(count(0), "0");
        assert_eq!(count(12_345), "12,345");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(0, "request"), "0 requests");
        assert_eq!(counted(1_200, "request"), "1,200 requests");
    }

    #[test]
    fn rates_carry_their_unit() {
        assert_eq!(rate(0.0), "0/s");
        assert_eq!(rate(-0.0), "0/s");
        assert_eq!(rate(1204.2), "1,204/s");
        assert_eq!(rate(12.4), "12.4/s");
        assert_eq!(rate(0.5), "0.50/s");
        assert_eq!(rate_change(-0.5), "−0.50/s");
        assert_eq!(rate_change(12.4), "+12.4/s");
        assert_eq!(rate_change(0.0), "±0/s");
    }

    #[test]
    fn figures_without_a_unit_have_three_digits() {
        assert_eq!([number(1.0), number(0.0342), number(12.44)], ["1.00", "0.034", "12.4"]);
        assert_eq!(
            [amount(12.0), amount(1_204.0), amount(0.0342), amount(-0.0)],
            ["12", "1,204", "0.034", "0"]
        );
        assert_eq!([chosen(20.0), chosen(0.5), chosen(1_000.0)], ["20", "0.5", "1,000"]);
    }

    #[test]
    fn shares_never_round_to_nothing_or_everything() {
        let cases = [
            (0.0, "0 %"),
            (0.0008, "0.08 %"),
            (0.000_812, "0.081 %"),
            (0.62, "62 %"),
            (0.57, "57 %"),
            (0.6234, "62.3 %"),
            (0.0123, "1.23 %"),
            (0.05, "5 %"),
            (0.9992, "99.92 %"),
            (0.999_95, "99.995 %"),
            (1.0, "100 %"),
            (1.0131, "101.3 %"),
            (6.392, "639 %"),
            (0.999_999_999, "> 99.9999 %"),
            (0.000_000_001, "< 0.0001 %"),
            (0.000_05, "0.005 %"),
            (-0.25, "−25 %"),
        ];
        for (ratio, expected) in cases {
            assert_eq!(percent(ratio), expected, "{ratio}");
        }
    }

    #[test]
    fn changes_always_have_a_sign() {
        let cases = [
            (0.182, "+18.2 %"),
            (-0.031, "−3.1 %"),
            (0.0, "±0 %"),
            (-0.000_01, "±0 %"),
            (0.0035, "+0.35 %"),
            (1.5, "+150 %"),
            (-0.9999, "−100 %"),
        ];
        for (ratio, expected) in cases {
            assert_eq!(change(ratio), expected, "{ratio}");
        }
        assert_eq!(percent_change(0.0012), "+0.12 pp");
        assert_eq!(percent_change(0.0), "±0 pp");
        assert_eq!(latency_change(0.0042), "+4.20 ms");
        assert_eq!(latency_change(-0.000_842), "−842 µs");
        assert_eq!(latency_change(0.0), "±0 µs");
    }

    #[test]
    fn bytes_move_to_the_next_unit_before_they_need_four_digits() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1024), "1.0 KiB");
        assert_eq!(bytes(1434), "1.4 KiB");
        assert_eq!(bytes(150 * 1024), "150 KiB");
        assert_eq!(bytes(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(bytes(3_435_973_836), "3.2 GiB");
        assert_eq!(bytes(u64::MAX), "16.0 EiB");
    }

    #[test]
    fn bandwidths_are_written_as_they_are_sold() {
        let text = [500.0, 64e3, 999.99e3, 10e6, 2.5e9].map(bandwidth);
        assert_eq!(text, ["500 bit/s", "64 kbit/s", "1 Mbit/s", "10 Mbit/s", "2.5 Gbit/s"]);
    }

    #[test]
    fn levels_are_written_as_chosen() {
        assert_eq!(level(50.0, false), "50 users");
        assert_eq!(level(1.0, false), "1 user");
        assert_eq!(level(200.0, true), "200/s");
        assert_eq!(level(12.5, true), "12.5/s");
        assert_eq!(level(10.0, true), "10/s");
        assert_eq!(levels(0.0, 50.0, false), "0 → 50 users");
        assert_eq!(levels(50.0, 50.0, false), "50 users");
        assert_eq!(levels(0.0, 1200.0, true), "0 → 1,200/s");
    }
}
