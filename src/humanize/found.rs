//! Text back to quantities: what a sentence that a person wrote says in numbers, and how exactly.

use std::ops::Range;

/// A number with its unit, as it stands in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The bytes of the text that say it, unit included.
    pub range: Range<usize>,
    pub kind: QuantityKind,
    /// Seconds, a ratio, per second, bytes, or a count.
    pub value: f64,
    /// Half of what the last digit is worth: anything nearer is said by the same words.
    pub grain: f64,
}

/// What a quantity is one of; only those of one kind compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuantityKind {
    Seconds,
    Ratio,
    /// A difference of ratios.
    Points,
    PerSecond,
    Bytes,
    /// Users, requests and other things that are counted.
    Counted,
    /// A number alone.
    Plain,
}

use QuantityKind::{Bytes, Counted, PerSecond, Points, Ratio, Seconds};

/// Units with what one of them is worth; of those that begin alike the longest first.
const UNITS: [(&str, QuantityKind, f64); 66] = [
    ("requests per second", PerSecond, 1.0),
    ("iterations per second", PerSecond, 1.0),
    ("percentage points", Points, 0.01),
    ("virtual users", Counted, 1.0),
    ("milliseconds", Seconds, 1e-3),
    ("microseconds", Seconds, 1e-6),
    ("millisecond", Seconds, 1e-3),
    ("microsecond", Seconds, 1e-6),
    ("iterations/s", PerSecond, 1.0),
    ("connections", Counted, 1.0),
    ("requests/s", PerSecond, 1.0),
    ("connection", Counted, 1.0),
    ("iterations", Counted, 1.0),
    ("per second", PerSecond, 1.0),
    ("per minute", PerSecond, 1.0 / 60.0),
    ("iteration", Counted, 1.0),
    ("requests", Counted, 1.0),
    ("timeouts", Counted, 1.0),
    ("request", Counted, 1.0),
    ("timeout", Counted, 1.0),
    ("seconds", Seconds, 1.0),
    ("minutes", Seconds, 60.0),
    ("percent", Ratio, 0.01),
    ("workers", Counted, 1.0),
    ("errors", Counted, 1.0),
    ("second", Seconds, 1.0),
    ("minute", Seconds, 60.0),
    ("worker", Counted, 1.0),
    ("users/s", PerSecond, 1.0),
    ("bytes", Bytes, 1.0),
    ("error", Counted, 1.0),
    ("hours", Seconds, 3600.0),
    ("req/s", PerSecond, 1.0),
    ("users", Counted, 1.0),
    ("stages", Counted, 1.0),
    ("hour", Seconds, 3600.0),
    ("days", Seconds, 86_400.0),
    ("mins", Seconds, 60.0),
    ("secs", Seconds, 1.0),
    ("user", Counted, 1.0),
    ("/min", PerSecond, 1.0 / 60.0),
    ("KiB", Bytes, 1024.0),
    ("MiB", Bytes, 1_048_576.0),
    ("GiB", Bytes, 1_073_741_824.0),
    ("TiB", Bytes, 1_099_511_627_776.0),
    ("day", Seconds, 86_400.0),
    ("min", Seconds, 60.0),
    ("rps", PerSecond, 1.0),
    ("RPS", PerSecond, 1.0),
    ("VUs", Counted, 1.0),
    ("sec", Seconds, 1.0),
    ("kB", Bytes, 1e3),
    ("KB", Bytes, 1e3),
    ("MB", Bytes, 1e6),
    ("GB", Bytes, 1e9),
    ("TB", Bytes, 1e12),
    ("ms", Seconds, 1e-3),
    ("µs", Seconds, 1e-6),
    ("μs", Seconds, 1e-6),
    ("us", Seconds, 1e-6),
    ("pp", Points, 0.01),
    ("/s", PerSecond, 1.0),
    ("%", Ratio, 0.01),
    ("s", Seconds, 1.0),
    ("h", Seconds, 3600.0),
    ("B", Bytes, 1.0),
];

/// Units of whole parts of a span, from which a smaller part may follow: `1 min 30 s`.
const SPANS: [f64; 3] = [86_400.0, 3600.0, 60.0];

impl Quantity {
    /// Whether this one's words still say what the other is.
    pub fn still_says(&self, other: &Quantity) -> bool {
        // A millionth more than the grain, since decimal fractions are none to a computer.
        self.is_alike(other) && (self.value - other.value).abs() <= self.grain * (1.0 + 1e-6)
    }

    /// Whether the two can be held against each other.
    pub fn is_alike(&self, other: &Quantity) -> bool {
        use QuantityKind::Plain;
        self.kind == other.kind || matches!((self.kind, other.kind), (Counted, Plain) | (Plain, Counted))
    }
}

/// The quantities of a text in their order. Digits within names, dates, times of day and versions are none.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        if letter.is_ascii_digit() {
            let number = numeral(text, at);
            at = number.end;
            let Some(value) = number.value else { continue };
            let quantity = with_unit(text, number.start, number.end, value, number.grain);
            at = quantity.range.end;
            match found.last_mut().filter(|last| continues(text, last, &quantity)) {
                Some(last) => {
                    last.range.end = quantity.range.end;
                    last.value += quantity.value;
                    last.grain = quantity.grain;
                }
                None => found.push(quantity),
            }
        } else if letter.is_alphabetic() || letter == '_' {
            at += name_length(&text[at..]);
        } else {
            at += letter.len_utf8();
        }
    }
    found
}

/// How long the name at the beginning of a text is: `p95`, `p99.9`.
fn name_length(text: &str) -> usize {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let is_point = letter == '.'
            && text[..at].ends_with(|before: char| before.is_ascii_digit())
            && letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if !(letter.is_alphanumeric() || letter == '_' || is_point) {
            return at;
        }
    }
    text.len()
}

/// Digits as far as they belong together.
struct Numeral {
    start: usize,
    end: usize,
    /// None where they are no number: a date, a version, an address.
    value: Option<f64>,
    grain: f64,
}

/// The numeral whose first digit stands at `at`.
fn numeral(text: &str, at: usize) -> Numeral {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = at + digits(at);
    let mut whole = text[at..end].to_owned();
    let mut is_grouped = false;
    while whole.len() <= 3 || is_grouped {
        if bytes.get(end) != Some(&b',') || digits(end + 1) != 3 {
            break;
        }
        whole += &text[end + 1..end + 4];
        (end, is_grouped) = (end + 4, true);
    }
    let mut fraction = "";
    // People write a decimal comma as well; three digits behind one are a group.
    let separates = |byte: u8| byte == b'.' || (byte == b',' && !is_grouped);
    if bytes.get(end).copied().is_some_and(separates) && digits(end + 1) > 0 {
        fraction = &text[end + 1..end + 1 + digits(end + 1)];
        end += 1 + fraction.len();
    }
    let goes_on = |end: usize| {
        let joins = bytes.get(end).is_some_and(|byte| matches!(byte, b'.' | b':' | b'-' | b'/' | b','));
        joins && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
    };
    let is_range = bytes.get(end) == Some(&b'-') && {
        let other = end + 1 + digits(end + 1);
        digits(end + 1) > 0 && bytes.get(other) != Some(&b'-')
    };
    if goes_on(end) && !is_range {
        let within = |letter: char| letter.is_alphanumeric() || ".:-/_,".contains(letter);
        let length = text[at..].find(|letter| !within(letter)).unwrap_or(text.len() - at);
        return Numeral { start: at, end: at + length, value: None, grain: 0.0 };
    }
    let value = format!("{whole}.{fraction}0").parse().ok();
    let grain = 0.5 * 10f64.powi(-(fraction.len() as i32));
    let (start, sign) = signed_start(text, at);
    Numeral { start, end, value: value.map(|value: f64| sign * value), grain }
}

/// Where a number begins with its sign, and the sign.
fn signed_start(text: &str, at: usize) -> (usize, f64) {
    let mut before = text[..at].char_indices().rev();
    let Some((place, sign)) = before.next() else { return (at, 1.0) };
    // A hyphen behind a word or a number joins, it does not take away.
    let is_free = before.next().is_none_or(|(_, letter)| letter.is_whitespace() || "([«\"".contains(letter));
    match sign {
        '+' if is_free => (place, 1.0),
        '-' | '\u{2212}' if is_free => (place, -1.0),
        _ => (at, 1.0),
    }
}

fn with_unit(text: &str, start: usize, end: usize, value: f64, grain: f64) -> Quantity {
    let rest = &text[end..];
    let gap = rest.chars().next().filter(|letter| " \u{a0}\u{2009}\u{202f}".contains(*letter));
    let after = gap.map_or(0, char::len_utf8);
    let unit = UNITS.iter().find(|(unit, ..)| {
        let word = &rest[after..];
        word.strip_prefix(unit).is_some_and(|next| !next.starts_with(|letter: char| letter.is_alphanumeric()))
    });
    match unit {
        Some((unit, kind, worth)) => Quantity {
            range: start..end + after + unit.len(),
            kind: *kind,
            value: value * worth,
            grain: grain * worth,
        },
        None => Quantity { range: start..end, kind: QuantityKind::Plain, value, grain },
    }
}

/// Whether a part of a span follows a larger one: `1 min` and `30 s`.
fn continues(text: &str, last: &Quantity, next: &Quantity) -> bool {
    let are_times = last.kind == Seconds && next.kind == Seconds;
    let unit_of = |quantity: &Quantity| 2.0 * quantity.grain;
    let gap = &text[last.range.end..next.range.start];
    are_times && gap == " " && SPANS.contains(&unit_of(last)) && unit_of(next) < unit_of(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, QuantityKind, f64)]) {
        let found = quantities(text);
        let found: Vec<_> = found
            .iter()
            .map(|quantity| (&text[quantity.range.clone()], quantity.kind, quantity.value))
            .collect();
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!((found.0, found.1), (expected.0, expected.1), "{text}");
            assert!((found.2 - expected.2).abs() < 1e-9 * expected.2.abs().max(1.0), "{text}: {found:?}");
        }
    }

    #[test]
    fn quantities_are_found_with_their_units() {
        check(
            "The p95 was 95.2 ms, at 1,204/s.",
            &[("95.2 ms", Seconds, 0.0952), ("1,204/s", PerSecond, 1204.0)],
        );
        check(
            "0.08% of 12,345 requests failed",
            &[("0.08%", Ratio, 0.0008), ("12,345 requests", Counted, 12_345.0)],
        );
        check("from 842 µs to 1 min 30 s", &[("842 µs", Seconds, 842e-6), ("1 min 30 s", Seconds, 90.0)]);
        check("2 h 5 min, 1.5 MiB", &[("2 h 5 min", Seconds, 7500.0), ("1.5 MiB", Bytes, 1_572_864.0)]);
        check(
            "−3.1 pp (38.0–42.0)",
            &[
                ("−3.1 pp", Points, -0.031),
                ("38.0", QuantityKind::Plain, 38.0),
                ("42.0", QuantityKind::Plain, 42.0),
            ],
        );
        check("95,2 ms", &[("95,2 ms", Seconds, 0.0952)]);
        check("5 s later, 5 steps", &[("5 s", Seconds, 5.0), ("5", QuantityKind::Plain, 5.0)]);
        check("38-42 ms", &[("38", QuantityKind::Plain, 38.0), ("42 ms", Seconds, 0.042)]);
        check("95\u{a0}ms", &[("95\u{a0}ms", Seconds, 0.095)]);
    }

    #[test]
    fn names_dates_and_versions_are_no_quantities() {
        for text in
            ["p95, v2, step_3, x86.", "2026-11-24", "at 07:20:34", "10.0.0.7:4600", "0.1.0-rc1", "p99.9"]
        {
            assert_eq!(quantities(text), [], "{text}");
        }
    }

    #[test]
    fn words_still_say_what_rounds_to_them() {
        let one = |text: &str| quantities(text).remove(0);
        assert!(one("95 ms").still_says(&one("95.2 ms")));
        assert!(!one("95 ms").still_says(&one("95.6 ms")));
        assert!(one("0.1 s").still_says(&one("101 ms")));
        assert!(!one("95.20 ms").still_says(&one("95.3 ms")));
        assert!(!one("95 ms").still_says(&one("95 %")));
        assert!(one("1,602 requests").still_says(&one("1,602")));
    }

    #[test]
    fn units_that_begin_alike_are_told_apart() {
        for (index, (unit, ..)) in UNITS.iter().enumerate() {
            let hidden =
                UNITS[..index].iter().find(|(longer, ..)| unit.starts_with(longer) && longer != unit);
            // A unit ends where its letters end, so only one followed by a sign could be hidden.
            let is_cut = |(shorter, ..): &(&str, QuantityKind, f64)| {
                !unit[shorter.len()..].starts_with(|letter: char| letter.is_alphanumeric())
            };
            assert!(hidden.is_none_or(|shorter| !is_cut(shorter)), "{unit} is hidden by {hidden:?}");
        }
    }
}
