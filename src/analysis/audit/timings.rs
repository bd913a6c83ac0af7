//! What sampled answers say of the target's own time, in the header `Server-Timing`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::metrics::{SampledAnswer, TimingFacts};

/// The most parts of a step that are told.
const MAX_PARTS: usize = 8;

/// Letters that the name of a part may have; a longer one is no name.
const MAX_NAME: usize = 64;

/// Sums over the answers of a step.
#[derive(Default)]
struct Sums {
    n_answers: u64,
    millis: f64,
    n_numbers: u64,
    numbers: f64,
}

/// The parts that answers tell a time of, by name.
pub fn facts(answers: &[&SampledAnswer]) -> Vec<TimingFacts> {
    let mut parts: BTreeMap<String, Sums> = BTreeMap::new();
    for answer in answers {
        for (name, value) in &answer.headers {
            if name == "server-timing" {
                // A comma within a quoted description ends its part early, whose time was read by then.
                value.split(',').filter_map(part).for_each(|(name, millis, number)| {
                    if parts.len() < MAX_PARTS || parts.contains_key(name) {
                        parts.entry(name.to_owned()).or_default().add(millis, number);
                    }
                });
            }
        }
    }
    let told = |(name, sums): (String, Sums)| TimingFacts {
        name,
        n_answers: sums.n_answers,
        took: Duration::try_from_secs_f64(sums.millis / 1e3 / sums.n_answers as f64).unwrap_or_default(),
        number: (sums.n_numbers > 0).then(|| sums.numbers / sums.n_numbers as f64),
    };
    parts.into_iter().map(told).collect()
}

impl Sums {
    fn add(&mut self, millis: f64, number: Option<f64>) {
        self.n_answers += 1;
        self.millis += millis;
        if let Some(number) = number {
            self.n_numbers += 1;
            self.numbers += number;
        }
    }
}

/// Name, milliseconds and number of one part, as `db;dur=22.5;desc="11 statements"`; none for one without a time.
fn part(text: &str) -> Option<(&str, f64, Option<f64>)> {
    let mut fields = text.split(';').map(str::trim);
    let name = fields.next().filter(|name| !name.is_empty() && name.len() <= MAX_NAME)?;
    let (mut millis, mut number) = (None, None);
    for (key, value) in fields.filter_map(|field| field.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match key.trim() {
            "dur" => millis = value.parse::<f64>().ok().filter(|millis| millis.is_finite() && *millis >= 0.0),
            "desc" => number = value.split_whitespace().next().and_then(|word| word.parse::<u32>().ok()),
            _ => {}
        }
    }
    Some((name, millis?, number.map(f64::from)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answer, with_header};
    use super::*;

    fn told(values: &[&str]) -> Vec<TimingFacts> {
        let answers: Vec<SampledAnswer> =
            values.iter().map(|value| with_header(answer(0, b"{}"), "server-timing", value)).collect();
        facts(&answers.iter().collect::<Vec<_>>())
    }

    #[test]
    fn times_and_numbers_are_means_of_the_answers_that_tell_them() {
        let told = told(&[
            r#"db;dur=20;desc="11 statements", app;dur=4.5"#,
            r#"db; desc="9 statements"; dur=10, miss"#,
            r#"cache;desc="hit""#,
        ]);
        let part = |name: &str, n_answers, micros, number| TimingFacts {
            name: name.to_owned(),
            n_answers,
            took: Duration::from_micros(micros),
            number,
        };
        assert_eq!(told, [part("app", 1, 4_500, None), part("db", 2, 15_000, Some(10.0))]);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_names_are_bounded() {
        assert_eq!(told(&["", ";;", "db;dur=-1", "db;dur=x", "db;dur=inf", &"n".repeat(65)]), []);
        let many: Vec<String> = (0..50).map(|n| format!("part{n};dur=1")).collect();
        assert_eq!(told(&[&many.join(",")]).len(), MAX_PARTS);
    }
}
