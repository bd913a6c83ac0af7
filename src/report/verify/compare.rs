//! Holds the pieces of a given report against those that its run gives, and tells where they differ.

use super::{Piece, PieceKind};
use crate::report::provenance::Provenance;
use crate::report::texts::prose::sentences;

/// Differences that are told; a report of another run has thousands.
pub const MAX_DIFFERENCES: usize = 1_000;

/// How far ahead a piece is looked for that both have.
const WINDOW: usize = 96;
/// Letters of a text that are quoted.
const MAX_QUOTED: usize = 200;

/// A place at which a report does not say what its run gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub place: String,
    pub what: What,
}

/// What is different at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Changed {
        says: String,
        gives: String,
    },
    /// The run gives something that the report does not have.
    Missing {
        gives: String,
    },
    /// The report has something that the run does not give.
    Added {
        says: String,
    },
}

impl Difference {
    /// In one line.
    pub fn words(&self) -> String {
        let place = &self.place;
        match &self.what {
            What::Changed { says, gives } => {
                format!("{place}: says {}, the run gives {}", quoted(says), quoted(gives))
            }
            What::Missing { gives } => format!("{place}: is missing; the run gives {}", quoted(gives)),
            What::Added { says } => format!("{place}: says {}, of which the run gives nothing", quoted(says)),
        }
    }

    fn new(place: &str, what: What) -> Self {
        Self { place: place.to_owned(), what }
    }
}

/// Prose in quotation marks, figures bare.
fn quoted(text: &str) -> String {
    match text {
        "" => "nothing".to_owned(),
        text if text.split_whitespace().count() > 3 => format!("«{text}»"),
        text => text.to_owned(),
    }
}

/// All differences, in the order of the given report.
pub fn compare(said: &[Piece], right: &[Piece]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let (mut at, mut other) = (0, 0);
    while differences.len() < MAX_DIFFERENCES && (at < said.len() || other < right.len()) {
        if let (Some(a), Some(b)) = (said.get(at), right.get(other))
            && is_equal(a, b)
        {
            (at, other) = (at + 1, other + 1);
            continue;
        }
        let (n_said, n_right) = until_common(&said[at..], &right[other..]);
        of_stretch(&said[at..at + n_said], &right[other..other + n_right], &mut differences);
        (at, other) = (at + n_said, other + n_right);
    }
    differences.truncate(MAX_DIFFERENCES);
    differences
}

fn is_equal(a: &Piece, b: &Piece) -> bool {
    a.kind == b.kind && a.raw == b.raw
}

/// How many pieces of each side come before the next that both have; the fewest in all.
fn until_common(said: &[Piece], right: &[Piece]) -> (usize, usize) {
    for distance in 1..=(2 * WINDOW).min(said.len() + right.len()) {
        for index in 0..=distance {
            let n_said = shared(index, distance);
            let is_common = match (said.get(n_said), right.get(distance - n_said)) {
                (Some(a), Some(b)) => is_equal(a, b),
                // The end is common too.
                _ => (n_said, distance - n_said) == (said.len(), right.len()),
            };
            if is_common {
                return (n_said, distance - n_said);
            }
        }
    }
    // Nothing in common for long: piece by piece.
    (said.len().min(WINDOW), right.len().min(WINDOW))
}

/// The `index`th way to share a distance between both sides, from equal shares outwards: a changed piece is likelier than
/// one added and another left out.
fn shared(index: usize, distance: usize) -> usize {
    let (middle, step) = (distance / 2, index.div_ceil(2));
    if index.is_multiple_of(2) { middle.saturating_sub(step) } else { (middle + step).min(distance) }
}

/// Pairs the pieces of a stretch that have nothing in common, and tells each pair and what is left.
fn of_stretch(said: &[Piece], right: &[Piece], differences: &mut Vec<Difference>) {
    let mut is_used = vec![false; right.len()];
    for piece in said {
        let free = || right.iter().enumerate().filter(|(index, _)| !is_used[*index]);
        let partner = free()
            .find(|(_, other)| {
                other.kind == piece.kind && other.place == piece.place && is_version(piece, other)
            })
            .or_else(|| free().find(|(_, other)| other.kind == piece.kind && is_version(piece, other)))
            .map(|(index, _)| index);
        match partner {
            Some(index) => {
                is_used[index] = true;
                of_pair(piece, &right[index], differences);
            }
            None => {
                let says = excerpt(&text_of(piece), 0);
                differences.push(Difference::new(&piece.place, What::Added { says }));
            }
        }
        if differences.len() >= MAX_DIFFERENCES {
            return;
        }
    }
    for (piece, _) in right.iter().zip(is_used).filter(|(_, is_used)| !is_used) {
        let gives = excerpt(&text_of(piece), 0);
        differences.push(Difference::new(&piece.place, What::Missing { gives }));
    }
}

/// Whether two pieces are likely to be the same one, changed.
fn is_version(a: &Piece, b: &Piece) -> bool {
    if a.kind == PieceKind::Provenance || (a.kind == PieceKind::Row && a.place == b.place) {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.raw.chars().collect(), b.raw.chars().collect());
    let n_before = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - n_before;
    let n_behind = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    2 * (n_before + n_behind) >= a.len().max(b.len()).max(1) || a.len().max(b.len()) <= 12
}

fn text_of(piece: &Piece) -> String {
    piece.cells.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" | ")
}

fn of_pair(said: &Piece, right: &Piece, differences: &mut Vec<Difference>) {
    let before = differences.len();
    match said.kind {
        PieceKind::Row => of_rows(said, right, differences),
        PieceKind::Words => of_words(said, right, differences),
        PieceKind::Provenance => of_provenance(said, right, differences),
        PieceKind::Mark => {}
    }
    if differences.len() == before {
        let (says, gives) = around(&said.raw, &right.raw);
        differences.push(Difference::new(&right.place, What::Changed { says, gives }));
    }
}

fn of_rows(said: &Piece, right: &Piece, differences: &mut Vec<Difference>) {
    let n_cells = said.cells.len().max(right.cells.len());
    for index in 0..n_cells {
        let cell = |piece: &Piece| piece.cells.get(index).map(|(_, text)| text.clone());
        let (says, gives) = (cell(said), cell(right));
        if says == gives {
            continue;
        }
        let title = right.cells.get(index).or(said.cells.get(index)).map_or("", |(title, _)| title);
        let place =
            if title.is_empty() { right.place.clone() } else { format!("{} › {title}", right.place) };
        let what = match (says, gives) {
            (Some(says), Some(gives)) => {
                let (says, gives) = around(&says, &gives);
                What::Changed { says, gives }
            }
            (None, Some(gives)) => What::Missing { gives: excerpt(&gives, 0) },
            (Some(says), None) => What::Added { says: excerpt(&says, 0) },
            (None, None) => continue,
        };
        differences.push(Difference::new(&place, what));
    }
}

fn of_words(said: &Piece, right: &Piece, differences: &mut Vec<Difference>) {
    let (a, b) = (text_of(said), text_of(right));
    let (a, b) = (sentences(&a), sentences(&b));
    if a.len() != b.len() {
        return;
    }
    for (says, gives) in a.iter().zip(&b).filter(|(a, b)| a != b) {
        let (says, gives) = around(says, gives);
        differences.push(Difference::new(&right.place, What::Changed { says, gives }));
    }
}

/// The line that says what the report was made of, by its fields.
fn of_provenance(said: &Piece, right: &Piece, differences: &mut Vec<Difference>) {
    let fields = |piece: &Piece| {
        let provenance = Provenance::find_in(&super::markup::plain(&piece.raw))?;
        serde_json::to_value(provenance).ok()?.as_object().cloned()
    };
    let (Some(a), Some(b)) = (fields(said), fields(right)) else { return };
    let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for name in names.into_iter().filter(|name| a.get(*name) != b.get(*name)) {
        let text = |value: Option<&serde_json::Value>| match value {
            None => "nothing".to_owned(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        let what = What::Changed { says: text(a.get(name)), gives: text(b.get(name)) };
        differences.push(Difference::new(&format!("{} › {name}", right.place), what));
    }
}

/// Both texts, cut to where they differ where they are long.
fn around(says: &str, gives: &str) -> (String, String) {
    let at = says.chars().zip(gives.chars()).take_while(|(a, b)| a == b).count();
    (excerpt(says, at), excerpt(gives, at))
}

/// A text as it may be quoted: all of it, or the part around its letter `at`.
fn excerpt(text: &str, at: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= MAX_QUOTED {
        return text.to_owned();
    }
    let from = at.saturating_sub(MAX_QUOTED / 2).min(letters.len() - MAX_QUOTED);
    let middle: String = letters[from..from + MAX_QUOTED].iter().collect();
    let (before, behind) = (from > 0, from + MAX_QUOTED < letters.len());
    format!("{}{middle}{}", if before { "…" } else { "" }, if behind { "…" } else { "" })
}
