//! Makes a literal of a request a variable: `{{name}}` in its place, and its value among the variables.
//!
//! Only whole literals count: `7` in `/v7/items/7` is the last part of that path, and nothing else.

use super::{Body, PartContent, Scenario, Step, as_name};

/// Where in a request a literal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralPlace {
    /// A part of the path between two `/`.
    Path,
    /// The value of a parameter of this name.
    Query(String),
    /// Within the value of a header of this name.
    Header(String),
    Body,
}

/// How far a change reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Step { journey: usize, step: usize },
    AllSteps,
}

/// Puts `{{name}}` where the literal stands and defines the variable; returns in how many places, and changes
/// nothing where that is none.
pub fn literal_to_variable(
    scenario: &mut Scenario,
    reach: Reach,
    place: &LiteralPlace,
    literal: &str,
    name: &str,
) -> usize {
    let mut n_replaced = 0;
    for (journey_index, journey) in scenario.journeys.iter_mut().enumerate() {
        for (step_index, step) in journey.steps.iter_mut().enumerate() {
            if reach == Reach::AllSteps || reach == (Reach::Step { journey: journey_index, step: step_index })
            {
                n_replaced += replace_in_step(step, place, literal, name);
            }
        }
    }
    if n_replaced > 0 {
        scenario.variables.insert(name.to_owned(), literal.to_owned());
    }
    n_replaced
}

/// In how many places of a step the literal stands.
pub fn n_literals(step: &Step, place: &LiteralPlace, literal: &str) -> usize {
    replace_in_step(&mut step.clone(), place, literal, "x")
}

/// A name for the variable that a literal becomes.
pub fn name_of_literal(place: &LiteralPlace, path: &str, literal: &str) -> String {
    let name = match place {
        LiteralPlace::Query(name) => as_name(name),
        LiteralPlace::Header(name) => as_name(&name.to_lowercase()),
        LiteralPlace::Body => String::new(),
        LiteralPlace::Path => {
            let parts: Vec<_> = path.split('?').next().unwrap_or_default().split('/').collect();
            let before =
                parts.iter().position(|part| decoded(part) == literal).and_then(|at| at.checked_sub(1));
            let before = before.map(|at| as_name(parts[at])).unwrap_or_default();
            let one = before.strip_suffix('s').unwrap_or(&before);
            if one.is_empty() { String::new() } else { format!("{one}_id") }
        }
    };
    if name.is_empty() { "value".to_owned() } else { name }
}

fn replace_in_step(step: &mut Step, place: &LiteralPlace, literal: &str, name: &str) -> usize {
    let gap = format!("{{{{{name}}}}}");
    let in_parts = |text: &mut String, ends: &[char]| replace_parts(text, ends, literal, &gap);
    match place {
        LiteralPlace::Path => {
            let (mut path, query) = split_query(&step.path);
            let n_replaced = in_parts(&mut path, &['/']);
            step.path = format!("{path}{query}");
            n_replaced
        }
        LiteralPlace::Query(parameter) => {
            let (path, mut query) = split_query(&step.path);
            let mut n_replaced = replace_in_query(&mut query, parameter, literal, &gap);
            step.path = format!("{path}{query}");
            for (_, value) in step.query.iter_mut().filter(|(known, _)| known == parameter) {
                n_replaced += in_parts(value, &[]);
            }
            n_replaced
        }
        LiteralPlace::Header(header) => {
            let named = step.headers.iter_mut().filter(|(known, _)| known.eq_ignore_ascii_case(header));
            named.map(|(_, value)| in_parts(value, &[' ', ',', ';', '=', '"'])).sum()
        }
        LiteralPlace::Body => replace_in_body(&mut step.body, literal, &gap),
    }
}

fn replace_in_body(body: &mut Body, literal: &str, gap: &str) -> usize {
    match body {
        Body::None | Body::File(_) => 0,
        Body::Json(text) => replace_in_json(text, literal, gap),
        Body::Text(text) => {
            let ends = [' ', ',', ';', '=', '"', '\'', '&', ':', '<', '>', '\n', '\r', '\t'];
            replace_parts(text, &ends, literal, gap)
        }
        Body::Form(fields) => {
            fields.iter_mut().map(|(_, value)| replace_parts(value, &[], literal, gap)).sum()
        }
        Body::Multipart(parts) => parts
            .iter_mut()
            .map(|part| match &mut part.content {
                PartContent::Text(text) => replace_parts(text, &[], literal, gap),
                PartContent::File(_) => 0,
            })
            .sum(),
    }
}

/// Path and query, the latter with its `?`.
fn split_query(path: &str) -> (String, String) {
    let at = path.find('?').unwrap_or(path.len());
    (path[..at].to_owned(), path[at..].to_owned())
}

fn replace_in_query(query: &mut String, parameter: &str, literal: &str, gap: &str) -> usize {
    let Some(pairs) = query.strip_prefix('?') else { return 0 };
    let mut n_replaced = 0;
    let pairs: Vec<_> = pairs
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if decoded(name) == parameter && decoded(value) == literal => {
                n_replaced += 1;
                format!("{name}={gap}")
            }
            _ => pair.to_owned(),
        })
        .collect();
    *query = format!("?{}", pairs.join("&"));
    n_replaced
}

/// Replaces each part between `ends` that is the literal.
fn replace_parts(text: &mut String, ends: &[char], literal: &str, gap: &str) -> usize {
    let mut n_replaced = 0;
    let mut replaced = String::with_capacity(text.len());
    for part in text.split_inclusive(ends) {
        let end = part.chars().next_back().filter(|last| ends.contains(last));
        let bare = &part[..part.len() - end.map_or(0, char::len_utf8)];
        if !bare.is_empty() && decoded(bare) == literal {
            n_replaced += 1;
            replaced.push_str(gap);
        } else {
            replaced.push_str(bare);
        }
        replaced.extend(end);
    }
    *text = replaced;
    n_replaced
}

/// Replaces each value of JSON that is the literal; the quotes of a text stay, and keys are left alone.
// A scanner rather than a parser: with templates in it a text need not be JSON yet.
fn replace_in_json(text: &mut String, literal: &str, gap: &str) -> usize {
    let (mut replaced, mut n_replaced) = (String::with_capacity(text.len()), 0);
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let n_token = match first {
            '"' => string_end(rest),
            '{' if rest.starts_with("{{") => rest.find("}}").map_or(rest.len(), |at| at + 2),
            first if is_bare(first) => rest.find(|c| !is_bare(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        let (token, after) = rest.split_at(n_token);
        let is_key = after.trim_start().starts_with(':');
        let quoted = serde_json::from_str::<String>(token).ok();
        let is_literal = quoted.as_deref() == Some(literal) || (first != '"' && token == literal);
        if is_literal && !is_key && (first == '"' || is_bare(first)) {
            n_replaced += 1;
            replaced.push_str(&if first == '"' { format!("\"{gap}\"") } else { gap.to_owned() });
        } else {
            replaced.push_str(token);
        }
        rest = after;
    }
    *text = replaced;
    n_replaced
}

/// Length of the string that a text begins with, with its quotes.
fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Arrivals, Journey, LoadModel, LoadProfile};

    fn scenario(steps: Vec<Step>) -> Scenario {
        let load = LoadProfile {
            model: LoadModel::Open { arrivals: Arrivals::Constant, max_users: 1, seed: 1 },
            warm_up: std::time::Duration::ZERO,
            graceful_stop: std::time::Duration::ZERO,
            stages: Vec::new(),
        };
        let mut scenario = Scenario::new("test", "http://localhost", load);
        scenario.journeys = vec![Journey { steps, ..Journey::new("journey") }];
        scenario
    }

    /// Replaces in one step and gives it back with the number of places.
    fn replaced(step: Step, place: LiteralPlace, literal: &str) -> (Step, usize) {
        let mut scenario = scenario(vec![step]);
        let reach = Reach::Step { journey: 0, step: 0 };
        let n_replaced = literal_to_variable(&mut scenario, reach, &place, literal, "x");
        let value = scenario.variables.get("x").map(String::as_str);
        assert_eq!(value, (n_replaced > 0).then_some(literal));
        (scenario.journeys.remove(0).steps.remove(0), n_replaced)
    }

    fn path(path: &str, place: LiteralPlace, literal: &str) -> String {
        replaced(Step::get("s", path), place, literal).0.path
    }

    #[test]
    fn whole_parts_of_a_path_are_replaced() {
        assert_eq!(path("/v7/items/7?page=7", LiteralPlace::Path, "7"), "/v7/items/{{x}}?page=7");
        assert_eq!(path("/tags/a%20b/edit", LiteralPlace::Path, "a b"), "/tags/{{x}}/edit");
        assert_eq!(path("/v7/items", LiteralPlace::Path, "7"), "/v7/items");
    }

    #[test]
    fn parameters_are_replaced_by_name_wherever_they_are_written() {
        let page = || LiteralPlace::Query("page".into());
        assert_eq!(path("/items?page=7&size=7", page(), "7"), "/items?page={{x}}&size=7");
        let mut step = Step::get("s", "/items");
        step.query = vec![("page".into(), "7".into()), ("size".into(), "7".into())];
        let (step, n_replaced) = replaced(step, page(), "7");
        assert_eq!((step.query[0].1.as_str(), step.query[1].1.as_str(), n_replaced), ("{{x}}", "7", 1));
    }

    #[test]
    fn a_word_of_a_header_is_replaced() {
        let mut step = Step::get("s", "/");
        step.headers = vec![("Authorization".into(), "Bearer abc.def".into())];
        let (step, _) = replaced(step, LiteralPlace::Header("authorization".into()), "abc.def");
        assert_eq!(step.headers[0].1, "Bearer {{x}}");
    }

    #[test]
    fn values_of_json_are_replaced_and_keys_are_not() {
        let json = |text: &str, literal: &str| {
            let mut step = Step::get("s", "/");
            step.body = Body::Json(text.into());
            match replaced(step, LiteralPlace::Body, literal).0.body {
                Body::Json(text) => text,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(json(r#"{"a": "a", "b": ["a", {{a}}]}"#, "a"), r#"{"a": "{{x}}", "b": ["{{x}}", {{a}}]}"#);
        assert_eq!(json(r#"{"n": 7, "m": 77, "s": "7"}"#, "7"), r#"{"n": {{x}}, "m": 77, "s": "{{x}}"}"#);
        assert_eq!(json(r#"{"s": "say \"hi\""}"#, "say \"hi\""), r#"{"s": "{{x}}"}"#);
        assert_eq!(json(r#"{"s": "open"#, "open"), r#"{"s": "open"#);
    }

    #[test]
    fn all_steps_are_reached_only_if_asked_for() {
        let steps = || vec![Step::get("a", "/items/7"), Step::get("b", "/items/7/edit")];
        let mut one = scenario(steps());
        let reach = Reach::Step { journey: 0, step: 1 };
        assert_eq!(literal_to_variable(&mut one, reach, &LiteralPlace::Path, "7", "id"), 1);
        assert_eq!(one.journeys[0].steps[0].path, "/items/7");
        let mut all = scenario(steps());
        assert_eq!(literal_to_variable(&mut all, Reach::AllSteps, &LiteralPlace::Path, "7", "id"), 2);
        assert_eq!(all.journeys[0].steps[1].path, "/items/{{id}}/edit");
    }

    #[test]
    fn names_say_what_the_literal_is() {
        let name = |place, path| name_of_literal(&place, path, "7");
        assert_eq!(name(LiteralPlace::Path, "/shop/courses/7?a=b"), "course_id");
        assert_eq!(name(LiteralPlace::Path, "/7"), "value");
        assert_eq!(name(LiteralPlace::Query("per-page".into()), "/"), "per_page");
        assert_eq!(name(LiteralPlace::Header("X-Tenant".into()), "/"), "x_tenant");
    }
}
