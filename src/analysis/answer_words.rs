//! What checks and extracts ask and find, said alike in window and terminal.

use crate::humanize;
use crate::metrics::{Asked, Found};
use crate::model::{Check, ExtractSource};

/// What a check asks for: `status is 200`, `body contains `ok``.
pub fn asked_words(asked: &Asked) -> String {
    match asked {
        Asked::Status(statuses) if statuses.is_empty() => "status is below 400".to_owned(),
        Asked::Status(statuses) => {
            let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
            format!("status is {}", statuses.join(" or "))
        }
        Asked::Check(check) => check_words(check),
    }
}

/// What a check asks for.
pub fn check_words(check: &Check) -> String {
    match check {
        Check::Status(status) => format!("status is {status}"),
        Check::BodyContains(text) => format!("body contains `{text}`"),
        Check::BodyMatches(pattern) => format!("body matches `{pattern}`"),
        Check::JsonPathExists(path) => format!("`{path}` is there"),
        Check::JsonPathEquals { path, value } => format!("`{path}` is `{value}`"),
        Check::HeaderContains { name, text } => format!("header `{name}` contains `{text}`"),
        Check::Size { min, max } => match (min, max) {
            (Some(min), Some(max)) => {
                format!("body is {} to {} long", humanize::bytes(*min), humanize::bytes(*max))
            }
            (Some(min), None) => format!("body is at least {} long", humanize::bytes(*min)),
            (None, Some(max)) => format!("body is at most {} long", humanize::bytes(*max)),
            (None, None) => "body has a size".to_owned(),
        },
        Check::MaxDuration(limit) => {
            format!("took at most {}", humanize::latency_limit(limit.as_secs_f64()))
        }
    }
}

/// What stood where a check or an extract looked.
pub fn found_words(found: &Found) -> String {
    match found {
        Found::Nothing => "nothing found".to_owned(),
        Found::Status(status) => status.to_string(),
        Found::Time(time) => humanize::latency(*time),
        Found::Size(n_bytes) => humanize::bytes(*n_bytes),
        Found::Text(text) => text.clone(),
        Found::TooLong => "not looked into: the body is longer than 1 MiB".to_owned(),
    }
}

/// Where an extract looks: `JSON `$.id``, `header `location``.
pub fn source_words(source: &ExtractSource) -> String {
    match source {
        ExtractSource::JsonPath(path) => format!("JSON `{path}`"),
        ExtractSource::Regex(pattern) => format!("match of `{pattern}`"),
        ExtractSource::Header(name) => format!("header `{name}`"),
        ExtractSource::Cookie(name) => format!("cookie `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn checks_are_said_with_units() {
        let size = |min, max| check_words(&Check::Size { min, max });
        assert_eq!(size(Some(512), Some(2048)), "body is 512 B to 2.0 KiB long");
        assert_eq!(size(None, Some(512)), "body is at most 512 B long");
        assert_eq!(check_words(&Check::MaxDuration(Duration::from_millis(250))), "took at most 250 ms");
        assert_eq!(asked_words(&Asked::Status(vec![])), "status is below 400");
        assert_eq!(asked_words(&Asked::Status(vec![200, 201])), "status is 200 or 201");
        assert_eq!(found_words(&Found::Size(1536)), "1.5 KiB");
    }
}
