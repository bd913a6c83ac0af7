//! The shape that the JSON answers of a step have in common: each field once, with what all its values take.
//!
//! Sizes are those of JSON written without blanks.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// Arrays with more items than this want paging.
pub const LONG_ARRAY: f64 = 50.0;

/// Strings with more letters than this are long; what is beyond it could be cut.
const LONG_STRING: usize = 200;

/// Shorter strings are repeated in every text, and cost next to nothing when it is packed.
const MIN_REPEATED: usize = 16;

/// Fields that are told apart; objects whose names are values could have any number.
const MAX_FIELDS: usize = 4_000;

/// All fields that answers have.
pub struct Shape {
    fields: Vec<Field>,
    n_walked: u64,
    totals: Totals,
}

/// What all answers have in common to spare, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub null_bytes: u64,
    pub long_bytes: u64,
    pub repeated_bytes: u64,
}

/// One field, or the items of an array.
#[derive(Default)]
struct Field {
    parent: usize,
    /// None for the items of an array, and for the root.
    name: Option<Box<str>>,
    members: HashMap<Box<str>, usize>,
    items: Option<usize>,
    is_used: bool,
    n_values: u64,
    bytes: u64,
    n_null: u64,
    null_bytes: u64,
    long_bytes: u64,
    repeated_bytes: u64,
    n_arrays: u64,
    n_items: u64,
}

const ROOT: usize = 0;
/// Where everything goes once there are too many fields.
const OTHERS: usize = 1;

impl Shape {
    pub fn new() -> Self {
        Self { fields: vec![Field::default(), Field::default()], n_walked: 0, totals: Totals::default() }
    }

    /// Answers that were walked.
    pub fn n_walked(&self) -> u64 {
        self.n_walked
    }

    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Adds an answer.
    pub fn walk<'v>(&mut self, answer: &'v Value) {
        self.n_walked += 1;
        let bytes = self.add(ROOT, answer, 0, &mut HashSet::<&'v str>::new());
        self.fields[ROOT].bytes += bytes;
    }

    /// Adds a value of a field, which has `around` bytes with it, such as its name; returns what it takes itself.
    fn add<'v>(&mut self, field: usize, value: &'v Value, around: u64, seen: &mut HashSet<&'v str>) -> u64 {
        self.fields[field].n_values += 1;
        match value {
            Value::Null => {
                self.fields[field].n_null += 1;
                self.fields[field].null_bytes += 4 + around;
                self.totals.null_bytes += 4 + around;
                4
            }
            Value::Bool(is_true) => 5 - u64::from(*is_true),
            Value::Number(number) => number.to_string().len() as u64,
            Value::String(text) => {
                self.add_text(field, text, seen);
                text.len() as u64 + 2
            }
            Value::Array(items) => {
                self.fields[field].n_arrays += 1;
                self.fields[field].n_items += items.len() as u64;
                let of_items = self.items(field);
                let mut bytes = 2 + items.len().saturating_sub(1) as u64;
                for item in items {
                    let own = self.add(of_items, item, 1, seen);
                    self.fields[of_items].bytes += own + 1;
                    bytes += own;
                }
                bytes
            }
            Value::Object(members) => {
                let mut bytes = 2 + members.len().saturating_sub(1) as u64;
                for (name, value) in members {
                    let member = self.member(field, name);
                    let around = name.len() as u64 + 3;
                    let own = self.add(member, value, around + 1, seen);
                    self.fields[member].bytes += own + around + 1;
                    bytes += own + around;
                }
                bytes
            }
        }
    }

    fn add_text<'v>(&mut self, field: usize, text: &'v str, seen: &mut HashSet<&'v str>) {
        if let Some((end, _)) = text.char_indices().nth(LONG_STRING) {
            let beyond = (text.len() - end) as u64;
            self.fields[field].long_bytes += beyond;
            self.totals.long_bytes += beyond;
        }
        if text.len() >= MIN_REPEATED && !seen.insert(text) {
            self.fields[field].repeated_bytes += text.len() as u64;
            self.totals.repeated_bytes += text.len() as u64;
        }
    }

    fn member(&mut self, parent: usize, name: &str) -> usize {
        if let Some(known) = self.fields[parent].members.get(name) {
            return *known;
        }
        if parent == OTHERS || self.fields.len() >= MAX_FIELDS {
            return OTHERS;
        }
        let new = self.push(Field { parent, name: Some(name.into()), ..Field::default() });
        self.fields[parent].members.insert(name.into(), new);
        new
    }

    fn items(&mut self, parent: usize) -> usize {
        if let Some(known) = self.fields[parent].items {
            return known;
        }
        if parent == OTHERS || self.fields.len() >= MAX_FIELDS {
            return OTHERS;
        }
        let new = self.push(Field { parent, ..Field::default() });
        self.fields[parent].items = Some(new);
        new
    }

    fn push(&mut self, field: Field) -> usize {
        self.fields.push(field);
        self.fields.len() - 1
    }

    /// Marks a field of an answer as used, with all that is in it; a name, or none for an item of an array, leads each
    /// step down.
    pub fn mark<'n>(&mut self, way: impl IntoIterator<Item = Option<&'n str>>) {
        let mut field = ROOT;
        for step in way {
            let next = match step {
                Some(name) => self.fields[field].members.get(name).copied(),
                None => self.fields[field].items,
            };
            // Among those that are not told apart.
            let Some(next) = next else { return };
            field = next;
        }
        self.fields[field].is_used = true;
    }

    /// Marks every field of a name as used.
    pub fn mark_named(&mut self, name: &str) {
        let named = |field: &&mut Field| field.name.as_deref() == Some(name);
        self.fields.iter_mut().filter(named).for_each(|field| field.is_used = true);
    }

    /// The outermost fields of which nothing is used, with their bytes, the largest first; empty where nothing at all is
    /// used, since then nothing is known of it.
    pub fn unused(&self) -> Vec<(String, u64)> {
        let mut leads_to_used = vec![false; self.fields.len()];
        for (index, _) in self.fields.iter().enumerate().filter(|(_, field)| field.is_used) {
            let mut at = index;
            while !leads_to_used[at] {
                leads_to_used[at] = true;
                at = self.fields[at].parent;
            }
        }
        let mut unused = Vec::new();
        let mut open = vec![ROOT];
        while let Some(field) = open.pop() {
            if self.fields[field].is_used {
                continue;
            }
            if leads_to_used[field] {
                open.extend(self.fields[field].members.values().chain(&self.fields[field].items));
            } else if field != ROOT {
                unused.push(field);
            }
        }
        self.largest(unused.into_iter().map(|field| (field, self.fields[field].bytes)))
    }

    /// Fields that are null in most answers, with what that takes.
    pub fn mostly_null(&self) -> Vec<(String, u64)> {
        self.told(|field| if 2 * field.n_null > field.n_values { field.null_bytes } else { 0 })
    }

    pub fn long_strings(&self) -> Vec<(String, u64)> {
        self.told(|field| field.long_bytes)
    }

    pub fn repeated_strings(&self) -> Vec<(String, u64)> {
        self.told(|field| field.repeated_bytes)
    }

    /// Arrays with many items, and how many those are on average, the longest first.
    pub fn long_arrays(&self) -> Vec<(String, f64)> {
        let mean = |field: &Field| field.n_items as f64 / field.n_arrays.max(1) as f64;
        let all = self.fields.iter().enumerate().filter(|(index, _)| *index != OTHERS);
        let long = all.map(|(index, field)| (index, mean(field))).filter(|(_, mean)| *mean > LONG_ARRAY);
        let mut told: Vec<_> = long.map(|(index, mean)| (self.path(index), mean)).collect();
        told.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        told
    }

    fn told(&self, bytes: impl Fn(&Field) -> u64) -> Vec<(String, u64)> {
        let all = self.fields.iter().enumerate().filter(|(index, _)| *index != OTHERS);
        self.largest(all.map(|(index, field)| (index, bytes(field))))
    }

    fn largest(&self, fields: impl Iterator<Item = (usize, u64)>) -> Vec<(String, u64)> {
        let some = fields.filter(|(_, bytes)| *bytes > 0);
        let mut told: Vec<_> = some.map(|(index, bytes)| (self.path(index), bytes)).collect();
        told.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        told
    }

    /// The way to a field as a JSONPath writes it.
    fn path(&self, mut field: usize) -> String {
        let mut steps = Vec::new();
        while field != ROOT {
            steps.push(match &self.fields[field].name {
                None => "[*]".to_owned(),
                Some(name) if is_plain(name) => format!(".{name}"),
                Some(name) => format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")),
            });
            field = self.fields[field].parent;
        }
        steps.push("$".to_owned());
        steps.reverse();
        steps.concat()
    }
}

fn is_plain(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    name.chars().all(is_letter)
        && !name.starts_with(|letter: char| letter.is_ascii_digit())
        && !name.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(answer: &Value) -> Shape {
        let mut shape = Shape::new();
        shape.walk(answer);
        shape
    }

    #[test]
    fn a_shape_takes_as_much_as_its_text() {
        let answer =
            json!({"a": [1, 22, {"b": null}], "c d": "text", "e": true, "f": -1.5, "g": {}, "h": []});
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(shape(&answer).fields[ROOT].bytes, text.len() as u64);
    }

    #[test]
    fn fields_are_named_as_a_path_leads_to_them() {
        let shape = shape(&json!({"a": [{"it's": null}], "b c": {"2nd": null}}));
        let paths: Vec<_> = shape.mostly_null().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, [r"$.a[*]['it\'s']", "$['b c']['2nd']"]);
    }

    #[test]
    fn a_field_that_is_null_now_and_then_is_not_named_but_counted() {
        let shape = shape(&json!([{"a": null}, {"a": 1}, {"a": 2}]));
        assert_eq!((shape.mostly_null(), shape.totals().null_bytes), (Vec::new(), 9));
    }

    #[test]
    fn the_outermost_unused_fields_are_told() {
        let mut shape = shape(&json!({"user": {"id": 1, "name": "x"}, "log": {"at": 1, "by": "somebody"}}));
        assert_eq!(shape.unused(), []);
        shape.mark([Some("user"), Some("id")]);
        assert_eq!(shape.unused(), [("$.log".to_owned(), 31), ("$.user.name".to_owned(), 11)]);
        shape.mark([Some("user")]);
        shape.mark_named("by");
        assert_eq!(shape.unused(), [("$.log.at".to_owned(), 7)]);
    }

    #[test]
    fn names_that_are_values_take_no_memory_without_end() {
        let many: serde_json::Map<_, _> = (0..20_000).map(|n| (n.to_string(), json!(null))).collect();
        let shape = shape(&Value::Object(many));
        assert_eq!(shape.fields.len(), MAX_FIELDS);
        assert_eq!(shape.mostly_null().len(), MAX_FIELDS - 2);
        assert!(shape.totals().null_bytes > 20_000 * 8);
    }
}
