//! The analyst's words in a report: kept apart from the machine's, carried from run to run, checked against its figures.

mod arranged;
mod file;
mod marks;
pub(super) mod prose;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use arranged::Arranged;
pub use file::{read_texts, write_texts};
pub use marks::{Mark, Outdated, Stranger};

use super::{Document, Paper, ReportOptions, Section, Variant, facts::Facts, figures::Figure};
use crate::metrics::RunId;
use crate::model::Problem;

/// Version of the format; raised when a field changes its meaning or goes.
const FORMAT: u32 = 1;

/// Letters of a title, an author, an audience.
const MAX_LINE: usize = 300;
/// Letters of a summary, notes, a recommendation.
const MAX_PROSE: usize = 20_000;
/// Recommendations and remarks of the analyst's.
const MAX_ITEMS: usize = 500;

/// What the analyst wrote for the report of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportTexts {
    /// Version of the format that they were kept in.
    pub format: u32,
    pub title: String,
    pub author: String,
    pub audience: String,
    pub summary: String,
    pub notes: String,
    /// Who approved the report of this run, and on which terms; never carried to another run.
    pub approval: String,
    pub recommendations: RecommendationTexts,
    /// Remarks to the lines of the production-readiness checklist, by the name of the line.
    pub checklist: BTreeMap<String, String>,
    /// The variant that is written unless another is asked for.
    pub variant: Variant,
    /// Sections that are left out unless they are asked for.
    pub left_out: Vec<Section>,
    /// Numbers of the prose with the figures that they were when they were written.
    pub marks: Vec<Mark>,
    /// The run whose texts these were, where they were not written for this one.
    pub inherited_from: Option<RunId>,
}

/// What the analyst made of the recommendations, which are the machine's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecommendationTexts {
    /// Own words in the place of the machine's, by the recommendation's id.
    pub words: BTreeMap<String, String>,
    /// Ids in the order in which they are to be read; the others follow as they come.
    pub order: Vec<String>,
    /// Ids that are left out.
    pub hidden: Vec<String>,
    /// The analyst's own.
    pub added: Vec<OwnRecommendation>,
}

/// A recommendation by the analyst alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnRecommendation {
    pub horizon: TextHorizon,
    pub text: String,
}

/// When a recommendation is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextHorizon {
    #[default]
    Immediate,
    ShortTerm,
    LongTerm,
}

impl TextHorizon {
    pub const ALL: [Self; 3] = [Self::Immediate, Self::ShortTerm, Self::LongTerm];

    /// As files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::ShortTerm => "short-term",
            Self::LongTerm => "long-term",
        }
    }
}

/// Why kept texts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    #[error(
        "the texts of this report were written by a newer Stagewright (their format is {found}, this program knows up to \
         {FORMAT}); update Stagewright"
    )]
    Newer { found: u32 },
    #[error("the texts of this report cannot be read ({0}); write them anew")]
    Damaged(String),
}

/// Where in the texts a sentence stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextPlace {
    Summary,
    Notes,
    Recommendation(String),
    OwnRecommendation(usize),
    Checklist(String),
}

impl ReportTexts {
    /// No words at all.
    pub const EMPTY: &'static Self = &Self {
        format: 0,
        title: String::new(),
        author: String::new(),
        audience: String::new(),
        summary: String::new(),
        notes: String::new(),
        approval: String::new(),
        recommendations: RecommendationTexts {
            words: BTreeMap::new(),
            order: Vec::new(),
            hidden: Vec::new(),
            added: Vec::new(),
        },
        checklist: BTreeMap::new(),
        variant: Variant::Full,
        left_out: Vec::new(),
        marks: Vec::new(),
        inherited_from: None,
    };

    /// The texts of a run's report: its own, or those that it starts from, of the newest earlier run of its kind.
    pub fn of_run(own: Option<&str>, inherited: Option<(RunId, &str)>) -> Result<Self, TextsError> {
        match (own, inherited) {
            (Some(own), _) => Self::from_json(own),
            (None, Some((of_run, texts))) => Self::from_json(texts).map(|texts| inherit(texts, of_run)),
            (None, None) => Ok(Self::default()),
        }
    }

    /// Texts as they were kept.
    pub fn from_json(text: &str) -> Result<Self, TextsError> {
        #[derive(Deserialize)]
        struct Version {
            #[serde(default)]
            format: u32,
        }
        let damaged = |error: serde_json::Error| TextsError::Damaged(error.to_string());
        let Version { format: found } = serde_json::from_str(text).map_err(damaged)?;
        if found > FORMAT {
            return Err(TextsError::Newer { found });
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// Texts as they are kept.
    pub fn to_json(&self) -> String {
        let texts = Self { format: FORMAT, ..self.clone() };
        // Texts and lists of texts have no value that JSON could not write.
        serde_json::to_string(&texts).unwrap_or_default()
    }

    /// Whether nobody wrote anything.
    pub fn is_empty(&self) -> bool {
        self.without_marks() == *Self::EMPTY
    }

    /// The options by which a report is written where nothing else is asked for.
    pub fn options(&self) -> ReportOptions {
        ReportOptions::of(self.variant).without(&self.left_out)
    }

    /// The texts as they are kept with the run of a paper: each number is followed from now on as the figure that it is.
    pub fn kept_with(mut self, paper: &Paper<'_>) -> Self {
        let figures = figures_of(paper);
        let texts: Vec<&str> = self.prose().into_iter().map(|(_, text)| text).collect();
        self.marks = marks::marked(&texts, &self.marks, &figures, paper.record.run_id);
        self.inherited_from = None;
        self
    }

    /// The sentences whose numbers read differently in this run, with where they stand.
    pub fn outdated(&self, paper: &Paper<'_>) -> Vec<(TextPlace, Outdated)> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let figures = figures_of(paper);
        let of_text = |(place, text): (TextPlace, &str)| {
            let outdated = marks::outdated(text, &self.marks, &figures);
            outdated.into_iter().map(move |outdated| (place.clone(), outdated)).collect::<Vec<_>>()
        };
        self.prose().into_iter().flat_map(of_text).collect()
    }

    /// Numbers that no figure of the report is: notes for the editor, nothing that a report says.
    pub fn strangers(&self) -> Vec<(TextPlace, Stranger)> {
        let of_text = |(place, text): (TextPlace, &str)| {
            let strangers = marks::strangers(text, &self.marks);
            strangers.into_iter().map(move |stranger| (place.clone(), stranger)).collect::<Vec<_>>()
        };
        self.prose().into_iter().flat_map(of_text).collect()
    }

    /// All that is wrong with the texts for the run of a paper; nothing is changed.
    pub fn problems(&self, paper: &Paper<'_>) -> Vec<Problem> {
        let mut problems = self.length_problems();
        let facts = Facts::of(paper);
        for (field, text) in self.filled_fields() {
            for problem in prose::filled(text, facts).problems {
                problems.push(parted(&field, &problem));
            }
        }
        problems
    }

    /// How many running texts are written: fewer than before, and one was thrown away.
    pub fn n_written(&self) -> usize {
        self.prose().iter().filter(|(_, text)| !text.trim().is_empty()).count()
    }

    /// The running texts, in which sentences are looked at.
    fn prose(&self) -> Vec<(TextPlace, &str)> {
        let mut texts =
            vec![(TextPlace::Summary, self.summary.as_str()), (TextPlace::Notes, self.notes.as_str())];
        let recommendations = &self.recommendations;
        texts.extend(
            recommendations
                .words
                .iter()
                .map(|(id, text)| (TextPlace::Recommendation(id.clone()), text.as_str())),
        );
        let own = recommendations.added.iter().enumerate();
        texts.extend(own.map(|(index, own)| (TextPlace::OwnRecommendation(index), own.text.as_str())));
        texts.extend(
            self.checklist.iter().map(|(name, text)| (TextPlace::Checklist(name.clone()), text.as_str())),
        );
        texts
    }

    /// Everything in which gaps are filled, with the name of its field.
    fn filled_fields(&self) -> Vec<(String, &str)> {
        let mut fields = vec![
            ("title".to_owned(), self.title.as_str()),
            ("audience".to_owned(), self.audience.as_str()),
            ("approval".to_owned(), self.approval.as_str()),
        ];
        fields.extend(self.prose().into_iter().map(|(place, text)| (place.field(), text)));
        fields
    }

    fn length_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut check = |field: String, text: &str, most: usize| {
            let n_letters = text.chars().count();
            if n_letters > most {
                let message = format!("it has {n_letters} letters");
                problems.push(Problem::error(field, message, format!("Use {most} at most.")));
            }
        };
        check("title".to_owned(), &self.title, MAX_LINE);
        check("author".to_owned(), &self.author, MAX_LINE);
        check("audience".to_owned(), &self.audience, MAX_LINE);
        check("approval".to_owned(), &self.approval, MAX_LINE);
        self.prose().into_iter().for_each(|(place, text)| check(place.field(), text, MAX_PROSE));
        let edits = &self.recommendations;
        let n_items = edits.words.len() + edits.order.len() + edits.hidden.len() + edits.added.len();
        if n_items.max(self.checklist.len()) > MAX_ITEMS {
            let remedy = format!("Use {MAX_ITEMS} at most.");
            problems.push(Problem::error("recommendations", "there are too many", remedy));
        }
        problems
    }

    fn without_marks(&self) -> Self {
        Self { format: 0, marks: Vec::new(), inherited_from: None, ..self.clone() }
    }
}

impl TextPlace {
    /// The name of the field in a file of texts.
    pub fn field(&self) -> String {
        match self {
            Self::Summary => "summary".to_owned(),
            Self::Notes => "notes".to_owned(),
            Self::Recommendation(id) => format!("recommendations.words.{id}"),
            Self::OwnRecommendation(index) => format!("recommendations.own[{index}]"),
            Self::Checklist(name) => format!("checklist.{name}"),
        }
    }
}

/// A problem from words that may end in `; what to do`.
fn parted(field: &str, words: &str) -> Problem {
    let (message, remedy) = words.rsplit_once("; ").unwrap_or((
        words,
        "write the name of a figure between the braces, such as `{{p95}}` or `{{p95 of step NAME}}`.",
    ));
    let remedy = crate::analysis::capitalized(remedy);
    let end = if remedy.ends_with(['.', '?']) { "" } else { "." };
    Problem::error(field, message, remedy + end)
}

/// What the report of another run of the same kind starts from. Everything stays but the approval, which is of one run;
/// numbers stay followed, so that [`ReportTexts::outdated`] tells which of them have changed.
pub fn inherit(texts: ReportTexts, of_run: RunId) -> ReportTexts {
    ReportTexts { approval: String::new(), inherited_from: Some(of_run), ..texts }
}

/// The figures of everything that a machine writes about the run of a paper.
fn figures_of(paper: &Paper<'_>) -> Vec<Figure> {
    let whole = Paper { texts: ReportTexts::EMPTY, options: ReportOptions::default(), ..paper.clone() };
    let document: Document = super::document(&whole);
    document.figures()
}

#[cfg(test)]
mod tests;
