//! The search: levels that there can be, and times long enough to decide something.

use super::{Findings, MAX_LEVEL};
use crate::model::{Scenario, SearchOptions};

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let Some(search) = &scenario.search else { return };
    let is_open = scenario.load.model.is_open();
    for (field, level) in [("search.start", search.start), ("search.max", search.max)] {
        if let Some(level) = level {
            check_level(field, level, is_open, findings);
        }
    }
    if let (Some(start), Some(max)) = (search.start, search.max)
        && max < start
    {
        findings.error(
            "search.max",
            "the highest level is below the first",
            "Choose one that is at least as high as start.",
        );
    }
    check_spans(search, findings);
    // Also false of what is no number.
    if !SearchOptions::RESOLUTIONS.contains(&search.resolution) {
        findings.error(
            "search.resolution",
            format!("a resolution of {} is none that a search can end with", search.resolution),
            "Choose a ratio from 1.01 to 2; 1.05 is the default.",
        );
    }
    if !SearchOptions::PROBES.contains(&search.max_probes) {
        findings.error(
            "search.max_probes",
            format!("{} probes are too few or too many", search.max_probes),
            "Choose 2 to 100; 20 is the default.",
        );
    }
}

fn check_level(field: &str, level: f64, is_open: bool, findings: &mut Findings) {
    let (what, remedy) = if is_open {
        ("arrivals per second", "Choose a rate above 0 and up to 10,000,000.")
    } else {
        ("virtual users", "Choose a whole number from 1 to 10,000,000.")
    };
    if !(level > 0.0 && level <= MAX_LEVEL) {
        findings.error(field, format!("{level} is no possible number of {what} to search at"), remedy);
    } else if !is_open && level.fract() != 0.0 {
        findings.error(field, format!("there cannot be {level} virtual users"), remedy);
    }
}

fn check_spans(search: &SearchOptions, findings: &mut Findings) {
    for (field, span, least) in [
        ("search.hold", search.hold, SearchOptions::MIN_HOLD),
        ("search.confirm", search.confirm, SearchOptions::MIN_HOLD),
        ("search.settle", search.settle, SearchOptions::MIN_SETTLE),
    ] {
        if span > SearchOptions::MAX_SPAN {
            findings.error(field, "this is longer than a day", "Choose a shorter time.");
        } else if span < least && field == "search.settle" {
            findings.error(field, "a load needs a second at least to settle", "Choose 1s or longer.");
        } else if span < least {
            findings.error(
                field,
                "a probe is judged by ten blocks of whole seconds, and this is too short to cut",
                "Choose 10s or longer; a minute tells far more.",
            );
        }
    }
}
