//! Texts that users can write their own templates for, and templates of their own for whole reports.
//!
//! A template is bounded in the work that it does and in what it writes, so that none can hang.

mod context;
mod engine;

use std::collections::BTreeMap;

pub use engine::TemplateError;

use super::{Paper, options::unknown, provenance::digest};
use engine::render;

/// A text that is made by a template which comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateName {
    ExecutiveSummary,
    PullRequest,
}

/// The user's own templates in the place of those that come with the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// By name, each with where it was read.
    own: BTreeMap<TemplateName, (String, String)>,
}

impl TemplateName {
    pub const ALL: [Self; 2] = [Self::ExecutiveSummary, Self::PullRequest];

    /// The name of its file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::ExecutiveSummary => "executive-summary.md",
            Self::PullRequest => "pull-request.md",
        }
    }

    /// The template that comes with the program.
    pub fn built_in(self) -> &'static str {
        match self {
            Self::ExecutiveSummary => include_str!("../../../assets/templates/executive-summary.md"),
            Self::PullRequest => include_str!("../../../assets/templates/pull-request.md"),
        }
    }

    /// The template of a file's name; else what is wrong with the name.
    pub fn of_file(file_name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|name| name.file_name() == file_name);
        found.ok_or_else(|| unknown("template", file_name, &Self::ALL.map(Self::file_name)))
    }
}

impl Templates {
    /// Uses a template of the user's own, which was read from `path`.
    pub fn replace(&mut self, name: TemplateName, path: &str, source: &str) {
        self.own.insert(name, (path.to_owned(), source.replace("\r\n", "\n")));
    }

    /// Tells these templates from others; none where all are those of the program.
    pub fn digest(&self) -> Option<String> {
        let all = || self.own.iter().map(|(name, (_, source))| format!("{}\n{source}\n", name.file_name()));
        (!self.own.is_empty()).then(|| digest(&all().collect::<String>()))
    }

    /// Writes each of the user's templates once, so that what is wrong is known before a report is made.
    pub fn check(&self, paper: &Paper<'_>) -> Result<(), TemplateError> {
        let mut own = self.own.keys();
        own.try_for_each(|name| text(*name, &Paper { templates: Some(self), ..paper.clone() }).map(drop))
    }
}

/// A text by its template, the user's own where there is one.
pub(super) fn text(name: TemplateName, paper: &Paper<'_>) -> Result<String, TemplateError> {
    let (path, source) = match paper.templates.and_then(|templates| templates.own.get(&name)) {
        Some((path, source)) => (path.as_str(), source.as_str()),
        None => (name.file_name(), name.built_in()),
    };
    let context = match name {
        TemplateName::ExecutiveSummary => context::answers(paper),
        TemplateName::PullRequest => context::report(paper),
    };
    render(path, source, &context)
}

/// A whole report by a template of the user's, which was read from `path`.
pub fn by_template(path: &str, source: &str, paper: &Paper<'_>) -> Result<String, TemplateError> {
    render(path, &source.replace("\r\n", "\n"), &context::report(paper))
}

#[cfg(test)]
mod tests;
