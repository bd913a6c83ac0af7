//! Carries comments from the text before over to a canonical text, where keys and tables still exist.

use toml_edit::{Array, DocumentMut, InlineTable, Item, RawString, Table, Value};

/// `canonical` with the comments of `previous`; as it is if `previous` cannot be read.
pub(super) fn carry_over(canonical: &str, previous: &str) -> String {
    let previous = previous.replace("\r\n", "\n");
    let (Ok(mut document), Ok(previous)) =
        (canonical.parse::<DocumentMut>(), previous.parse::<DocumentMut>())
    else {
        return canonical.to_owned();
    };
    table(document.as_table_mut(), previous.as_table());
    head(document.as_table_mut(), previous.as_table());
    let trailing = raw(Some(previous.trailing()));
    if trailing.contains('#') {
        document.set_trailing(format!("\n{}", trailing.trim_start_matches(['\n', ' ', '\t'])));
    }
    document.to_string()
}

/// The comment at the top stays at the top, whichever key came first before.
fn head(document: &mut Table, previous: &Table) {
    let Some((first, first_item)) = previous.iter().next() else { return };
    if first == "format" || !first_item.is_value() {
        return;
    }
    let Some(comment) = document.key_mut(first).map(|mut key| {
        let comment = raw(key.leaf_decor().prefix()).to_owned();
        key.leaf_decor_mut().set_prefix("");
        comment
    }) else {
        return;
    };
    if let Some(mut key) = document.key_mut("format") {
        let own = raw(key.leaf_decor().prefix()).to_owned();
        key.leaf_decor_mut().set_prefix(comment + &own);
    }
}

fn table(new: &mut Table, old: &Table) {
    for (mut key, item) in new.iter_mut() {
        let Some((old_key, old_item)) = old.get_key_value(key.get()) else { continue };
        match (item, old_item) {
            (Item::Table(new), Item::Table(old)) => {
                header(new, old);
                table(new, old);
            }
            (Item::ArrayOfTables(new), Item::ArrayOfTables(old)) => {
                let old: Vec<&Table> = old.iter().collect();
                let new: Vec<&mut Table> = new.iter_mut().collect();
                let partners = partners(&new, &old);
                for (new, partner) in new.into_iter().zip(partners) {
                    if let Some(old) = partner {
                        header(new, old);
                        table(new, old);
                    }
                }
            }
            (Item::Value(new), old) => {
                let mut prefix = comment_lines(raw(old_key.leaf_decor().prefix()));
                let mut suffix = String::new();
                match old {
                    Item::Value(old) => {
                        inner_comments(old, &mut prefix);
                        suffix = end_comment(raw(old.decor().suffix()));
                    }
                    Item::Table(old) => {
                        add_comments(raw(old.decor().prefix()), &mut prefix);
                        table_comments(old, &mut prefix);
                        suffix = end_comment(raw(old.decor().suffix()));
                    }
                    _ => {}
                }
                if !prefix.is_empty() {
                    key.leaf_decor_mut().set_prefix(prefix);
                }
                if !suffix.is_empty() {
                    new.decor_mut().set_suffix(suffix);
                }
            }
            _ => {}
        }
    }
}

/// The comments of a table's header.
fn header(new: &mut Table, old: &Table) {
    let comment = comment_lines(raw(old.decor().prefix()));
    if !comment.is_empty() {
        new.decor_mut().set_prefix(format!("\n{}", comment.trim_start_matches('\n')));
    }
    let end = end_comment(raw(old.decor().suffix()));
    if !end.is_empty() {
        new.decor_mut().set_suffix(end);
    }
}

/// For each new table the old one it was: of the same identity, or else at the same place of an equally long list.
fn partners<'a>(new: &[&mut Table], old: &[&'a Table]) -> Vec<Option<&'a Table>> {
    let mut is_taken = vec![false; old.len()];
    let mut partners: Vec<Option<&Table>> = Vec::with_capacity(new.len());
    for table in new {
        let identity = identity(table);
        let found = (0..old.len()).find(|index| !is_taken[*index] && self::identity(old[*index]) == identity);
        partners.push(found.map(|index| {
            is_taken[index] = true;
            old[index]
        }));
    }
    if new.len() == old.len() {
        for (index, partner) in partners.iter_mut().enumerate() {
            if partner.is_none() && !is_taken[index] {
                *partner = Some(old[index]);
            }
        }
    }
    partners
}

/// What makes an element of a list itself: its name, or for a threshold what it judges.
fn identity(table: &Table) -> [Option<&str>; 4] {
    let text = |key| table.get(key).and_then(Item::as_str);
    [text("name"), text("metric"), text("scope").or(Some("run")), text("window").or(Some("steady"))]
}

fn raw(text: Option<&RawString>) -> &str {
    text.and_then(RawString::as_str).unwrap_or_default()
}

/// The comments before a key, each on its line, with single blank lines kept; empty if there are none.
fn comment_lines(prefix: &str) -> String {
    if !prefix.contains('#') {
        return String::new();
    }
    let mut lines = String::new();
    for line in prefix.split_inclusive('\n') {
        match line.trim() {
            // The indentation of the key itself.
            "" if !line.ends_with('\n') => {}
            "" if lines.ends_with("\n\n") || lines == "\n" => {}
            "" => lines.push('\n'),
            comment => lines = lines + comment + "\n",
        }
    }
    lines
}

/// The comment that ends a line.
fn end_comment(suffix: &str) -> String {
    suffix.find('#').map(|at| format!(" {}", suffix[at..].trim_end())).unwrap_or_default()
}

/// Comments within a list or table that the canonical text has on one line: they move above it.
fn inner_comments(value: &Value, lines: &mut String) {
    match value {
        Value::Array(array) => array_comments(array, lines),
        Value::InlineTable(table) => inline_table_comments(table, lines),
        _ => {}
    }
}

fn array_comments(array: &Array, lines: &mut String) {
    for value in array {
        add_comments(raw(value.decor().prefix()), lines);
        inner_comments(value, lines);
        add_comments(raw(value.decor().suffix()), lines);
    }
    add_comments(raw(Some(array.trailing())), lines);
}

fn inline_table_comments(table: &InlineTable, lines: &mut String) {
    for (key, value) in table {
        if let Some(key) = table.key(key) {
            add_comments(raw(key.leaf_decor().prefix()), lines);
        }
        inner_comments(value, lines);
        add_comments(raw(value.decor().suffix()), lines);
    }
    add_comments(raw(Some(table.trailing())), lines);
}

fn table_comments(table: &Table, lines: &mut String) {
    for (key, item) in table {
        if let Some(key) = table.key(key) {
            add_comments(raw(key.leaf_decor().prefix()), lines);
        }
        if let Some(value) = item.as_value() {
            inner_comments(value, lines);
            add_comments(raw(value.decor().suffix()), lines);
        }
    }
}

fn add_comments(decor: &str, lines: &mut String) {
    for line in decor.lines().map(str::trim).filter(|line| line.starts_with('#')) {
        *lines += line;
        lines.push('\n');
    }
}
