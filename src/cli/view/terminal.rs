//! The live view on a terminal: one picture, written anew in place.
//!
//! Each picture goes out in one piece, over the one before, so that nothing flickers.

use std::io::{self, Write};

use console::{Style, Term, measure_text_width};

use super::View;
use super::frame::{Line, Look, Room, Trail, frame};
use crate::metrics::LiveSnapshot;
use crate::model::Scenario;

/// Asks the terminal to show what follows at once; those that do not know it ignore it.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
const CLEAR_REST_OF_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// The live view on a terminal.
pub struct TerminalView {
    scenario: Scenario,
    out: Box<dyn Write>,
    trail: Trail,
    /// Widths of the lines that stand on the terminal.
    drawn: Vec<usize>,
    picture: String,
}

impl TerminalView {
    pub fn new(scenario: Scenario) -> Self {
        Self::on(Box::new(io::stdout()), scenario)
    }

    fn on(out: Box<dyn Write>, scenario: Scenario) -> Self {
        Self { scenario, out, trail: Trail::default(), drawn: Vec::new(), picture: String::new() }
    }

    fn room(&self) -> Room {
        let (rows, columns) = Term::stdout().size();
        // The cursor stands below the last line.
        Room { columns: usize::from(columns), rows: usize::from(rows).saturating_sub(1) }
    }

    /// What brings the cursor to the first line that was drawn, however it is wrapped by now.
    fn back_to_start(&self, columns: usize) -> String {
        let rows = |width: &usize| width.div_ceil(columns.max(1)).max(1);
        match self.drawn.iter().map(rows).sum::<usize>() {
            0 => String::new(),
            n => format!("\x1b[{n}A\r"),
        }
    }

    /// Writes in one piece.
    fn write(&mut self, text: &str) {
        // Nothing is lost if the terminal has gone: the run is kept all the same.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl View for TerminalView {
    fn show(&mut self, snapshot: &LiveSnapshot) {
        self.trail.follow(&snapshot.history);
        let room = self.room();
        let lines = frame(snapshot, &self.scenario, &self.trail, room);
        let picture: String =
            lines.iter().map(|line| format!("{}{CLEAR_REST_OF_LINE}\r\n", styled(line))).collect();
        if picture == self.picture {
            return;
        }
        let start = self.back_to_start(room.columns);
        self.write(&format!("{BEGIN}{start}{picture}{CLEAR_BELOW}{END}"));
        self.drawn = lines.iter().map(|line| measure_text_width(&line.text())).collect();
        self.picture = picture;
    }

    fn say(&mut self, text: &str) {
        self.close();
        self.write(&format!("{text}\r\n"));
    }

    fn close(&mut self) {
        let start = self.back_to_start(self.room().columns);
        self.write(&format!("{start}{CLEAR_BELOW}"));
        self.drawn.clear();
        self.picture.clear();
    }
}

fn styled(line: &Line) -> String {
    let pieces = line.0.iter().map(|(look, text)| style(*look).apply_to(text).to_string());
    pieces.collect()
}

fn style(look: Look) -> Style {
    match look {
        Look::Plain => Style::new(),
        Look::Dim => Style::new().dim(),
        Look::Strong => Style::new().bold(),
        Look::Accent => Style::new().cyan(),
        Look::Good => Style::new().green(),
        Look::Bad => Style::new().red().bold(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::view::tests::{scenario, snapshot};

    #[test]
    fn the_live_view_opens_shows_says_and_closes() {
        let mut view = TerminalView::on(Box::new(io::sink()), scenario());
        view.show(&snapshot(11_000));
        assert!(!view.drawn.is_empty() && view.picture.contains("Second (2 of 2)"));
        view.say("a word");
        assert!(view.drawn.is_empty(), "what is said stands above the next picture");
        view.show(&snapshot(11_000));
        view.close();
        assert!(view.drawn.is_empty());
    }

    #[test]
    fn lines_that_a_narrower_terminal_wraps_are_gone_back_over() {
        let mut view = TerminalView::new(scenario());
        assert_eq!(view.back_to_start(80), "");
        view.drawn = vec![80, 0, 20];
        assert_eq!(view.back_to_start(80), "\x1b[3A\r");
        assert_eq!(view.back_to_start(40), "\x1b[4A\r");
    }
}
