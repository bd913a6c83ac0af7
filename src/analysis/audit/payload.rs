//! What the answers of a step are made of: their sizes, packed and not, and what of their JSON could be spared.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::metrics::{PayloadFacts, SampledAnswer};
use crate::model::Step;

use super::Clock;
use super::packing::{ENCODINGS, packed_bytes, plain};
use super::shape::Shape;
use super::uses::Uses;

/// How much of all answers is packed on trial, and how much of their JSON is walked, in bytes.
// Brotli packs some 40 MB a second at its level, and JSON is read and walked at about 80 MB: half a second together.
const MAX_PACKED: usize = 4 * 1024 * 1024;
const MAX_WALKED: usize = 16 * 1024 * 1024;

/// The least of an answer that is packed on trial, however many steps there are.
const MIN_PACKED: usize = 4 * 1024;

/// How many fields of a kind are named.
const MAX_NAMED: usize = 12;

/// How much of a step's answers may be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    packed: usize,
    walked: usize,
}

impl Budget {
    /// An equal part for each of so many steps.
    pub fn for_steps(n_steps: usize) -> Self {
        let n_steps = n_steps.max(1);
        Self { packed: (MAX_PACKED / n_steps).max(MIN_PACKED), walked: MAX_WALKED / n_steps }
    }
}

/// Sums over the answers of a step.
#[derive(Default)]
struct Sums {
    n_answers: u64,
    wire_bytes: f64,
    plain_bytes: f64,
    encodings: BTreeMap<String, u64>,
    tried_bytes: u64,
    packed_bytes: BTreeMap<&'static str, u64>,
    packing_time: BTreeMap<&'static str, Duration>,
}

/// What sound answers of a step are made of; none without a body among them.
pub fn facts(
    step: &Step,
    answers: &[&SampledAnswer],
    budget: Budget,
    clock: Clock<'_>,
) -> Option<PayloadFacts> {
    let uses = Uses::of(step);
    let (mut sums, mut shape) = (Sums::default(), Shape::new());
    let mut left = budget;
    for answer in answers.iter().filter(|answer| !answer.body.is_empty()) {
        let encoding = encoding(answer);
        let Some(plain) = plain(&answer.body, &encoding) else { continue };
        sums.add(answer, encoding, &plain, &mut left, clock);
        let is_whole = answer.body.len() as u64 == answer.body_bytes;
        if is_whole && plain.len() <= left.walked {
            left.walked -= plain.len();
            if let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(&plain) {
                shape.walk(&json);
                uses.mark(&json, &mut shape);
            }
        }
    }
    (sums.n_answers > 0).then(|| told(&sums, &shape, uses.are_known()))
}

impl Sums {
    fn add(
        &mut self,
        answer: &SampledAnswer,
        encoding: String,
        plain: &[u8],
        left: &mut Budget,
        clock: Clock<'_>,
    ) {
        // Of a body that was cut its beginning stands for the rest.
        let scale = answer.body_bytes as f64 / answer.body.len() as f64;
        self.n_answers += 1;
        self.wire_bytes += answer.body_bytes as f64;
        self.plain_bytes += plain.len() as f64 * scale;
        *self.encodings.entry(encoding).or_default() += 1;
        let tried = &plain[..plain.len().min(left.packed)];
        left.packed -= tried.len();
        if tried.is_empty() {
            return;
        }
        self.tried_bytes += tried.len() as u64;
        for encoding in ENCODINGS {
            let start = clock();
            // Writing to a counter cannot fail; what cannot be packed would take what it takes.
            let packed = packed_bytes(tried, encoding).unwrap_or(tried.len() as u64);
            *self.packed_bytes.entry(encoding).or_default() += packed;
            *self.packing_time.entry(encoding).or_default() += clock().saturating_sub(start);
        }
    }
}

fn told(sums: &Sums, shape: &Shape, uses_are_known: bool) -> PayloadFacts {
    let n_answers = sums.n_answers as f64;
    let plain_bytes = sums.plain_bytes / n_answers;
    let usual = sums.encodings.iter().max_by_key(|(_, n)| **n).map(|(encoding, _)| encoding.clone());
    let packed = |(encoding, packed): (&&str, &u64)| {
        ((*encoding).to_owned(), plain_bytes * *packed as f64 / sums.tried_bytes as f64)
    };
    let time = |(encoding, time): (&&str, &Duration)| {
        ((*encoding).to_owned(), time.mul_f64(plain_bytes / sums.tried_bytes as f64))
    };
    let per_answer = |bytes: u64| bytes as f64 / shape.n_walked().max(1) as f64;
    let named =
        |fields: Vec<(String, u64)>| fields.into_iter().take(MAX_NAMED).map(|(path, _)| path).collect();
    let unused = if uses_are_known { shape.unused() } else { Vec::new() };
    let totals = shape.totals();
    PayloadFacts {
        n_answers: sums.n_answers,
        wire_bytes: sums.wire_bytes / n_answers,
        plain_bytes,
        encoding: usual.unwrap_or_default(),
        packed_bytes: sums.packed_bytes.iter().map(packed).collect(),
        packing_time: sums.packing_time.iter().map(time).collect(),
        null_bytes: per_answer(totals.null_bytes),
        null_fields: named(shape.mostly_null()),
        long_string_bytes: per_answer(totals.long_bytes),
        long_fields: named(shape.long_strings()),
        repeated_bytes: per_answer(totals.repeated_bytes),
        repeated_fields: named(shape.repeated_strings()),
        long_arrays: shape.long_arrays().into_iter().take(MAX_NAMED).collect(),
        unused_bytes: per_answer(unused.iter().map(|(_, bytes)| bytes).sum()),
        unused_fields: unused
            .into_iter()
            .take(MAX_NAMED)
            .map(|(path, bytes)| (path, per_answer(bytes)))
            .collect(),
    }
}

/// The encoding of a body; empty for none.
fn encoding(answer: &SampledAnswer) -> String {
    let header = answer.headers.iter().find(|(name, _)| name == "content-encoding");
    let encoding = header.map(|(_, value)| value.trim().to_ascii_lowercase()).unwrap_or_default();
    if encoding == "identity" { String::new() } else { encoding }
}

#[cfg(test)]
mod tests {
    use super::super::packing::tests::packed;
    use super::super::testing::{answer, no_time, with_header};
    use super::*;
    use crate::model::{Check, Extract, ExtractSource};

    fn facts_of(step: &Step, answers: &[SampledAnswer]) -> PayloadFacts {
        facts(step, &answers.iter().collect::<Vec<_>>(), Budget::for_steps(1), &no_time).unwrap()
    }

    fn courses(n: usize) -> String {
        let item = |n: usize| {
            let text = "about ".repeat(60);
            format!(
                r#"{{"id":{n},"title":"Course {n}","teacher":"Somebody Somewhere","note":null,"text":"{text}"}}"#
            )
        };
        format!(r#"{{"items":[{}],"total":{n}}}"#, (0..n).map(item).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn an_answer_tells_what_could_be_spared() {
        let mut step = Step::get("list", "/courses");
        let id = ExtractSource::JsonPath("$.items[0].id".to_owned());
        step.extracts = vec![Extract { name: "id".to_owned(), source: id }];
        let body = courses(60);
        let facts = facts_of(&step, &[answer(0, body.as_bytes()), answer(0, body.as_bytes())]);
        assert_eq!((facts.n_answers, facts.encoding.as_str()), (2, ""));
        assert_eq!((facts.wire_bytes, facts.plain_bytes), (body.len() as f64, body.len() as f64));
        assert!(ENCODINGS.iter().all(|encoding| facts.packed_bytes[*encoding] < body.len() as f64 / 5.0));
        assert_eq!(facts.long_arrays, [("$.items".to_owned(), 60.0)]);
        assert_eq!(facts.null_fields, ["$.items[*].note"]);
        // `"note":null,` of each item.
        assert_eq!(facts.null_bytes, 60.0 * 12.0);
        assert_eq!(
            (facts.long_fields.as_slice(), facts.long_string_bytes),
            (&["$.items[*].text".to_owned()][..], 60.0 * 160.0)
        );
        assert_eq!(facts.repeated_fields, ["$.items[*].text", "$.items[*].teacher"]);
        assert_eq!(facts.repeated_bytes, 59.0 * (360.0 + 18.0));
        let unused: Vec<&str> = facts.unused_fields.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            unused,
            ["$.items[*].text", "$.items[*].teacher", "$.items[*].title", "$.items[*].note", "$.total"]
        );
        assert!(facts.unused_bytes > 0.9 * body.len() as f64 && facts.unused_bytes < body.len() as f64);
    }

    #[test]
    fn packed_answers_are_unpacked_before_they_are_looked_into() {
        let body = courses(3);
        for encoding in ["gzip", "deflate", "br", "zstd"] {
            let wire = packed(body.as_bytes(), encoding);
            let n_wire = wire.len() as f64;
            let facts = facts_of(
                &Step::get("list", "/"),
                &[with_header(answer(0, &wire), "content-encoding", encoding)],
            );
            assert_eq!((facts.wire_bytes, facts.plain_bytes), (n_wire, body.len() as f64), "{encoding}");
            assert_eq!((facts.encoding.as_str(), facts.null_fields.len()), (encoding, 1));
        }
    }

    #[test]
    fn a_step_that_looks_at_no_field_tells_nothing_of_use() {
        let mut step = Step::get("list", "/courses");
        let body = courses(2);
        assert_eq!(facts_of(&step, &[answer(0, body.as_bytes())]).unused_fields, []);
        // A text that is looked for may stand anywhere.
        step.checks =
            vec![Check::JsonPathExists("$.total".to_owned()), Check::BodyContains("Somebody".to_owned())];
        assert_eq!(facts_of(&step, &[answer(0, body.as_bytes())]).unused_bytes, 0.0);
    }

    #[test]
    fn what_is_no_json_is_packed_all_the_same() {
        let page = "<p>hello</p>".repeat(100);
        let facts = facts_of(&Step::get("page", "/"), &[answer(0, page.as_bytes())]);
        assert!(facts.packed_bytes["br"] < 100.0 && facts.null_bytes == 0.0 && facts.long_arrays.is_empty());
    }

    #[test]
    fn of_a_body_that_was_cut_the_beginning_stands_for_the_rest() {
        let body = "hello ".repeat(1_000);
        let cut = SampledAnswer { body_bytes: 60_000, ..answer(0, body.as_bytes()) };
        let facts = facts_of(&Step::get("page", "/"), &[cut]);
        assert_eq!((facts.wire_bytes, facts.plain_bytes), (60_000.0, 60_000.0));
        assert!(facts.packed_bytes["gzip"] < 6_000.0);
    }

    #[test]
    fn answers_without_bodies_are_not_made_of_anything() {
        assert_eq!(facts(&Step::get("list", "/"), &[&answer(0, b"")], Budget::for_steps(1), &no_time), None);
    }
}
