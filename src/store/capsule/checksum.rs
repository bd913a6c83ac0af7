//! The checksum of a capsule: SHA-256 over every row of every table, in an order that does not depend on pages.

use rusqlite::{Connection, types::ValueRef};
use sha2::{Digest as _, Sha256};

use crate::store::identity::hexadecimal;

/// The checksum of all rows of all tables but the capsule's own, and of the version that wrote them.
pub(super) fn of(connection: &Connection, written_by: &str) -> rusqlite::Result<String> {
    let mut sum = Sha256::new();
    add(&mut sum, b'v', written_by.as_bytes());
    let tables: Vec<(String, bool)> = connection
        .prepare(
            "SELECT name, wr FROM pragma_table_list
             WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'capsule'
             ORDER BY name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (table, is_keyed) in tables {
        add(&mut sum, b't', table.as_bytes());
        rows(connection, &table, is_keyed, &mut sum)?;
    }
    Ok(hexadecimal(&sum.finalize()))
}

fn rows(connection: &Connection, table: &str, is_keyed: bool, sum: &mut Sha256) -> rusqlite::Result<()> {
    let order = if is_keyed { key(connection, table)? } else { "rowid".to_owned() };
    let mut statement = connection.prepare(&format!("SELECT * FROM {} ORDER BY {order}", quoted(table)))?;
    for name in statement.column_names() {
        add(sum, b'c', name.as_bytes());
    }
    let n_columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        sum.update(b"r");
        for column in 0..n_columns {
            match row.get_ref(column)? {
                ValueRef::Null => sum.update(b"0"),
                ValueRef::Integer(number) => add(sum, b'i', &number.to_be_bytes()),
                ValueRef::Real(number) => add(sum, b'f', &number.to_bits().to_be_bytes()),
                ValueRef::Text(text) => add(sum, b's', text),
                ValueRef::Blob(bytes) => add(sum, b'b', bytes),
            }
        }
    }
    Ok(())
}

/// The columns of a table's key, in order.
fn key(connection: &Connection, table: &str) -> rusqlite::Result<String> {
    let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    let columns: Vec<String> = connection
        .prepare(sql)?
        .query_map([table], |row| row.get::<_, String>(0).map(|name| quoted(&name)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(columns.join(", "))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// With its kind and length, so that no two lists of values come to the same bytes.
fn add(sum: &mut Sha256, kind: u8, bytes: &[u8]) {
    sum.update([kind]);
    sum.update((bytes.len() as u64).to_be_bytes());
    sum.update(bytes);
}
