//! What a search found: its answer, and every probe with what it came to.

use crate::analysis::search::{
    Probe, SEARCH_NOTE, SearchOutcome, SearchSettings, errors_text, in_flight_text, latency_text, load_text,
};
use crate::humanize;
use crate::report::document::{Document, Table};

use super::Subject;

/// Below the heading of the section on capacity; nothing where the run was no search.
pub fn write(document: &mut Document, subject: Subject) {
    let Some(outcome) = &subject.paper.diagnosis.search else { return };
    document.heading(3, "Search");
    document.lead(outcome.sentence.clone());
    document.paragraph(method(outcome));
    document.table(probes_table(&outcome.settings, &outcome.probes));
    document.bullets(outcome.notes.clone());
}

fn method(outcome: &SearchOutcome) -> String {
    let settings = &outcome.settings;
    format!(
        "Targets: {}. From {} the load doubled until a probe did not pass, then the distance was halved until the bounds were \
         within a factor of {}. A probe passes where every upper bound keeps its limit, at least 99 % of what was offered \
         was achieved and the generator was sound; it fails where a lower bound misses its limit or requests in flight grow \
         (p < 0.01, by half of their median or more); else it is held twice as long, and then undecided, which counts as not passed. Each was held for {} or \
         longer after {} of settling, with nothing in flight in between.",
        settings.target_words(),
        settings.level_text(settings.start),
        settings.resolution,
        humanize::span(settings.hold),
        humanize::span(settings.settle),
    )
}

/// Every probe of a search with what it came to.
pub fn probes_table(settings: &SearchSettings, probes: &[Probe]) -> Table {
    let first = settings.targets.iter().find(|target| target.is_of_latency());
    let latency = first.map_or_else(|| "Response time".to_owned(), |target| target.metric.to_string());
    let load = if settings.is_open { "Achieved of offered" } else { "Requests" };
    let titles = ["Probe", "Level", "Held", &latency, "Errors", load, "In flight (trend)", "Verdict", "Why"];
    let mut table = Table::new(SEARCH_NOTE, &titles, 1).ending_in_words();
    for probe in probes {
        table.row(cells(settings, probe));
    }
    table
}

fn cells(settings: &SearchSettings, probe: &Probe) -> Vec<String> {
    vec![
        probe.name(),
        settings.level_text(probe.plan.level),
        probe.held_text(),
        latency_text(settings, probe),
        errors_text(settings, probe),
        load_text(probe),
        in_flight_text(probe),
        probe.verdict().name().to_owned(),
        probe.judgement.reasons.join("; "),
    ]
}
