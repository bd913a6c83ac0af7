//! CSV: one corner of the curve per line, `seconds,level`, seconds since the start; two lines at one time are a jump.

use std::time::Duration;

use super::{Corners, Format, ProfileText, Written, corners, read_level};
use crate::model::{LoadProfile, parse_duration, problem::shown};

pub(super) fn write(profile: &LoadProfile) -> Written {
    let mut text = String::from("seconds,level\n");
    let mut at = Duration::ZERO;
    let corners = corners(profile);
    if corners.first().is_none_or(|(time, _)| !time.is_zero()) {
        text += "0,0\n";
    }
    for (time, level) in corners {
        at = at.saturating_add(time);
        text += &format!("{},{level}\n", seconds(at));
    }
    let mut losses = vec!["CSV carries no stage names.".to_owned()];
    if profile.stages.iter().any(|stage| stage.duration.is_zero()) {
        losses.push("Stages without time are jumps of the curve.".to_owned());
    }
    Written { text, losses }
}

pub(super) fn read(text: &str) -> Result<ProfileText, String> {
    let mut corners = Corners::new();
    let mut before = Duration::ZERO;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (nth, (index, line)) in lines.enumerate() {
        let cells: Vec<&str> =
            line.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"')).collect();
        let is_head = nth == 0 && cells.iter().all(|cell| cell.starts_with(|c: char| c.is_alphabetic()));
        if is_head {
            continue;
        }
        let place = |trouble: String| format!("Line {} (`{}`): {trouble}", index + 1, shown(line.trim()));
        let [time, level] = cells[..] else {
            return Err(place("write seconds and level with a comma between, such as 30,50.".to_owned()));
        };
        let time = parse_duration(time).map_err(place)?;
        let level = read_level(level).map_err(place)?;
        let Some(since) = time.checked_sub(before) else {
            return Err(place("the seconds go back: they count from the start of the run.".to_owned()));
        };
        corners.go(since, level);
        before = time;
    }
    Ok(ProfileText { format: Format::Csv, stages: corners.stages(), model: None, notes: Vec::new() })
}

/// Seconds without a unit, exact to the nanosecond.
fn seconds(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shape;

    fn check(text: &str, expected: &[(f64, f64, Shape)]) {
        let read = super::super::read(text).unwrap();
        assert_eq!(read.format, Format::Csv);
        let found: Vec<(f64, f64, Shape)> = read
            .stages
            .iter()
            .map(|stage| (stage.duration.as_secs_f64(), stage.end_level, stage.shape))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn corners_become_stages() {
        use Shape::{Ramp, Step};
        check("seconds,level\n0,0\n30,50\n90.5,50\n", &[(30.0, 50.0, Ramp), (60.5, 50.0, Ramp)]);
        check("0;10\n30;10\n30;20\n60;20", &[(30.0, 10.0, Step), (30.0, 20.0, Step)]);
        check("0,10\n30,20\n30,0", &[(0.0, 10.0, Step), (30.0, 20.0, Ramp), (0.0, 0.0, Step)]);
        check("10\t5", &[(10.0, 5.0, Ramp)]);
    }

    #[test]
    fn a_bad_line_is_named_with_its_place() {
        for (text, place, words) in [
            ("0,0\n30,50\n20,50", "Line 3 (`20,50`)", "go back"),
            ("seconds,level\n1,2,3", "Line 2", "comma between"),
            ("1,many", "Line 1", "no level"),
        ] {
            let trouble = super::super::read(text).unwrap_err();
            assert!(trouble.contains(place) && trouble.contains(words), "{text}: {trouble}");
        }
    }
}
