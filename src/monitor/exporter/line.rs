//! One line of an exporter's page, in the text format of Prometheus or OpenMetrics.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/> and
//! <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>.
//! Nothing is copied that is not escaped.

use std::borrow::Cow;

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// A comment, or nothing at all.
    Nothing,
    Type {
        name: Cow<'a, str>,
        kind: &'a str,
    },
    Help {
        name: Cow<'a, str>,
        text: Cow<'a, str>,
    },
    /// `# EOF`: nothing follows.
    End,
    Sample(Sample<'a>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample<'a> {
    pub name: Cow<'a, str>,
    /// What stands within the braces, found to be well formed.
    labels: &'a str,
    pub value: f64,
    /// As it is written: milliseconds in Prometheus' format, seconds in OpenMetrics.
    pub timestamp: Option<f64>,
}

/// Why a line is none.
pub(super) type Malformed = &'static str;

/// Reads one line, without its end.
pub(super) fn line(bytes: &[u8]) -> Result<Line<'_>, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let text = text.trim_matches([' ', '\t', '\r']);
    match text.strip_prefix('#') {
        Some(comment) => Ok(told(comment)),
        None if text.is_empty() => Ok(Line::Nothing),
        None => sample(text).map(Line::Sample),
    }
}

fn told(comment: &str) -> Line<'_> {
    let comment = comment.trim_start_matches(BLANKS);
    let (word, rest) = comment.split_once(BLANKS).unwrap_or((comment, ""));
    let rest = rest.trim_start_matches(BLANKS);
    let named = || match rest.strip_prefix('"') {
        Some(quoted) => {
            let end = end_of_quoted(quoted)?;
            Some((unescaped(&quoted[..end]), quoted[end + 1..].trim_start_matches(BLANKS)))
        }
        None => {
            let (name, rest) = rest.split_once(BLANKS).unwrap_or((rest, ""));
            (!name.is_empty()).then(|| (Cow::Borrowed(name), rest.trim_start_matches(BLANKS)))
        }
    };
    match word {
        "EOF" if rest.is_empty() => Line::End,
        "TYPE" => named().map_or(Line::Nothing, |(name, kind)| Line::Type { name, kind }),
        "HELP" => named().map_or(Line::Nothing, |(name, text)| Line::Help { name, text: unescaped(text) }),
        _ => Line::Nothing,
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

fn sample(text: &str) -> Result<Sample<'_>, Malformed> {
    let n_name = text.bytes().position(|byte| !is_of_name(byte)).unwrap_or(text.len());
    let (plain, rest) = text.split_at(n_name);
    if plain.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("a name begins with a digit");
    }
    let mut name = (!plain.is_empty()).then_some(Cow::Borrowed(plain));
    let rest = rest.trim_start_matches(BLANKS);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inner) => {
            let mut labels = Labels { rest: inner };
            while let Some(label) = labels.following()? {
                if let Label::Name(quoted) = label {
                    if name.is_some() {
                        return Err("it has two names");
                    }
                    name = Some(quoted);
                }
            }
            let after = labels.rest.strip_prefix('}').ok_or("its braces are not closed")?;
            (&inner[..inner.len() - labels.rest.len()], after.trim_start_matches(BLANKS))
        }
        None => ("", rest),
    };
    let name = name.ok_or("it begins with no name")?;
    let (value, rest) = rest.split_once(BLANKS).unwrap_or((rest, ""));
    let value = number(value).ok_or("its value is no number")?;
    // An exemplar may follow, which says nothing about the series.
    let timestamp = rest.split('#').next().unwrap_or_default().trim_matches(BLANKS);
    let timestamp = match timestamp {
        "" => None,
        timestamp => Some(number(timestamp).ok_or("its timestamp is no number")?),
    };
    Ok(Sample { name, labels, value, timestamp })
}

/// Rust reads what Go writes: `NaN`, `+Inf`, `1e+06`.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':'
}

impl<'a> Sample<'a> {
    /// Its labels, in the order of the page.
    pub fn labels(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        let mut labels = Labels { rest: self.labels };
        // Well formed, as was seen when the line was read; what would not be is its end.
        std::iter::from_fn(move || labels.following().ok().flatten()).filter_map(|label| match label {
            Label::Pair(name, value) => Some((name, value)),
            Label::Name(_) => None,
        })
    }

    /// The value of a label; empty where there is none, as Prometheus has it.
    pub fn label(&self, name: &str) -> Cow<'a, str> {
        self.labels().find(|(known, _)| known == name).map_or(Cow::Borrowed(""), |(_, value)| value)
    }
}

enum Label<'a> {
    Pair(Cow<'a, str>, Cow<'a, str>),
    /// A metric's name in quotes, which stands among the labels.
    Name(Cow<'a, str>),
}

struct Labels<'a> {
    rest: &'a str,
}

impl<'a> Labels<'a> {
    /// The next of them; none where the closing brace, or the end, comes.
    fn following(&mut self) -> Result<Option<Label<'a>>, Malformed> {
        let rest = self.rest.trim_start_matches([' ', '\t', ',']);
        self.rest = rest;
        if rest.is_empty() || rest.starts_with('}') {
            return Ok(None);
        }
        let (name, rest, is_quoted) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = end_of_quoted(quoted).ok_or("a quote is not closed")?;
                (unescaped(&quoted[..end]), &quoted[end + 1..], true)
            }
            None => {
                let end = rest.bytes().position(|byte| !is_of_name(byte)).unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..], false)
            }
        };
        let after = rest.trim_start_matches(BLANKS);
        let Some(value) = after.strip_prefix('=') else {
            if is_quoted && (after.starts_with([',', '}']) || after.is_empty()) {
                self.rest = after;
                return Ok(Some(Label::Name(name)));
            }
            return Err("a label has no value");
        };
        if name.is_empty() {
            return Err("a label has no name");
        }
        let value =
            value.trim_start_matches(BLANKS).strip_prefix('"').ok_or("a label's value has no quotes")?;
        let end = end_of_quoted(value).ok_or("a quote is not closed")?;
        self.rest = value[end + 1..].trim_start_matches(BLANKS);
        if !self.rest.is_empty() && !self.rest.starts_with([',', '}']) {
            return Err("something stands between two labels");
        }
        Ok(Some(Label::Pair(name, unescaped(&value[..end]))))
    }
}

/// Where the closing quote stands.
fn end_of_quoted(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', &bytes[from..])?;
        if bytes[found] == b'"' {
            return Some(found);
        }
        from = found + 2;
        if from > bytes.len() {
            return None;
        }
    }
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some(escaped @ ('\\' | '"')) => plain.push(escaped),
            // No escape at all: it stays as it is.
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Sample<'_> {
        match line(text.as_bytes()) {
            Ok(Line::Sample(sample)) => sample,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn labels(text: &str) -> Vec<(String, String)> {
        read(text).labels().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn samples_have_names_labels_values_and_timestamps() {
        let sample = read("http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000");
        assert_eq!(
            (&*sample.name, sample.value, sample.timestamp),
            ("http_requests_total", 1027.0, Some(1_395_066_363_000.0))
        );
        assert_eq!(&*sample.label("code"), "200");
        assert_eq!(&*sample.label("none"), "");
        assert_eq!(read("metric_without_timestamp_and_labels 12.47").value, 12.47);
        assert_eq!(read("spaces  \t 3").value, 3.0);
        assert_eq!(labels("a{ x = \"1\" , y=\"2\", } 3"), pairs([("x", "1"), ("y", "2")]));
        assert_eq!(labels("a{} 3"), pairs([]));
    }

    #[test]
    fn escapes_are_read_and_braces_within_quotes_are_text() {
        let text = r#"m{path="C:\\DIR\\F.TXT",error="Cannot find \"FILE\"\nby }, {",odd="\d"} 1.458255915e9"#;
        assert_eq!(
            labels(text),
            pairs([("path", r"C:\DIR\F.TXT"), ("error", "Cannot find \"FILE\"\nby }, {"), ("odd", r"\d")])
        );
    }

    #[test]
    fn values_may_be_infinite_or_no_number_at_all() {
        assert_eq!(read("a +Inf").value, f64::INFINITY);
        assert_eq!(read("a{le=\"+Inf\"} -Inf").value, f64::NEG_INFINITY);
        assert!(read("a NaN").value.is_nan());
        assert_eq!(read("a -3.982045 -1").timestamp, Some(-1.0));
    }

    #[test]
    fn exemplars_and_names_in_quotes_are_understood() {
        let sample = read("foo_bucket{le=\"1\"} 8 1520879607.789 # {trace_id=\"KOO5\"} 0.67 1520879606.1");
        assert_eq!((sample.value, sample.timestamp), (8.0, Some(1_520_879_607.789)));
        let sample = read("foo_bucket{le=\"1\"} 8 # {trace_id=\"KOO5\"} 0.67");
        assert_eq!((sample.value, sample.timestamp), (8.0, None));
        let sample = read("{\"my.dotted métrique\",\"a.b\"=\"ü\"} 2");
        assert_eq!((&*sample.name, sample.value), ("my.dotted métrique", 2.0));
        assert_eq!(&*sample.label("a.b"), "ü");
    }

    #[test]
    fn what_is_told_about_metrics_is_read_and_other_comments_are_not() {
        let check =
            |text: &str, expected: Line<'_>| assert_eq!(line(text.as_bytes()), Ok(expected), "{text}");
        check("# TYPE  x \t counter", Line::Type { name: "x".into(), kind: "counter" });
        check(
            "# HELP x It says \\\\ and\\nmore",
            Line::Help { name: "x".into(), text: "It says \\ and\nmore".into() },
        );
        check("# TYPE \"my.x\" gauge", Line::Type { name: "my.x".into(), kind: "gauge" });
        check("# EOF", Line::End);
        check("# a comment", Line::Nothing);
        check("#", Line::Nothing);
        check(" \r", Line::Nothing);
    }

    #[test]
    fn malformed_lines_say_why() {
        for (text, reason) in [
            ("a{x=\"1\" 3", "something stands between"),
            ("a{x=\"1\",", "braces"),
            ("a{x=\"1", "quote"),
            ("a{x=\"1\\", "quote"),
            ("a{x=1} 3", "no quotes"),
            ("a{x} 3", "no value"),
            ("a{=\"1\"} 3", "no name"),
            ("a three", "no number"),
            ("a", "no number"),
            ("a 1 soon", "timestamp"),
            ("{} 3", "no name"),
            ("a{\"b\"} 3", "two names"),
            ("7up 3", "digit"),
            ("<html>", "no name"),
        ] {
            let refusal = line(text.as_bytes()).unwrap_err();
            assert!(refusal.contains(reason), "{text}: {refusal}");
        }
        assert!(line(b"a{x=\"\xff\"} 1").unwrap_err().contains("UTF-8"));
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(text in "[a-z#{}\",=\\\\ 0-9Ü\t]{0,60}") {
            if let Ok(Line::Sample(sample)) = line(text.as_bytes()) {
                _ = sample.labels().count();
            }
        }
    }
}
