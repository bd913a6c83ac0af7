//! Asks what to do about a scenario file that another program changed.

use std::{path::PathBuf, time::Duration};

use egui::{ScrollArea, TextStyle, Ui};
use egui_material_icons::icons;
use similar::{ChangeTag, TextDiff};

use crate::{
    app::{
        command::{Command, Commands},
        theme::{self, space},
        widgets,
    },
    humanize,
    model::Scenario,
};

/// Lines of a difference that are listed.
const MAX_LINES: usize = 2_000;
/// Lines shown around a change.
const CONTEXT: usize = 2;
/// Longest time for finding a small difference; after it, a larger one will do.
const PATIENCE: Duration = Duration::from_millis(200);

/// A file that another program changed, as it is now.
#[derive(Clone, Debug)]
pub struct FileChange {
    pub path: PathBuf,
    pub name: String,
    pub scenario: Scenario,
    pub text: String,
    /// None until it was asked for.
    pub difference: Option<Vec<Line>>,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// In both.
    Same(String),
    /// Only in what is open here.
    Mine(String),
    /// Only in the file.
    Theirs(String),
    /// Lines left out.
    Gap,
}

impl FileChange {
    /// Works out the difference from the text that is open.
    pub fn compare(&mut self, mine: &str) {
        self.difference = Some(difference(mine, &self.text));
    }
}

fn difference(mine: &str, theirs: &str) -> Vec<Line> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(mine, theirs);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        if !lines.is_empty() {
            lines.push(Line::Gap);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = change.value().trim_end().to_owned();
            lines.push(match change.tag() {
                ChangeTag::Equal => Line::Same(text),
                ChangeTag::Delete => Line::Mine(text),
                ChangeTag::Insert => Line::Theirs(text),
            });
        }
    }
    lines.truncate(MAX_LINES);
    lines
}

pub fn file_change_ui(ui: &mut Ui, change: &FileChange, is_dirty: bool, commands: &mut Commands) {
    ui.label(format!("{} was changed by another program since it was opened or saved here.", change.name));
    if is_dirty {
        let words =
            "There are changes here that are not saved. Reloading replaces them; undo brings them back.";
        ui.label(egui::RichText::new(words).color(theme::colors(ui).warn));
    }
    if let Some(lines) = &change.difference {
        difference_ui(ui, lines);
    }
    ui.horizontal_wrapped(|ui| {
        let tip = "Takes over what the file holds, as an edit that can be undone";
        if widgets::primary_button(ui, icons::ICON_REFRESH, "Reload").on_hover_text(tip).clicked() {
            commands.push(Command::ReloadFile);
        }
        let tip = "Leaves the scenario as it is here; saving then replaces the file";
        if widgets::button(ui, icons::ICON_DRAW, "Keep mine").on_hover_text(tip).clicked() {
            commands.push(Command::KeepMine);
        }
        if change.difference.is_none() && widgets::link_button(ui, "Show difference").clicked() {
            commands.push(Command::ShowDifference);
        }
    });
}

fn difference_ui(ui: &mut Ui, lines: &[Line]) {
    let colors = theme::colors(ui);
    let n_of = |is_it: fn(&Line) -> bool| lines.iter().filter(|line| is_it(line)).count() as u64;
    let (n_mine, n_theirs) =
        (n_of(|line| matches!(line, Line::Mine(_))), n_of(|line| matches!(line, Line::Theirs(_))));
    let words = format!(
        "− {} only here, + {} only in the file",
        humanize::counted(n_mine, "line"),
        humanize::counted(n_theirs, "line")
    );
    ui.label(theme::small(ui, words));
    let height = (ui.ctx().content_rect().height() - 360.0).clamp(80.0, 320.0);
    let row = ui.text_style_height(&TextStyle::Monospace);
    egui::Frame::new().fill(colors.field).corner_radius(theme::CORNERS).inner_margin(space::S).show(
        ui,
        |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::both().auto_shrink([false, true]).max_height(height).show_rows(
                ui,
                row,
                lines.len(),
                |ui, rows| {
                    for line in &lines[rows] {
                        let (sign, text, color) = match line {
                            Line::Same(text) => (" ", text.as_str(), colors.muted),
                            Line::Mine(text) => ("−", text.as_str(), colors.fail),
                            Line::Theirs(text) => ("+", text.as_str(), colors.ok),
                            Line::Gap => ("…", "", colors.faint),
                        };
                        let words = egui::RichText::new(format!("{sign} {text}")).monospace().color(color);
                        ui.add(egui::Label::new(words).extend());
                    }
                },
            );
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_changed_lines_with_what_is_around_them() {
        let mine = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let theirs = "a\nb\nC\nd\ne\nf\ng\nh\ni\nj\n";
        let line = |text: &str| text.to_owned();
        assert_eq!(
            difference(mine, theirs),
            [
                Line::Same(line("a")),
                Line::Same(line("b")),
                Line::Mine(line("c")),
                Line::Theirs(line("C")),
                Line::Same(line("d")),
                Line::Same(line("e")),
                Line::Gap,
                Line::Same(line("h")),
                Line::Same(line("i")),
                Line::Theirs(line("j")),
            ]
        );
        assert!(difference(mine, mine).is_empty());
    }
}
