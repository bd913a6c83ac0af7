//! The live view on a terminal: progress over the planned duration, and the figures under it.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::humanize;
use crate::metrics::{LiveSnapshot, Phase};
use crate::model::Plan;

use super::{
    View,
    figures::{Figures, stage_words},
};

const REDRAWS_PER_SEC: u8 = 10;

/// The live view on a terminal.
pub struct TerminalView {
    plan: Plan,
    screen: MultiProgress,
    bar: ProgressBar,
    lines: [ProgressBar; 4],
}

impl TerminalView {
    pub fn new(plan: Plan) -> Self {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stdout_with_hz(REDRAWS_PER_SEC));
        let planned = plan.duration().as_millis() as u64;
        let bar = screen.add(
            ProgressBar::new(planned)
                .with_style(style("{wide_bar:.cyan/black.bright} {msg}").progress_chars("━╸─")),
        );
        let lines = ["rate", "load", "latency", "errors"].map(|name| {
            let line = ProgressBar::no_length().with_style(style("  {prefix:8.dim} {msg}"));
            screen.add(line.with_prefix(name))
        });
        Self { plan, screen, bar, lines }
    }
}

impl View for TerminalView {
    fn show(&mut self, snapshot: &LiveSnapshot) {
        let elapsed = snapshot.elapsed.min(self.plan.duration());
        let progress = match snapshot.phase {
            Phase::Running => format!(
                "{} · {} of {}",
                stage_words(snapshot, &self.plan),
                humanize::clock(elapsed),
                humanize::clock(self.plan.duration())
            ),
            _ => stage_words(snapshot, &self.plan),
        };
        self.bar.set_position(elapsed.as_millis() as u64);
        self.bar.set_message(progress);
        let Figures { rate, load, latency, errors } = Figures::new(snapshot, &self.plan);
        let texts = [
            format!("{rate}  (last second)"),
            format!("{load}  (now)"),
            format!("{latency}  (response time, last second)"),
            format!("{errors}  (so far)"),
        ];
        for (line, text) in self.lines.iter().zip(texts) {
            line.set_message(text);
        }
    }

    fn say(&mut self, text: &str) {
        // Nothing is lost if the terminal has gone: the run is kept all the same.
        let _ = self.screen.println(text);
    }

    fn close(&mut self) {
        self.bar.finish_and_clear();
        self.lines.iter().for_each(ProgressBar::finish_and_clear);
    }
}

/// A style from a template of this file.
fn style(template: &'static str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates of this file are well formed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::view::tests::{plan, snapshot};

    #[test]
    fn the_live_view_opens_shows_and_closes() {
        let mut view = TerminalView::new(plan());
        view.show(&snapshot(11_000));
        assert_eq!(view.bar.position(), 11_000);
        assert_eq!(view.bar.message(), "Second · 0:11 of 0:20");
        assert!(view.lines[2].message().contains("p95 9.00 ms"));
        view.close();
    }
}
