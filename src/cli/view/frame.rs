//! The live view as lines of text: what fits the terminal, the most important first.

use std::collections::VecDeque;
use std::time::Duration;

use console::{measure_text_width, truncate_str};

use super::essentials::{self, Number, Progress};
use super::targets::targets;
use crate::humanize;
use crate::metrics::{LiveSnapshot, SecondPoint, ThresholdState};
use crate::model::Scenario;

/// Width of the names before what they name.
const NAMES: usize = 12;
/// The same in tables.
const ROW_NAMES: usize = 15;
const CELL: usize = 12;
/// The most seconds that a curve shows.
const MAX_CURVE: usize = 120;
/// The widest that the view becomes: beyond it lines are hard to follow.
const MAX_WIDTH: usize = 120;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Plain,
    Dim,
    Strong,
    Accent,
    Good,
    Bad,
}

/// A line in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(pub Vec<(Look, String)>);

/// The last seconds, as far as a curve shows them.
#[derive(Default)]
pub struct Trail(VecDeque<Spot>);

struct Spot {
    second: u32,
    completed_per_sec: f64,
    p95: Option<Duration>,
}

/// Room for the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub columns: usize,
    pub rows: usize,
}

impl Trail {
    /// Takes over the seconds that are new.
    pub fn follow(&mut self, history: &[SecondPoint]) {
        let newest = self.0.back().map(|spot| spot.second);
        for point in history.iter().filter(|point| newest.is_none_or(|newest| point.second > newest)) {
            if self.0.len() == MAX_CURVE {
                self.0.pop_front();
            }
            let SecondPoint { second, completed_per_sec, p95, .. } = *point;
            self.0.push_back(Spot { second, completed_per_sec, p95 });
        }
    }
}

impl Line {
    fn of(look: Look, text: impl Into<String>) -> Self {
        Self(vec![(look, text.into())])
    }

    fn named(name: &str) -> Self {
        Self::of(Look::Dim, padded(name, NAMES))
    }

    fn and(mut self, look: Look, text: impl Into<String>) -> Self {
        self.0.push((look, text.into()));
        self
    }

    /// The line without its looks.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// What fits into so many columns.
    fn cut(self, columns: usize) -> Self {
        let mut left = columns;
        let cut = self.0.into_iter().map_while(|(look, text)| {
            let text = truncate_str(&text, left, "…").into_owned();
            let is_room = left > 0;
            left -= measure_text_width(&text).min(left);
            is_room.then_some((look, text))
        });
        Self(cut.collect())
    }
}

/// The view of a moment; never more lines than there is room for.
pub fn frame(snapshot: &LiveSnapshot, scenario: &Scenario, trail: &Trail, room: Room) -> Vec<Line> {
    let columns = room.columns.min(MAX_WIDTH);
    let is_roomy = room.rows >= 22;
    let mut lines = Vec::new();
    lines.extend(essentials::progress(snapshot).iter().map(|progress| bar(progress, columns)));
    blank(&mut lines, is_roomy);
    lines.extend(number_lines(&essentials::numbers(snapshot, scenario)));
    blank(&mut lines, is_roomy);
    lines.extend(percentile_lines(snapshot));
    let mut rest = room.rows.saturating_sub(lines.len());
    for section in sections(snapshot, scenario, trail, columns) {
        let space = usize::from(is_roomy && section.is_apart);
        let n_lines = section.lines.len().min(section.at_most(room.rows));
        if n_lines == 0 || rest < n_lines + space {
            continue;
        }
        blank(&mut lines, space > 0);
        lines.extend(section.lines.into_iter().take(n_lines));
        rest -= n_lines + space;
    }
    lines.truncate(room.rows);
    lines.into_iter().map(|line| line.cut(columns)).collect()
}

/// Lines that belong together, and are shown together.
struct Section {
    is_apart: bool,
    lines: Vec<Line>,
}

impl Section {
    /// How many of its lines a terminal of so many rows shows.
    fn at_most(&self, rows: usize) -> usize {
        (rows / 8).max(1)
    }
}

fn sections(snapshot: &LiveSnapshot, scenario: &Scenario, trail: &Trail, columns: usize) -> Vec<Section> {
    let apart = |lines| Section { is_apart: true, lines };
    let close = |lines| Section { is_apart: false, lines };
    vec![
        apart(curves(trail, columns)),
        apart(target_lines(snapshot, scenario)),
        apart(error_lines(snapshot, scenario)),
        close(vec![Line::named("Load").and(Look::Plain, essentials::load(snapshot)).and(Look::Dim, " now")]),
        close(vec![
            Line::named("Answers")
                .and(Look::Plain, essentials::answers(&snapshot.recent.run))
                .and(Look::Dim, " so far"),
        ]),
        close(
            essentials::generator(snapshot)
                .map(|words| Line::named("Generator").and(Look::Plain, words))
                .into_iter()
                .collect(),
        ),
        close(note_lines(snapshot)),
    ]
}

fn blank(lines: &mut Vec<Line>, is_wanted: bool) {
    if is_wanted {
        lines.push(Line::default());
    }
}

/// How far something is, as a bar between its name and its words.
fn bar(progress: &Progress, columns: usize) -> Line {
    let label_width = (columns / 3).clamp(NAMES, 30);
    let label = padded(&truncate_str(&progress.label, label_width - 2, "…"), label_width);
    let words = format!("  {}", progress.words);
    let room = columns.saturating_sub(label_width + measure_text_width(&words)).clamp(4, 60);
    let n_done = (room as f64 * progress.ratio.clamp(0.0, 1.0)).round() as usize;
    Line::of(Look::Plain, label)
        .and(Look::Accent, "━".repeat(n_done))
        .and(Look::Dim, "─".repeat(room - n_done))
        .and(Look::Plain, words)
}

/// The five numbers under their names.
fn number_lines(numbers: &[Number]) -> [Line; 2] {
    let mut names = Line::of(Look::Dim, padded("", ROW_NAMES));
    let mut values = Line::of(Look::Dim, padded("last second", ROW_NAMES));
    for number in numbers {
        let look = if number.is_alarming { Look::Bad } else { Look::Strong };
        names = names.and(Look::Dim, format!("{:>CELL$}", number.label));
        values = values.and(look, format!("{:>CELL$}", number.value));
    }
    [names, values]
}

/// Percentiles of the last seconds and of the run so far.
fn percentile_lines(snapshot: &LiveSnapshot) -> [Line; 3] {
    let row = |name: &str, cells: [String; 5], look| {
        let cells = cells.iter().map(|cell| format!("{cell:>CELL$}")).collect::<String>();
        Line::of(Look::Dim, padded(name, ROW_NAMES)).and(look, cells)
    };
    let titles = ["p50", "p95", "p99", "p99.9", "longest"].map(str::to_owned);
    let (last, run) = (&snapshot.recent.last, &snapshot.recent.run);
    [
        row("Response time", titles, Look::Dim),
        row(&essentials::last_words(last), essentials::percentiles(last), Look::Plain),
        row("run so far", essentials::percentiles(run), Look::Plain),
    ]
}

/// How the completed rate and p95 went.
fn curves(trail: &Trail, columns: usize) -> Vec<Line> {
    let room = columns.saturating_sub(NAMES + 36).clamp(10, MAX_CURVE);
    let spots: Vec<&Spot> = trail.0.iter().rev().take(room).rev().collect();
    let curve = |name: &str, values: &[f64], text: &dyn Fn(f64) -> String| {
        let highest = values.iter().copied().fold(0.0, f64::max);
        let drawn: String = values.iter().map(|value| bar_of(*value, highest)).collect();
        let words = format!("  highest {}, last {} s", text(highest), values.len());
        Line::named(name).and(Look::Accent, padded(&drawn, room)).and(Look::Dim, words)
    };
    let rates: Vec<f64> = spots.iter().map(|spot| spot.completed_per_sec).collect();
    let p95s: Vec<f64> =
        spots.iter().map(|spot| spot.p95.map_or(0.0, |latency| latency.as_secs_f64())).collect();
    if spots.is_empty() {
        return Vec::new();
    }
    vec![
        curve("Completed", &rates, &humanize::rate),
        curve("p95", &p95s, &|secs| humanize::latency(Duration::from_secs_f64(secs))),
    ]
}

/// A bar of a curve; nothing measured is no bar.
fn bar_of(value: f64, highest: f64) -> char {
    if value <= 0.0 || highest <= 0.0 {
        return ' ';
    }
    let step = (value / highest * BARS.len() as f64).ceil() as usize;
    BARS[step.clamp(1, BARS.len()) - 1]
}

fn target_lines(snapshot: &LiveSnapshot, scenario: &Scenario) -> Vec<Line> {
    let named = |index: usize| Line::named(if index == 0 { "Targets" } else { "" });
    let lines = targets(snapshot, scenario).into_iter().enumerate().map(|(index, target)| {
        let look = match target.state {
            ThresholdState::Missed => Look::Bad,
            ThresholdState::Met => Look::Good,
            ThresholdState::NoData => Look::Dim,
        };
        named(index).and(look, target.standing).and(Look::Plain, format!(": {}", target.figures))
    });
    lines.collect()
}

fn error_lines(snapshot: &LiveSnapshot, scenario: &Scenario) -> Vec<Line> {
    let look = if snapshot.n_errors > 0 { Look::Bad } else { Look::Plain };
    let first =
        Line::named("Errors").and(look, essentials::errors_so_far(snapshot)).and(Look::Dim, " so far");
    let kinds = essentials::top_errors(snapshot, scenario).into_iter().map(|(count, words)| {
        Line::named("").and(Look::Plain, format!("{count:>7}  ")).and(Look::Plain, words)
    });
    [first].into_iter().chain(kinds).collect()
}

/// The newest notes, oldest first.
fn note_lines(snapshot: &LiveSnapshot) -> Vec<Line> {
    let from = snapshot.annotations.len().saturating_sub(2);
    let lines = snapshot.annotations[from..].iter().enumerate().map(|(index, note)| {
        Line::named(if index == 0 { "Notes" } else { "" })
            .and(Look::Dim, format!("{}  ", humanize::clock(note.at)))
            .and(Look::Plain, note.text.replace(char::is_control, " "))
    });
    lines.collect()
}

fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(measure_text_width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::view::tests::{scenario, snapshot};

    fn texts(columns: usize, rows: usize) -> Vec<String> {
        let snapshot = snapshot(12_500);
        let mut trail = Trail::default();
        trail.follow(&snapshot.history);
        let lines = frame(&snapshot, &scenario(), &trail, Room { columns, rows });
        lines.iter().map(|line| line.text().trim_end().to_owned()).collect()
    }

    #[test]
    fn a_terminal_of_eighty_columns_shows_all_that_matters() {
        insta::assert_snapshot!(texts(80, 23).join("\n"));
    }

    #[test]
    fn whatever_the_room_nothing_goes_beyond_it_and_progress_stays() {
        for (columns, rows) in [(20, 3), (40, 10), (80, 12), (100, 30), (300, 80)] {
            let lines = texts(columns, rows);
            assert!(lines.len() <= rows, "{columns} × {rows}: {lines:#?}");
            assert!(lines.iter().all(|line| measure_text_width(line) <= columns), "{lines:#?}");
            assert!(lines[0].starts_with("Second"), "{lines:#?}");
        }
    }

    #[test]
    fn a_trail_is_bounded_and_takes_each_second_once() {
        let mut trail = Trail::default();
        let history = snapshot(300_000).history;
        trail.follow(&history);
        trail.follow(&history);
        assert_eq!((trail.0.len(), trail.0.back().unwrap().second), (MAX_CURVE, 299));
    }

    #[test]
    fn a_curve_has_no_bar_where_nothing_was_measured() {
        assert_eq!([0.0, 0.1, 5.0, 10.0].map(|value| bar_of(value, 10.0)), [' ', '▁', '▄', '█']);
        assert_eq!(bar_of(0.0, 0.0), ' ');
    }
}
