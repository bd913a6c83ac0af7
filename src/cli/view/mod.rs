//! What a run says while it goes on: a live view on a terminal, lines in a pipe, JSON, or nothing.

mod figures;
mod json_lines;
mod plain;
mod terminal;

use std::io::{self, IsTerminal as _};

use crate::metrics::LiveSnapshot;
use crate::model::Plan;

use super::{
    args::ProgressArgs,
    out::{complain, print},
};

/// How a run tells of its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Quiet,
    Plain,
    JsonLines,
    Terminal,
}

/// Shows a run that is under way.
pub trait View {
    fn show(&mut self, snapshot: &LiveSnapshot);

    /// Says something that must be known now.
    fn say(&mut self, text: &str) {
        complain(text);
    }

    /// The run has ended.
    fn close(&mut self) {}
}

impl Progress {
    /// As asked; else live on a terminal, and plain lines in a pipe.
    pub fn choose(args: &ProgressArgs) -> Self {
        match args {
            ProgressArgs { quiet: true, .. } => Self::Quiet,
            ProgressArgs { json_lines: true, .. } => Self::JsonLines,
            ProgressArgs { plain: true, .. } => Self::Plain,
            _ if io::stdout().is_terminal() => Self::Terminal,
            _ => Self::Plain,
        }
    }
}

/// Opens the view of a run that follows `plan`; `opening` says what runs.
pub fn open(progress: Progress, plan: Plan, opening: &str) -> Box<dyn View> {
    match progress {
        Progress::Quiet => Box::new(Silent),
        Progress::JsonLines => Box::new(json_lines::JsonLines::new(plan)),
        Progress::Plain => {
            tell(&format!("{opening}\n{}", plain::LEGEND));
            Box::new(plain::PlainLines::new(plan))
        }
        Progress::Terminal => {
            tell(opening);
            Box::new(terminal::TerminalView::new(plan))
        }
    }
}

struct Silent;

impl View for Silent {
    fn show(&mut self, _snapshot: &LiveSnapshot) {}
}

/// A line of progress; the run goes on even where it cannot be written.
fn tell(line: &str) {
    if let Err(error) = print(&format!("{line}\n")) {
        complain(&error.to_string());
    }
}
