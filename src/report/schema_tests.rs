//! The JSON of reports is what its schema says, key by key in both directions.

use serde_json::{Map, Value};

use super::{
    charts::tests::{Known, eventful},
    *,
};
use crate::analysis::sample;
use crate::metrics::{Annotation, KeptRun};
use crate::model::{Metric, PlanChange, PlanChangeKind, Shape, Stage};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../assets/report.schema.json")).unwrap()
}

/// Holds a value against a schema, in the words of JSON Schema that ours uses; a word that it does not know is a fault.
struct Holder<'a> {
    root: &'a Value,
    problems: Vec<String>,
}

impl Holder<'_> {
    fn hold(&mut self, value: &Value, schema: &Value, place: &str, path: &str) {
        let words = schema.as_object().unwrap();
        for (word, rule) in words {
            match word.as_str() {
                "description" | "title" | "$schema" | "$defs" | "properties" | "additionalProperties" => {}
                "$ref" => {
                    let target = rule.as_str().unwrap().strip_prefix("#").unwrap();
                    let root = self.root;
                    self.hold(value, root.pointer(target).unwrap(), place, target);
                }
                "type" => self.expect(is_of_type(value, rule), place, &format!("is no {rule}: {value}")),
                "const" => self.expect(value == rule, place, &format!("is not {rule}: {value}")),
                "enum" => self.expect(
                    rule.as_array().unwrap().contains(value),
                    place,
                    &format!("is none of {rule}: {value}"),
                ),
                "minimum" => {
                    let is_less = value.as_f64().is_some_and(|number| number < rule.as_f64().unwrap());
                    self.expect(!is_less, place, &format!("is less than {rule}: {value}"));
                }
                "anyOf" => self.any_of(value, rule.as_array().unwrap(), place, &format!("{path}/anyOf")),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.hold(item, rule, &format!("{place}[{index}]"), &format!("{path}/items"));
                    }
                }
                "required" => {
                    let Some(keys) = value.as_object() else { continue };
                    for key in rule.as_array().unwrap() {
                        self.expect(keys.contains_key(key.as_str().unwrap()), place, &format!("lacks {key}"));
                    }
                }
                other => panic!("{path}: this test does not know `{other}`"),
            }
        }
        if let Some(keys) = value.as_object() {
            self.keys(keys, words, place, path);
        }
    }

    fn keys(&mut self, keys: &Map<String, Value>, words: &Map<String, Value>, place: &str, path: &str) {
        for (key, value) in keys {
            let place = format!("{place}.{key}");
            match (
                words.get("properties").and_then(|properties| properties.get(key)),
                words.get("additionalProperties"),
            ) {
                (Some(schema), _) => self.hold(value, schema, &place, &format!("{path}/properties/{key}")),
                (None, Some(Value::Object(_))) => {
                    self.hold(
                        value,
                        &words["additionalProperties"],
                        &place,
                        &format!("{path}/additionalProperties"),
                    );
                }
                (None, Some(Value::Bool(false))) => {
                    self.problems.push(format!("{place} is not in the schema"))
                }
                // A reference or an alternative says more.
                (None, _) => {}
            }
        }
    }

    fn any_of(&mut self, value: &Value, alternatives: &[Value], place: &str, path: &str) {
        let mut all = Vec::new();
        for (index, alternative) in alternatives.iter().enumerate() {
            let mut holder = Holder { root: self.root, problems: Vec::new() };
            holder.hold(value, alternative, place, &format!("{path}/{index}"));
            if holder.problems.is_empty() {
                return;
            }
            all.push(holder.problems);
        }
        // The alternative that came furthest tells most.
        let nearest = all
            .into_iter()
            .filter(|problems| !problems.iter().any(|problem| problem.contains("is no \"null\"")));
        self.problems.extend(
            nearest.min_by_key(Vec::len).unwrap_or_else(|| vec![format!("{place} fits no alternative")]),
        );
    }

    fn expect(&mut self, holds: bool, place: &str, problem: &str) {
        if !holds {
            self.problems.push(format!("{place} {problem}"));
        }
    }
}

fn is_of_type(value: &Value, types: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type is called `{other}`"),
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        other => panic!("{other}"),
    }
}

fn problems(value: &Value) -> Vec<String> {
    let schema = schema();
    let mut holder = Holder { root: &schema, problems: Vec::new() };
    holder.hold(value, &schema, "report", "");
    holder.problems
}

/// Runs that between them have something of everything.
fn runs() -> Vec<(&'static str, Known)> {
    let changed = {
        let mut record = sample::record(sample::open_scenario());
        record.plan_changes =
            vec![PlanChange { at: std::time::Duration::from_secs(35), kind: PlanChangeKind::SkipStage }];
        record
            .annotations
            .push(Annotation { at: std::time::Duration::from_secs(3), text: "A note".to_owned() });
        record
    };
    let empty = {
        let mut record = sample::record(sample::scenario());
        record.rows.clear();
        record.intervals.clear();
        record
    };
    let ladder = {
        let mut scenario = sample::open_scenario();
        let stage = |level: u32| Stage {
            name: format!("Hold {level}"),
            duration: std::time::Duration::from_secs(30),
            end_level: f64::from(level),
            shape: Shape::Step,
        };
        scenario.load.stages = [10, 20, 30, 40, 50, 60].map(stage).to_vec();
        scenario.thresholds =
            vec![sample::must(Metric::Quantile(0.95), 0.1), sample::must(Metric::Availability, 0.9)];
        sample::record(scenario)
    };
    vec![
        ("eventful", Known::of(eventful())),
        ("with exemplars and a calibration", Known::of(super::tests::eventful())),
        ("changed", Known::of(changed)),
        ("empty", Known::of(empty)),
        ("a ladder", Known::of(ladder)),
        ("watched", Known::of(super::watched_tests::audited())),
        ("interleaved", Known::of(sample::interleaved(125, 10, &sample::drifting(1.1)))),
    ]
}

#[test]
fn every_report_is_as_the_schema_says() {
    for (name, known) in runs() {
        let problems = problems(&json(&known.paper()));
        assert!(
            problems.is_empty(),
            "{name}: {problems:#?}\nassets/report.schema.json has to follow what reports write"
        );
    }
    let old = KeptRun::from(super::tests::old());
    let summary = crate::analysis::summarize_kept(&old).unwrap();
    let diagnosis = crate::analysis::Diagnosis::default();
    assert_eq!(problems(&json(&Paper::new(&old.record, &summary, &diagnosis))), Vec::<String>::new());
}

#[test]
fn what_the_schema_does_not_say_is_found() {
    let mut report = json(&Known::of(eventful()).paper());
    report["headline"]["figures"]["p42"] = 1.into();
    report["stages"][1].as_object_mut().unwrap().remove("verdict");
    report["model"] = "half-open".into();
    report["whole_run"]["n_ok"] = (-1).into();
    report["capacity"]["levels"] = "none".into();
    let problems = problems(&report);
    for expected in [
        "report.headline.figures.p42 is not in the schema",
        "report.stages[1] lacks \"verdict\"",
        "report.model is none of",
        "report.whole_run.n_ok is less than 0",
        "report.capacity.levels is no \"array\"",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{expected}: {problems:#?}");
    }
}

#[test]
fn every_key_is_described() {
    let mut bare = Vec::new();
    walk(&schema(), "", &mut bare);
    assert!(bare.is_empty(), "{bare:#?}");
}

fn walk(schema: &Value, path: &str, bare: &mut Vec<String>) {
    match schema {
        Value::Object(words) => {
            if let Some(Value::Object(properties)) = words.get("properties") {
                let is_described =
                    |rule: &Value| rule["description"].as_str().is_some_and(|words| words.len() > 3);
                bare.extend(
                    properties
                        .iter()
                        .filter(|(_, rule)| !is_described(rule))
                        .map(|(key, _)| format!("{path}/{key}")),
                );
            }
            words.iter().for_each(|(key, value)| walk(value, &format!("{path}/{key}"), bare));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, bare)),
        _ => {}
    }
}
