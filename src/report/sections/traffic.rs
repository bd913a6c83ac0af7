//! The audit of a run's own traffic: what answers were made of, what packing them would save, and how well a cache would
//! have served them. Arithmetic on sampled answers, not a measurement of a change.

use crate::analysis::audit::transfer_saved;
use crate::humanize::{self, MISSING};
use crate::metrics::{CacheFacts, PayloadFacts, Repeats, StepTraffic, TimingFacts, TrafficAudit};
use crate::report::document::{Document, Table};
use crate::report::selection::{n_shown, others_words};

use super::Subject;

/// Bandwidths for which time is told, in bits a second.
const BANDWIDTHS: [f64; 2] = [100e6, 10e6];

/// Times to live that the cache table has a column for, in seconds.
const TIMES_TO_LIVE: [(u32, &str); 4] = [(10, "10 s"), (60, "1 min"), (600, "10 min"), (3_600, "1 h")];

/// Fields that are named of one kind.
const MAX_FIELDS: usize = 4;

pub fn write(document: &mut Document, subject: Subject) {
    let Some(audit) = &subject.record.audit else { return };
    if audit.steps.is_empty() {
        return;
    }
    document.heading(3, "Traffic audit");
    document.paragraph(
        "From answers that were sampled while the run went on; what a change would bring is arithmetic here, and a run with \
         the change shows it.",
    );
    payload(document, subject, audit);
    cache(document, subject, audit);
    timings(document, subject, audit);
}

fn payload(document: &mut Document, subject: Subject, audit: &TrafficAudit) {
    let mut steps: Vec<(&StepTraffic, &PayloadFacts)> =
        audit.steps.iter().filter_map(|step| Some((step, step.payload.as_ref()?))).collect();
    if steps.is_empty() {
        return;
    }
    let saving =
        |facts: &PayloadFacts| best_packing(facts).map_or(0.0, |(_, bytes)| facts.wire_bytes - bytes);
    let n_steps = cut(subject, &mut steps, |(_, facts)| saving(facts));
    let titles = [
        "Step",
        "Answers",
        "On the wire",
        "Unpacked",
        "Packed as",
        "gzip",
        "br",
        "zstd",
        "Best saves",
        "at 100 Mbit/s",
        "at 10 Mbit/s",
    ];
    let note = "Sizes are means of an answer. Best saves: what the smallest packing takes less than what came over the wire, \
                the time that packing took on the machine that made the load, and the time that the difference takes on the way at two bandwidths, without that of packing.";
    let mut table = Table::new(note, &titles, 1);
    for (step, facts) in &steps {
        table.row(payload_cells(&step_name(subject, step.step), facts));
    }
    others(&mut table, n_steps - steps.len(), titles.len());
    document.table(table);
    let told = steps.iter().map(|(step, facts)| (step_name(subject, step.step), field_words(facts)));
    document.bullets(
        told.filter(|(_, words)| !words.is_empty())
            .map(|(step, words)| format!("{step}: {}.", words.join("; ")))
            .collect(),
    );
}

fn payload_cells(step: &str, facts: &PayloadFacts) -> Vec<String> {
    let packed = |encoding: &str| facts.packed_bytes.get(encoding).map_or_else(missing, |bytes| size(*bytes));
    let saved = best_packing(facts).map(|(_, bytes)| facts.wire_bytes - bytes).filter(|bytes| *bytes > 0.0);
    let time = |bits_per_sec: f64| {
        saved.map_or_else(missing, |bytes| humanize::latency(transfer_saved(bytes, bits_per_sec)))
    };
    let saved_text = best_packing(facts).zip(saved).map(|((name, _), bytes)| {
        let saved = format!("{} ({}) by {name}", size(bytes), humanize::percent(bytes / facts.wire_bytes));
        match facts.packing_time.get(name) {
            Some(time) => format!("{saved} in {}", humanize::latency(*time)),
            None => saved,
        }
    });
    let [fast, slow] = BANDWIDTHS.map(time);
    vec![
        step.to_owned(),
        humanize::count(facts.n_answers),
        size(facts.wire_bytes),
        size(facts.plain_bytes),
        if facts.encoding.is_empty() { "nothing".to_owned() } else { facts.encoding.clone() },
        packed("gzip"),
        packed("br"),
        packed("zstd"),
        saved_text.unwrap_or_else(missing),
        fast,
        slow,
    ]
}

/// The smallest packing that was tried.
fn best_packing(facts: &PayloadFacts) -> Option<(&str, f64)> {
    let all = facts.packed_bytes.iter().map(|(name, bytes)| (name.as_str(), *bytes));
    all.min_by(|a, b| a.1.total_cmp(&b.1))
}

/// What of the answers could be left out, in parts of a sentence.
fn field_words(facts: &PayloadFacts) -> Vec<String> {
    let of = |bytes: f64, what: &str, fields: &[String]| {
        (bytes >= 1.0).then(|| {
            let named = if fields.is_empty() { String::new() } else { format!(" ({})", named(fields)) };
            format!("{} {what}{named}", size(bytes))
        })
    };
    let unused: Vec<String> = facts.unused_fields.iter().map(|(name, _)| name.clone()).collect();
    let arrays: Vec<String> = facts
        .long_arrays
        .iter()
        .map(|(path, n_items)| format!("{path} has {} items", humanize::amount(*n_items)))
        .collect();
    let parts = [
        of(facts.null_bytes, "in null fields", &facts.null_fields),
        of(facts.long_string_bytes, "in long strings", &facts.long_fields),
        of(facts.repeated_bytes, "in repeated strings", &facts.repeated_fields),
        of(facts.unused_bytes, "in fields that the scenario never uses", &unused),
        (!arrays.is_empty()).then(|| format!("arrays without pages: {}", named(&arrays))),
    ];
    parts.into_iter().flatten().collect()
}

/// The first names, and how many more there are.
fn named(names: &[String]) -> String {
    let n_more = names.len().saturating_sub(MAX_FIELDS);
    let first = names[..names.len() - n_more].join(", ");
    if n_more > 0 { format!("{first} and {} more", humanize::count(n_more as u64)) } else { first }
}

fn cache(document: &mut Document, subject: Subject, audit: &TrafficAudit) {
    let mut steps: Vec<(&StepTraffic, &CacheFacts)> =
        audit.steps.iter().filter_map(|step| Some((step, step.cache.as_ref()?))).collect();
    steps.retain(|(_, facts)| facts.own.n_lookups > 0);
    if steps.is_empty() {
        return;
    }
    let n_steps = cut(subject, &mut steps, |(_, facts)| most_same(facts) as f64);
    let mut titles = vec!["Step", "Requests", "Asked before", "Same answer"];
    titles.extend(TIMES_TO_LIVE.map(|(_, name)| name));
    titles.extend(["ETag", "Last-Modified", "Cache-Control"]);
    let note = format!(
        "Requests of {} of all keys, a key being method, URL, body and identity. Asked before: their key had been asked for; \
         same answer: of those, with the answer of before. Where requests say who asks, the row \
         «for all users» is that of one cache for all of them: where their answers are not the same, there must be none. \
         Under each time to live: what a cache would have served, and how much of that was no longer the present answer.",
        humanize::percent(audit.key_ratio)
    );
    let mut table = Table::new(note, &titles, 1).ending_in_words();
    for (step, facts) in &steps {
        let name = step_name(subject, step.step);
        table.row(cache_cells(&name, &facts.own, facts));
        if let Some(shared) = &facts.shared {
            table.row(cache_cells(&format!("{name}, for all users"), shared, facts));
        }
    }
    others(&mut table, n_steps - steps.len(), titles.len());
    document.table(table);
}

/// Requests whose answer a cache of either kind would have had.
fn most_same(facts: &CacheFacts) -> u64 {
    facts.shared.as_ref().map_or(0, |shared| shared.n_same).max(facts.own.n_same)
}

fn cache_cells(step: &str, repeats: &Repeats, facts: &CacheFacts) -> Vec<String> {
    let share = |n: u64, of: u64| {
        if of == 0 { missing() } else { humanize::percent(n as f64 / of as f64) }
    };
    let n_again = repeats.n_same + repeats.n_changed;
    let mut cells = vec![
        step.to_owned(),
        humanize::count(repeats.n_lookups),
        share(n_again, repeats.n_lookups),
        share(repeats.n_same, n_again),
    ];
    for (ttl_secs, _) in TIMES_TO_LIVE {
        let found = repeats.by_ttl.iter().find(|ttl| ttl.ttl_secs == ttl_secs);
        cells.push(found.map_or_else(missing, |ttl| {
            let served = share(ttl.n_served, repeats.n_lookups);
            if ttl.n_stale == 0 {
                return served;
            }
            format!("{served} ({} stale)", share(ttl.n_stale, ttl.n_served))
        }));
    }
    let control = match facts.cache_control.as_str() {
        "" => "none".to_owned(),
        value => format!("{value} ({})", humanize::percent(facts.cache_control_ratio)),
    };
    cells.extend([facts.etag_ratio, facts.last_modified_ratio].map(humanize::percent));
    cells.push(control);
    cells
}

/// Where the target says that time went.
fn timings(document: &mut Document, subject: Subject, audit: &TrafficAudit) {
    let mut told: Vec<(&StepTraffic, &TimingFacts)> =
        audit.steps.iter().flat_map(|step| step.timings.iter().map(move |timing| (step, timing))).collect();
    if told.is_empty() {
        return;
    }
    let n_told = cut(subject, &mut told, |(_, timing)| timing.took.as_secs_f64());
    let titles = ["Step", "Part", "Answers", "Mean time", "Mean number"];
    let note = "As sampled answers say in their header Server-Timing; the number is the one that the part's description begins \
                with, as of statements.";
    let mut table = Table::new(note, &titles, 2);
    for (step, timing) in &told {
        table.row([
            step_name(subject, step.step),
            timing.name.clone(),
            humanize::count(timing.n_answers),
            humanize::latency(timing.took),
            timing.number.map_or_else(missing, humanize::amount),
        ]);
    }
    others(&mut table, n_told - told.len(), titles.len());
    document.table(table);
}

/// Leaves as many steps as a table has room for, those that weigh most, in their order; says how many there were.
fn cut<T: Copy>(subject: Subject, steps: &mut Vec<T>, weight: impl Fn(&T) -> f64) -> usize {
    let n_steps = steps.len();
    let most = n_shown(n_steps, subject.paper.options.max_rows());
    let mut order: Vec<usize> = (0..n_steps).collect();
    order.sort_by(|a, b| weight(&steps[*b]).total_cmp(&weight(&steps[*a])).then(a.cmp(b)));
    order.truncate(most);
    order.sort_unstable();
    *steps = order.into_iter().map(|index| steps[index]).collect();
    n_steps
}

fn others(table: &mut Table, n_more: usize, n_columns: usize) {
    if n_more > 0 {
        let words = others_words(n_more as u64, "step");
        table.row([words].into_iter().chain(std::iter::repeat_n(missing(), n_columns - 1)));
    }
}

fn step_name(subject: Subject, step: u16) -> String {
    let found = subject.record.start.scenario.steps().nth(usize::from(step));
    found.map_or_else(|| format!("step {}", step + 1), |(_, step)| step.name.clone())
}

fn size(bytes: f64) -> String {
    humanize::bytes(bytes.max(0.0).round() as u64)
}

fn missing() -> String {
    MISSING.to_owned()
}
