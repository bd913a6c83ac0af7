//! What is wrong with a scenario: where, what, and what to do.

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1; none for a scenario that was edited in the window.
    pub line: Option<usize>,
    /// Path of the field, such as `load.stages[2].duration`.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    pub severity: Severity,
}

/// Whether a problem keeps the scenario from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    /// Runs, but probably not as meant.
    Warning,
}

impl Problem {
    /// A problem that keeps the scenario from running.
    pub fn error(field: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            line: None,
            field: field.into(),
            message: message.into(),
            remedy: remedy.into(),
            severity: Severity::Error,
        }
    }

    /// A problem with which the scenario runs, but probably not as meant.
    pub fn warning(field: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(field, message, remedy) }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "{}: {}. {}", self.field, self.message, self.remedy)
    }
}

/// The known name most like `name`, if any is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody mistypes a name this long into another; comparing it would only cost time.
    if name.len() > 100 {
        return None;
    }
    let lower = name.to_lowercase();
    known
        .into_iter()
        .take(1_000)
        .map(|candidate| (candidate, strsim::jaro_winkler(&lower, &candidate.to_lowercase())))
        .filter(|(_, likeness)| *likeness > 0.8)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(candidate, _)| candidate)
}

/// Text from a file as shown in a message: on one line, and cut when it is long.
pub(super) fn shown(text: &str) -> String {
    shown_up_to(text, 60)
}

/// [`shown`] with another length.
pub(super) fn shown_up_to(text: &str, max_chars: usize) -> String {
    let mut line: String =
        text.chars().take(max_chars).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(max_chars).is_some() {
        line.push('…');
    }
    line
}
