//! Where the bytes of an answer are, and what each measure would save of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Encoding, MIN_COMPRESSED_BYTES, Page, PayloadOptions, compress, json_bytes, json_size, optimize,
};

/// Where the bytes of an answer are.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeAnalysis {
    pub n_bytes: usize,
    /// Of an object its members, of a list those of its items together; the largest first.
    pub fields: Vec<FieldSize>,
    /// By each measure alone, from the answer as it is; the largest first. Measures that save nothing are left out.
    pub savings: Vec<Saving>,
}

/// What one field takes, its name included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSize {
    pub name: String,
    pub n_bytes: usize,
}

/// What one measure alone would save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saving {
    pub measure: Measure,
    pub n_bytes: usize,
}

/// One way to a smaller answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    NullRemoval,
    Truncation { max_chars: usize },
    Paging { size: usize },
    Compression(Encoding),
}

/// Analyses an answer. For strings of at most so many characters, and for the first page of so many items.
pub fn analyse(
    answer: &Value,
    list_field: Option<&'static str>,
    max_chars: usize,
    page_size: usize,
) -> SizeAnalysis {
    let body = json_bytes(answer);
    let unchanged = PayloadOptions { list_field, ..PayloadOptions::default() };
    let mut tries = vec![
        (Measure::NullRemoval, PayloadOptions { null_removal: true, ..unchanged.clone() }),
        (
            Measure::Truncation { max_chars },
            PayloadOptions { max_string_chars: Some(max_chars), ..unchanged.clone() },
        ),
    ];
    if let Ok(page) = Page::new(1, page_size) {
        tries.push((Measure::Paging { size: page_size }, PayloadOptions { page: Some(page), ..unchanged }));
    }
    let by_change = tries.into_iter().map(|(measure, options)| {
        let mut smaller = answer.clone();
        optimize(&mut smaller, &options);
        (measure, json_size(&smaller))
    });
    let compressed = Encoding::COMPRESSED.into_iter().filter(|_| body.len() >= MIN_COMPRESSED_BYTES);
    let by_compression = compressed
        .filter_map(|encoding| Some((Measure::Compression(encoding), compress(&body, encoding)?.len())));
    let mut savings: Vec<Saving> = by_change
        .chain(by_compression)
        .filter(|(_, n_left)| *n_left < body.len())
        .map(|(measure, n_left)| Saving { measure, n_bytes: body.len() - n_left })
        .collect();
    savings.sort_by_key(|saving| std::cmp::Reverse(saving.n_bytes));
    SizeAnalysis { n_bytes: body.len(), fields: fields_of(answer), savings }
}

fn fields_of(answer: &Value) -> Vec<FieldSize> {
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    let objects = match answer {
        Value::Array(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    for (name, value) in objects.iter().filter_map(Value::as_object).flatten() {
        // Quotes and colon. What has to be escaped within a name counts as it is.
        *by_name.entry(name).or_default() += name.len() + 3 + json_size(value);
    }
    let mut fields: Vec<FieldSize> =
        by_name.into_iter().map(|(name, n_bytes)| FieldSize { name: name.to_owned(), n_bytes }).collect();
    fields.sort_by_key(|field| std::cmp::Reverse(field.n_bytes));
    fields
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn saved(analysis: &SizeAnalysis, measure: Measure) -> Option<usize> {
        analysis.savings.iter().find(|saving| saving.measure == measure).map(|saving| saving.n_bytes)
    }

    #[test]
    fn bytes_are_told_by_field_and_add_up() {
        let answer = json!({ "id": 7, "title": "Algebra", "tags": ["a", "b"] });
        let analysis = analyse(&answer, None, 100, 10);
        assert_eq!(analysis.n_bytes, answer.to_string().len());
        let told: Vec<_> = analysis.fields.iter().map(|field| (field.name.as_str(), field.n_bytes)).collect();
        assert_eq!(told, [("title", 17), ("tags", 16), ("id", 6)]);
        // Braces, and commas between.
        assert_eq!(told.iter().map(|(_, n_bytes)| n_bytes).sum::<usize>() + 2 + 2, analysis.n_bytes);
        assert_eq!(analysis.savings, []);
    }

    #[test]
    fn each_measure_is_told_what_it_would_save() {
        let answer = json!({ "a": null, "text": "x".repeat(50) });
        let analysis = analyse(&answer, None, 10, 10);
        assert_eq!(saved(&analysis, Measure::NullRemoval), Some("\"a\":null,".len()));
        // The ellipsis takes three bytes.
        assert_eq!(saved(&analysis, Measure::Truncation { max_chars: 10 }), Some(50 - 9 - 3));
        assert_eq!(analysis.savings.len(), 2);
    }

    #[test]
    fn lists_are_told_by_the_fields_of_their_items_and_want_paging() {
        let items: Vec<Value> =
            (0..100).map(|id| json!({ "id": id, "name": format!("Course {id}") })).collect();
        let within = json!({ "items": items });
        let alone = Value::from(items);
        let by_item = analyse(&alone, None, 100, 10);
        assert_eq!(by_item.fields.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["name", "id"]);
        let paging = Measure::Paging { size: 10 };
        for analysis in [by_item, analyse(&within, Some("items"), 100, 10)] {
            let n_saved = saved(&analysis, paging).unwrap();
            assert!(n_saved > analysis.n_bytes * 8 / 10 && n_saved < analysis.n_bytes * 9 / 10, "{n_saved}");
            for encoding in Encoding::COMPRESSED {
                assert!(saved(&analysis, Measure::Compression(encoding)).unwrap() > analysis.n_bytes / 2);
            }
            assert!(analysis.savings.is_sorted_by_key(|saving| std::cmp::Reverse(saving.n_bytes)));
        }
    }
}
