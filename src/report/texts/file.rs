//! The analyst's words as a file for an editor: TOML with every field explained, read back with all problems at once.

use std::{collections::BTreeMap, str::FromStr};

use toml_edit::{Array, Document, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{OwnRecommendation, ReportTexts, TextHorizon, parted};
use crate::model::{Problem, nearest};
use crate::report::{
    Section, Variant,
    facts::{FIGURES, RUN_FACTS},
};

const HEAD: &str = "\
# Your words in the report of this run. They stand beside what Stagewright writes, marked as yours.
# `stagewright report RUN --texts FILE` keeps them with the run; later runs of the scenario start from them.
#
# Text may have paragraphs (blank lines) and lists (lines that begin with `- `). Figures of the run can be asked for by
# name, so that they are always those of the run: {{p95}}, {{error_share of stage NAME}}, {{requests of step NAME}}.
# Names: ";

/// One field that is a text, with its explanation.
struct TextKey {
    key: &'static str,
    comment: &'static str,
    of: fn(&ReportTexts) -> &String,
    into: fn(&mut ReportTexts) -> &mut String,
}

const TEXT_KEYS: [TextKey; 6] = [
    TextKey {
        key: "title",
        comment: "# The report's title; empty: Benchmark report, with the scenario's name.\n",
        of: |texts| &texts.title,
        into: |texts| &mut texts.title,
    },
    TextKey { key: "author", comment: "", of: |texts| &texts.author, into: |texts| &mut texts.author },
    TextKey { key: "audience", comment: "", of: |texts| &texts.audience, into: |texts| &mut texts.audience },
    TextKey {
        key: "approval",
        comment: "# Who approved it, and on which terms. Of this run alone: later runs start without.\n",
        of: |texts| &texts.approval,
        into: |texts| &mut texts.approval,
    },
    TextKey {
        key: "summary",
        comment: "\n# Behind the machine's summary.\n",
        of: |texts| &texts.summary,
        into: |texts| &mut texts.summary,
    },
    TextKey {
        key: "notes",
        comment: "\n# A section of its own, before the appendix.\n",
        of: |texts| &texts.notes,
        into: |texts| &mut texts.notes,
    },
];

const KEYS: [&str; 10] = [
    "title",
    "author",
    "audience",
    "approval",
    "summary",
    "notes",
    "variant",
    "without",
    "recommendations",
    "checklist",
];

/// The texts as a file, with every field.
pub fn write_texts(texts: &ReportTexts) -> String {
    let mut document = DocumentMut::new();
    let root = document.as_table_mut();
    for TextKey { key, comment, of, .. } in &TEXT_KEYS {
        put(root, key, Value::from(of(texts).as_str()), comment);
    }
    let names = |names: &[&str]| names.join(", ");
    let variants = format!("\n# {}.\n", names(&Variant::ALL.map(Variant::name)));
    put(root, "variant", Value::from(texts.variant.name()), &variants);
    let sections = format!("# Sections to leave out, of: {}.\n", names(&Section::ALL.map(Section::name)));
    put(root, "without", list(texts.left_out.iter().map(|section| section.name())), &sections);

    let edits = &texts.recommendations;
    let mut recommendations = Table::new();
    recommendations.decor_mut().set_prefix(
        "\n# Recommendations have ids (`stagewright report RUN --json` shows them). Ids in `order` come first, those in \
         `hidden` not at all.\n",
    );
    put(&mut recommendations, "order", list(edits.order.iter().map(String::as_str)), "");
    put(&mut recommendations, "hidden", list(edits.hidden.iter().map(String::as_str)), "");
    let own = "# Your own, such as { horizon = \"short-term\", text = \"…\" }; immediate, short-term or long-term.\n";
    let added: Array = edits.added.iter().map(inline).collect();
    put(&mut recommendations, "own", Value::from(added), own);
    recommendations.insert("words", Item::Table(words(&edits.words, "\n# Your words by id.\n")));
    root.insert("recommendations", Item::Table(recommendations));
    let remarks = "\n# Remarks to lines of the checklist, by the line's name.\n";
    root.insert("checklist", Item::Table(words(&texts.checklist, remarks)));

    let figures = RUN_FACTS.iter().chain(&FIGURES).map(|(name, _)| *name).collect::<Vec<_>>();
    format!("{HEAD}{}.\n\n{document}", figures.join(", "))
}

fn put(table: &mut Table, key: &str, value: Value, comment: &str) {
    table.insert(key, Item::Value(value));
    if let Some(mut key) = table.key_mut(key).filter(|_| !comment.is_empty()) {
        key.leaf_decor_mut().set_prefix(comment);
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    Value::from(names.collect::<Array>())
}

fn inline(own: &OwnRecommendation) -> Value {
    let mut table = InlineTable::new();
    table.insert("horizon", Value::from(own.horizon.name()));
    table.insert("text", Value::from(own.text.as_str()));
    Value::from(table)
}

fn words(words: &BTreeMap<String, String>, comment: &str) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix(comment);
    words.iter().for_each(|(id, text)| _ = table.insert(id, Item::Value(Value::from(text.as_str()))));
    table
}

/// Reads a file of texts; all problems at once, each with its line, and then no texts.
pub fn read_texts(text: &str) -> Result<ReportTexts, Vec<Problem>> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        let message = error.message().trim().replace('\n', ", ");
        vec![Problem { line, ..Problem::error("the file", message, "Correct the TOML there.") }]
    })?;
    let mut reader = Reader { text, problems: Vec::new() };
    let texts = reader.texts(document.as_table());
    if reader.problems.is_empty() { Ok(texts) } else { Err(reader.problems) }
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn texts(&mut self, root: &Table) -> ReportTexts {
        let mut texts = ReportTexts::default();
        self.known_keys(root, "", &KEYS);
        for TextKey { key, into, .. } in &TEXT_KEYS {
            if let Some(item) = root.get(key) {
                *into(&mut texts) = self.string(key, item);
            }
        }
        if let Some(item) = root.get("variant") {
            texts.variant = self.named("variant", item).unwrap_or_default();
        }
        if let Some(item) = root.get("without") {
            let items = self.items("without", item);
            texts.left_out = items.iter().filter_map(|item| self.named("without", item)).collect();
        }
        if let Some(edits) = root.get("recommendations").and_then(|item| self.table("recommendations", item))
        {
            self.known_keys(edits, "recommendations.", &["order", "hidden", "own", "words"]);
            let into = &mut texts.recommendations;
            for (key, list) in [("order", &mut into.order), ("hidden", &mut into.hidden)] {
                let Some(item) = edits.get(key) else { continue };
                let field = format!("recommendations.{key}");
                *list = self.items(&field, item).iter().map(|item| self.string(&field, item)).collect();
            }
            if let Some(item) = edits.get("own") {
                let items = self.items("recommendations.own", item);
                into.added = items.iter().filter_map(|item| self.own(item)).collect();
            }
            if let Some(item) = edits.get("words") {
                into.words = self.words("recommendations.words", item);
            }
        }
        if let Some(item) = root.get("checklist") {
            texts.checklist = self.words("checklist", item);
        }
        texts
    }

    fn own(&mut self, item: &Item) -> Option<OwnRecommendation> {
        let field = "recommendations.own";
        let table = self.table(field, item)?;
        self.known_keys(table, "recommendations.own.", &["horizon", "text"]);
        let horizon = match table.get("horizon") {
            None => TextHorizon::default(),
            Some(item) => {
                let name = self.string(field, item);
                let found = TextHorizon::ALL.into_iter().find(|horizon| horizon.name() == name);
                found.unwrap_or_else(|| {
                    let known = TextHorizon::ALL.map(TextHorizon::name).join(", ");
                    self.error(
                        field,
                        item,
                        format!("`{name}` is no horizon"),
                        format!("Use one of {known}."),
                    );
                    TextHorizon::default()
                })
            }
        };
        let text = table.get("text").map(|item| self.string(field, item)).unwrap_or_default();
        if text.trim().is_empty() {
            self.error(field, item, "it has no text".to_owned(), "Add text = \"…\".".to_owned());
        }
        Some(OwnRecommendation { horizon, text })
    }

    fn words(&mut self, field: &str, item: &Item) -> BTreeMap<String, String> {
        let Some(table) = self.table(field, item) else { return BTreeMap::new() };
        let word =
            |(key, item): (&str, &Item)| (key.to_owned(), self.string(&format!("{field}.{key}"), item));
        table.iter().map(word).collect()
    }

    fn named<T: FromStr<Err = String>>(&mut self, field: &str, item: &Item) -> Option<T> {
        let name = self.string(field, item);
        let found = name.parse();
        found
            .map_err(|message: String| {
                let line = self.line_of(item);
                self.problems.push(Problem { line, ..parted(field, &message) });
            })
            .ok()
    }

    fn string(&mut self, field: &str, item: &Item) -> String {
        match item.as_str() {
            Some(text) => text.replace("\r\n", "\n").trim().to_owned(),
            None => {
                let message = format!("text is expected here, not {}", item.type_name());
                self.error(field, item, message, "Put the value in quotes.".to_owned());
                String::new()
            }
        }
    }

    fn table<'t>(&mut self, field: &str, item: &'t Item) -> Option<&'t dyn TableLike> {
        let table = item.as_table_like();
        if table.is_none() {
            let message = format!("a table is expected here, not {}", item.type_name());
            self.error(field, item, message, format!("Write it under [{field}]."));
        }
        table
    }

    fn items(&mut self, field: &str, item: &Item) -> Vec<Item> {
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| Item::Table(table.clone())).collect();
        }
        let items =
            item.as_array().map(|array| array.iter().map(|value| Item::Value(value.clone())).collect());
        items.unwrap_or_else(|| {
            let message = format!("a list is expected here, not {}", item.type_name());
            self.error(field, item, message, "Put the values in square brackets.".to_owned());
            Vec::new()
        })
    }

    fn known_keys(&mut self, table: &dyn TableLike, path: &str, known: &[&str]) {
        for (key, item) in table.iter().filter(|(key, _)| !known.contains(key)) {
            let remedy = match nearest(key, known.iter().copied()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Known here: {}.", known.join(", ")),
            };
            let span = table.key(key).and_then(toml_edit::Key::span);
            let line = span.map(|span| line_at(self.text, span.start));
            let message = format!("the name `{key}` is unknown");
            let problem = Problem::error(format!("{path}{key}"), message, remedy);
            let line = line.or_else(|| self.line_of(item));
            self.problems.push(Problem { line, ..problem });
        }
    }

    fn error(&mut self, field: &str, item: &Item, message: String, remedy: String) {
        let line = self.line_of(item);
        self.problems.push(Problem { line, ..Problem::error(field, message, remedy) });
    }

    fn line_of(&self, item: &Item) -> Option<usize> {
        item.span().map(|span| line_at(self.text, span.start))
    }
}
