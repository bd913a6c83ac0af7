//! Where a monitor reads from: the fields of each kind.

use egui::Ui;

use super::{
    access::{access_ui, password_ui, url_ui},
    inspector::Pens,
    queries::queries_ui,
    series::series_ui,
};
use crate::{
    app::{
        state::ProbeTests,
        theme,
        widgets::{labelled, parsed_field},
    },
    model::{Monitor, PostgresProbe, Probe, ProcessesProbe, format_duration, parse_duration},
};

const SHORT: f32 = 110.0;
/// What a field says that is left to the program.
const USUAL: &str = "usual";
/// What a field says of something that is not there.
const NONE: &str = "none";

pub fn source_ui(ui: &mut Ui, (monitor, path): (&mut Monitor, &str), pens: &Pens<'_>, tests: &ProbeTests) {
    let found = tests.found(monitor).to_vec();
    let Monitor { probe, limits, .. } = monitor;
    match probe {
        Probe::Machine => {
            let words = "Linux tells all of it. Elsewhere what cannot be read is told as not available, never as zero.";
            ui.label(theme::small(ui, words));
        }
        Probe::Processes(probe) => processes_ui(ui, (probe, path), pens),
        Probe::Metrics(probe) => {
            let tip = "The page itself, such as http://127.0.0.1:9100/metrics";
            url_ui(ui, (&mut probe.url, path), tip, pens);
            access_ui(ui, &mut probe.access, path, pens);
            series_ui(ui, (&mut probe.series, limits), (path, &found), pens.any.marks);
        }
        Probe::Prometheus(probe) => {
            let tip = "Where the API stands, such as http://127.0.0.1:9090; its path is added";
            url_ui(ui, (&mut probe.url, path), tip, pens);
            access_ui(ui, &mut probe.access, path, pens);
            queries_ui(ui, (&mut probe.queries, limits), path, pens.any.marks);
        }
        Probe::Postgres(probe) => postgres_ui(ui, (probe, path), pens),
        Probe::Redis(probe) => {
            let tip = "Such as redis://127.0.0.1:6379, without the password; rediss:// speaks TLS";
            url_ui(ui, (&mut probe.url, path), tip, pens);
            password_ui(ui, &mut probe.password, path, pens);
        }
    }
}

fn processes_ui(ui: &mut Ui, (probe, path): (&mut ProcessesProbe, &str), pens: &Pens<'_>) {
    let width = ui.available_width().min(520.0);
    labelled(ui, "Programs, separated by commas: their names, or pid:4711", |ui| {
        pens.any.marks.field(ui, &format!("{path}.processes"), |ui| {
            let text = |names: &Vec<String>| names.join(", ");
            let parse = |text: &str| Ok(names_of(text));
            parsed_field(ui, "Processes", &mut probe.processes, width, text, parse)
        })
    })
    .on_hover_text("All processes of one name count together");
}

fn names_of(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn postgres_ui(ui: &mut Ui, (probe, path): (&mut PostgresProbe, &str), pens: &Pens<'_>) {
    let tip = "Such as postgres://watch@127.0.0.1:5432/app, without the password";
    url_ui(ui, (&mut probe.url, path), tip, pens);
    password_ui(ui, &mut probe.password, path, pens);
    ui.horizontal_top(|ui| {
        labelled(ui, "Pool size", |ui| {
            pens.any.marks.field(ui, &format!("{path}.pool_size"), |ui| {
                parsed_field(ui, "Pool size", &mut probe.pool_size, SHORT, pool_text, parse_pool)
            })
        })
        .on_hover_text(
            "How many connections the application's pool holds; without it the pool's use is not told",
        );
        labelled(ui, "Slow from a mean of", |ui| {
            pens.any.marks.field(ui, &format!("{path}.slow_statement"), |ui| {
                parsed_field(ui, "Slow statement", &mut probe.slow_statement, SHORT, slow_text, parse_slow)
            })
        })
        .on_hover_text(format!(
            "From which mean time on a statement is told as slow; usually {}",
            format_duration(PostgresProbe::DEFAULT_SLOW_STATEMENT)
        ));
    });
    let words = "Statements are told where the extension pg_stat_statements is there. A role with pg_read_all_stats sees \
                 those of all users.";
    ui.add(egui::Label::new(theme::small(ui, words)).wrap());
}

fn pool_text(size: &Option<u32>) -> String {
    size.map_or_else(|| NONE.to_owned(), |size| size.to_string())
}

fn parse_pool(text: &str) -> Result<Option<u32>, String> {
    match text.trim() {
        "" | NONE => Ok(None),
        text => match text.parse() {
            Ok(size) if size > 0 => Ok(Some(size)),
            _ => Err("Write a number of connections, such as 20".to_owned()),
        },
    }
}

fn slow_text(slow: &Option<std::time::Duration>) -> String {
    slow.map_or_else(|| USUAL.to_owned(), format_duration)
}

fn parse_slow(text: &str) -> Result<Option<std::time::Duration>, String> {
    match text.trim() {
        "" | USUAL => Ok(None),
        text => parse_duration(text).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_left_out_reads_as_it_is_written() {
        for size in [None, Some(20)] {
            assert_eq!(parse_pool(&pool_text(&size)), Ok(size));
        }
        for slow in [None, Some(Duration::from_millis(250))] {
            assert_eq!(parse_slow(&slow_text(&slow)), Ok(slow));
        }
        assert!(parse_pool("0").is_err() && parse_pool("many").is_err() && parse_slow("soon").is_err());
        assert_eq!(names_of(" nginx,, pid:7 "), ["nginx", "pid:7"]);
    }
}
