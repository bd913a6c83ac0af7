//! What was read beside the load, and how: readings and gaps, versions, clocks, and what reading cost this machine.

use std::time::Duration;

use crate::humanize::{self, MISSING};
use crate::metrics::{ClockOffset, MonitorFacts, ProbeTrouble};
use crate::report::document::{Document, Table};

use super::Subject;

/// Troubles and notes that are listed of one monitor.
const MAX_WORDS: usize = 8;

pub fn write(document: &mut Document, subject: Subject) {
    let monitors = &subject.record.watched.monitors;
    if monitors.is_empty() {
        return;
    }
    document.heading(3, "Probes");
    let titles = [
        "Monitor",
        "Kind",
        "Reads from",
        "Answered",
        "Seconds read",
        "Clock ahead",
        "CPU",
        "Reading, median",
        "Longest",
        "Bytes",
    ];
    let note = "What was watched beside the load, and what watching cost this machine: processor time of all readings, the \
                time of a reading, and bytes read.";
    let mut table = Table::new(note, &titles, 4);
    monitors.iter().for_each(|facts| table.row(cells(facts)));
    document.table(table);
    document.bullets(monitors.iter().flat_map(words).collect());
}

fn cells(facts: &MonitorFacts) -> [String; 10] {
    let or_missing = |text: &str| if text.is_empty() { MISSING.to_owned() } else { text.to_owned() };
    let cost = &facts.cost;
    [
        facts.name.clone(),
        facts.kind.clone(),
        if facts.address.is_empty() { "this machine".to_owned() } else { facts.address.clone() },
        or_missing(&facts.version),
        format!("{} of {}", humanize::count(facts.n_read), humanize::count(facts.n_asked)),
        facts.clock.map_or_else(|| MISSING.to_owned(), clock_text),
        cost.cpu.map_or_else(|| MISSING.to_owned(), humanize::fine_time),
        reading_text(cost.median_reading),
        reading_text(cost.longest_reading),
        humanize::bytes(cost.bytes_read),
    ]
}

/// None was made where none took time.
fn reading_text(took: Duration) -> String {
    if took.is_zero() { MISSING.to_owned() } else { humanize::latency(took) }
}

/// `+2.00 ms ± 1.00 ms`.
fn clock_text(clock: ClockOffset) -> String {
    let ahead = humanize::latency_change(clock.ahead_secs);
    format!("{ahead} ± {}", humanize::latency_secs(clock.uncertainty_secs))
}

fn words(facts: &MonitorFacts) -> Vec<String> {
    let name = &facts.name;
    let trouble = |trouble: &ProbeTrouble| {
        let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
        let stretch = match trouble.from < trouble.to {
            true => format!("from {} to {}", clock(trouble.from), clock(trouble.to)),
            false => format!("at {}", clock(trouble.from)),
        };
        format!("{name} could not be read {stretch}: {}.", trouble.text.trim_end_matches('.'))
    };
    let note = |note: &String| format!("{name}: {}", note);
    let mut all: Vec<String> = facts.troubles.iter().map(trouble).collect();
    all.extend(facts.notes.iter().map(note));
    let n_more = all.len().saturating_sub(MAX_WORDS);
    all.truncate(MAX_WORDS);
    if n_more > 0 {
        all.push(format!("{name}: {} more, in the JSON.", humanize::count(n_more as u64)));
    }
    all
}
