//! Whether texts are what they should be: URLs, names of variables and headers, JSON, JSONPath.

use std::borrow::Cow;

/// Whether `{{name}}` can stand for it.
pub(super) fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Whether it is a token of HTTP, such as a header's name.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Whether it is an `http(s)://` URL with a host; `query_allowed` for whole URLs of steps.
pub(super) fn check_url(url: &str, query_allowed: bool) -> Result<(), &'static str> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))
        .ok_or("it does not start with http:// or https://")?;
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it has spaces or line breaks in it");
    }
    if url.contains('#') {
        return Err("a part after `#` is never sent");
    }
    if !query_allowed && url.contains('?') {
        return Err("a query belongs to the steps' paths");
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // The colons of an IPv6 address stand within brackets.
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host_and_port, None),
    };
    if host.is_empty() || host.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}']) {
        return Err("it names no host");
    }
    let is_port =
        |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0);
    if port.is_some_and(|port| !is_port(port)) {
        return Err("its port is no number from 1 to 65535");
    }
    Ok(())
}

/// Whether it is the URL of a proxy: a host behind one of three protocols, and nothing after it.
pub(super) fn check_proxy(url: &str) -> Result<(), &'static str> {
    let rest = ["http://", "https://", "socks5://"]
        .iter()
        .find_map(|protocol| url.strip_prefix(protocol))
        .ok_or("it does not start with http://, https:// or socks5://")?;
    if rest.trim_end_matches('/').contains('/') {
        return Err("a proxy has no path");
    }
    check_url(&format!("http://{rest}"), false).map_err(|reason| match reason {
        "a query belongs to the steps' paths" => "a proxy has no query",
        reason => reason,
    })
}

/// Whether a step's path can be sent; templates count as text.
pub(super) fn check_path(path: &str) -> Result<(), &'static str> {
    let filled = filled(path);
    if filled.starts_with("http://") || filled.starts_with("https://") {
        return check_url(&filled, true);
    }
    if !filled.starts_with('/') {
        return Err("it does not start with `/`, http:// or https://");
    }
    if filled.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it has spaces or line breaks in it: write %20 for a space");
    }
    if filled.contains('#') {
        return Err("a part after `#` is never sent");
    }
    Ok(())
}

/// Whether a JSON body is JSON once its templates are filled.
pub(super) fn check_json(text: &str) -> Result<(), String> {
    serde_json::from_str::<serde::de::IgnoredAny>(&filled(text)).map(drop).map_err(|error| error.to_string())
}

/// Whether a JSONPath can be read.
pub(super) fn check_json_path(path: &str) -> Result<(), String> {
    // The parser goes as deep as the brackets and tries again at each level: both have to stay small.
    const MAX_DEPTH: usize = 12;
    if path.len() > 1_000 {
        return Err("it is longer than 1,000 characters".into());
    }
    let mut depth: usize = 0;
    for c in path.chars() {
        match c {
            '(' | '[' | '!' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err("its brackets go deeper than 12 levels".into());
        }
    }
    serde_json_path::JsonPath::parse(path).map(drop).map_err(|error| match error.message() {
        "parser error" => format!("it cannot be read at character {}", error.position().max(1)),
        message => message.to_owned(),
    })
}

/// Whether a regular expression can be read.
pub(super) fn check_regex(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("it is empty, and matches everything".into());
    }
    regex::bytes::Regex::new(pattern).map(drop).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        // The parser draws the pattern with a pointer below it; its last line says what is wrong.
        error => {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    })
}

/// Whether `{{` stands without its `}}`.
pub(super) fn has_open_template(text: &str) -> bool {
    text.split("{{").skip(1).any(|rest| !rest.contains("}}"))
}

/// The text with each template replaced by a digit, which is valid inside and outside of quotes.
fn filled(text: &str) -> Cow<'_, str> {
    if !text.contains("{{") {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("}}") {
            Some((_, rest)) => filled = filled + "1" + rest,
            None => filled = filled + "{{" + part,
        }
    }
    Cow::Owned(filled)
}
