//! Recommendations by horizon: what to do, what it stands on, and what it would bring.

use crate::analysis::recommendations::{BasisKind, Horizon};
use crate::humanize;
use crate::report::document::{Document, Table};
use crate::report::texts::{Arranged, OwnRecommendation, TextPlace};

use super::{Subject, analyst};

/// Recommendations of one horizon that are told; the rest is counted.
const MAX_SHOWN: usize = 10;

/// The same in a report that has only what decides.
const MAX_ON_ONE_PAGE: usize = 2;

pub fn write(document: &mut Document, subject: Subject) {
    let diagnosis = subject.paper.diagnosis;
    if diagnosis.checklist.rows.is_empty() {
        return;
    }
    let all = &diagnosis.recommendations;
    document.heading(2, "Recommendations");
    let edits = &subject.paper.texts.recommendations;
    if all.is_empty() && edits.added.is_empty() {
        document.paragraph("Nothing was found on which a recommendation could stand.");
        return;
    }
    if subject.is_short() {
        document.table(in_short(subject));
        return;
    }
    document.paragraph(
        "Each stands on what this run shows. A projected effect is a model or plain arithmetic, never a measurement.",
    );
    let arranged = edits.arranged(all);
    for horizon in Horizon::ALL {
        let is_of = |one: &&Arranged<'_>| one.recommendation.horizon == horizon;
        let of_horizon: Vec<&Arranged<'_>> = arranged.iter().filter(is_of).collect();
        let own = edits.added.iter().enumerate().filter(|(_, own)| Horizon::from(own.horizon) == horizon);
        let own: Vec<(usize, &OwnRecommendation)> = own.collect();
        if of_horizon.is_empty() && own.is_empty() {
            continue;
        }
        document.heading(3, horizon.name());
        of_horizon.iter().take(MAX_SHOWN).for_each(|one| write_one(document, subject, one));
        let n_more = of_horizon.len().saturating_sub(MAX_SHOWN);
        if n_more > 0 {
            document.paragraph(format!(
                "{} lighter ones are left out; the JSON report has them all.",
                humanize::count(n_more as u64)
            ));
        }
        for (index, own) in own {
            document.heading(4, "By the analyst");
            analyst::write_prose(document, subject, &TextPlace::OwnRecommendation(index), &own.text);
        }
    }
    let n_hidden = all.len() - arranged.len();
    if n_hidden > 0 {
        document.paragraph(format!(
            "{} left out by the analyst; the JSON report has them all.",
            humanize::counted(n_hidden as u64, "recommendation")
        ));
    }
}

/// What to do by horizon, a line each, the analyst's own behind the machine's.
fn in_short(subject: Subject) -> Table {
    let edits = &subject.paper.texts.recommendations;
    let note = "A projected effect is a model or plain arithmetic, never a measurement; what each stands on is in the full \
                report.";
    let mut table = Table::new(note, &["Horizon", "What to do", "Projected effect"], 3);
    let arranged = edits.arranged(&subject.paper.diagnosis.recommendations);
    for horizon in Horizon::ALL {
        let of_horizon = arranged.iter().filter(|one| one.recommendation.horizon == horizon);
        for one in of_horizon.take(MAX_ON_ONE_PAGE) {
            let what = match one.own_words {
                Some(words) => format!("{} (the analyst's words)", analyst::filled(subject, words)),
                None => one.recommendation.title.clone(),
            };
            let effect = one.recommendation.effect.text().unwrap_or_else(|| humanize::MISSING.to_owned());
            table.row([horizon.name().to_owned(), what, effect]);
        }
        for own in edits.added.iter().filter(|own| Horizon::from(own.horizon) == horizon) {
            let what = format!("{} (the analyst's)", analyst::filled(subject, &own.text));
            table.row([horizon.name().to_owned(), what, humanize::MISSING.to_owned()]);
        }
    }
    table
}

fn write_one(document: &mut Document, subject: Subject, arranged: &Arranged<'_>) {
    let one = arranged.recommendation;
    document.heading(4, one.title.clone());
    match arranged.own_words {
        Some(words) => {
            let place = TextPlace::Recommendation(one.id.clone());
            analyst::write_prose(document, subject, &place, words);
        }
        None => document.paragraph(one.words.clone()),
    }
    let mut facts: Vec<String> =
        one.stands_on.iter().map(|basis| format!("Stands on: {}", basis.words)).collect();
    facts.extend(one.effect.text());
    let is_told = one.stands_on.iter().any(|basis| basis.kind == BasisKind::Finding);
    facts.extend(one.experiment.as_ref().map(|next| match is_told {
        // The finding that it stands on has told it in full.
        true => format!("Next experiment: {}.", next.name),
        false => format!("Next experiment ({}): {}", next.name, next.words),
    }));
    document.bullets(facts);
}
