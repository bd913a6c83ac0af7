//! What is to be known of the monitors themselves: those that gave nothing, and stretches that could not be read.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{Caveat, CaveatKind, MonitorFacts, ProbeTrouble, RunRecord, Weight};

/// A gap shorter than that, as a share of what was to be read, is not worth a word.
const GAPS_WORTH_TELLING: f64 = 0.01;

/// A note for each monitor that gave nothing or has gaps: monitors never make a run weaker.
pub fn caveats(record: &RunRecord) -> Vec<Caveat> {
    let enabled = record.start.scenario.monitors.iter().filter(|monitor| monitor.enabled);
    let text = |name: &String| {
        let facts = record.watched.monitors.iter().find(|facts| facts.name == *name);
        match facts {
            Some(facts) => text_of(facts),
            None => {
                let is_read = record.watched.series.iter().any(|series| series.info.monitor == *name);
                (!is_read).then(|| format!("Monitor {name} gave no reading."))
            }
        }
    };
    let caveat = |text| Caveat { kind: CaveatKind::Monitor, weight: Weight::Note, text };
    enabled.filter_map(|monitor| text(&monitor.name)).map(caveat).collect()
}

fn text_of(facts: &MonitorFacts) -> Option<String> {
    let name = &facts.name;
    let first = facts.troubles.first();
    let reason = first.map(|trouble| format!(": {}", trouble.text.trim_end_matches('.'))).unwrap_or_default();
    if facts.n_read == 0 {
        return Some(format!("Monitor {name} gave no reading{reason}."));
    }
    let n_gaps = facts.n_asked.saturating_sub(facts.n_read);
    if (n_gaps as f64) < GAPS_WORTH_TELLING * facts.n_asked as f64 || n_gaps == 0 {
        return None;
    }
    let stretch = first.map(|trouble| format!(", first {}", stretch_words(trouble))).unwrap_or_default();
    Some(format!(
        "Monitor {name} could not be read in {} of {}{stretch}{reason}. Its series have gaps there, and its figures leave \
         them out.",
        humanize::count(n_gaps),
        humanize::counted(facts.n_asked, "second")
    ))
}

/// `from 0:30 to 0:41`, or `at 0:30`.
fn stretch_words(trouble: &ProbeTrouble) -> String {
    let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
    if trouble.from >= trouble.to {
        format!("at {}", clock(trouble.from))
    } else {
        format!("from {} to {}", clock(trouble.from), clock(trouble.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};
    use crate::metrics::Standing;

    #[test]
    fn gaps_are_told_with_stretch_and_reason_and_weaken_nothing() {
        let record = sample::watched();
        let summary = summarize(&record).unwrap();
        let texts: Vec<&str> = summary
            .caveats
            .iter()
            .filter(|caveat| caveat.kind == CaveatKind::Monitor)
            .map(|caveat| caveat.text.as_str())
            .collect();
        let expected = "Monitor cache could not be read in 5 of 40 seconds, first from 0:20 to 0:24: the server refused \
                        the connection. Its series have gaps there, and its figures leave them out.";
        assert_eq!(texts, [expected]);
        assert_eq!(summary.quality.standing, Standing::Valid);
    }

    #[test]
    fn a_monitor_that_gave_nothing_is_told_with_its_reason() {
        let mut record = sample::watched();
        let mut watched = (*record.watched).clone();
        watched.monitors[1].n_read = 0;
        record.watched = watched.into();
        let texts: Vec<String> = caveats(&record).into_iter().map(|caveat| caveat.text).collect();
        assert_eq!(texts, ["Monitor cache gave no reading: the server refused the connection."]);
        record.watched = std::sync::Arc::default();
        assert_eq!(caveats(&record).len(), 2);
        assert!(caveats(&sample::record(sample::scenario())).is_empty());
    }
}
