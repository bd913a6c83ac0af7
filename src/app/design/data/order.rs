//! Rows of a table whose names sort themselves in the file: on screen they stay where they are while they are written.

use std::collections::BTreeMap;

/// The names of a table in the order of its rows.
#[derive(Debug, Default)]
pub struct Order(Vec<String>);

impl Order {
    /// The rows as they are now; what is new comes last.
    pub fn rows<T>(&mut self, table: &BTreeMap<String, T>) -> Vec<String> {
        self.0.retain(|name| table.contains_key(name));
        let new: Vec<String> = table.keys().filter(|name| !self.0.contains(name)).cloned().collect();
        self.0.extend(new);
        self.0.clone()
    }

    /// A row keeps its place under another name.
    pub fn rename(&mut self, from: &str, to: &str) {
        if let Some(name) = self.0.iter_mut().find(|name| *name == from) {
            to.clone_into(name);
        }
    }
}

/// The name of a row, unlike those of the others; the refusal says what would be right.
pub fn parse_name(text: &str, own: &str, table: &BTreeMap<String, impl Sized>) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['{', '}']) {
        return Err("Write a name without braces".to_owned());
    }
    if text != own && table.contains_key(text) {
        return Err("Another one has this name".to_owned());
    }
    Ok(text.to_owned())
}

/// The first of `name1`, `name2` … that is free.
pub fn free_name<'a>(name: &str, taken: impl Iterator<Item = &'a String> + Clone) -> String {
    let mut names = (1_u64..).map(|number| format!("{name}{number}"));
    // There are more numbers than names that can be taken.
    names.find(|name| taken.clone().all(|other| other != name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stays_in_its_place_while_its_name_changes() {
        let table = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), ())).collect();
        let mut order = Order::default();
        assert_eq!(order.rows(&table(&["b", "c"])), ["b", "c"]);
        order.rename("b", "x");
        assert_eq!(order.rows(&table(&["x", "c", "a"])), ["x", "c", "a"]);
        assert_eq!(order.rows(&table(&["c"])), ["c"]);
        assert_eq!(parse_name(" c ", "x", &table(&["c"])), Err("Another one has this name".to_owned()));
        assert_eq!(parse_name("c", "c", &table(&["c"])), Ok("c".to_owned()));
    }
}
