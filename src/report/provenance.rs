//! What a report was made of, told by the report itself, so that anyone can make it again and compare.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Paper, ReportTexts, Section, Templates, Variant};
use crate::analysis::what_if::Projections;
use crate::metrics::RunId;

/// Version of how reports are made; raised when the same run comes to another text.
pub const REPORT_FORMAT: u32 = 1;

/// What stands before it in a text.
const MARK: &str = "stagewright-report ";
/// The longest that is believed to be one.
const MAX_LENGTH: usize = 16 << 10;
/// How many of a digest's bytes tell texts apart.
const N_BYTES: usize = 8;

/// What a report was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    pub report_format: u32,
    pub run: RunId,
    /// The same in whichever library the run lies.
    pub identity: String,
    /// Version of the program that wrote it.
    pub stagewright: String,
    #[serde(default)]
    pub variant: Variant,
    /// None: all that the variant has by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sections: Option<Vec<Section>>,
    /// The run that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// Digest of the analyst's texts; none where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<String>,
    /// Digest of the user's own templates; none where the built-in ones were used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<String>,
    /// Digest of the projections that were kept by then; none where there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projections: Option<String>,
    /// Digest of all this, so that a change of it is noticed.
    #[serde(default)]
    pub seal: String,
}

/// The other run of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    pub run: RunId,
    pub identity: String,
}

impl Provenance {
    /// Of the report that a paper comes to.
    pub fn of(paper: &Paper<'_>) -> Self {
        let sections = &paper.options.sections;
        let variant = paper.options.variant;
        Self {
            report_format: REPORT_FORMAT,
            run: paper.record.run_id,
            identity: paper.record.identity.clone(),
            stagewright: paper.program.to_owned(),
            variant,
            sections: (*sections != variant.sections()).then(|| sections.clone()),
            against: paper.against.clone(),
            texts: texts_digest(paper.texts),
            templates: paper.templates.and_then(Templates::digest),
            projections: projections_digest(paper.projections),
            seal: String::new(),
        }
        .sealed()
    }

    fn sealed(mut self) -> Self {
        self.seal = self.own_digest();
        self
    }

    /// Whether it is as it was written.
    pub fn is_sealed(&self) -> bool {
        self.seal == self.own_digest()
    }

    fn own_digest(&self) -> String {
        let bare = Self { seal: String::new(), ..self.clone() };
        // Names and numbers have no value that JSON could not write.
        digest(&serde_json::to_string(&bare).unwrap_or_default())
    }

    /// On one line, for programs; as part of a comment it cannot end it.
    pub fn line(&self) -> String {
        // Nothing in it is free text but what JSON escapes; `--` would end a comment of HTML.
        let json = serde_json::to_string(self).unwrap_or_default().replace("--", "-\\u002d");
        format!("{MARK}{json}")
    }

    /// As a comment of Markdown and HTML.
    pub fn comment(&self) -> String {
        format!("<!-- {} -->", self.line())
    }

    /// Finds what a text says of itself, if it does; the last of them counts, as a text may quote another.
    pub fn find_in(text: &str) -> Option<Self> {
        let at = text.rfind(MARK)? + MARK.len();
        let rest = &text[at..];
        let mut end = rest.len().min(MAX_LENGTH);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let mut values = serde_json::Deserializer::from_str(&rest[..end]).into_iter::<Self>();
        values.next()?.ok()
    }

    /// How anybody checks the report, in the words of a command.
    pub fn command(&self) -> String {
        format!("stagewright report {} --verify FILE", self.run)
    }

    /// What the report says of itself to people.
    pub fn sentence(&self) -> String {
        let identity = if self.identity.is_empty() { "not kept" } else { &self.identity };
        let against = self.against.as_ref().map_or_else(String::new, |against| {
            format!(", beside run {} (identity {})", against.run, against.identity)
        });
        format!(
            "Written by Stagewright {} (report format {}) from run {} (identity {identity}){against}. Every figure can be \
             made again from the run: {}",
            self.stagewright,
            self.report_format,
            self.run,
            self.command()
        )
    }
}

/// A digest of the analyst's texts as they bear on a report; none where there are none.
fn texts_digest(texts: &ReportTexts) -> Option<String> {
    (!texts.is_empty()).then(|| digest(&texts.to_json()))
}

/// A digest of the projections that a report tells; none where there are none.
fn projections_digest(projections: Option<&Projections>) -> Option<String> {
    projections.filter(|projections| !projections.is_empty()).map(|projections| digest(&projections.texts()))
}

/// The first 64 bits of a text's SHA-256 in hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text.as_bytes());
    bytes[..N_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provenance() -> Provenance {
        Provenance {
            report_format: 1,
            run: RunId(12),
            identity: "5a3c".to_owned(),
            stagewright: "0.1.0--x".to_owned(),
            variant: Variant::OnePage,
            sections: Some(vec![Section::Summary]),
            against: Some(Against { run: RunId(11), identity: "77".to_owned() }),
            texts: None,
            templates: None,
            projections: None,
            seal: String::new(),
        }
        .sealed()
    }

    #[test]
    fn what_a_report_says_of_itself_reads_back() {
        let written = provenance();
        let text = format!("# Report\n\n{}\nmore", written.comment());
        assert!(!text[5..text.len() - 9].trim_end_matches("-->").contains("--\""), "{text}");
        assert_eq!(text.matches("--").count(), 2, "only the comment's own: {text}");
        let read = Provenance::find_in(&text).unwrap();
        assert_eq!(read, written);
        assert!(read.is_sealed());
        assert!(!Provenance { run: RunId(13), ..read }.is_sealed());
    }

    #[test]
    fn a_text_that_says_nothing_of_itself_is_no_report() {
        for text in
            ["", "# Report", "stagewright-report", "stagewright-report {\"run\": 1", "stagewright-report []"]
        {
            assert_eq!(Provenance::find_in(text), None, "{text}");
        }
    }
}
