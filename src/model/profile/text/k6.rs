//! k6: a list of stages, or an options object with stages or scenarios. Literals only; what is not taken is said.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Corners, Format, ProfileText, TextModel, Written, corners, read_level};
use crate::model::{LoadProfile, format_duration, parse_duration, problem::shown};

/// Deeper is no k6 options object.
const MAX_DEPTH: usize = 32;

pub(super) fn write(profile: &LoadProfile) -> Written {
    let is_open = profile.model.is_open();
    let stages: Vec<String> = corners(profile)
        .into_iter()
        .map(|(time, level)| {
            format!("  {{ \"duration\": \"{}\", \"target\": {} }}", format_duration(time), level.round())
        })
        .collect();
    let mut losses = vec!["k6 stages carry no names.".to_owned()];
    if profile.stages.iter().any(|stage| stage.duration.is_zero()) {
        losses.push("Stages without time are jumps of the curve.".to_owned());
    }
    if is_open {
        losses
            .push("For k6 these are targets of a ramping-arrival-rate executor with timeUnit 1s.".to_owned());
        if profile.stages.iter().any(|stage| stage.end_level.fract() != 0.0) {
            losses.push("k6 wants whole targets: rates were rounded.".to_owned());
        }
    }
    Written { text: format!("[\n{}\n]\n", stages.join(",\n")), losses }
}

pub(super) fn read(text: &str) -> Result<ProfileText, String> {
    let value = read_literal(text)?;
    let mut reader = Reader { corners: Corners::new(), notes: Vec::new() };
    let model = match &value {
        Value::Array(stages) => reader.stages(stages, 1.0).map(|()| None)?,
        Value::Object(options) => reader.options(options)?,
        _ => return Err("The text is neither a list of k6 stages nor an options object.".to_owned()),
    };
    let Reader { corners, notes } = reader;
    Ok(ProfileText { format: Format::K6, stages: corners.stages(), model, notes })
}

/// The object or list within `export const options = …;`.
fn read_literal(text: &str) -> Result<Value, String> {
    let trimmed = text.trim();
    // What stands before the literal is the head of a statement.
    let is_statement = ["export ", "const ", "let ", "var "].iter().any(|word| trimmed.starts_with(word));
    let literal = match trimmed.split_once('=') {
        Some((head, behind)) if is_statement && !head.contains(['{', '[']) => behind,
        _ => trimmed,
    };
    let literal = literal.trim().trim_end_matches(';');
    if depth(literal) > MAX_DEPTH {
        return Err("The text is nested too deep for k6 options.".to_owned());
    }
    json5::from_str(literal).map_err(|error| {
        let place = match error.position() {
            Some(position) => {
                let before = text.find(literal).map_or(0, |at| text[..at].matches('\n').count());
                format!("Line {}", position.line + before + 1)
            }
            None => "The text".to_owned(),
        };
        format!("{place} cannot be read as k6 options: {error}. Only literal values are read, no expressions or calls.")
    })
}

fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

struct Reader {
    corners: Corners,
    notes: Vec<String>,
}

impl Reader {
    /// Stages whose targets count per `time_unit` seconds.
    fn stages(&mut self, stages: &[Value], time_unit: f64) -> Result<(), String> {
        for (index, stage) in stages.iter().enumerate() {
            let (time, target) =
                read_stage(stage).map_err(|trouble| format!("k6 stage {}: {trouble}", index + 1))?;
            self.corners.go(time, target / time_unit);
        }
        Ok(())
    }

    fn options(&mut self, options: &Map<String, Value>) -> Result<Option<TextModel>, String> {
        let rest = |reader: &mut Self, taken: &[&str]| reader.leave(options, taken, "");
        if let Some(scenarios) = options.get("scenarios") {
            rest(self, &["scenarios"]);
            return self.scenarios(scenarios).map(Some);
        }
        if let Some(stages) = options.get("stages").and_then(Value::as_array) {
            self.start_users(options, "vus");
            self.stages(stages, 1.0)?;
            rest(self, &["stages", "vus"]);
            return Ok(Some(TextModel::Closed));
        }
        if let Some(duration) = options.get("duration") {
            self.constant(duration, options.get("vus"), 1.0)?;
            rest(self, &["duration", "vus"]);
            return Ok(Some(TextModel::Closed));
        }
        if options.contains_key("executor") {
            return self.scenario("", options).map(Some);
        }
        if let (Some(duration), Some(_)) = (options.get("duration"), options.get("target")) {
            return Err(format!("Put the stage with duration {duration} into brackets: [ … ]."));
        }
        if let Some(inner) = options.get("options").and_then(Value::as_object) {
            return self.options(inner);
        }
        Err("The k6 options have neither stages nor scenarios nor a duration: paste the part that has."
            .to_owned())
    }

    fn scenarios(&mut self, scenarios: &Value) -> Result<TextModel, String> {
        let scenarios = scenarios.as_object().ok_or("scenarios is no object: it maps names to scenarios.")?;
        let mut readable = scenarios.iter().filter(|(_, scenario)| is_readable(scenario));
        let (name, scenario) = readable.next().ok_or(
            "No scenario has one of the executors that a profile can show: ramping-vus, ramping-arrival-rate, \
             constant-vus, constant-arrival-rate.",
        )?;
        for other in scenarios.keys().filter(|other| *other != name) {
            self.notes.push(format!("Not taken: scenario {}; a profile shows one.", shown(other)));
        }
        let scenario = scenario.as_object().ok_or("the scenario is no object.")?;
        self.scenario(&format!("{}.", shown(name)), scenario)
    }

    fn scenario(&mut self, path: &str, scenario: &Map<String, Value>) -> Result<TextModel, String> {
        let executor = scenario.get("executor").and_then(Value::as_str).unwrap_or_default();
        let stages = || scenario.get("stages").and_then(Value::as_array).map(Vec::as_slice);
        let missing = |key: &str| format!("The {executor} scenario has no {key}: paste it whole.");
        match executor {
            "ramping-vus" => {
                self.start_users(scenario, "startVUs");
                self.stages(stages().ok_or_else(|| missing("stages"))?, 1.0)?;
                self.leave(scenario, &["executor", "stages", "startVUs"], path);
                Ok(TextModel::Closed)
            }
            "constant-vus" => {
                let duration = scenario.get("duration").ok_or_else(|| missing("duration"))?;
                self.constant(duration, scenario.get("vus"), 1.0)?;
                self.leave(scenario, &["executor", "duration", "vus"], path);
                Ok(TextModel::Closed)
            }
            "ramping-arrival-rate" => {
                let unit = time_unit(scenario)?;
                if let Some(rate) = scenario.get("startRate") {
                    self.corners.go(Duration::ZERO, read_number(rate)? / unit);
                }
                self.stages(stages().ok_or_else(|| missing("stages"))?, unit)?;
                let taken = ["executor", "stages", "startRate", "timeUnit", "maxVUs", "preAllocatedVUs"];
                self.leave(scenario, &taken, path);
                Ok(open(scenario))
            }
            "constant-arrival-rate" => {
                let duration = scenario.get("duration").ok_or_else(|| missing("duration"))?;
                self.constant(duration, scenario.get("rate"), time_unit(scenario)?)?;
                let taken = ["executor", "duration", "rate", "timeUnit", "maxVUs", "preAllocatedVUs"];
                self.leave(scenario, &taken, path);
                Ok(open(scenario))
            }
            other => Err(format!("The executor `{}` has no profile that could be drawn.", shown(other))),
        }
    }

    /// k6 starts at one user unless told otherwise.
    fn start_users(&mut self, options: &Map<String, Value>, key: &str) {
        match options.get(key).and_then(Value::as_f64) {
            Some(n_users) if n_users >= 0.0 => self.corners.go(Duration::ZERO, n_users),
            _ => self.notes.push(format!(
                "k6 starts with 1 user where {key} is not set; here the first ramp starts at 0."
            )),
        }
    }

    fn constant(&mut self, duration: &Value, level: Option<&Value>, time_unit: f64) -> Result<(), String> {
        let level = level.map_or(Ok(1.0), read_number)? / time_unit;
        self.corners.go(Duration::ZERO, level);
        self.corners.go(read_time(duration)?, level);
        Ok(())
    }

    fn leave(&mut self, options: &Map<String, Value>, taken: &[&str], path: &str) {
        for key in options.keys().filter(|key| !taken.contains(&key.as_str())) {
            self.notes.push(format!("Not taken: {path}{}.", shown(key)));
        }
    }
}

fn is_readable(scenario: &Value) -> bool {
    let executors = ["ramping-vus", "ramping-arrival-rate", "constant-vus", "constant-arrival-rate"];
    scenario.get("executor").and_then(Value::as_str).is_some_and(|executor| executors.contains(&executor))
}

fn open(scenario: &Map<String, Value>) -> TextModel {
    let n_users = ["maxVUs", "preAllocatedVUs"].iter().find_map(|key| scenario.get(*key)?.as_u64());
    TextModel::Open { max_users: n_users.and_then(|n_users| u32::try_from(n_users).ok()) }
}

fn time_unit(scenario: &Map<String, Value>) -> Result<f64, String> {
    let unit = scenario.get("timeUnit").map_or(Ok(Duration::from_secs(1)), read_time)?;
    if unit.is_zero() {
        return Err("timeUnit is zero: write one such as 1s.".to_owned());
    }
    Ok(unit.as_secs_f64())
}

fn read_stage(stage: &Value) -> Result<(Duration, f64), String> {
    let part = |key: &str| stage.get(key).ok_or_else(|| format!("it has no {key}."));
    Ok((read_time(part("duration")?)?, read_number(part("target")?)?))
}

/// k6 takes text such as `1m30s`, and numbers as milliseconds.
fn read_time(value: &Value) -> Result<Duration, String> {
    match value {
        Value::String(text) => parse_duration(text),
        Value::Number(number) => number
            .as_f64()
            .and_then(|millis| Duration::try_from_secs_f64(millis / 1_000.0).ok())
            .ok_or_else(|| format!("{number} is no duration in milliseconds.")),
        other => Err(format!("`{}` is no duration: write one such as \"1m\".", shown(&other.to_string()))),
    }
}

fn read_number(value: &Value) -> Result<f64, String> {
    read_level(value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    fn check(text: &str, model: Option<TextModel>, expected: &[(f64, f64, Shape)]) -> Vec<String> {
        let read = super::super::read(text).unwrap();
        assert_eq!((read.format, read.model), (Format::K6, model), "{text}");
        let found: Vec<(f64, f64, Shape)> = read
            .stages
            .iter()
            .map(|stage| (stage.duration.as_secs_f64(), stage.end_level, stage.shape))
            .collect();
        assert_eq!(found, expected, "{text}");
        read.notes
    }

    #[test]
    fn a_list_of_stages_is_read() {
        use Shape::{Ramp, Step};
        let text =
            r#"[{"duration":"1m","target":50},{"duration":"0s","target":20},{"duration":"30s","target":20}]"#;
        let notes = check(text, None, &[(60.0, 50.0, Ramp), (30.0, 20.0, Step)]);
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn an_options_object_says_what_was_not_taken() {
        use Shape::{Ramp, Step};
        let text = "export const options = {\n  // as in the shop\n  stages: [\n    { duration: '1m30s', target: 10 },\n  ],\n  \
                    thresholds: { http_req_failed: ['rate<0.01'] },\n};";
        let notes = check(text, Some(TextModel::Closed), &[(90.0, 10.0, Ramp)]);
        assert!(notes.iter().any(|note| note == "Not taken: thresholds."), "{notes:?}");
        assert!(notes.iter().any(|note| note.contains("1 user")), "{notes:?}");
        let text = "{scenarios: {a: {executor: 'shared-iterations'}, b: {executor: 'ramping-arrival-rate', \
                    startRate: 60, timeUnit: '1m', maxVUs: 40, exec: 'shop', stages: [{duration: 5000, target: 300}]}}}";
        let model = Some(TextModel::Open { max_users: Some(40) });
        let notes = check(text, model, &[(0.0, 1.0, Step), (5.0, 5.0, Ramp)]);
        assert_eq!(notes, ["Not taken: scenario a; a profile shows one.", "Not taken: b.exec."]);
        let notes = check("{vus: 10, duration: '30s'}", Some(TextModel::Closed), &[(30.0, 10.0, Step)]);
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn what_is_no_literal_is_refused_with_its_place() {
        for (text, words) in [
            ("export const options = {\n  stages: makeStages(),\n};", "Line 2"),
            ("[{\"duration\":\"1m\"}]", "k6 stage 1: it has no target"),
            ("[{\"duration\":\"soon\",\"target\":1}]", "k6 stage 1"),
            ("{thresholds: {}}", "neither stages nor scenarios"),
        ] {
            let trouble = super::super::read(text).unwrap_err();
            assert!(trouble.contains(words), "{text}: {trouble}");
        }
        assert!(super::super::read(&"[".repeat(100_000)).unwrap_err().contains("too deep"));
    }
}
