//! Rows of a JSON-lines file: the top-level fields of an object are columns.
//!
//! A text is its characters; every other value is its JSON text, as it is written in the file.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The columns of all rows so far, in the order in which they were met.
#[derive(Default)]
pub(super) struct Columns {
    pub names: Vec<String>,
    /// How many rows from the first on have each.
    pub n_leading: Vec<u64>,
    by_name: HashMap<String, usize>,
}

impl Columns {
    /// Notes the columns of the row with this number; refuses what is no object.
    pub fn note(&mut self, row: &str, number: u64) -> Result<(), String> {
        struct Names<'a>(&'a mut Columns, u64);
        impl Fields for Names<'_> {
            fn wants(&mut self, name: &str) -> Option<usize> {
                let Self(columns, number) = self;
                let column = columns.by_name.get(name).copied().unwrap_or_else(|| columns.add(name));
                if columns.n_leading[column] == *number {
                    columns.n_leading[column] += 1;
                }
                None
            }

            fn field(&mut self, _: usize, _: &str) {}
        }
        read(row.as_bytes(), &mut Names(self, number))
    }

    fn add(&mut self, name: &str) -> usize {
        self.names.push(name.to_owned());
        self.n_leading.push(0);
        self.by_name.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}

/// Takes fields out of a row.
pub(super) trait Fields {
    /// The column of a name, if it is wanted.
    fn wants(&mut self, name: &str) -> Option<usize>;
    fn field(&mut self, column: usize, value: &str);
}

/// Reads a row; the refusal says what is wrong with it.
pub(super) fn read(row: &[u8], fields: &mut impl Fields) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(row);
    let outcome = json.deserialize_map(Object(fields)).and_then(|()| json.end());
    outcome.map_err(|error| {
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        format!("{words}, character {}", error.column())
    })
}

struct Object<'a, F>(&'a mut F);

impl<'de, F: Fields> Visitor<'de> for Object<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(fields) = self;
        while let Some(wanted) = map.next_key_seed(Name(&mut *fields))? {
            match wanted {
                None => _ = map.next_value::<IgnoredAny>()?,
                Some(column) => {
                    let value = map.next_value::<&RawValue>()?.get();
                    match value.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                        Some(text) if !text.contains('\\') => fields.field(column, text),
                        Some(_) => {
                            let text: String = serde_json::from_str(value).map_err(A::Error::custom)?;
                            fields.field(column, &text);
                        }
                        None => fields.field(column, value),
                    }
                }
            }
        }
        Ok(())
    }
}

struct Name<'a, F>(&'a mut F);

impl<'de, F: Fields> DeserializeSeed<'de> for Name<'_, F> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<F: Fields> Visitor<'_> for Name<'_, F> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.wants(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct All(Vec<(String, String)>);

    impl Fields for All {
        fn wants(&mut self, name: &str) -> Option<usize> {
            self.0.push((name.to_owned(), String::new()));
            Some(self.0.len() - 1)
        }

        fn field(&mut self, column: usize, value: &str) {
            self.0[column].1 = value.to_owned();
        }
    }

    #[test]
    fn texts_are_their_characters_and_all_else_is_written_as_in_the_file() {
        let mut all = All(Vec::new());
        let row = r#"{"a":"x","b":"l\n\"é\u00e9\"","c":1.50,"d":null,"e":{"f": [1, 2]},"g":true,"h":""}"#;
        read(row.as_bytes(), &mut all).unwrap();
        let values: Vec<&str> = all.0.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["x", "l\n\"éé\"", "1.50", "null", r#"{"f": [1, 2]}"#, "true", ""]);
    }

    #[test]
    fn columns_know_from_which_row_on_they_are_missing() {
        let mut columns = Columns::default();
        for (number, row) in [r#"{"a":1,"b":2}"#, r#"{"a":1}"#, r#"{"a":1,"b":2,"c":3}"#].iter().enumerate() {
            columns.note(row, number as u64).unwrap();
        }
        assert_eq!(
            (columns.names, columns.n_leading),
            (["a", "b", "c"].map(str::to_owned).into(), vec![3, 1, 0])
        );
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_place() {
        for (row, words) in [
            ("[1]", "invalid type: sequence, expected an object"),
            (r#"{"a":1} x"#, "trailing characters, character 9"),
            (r#"{"a":"#, "EOF"),
            ("7", "invalid type: integer"),
        ] {
            let refusal = Columns::default().note(row, 0).unwrap_err();
            assert!(refusal.contains(words), "{row}: {refusal}");
        }
    }
}
