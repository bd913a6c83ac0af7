//! The analyst's words as JSON, apart from everything that was measured.

use serde_json::{Value, json};

use super::{Paper, TextPlace, facts::Facts, texts::prose};

/// What the analyst wrote, with figures filled in; null where nobody wrote anything.
pub fn texts(paper: &Paper<'_>) -> Value {
    let texts = paper.texts;
    if texts.is_empty() {
        return Value::Null;
    }
    let filled = |text: &str| prose::filled(text, Facts::of(paper)).text;
    let outdated = texts.outdated(paper).into_iter().map(|(place, outdated)| {
        json!({
            "field": TextPlace::field(&place),
            "sentence": outdated.sentence,
            "place": outdated.place.words(),
            "was": outdated.was,
            "is": outdated.is,
            "written_for_run": outdated.written_for,
        })
    });
    let edits = &texts.recommendations;
    json!({
        "title": filled(&texts.title),
        "author": texts.author,
        "audience": filled(&texts.audience),
        "summary": filled(&texts.summary),
        "notes": filled(&texts.notes),
        "approval": filled(&texts.approval),
        "recommendations": {
            "words": edits.words.iter().map(|(id, text)| (id, filled(text))).collect::<std::collections::BTreeMap<_, _>>(),
            "order": edits.order,
            "hidden": edits.hidden,
            "added": edits.added.iter().map(|own| json!({ "horizon": own.horizon, "text": filled(&own.text) })).collect::<Vec<_>>(),
        },
        "checklist": texts.checklist.iter().map(|(name, text)| (name, filled(text))).collect::<std::collections::BTreeMap<_, _>>(),
        "inherited_from_run": texts.inherited_from,
        "outdated_sentences": outdated.collect::<Vec<_>>(),
    })
}
