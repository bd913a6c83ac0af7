//! Which columns are asked for.

/// Columns of one table, in the table's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    columns: Vec<&'static str>,
}

impl Projection {
    /// All of them.
    pub fn all(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec() }
    }

    /// Those of the table that are wanted, by names with commas between; what the table does not have is not there.
    // Only names that the table has come into a statement, never what a request says.
    pub fn of(columns: &[&'static str], wanted: &str) -> Self {
        let wanted: Vec<&str> = wanted.split(',').map(|name| name.trim()).collect();
        let is_wanted = |column: &&'static str| wanted.contains(column);
        Self { columns: columns.iter().copied().filter(is_wanted).collect() }
    }

    pub fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// As between SELECT and FROM, each with the name of its table before it.
    pub fn list(&self, table: &str) -> String {
        self.columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 3] = ["id", "title", "town"];

    #[test]
    fn only_columns_of_the_table_are_asked_for() {
        assert_eq!(Projection::all(&COLUMNS).list("j"), "j.id, j.title, j.town");
        assert_eq!(Projection::of(&COLUMNS, "town, id").list("j"), "j.id, j.town");
        assert_eq!(Projection::of(&COLUMNS, "id; DROP TABLE jobs,town").list("j"), "j.town");
        assert!(Projection::of(&COLUMNS, "salary").is_empty());
    }
}
