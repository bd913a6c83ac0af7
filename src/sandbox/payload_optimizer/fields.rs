//! Only the fields that were asked for: `fields=id,name,items.title`.

use std::collections::BTreeMap;

use serde_json::Value;

/// Deeper paths than any answer has are refused, so that nobody nests without end.
const MAX_DEPTH: usize = 16;
const MAX_FIELDS: usize = 200;

/// Which fields an answer keeps, and which of theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelection(BTreeMap<String, FieldSelection>);

impl FieldSelection {
    /// Reads names divided by commas; a point leads into an object, or into each object of a list.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut selection = Self::default();
        // The whole of a field that was asked for, whatever of it was asked for too.
        let mut wholes = Vec::new();
        for (n, path) in text.split(',').map(str::trim).filter(|path| !path.is_empty()).enumerate() {
            if n == MAX_FIELDS {
                return Err(format!("fields may name at most {MAX_FIELDS}"));
            }
            let names: Vec<&str> = path.split('.').map(str::trim).collect();
            if names.iter().any(|name| name.is_empty()) {
                return Err(format!("fields cannot be read: a name is missing in \"{path}\""));
            }
            if names.len() > MAX_DEPTH {
                return Err(format!("fields may lead at most {MAX_DEPTH} names deep"));
            }
            selection.add(&names);
            wholes.push(names);
        }
        if selection.0.is_empty() {
            return Err("fields names none: write fields=id,name".to_owned());
        }
        for names in &wholes {
            selection.widen(names);
        }
        Ok(selection)
    }

    fn add(&mut self, names: &[&str]) {
        if let [name, rest @ ..] = names {
            self.0.entry((*name).to_owned()).or_default().add(rest);
        }
    }

    /// Forgets what is asked for below the last name.
    fn widen(&mut self, names: &[&str]) {
        match names {
            [] => self.0.clear(),
            [name, rest @ ..] => {
                if let Some(inner) = self.0.get_mut(*name) {
                    inner.widen(rest);
                }
            }
        }
    }

    /// Takes away what was not asked for. Lists are looked through; what is no object stays as it is.
    pub fn apply(&self, value: &mut Value) {
        // The whole of it.
        if self.0.is_empty() {
            return;
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(object) => object.retain(|name, inner| {
                self.0.get(name).is_some_and(|selection| {
                    selection.apply(inner);
                    true
                })
            }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(fields: &str, mut value: Value, expected: &Value) {
        FieldSelection::parse(fields).unwrap().apply(&mut value);
        assert_eq!(&value, expected, "{fields}");
    }

    #[test]
    fn only_what_was_asked_for_is_kept() {
        let course =
            json!({ "id": 1, "name": "Algebra", "teacher": { "name": "Ada", "age": 36 }, "seats": null });
        check("id,name", course.clone(), &json!({ "id": 1, "name": "Algebra" }));
        check(" id , teacher.name ", course.clone(), &json!({ "id": 1, "teacher": { "name": "Ada" } }));
        check("seats", course.clone(), &json!({ "seats": null }));
        check("unknown", course, &json!({}));
    }

    #[test]
    fn lists_are_looked_through() {
        let list = json!({ "page": 1, "items": [{ "id": 1, "title": "a" }, { "id": 2, "title": "b" }, 7] });
        check("items.title", list.clone(), &json!({ "items": [{ "title": "a" }, { "title": "b" }, 7] }));
        check("title", list["items"].clone(), &json!([{ "title": "a" }, { "title": "b" }, 7]));
        check("items.title.deeper", list, &json!({ "items": [{ "title": "a" }, { "title": "b" }, 7] }));
    }

    #[test]
    fn the_whole_of_a_field_wins_over_a_part_of_it() {
        let value = json!({ "a": { "b": 1, "c": 2 }, "d": 3 });
        for fields in ["a,a.b", "a.b,a"] {
            check(fields, value.clone(), &json!({ "a": { "b": 1, "c": 2 } }));
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for fields in ["", " , ", "a..b", ".a", "a."] {
            assert!(FieldSelection::parse(fields).is_err(), "{fields}");
        }
        assert!(FieldSelection::parse(&"a.".repeat(20_000)).is_err());
        assert!(FieldSelection::parse(&vec!["a"; 17].join(".")).is_err());
        assert!(FieldSelection::parse(&vec!["a"; 201].join(",")).is_err());
    }
}
