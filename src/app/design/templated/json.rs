//! JSON in tokens: for colours, and for putting it in order without changing what it says. Text that is not JSON,
//! or not yet, has tokens too; `{{…}}` is one wherever it stands.

use std::ops::Range;

/// What a piece of JSON is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    Space,
    /// Brackets, commas and colons.
    Sign,
    Key,
    Text,
    Number,
    /// `true`, `false` and `null`.
    Word,
    Template,
    /// What JSON does not know.
    Other,
}

/// The tokens of a text in order; together they are the whole text.
pub fn tokens(text: &str) -> Vec<(Range<usize>, Token)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let rest = &text[at..];
        if let Some(end) = template_end(rest) {
            at += end;
            tokens.push((start..at, Token::Template));
        } else if rest.starts_with('"') {
            at = push_string(text, start, &mut tokens);
        } else {
            let (length, token) = plain(rest);
            at += length;
            tokens.push((start..at, token));
        }
    }
    tokens
}

/// The length of a `{{…}}` on one line at the start of `text`.
fn template_end(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("{{")?;
    let end = inside.find("}}")?;
    (!inside[..end].contains(['\n', '{'])).then_some(end + 4)
}

/// A string in its pieces between templates; returns where it ends.
fn push_string(text: &str, start: usize, tokens: &mut Vec<(Range<usize>, Token)>) -> usize {
    let bytes = text.as_bytes();
    let first = tokens.len();
    let (mut at, mut piece) = (start + 1, start);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                break;
            }
            b'\n' => break,
            // The escaped sign may be one of several bytes, of which none is a quote.
            b'\\' => at += 1 + usize::from(at + 1 < bytes.len() && bytes[at + 1].is_ascii()),
            b'{' if let Some(length) = template_end(&text[at..]) => {
                tokens.push((piece..at, Token::Text));
                tokens.push((at..at + length, Token::Template));
                at += length;
                piece = at;
            }
            _ => at += 1,
        }
    }
    let end = at.min(bytes.len());
    if piece < end {
        tokens.push((piece..end, Token::Text));
    }
    if text[end..].trim_start().starts_with(':') {
        for (_, token) in tokens[first..].iter_mut().filter(|(_, token)| *token == Token::Text) {
            *token = Token::Key;
        }
    }
    end
}

/// Length and kind of what begins with neither a quote nor a template.
fn plain(text: &str) -> (usize, Token) {
    let run = |is_in: fn(char) -> bool| text.find(|c| !is_in(c)).unwrap_or(text.len());
    match text.as_bytes()[0] {
        b'{' | b'}' | b'[' | b']' | b',' | b':' => (1, Token::Sign),
        b' ' | b'\t' | b'\n' | b'\r' => (run(|c| matches!(c, ' ' | '\t' | '\n' | '\r')), Token::Space),
        b'-' | b'0'..=b'9' => (run(|c| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')), Token::Number),
        _ => {
            let is_in = |c: char| !matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"') && !c.is_whitespace();
            // At least one sign, so that the text comes to an end.
            let length = text.find(|c| !is_in(c)).unwrap_or(text.len()).max(first_length(text));
            let token = match &text[..length] {
                "true" | "false" | "null" => Token::Word,
                _ => Token::Other,
            };
            (length, token)
        }
    }
}

fn first_length(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// The same JSON, one value a line and indented by two; numbers, order and templates stay as they are written.
pub fn tidied(text: &str) -> String {
    const INDENT: &str = "  ";
    let mut tidy = String::with_capacity(text.len() * 2);
    let mut depth: usize = 0;
    let all: Vec<_> = tokens(text).into_iter().filter(|(_, token)| *token != Token::Space).collect();
    let line = |tidy: &mut String, depth: usize| {
        tidy.push('\n');
        tidy.extend(std::iter::repeat_n(INDENT, depth));
    };
    for (index, (range, token)) in all.iter().enumerate() {
        let piece = &text[range.clone()];
        let next = all.get(index + 1).map(|(range, _)| &text[range.clone()]);
        match (token, piece) {
            (Token::Sign, "{" | "[") => {
                tidy.push_str(piece);
                depth += 1;
                if !matches!(next, Some("}" | "]")) {
                    line(&mut tidy, depth);
                }
            }
            (Token::Sign, "}" | "]") => {
                depth = depth.saturating_sub(1);
                if !tidy.ends_with(['{', '[']) {
                    line(&mut tidy, depth);
                }
                tidy.push_str(piece);
            }
            (Token::Sign, ",") => {
                tidy.push(',');
                line(&mut tidy, depth);
            }
            (Token::Sign, _) => tidy.push_str(": "),
            _ => tidy.push_str(piece),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[(&str, Token)]) {
        let found: Vec<_> = tokens(text)
            .into_iter()
            .map(|(range, token)| (&text[range], token))
            .filter(|(_, token)| *token != Token::Space)
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn keys_values_and_templates_are_told_apart() {
        use Token::*;
        check(
            r#"{"id": {{id}}, "n" : -1.5e3}"#,
            &[
                ("{", Sign),
                ("\"id\"", Key),
                (":", Sign),
                ("{{id}}", Template),
                (",", Sign),
                ("\"n\"", Key),
                (":", Sign),
                ("-1.5e3", Number),
                ("}", Sign),
            ],
        );
        check(
            r#"["a{{b}}\"c", true, nope]"#,
            &[
                ("[", Sign),
                ("\"a", Text),
                ("{{b}}", Template),
                ("\\\"c\"", Text),
                (",", Sign),
                ("true", Word),
                (",", Sign),
                ("nope", Other),
                ("]", Sign),
            ],
        );
        check("\"open", &[("\"open", Text)]);
        check("\"ä\\ü\"", &[("\"ä\\ü\"", Text)]);
    }

    #[test]
    fn tidying_changes_nothing_but_space() {
        let tidy = tidied(r#"{"b":1.50,"a":[{{x}},{}],"c":"{{d}} : e","f":[]}"#);
        let expected = "{\n  \"b\": 1.50,\n  \"a\": [\n    {{x}},\n    {}\n  ],\n  \"c\": \"{{d}} : e\",\n  \"f\": []\n}";
        assert_eq!(tidy, expected);
        assert_eq!(tidied(&tidy), tidy);
    }

    proptest! {
        #[test]
        fn tokens_are_the_whole_text(text in "[ -~äöü🎉\n\\{\\}\"\\\\]{0,60}") {
            let mut end = 0;
            for (range, _) in tokens(&text) {
                prop_assert_eq!(range.start, end);
                prop_assert!(range.end > range.start);
                end = range.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
