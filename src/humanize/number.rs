//! Digits, groups and signs, without units.

/// The minus sign that is as wide as plus.
const MINUS: char = '\u{2212}';

/// A number with a fixed number of decimals and groups of three; never `-0`.
pub fn decimal(value: f64, n_decimals: usize) -> String {
    let text = format!("{:.n_decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_zero = text.bytes().all(|byte| byte == b'0' || byte == b'.');
    let mut out = String::new();
    if value < 0.0 && !is_zero {
        out.push(MINUS);
    }
    out.push_str(&grouped(whole));
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Digits in groups of three, with commas between.
pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three significant digits, more where the whole part has more; two below one: `1,204` `12.4` `1.28` `0.50`.
pub fn significant(value: f64) -> String {
    decimal(value, decimals_for(value.abs()))
}

/// Without zeros at the end of the fraction.
pub fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// `+`, `−` or `±` before the text of a magnitude; `±` where the text says nothing.
pub fn signed(value: f64, magnitude: &str) -> String {
    let says_nothing = !magnitude.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    match value {
        _ if says_nothing => format!("±{magnitude}"),
        value if value < 0.0 => format!("{MINUS}{magnitude}"),
        _ => format!("+{magnitude}"),
    }
}

/// A figure without unit with its sign and so many decimals.
pub fn signed_decimal(value: f64, n_decimals: usize) -> String {
    signed(value, &decimal(value.abs(), n_decimals))
}

// The thresholds lie half a unit below the power of ten, where rounding would add a digit.
fn decimals_for(magnitude: f64) -> usize {
    match magnitude {
        0.0 => 0,
        m if m >= 99.95 => 0,
        m if m >= 9.995 => 1,
        m if m >= 0.995 => 2,
        // Two digits after the leading zeros; nine zeros are enough for anything that is shown.
        m => (1 - m.log10().floor().max(-9.0) as i32).unsigned_abs() as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_tell_enough() {
        let cases = [
            (0.0, "0"),
            (1204.4, "1,204"),
            (999.6, "1,000"),
            (99.96, "100"),
            (12.44, "12.4"),
            (9.996, "10.0"),
            (1.284, "1.28"),
            (0.996, "1.00"),
            (0.5, "0.50"),
            (0.0123, "0.012"),
            (-12.44, "−12.4"),
        ];
        for (value, expected) in cases {
            assert_eq!(significant(value), expected, "{value}");
        }
    }

    #[test]
    fn nothing_is_never_negative() {
        assert_eq!(decimal(-0.0, 1), "0.0");
        assert_eq!(decimal(-0.04, 1), "0.0");
        assert_eq!(signed(-0.001, "0.0"), "±0.0");
    }

    #[test]
    fn groups_start_from_the_right() {
        assert_eq!(grouped("1"), "1");
        assert_eq!(grouped("123"), "123");
        assert_eq!(grouped("1234"), "1,234");
        assert_eq!(grouped("123456789"), "123,456,789");
    }
}
