//! A run's rows, looked at one by one: which of them do not read back, and a run without them.

use std::ops::Range;

use rusqlite::{Connection, params};

use super::{Loss, second_words};
use crate::metrics::{
    Calibration, Caveat, CaveatKind, EngineFacts, Environment, ErrorExemplar, Finish, HdrReader, Outcome,
    Packer, RunId, RunLabels, StartsSample, Weight,
};
use crate::model::{Plan, PlanChange, Scenario, parse_scenario};
use crate::store::{
    columns::{Columns, to_json, to_word},
    identity, reading,
    writer::profile_points,
};

/// One column of the run's own row, and what takes its place when it cannot be read.
struct Field {
    column: &'static str,
    what: &'static str,
    reads: fn(&mut Columns<'_>) -> rusqlite::Result<()>,
    /// As SQL.
    instead: &'static str,
}

fn json<T: serde::de::DeserializeOwned>(columns: &mut Columns<'_>) -> rusqlite::Result<()> {
    columns.json::<T>().map(drop)
}

const FIELDS: [Field; 6] = [
    Field { column: "labels", what: "its labels", reads: json::<RunLabels>, instead: "'{}'" },
    Field {
        column: "environment",
        what: "the description of its machine",
        reads: json::<Environment>,
        instead: "'{\"os\":\"not available\",\"cpu\":\"not available\",\"n_cpus\":0,\"memory_bytes\":0,\
                  \"host_name\":\"not available\",\"stagewright_version\":\"not available\"}'",
    },
    Field {
        column: "engine",
        what: "how its load was made",
        reads: json::<EngineFacts>,
        instead: "'{\"n_workers\":0,\"transport\":\"not available\",\"timer\":\"not available\"}'",
    },
    Field {
        column: "finish",
        what: "how it ended",
        reads: |columns| columns.word::<Finish>().map(drop),
        instead: "'interrupted'",
    },
    Field {
        column: "calibration",
        what: "its machine's calibration",
        reads: |columns| columns.optional_json::<Calibration>().map(drop),
        instead: "NULL",
    },
    Field {
        column: "profile",
        what: "the picture of its load",
        reads: json::<Vec<(f64, f64)>>,
        instead: "'[]'",
    },
];

/// What is lost where failures by second are.
pub(super) const ERRORS_BY_SECOND: &str = "in which second which error occurred";

/// Rows that hang on a run, and how to tell whether one of them reads.
struct Rows {
    table: &'static str,
    what: &'static str,
    /// The column that says which row of the run it is.
    key: &'static str,
    columns: &'static str,
    reads: fn(&mut Columns<'_>) -> rusqlite::Result<()>,
}

const ROWS: [Rows; 4] = [
    Rows {
        table: "run_starts",
        what: "its sampled starts",
        key: "run_id",
        columns: "starts",
        reads: json::<StartsSample>,
    },
    Rows {
        table: "error_groups",
        what: "a group of errors",
        key: "rowid",
        columns: "outcome, exemplars",
        reads: |columns| {
            let outcome: String = columns.next()?;
            if Outcome::from_name(&outcome).is_none() {
                return Err(columns.unreadable(format!("`{outcome}` is no outcome").into()));
            }
            json::<Vec<ErrorExemplar>>(columns)
        },
    },
    Rows {
        table: "plan_changes",
        what: "a change of its plan",
        key: "position",
        columns: "change",
        reads: json::<PlanChange>,
    },
    Rows {
        table: "caveats",
        what: "a caveat",
        key: "position",
        columns: "kind, weight",
        reads: |columns| {
            columns.word::<CaveatKind>()?;
            columns.word::<Weight>().map(drop)
        },
    },
];

/// What of a run does not read back, seconds aside; one plain phrase each.
pub(super) fn troubles(connection: &Connection, run_id: RunId) -> Vec<String> {
    let mut troubles = Vec::new();
    if scenario(connection, run_id).is_none() {
        troubles.push("its scenario cannot be read".to_owned());
    }
    for field in &FIELDS {
        if !field_reads(connection, run_id, field) {
            troubles.push(format!("{} cannot be read", field.what));
        }
    }
    for rows in &ROWS {
        match unreadable_rows(connection, run_id, rows) {
            Ok(keys) => troubles.extend(keys.iter().map(|_| format!("{} cannot be read", rows.what))),
            Err(error) => troubles.push(format!("{} cannot be read: {error}", rows.what)),
        }
    }
    troubles
}

fn scenario(connection: &Connection, run_id: RunId) -> Option<Scenario> {
    let sql = "SELECT toml FROM scenarios WHERE run_id = ?1";
    let toml = connection.query_row(sql, [run_id.0], |row| row.get::<_, String>(0)).ok()?;
    parse_scenario(&toml).ok().map(|(scenario, _)| scenario)
}

fn field_reads(connection: &Connection, run_id: RunId, field: &Field) -> bool {
    let sql = format!("SELECT {} FROM runs WHERE run_id = ?1", field.column);
    connection.query_row(&sql, [run_id.0], |row| (field.reads)(&mut Columns::new(row))).is_ok()
}

/// The keys of the rows that do not read.
fn unreadable_rows(connection: &Connection, run_id: RunId, rows: &Rows) -> rusqlite::Result<Vec<i64>> {
    let Rows { table, key, columns, .. } = rows;
    let sql = format!("SELECT {columns}, {key} AS its_key FROM {table} WHERE run_id = ?1 ORDER BY its_key");
    let n_columns = columns.split(',').count();
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query([run_id.0])?;
    let mut keys = Vec::new();
    while let Some(row) = found.next()? {
        if (rows.reads)(&mut Columns::new(row)).is_err() {
            keys.push(row.get(n_columns)?);
        }
    }
    Ok(keys)
}

/// The seconds whose load, requests or errors do not read back.
pub(super) fn unreadable_seconds(connection: &Connection, run_id: RunId) -> rusqlite::Result<Vec<u32>> {
    let Some(scenario) = scenario(connection, run_id) else { return Ok(Vec::new()) };
    let n_steps = scenario.n_steps();
    let mut seconds = Vec::new();
    let mut from = 0;
    while let Some(second) = reading::next_second(connection, run_id, from)? {
        let until = second.saturating_add(SECONDS_AT_ONCE);
        // All at once where all is well; one by one where it is not.
        if !reads(connection, run_id, second..until, n_steps) {
            let mut next = second;
            while let Some(second) = reading::next_second(connection, run_id, next)?.filter(|it| *it < until)
            {
                next = second.saturating_add(1);
                if !reads(connection, run_id, second..next, n_steps) {
                    seconds.push(second);
                }
            }
        }
        from = until;
    }
    Ok(seconds)
}

const SECONDS_AT_ONCE: u32 = 256;

/// Whether a stretch of seconds can be read and summed up.
fn reads(connection: &Connection, run_id: RunId, seconds: Range<u32>, n_steps: usize) -> bool {
    let mut packer = Packer::new(n_steps);
    let intervals = reading::seconds(connection, run_id, seconds, &mut HdrReader::default());
    intervals.is_ok_and(|intervals| {
        intervals.into_iter().all(|interval| {
            interval.rows.iter().all(|row| usize::from(row.step) < n_steps) && packer.push(interval).is_ok()
        })
    })
}

/// Takes everything out of a run that does not read back, or the whole run where it cannot be without; says what.
pub(super) fn mend(connection: &Connection, run_id: RunId) -> rusqlite::Result<Vec<Loss>> {
    let mut losses = Vec::new();
    let mut lose = |text: String| losses.push(Loss { run_id: Some(run_id), text });
    if scenario(connection, run_id).is_none() {
        connection.execute("DELETE FROM runs WHERE run_id = ?1", [run_id.0])?;
        lose("the run: its scenario cannot be read, and without it its numbers mean nothing".to_owned());
        return Ok(losses);
    }
    for field in FIELDS.iter().filter(|field| !field_reads(connection, run_id, field)) {
        let sql = format!("UPDATE runs SET {} = {} WHERE run_id = ?1", field.column, field.instead);
        connection.execute(&sql, [run_id.0])?;
        // The picture is drawn anew.
        if field.column == "profile" {
            keep_profile(connection, run_id)?;
        } else {
            lose(field.what.to_owned());
        }
    }
    for rows in &ROWS {
        for key in unreadable_rows(connection, run_id, rows)? {
            if rows.table == "error_groups" {
                // Failures by second tell a group by its place, which would be another group's from now on.
                connection.execute("DELETE FROM interval_errors WHERE run_id = ?1", [run_id.0])?;
                lose(ERRORS_BY_SECOND.to_owned());
            }
            let sql = format!("DELETE FROM {} WHERE run_id = ?1 AND {} = ?2", rows.table, rows.key);
            connection.execute(&sql, [run_id.0, key])?;
            lose(rows.what.to_owned());
        }
    }
    let seconds = unreadable_seconds(connection, run_id)?;
    for second in &seconds {
        connection
            .execute("DELETE FROM intervals WHERE run_id = ?1 AND second = ?2", params![run_id.0, second])?;
    }
    losses.extend(lost_seconds(&seconds).map(|text| Loss { run_id: Some(run_id), text }));
    Ok(losses)
}

/// Lost seconds in words.
pub(super) fn lost_seconds(seconds: &[u32]) -> Option<String> {
    match seconds {
        [] => None,
        [second] => Some(format!("second {second}")),
        _ => Some(format!("{} seconds: {}", seconds.len(), second_words(seconds))),
    }
}

/// Brings what follows from a run's rows in line with them, after some were lost.
pub(super) fn settle(connection: &Connection, run_id: RunId, losses: &[Loss]) -> rusqlite::Result<()> {
    keep_caveat(connection, run_id, losses)?;
    connection.execute("DELETE FROM run_packs WHERE run_id = ?1", [run_id.0])?;
    connection.execute(
        "UPDATE runs SET digest = NULL, n_seconds = CASE finish WHEN 'running' THEN NULL
             ELSE (SELECT count(*) FROM intervals WHERE run_id = ?1) END
         WHERE run_id = ?1",
        [run_id.0],
    )?;
    identity::give(connection, run_id)
}

/// Draws the run's picture from its scenario.
fn keep_profile(connection: &Connection, run_id: RunId) -> rusqlite::Result<()> {
    let sql = "SELECT time_scale FROM runs WHERE run_id = ?1";
    let time_scale: f64 = connection.query_row(sql, [run_id.0], |row| row.get(0))?;
    if let Some(scenario) = scenario(connection, run_id) {
        let profile = to_json(&profile_points(&Plan::new(&scenario, time_scale)))?;
        connection.execute("UPDATE runs SET profile = ?2 WHERE run_id = ?1", params![run_id.0, profile])?;
    }
    Ok(())
}

/// Says in the run itself that its numbers lack something, so that every report says so too.
fn keep_caveat(connection: &Connection, run_id: RunId, losses: &[Loss]) -> rusqlite::Result<()> {
    let losses: Vec<&str> = losses.iter().map(|loss| loss.text.as_str()).collect();
    let text = format!(
        "The library was damaged and repaired; lost of this run, and missing in its numbers: {}.",
        losses.join("; ")
    );
    let caveat = Caveat { kind: CaveatKind::Journal, weight: Weight::Weak, text };
    connection.execute(
        "INSERT INTO caveats SELECT ?1, coalesce(max(position) + 1, 0), ?2, ?3, ?4 FROM caveats WHERE run_id = ?1",
        params![run_id.0, to_word(&caveat.kind)?, to_word(&caveat.weight)?, caveat.text],
    )?;
    Ok(())
}
