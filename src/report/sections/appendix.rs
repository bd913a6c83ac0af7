//! Configuration and environment, and the glossary.

use crate::humanize;
use crate::metrics::Finish;
use crate::model::write_scenario;
use crate::report::document::{Document, Table};

use super::Subject;

const GLOSSARY: [(&str, &str); 14] = [
    ("Availability", "successful requests as a share of all requests."),
    ("Arrival rate", "iterations that are intended to start per second."),
    ("Budget", "a latency limit of one service; one that is missed fails the run."),
    ("Closed model", "a set number of virtual users, each of which starts again when it is done."),
    ("Error share", "failed requests as a share of all requests."),
    ("Hiccup", "how much later than asked the system woke a program that only waited."),
    ("Inconclusive", "the measurement does not carry a verdict, whatever its numbers say."),
    ("Iteration", "one pass of a virtual user through the steps of a journey."),
    ("Open model", "iterations start on a timetable, whatever the answers do."),
    ("p95", "the 95th percentile: 95 % of the requests took no longer. Likewise p50, the median, and p99."),
    ("Phase", "a part of a request's time: DNS, connect, TLS, send, wait for the first byte, receive."),
    ("Start lag", "how much later than intended a request left the generator."),
    ("Threshold", "a pass or fail rule on an aggregate figure."),
    ("Throughput", "requests completed per second, as measured."),
];

/// Lines of the scenario that are shown.
const MAX_SCENARIO_LINES: usize = 600;

pub fn write(document: &mut Document, subject: Subject) {
    document.heading(2, "Configuration and environment");
    document.table(settings(subject));
    document.heading(3, "Scenario as run");
    let scenario = write_scenario(&subject.record.start.scenario, None);
    let (first, n_more) = first_lines(&scenario);
    document.code("toml", first);
    if n_more > 0 {
        document.paragraph(format!(
            "{} are left out here; `stagewright runs export` writes the run with its whole scenario.",
            humanize::counted(n_more as u64, "further line")
        ));
    }
    document.heading(2, "Glossary");
    document.bullets(GLOSSARY.iter().map(|(word, meaning)| format!("{word}: {meaning}")).collect());
}

/// As much of a scenario as people read, and how many lines that leaves out.
fn first_lines(text: &str) -> (String, usize) {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= MAX_SCENARIO_LINES {
        return (text.to_owned(), 0);
    }
    (lines[..MAX_SCENARIO_LINES].join("\n"), lines.len() - MAX_SCENARIO_LINES)
}

fn settings(Subject { record, .. }: Subject) -> Table {
    let (start, end) = (&record.start, &record.end);
    let environment = &start.environment;
    let mut table = Table::new("", &["Setting", "Value"], 2);
    let mut row = |setting: &str, value: String| {
        let value = if value.is_empty() { "not known".to_owned() } else { value };
        table.row([setting.to_owned(), value]);
    };
    row("Run", record.run_id.to_string());
    row("Started", humanize::moment(start.started_at_unix_millis));
    row("Ended", format!("{}, load for {}", finish_words(end.finish), humanize::span(end.load_duration)));
    row("Base URL", start.base_url.clone());
    row("Time scale", start.time_scale.to_string());
    row("Generator", environment.host_name.clone());
    row("Operating system", environment.os.clone());
    row("Processor", format!("{} × {}", environment.n_cpus, environment.cpu));
    row("Memory", humanize::bytes(environment.memory_bytes));
    row("Stagewright", environment.stagewright_version.clone());
    for (key, value) in &start.labels {
        row(&format!("Label {key}"), value.clone());
    }
    if !record.tags.is_empty() {
        row("Tags", record.tags.join(", "));
    }
    if !record.note.is_empty() {
        row("Note", record.note.clone());
    }
    table
}

fn finish_words(finish: Finish) -> &'static str {
    match finish {
        Finish::Running => "still running",
        Finish::Completed => "by its plan",
        Finish::Stopped => "stopped early: by the user, or because a feeder had no more rows",
        Finish::Aborted => "aborted by the user",
        Finish::Breached => "by a threshold with abort_after",
        Finish::Interrupted => "interrupted",
    }
}
