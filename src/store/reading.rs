//! Everything kept of a run, read back as it was written.

use std::{ops::Range, sync::Arc, time::Duration};

use rusqlite::{Connection, Row, params};

use super::columns::Columns;
use crate::metrics::{
    Annotation, Caveat, Counters, EncodedHistogram, EncodedStats, ErrorGroup, Finish, GeneratorStats,
    GroupErrors, HdrReader, HostSample, IntervalRow, IntervalStats, LoadStats, Outcome, RunEnd, RunId,
    RunRecord, RunStart,
};
use crate::model::{Scenario, Segment, parse_scenario};

/// Far more groups than a run tells apart: a damaged number must not ask for memory without end.
const MAX_ERROR_GROUP: u32 = 1_000_000;

/// Reads a run that exists; its seconds are still missing.
pub(super) fn facts(connection: &Connection, run_id: RunId) -> rusqlite::Result<RunRecord> {
    let mut record = connection.query_row(
        "SELECT started_at_unix_millis, time_scale, base_url, labels, environment, engine, calibration,
             toml, finish, load_nanos, n_abandoned, n_counted_by_target, starts, note, is_baseline, identity
         FROM runs JOIN scenarios USING (run_id) LEFT JOIN run_starts USING (run_id) WHERE run_id = ?1",
        [run_id.0],
        |row| own_facts(run_id, row),
    )?;
    record.error_groups = all(
        connection,
        "SELECT step, outcome, signature, n_errors, first_seen_nanos, last_seen_nanos, exemplars
         FROM error_groups WHERE run_id = ?1 ORDER BY rowid",
        run_id,
        error_group,
    )?;
    record.annotations = all(
        connection,
        "SELECT at_nanos, text FROM annotations WHERE run_id = ?1 ORDER BY position",
        run_id,
        |columns| Ok(Annotation { at: columns.duration()?, text: columns.next()? }),
    )?;
    record.plan_changes = all(
        connection,
        "SELECT change FROM plan_changes WHERE run_id = ?1 ORDER BY position",
        run_id,
        |columns| columns.json(),
    )?;
    record.end.caveats = all(
        connection,
        "SELECT kind, weight, text FROM caveats WHERE run_id = ?1 ORDER BY position",
        run_id,
        |columns| Ok(Caveat { kind: columns.word()?, weight: columns.word()?, text: columns.next()? }),
    )?;
    record.tags =
        all(connection, "SELECT tag FROM tags WHERE run_id = ?1 ORDER BY tag", run_id, |columns| {
            columns.next()
        })?;
    if record.end.finish == Finish::Running {
        // Not written down yet.
        record.end.load_duration = kept_duration(connection, run_id)?;
    }
    Ok(record)
}

/// How long load was made as far as the kept seconds tell, and the plan allows.
pub(super) fn kept_duration(connection: &Connection, run_id: RunId) -> rusqlite::Result<Duration> {
    connection.query_row(
        "SELECT min(planned_nanos, coalesce(
             (SELECT second * 1000000000 + span_nanos FROM intervals
              WHERE run_id = ?1 ORDER BY second DESC LIMIT 1), 0))
         FROM runs WHERE run_id = ?1",
        [run_id.0],
        |row| Columns::new(row).duration(),
    )
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    run_id: RunId,
    read: impl Fn(&mut Columns<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map(params![run_id.0], |row| read(&mut Columns::new(row)))?.collect()
}

/// A run's own row, with the lists still empty.
fn own_facts(run_id: RunId, row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let mut columns = Columns::new(row);
    let (started_at_unix_millis, time_scale, base_url) = (columns.next()?, columns.next()?, columns.next()?);
    let (labels, environment, engine) = (columns.json()?, columns.json()?, columns.json()?);
    let calibration = columns.optional_json()?;
    let scenario = scenario(&mut columns)?;
    let start = RunStart {
        started_at_unix_millis,
        scenario,
        time_scale,
        base_url,
        labels,
        environment,
        engine,
        calibration,
    };
    let end = RunEnd {
        finish: columns.word()?,
        load_duration: Duration::from_nanos(columns.next::<Option<i64>>()?.unwrap_or(0).cast_unsigned()),
        n_abandoned: columns.count()?,
        n_counted_by_target: columns.next::<Option<i64>>()?.map(i64::cast_unsigned),
        starts: columns.optional_json()?,
        caveats: Vec::new(),
    };
    Ok(RunRecord {
        run_id,
        start,
        end,
        intervals: Vec::new(),
        rows: Vec::new(),
        points: Arc::default(),
        error_groups: Vec::new(),
        watched: Arc::default(),
        audit: None,
        annotations: Vec::new(),
        plan_changes: Vec::new(),
        tags: Vec::new(),
        note: columns.next()?,
        is_baseline: columns.next()?,
        identity: columns.next()?,
    })
}

fn scenario(columns: &mut Columns<'_>) -> rusqlite::Result<Scenario> {
    let toml: String = columns.next()?;
    parse_scenario(&toml).map(|(scenario, _)| scenario.interleaved()).map_err(|problems| {
        let first = problems.iter().find(|problem| problem.is_error()).or(problems.first());
        let why = first.map_or_else(String::new, ToString::to_string);
        columns.unreadable(format!("its scenario: {why}").into())
    })
}

/// The first kept second from `from` on.
pub(super) fn next_second(
    connection: &Connection,
    run_id: RunId,
    from: u32,
) -> rusqlite::Result<Option<u32>> {
    let sql = "SELECT min(second) FROM intervals WHERE run_id = ?1 AND second >= ?2";
    connection.prepare_cached(sql)?.query_row(params![run_id.0, from], |row| row.get(0))
}

/// A stretch of a run's seconds.
pub(super) fn seconds(
    connection: &Connection,
    run_id: RunId,
    stretch: Range<u32>,
    reader: &mut HdrReader,
) -> rusqlite::Result<Vec<IntervalStats>> {
    let within = params![run_id.0, stretch.start, stretch.end];
    let mut intervals = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT second, span_nanos, asked_level, n_due, n_started, n_dropped, n_completed, n_sent, n_users,
             n_in_flight, start_lag, process_memory_bytes, process_cpu_ratio, machine_cpu_ratio,
             memory_used_ratio, generator, hiccups
         FROM intervals WHERE run_id = ?1 AND second >= ?2 AND second < ?3 ORDER BY second",
    )?;
    let mut found = statement.query(within)?;
    while let Some(row) = found.next()? {
        intervals.push(interval(&mut Columns::new(row), reader)?);
    }
    let mut statement = connection.prepare_cached(
        "SELECT second, stage, warm_up, step, n_ok, n_connect, n_tls, n_timeout, n_protocol, n_status, n_check,
             n_no_answer, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx, bytes_sent, bytes_received, n_connections,
             n_reconnects, response_time, service_time, error_time, dns, connect, tls, send, wait, receive
         FROM interval_rows WHERE run_id = ?1 AND second >= ?2 AND second < ?3
         ORDER BY second, stage, warm_up, step",
    )?;
    let mut found = statement.query(within)?;
    // Both lists are in order of seconds, and the schema gives each row its interval.
    let mut of_rows = intervals.iter_mut().peekable();
    while let Some(row) = found.next()? {
        let (second, row) = interval_row(&mut Columns::new(row), reader)?;
        while of_rows.next_if(|interval: &&mut IntervalStats| interval.second < second).is_some() {}
        if let Some(interval) = of_rows.peek_mut().filter(|interval| interval.second == second) {
            interval.rows.push(row);
        }
    }
    let mut statement = connection.prepare_cached(
        "SELECT second, error_group, n_errors FROM interval_errors
         WHERE run_id = ?1 AND second >= ?2 AND second < ?3 ORDER BY second, error_group",
    )?;
    let mut found = statement.query(within)?;
    while let Some(row) = found.next()? {
        let mut columns = Columns::new(row);
        let second: u32 = columns.next()?;
        let group = columns.next()?;
        if group > MAX_ERROR_GROUP {
            return Err(columns.unreadable(format!("there is no error group {group}").into()));
        }
        let errors = GroupErrors { group, n_errors: columns.count()? };
        if let Ok(place) = intervals.binary_search_by_key(&second, |interval| interval.second) {
            intervals[place].errors.push(errors);
        }
    }
    Ok(intervals)
}

/// A histogram, from the form in which it is kept.
fn histogram(columns: &mut Columns<'_>, reader: &mut HdrReader) -> rusqlite::Result<EncodedHistogram> {
    let read = reader.read(columns.bytes()?);
    read.map_err(|error| columns.unreadable(error.into()))
}

fn interval(columns: &mut Columns<'_>, reader: &mut HdrReader) -> rusqlite::Result<IntervalStats> {
    let second = columns.next()?;
    let load = LoadStats {
        span: columns.duration()?,
        asked_level: columns.next()?,
        n_due: columns.count()?,
        n_started: columns.count()?,
        n_dropped: columns.count()?,
        n_completed: columns.count()?,
        n_sent: columns.count()?,
        n_users: columns.next()?,
        n_in_flight: columns.next()?,
        start_lag: histogram(columns, reader)?,
        host: host(columns)?,
        generator: None,
    };
    let generator: Option<GeneratorStats> = columns.optional_json()?;
    let hiccups = histogram(columns, reader)?;
    let load = LoadStats { generator: generator.map(|stats| GeneratorStats { hiccups, ..stats }), ..load };
    Ok(IntervalStats { second, rows: Vec::new(), errors: Vec::new(), load })
}

/// The machine's figures; null where it could not be read.
fn host(columns: &mut Columns<'_>) -> rusqlite::Result<Option<HostSample>> {
    let process_memory_bytes = columns.next::<Option<i64>>()?;
    let (process_cpu_ratio, machine_cpu_ratio) = (columns.ratio()?, columns.ratio()?);
    let memory_used_ratio = columns.ratio()?;
    Ok(process_memory_bytes.map(|bytes| HostSample {
        process_memory_bytes: bytes.cast_unsigned(),
        process_cpu_ratio,
        machine_cpu_ratio,
        memory_used_ratio,
    }))
}

fn interval_row(columns: &mut Columns<'_>, reader: &mut HdrReader) -> rusqlite::Result<(u32, IntervalRow)> {
    let second = columns.next()?;
    let segment = Segment { stage: columns.next()?, warm_up: columns.next()? };
    let step = columns.next()?;
    let mut counters = Counters::default();
    for count in counters.n_by_outcome.iter_mut().chain(&mut counters.n_by_status_class) {
        *count = columns.count()?;
    }
    counters.bytes_sent = columns.count()?;
    counters.bytes_received = columns.count()?;
    counters.n_connections = columns.count()?;
    counters.n_reconnects = columns.count()?;
    let mut stats = EncodedStats {
        counters,
        response_time: histogram(columns, reader)?,
        service_time: histogram(columns, reader)?,
        error_time: histogram(columns, reader)?,
        phases: Default::default(),
    };
    for phase in &mut stats.phases {
        *phase = histogram(columns, reader)?;
    }
    Ok((second, IntervalRow { segment, step, stats }))
}

fn error_group(columns: &mut Columns<'_>) -> rusqlite::Result<ErrorGroup> {
    let step = columns.next()?;
    let outcome: String = columns.next()?;
    let outcome = Outcome::from_name(&outcome)
        .ok_or_else(|| columns.unreadable(format!("`{outcome}` is no outcome").into()))?;
    Ok(ErrorGroup {
        step,
        outcome,
        signature: columns.next()?,
        n_errors: columns.count()?,
        first_seen: columns.duration()?,
        last_seen: columns.duration()?,
        exemplars: columns.json()?,
    })
}
