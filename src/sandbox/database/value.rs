//! What columns hold, the same on every database.

use std::error::Error;

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};
use serde_json::json;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Text(String),
}

/// The columns of a row, in the order of the statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// The number in a column; 0 where there is none.
    pub fn integer(&self, column: usize) -> i64 {
        match self.0.get(column) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        }
    }

    /// A column as JSON.
    pub fn json(&self, column: usize) -> serde_json::Value {
        match self.0.get(column) {
            Some(Value::Integer(number)) => json!(number),
            Some(Value::Text(text)) => json!(text),
            _ => serde_json::Value::Null,
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Integer)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(SqliteValue::Null),
            Self::Integer(number) => ToSqlOutput::Owned(SqliteValue::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// The columns of a row of SQLite.
pub(super) fn from_sqlite(row: &rusqlite::Row<'_>, n_columns: usize) -> rusqlite::Result<Row> {
    let column = |index| {
        Ok(match row.get_ref(index)? {
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            // The tables hold neither.
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        })
    };
    (0..n_columns).map(column).collect::<rusqlite::Result<_>>().map(Row)
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The columns of a row of PostgreSQL.
pub(super) fn from_postgres(row: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    let column = |(index, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map_or(Value::Null, Value::Integer),
            _ => row.try_get::<_, Option<String>>(index)?.map_or(Value::Null, Value::Text),
        })
    };
    row.columns().iter().enumerate().map(column).collect::<Result<_, _>>().map(Row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_json_and_what_is_not_there_is_null() {
        let row = Row(vec![7.into(), "seven".into(), Value::Null]);
        assert_eq!(
            [row.json(0), row.json(1), row.json(2), row.json(3)],
            [json!(7), json!("seven"), json!(null), json!(null)]
        );
        assert_eq!((row.integer(0), row.integer(1)), (7, 0));
    }
}
