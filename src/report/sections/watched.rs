//! What monitors read: a table and pictures for each group of series, the stages beside each other, and what databases
//! and caches said of the whole run.

use std::collections::BTreeSet;

use crate::analysis::{SeriesUse, StretchUse, ThresholdVerdict, series_text};
use crate::humanize::{self, MISSING, counted};
use crate::metrics::{CommandUse, MonitorFacts, RunFigure, StatementUse};
use crate::model::{Bound, SeriesGroup, SeriesStatistic};
use crate::report::charts;
use crate::report::document::{Document, Table};
use crate::report::selection::{most_telling_stages, n_shown, others_words};

use super::{Subject, status};

/// Stages that the table of stages lists; each takes a row for each series.
const MAX_STAGES: usize = 20;
/// Series that it follows through the stages.
const MAX_SERIES: usize = 8;
/// Statements and commands that are listed.
const MAX_STATEMENTS: usize = 15;
/// Letters of a statement that are printed.
const MAX_LETTERS: usize = 160;

/// The groups of the machine's own resources, which share a table.
const OF_MACHINES: [SeriesGroup; 5] = [
    SeriesGroup::Processor,
    SeriesGroup::Memory,
    SeriesGroup::Disk,
    SeriesGroup::Network,
    SeriesGroup::Other,
];

pub fn write(document: &mut Document, subject: Subject) {
    group(document, subject, "Resource utilisation", &OF_MACHINES);
    if !subject.is_short() {
        stages(document, subject);
    }
    group(document, subject, "Database metrics", &[SeriesGroup::Database]);
    totals(document, subject, SeriesGroup::Database);
    statements(document, subject);
    group(document, subject, "Cache metrics", &[SeriesGroup::Cache]);
    totals(document, subject, SeriesGroup::Cache);
    commands(document, subject);
}

/// Whether there is anything to be told of a group.
fn has_group(subject: Subject, groups: &[SeriesGroup]) -> bool {
    let series = subject.summary.watched.series.iter();
    let has_figure = |facts: &MonitorFacts| facts.totals.iter().any(|figure| groups.contains(&figure.group));
    let has_statements = |facts: &MonitorFacts| {
        groups.contains(&SeriesGroup::Database) && !facts.statements.is_empty()
            || groups.contains(&SeriesGroup::Cache) && !facts.commands.is_empty()
    };
    let mut facts = subject.record.watched.monitors.iter();
    series.into_iter().any(|series| groups.contains(&series.info.group))
        || facts.any(|facts| has_figure(facts) || has_statements(facts))
}

fn group(document: &mut Document, subject: Subject, title: &str, groups: &[SeriesGroup]) {
    if !has_group(subject, groups) {
        return;
    }
    document.heading(3, title);
    let of_group = |series: &&SeriesUse| groups.contains(&series.info.group);
    let (read, never): (Vec<&SeriesUse>, Vec<&SeriesUse>) = subject
        .summary
        .watched
        .series
        .iter()
        .filter(of_group)
        .partition(|series| series.whole.n_read > 0 || series.limit.is_some());
    if !subject.is_short() {
        groups
            .iter()
            .filter_map(|group| charts::watched(subject.paper, *group))
            .for_each(|chart| document.chart(chart));
    }
    if !read.is_empty() {
        document.table(series_table(subject, groups, &read));
    }
    if !never.is_empty() {
        let names: Vec<String> = never.iter().map(|series| series.name()).collect();
        document.paragraph(format!("Not available, which does not mean zero: {}.", names.join(", ")));
    }
}

fn series_table(subject: Subject, groups: &[SeriesGroup], series: &[&SeriesUse]) -> Table {
    let window = window_words(subject);
    let titles = ["Resource", "Monitor", "Series", "Most", "p95", "Mean", "Limit", "Beyond", "Status"];
    let note = format!(
        "Window: {window}. p95: at most one second of twenty lay above. Beyond: time on the wrong side of the limit. Seconds that \
         could not be read are left out."
    );
    let mut table = Table::new(note, &titles, 3).ending_in_words();
    let mut order: Vec<&SeriesUse> = series.to_vec();
    // Those that are judged or say how much was in use stand first within their group.
    let place = |series: &SeriesUse| groups.iter().position(|group| *group == series.info.group);
    order.sort_by_key(|series| (place(series), !series.is_telling()));
    let shown = n_shown(order.len(), subject.paper.options.max_rows());
    let kept: BTreeSet<usize> = chosen(&order, shown).into_iter().collect();
    for (_, series) in order.iter().enumerate().filter(|(index, _)| kept.contains(index)) {
        table.row(series_cells(subject, series));
    }
    let n_more = (order.len() - kept.len()) as u64;
    if n_more > 0 {
        let words = n_more_series(n_more);
        table.row([words].into_iter().chain(std::iter::repeat_n(MISSING.to_owned(), titles.len() - 1)));
    }
    table
}

fn n_more_series(n_more: u64) -> String {
    format!("{} other series together", humanize::count(n_more))
}

/// The places of so many series, those that tell most first.
fn chosen(order: &[&SeriesUse], most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..order.len()).collect();
    places.sort_by_key(|place| (order[*place].limit.is_none(), !order[*place].is_telling(), *place));
    places.truncate(most);
    places
}

fn series_cells(subject: Subject, series: &SeriesUse) -> Vec<String> {
    let text = |statistic: SeriesStatistic| statistic_text(series, &series.steady, statistic);
    let results = || {
        let all = subject.summary.watched.results.iter();
        all.filter(|result| result.monitor == series.info.monitor && result.limit.series == series.info.name)
    };
    let limits: Vec<String> = results()
        .map(|result| match result.limit.statistic {
            SeriesStatistic::P95 => result.limit_words(),
            statistic => format!("{} {}", statistic.name(), result.limit_words()),
        })
        .collect();
    let or_missing = |texts: Vec<String>| {
        if texts.is_empty() { MISSING.to_owned() } else { texts.join(", ") }
    };
    let most = match series.limit.as_ref().map(|limit| limit.bound) {
        // What is to stay up is told by how far it fell.
        Some(Bound::AtLeast(_)) => format!("lowest {}", text(SeriesStatistic::Min)),
        _ => text(SeriesStatistic::Max),
    };
    vec![
        series.info.group.name().to_owned(),
        series.info.monitor.clone(),
        series.info.name.clone(),
        most,
        text(SeriesStatistic::P95),
        text(SeriesStatistic::Mean),
        or_missing(limits),
        beyond_text(&series.steady),
        or_missing(results().map(|result| status(result.verdict)).collect()),
    ]
}

fn statistic_text(series: &SeriesUse, stretch: &StretchUse, statistic: SeriesStatistic) -> String {
    stretch.statistic(statistic).map_or_else(|| MISSING.to_owned(), |value| series.text(value))
}

fn beyond_text(stretch: &StretchUse) -> String {
    match stretch.n_beyond {
        Some(n) if stretch.n_read > 0 => humanize::span(std::time::Duration::from_secs(n)),
        _ => MISSING.to_owned(),
    }
}

/// The stretch that limits are put to, in words.
fn window_words(subject: Subject) -> String {
    let results = &subject.summary.watched.results;
    results.first().map_or_else(|| subject.summary.headline_words.clone(), |one| one.window_words.clone())
}

/// What the telling series came to in each stage.
fn stages(document: &mut Document, subject: Subject) {
    let watched = &subject.summary.watched;
    let mut telling: Vec<&SeriesUse> = watched.telling().collect();
    telling.sort_by_key(|series| series.limit.is_none());
    let n_series = telling.len();
    telling.truncate(MAX_SERIES);
    if telling.is_empty() {
        return;
    }
    document.heading(3, "Resources stage by stage");
    let titles = ["Stage", "Series", "Read", "Least", "Mean", "p95", "Most", "Beyond limit"];
    let mut table = Table::new(
        "Warm-up left out. Read: seconds in which there was a value, of those that the stage had.",
        &titles,
        2,
    );
    let chosen = most_telling_stages(subject.summary, MAX_STAGES);
    for stage in chosen.iter().filter(|stage| watched.stages.len() > **stage) {
        for series in &telling {
            let Some(stretch) = series.stages.get(*stage).filter(|stretch| stretch.n_seconds > 0) else {
                continue;
            };
            let text = |statistic| statistic_text(series, stretch, statistic);
            table.row([
                watched.stages[*stage].clone(),
                series.name(),
                format!("{} of {}", humanize::count(stretch.n_read), humanize::count(stretch.n_seconds)),
                text(SeriesStatistic::Min),
                text(SeriesStatistic::Mean),
                text(SeriesStatistic::P95),
                text(SeriesStatistic::Max),
                beyond_text(stretch),
            ]);
        }
    }
    document.table(table);
    let peaks = telling.iter().filter_map(|series| {
        let stage = &watched.stages[series.peak_stage?];
        let lowest = matches!(series.limit.as_ref().map(|limit| limit.bound), Some(Bound::AtLeast(_)));
        Some(format!("{} was {} in stage {stage}.", series.name(), if lowest { "lowest" } else { "highest" }))
    });
    document.bullets(peaks.collect());
    let mut left_out = Vec::new();
    if n_series > telling.len() {
        left_out.push(format!("{} more series", n_series - telling.len()));
    }
    if watched.stages.len() > chosen.len() {
        let n_more = (watched.stages.len() - chosen.len()) as u64;
        left_out.push(others_words(n_more, "stage").trim_end_matches(" together").to_owned());
    }
    if !left_out.is_empty() {
        document.paragraph(format!("Not listed: {}; JSON and CSV have all.", left_out.join(", ")));
    }
}

/// Figures of the whole run that are no means of seconds.
fn totals(document: &mut Document, subject: Subject, group: SeriesGroup) {
    let all = subject.record.watched.monitors.iter();
    let figures: Vec<(&MonitorFacts, &RunFigure)> = all
        .flat_map(|facts| facts.totals.iter().map(move |figure| (facts, figure)))
        .filter(|(_, figure)| figure.group == group)
        .collect();
    if figures.is_empty() {
        return;
    }
    let mut table = Table::new(
        "Over the whole run, from counters before and after it.",
        &["Figure", "Monitor", "Value", "What it is"],
        2,
    )
    .ending_in_words();
    let shown = subject.n_shown(figures.len());
    for (facts, figure) in &figures[..shown] {
        let value = figure.value.map(|value| series_text(figure.unit, value));
        table.row([
            figure.name.clone(),
            facts.name.clone(),
            value.unwrap_or_else(|| "nothing to make it of".to_owned()),
            figure.meaning.clone(),
        ]);
    }
    document.table(table);
}

fn statements(document: &mut Document, subject: Subject) {
    for facts in &subject.record.watched.monitors {
        if facts.statements.is_empty() {
            continue;
        }
        let note = format!(
            "Statements of {} during the run, by the time that they took; the counters know means, no percentiles.",
            facts.name
        );
        let titles = ["Statement", "Calls", "Mean time", "Share of load", "Rows a call", "Found in memory"];
        let mut table = Table::new(note, &titles, 1);
        let row = |statement: &StatementUse| {
            [
                bounded(&statement.text),
                humanize::count(statement.n_calls),
                humanize::latency(statement.mean_time),
                humanize::percent(statement.load_ratio),
                humanize::amount(statement.rows_per_call),
                statement.cache_hit_ratio.map_or_else(|| MISSING.to_owned(), humanize::percent),
            ]
        };
        facts.statements.iter().take(MAX_STATEMENTS).for_each(|statement| table.row(row(statement)));
        if let Some(others) = facts.statements.get(MAX_STATEMENTS..).filter(|others| !others.is_empty()) {
            let n_calls = others.iter().map(|statement| statement.n_calls).sum();
            let load: f64 = others.iter().map(|statement| statement.load_ratio).sum();
            let total: std::time::Duration = others.iter().map(|statement| statement.total_time).sum();
            table.row([
                others_words(others.len() as u64, "statement"),
                humanize::count(n_calls),
                humanize::latency(total.div_f64(n_calls.max(1) as f64)),
                humanize::percent(load),
                MISSING.to_owned(),
                MISSING.to_owned(),
            ]);
        }
        document.table(table);
    }
}

fn commands(document: &mut Document, subject: Subject) {
    for facts in &subject.record.watched.monitors {
        if facts.commands.is_empty() {
            continue;
        }
        let note = format!("Commands of {} during the run, by the time that they took.", facts.name);
        let mut table = Table::new(note, &["Command", "Calls", "Mean time", "Time in all"], 1);
        let row = |command: &CommandUse| {
            [
                command.name.clone(),
                humanize::count(command.n_calls),
                humanize::fine_time(command.mean_time),
                humanize::fine_time(command.total_time),
            ]
        };
        facts.commands.iter().take(MAX_STATEMENTS).for_each(|command| table.row(row(command)));
        if let Some(others) = facts.commands.get(MAX_STATEMENTS..).filter(|others| !others.is_empty()) {
            let n_calls: u64 = others.iter().map(|command| command.n_calls).sum();
            let total: std::time::Duration = others.iter().map(|command| command.total_time).sum();
            table.row([
                others_words(others.len() as u64, "command"),
                humanize::count(n_calls),
                humanize::fine_time(total.div_f64(n_calls.max(1) as f64)),
                humanize::fine_time(total),
            ]);
        }
        document.table(table);
    }
}

/// A statement on one line, cut where it is long.
fn bounded(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_LETTERS {
        return line;
    }
    line.chars().take(MAX_LETTERS - 1).chain(['…']).collect()
}

/// In a word how the limits came out: `3 of 4 limits hold`.
pub fn limits_words(subject: Subject) -> Option<String> {
    let results = &subject.summary.watched.results;
    let n_held = results.iter().filter(|result| result.verdict == ThresholdVerdict::Pass).count() as u64;
    (!results.is_empty()).then(|| {
        let all = counted(results.len() as u64, "limit");
        format!("{} of {all} on what monitors read hold.", humanize::count(n_held))
    })
}
