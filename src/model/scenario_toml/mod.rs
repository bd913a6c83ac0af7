//! The scenario file: TOML in and out.
//!
//! Reading walks the document by hand, so that all problems come at once and each with its line. Writing
//! gives one canonical text, with the comments of the text before.

mod auth;
mod comments;
mod interleave;
mod keys;
mod monitors;
mod read;
mod read_data;
mod read_journeys;
mod read_steps;
mod reader;
mod search;
mod service_levels;
mod transport;
mod write;
mod write_data;
mod write_steps;

use toml_edit::Document;

use super::{Problem, Scenario, problem::shown_up_to, validate};
use reader::Reader;

/// Reads a scenario file; returns all problems at once, and never a scenario with errors.
pub fn parse_scenario(text: &str) -> Result<(Scenario, Vec<Problem>), Vec<Problem>> {
    parse_scenario_with(text, |_| {})
}

/// As [`parse_scenario`], with a change that is made before the scenario is looked at: what only another
/// environment defines is no problem there.
pub fn parse_scenario_with(
    text: &str,
    change: impl FnOnce(&mut Scenario),
) -> Result<(Scenario, Vec<Problem>), Vec<Problem>> {
    if text
        .trim_start_matches('\u{feff}')
        .lines()
        .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
    {
        return Err(vec![empty_file()]);
    }
    let mut reader = Reader::new(text);
    let document = Document::parse(text).map_err(|error| vec![not_toml(&reader, text, &error)])?;
    let mut scenario = read::scenario(&mut reader, document.as_table());
    if let Some(scenario) = &mut scenario {
        change(scenario);
    }
    let mut problems = Vec::new();
    if let Some(scenario) = &scenario {
        for mut problem in validate(scenario) {
            // A field that could not be read holds a stand-in, about which nothing can be said.
            if !reader.problems().iter().any(|known| is_within(&known.field, &problem.field)) {
                problem.line = reader.line_of(&problem.field);
                problems.push(problem);
            }
        }
    }
    problems.extend(reader.into_problems());
    problems.sort_by_key(|problem| problem.line.unwrap_or(0));
    match scenario {
        Some(scenario) if !problems.iter().any(Problem::is_error) => Ok((scenario, problems)),
        _ => Err(problems),
    }
}

/// Reads a text that [`write_scenario`] wrote, errors and all: a draft must come back as it was left.
pub fn parse_draft(text: &str) -> Option<Scenario> {
    let document = Document::parse(text).ok()?;
    read::scenario(&mut Reader::new(text), document.as_table())
}

/// Writes a scenario as it was written, in stable order, keeping the comments of `previous` where its keys still exist.
pub fn write_scenario(scenario: &Scenario, previous: Option<&str>) -> String {
    let text = write::canonical(&scenario.as_written());
    match previous {
        Some(previous) => comments::carry_over(&text, previous),
        None => text,
    }
}

/// Whether one field lies within the other, either way round.
fn is_within(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn empty_file() -> Problem {
    Problem::error(
        "file",
        "the file is empty: a scenario needs format, name, base_url, a [load] with stages, and [[journeys]] with steps",
        "Start from a preset: `stagewright presets show quickstart` prints one.",
    )
}

fn not_toml(reader: &Reader, text: &str, error: &toml_edit::TomlError) -> Problem {
    let line = error.span().map(|span| reader.line_at(span.start.min(text.len())));
    let is_binary = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    let (message, remedy) = if is_binary {
        (
            "this is not a text file: it has bytes that no scenario has".to_owned(),
            "Check that the right file was named; a scenario is a TOML text file.".to_owned(),
        )
    } else {
        (
            format!("this is not TOML: {}", in_plain_words(error.message())),
            "Check quotes, brackets and `=` on this line; `stagewright presets show quickstart` prints a whole \
             scenario to compare with."
                .to_owned(),
        )
    };
    Problem { line, ..Problem::error("file", message, remedy) }
}

/// The parser's messages, in words for people who do not write parsers.
const PLAIN_WORDS: [(&str, &str); 7] = [
    ("recurs", "lists or tables are nested deeper than any scenario needs"),
    ("duplicate key", "the same name is given twice"),
    ("key with no value", "a name stands here without `= value`"),
    ("invalid key-value pair", "neither `name = value` nor a [table] can be read here"),
    ("invalid basic string", "a text in quotes is not closed, or has a wrong `\\` in it"),
    ("invalid literal string", "a text in single quotes is not closed"),
    ("string values must be quoted", "a text has to stand in quotes"),
];

fn in_plain_words(message: &str) -> String {
    match PLAIN_WORDS.iter().find(|(theirs, _)| message.contains(theirs)) {
        Some((_, ours)) => (*ours).to_owned(),
        None => shown_up_to(message.lines().next().unwrap_or_default(), 200),
    }
}

#[cfg(test)]
mod comment_tests;
#[cfg(test)]
mod tests;
