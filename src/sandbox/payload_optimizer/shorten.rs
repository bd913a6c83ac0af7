//! Nulls taken out, and long strings cut short.

use serde_json::Value;

const ELLIPSIS: char = '…';

/// Takes out members of objects that are null, at every depth; how many there were. Nulls in lists hold a place, and stay.
pub fn remove_nulls(value: &mut Value) -> usize {
    match value {
        Value::Array(items) => items.iter_mut().map(remove_nulls).sum(),
        Value::Object(object) => {
            let before = object.len();
            object.retain(|_, inner| !inner.is_null());
            let n_removed = before - object.len();
            n_removed + object.values_mut().map(remove_nulls).sum::<usize>()
        }
        _ => 0,
    }
}

/// Cuts strings of more than so many characters to that many, the last an ellipsis; how many were cut. Keys stay.
pub fn truncate_strings(value: &mut Value, max_chars: usize) -> usize {
    match value {
        Value::String(text) => usize::from(truncate(text, max_chars)),
        Value::Array(items) => items.iter_mut().map(|item| truncate_strings(item, max_chars)).sum(),
        Value::Object(object) => object.values_mut().map(|inner| truncate_strings(inner, max_chars)).sum(),
        _ => 0,
    }
}

fn truncate(text: &mut String, max_chars: usize) -> bool {
    // No string has more characters than bytes.
    if text.len() <= max_chars || text.chars().nth(max_chars).is_none() {
        return false;
    }
    let end = text.char_indices().nth(max_chars.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    text.truncate(end);
    if max_chars > 0 {
        text.push(ELLIPSIS);
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn nulls_go_from_objects_and_stay_in_lists() {
        let mut value = json!({ "a": null, "b": { "c": null, "d": 0 }, "e": [null, { "f": null }], "g": "" });
        assert_eq!(remove_nulls(&mut value), 3);
        assert_eq!(value, json!({ "b": { "d": 0 }, "e": [null, {}], "g": "" }));
    }

    #[test]
    fn long_strings_end_in_an_ellipsis_and_short_ones_stay() {
        let mut value =
            json!({ "long": "abcdefgh", "just": "abcde", "list": ["äöüßéèê", "日本"], "n": 123_456_789 });
        assert_eq!(truncate_strings(&mut value, 5), 2);
        assert_eq!(
            value,
            json!({ "long": "abcd…", "just": "abcde", "list": ["äöüß…", "日本"], "n": 123_456_789 })
        );
    }

    #[test]
    fn the_smallest_bounds_hold_too() {
        for (max_chars, expected) in [(0, ""), (1, "…"), (2, "a…"), (3, "abc")] {
            let mut value = json!("abc");
            truncate_strings(&mut value, max_chars);
            assert_eq!(value, json!(expected));
        }
    }

    proptest! {
        #[test]
        fn no_string_is_longer_than_its_bound(text in ".*", max_chars in 0_usize..20) {
            let mut short = text.clone();
            let cut = truncate(&mut short, max_chars);
            prop_assert!(short.chars().count() <= max_chars);
            prop_assert_eq!(cut, text.chars().count() > max_chars);
            prop_assert!(cut || short == text);
        }
    }
}
