//! What a PostgreSQL server is asked, by version, and how its answers are read.

use tokio_postgres::SimpleQueryRow;

use super::connect::APPLICATION_NAME;

/// Marks statements as ours, so that they are left out of what the load did.
// A comment before a statement is cut off in the server's lists; one within it stays.
pub(super) const MARK: &str = "/* stagewright monitor */";

/// The oldest server whose views are known here.
pub(super) const OLDEST_VERSION: u32 = 100_000;
pub(super) const VERSION_14: u32 = 140_000;
const VERSION_15: u32 = 150_000;

/// A bound on a statement's text, in characters, before it is normalised.
const MAX_TEXT: usize = 1000;
/// Longer than any reading may take; a session of ours never holds up a server.
const STATEMENT_TIMEOUT_MILLIS: u32 = 2500;

/// What a server can tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Abilities {
    /// Such as 150008.
    pub version_number: u32,
    /// Such as `15.8`.
    pub version: String,
    pub database_oid: String,
    /// The server's own identity within its life: when it was started.
    pub started_at: String,
    /// Connections that ordinary users may have.
    pub max_clients: f64,
    pub reads_all_stats: bool,
    pub tracks_activities: bool,
    pub tracks_counts: bool,
    pub statements: Option<StatementsExtension>,
}

/// The extension `pg_stat_statements`, as far as it is installed in the database.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StatementsExtension {
    /// Quoted where it has to be.
    pub schema: String,
    pub version: (u32, u32),
}

impl StatementsExtension {
    // The columns follow the extension, which a newer server may still have in its old form.
    fn time_column(&self) -> &'static str {
        if self.version >= (1, 8) { "total_exec_time" } else { "total_time" }
    }

    fn tells_top_level(&self) -> bool {
        self.version >= (1, 9)
    }

    /// Whether it tells what it had to forget.
    pub(super) fn has_info(&self) -> bool {
        self.version >= (1, 9)
    }
}

/// Makes the session harmless: it reads only, never for long, and finds no names but the server's own.
pub(super) fn session() -> String {
    format!(
        "SET {MARK} statement_timeout = {STATEMENT_TIMEOUT_MILLIS};\
         SET {MARK} lock_timeout = {STATEMENT_TIMEOUT_MILLIS};\
         SET {MARK} default_transaction_read_only = on;\
         SET {MARK} search_path = pg_catalog"
    )
}

pub(super) fn abilities() -> String {
    format!(
        "SELECT {MARK} current_setting('server_version_num') AS version_number,\
         current_setting('server_version') AS version,\
         (SELECT oid FROM pg_database WHERE datname = current_database()) AS database_oid,\
         pg_postmaster_start_time() AS started_at,\
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int\
         - coalesce(current_setting('reserved_connections', true), '0')::int AS max_clients,\
         pg_has_role('pg_read_all_stats', 'USAGE') AS reads_all_stats,\
         current_setting('track_activities') AS tracks_activities,\
         current_setting('track_counts') AS tracks_counts,\
         e.extversion, quote_ident(n.nspname) AS schema \
         FROM (SELECT 1) one LEFT JOIN pg_extension e ON e.extname = 'pg_stat_statements' \
         LEFT JOIN pg_namespace n ON n.oid = e.extnamespace"
    )
}

pub(super) fn clock() -> String {
    format!("SELECT {MARK} extract(epoch FROM clock_timestamp()) AS now")
}

/// All that is read in a second, in one row. `own` are the identities of our own statements.
pub(super) fn reading(abilities: &Abilities, own: &[String]) -> String {
    let active_time = if abilities.version_number >= VERSION_14 { "active_time" } else { "NULL" };
    // Otherwise what this session did is told up to a second late, and counts as the load's.
    let flush = if abilities.version_number >= VERSION_15 { "pg_stat_force_next_flush()" } else { "NULL" };
    let statements = abilities.statements.as_ref().map_or_else(
        || "SELECT NULL AS calls, NULL AS statements_millis".to_owned(),
        |extension| {
            let time = extension.time_column();
            let top_level = if extension.tells_top_level() { "AND toplevel" } else { "" };
            format!(
                "SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum({time}), 0) AS statements_millis \
                 FROM {}.pg_stat_statements(false) WHERE dbid = {} {top_level} \
                 AND (queryid IS NULL OR queryid <> ALL ('{{{}}}'::bigint[]))",
                extension.schema,
                abilities.database_oid,
                own.join(",")
            )
        },
    );
    // Who may not read all statistics sees of others' sessions that they are there, and not what they do.
    format!(
        "SELECT {MARK} a.*, d.*, s.*, {flush} AS flushed FROM (\
         SELECT count(*) AS clients,\
         count(*) FILTER (WHERE backend_type IS NULL) AS hidden,\
         count(*) FILTER (WHERE state IN ('active', 'fastpath function call')) AS active,\
         count(*) FILTER (WHERE state = 'active' AND wait_event_type IS NOT NULL \
         AND wait_event_type NOT IN ('Client', 'Timeout', 'Activity', 'Extension')) AS waiting,\
         count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'Lock') AS waiting_for_locks,\
         count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,\
         count(*) FILTER (WHERE datname = current_database() AND (state LIKE 'idle in transaction%' \
         OR state IN ('active', 'fastpath function call'))) AS held \
         FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
         AND application_name IS DISTINCT FROM '{APPLICATION_NAME}' AND usesysid IS NOT NULL \
         AND (backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL))\
         ) a, (\
         SELECT xact_commit, xact_rollback, deadlocks, blks_hit, blks_read, temp_bytes,\
         {active_time} AS active_millis, stats_reset \
         FROM pg_stat_database WHERE datname = current_database()\
         ) d, ({statements}) s"
    )
}

/// Every statement of the database with its counters.
pub(super) fn snapshot(abilities: &Abilities, extension: &StatementsExtension) -> String {
    let top_level = if extension.tells_top_level() { "toplevel" } else { "true" };
    format!(
        "SELECT {MARK} userid, queryid, {top_level} AS top_level, calls, {} AS millis, rows,\
         shared_blks_hit, shared_blks_read, strpos(query, '{MARK}') > 0 AS own,\
         left(query, {MAX_TEXT}) AS text \
         FROM {}.pg_stat_statements(true) WHERE dbid = {} AND queryid IS NOT NULL",
        extension.time_column(),
        extension.schema,
        abilities.database_oid
    )
}

/// What the extension had to forget, and since when it counts.
pub(super) fn info(extension: &StatementsExtension) -> String {
    format!("SELECT {MARK} dealloc, stats_reset FROM {}.pg_stat_statements_info", extension.schema)
}

/// The text of a column; empty where there is none.
pub(super) fn text<'r>(row: &'r SimpleQueryRow, column: &str) -> &'r str {
    row.try_get(column).ok().flatten().unwrap_or_default()
}

/// The number of a column; NaN where there is none.
pub(super) fn number(row: &SimpleQueryRow, column: &str) -> f64 {
    text(row, column).parse().unwrap_or(f64::NAN)
}

pub(super) fn count(row: &SimpleQueryRow, column: &str) -> u64 {
    text(row, column).parse().unwrap_or(0)
}

pub(super) fn holds(row: &SimpleQueryRow, column: &str) -> bool {
    matches!(text(row, column), "t" | "on")
}

impl Abilities {
    pub(super) fn of(row: &SimpleQueryRow) -> Self {
        let version = text(row, "version").split(' ').next().unwrap_or_default().to_owned();
        let extension = text(row, "extversion");
        Self {
            version_number: text(row, "version_number").parse().unwrap_or(0),
            version,
            database_oid: text(row, "database_oid").to_owned(),
            started_at: text(row, "started_at").to_owned(),
            max_clients: number(row, "max_clients"),
            reads_all_stats: holds(row, "reads_all_stats"),
            tracks_activities: holds(row, "tracks_activities"),
            tracks_counts: holds(row, "tracks_counts"),
            statements: (!extension.is_empty()).then(|| StatementsExtension {
                schema: text(row, "schema").to_owned(),
                version: version_pair(extension),
            }),
        }
    }
}

fn version_pair(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_version(version_number: u32, extension: Option<&str>) -> Abilities {
        let statements = extension.map(|version| StatementsExtension {
            schema: "public".to_owned(),
            version: version_pair(version),
        });
        Abilities { version_number, database_oid: "5".to_owned(), statements, ..Abilities::default() }
    }

    #[test]
    fn each_version_is_asked_for_what_it_has() {
        let old = reading(&of_version(120_000, Some("1.7")), &[]);
        assert!(
            old.contains("sum(total_time)") && !old.contains("toplevel") && old.contains("NULL AS active")
        );
        let new = reading(&of_version(150_000, Some("1.10")), &["7".to_owned(), "-9".to_owned()]);
        assert!(new.contains("sum(total_exec_time)") && new.contains("AND toplevel"));
        assert!(new.contains("'{7,-9}'") && new.contains("active_time AS active"));
        assert!(reading(&of_version(130_000, None), &[]).contains("NULL AS calls"));
        let abilities = of_version(130_000, Some("1.8"));
        let extension = abilities.statements.clone().unwrap();
        assert!(!extension.has_info());
        let asked = snapshot(&abilities, &extension);
        assert!(asked.contains("total_exec_time AS millis") && asked.contains("true AS top_level"));
    }

    #[test]
    fn every_statement_of_ours_is_marked() {
        let abilities = of_version(150_000, Some("1.10"));
        let extension = abilities.statements.clone().unwrap();
        let asked = [
            session(),
            super::abilities(),
            clock(),
            reading(&abilities, &[]),
            snapshot(&abilities, &extension),
            info(&extension),
        ];
        for statement in asked.iter().flat_map(|sql| sql.split(';')) {
            assert!(statement.contains(MARK), "{statement}");
        }
    }
}
