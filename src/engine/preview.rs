//! A request as text, before anything runs: what the lean transport would write, character by character.
//!
//! Neither files nor secrets are read. What is not known before a run shows as what stands for it.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::job::{closes_connections, constants};
use super::request::{Filling, Marks, Setting, Slots, StepRequest, Supplies, Unsendable, Wants};
use super::secrets::HIDDEN;
use super::wire::WireRequest;
use crate::model::Scenario;

/// The longest part of a body that is shown, in bytes.
const MAX_BODY: usize = 32 * 1024;

/// Where the sandbox's requests go is known only once it runs.
const SANDBOX_URL: &str = "http://sandbox";

/// A request as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewText {
    /// Request line and headers, each with its line end, and the empty line after them.
    pub head: String,
    pub body: String,
    /// Whether the body goes on.
    pub is_cut: bool,
}

/// The request of a step as HTTP/1.1 text; `values` are those of variables that only a run knows.
pub fn preview(
    scenario: &Scenario,
    journey_index: usize,
    step_index: usize,
    values: &BTreeMap<String, String>,
) -> Result<PreviewText, String> {
    let scenario = scenario.resolved();
    let journey = scenario.journeys.get(journey_index).ok_or("there is no such journey")?;
    let step = journey.steps.get(step_index).ok_or("there is no such step")?;
    let mut marks = Marks::default();
    let hidden = marks.mark(HIDDEN);
    let secrets = scenario.secrets.keys().map(|name| (name.clone(), hidden.clone())).collect();
    let constants = constants(&scenario.variables, &secrets);
    let mut supplies = Supplies::marked(marks);
    let extracts = journey.enabled_steps().flat_map(|step| &step.extracts);
    let mut slots =
        Slots { constants: &constants, names: extracts.map(|extract| extract.name.clone()).collect() };
    let base_url = if scenario.targets_sandbox() { SANDBOX_URL } else { &scenario.base_url };
    let wants = Wants { close: closes_connections(&scenario.transport), ..Wants::default() };
    let setting = Setting { base_url, auth: scenario.auth_of(step), wants };
    let prepared = StepRequest::prepare(step, &setting, &mut slots, &mut supplies);
    let mut marks = supplies.marks.take().unwrap_or_default();
    let request = prepared.map_err(|Unsendable(why)| marks.shown(&why))?;
    let known = slots.names.iter().map(|name| {
        let known = values.get(name).or_else(|| constants.get(name)).cloned();
        Some(known.unwrap_or_else(|| marks.mark(format!("{{{{{name}}}}}"))))
    });
    let known = known.collect();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut filling = Filling { values: &known, random: &mut random, clock: sample_time };
    let rendered = rendered(&request, &mut filling);
    rendered.map(|request| shown(&request, &marks)).map_err(|Unsendable(why)| marks.shown(&why))
}

/// What `now()` gives where nothing is sent: always the same, so that a text that is looked at stands still.
fn sample_time() -> Timestamp {
    Timestamp::constant(1_795_509_000, 123_000_000)
}

/// The bytes of a request, as the lean transport renders it.
fn rendered(request: &StepRequest, filling: &mut Filling<'_>) -> Result<WireRequest, Unsendable> {
    if let StepRequest::Gapped(_, Some(template)) = request {
        return template.fill(filling);
    }
    let filled = request.fill(filling)?;
    WireRequest::of(&filled).ok_or_else(|| Unsendable(format!("`{}` names no host", filled.url)))
}

fn shown(request: &WireRequest, marks: &Marks) -> PreviewText {
    let end = request.bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, small_body) = request.bytes.split_at(end.map_or(request.bytes.len(), |at| at + 4));
    let body = request.large_body.as_deref().unwrap_or(small_body);
    let whole_body = String::from_utf8_lossy(body);
    let head = String::from_utf8_lossy(head);
    let head: String =
        head.split_inclusive("\r\n").map(|line| shown_line(line, Marks::is_in(&whole_body))).collect();
    // Cut once the marks are replaced: one that is cut in two would be seen.
    let shown_body = marks.shown(&whole_body);
    let kept = &shown_body[..shown_body.floor_char_boundary(MAX_BODY)];
    PreviewText { head: marks.shown(&head), body: kept.to_owned(), is_cut: kept.len() < shown_body.len() }
}

/// A line of the head, without what only stands in for something: the length of a body that is not known yet, and
/// credentials whose parts cannot be told apart any more.
fn shown_line(line: &str, is_of_unknown_length: bool) -> String {
    const BASIC: &str = "authorization: Basic ";
    if is_of_unknown_length && line.starts_with("content-length: ") {
        return "content-length: …\r\n".to_owned();
    }
    let is_hidden = line.strip_prefix(BASIC).is_some_and(|encoded| holds_mark(encoded.trim_end()));
    if is_hidden { format!("{BASIC}{HIDDEN}\r\n") } else { line.to_owned() }
}

fn holds_mark(encoded: &str) -> bool {
    BASE64_STANDARD.decode(encoded).is_ok_and(|plain| Marks::is_in(&String::from_utf8_lossy(&plain)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{open, scenario};
    use crate::model::{
        Auth, Body, ClientCredentials, Extract, ExtractSource, Part, PartContent, SecretSource, Step,
    };

    const AGENT: &str = concat!("user-agent: stagewright/", env!("CARGO_PKG_VERSION"));

    /// The text of one step's request, with a step before it that extracts `id`.
    fn text(described: Step, auth: Auth, values: &[(&str, &str)]) -> String {
        let mut scenario = scenario(open(1), &[(1, 1.0)], &["/first"]);
        scenario.variables.insert("page".into(), "7".into());
        scenario.secrets.insert("key".into(), SecretSource::Env("KEY".into()));
        scenario.auth = auth;
        scenario.journeys[0].steps[0].extracts =
            vec![Extract { name: "id".into(), source: ExtractSource::JsonPath("$.id".into()) }];
        scenario.journeys[0].steps.push(described);
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let PreviewText { head, body, is_cut } = preview(&scenario, 0, 1, &values).unwrap();
        assert!(!is_cut);
        format!("{head}{body}").replace("\r\n", "\n")
    }

    #[test]
    fn what_is_known_is_filled_in_and_what_is_not_shows_as_written() {
        let mut described = Step::get("order", "/orders/{{id}}");
        described.query = vec![("page".into(), "{{page}}".into()), ("who".into(), "{{users.name}}".into())];
        let expected = |id: &str, name: &str| {
            format!("GET /orders/{id}?page=7&who={name} HTTP/1.1\nhost: test\naccept: */*\n{AGENT}\n\n")
        };
        assert_eq!(text(described.clone(), Auth::None, &[]), expected("{{id}}", "{{users.name}}"));
        let values = [("id", "a/1"), ("users.name", "A & B")];
        assert_eq!(text(described, Auth::None, &values), expected("a/1", "A%20%26%20B"));
    }

    #[test]
    fn a_body_comes_with_its_length_as_soon_as_that_is_known() {
        let mut described = Step::get("order", "/");
        described.method = "POST".into();
        described.body = Body::Json(r#"{"id": "{{id}}", "n": {{counter()}}}"#.into());
        let known = text(described.clone(), Auth::None, &[("id", "a1")]);
        assert!(known.contains("\ncontent-length: 20\n"), "{known}");
        assert!(known.ends_with("\n\n{\"id\": \"a1\", \"n\": 1}"), "{known}");
        let unknown = text(described, Auth::None, &[]);
        assert!(unknown.contains("\ncontent-length: …\n"), "{unknown}");
        assert!(unknown.ends_with("\n\n{\"id\": \"{{id}}\", \"n\": 1}"), "{unknown}");
    }

    #[test]
    fn what_stands_in_passes_every_encoding() {
        let mut described = Step::get("a", "http://{{id}}.test/{{id}}");
        described.query = vec![("q".into(), "{{id}}".into())];
        described.body = Body::Form(vec![("f".into(), "{{id}} {{key}}".into())]);
        let shown = text(described, Auth::None, &[]);
        assert!(shown.starts_with("GET /{{id}}?q={{id}} HTTP/1.1\nhost: {{id}}.test\n"), "{shown}");
        assert!(shown.ends_with("\n\nf={{id}}+•••"), "{shown}");
    }

    #[test]
    fn secrets_tokens_and_credentials_are_hidden() {
        let mut described = Step::get("a", "/?k={{key}}");
        described.headers = vec![("x-key".into(), "{{key}}".into())];
        let basic = Auth::Basic { user: "me".into(), password: "{{key}}".into() };
        let shown = text(described.clone(), basic, &[]);
        assert!(shown.starts_with("GET /?k=••• HTTP/1.1\n"), "{shown}");
        assert!(shown.contains("\nx-key: •••\nauthorization: Basic •••\n"), "{shown}");
        let credentials = ClientCredentials {
            token_url: "/token".into(),
            client_id: "id".into(),
            client_secret: "{{key}}".into(),
            scope: None,
        };
        assert!(text(described, Auth::OAuth2(credentials), &[]).contains("\nauthorization: Bearer •••\n"));
    }

    #[test]
    fn files_are_named_and_not_read() {
        let file = Part {
            name: "photo".into(),
            content: PartContent::File("no/such.png".into()),
            content_type: None,
        };
        let described = Step { body: Body::Multipart(vec![file]), ..Step::get("a", "/") };
        let shown = text(described, Auth::None, &[]);
        assert!(
            shown.contains("filename=\"such.png\"\ncontent-type: image/png\n\n‹the bytes of no/such.png›\n"),
            "{shown}"
        );
        assert!(shown.contains("\ncontent-length: …\n"), "{shown}");
    }

    #[test]
    fn the_sandbox_stands_in_for_its_address_and_what_cannot_be_sent_says_why() {
        let mut described = scenario(open(1), &[(1, 1.0)], &["/", "http://{{host}}/x"]);
        described.base_url = crate::model::SANDBOX_BASE_URL.into();
        let shown = preview(&described, 0, 0, &BTreeMap::new()).unwrap();
        assert!(shown.head.contains("\r\nhost: sandbox\r\n"), "{}", shown.head);
        let values = BTreeMap::from([("host".to_owned(), "a b".to_owned())]);
        assert!(preview(&described, 0, 1, &values).unwrap_err().contains("is no URL"));
        assert!(preview(&described, 0, 2, &values).is_err());
    }
}
