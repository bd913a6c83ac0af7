//! Rows out of a damaged file: all that can be read, whatever lies between.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, ErrorCode, Row, params_from_iter, types::ToSqlOutput};

/// So many numbers in a row that lead nowhere end a table of which the end cannot be read.
const MAX_GAP: i64 = 200_000;

/// What was read out of a damaged file, and where something is missing.
#[derive(Debug, Default)]
pub(super) struct Salvaged {
    pub n_rows: u64,
    /// By table: between which rows some are missing.
    gaps: BTreeMap<String, Vec<Gap>>,
    /// Tables of which rows are missing.
    pub damaged_tables: BTreeSet<String>,
    /// Runs of which rows in a table are missing, where that can be told.
    pub damaged_runs: BTreeMap<i64, BTreeSet<String>>,
}

/// A run and a second of it.
type Place = (i64, i64);

/// From the last row that was read before a gap to the first behind it; without an end, to the end of the table.
#[derive(Debug)]
struct Gap(Place, Option<Place>);

impl Salvaged {
    /// Whether rows of a second, whose neighbours in the table have it too, may be missing.
    pub fn may_lack(&self, table: &str, run_id: i64, second: u32) -> bool {
        let place = (run_id, i64::from(second));
        let gaps = self.gaps.get(table).into_iter().flatten();
        gaps.into_iter().any(|Gap(first, last)| place >= *first && last.is_none_or(|last| place <= last))
    }

    /// Whether rows of a run may be missing.
    pub fn may_lack_any(&self, table: &str, run_id: i64) -> bool {
        let gaps = self.gaps.get(table).into_iter().flatten();
        gaps.into_iter().any(|Gap(first, last)| run_id >= first.0 && last.is_none_or(|last| run_id <= last.0))
    }

    /// Whether the only row of a run may be missing.
    pub fn may_lack_row(&self, table: &str, run_id: i64) -> bool {
        let gaps = self.gaps.get(table).into_iter().flatten();
        gaps.into_iter().any(|Gap(first, last)| run_id > first.0 && last.is_none_or(|last| run_id < last.0))
    }
}

/// A table with its columns.
struct Table {
    name: String,
    columns: Vec<String>,
    is_keyed: bool,
}

/// Copies every row that can be read from a damaged file into one that has the same tables.
pub(super) fn salvage(old: &Connection, new: &Connection) -> rusqlite::Result<Salvaged> {
    let mut salvaged = Salvaged::default();
    let tables = tables(new)?;
    // Keyed tables are asked run by run, so the runs come first.
    let (keyed, with_rowid): (Vec<_>, Vec<_>) = tables.iter().partition(|table| table.is_keyed);
    for table in with_rowid {
        let transaction = new.unchecked_transaction()?;
        copy_by_rowid(old, &transaction, table, &mut salvaged)?;
        transaction.commit()?;
    }
    let runs: Vec<i64> = new
        .prepare("SELECT run_id FROM runs")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for table in keyed {
        let transaction = new.unchecked_transaction()?;
        if table.columns[0] == "run_id" {
            for &run_id in &runs {
                let scope = format!("WHERE run_id = {run_id}");
                if !copy_from_both_ends(old, &transaction, table, &scope, &mut salvaged)? {
                    salvaged.damaged_runs.entry(run_id).or_default().insert(table.name.clone());
                }
            }
        } else {
            copy_from_both_ends(old, &transaction, table, "", &mut salvaged)?;
        }
        transaction.commit()?;
    }
    // Numbers are never given twice, not even those of runs that are lost.
    let last =
        old.query_row("SELECT seq FROM sqlite_sequence WHERE name = 'runs'", [], |row| row.get::<_, i64>(0));
    if let Ok(last) = last {
        new.execute("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'runs'", [last])?;
    }
    Ok(salvaged)
}

fn tables(new: &Connection) -> rusqlite::Result<Vec<Table>> {
    let sql = "SELECT name, wr FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut tables: Vec<Table> = new
        .prepare(sql)?
        .query_map([], |row| Ok(Table { name: row.get(0)?, columns: Vec::new(), is_keyed: row.get(1)? }))?
        .collect::<rusqlite::Result<_>>()?;
    for table in &mut tables {
        let sql = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
        table.columns =
            new.prepare(sql)?.query_map([&table.name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    }
    Ok(tables)
}

/// Row after row; behind a page that cannot be read, number after number until a row answers again.
fn copy_by_rowid(
    old: &Connection,
    new: &Connection,
    table: &Table,
    salvaged: &mut Salvaged,
) -> rusqlite::Result<()> {
    let columns = table.columns.join(", ");
    let forward = format!("SELECT rowid, {columns} FROM {} WHERE rowid > ?1 ORDER BY rowid", table.name);
    let single = format!("SELECT rowid, {columns} FROM {} WHERE rowid = ?1", table.name);
    let backward = format!(
        "SELECT rowid, {columns} FROM {} WHERE rowid <= ?1 AND rowid > ?2 ORDER BY rowid DESC",
        table.name
    );
    let mut insert = Insert::new(new, table, true)?;
    let place = table.place();
    let end = format!("SELECT max(rowid) FROM {}", table.name);
    let end = old.query_row(&end, [], |row| row.get::<_, Option<i64>>(0)).ok().flatten();
    let mut last: (i64, Option<Place>) = (0, None);
    loop {
        let outcome = each_row(old, &forward, [last.0], |row| {
            last = (
                row.get(0)?,
                place.map(|at| Ok::<_, rusqlite::Error>((row.get(at.0)?, row.get(at.1)?))).transpose()?,
            );
            insert.row(row, &mut salvaged.n_rows)
        });
        match outcome {
            Ok(()) => return Ok(()),
            Err(Trouble::Writing(error)) => return Err(error),
            Err(Trouble::Reading) => {}
        }
        salvaged.damaged_tables.insert(table.name.clone());
        let before = last;
        let found = probes(before.0, end).find(|rowid| {
            let mut is_there = false;
            let read = each_row(old, &single, [*rowid], |_| {
                is_there = true;
                Ok(())
            });
            read.is_ok() && is_there
        });
        // Back to the gap, as the probes do not ask for every number.
        let mut first_behind = None;
        if let Some(rowid) = found {
            let outcome = each_row(old, &backward, [rowid, before.0], |row| {
                first_behind =
                    place.map(|at| Ok::<_, rusqlite::Error>((row.get(at.0)?, row.get(at.1)?))).transpose()?;
                insert.row(row, &mut salvaged.n_rows)
            });
            if let Err(Trouble::Writing(error)) = outcome {
                return Err(error);
            }
        }
        if place.is_some() {
            let gap = Gap(before.1.unwrap_or((i64::MIN, 0)), first_behind);
            salvaged.gaps.entry(table.name.clone()).or_default().push(gap);
        }
        let Some(rowid) = found else { return Ok(()) };
        last = (rowid, first_behind);
    }
}

/// Numbers behind a gap, in order: each of the next, then some of many, so that no page of rows is passed over and a table
/// whose end cannot be read is given up soon.
fn probes(before: i64, end: Option<i64>) -> impl Iterator<Item = i64> {
    let near = 1..=64;
    let far = (64..=4_096).step_by(8).skip(1);
    let farther = (4_096..=MAX_GAP).step_by(64).skip(1);
    // The last of all is known where the right edge of the table can be read.
    let offsets = near.chain(far).chain(farther).map(move |offset| before.saturating_add(offset));
    offsets
        .take_while(move |rowid| end.is_none_or(|end| *rowid <= end))
        .chain(end.filter(|end| *end > before))
}

impl Table {
    /// Where run and second stand in a row, in tables of which it matters between which rows some are missing; a table
    /// without seconds has the run twice.
    fn place(&self) -> Option<(usize, usize)> {
        let at = |name: &str| self.columns.iter().position(|column| column == name).map(|at| at + 1);
        match self.name.as_str() {
            "interval_rows" => Some((at("run_id")?, at("second")?)),
            "error_groups" | "run_starts" | "report_texts" | "traffic_audits" => {
                Some((at("run_id")?, at("run_id")?))
            }
            _ => None,
        }
    }
}

/// From the first row on and from the last row back, so that only what lies between is lost; false where something is.
fn copy_from_both_ends(
    old: &Connection,
    new: &Connection,
    table: &Table,
    scope: &str,
    salvaged: &mut Salvaged,
) -> rusqlite::Result<bool> {
    let columns = table.columns.join(", ");
    let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    let key: Vec<String> =
        new.prepare(sql)?.query_map([&table.name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut insert = Insert::new(new, table, false)?;
    for direction in ["ASC", "DESC"] {
        let order: Vec<String> = key.iter().map(|column| format!("{column} {direction}")).collect();
        let sql = format!("SELECT {columns} FROM {} {scope} ORDER BY {}", table.name, order.join(", "));
        match each_row(old, &sql, [], |row| insert.row(row, &mut salvaged.n_rows)) {
            Ok(()) => return Ok(direction == "ASC" || scope.is_empty()),
            Err(Trouble::Writing(error)) => return Err(error),
            Err(Trouble::Reading) => _ = salvaged.damaged_tables.insert(table.name.clone()),
        }
    }
    Ok(false)
}

/// What goes wrong between two files.
enum Trouble {
    Reading,
    Writing(rusqlite::Error),
}

fn each_row<const N: usize>(
    old: &Connection,
    sql: &str,
    values: [i64; N],
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<(), Trouble> {
    let mut statement = old.prepare_cached(sql).map_err(|_| Trouble::Reading)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(|_| Trouble::Reading)?;
    while let Some(row) = rows.next().map_err(|_| Trouble::Reading)? {
        take(row).map_err(|error| match error {
            // A number that is none.
            rusqlite::Error::InvalidColumnType(..) => Trouble::Reading,
            error => Trouble::Writing(error),
        })?;
    }
    Ok(())
}

/// Writes rows as they were read.
struct Insert<'a> {
    statement: rusqlite::Statement<'a>,
    first_column: usize,
}

impl<'a> Insert<'a> {
    fn new(new: &'a Connection, table: &Table, after_rowid: bool) -> rusqlite::Result<Self> {
        let marks = vec!["?"; table.columns.len()].join(", ");
        // Read from both ends, a row may come twice.
        let sql =
            format!("INSERT OR IGNORE INTO {} ({}) VALUES ({marks})", table.name, table.columns.join(", "));
        Ok(Self { statement: new.prepare(&sql)?, first_column: usize::from(after_rowid) })
    }

    fn row(&mut self, row: &Row<'_>, n_rows: &mut u64) -> rusqlite::Result<()> {
        let n_columns = self.statement.parameter_count();
        let values = (0..n_columns)
            .map(|column| row.get_ref(self.first_column + column).map(ToSqlOutput::Borrowed))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        match self.statement.execute(params_from_iter(values)) {
            Ok(n) => *n_rows += n as u64,
            // A value that cannot stand in its column: the row is as good as not read.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
