//! What monitors saw and what the traffic was made of, then processors and memory of the machine that made the load.

use crate::analysis::{ResourceUse, Spread};
use crate::humanize;
use crate::report::document::{Document, Table};
use crate::report::selection::{most_telling_stages, others_words};

use super::{Subject, probes, traffic, watched};

/// Stages that are listed; each takes two rows.
const MAX_STAGES: usize = 20;

/// What is told of a stretch: its name, and the figure as text.
type Figure = (&'static str, fn(&ResourceUse) -> Spread, fn(f64) -> String);

const OF_A_STAGE: [Figure; 2] = [
    ("processors", |resources| resources.machine_cpu_ratio, humanize::percent),
    ("memory", |resources| resources.memory_used_ratio, humanize::percent),
];

/// Of this program, told of the run as a whole.
const OF_THE_RUN: [Figure; 2] = [
    ("processors, this program", |resources| resources.process_cpu_ratio, humanize::percent),
    (
        "memory, this program",
        |resources| resources.process_memory_bytes,
        |bytes| humanize::bytes(bytes as u64),
    ),
];

pub fn write(document: &mut Document, subject: Subject) {
    document.heading(2, "Resources");
    let is_watched = !subject.summary.watched.is_empty() || !subject.record.watched.is_empty();
    if is_watched {
        watched::limits_words(subject).into_iter().for_each(|words| document.paragraph(words));
        watched::write(document, subject);
        probes::write(document, subject);
    } else {
        document.paragraph(
            "No resources of the target were probed: nothing is said of its processors, memory or disks.",
        );
    }
    traffic::write(document, subject);
    let resources = &subject.paper.diagnosis.resources;
    let Some(whole) = &resources.whole else {
        document.paragraph(if is_watched {
            "The generator's own use of its machine could not be read."
        } else {
            "The machine that made the load could not be read either."
        });
        return;
    };
    document.heading(3, "The generator's machine");
    document.paragraph("This is the machine that made the load, not the target; where both are one, the target's part is in it.");
    let titles = ["Stretch", "In use", "Least", "Mean", "p95", "Most"];
    let note = format!(
        "Of {}, once a second; p95: at most one second of twenty lay above. Stages: warm-up left out.",
        humanize::counted(whole.n_seconds, "second")
    );
    let mut table = Table::new(note, &titles, 2);
    for figure in OF_A_STAGE.iter().chain(&OF_THE_RUN) {
        table.row(cells("Whole run", whole, figure));
    }
    let chosen = most_telling_stages(subject.summary, MAX_STAGES);
    let is_shown = |place: &usize| chosen.contains(place);
    for (_, stage) in resources.stages.iter().filter(|(place, _)| is_shown(place)) {
        for figure in &OF_A_STAGE {
            table.row(cells(&stage.stage, stage, figure));
        }
    }
    document.table(table);
    let n_more = resources.stages.iter().filter(|(place, _)| !is_shown(place)).count() as u64;
    if n_more > 0 {
        document.paragraph(format!(
            "Not listed: {}; the JSON has all.",
            others_words(n_more, "stage").trim_end_matches(" together")
        ));
    }
}

fn cells(name: &str, resources: &ResourceUse, (what, figure, text): &Figure) -> Vec<String> {
    let spread = figure(resources);
    let figures = [spread.min, spread.mean, spread.p95, spread.max].map(text);
    [name.to_owned(), (*what).to_owned()].into_iter().chain(figures).collect()
}
