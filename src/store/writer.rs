//! Writes one run while it happens: each closed second is one transaction, done before the next begins.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{
    StoreError,
    columns::{nanos, to_json, to_word},
    disk_use,
    error::plain_reason,
    identity,
    place::RunLock,
    schema,
};
use crate::metrics::{
    Annotation, EncodedHistogram, ErrorGroup, IntervalRow, IntervalStats, Journal, JournalError, RunEnd,
    RunId, RunStart,
};
use crate::model::{Plan, PlanChange, write_scenario};

/// How long a second waits for another writer: the engine offers it again rather than stand still.
const SECOND_PATIENCE: Duration = Duration::from_secs(1);

/// What a writer keeps of the library in memory; SQLite's own choice is 2,000.
const CACHE_KIBIBYTES: i32 = 256;

/// Writes one run while it happens; holds the run's lock until dropped.
pub struct RunWriter {
    run_id: RunId,
    connection: Connection,
    /// With the changes so far.
    plan: Plan,
    /// None once the run is finished.
    lock: Option<RunLock>,
}

impl RunWriter {
    pub(super) fn begin(library: &Path, start: &RunStart) -> Result<Self, StoreError> {
        let action = "begin a run in the library";
        let failed = |error: rusqlite::Error| StoreError::library(action, &error, library);
        let mut connection = schema::open(library)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let plan = Plan::new(&start.scenario, start.time_scale);
        let run_id = insert_run(&transaction, start, &plan).map_err(failed)?;
        // Locked before others can see the run, so that none takes it for abandoned.
        let lock =
            RunLock::take(library, run_id).map_err(|error| StoreError::file(action, &error, library))?;
        if let Err(error) = transaction.commit() {
            lock.release();
            return Err(failed(error));
        }
        connection.busy_timeout(SECOND_PATIENCE).map_err(failed)?;
        // Rows are only added: a large cache would grow through the run and never be read.
        connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES).map_err(failed)?;
        Ok(Self { run_id, connection, plan, lock: Some(lock) })
    }

    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Keeps the library from growing beyond this many pages, like a full disk.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, n_pages: u32) {
        self.connection.pragma_update_and_check(None, "max_page_count", n_pages, |_| Ok(())).unwrap();
    }

    fn write(
        &mut self,
        what: impl FnOnce(&Transaction<'_>, RunId) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        // Dropped before its commit, a transaction leaves nothing behind: the same may be offered again.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        what(&transaction, self.run_id)?;
        transaction.commit()
    }
}

impl Journal for RunWriter {
    fn interval(&mut self, interval: &IntervalStats, changed: &[ErrorGroup]) -> Result<(), JournalError> {
        self.write(|transaction, run_id| {
            insert_interval(transaction, run_id, interval)?;
            changed.iter().try_for_each(|group| keep_error_group(transaction, run_id, group))
        })
        .map_err(|error| {
            JournalError(format!("second {} could not be kept: {}", interval.second, plain_reason(&error)))
        })
    }

    fn annotation(&mut self, annotation: &Annotation) -> Result<(), JournalError> {
        self.write(|transaction, run_id| {
            transaction
                .prepare_cached(
                    "INSERT INTO annotations SELECT ?1, coalesce(max(position) + 1, 0), ?2, ?3
                     FROM annotations WHERE run_id = ?1",
                )?
                .execute(params![run_id.0, nanos(annotation.at), annotation.text])
                .map(drop)
        })
        .map_err(|error| JournalError(format!("an annotation could not be kept: {}", plain_reason(&error))))
    }

    fn plan_change(&mut self, change: &PlanChange) -> Result<(), JournalError> {
        let mut plan = self.plan.clone();
        plan.apply(change);
        // An interrupted run lasted no longer than its plan; a pause may last any time.
        let planned = plan.load_end().unwrap_or(Duration::MAX);
        self.write(|transaction, run_id| {
            transaction
                .prepare_cached(
                    "INSERT INTO plan_changes SELECT ?1, coalesce(max(position) + 1, 0), ?2
                     FROM plan_changes WHERE run_id = ?1",
                )?
                .execute(params![run_id.0, to_json(change)?])?;
            transaction
                .prepare_cached("UPDATE runs SET planned_nanos = ?2 WHERE run_id = ?1")?
                .execute(params![run_id.0, nanos(planned)])
                .map(drop)
        })
        .map_err(|error| {
            JournalError(format!("a change of the plan could not be kept: {}", plain_reason(&error)))
        })?;
        self.plan = plan;
        Ok(())
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), JournalError> {
        // The end comes once, and nothing waits for it: worth more patience than a second.
        self.connection
            .busy_timeout(schema::PATIENCE)
            // Measured before the write lock is taken: a long run's rows are many.
            .and_then(|()| disk_use::of_run(&self.connection, self.run_id))
            .and_then(|n_bytes| self.write(|transaction, run_id| keep_end(transaction, run_id, end, n_bytes)))
            .map_err(|error| {
                JournalError(format!("the end of the run could not be kept: {}", plain_reason(&error)))
            })?;
        if let Some(lock) = self.lock.take() {
            lock.release();
        }
        Ok(())
    }
}

fn insert_run(transaction: &Transaction<'_>, start: &RunStart, plan: &Plan) -> rusqlite::Result<RunId> {
    transaction.execute(
        "INSERT INTO runs (started_at_unix_millis, scenario_name, scenario_base_url, base_url, time_scale,
             planned_nanos, profile, labels, environment, engine, calibration, scenario_environment, fingerprint,
             identity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, lower(hex(randomblob(16))))",
        params![
            start.started_at_unix_millis,
            start.scenario.name,
            start.scenario.base_url,
            start.base_url,
            start.time_scale,
            nanos(plan.duration()),
            to_json(&profile_points(plan))?,
            to_json(&start.labels)?,
            to_json(&start.environment)?,
            to_json(&start.engine)?,
            start.calibration.as_ref().map(to_json).transpose()?,
            identity::environment_name(&start.scenario),
            identity::fingerprint(&start.scenario, &start.environment, start.time_scale),
        ],
    )?;
    let run_id = transaction.last_insert_rowid();
    let toml = write_scenario(&start.scenario, None);
    transaction.execute("INSERT INTO scenarios VALUES (?1, ?2)", params![run_id, toml])?;
    Ok(RunId(run_id))
}

/// The corners of the profile: seconds and levels.
pub(super) fn profile_points(plan: &Plan) -> Vec<(f64, f64)> {
    plan.corners().iter().map(|(time, level)| (time.as_secs_f64(), *level)).collect()
}

fn insert_interval(
    transaction: &Transaction<'_>,
    run_id: RunId,
    interval: &IntervalStats,
) -> rusqlite::Result<()> {
    // A second offered again takes the place of its former self, rows included.
    transaction
        .prepare_cached("DELETE FROM intervals WHERE run_id = ?1 AND second = ?2")?
        .execute(params![run_id.0, interval.second])?;
    let load = &interval.load;
    let host = load.host.as_ref();
    let generator = load.generator.as_ref();
    transaction
        .prepare_cached(
            "INSERT INTO intervals (run_id, second, span_nanos, asked_level, n_due, n_started, n_dropped,
                 n_completed, n_sent, n_users, n_in_flight, start_lag, process_cpu_ratio, machine_cpu_ratio,
                 memory_used_ratio, process_memory_bytes, generator, hiccups)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?
        .execute(params![
            run_id.0,
            interval.second,
            nanos(load.span),
            load.asked_level,
            load.n_due.cast_signed(),
            load.n_started.cast_signed(),
            load.n_dropped.cast_signed(),
            load.n_completed.cast_signed(),
            load.n_sent.cast_signed(),
            load.n_users,
            load.n_in_flight,
            load.start_lag.to_hdr(),
            host.map(|host| host.process_cpu_ratio),
            host.map(|host| host.machine_cpu_ratio),
            host.map(|host| host.memory_used_ratio),
            host.map(|host| host.process_memory_bytes.cast_signed()),
            generator.map(to_json).transpose()?,
            generator.map_or_else(Vec::new, |generator| generator.hiccups.to_hdr()),
        ])?;
    interval.rows.iter().try_for_each(|row| insert_row(transaction, run_id, interval.second, row))?;
    let mut insert = transaction.prepare_cached("INSERT INTO interval_errors VALUES (?1, ?2, ?3, ?4)")?;
    interval.errors.iter().try_for_each(|errors| {
        let n_errors = errors.n_errors.cast_signed();
        insert.execute(params![run_id.0, interval.second, errors.group, n_errors]).map(drop)
    })
}

fn insert_row(
    transaction: &Transaction<'_>,
    run_id: RunId,
    second: u32,
    row: &IntervalRow,
) -> rusqlite::Result<()> {
    let counters = &row.stats.counters;
    let [ok, connect, tls, timeout, protocol, status, check] = counters.n_by_outcome.map(u64::cast_signed);
    let [dns, connect_time, tls_time, send, wait, receive] =
        row.stats.phases.each_ref().map(EncodedHistogram::to_hdr);
    let [no_answer, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx] = counters.n_by_status_class.map(u64::cast_signed);
    transaction
        .prepare_cached(
            "INSERT INTO interval_rows (run_id, second, stage, warm_up, step, n_ok, n_connect, n_tls, n_timeout,
                 n_protocol, n_status, n_check, n_no_answer, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx, bytes_sent,
                 bytes_received, response_time, service_time, error_time, n_connections, n_reconnects, dns, connect,
                 tls, send, wait, receive)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                 ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31)",
        )?
        .execute(params![
            run_id.0,
            second,
            row.segment.stage,
            row.segment.warm_up,
            row.step,
            ok,
            connect,
            tls,
            timeout,
            protocol,
            status,
            check,
            no_answer,
            n_1xx,
            n_2xx,
            n_3xx,
            n_4xx,
            n_5xx,
            counters.bytes_sent.cast_signed(),
            counters.bytes_received.cast_signed(),
            row.stats.response_time.to_hdr(),
            row.stats.service_time.to_hdr(),
            row.stats.error_time.to_hdr(),
            counters.n_connections.cast_signed(),
            counters.n_reconnects.cast_signed(),
            dns,
            connect_time,
            tls_time,
            send,
            wait,
            receive,
        ])?;
    Ok(())
}

// An upsert keeps the row's place, so that groups read back in the order in which they appeared, which their failures
// second by second go by.
fn keep_error_group(
    transaction: &Transaction<'_>,
    run_id: RunId,
    group: &ErrorGroup,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO error_groups (run_id, step, outcome, signature, n_errors, first_seen_nanos,
                 last_seen_nanos, exemplars)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET n_errors = excluded.n_errors, first_seen_nanos = excluded.first_seen_nanos,
                 last_seen_nanos = excluded.last_seen_nanos, exemplars = excluded.exemplars",
        )?
        .execute(params![
            run_id.0,
            group.step,
            group.outcome.name(),
            group.signature,
            group.n_errors.cast_signed(),
            nanos(group.first_seen),
            nanos(group.last_seen),
            to_json(&group.exemplars)?,
        ])?;
    Ok(())
}

fn keep_end(
    transaction: &Transaction<'_>,
    run_id: RunId,
    end: &RunEnd,
    n_bytes: u64,
) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE runs SET finish = ?2, load_nanos = ?3, n_abandoned = ?4, n_counted_by_target = ?5,
             n_seconds = (SELECT count(*) FROM intervals WHERE run_id = ?1), n_bytes = ?6
         WHERE run_id = ?1",
        params![
            run_id.0,
            to_word(&end.finish)?,
            nanos(end.load_duration),
            end.n_abandoned.cast_signed(),
            end.n_counted_by_target.map(u64::cast_signed),
            n_bytes.cast_signed(),
        ],
    )?;
    if let Some(starts) = &end.starts {
        let sql = "INSERT OR REPLACE INTO run_starts VALUES (?1, ?2)";
        transaction.execute(sql, params![run_id.0, to_json(starts)?])?;
    }
    transaction.execute("DELETE FROM caveats WHERE run_id = ?1", [run_id.0])?;
    for (position, caveat) in end.caveats.iter().enumerate() {
        transaction.execute(
            "INSERT INTO caveats (run_id, position, kind, weight, text) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![run_id.0, position as i64, to_word(&caveat.kind)?, to_word(&caveat.weight)?, caveat.text],
        )?;
    }
    Ok(())
}
