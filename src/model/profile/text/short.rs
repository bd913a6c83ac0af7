//! The short form: `1m:50, 3m:50, "Peak hour" 30s:100!`; a name where it is not `Stage N`, `!` for a step.

use super::{Format, ProfileText, read_level};
use crate::model::{
    LoadProfile, Shape, Stage, format_duration, parse_duration, problem::shown, profile::names::Names,
};

/// The stages in the short form; it loses nothing of them.
pub fn write(profile: &LoadProfile) -> String {
    let stages = profile.stages.iter().enumerate().map(|(index, stage)| {
        let name =
            if stage.name == plain(index) { String::new() } else { format!("{} ", quoted(&stage.name)) };
        let jump = if stage.shape == Shape::Step { "!" } else { "" };
        format!("{name}{}:{}{jump}", format_duration(stage.duration), stage.end_level)
    });
    stages.collect::<Vec<_>>().join(", ")
}

pub(super) fn read(text: &str) -> Result<ProfileText, String> {
    let mut names = Names::none();
    let mut stages = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let index = stages.len();
        let (stage, behind) = read_stage(rest, index)
            .map_err(|trouble| format!("Stage {} (`{}`): {trouble}", index + 1, shown(rest)))?;
        stages.push(Stage { name: names.take(&stage.name), ..stage });
        rest = behind.trim_start();
    }
    Ok(ProfileText { format: Format::Short, stages, model: None, notes: Vec::new() })
}

fn plain(index: usize) -> String {
    format!("Stage {}", index + 1)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn read_stage(text: &str, index: usize) -> Result<(Stage, &str), String> {
    let (name, text) = match text.strip_prefix('"') {
        Some(inside) => read_name(inside)?,
        None => (plain(index), text),
    };
    let end = text.find([',', ';', '\n']).unwrap_or(text.len());
    let (item, behind) = (text[..end].trim(), text[end..].get(1..).unwrap_or_default());
    // Durations may be written 1:30, so that the last colon is the one before the level.
    let Some((duration, level)) = item.rsplit_once(':') else {
        return Err("write duration:level, such as 1m:50.".to_owned());
    };
    let (level, shape) = match level.trim_end().strip_suffix('!') {
        Some(level) => (level, Shape::Step),
        None => (level, Shape::Ramp),
    };
    let duration = parse_duration(duration)?;
    Ok((Stage { name, duration, end_level: read_level(level)?, shape }, behind))
}

fn read_name(inside: &str) -> Result<(String, &str), String> {
    let mut name = String::new();
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((name, &inside[at + 1..])),
            '\\' => name.extend(letters.next().map(|(_, letter)| letter)),
            letter => name.push(letter),
        }
    }
    Err("the name's second quotation mark is missing.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, f64, Shape)]) {
        let read = super::super::read(text).unwrap();
        let found: Vec<(&str, String, f64, Shape)> = read
            .stages
            .iter()
            .map(|stage| (stage.name.as_str(), format_duration(stage.duration), stage.end_level, stage.shape))
            .collect();
        let expected: Vec<(&str, String, f64, Shape)> = expected
            .iter()
            .map(|(name, duration, level, shape)| (*name, (*duration).to_owned(), *level, *shape))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn stages_are_read_as_people_write_them() {
        use Shape::{Ramp, Step};
        check(
            "1m:50, 3m:50, 1m:100",
            &[("Stage 1", "1m", 50.0, Ramp), ("Stage 2", "3m", 50.0, Ramp), ("Stage 3", "1m", 100.0, Ramp)],
        );
        check(
            "1:30:12.5/s;\n 90 : 5 users ,\"Peak, \\\"hour\\\": one\" 0s:7!",
            &[
                ("Stage 1", "1m30s", 12.5, Ramp),
                ("Stage 2", "1m30s", 5.0, Ramp),
                ("Peak, \"hour\": one", "0s", 7.0, Step),
            ],
        );
        check("\"a\" 1s:1, \"a\" 1s:1", &[("a", "1s", 1.0, Ramp), ("a (2)", "1s", 1.0, Ramp)]);
    }

    #[test]
    fn a_bad_stage_is_named_with_its_place() {
        for (text, place, words) in [
            ("1m:50, soon:4", "Stage 2 (`soon:4`)", "soon"),
            ("1m:many", "Stage 1", "`many` is no level"),
            ("1m:-3", "Stage 1", "from 0 on"),
            ("1m:5, \"open 1m:5", "Stage 2", "quotation mark"),
            ("1m:5,,2m:5", "Stage 2", "duration:level"),
        ] {
            let trouble = super::super::read(text).unwrap_err();
            assert!(trouble.contains(place) && trouble.contains(words), "{text}: {trouble}");
        }
    }
}
