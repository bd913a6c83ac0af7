//! Which figures of the report the numbers in prose are, and which of them read differently in another run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::prose::{sentences, without_gaps};
use crate::humanize::{Quantity, QuantityKind, quantities};
use crate::metrics::RunId;
use crate::report::figures::{Figure, Place};

/// Numbers of one run's prose that are followed.
const MAX_MARKS: usize = 500;

/// A number in a sentence of the analyst's, and the figure that it was when the sentence was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mark {
    pub sentence: String,
    /// As the sentence says it.
    pub number: String,
    pub place: Place,
    /// Which quantity of that cell it is, from 0.
    pub nth: usize,
    /// As the report printed it then.
    pub text: String,
    /// The run of that report; its number there.
    pub run: i64,
}

/// A sentence with a number that reads differently now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    pub sentence: String,
    pub place: Place,
    pub was: String,
    /// None where the report has no such figure any more.
    pub is: Option<String>,
    /// The run that the sentence was written for.
    pub written_for: RunId,
}

impl Outdated {
    /// What a reader has to know before believing the sentence.
    pub fn words(&self) -> String {
        let Self { sentence, place, was, is, written_for } = self;
        let now = match is {
            Some(is) => format!("is {is} in this run"),
            None => "this run's report has no such figure".to_owned(),
        };
        format!(
            "«{}»: {} was {was} when this was written (run {written_for}), and {now}.",
            one_line(sentence),
            place.words()
        )
    }
}

/// A number with a unit that is none of the report's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    pub sentence: String,
    pub number: String,
}

impl Stranger {
    /// A note for whoever writes.
    pub fn words(&self) -> String {
        format!(
            "«{}»: {} is not a figure of this report; nobody will notice when it is no longer true.",
            one_line(&self.sentence),
            self.number
        )
    }
}

fn one_line(sentence: &str) -> String {
    sentence.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks the numbers of these texts with the figures that they are. A sentence of before whose figure has changed since
/// keeps its mark: it is as outdated as it was, until somebody writes another.
pub fn marked(texts: &[&str], before: &[Mark], figures: &[Figure], run_id: RunId) -> Vec<Mark> {
    let outdated = |sentence: &str, number: &str| {
        let of_it = |mark: &&Mark| mark.sentence == sentence && mark.number == number;
        before.iter().find(|mark| of_it(mark) && !matches!(standing(mark, figures), Standing::Holds))
    };
    let mut marks = Vec::new();
    for (sentence, number) in texts.iter().flat_map(|text| numbers(text)) {
        let written = &sentence[number.range.clone()];
        let mark = match outdated(sentence, written) {
            Some(mark) => Some(mark.clone()),
            None => figure_of(sentence, &number, figures).map(|(figure, nth, text)| Mark {
                sentence: sentence.to_owned(),
                number: written.to_owned(),
                place: figure.place.clone(),
                nth,
                text,
                run: run_id.0,
            }),
        };
        marks.extend(mark);
        if marks.len() == MAX_MARKS {
            break;
        }
    }
    marks
}

/// The sentences of a text whose marked numbers read differently now.
pub fn outdated(text: &str, marks: &[Mark], figures: &[Figure]) -> Vec<Outdated> {
    let sentences: BTreeSet<&str> = sentences(text).into_iter().collect();
    let of_text = marks.iter().filter(|mark| sentences.contains(mark.sentence.as_str()));
    let outdated = |mark: &Mark| {
        let is = match standing(mark, figures) {
            Standing::Holds => return None,
            Standing::Changed(is) => Some(is),
            Standing::Gone => None,
        };
        Some(Outdated {
            sentence: mark.sentence.clone(),
            place: mark.place.clone(),
            was: mark.text.clone(),
            is,
            written_for: RunId(mark.run),
        })
    };
    of_text.filter_map(outdated).collect()
}

/// The numbers with units in a text that no figure of the report is.
pub fn strangers(text: &str, marks: &[Mark]) -> Vec<Stranger> {
    let is_marked = |sentence: &str, number: &str| {
        marks.iter().any(|mark| mark.sentence == sentence && mark.number == number)
    };
    let numbers = numbers(text).into_iter().map(|(sentence, number)| (sentence, &sentence[number.range]));
    numbers
        .filter(|(sentence, number)| !is_marked(sentence, number))
        .map(|(sentence, number)| Stranger { sentence: sentence.to_owned(), number: number.to_owned() })
        .collect()
}

enum Standing {
    Holds,
    Changed(String),
    Gone,
}

fn standing(mark: &Mark, figures: &[Figure]) -> Standing {
    let Some(figure) = figures.iter().find(|figure| figure.place == mark.place) else {
        return Standing::Gone;
    };
    let found = quantities(&figure.text);
    let Some(now) = found.get(mark.nth) else { return Standing::Changed(figure.text.clone()) };
    let still = quantities(&mark.number).first().is_some_and(|written| written.still_says(now));
    if still { Standing::Holds } else { Standing::Changed(figure.text[now.range.clone()].to_owned()) }
}

/// The numbers with units of a text, with their sentences.
fn numbers(text: &str) -> Vec<(&str, Quantity)> {
    let of_sentence = |sentence| {
        let found = quantities(&without_gaps(sentence));
        let with_unit = found.into_iter().filter(|number| number.kind != QuantityKind::Plain);
        with_unit.map(move |number| (sentence, number))
    };
    sentences(text).into_iter().flat_map(of_sentence).collect()
}

/// The figure that a number of a sentence is: of all that read so, the one that the sentence speaks of most plainly.
fn figure_of<'a>(
    sentence: &str,
    number: &Quantity,
    figures: &'a [Figure],
) -> Option<(&'a Figure, usize, String)> {
    let spoken = words(&without_gaps(sentence));
    let mut best: Option<(i32, &Figure, usize, String)> = None;
    for figure in figures {
        for (nth, found) in quantities(&figure.text).iter().enumerate() {
            if !number.still_says(found) {
                continue;
            }
            let Some(likeness) = likeness(&spoken, &figure.place, is_telling(number, found)) else {
                continue;
            };
            if best.as_ref().is_none_or(|(most, ..)| likeness > *most) {
                best = Some((likeness, figure, nth, figure.text[found.range.clone()].to_owned()));
            }
        }
    }
    best.map(|(_, figure, nth, text)| (figure, nth, text))
}

// Shares and counts such as 0 % and 100 requests, and rounded numbers, stand in many places: alone they tell nothing.
fn is_telling(number: &Quantity, found: &Quantity) -> bool {
    let is_exact = (number.value - found.value).abs() <= 1e-9 * found.value.abs();
    is_exact && !matches!(number.kind, QuantityKind::Ratio | QuantityKind::Counted)
}

/// How plainly a sentence speaks of a place; none where it does not and the number alone tells nothing.
fn likeness(spoken: &BTreeSet<String>, place: &Place, is_telling: bool) -> Option<i32> {
    let own = &words(&place.row) | &words(&place.column);
    let n_said = own.intersection(spoken).count() as i32;
    if n_said == 0 && !is_telling {
        return None;
    }
    let around = words(&place.section).intersection(spoken).count() as i32;
    Some(3 * n_said - (own.len() as i32 - n_said) + around)
}

/// Words that stand at nearly every figure.
const COMMON: [&str; 17] = [
    "the", "of", "in", "and", "at", "by", "a", "an", "to", "response", "time", "value", "actual", "metric",
    "run", "result", "window",
];

/// The words of a text by which places are told apart.
fn words(text: &str) -> BTreeSet<String> {
    let word = |word: &str| {
        let word = word.trim_matches('.').to_lowercase();
        // One and many of a thing are the same thing.
        let word = match word.strip_suffix('s') {
            Some(one) if one.len() > 3 => one.to_owned(),
            _ => word,
        };
        match word.as_str() {
            "median" => "p50".to_owned(),
            "failed" | "failure" => "error".to_owned(),
            "slowest" => "longest".to_owned(),
            "average" => "mean".to_owned(),
            _ => word,
        }
    };
    let parts = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '.' || letter == '_'));
    parts.map(word).filter(|word| !word.is_empty() && !COMMON.contains(&word.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(section: &str, row: &str, column: &str, text: &str) -> Figure {
        let place =
            Place { section: section.into(), row: row.into(), column: column.into(), ..Place::default() };
        Figure { place, text: text.into() }
    }

    fn report(p95: &str, share: &str) -> Vec<Figure> {
        vec![
            figure("Executive summary", "", "Requests", "12,345"),
            figure("Executive summary", "", "p95", &format!("{p95} (94.0–97.1)")),
            figure("Executive summary", "", "Error share", share),
            figure("Results per step", "Sign in", "p95", p95),
            figure("Results per step", "Sign in", "Error share", "0 %"),
            figure("Results per step", "Courses", "Error share", share),
        ]
    }

    fn places(text: &str) -> Vec<String> {
        marked(&[text], &[], &report("95.2 ms", "0.08 %"), RunId(11))
            .iter()
            .map(|mark| mark.place.words())
            .collect()
    }

    #[test]
    fn a_number_is_the_figure_that_its_sentence_speaks_of() {
        assert_eq!(places("The p95 was 95.2 ms."), ["Executive summary › p95"]);
        assert_eq!(places("Sign in took 95 ms at p95."), ["Results per step › Sign in › p95"]);
        assert_eq!(
            places("Of 12,345 requests 0.08 % failed."),
            ["Executive summary › Requests", "Executive summary › Error share"]
        );
        assert_eq!(places("It took 95.2 ms."), ["Executive summary › p95"], "exact, so it tells by itself");
        assert_eq!(places("It took 95 ms; 0.08 % is little; 12,345 users. Now {{p95}}."), [""; 0]);
    }

    #[test]
    fn sentences_whose_numbers_changed_are_told_with_both() {
        let text = "The p95 was 95.2 ms. Of all requests 0.08 % failed.";
        let marks = marked(&[text], &[], &report("95.2 ms", "0.08 %"), RunId(11));
        assert_eq!(outdated(text, &marks, &report("95.2 ms", "0.08 %")), []);
        let found = outdated(text, &marks, &report("101 ms", "0.08 %"));
        assert_eq!(
            found.iter().map(Outdated::words).collect::<Vec<_>>(),
            [
                "«The p95 was 95.2 ms.»: Executive summary › p95 was 95.2 ms when this was written (run 11), and is 101 ms \
             in this run."
            ]
        );
        let gone = outdated(text, &marks, &report("95.2 ms", "0.08 %")[3..]);
        assert!(gone[0].words().contains("this run's report has no such figure"), "{gone:?}");
        assert_eq!(outdated("Another text.", &marks, &report("101 ms", "1 %")), [], "the sentence is gone");
    }

    #[test]
    fn rounded_numbers_hold_as_long_as_they_round_to_the_same() {
        let text = "The p95 is 95 ms.";
        let marks = marked(&[text], &[], &report("95.2 ms", "0 %"), RunId(11));
        assert_eq!(outdated(text, &marks, &report("94.7 ms", "0 %")), []);
        assert_eq!(outdated(text, &marks, &report("95.6 ms", "0 %")).len(), 1);
    }

    #[test]
    fn keeping_texts_again_does_not_make_an_outdated_sentence_true() {
        let text = "The p95 was 95.2 ms.";
        let first = marked(&[text], &[], &report("95.2 ms", "0 %"), RunId(11));
        let again = marked(&[text, "New: p95 101 ms."], &first, &report("101 ms", "0 %"), RunId(12));
        assert_eq!(outdated(text, &again, &report("101 ms", "0 %")).len(), 1);
        assert_eq!((again[0].run, again[1].run), (11, 12));
        let back = marked(&[text], &again, &report("95.2 ms", "0 %"), RunId(13));
        assert_eq!(outdated(text, &back, &report("95.2 ms", "0 %")), []);
    }

    #[test]
    fn numbers_that_are_no_figure_are_only_noted() {
        let text = "We expect 40 ms next month. The p95 was 95.2 ms, in 3 steps.";
        let marks = marked(&[text], &[], &report("95.2 ms", "0 %"), RunId(11));
        let notes = strangers(text, &marks);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].words().contains("40 ms is not a figure of this report"), "{}", notes[0].words());
    }
}
