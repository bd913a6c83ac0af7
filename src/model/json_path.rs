//! From a value that somebody points at in JSON: its JSONPath, and a name for it.

/// One step of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonPlace {
    Key(String),
    Item(usize),
}

/// The JSONPath of a value, its way from the top: `$.items[0].id`, `$['odd key']`.
pub fn json_path(way: &[JsonPlace]) -> String {
    let mut path = "$".to_owned();
    for place in way {
        match place {
            JsonPlace::Item(index) => path.push_str(&format!("[{index}]")),
            JsonPlace::Key(key) if is_plain(key) => path.extend([".", key]),
            JsonPlace::Key(key) => path.push_str(&format!("['{}']", escaped(key))),
        }
    }
    path
}

/// A variable's name for a value: its key, with those above it where that is taken, else with a number.
pub fn name_of_value(way: &[JsonPlace], is_taken: impl Fn(&str) -> bool) -> String {
    let keys: Vec<_> = way
        .iter()
        .filter_map(|place| match place {
            JsonPlace::Key(key) => Some(as_name(key)),
            JsonPlace::Item(_) => None,
        })
        .filter(|name| !name.is_empty())
        .collect();
    let joined = (1..=keys.len()).map(|n_keys| keys[keys.len() - n_keys..].join("_"));
    let names: Vec<_> = joined.collect();
    match names.iter().find(|name| !is_taken(name)) {
        Some(free) => free.clone(),
        None => free_name(names.first().map_or("value", String::as_str), is_taken),
    }
}

/// The name, or with the first number from 2 on that makes it free.
pub fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(name) {
        return name.to_owned();
    }
    let mut number = 2u64;
    loop {
        let numbered = format!("{name}_{number}");
        if !is_taken(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

/// The text as a variable's name: what may not stand in one becomes `_`.
pub fn as_name(text: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    name.trim_matches('_').to_owned()
}

/// Whether a key may stand behind a dot (RFC 9535, section 2.5.1.1).
fn is_plain(key: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    key.starts_with(is_first) && key.chars().all(|c| is_first(c) || c.is_ascii_digit())
}

fn escaped(key: &str) -> String {
    let mut escaped = String::new();
    for c in key.chars() {
        match c {
            '\'' | '\\' => escaped.extend(['\\', c]),
            c if c < ' ' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use serde_json_path::JsonPath;

    use super::*;

    fn key(key: &str) -> JsonPlace {
        JsonPlace::Key(key.to_owned())
    }

    #[test]
    fn keys_are_quoted_only_where_they_have_to_be() {
        assert_eq!(json_path(&[]), "$");
        assert_eq!(json_path(&[key("items"), JsonPlace::Item(0), key("id")]), "$.items[0].id");
        assert_eq!(json_path(&[key("odd key"), key("it's")]), r"$['odd key']['it\'s']");
        assert_eq!(json_path(&[key("größe"), key("2nd"), key("")]), "$.größe['2nd']['']");
    }

    #[test]
    fn a_name_comes_from_the_key_and_is_free() {
        let way = [key("items"), JsonPlace::Item(3), key("user-id")];
        let name = |taken: &[&str]| name_of_value(&way, |name| taken.contains(&name));
        assert_eq!(name(&[]), "user_id");
        assert_eq!(name(&["user_id"]), "items_user_id");
        assert_eq!(name(&["user_id", "items_user_id"]), "user_id_2");
        assert_eq!(name_of_value(&[JsonPlace::Item(0)], |_| false), "value");
    }

    proptest! {
        #[test]
        fn a_path_leads_back_to_its_value(keys in proptest::collection::vec(any::<String>(), 1..4)) {
            let way: Vec<_> = keys.iter().map(|it| key(it)).collect();
            let mut document = json!("found");
            for key in keys.iter().rev() {
                document = json!({ key.as_str(): document });
            }
            let path = JsonPath::parse(&json_path(&way)).unwrap();
            prop_assert_eq!(path.query(&document).first(), Some(&Value::from("found")));
        }
    }
}
