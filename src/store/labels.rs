//! Labels such as `commit` or `build`, edited after the run; and the star.

use rusqlite::{Transaction, TransactionBehavior, params};

use super::{Library, StoreError, columns::to_json};
use crate::metrics::{RunId, RunLabels};

impl Library {
    /// Marks a run as one to find again, which no retention rule removes; or takes that away.
    pub fn star(&self, run_id: RunId, is_starred: bool) -> Result<(), StoreError> {
        self.require(run_id)?;
        let sql = "UPDATE runs SET is_starred = ?2 WHERE run_id = ?1";
        self.execute("star the run", sql, params![run_id.0, is_starred])
    }

    /// Gives a run a label, or another value to one that it has.
    pub fn put_label(&self, run_id: RunId, name: &str, value: &str) -> Result<(), StoreError> {
        let name = name.trim();
        if name.is_empty() || name.contains('=') {
            return Err(StoreError::LabelName);
        }
        self.change_labels(run_id, |labels| _ = labels.insert(name.to_owned(), value.trim().to_owned()))
    }

    /// Takes a label away; one that is not there stays away.
    pub fn remove_label(&self, run_id: RunId, name: &str) -> Result<(), StoreError> {
        self.change_labels(run_id, |labels| _ = labels.remove(name.trim()))
    }

    fn change_labels(&self, run_id: RunId, change: impl FnOnce(&mut RunLabels)) -> Result<(), StoreError> {
        self.require(run_id)?;
        let edit = || {
            // The write lock comes first: labels read before it could be older than those of another window.
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            let mut labels: RunLabels =
                transaction.query_row("SELECT labels FROM runs WHERE run_id = ?1", [run_id.0], |row| {
                    super::columns::Columns::new(row).json()
                })?;
            change(&mut labels);
            let sql = "UPDATE runs SET labels = ?2 WHERE run_id = ?1";
            transaction.execute(sql, params![run_id.0, to_json(&labels)?])?;
            transaction.commit()
        };
        edit().map_err(self.failed("label the run"))
    }
}
