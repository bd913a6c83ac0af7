//! Walks a TOML document with its places: typed values by key, and a problem with line for all else.

use std::collections::{HashMap, HashSet};
use std::{ops::Range, time::Duration};

use toml_edit::{Item, TableLike, Value};

use crate::model::problem::{nearest, shown, shown_up_to};
use crate::model::{Problem, parse_duration};

/// Reads values and gathers problems; remembers the line of each field it met.
pub(super) struct Reader {
    line_starts: Vec<usize>,
    lines: HashMap<String, usize>,
    problems: Vec<Problem>,
    /// Missing fields that an unknown key of nearly the same name explains.
    explained: HashSet<String>,
}

/// A table of the document with its field path.
pub(super) struct Node<'a> {
    table: &'a dyn TableLike,
    path: String,
}

/// A value of the document with its field path.
pub(super) struct Field<'a> {
    pub item: &'a Item,
    pub path: String,
}

impl<'a> Node<'a> {
    pub fn root(table: &'a dyn TableLike) -> Self {
        Self { table, path: String::new() }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { shown(key) } else { format!("{}.{}", self.path, shown(key)) }
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub fn keys(&self) -> Vec<&'a str> {
        self.table.iter().map(|(key, _)| key).collect()
    }
}

impl Reader {
    pub fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self {
            line_starts: std::iter::once(0).chain(starts).collect(),
            lines: HashMap::new(),
            problems: Vec::new(),
            explained: HashSet::new(),
        }
    }

    /// The line, from 1, of a place in the text.
    pub fn line_at(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// The line of a field, or else of the nearest table around it.
    pub fn line_of(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Some(*line);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub fn error(&mut self, path: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let problem = Problem { line: self.line_of(path), ..Problem::error(path, message, remedy) };
        self.problems.push(problem);
    }

    /// A problem from a refusal that may end in `: what to do`.
    pub fn refused(&mut self, path: &str, refusal: &str, remedy: &str) {
        let (message, remedy) = refusal.rsplit_once(": ").unwrap_or((refusal, remedy));
        let mut chars = remedy.trim_end_matches('.').chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        let remedy: String = first.chain(chars).chain(['.']).collect();
        self.error(path, shown_up_to(message, 160), remedy);
    }

    fn locate(&mut self, path: &str, span: Option<Range<usize>>) {
        if let Some(span) = span {
            let line = self.line_at(span.start);
            self.lines.entry(path.to_owned()).or_insert(line);
        }
    }

    /// Reports keys that nobody knows, with the name that was probably meant.
    pub fn known_keys(&mut self, node: &Node<'_>, known: &[&str]) {
        for name in node.keys() {
            if known.contains(&name) {
                continue;
            }
            let path = node.path_of(name);
            self.locate(&path, node.table.key(name).and_then(|key| key.span()));
            let remedy = match nearest(name, known.iter().copied()) {
                Some(near) => {
                    self.explained.insert(node.path_of(near));
                    format!("Did you mean `{near}`?")
                }
                None => format!("Known here: {}.", quoted(known)),
            };
            self.error(&path, format!("the name `{}` is unknown", shown(name)), remedy);
        }
    }

    /// The value of a key, if it is there.
    pub fn field<'a>(&mut self, node: &Node<'a>, key: &str) -> Option<Field<'a>> {
        let (spelled, item) = node.table.get_key_value(key)?;
        let path = node.path_of(key);
        // A table's header says where it is; its key alone may stand in another table's header.
        let span = if item.is_table() || item.is_array_of_tables() { item.span() } else { spelled.span() };
        self.locate(&path, span.or_else(|| item.span()));
        Some(Field { item, path })
    }

    /// The value of a key that has to be there.
    pub fn required<'a>(&mut self, node: &Node<'a>, key: &str, remedy: &str) -> Option<Field<'a>> {
        let field = self.field(node, key);
        if field.is_none() {
            let path = node.path_of(key);
            if !self.explained.contains(&path) {
                self.error(&path, "it is missing", remedy);
            }
        }
        field
    }

    pub fn wrong_type(&mut self, field: &Field<'_>, expected: &str, remedy: &str) {
        let message = format!("{expected} is expected here, not {}", kind_of(field.item));
        self.error(&field.path, message, remedy);
    }

    pub fn text(&mut self, field: &Field<'_>) -> Option<String> {
        let text = field.item.as_str();
        if text.is_none() {
            self.wrong_type(field, "text", "Put the value in quotes.");
        }
        text.map(str::to_owned)
    }

    pub fn optional_text(&mut self, node: &Node<'_>, key: &str) -> Option<String> {
        let field = self.field(node, key)?;
        self.text(&field)
    }

    pub fn required_text(&mut self, node: &Node<'_>, key: &str, remedy: &str) -> Option<String> {
        let field = self.required(node, key, remedy)?;
        self.text(&field)
    }

    /// Text, or a number or truth value as its text.
    pub fn loose_text(&mut self, field: &Field<'_>) -> Option<String> {
        match field.item.as_value() {
            Some(Value::String(text)) => Some(text.value().clone()),
            Some(Value::Integer(number)) => Some(number.value().to_string()),
            Some(Value::Float(number)) => Some(number.value().to_string()),
            Some(Value::Boolean(truth)) => Some(truth.value().to_string()),
            _ => {
                self.wrong_type(field, "text", "Put the value in quotes.");
                None
            }
        }
    }

    /// One text, or a list of them, as [`Self::loose_text`] reads them.
    pub fn loose_texts(&mut self, field: &Field<'_>) -> Vec<String> {
        let Some(array) = field.item.as_array() else { return self.loose_text(field).into_iter().collect() };
        let mut texts = Vec::with_capacity(array.len());
        for (index, value) in array.iter().enumerate() {
            let item = Item::Value(value.clone());
            texts.extend(self.loose_text(&Field { item: &item, path: format!("{}[{index}]", field.path) }));
        }
        texts
    }

    pub fn duration(&mut self, field: &Field<'_>) -> Option<Duration> {
        const REMEDY: &str =
            "Write a number with its unit in quotes, such as \"30s\", \"1m30s\" or \"500ms\".";
        let Some(text) = field.item.as_str() else {
            self.wrong_type(field, "a duration", REMEDY);
            return None;
        };
        parse_duration(text).map_err(|refusal| self.refused(&field.path, &refusal, REMEDY)).ok()
    }

    pub fn optional_duration(&mut self, node: &Node<'_>, key: &str) -> Option<Duration> {
        let field = self.field(node, key)?;
        self.duration(&field)
    }

    /// A whole number within the range of `T`.
    pub fn optional_integer<T: TryFrom<i64>>(
        &mut self,
        node: &Node<'_>,
        key: &str,
        remedy: &str,
    ) -> Option<T> {
        let field = self.field(node, key)?;
        let Some(integer) = field.item.as_integer() else {
            self.wrong_type(&field, "a whole number", remedy);
            return None;
        };
        let fitting = T::try_from(integer).ok();
        if fitting.is_none() {
            self.error(&field.path, format!("{integer} is out of range"), remedy);
        }
        fitting
    }

    pub fn optional_truth(&mut self, node: &Node<'_>, key: &str) -> Option<bool> {
        let field = self.field(node, key)?;
        let truth = field.item.as_bool();
        if truth.is_none() {
            self.wrong_type(&field, "true or false", "Write true or false, without quotes.");
        }
        truth
    }

    pub fn number(&mut self, field: &Field<'_>, remedy: &str) -> Option<f64> {
        let number = field.item.as_float().or_else(|| field.item.as_integer().map(|integer| integer as f64));
        if number.is_none() {
            self.wrong_type(field, "a number", remedy);
        }
        number
    }

    /// One of a few words.
    pub fn word(&mut self, field: &Field<'_>, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(field)?;
        let word = words.iter().copied().find(|word| *word == text);
        if word.is_none() {
            let remedy = format!("Use one of {}.", quoted(words));
            self.error(&field.path, format!("`{}` is not possible here", shown(&text)), remedy);
        }
        word
    }

    pub fn optional_word(
        &mut self,
        node: &Node<'_>,
        key: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let field = self.field(node, key)?;
        self.word(&field, words)
    }

    /// The table of a field, its keys checked.
    pub fn table<'a>(&mut self, field: &Field<'a>, known: &[&str], remedy: &str) -> Option<Node<'a>> {
        let node = self.free_table(field, remedy)?;
        self.known_keys(&node, known);
        Some(node)
    }

    /// The table of a field, whatever its keys.
    pub fn free_table<'a>(&mut self, field: &Field<'a>, remedy: &str) -> Option<Node<'a>> {
        let table = field.item.as_table_like();
        if table.is_none() {
            self.wrong_type(field, "a table", remedy);
        }
        table.map(|table| Node { table, path: field.path.clone() })
    }

    /// The tables of a list, written as `[[…]]` or within brackets; keys are checked.
    pub fn tables<'a>(&mut self, node: &Node<'a>, key: &str, known: &[&str], remedy: &str) -> Vec<Node<'a>> {
        let Some(field) = self.field(node, key) else { return Vec::new() };
        let mut nodes = Vec::new();
        if let Some(tables) = field.item.as_array_of_tables() {
            for (index, table) in tables.iter().enumerate() {
                let path = format!("{}[{index}]", field.path);
                self.locate(&path, table.span());
                nodes.push(Node { table, path });
            }
        } else if let Some(array) = field.item.as_array() {
            for (index, value) in array.iter().enumerate() {
                let path = format!("{}[{index}]", field.path);
                self.locate(&path, value.span());
                match value.as_inline_table() {
                    Some(table) => nodes.push(Node { table, path }),
                    None => self.error(
                        &path,
                        format!("a table is expected here, not {}", kind_of_value(value)),
                        remedy,
                    ),
                }
            }
        } else {
            self.wrong_type(&field, "a list of tables", remedy);
        }
        for node in &nodes {
            self.known_keys(node, known);
        }
        nodes
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn kind_of(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Value(value) => kind_of_value(value),
        Item::Table(_) => "a table",
        Item::ArrayOfTables(_) => "a list of tables",
    }
}

fn kind_of_value(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a decimal number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date or time",
        Value::Array(_) => "a list",
        Value::InlineTable(_) => "a table",
    }
}
