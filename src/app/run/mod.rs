//! The Run screen: a run under way, or a kept one in the same terms.

mod board;
mod correlate;
mod errors;
mod facts;
mod figures;
mod ghost;
mod ghost_menu;
mod heads;
mod lines;
mod log;
mod meaning;
mod outcome_lines;
mod phases;
mod resources;
mod response_lines;
mod ribbon;
mod sides;
mod sight;
mod steps;
mod stretch;
mod sureness;
mod thresholds;
mod tiles;
mod window_bar;

pub use board::zoom_bar_ui;
pub use ghost::beside;
pub use lines::{Place, RunLines, frame_group, over_time};
pub use response_lines::ResponseLines;
pub use stretch::TileWindow;

use egui::{Align, Layout, Ui};
use egui_material_icons::icons;

use self::board::Board;
use self::ghost::Ghost;
use self::ghost_menu::GhostMenu;
use self::phases::PhaseTable;
use self::resources::ResourcesView;
use self::ribbon::RibbonView;
use self::sight::{Sight, Source};
use self::stretch::Stretch;
use self::sureness::Sureness;
use super::{
    charts::{ChartGroup, Heatmap},
    command::{Command, Commands, View},
    search::{found_ui, standing_ui},
    state::{LoadedRun, RunState, Shelf, Workbench},
    theme::{self, space},
    widgets,
};
use crate::{analysis::load_facts, metrics::RunId};

/// From this height on, the ribbon stays in sight while charts and tables scroll.
const PINS_RIBBON_FROM: f32 = 900.0;
/// Reasons and caveats that are shown before more is asked for.
const N_FIRST_REASONS: usize = 2;

/// What the Run screen remembers between frames.
pub struct RunView {
    /// The kept run to show; none shows the run under way.
    pub shown: Option<RunId>,
    /// The run that charts were last drawn for.
    drawn: Option<RunId>,
    group: ChartGroup,
    page: Page,
    /// Chosen by the analyst, and remembered.
    pub response_lines: ResponseLines,
    /// Chosen by the analyst, and remembered.
    pub tile_window: TileWindow,
    stretch: Stretch,
    pub sureness: Sureness,
    pub ghost: Ghost,
    /// Of the data that `lines` were made from, which of them were chosen, and the ghost behind them.
    made_of: Option<(u64, ResponseLines, Option<RunId>)>,
    ribbon: RibbonView,
    note: String,
}

/// What the scrolling part of the screen remembers.
#[derive(Default)]
struct Page {
    lines: RunLines,
    /// How often `lines` were made.
    n_lines_made: u64,
    heatmap: Heatmap,
    phases: PhaseTable,
    resources: ResourcesView,
    limits: thresholds::LimitsTable,
    steps: steps::StepsTable,
    errors: errors::ErrorsView,
    log: log::LogView,
    /// Whether all reasons of the verdict are shown, or the first few.
    shows_all_reasons: bool,
    /// The same of what was found.
    shows_all_findings: bool,
    /// Whether what the run means is to be brought into sight.
    seeks_meaning: bool,
    /// Whether what the run means is shown; charts stay in sight until it is asked for.
    shows_meaning: bool,
    /// Whether the sides of an interleaved run are shown step by step.
    shows_sides_of_steps: bool,
}

impl Default for RunView {
    fn default() -> Self {
        Self {
            shown: None,
            drawn: None,
            group: ChartGroup::selecting(),
            page: Page::default(),
            response_lines: ResponseLines::default(),
            tile_window: TileWindow::default(),
            stretch: Stretch::default(),
            sureness: Sureness::default(),
            ghost: Ghost::default(),
            made_of: None,
            ribbon: RibbonView::default(),
            note: String::new(),
        }
    }
}

impl RunView {
    /// With what was chosen on earlier visits, as it was kept.
    pub fn with_choices(tile_window: Option<String>, response_lines: Option<String>) -> Self {
        Self {
            tile_window: tile_window.map_or_else(TileWindow::default, |name| TileWindow::named(&name)),
            response_lines: response_lines
                .map_or_else(ResponseLines::default, |text| ResponseLines::from_text(&text)),
            ..Self::default()
        }
    }

    /// Shows what a kept run means, at the top of what is in sight.
    pub fn show_meaning(&mut self) {
        (self.page.shows_meaning, self.page.seeks_meaning) = (true, true);
    }

    pub fn is_meaning_shown(&self) -> bool {
        self.page.shows_meaning
    }

    /// Makes the charts' series anew if the run has something new.
    fn renew(&mut self, sight: &Sight<'_>) {
        if self.drawn != Some(sight.run_id) {
            self.group.clear_selection();
        }
        match self.group.selection() {
            Some((from, to)) => self.stretch.select(from, to),
            None => self.stretch.clear(),
        }
        self.stretch.renew(sight, self.tile_window);
        self.ghost.renew(&sight.with_sums(self.stretch.sums()));
        let made_of = Some((sight.revision(), self.response_lines, self.ghost.run_id()));
        if self.made_of == made_of {
            return;
        }
        self.made_of = made_of;
        if self.drawn.replace(sight.run_id) != Some(sight.run_id) {
            self.group.reset();
        }
        self.page.lines = RunLines::new(sight.scenario, sight.points, self.response_lines);
        self.page.n_lines_made += 1;
        self.ghost.haunt(&mut self.page.lines, self.response_lines);
        let measured_secs = sight.points.last().map_or(0.0, |point| f64::from(point.second) + 1.0);
        frame_group(&mut self.group, sight.plan, sight.annotations, measured_secs);
    }
}

/// Draws the Run screen.
pub fn run_ui(
    ui: &mut Ui,
    view: &mut RunView,
    run_state: &RunState,
    bench: &Workbench,
    shelf: &Shelf,
    commands: &mut Commands,
) {
    if let Some(run_id) = view.shown {
        match (shelf.loaded(run_id), shelf.trouble(run_id)) {
            (Some(run), _) => {
                let is_busy = run_state.is_busy();
                let sight = Sight::kept(run);
                view.ghost.follow(&sight, shelf, commands);
                let menu = GhostMenu::new(&view.ghost, &sight, shelf);
                let head = |ui: &mut Ui, _: &mut String, commands: &mut Commands| {
                    heads::kept_head_ui(ui, run, is_busy, &menu, commands);
                };
                sight_ui(ui, view, &sight, commands, head);
            }
            (None, Some(trouble)) => trouble_ui(ui, run_id, trouble, commands),
            (None, None) => loading_ui(ui, run_id, commands),
        }
        return;
    }
    match run_state {
        RunState::Idle => idle_ui(ui, bench, commands),
        RunState::Starting(scenario) => {
            let words = format!("Setting up «{}»: target, library and engine", scenario.name);
            widgets::empty_state(ui, icons::ICON_MONITORING, "Starting", &words, |ui| ui.spinner());
        }
        RunState::Live(live) => {
            let now = &live.now;
            let sight = Sight::live(now);
            view.ghost.follow(&sight, shelf, commands);
            let menu = GhostMenu::new(&view.ghost, &sight, shelf);
            let head = |ui: &mut Ui, note: &mut String, commands: &mut Commands| {
                heads::live_head_ui(ui, now, note, &menu, commands);
            };
            sight_ui(ui, view, &sight, commands, head);
        }
    }
}

fn idle_ui(ui: &mut Ui, bench: &Workbench, commands: &mut Commands) {
    let words = "Press Start run to run the open scenario. Five numbers and all charts appear here \
                 while it runs; what is measured is kept second by second.";
    widgets::empty_state(ui, icons::ICON_MONITORING, "Nothing is running", words, |ui| {
        if bench.is_open() {
            if widgets::primary_button(ui, icons::ICON_PLAY_ARROW, "Start this scenario").clicked() {
                commands.push(Command::StartRun);
            }
        } else if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
        if widgets::link_button(ui, "Look at earlier runs").clicked() {
            commands.push(Command::Show(View::History));
        }
    });
}

/// Says that a run is being read, and asks for it.
pub fn loading_ui(ui: &mut Ui, run_id: RunId, commands: &mut Commands) {
    commands.push(Command::LoadRun(run_id));
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.3);
        ui.spinner();
        ui.label(theme::muted(ui, format!("Loading run {run_id}…")));
    });
}

/// Says why a run cannot be shown.
pub fn trouble_ui(ui: &mut Ui, run_id: RunId, trouble: &str, commands: &mut Commands) {
    let title = format!("Run {run_id} cannot be shown");
    widgets::empty_state(ui, icons::ICON_BLOCK, &title, trouble, |ui| {
        if widgets::link_button(ui, "Back to the list of runs").clicked() {
            commands.push(Command::Show(View::History));
        }
    });
}

/// Head, numbers and the bar of the window stay in place, the ribbon too where there is room; charts and tables scroll
/// below them.
fn sight_ui(
    ui: &mut Ui,
    view: &mut RunView,
    sight: &Sight<'_>,
    commands: &mut Commands,
    head: impl FnOnce(&mut Ui, &mut String, &mut Commands),
) {
    view.renew(sight);
    let RunView { group, stretch, sureness, ghost, tile_window, response_lines, page, ribbon, note, .. } =
        view;
    let sight = sight.with_sums(stretch.sums()).with_selection(stretch.selection());
    sureness.follow(&sight, !ui.input(|input| input.pointer.any_down()), commands);
    let sight = &sight.with_intervals(sureness.known());
    group.begin_frame();
    // The page below gives room to its scroll bar; the head lines up with it.
    let bar_width = ui.spacing().scroll.allocated_width();
    let right = (space::L + bar_width) as i8;
    let margin = egui::Margin { bottom: 0, right, ..egui::Margin::same(space::L as i8) };
    let is_ribbon_pinned = ui.available_height() >= PINS_RIBBON_FROM;
    let mut ribbon_card =
        |ui: &mut Ui, group: &mut ChartGroup, stretch: &Stretch, commands: &mut Commands| {
            widgets::card(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(theme::small(ui, ribbon::progress_words(sight)));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let facts = facts::fact_words(sight, stretch.selected());
                        ui.add(egui::Label::new(theme::small(ui, facts)).truncate());
                    });
                });
                ribbon::ribbon_ui(ui, ribbon, group, sight, commands);
            });
        };
    egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        head(ui, note, commands);
        tiles::tiles_ui(ui, sight, stretch);
        if is_ribbon_pinned {
            ribbon_card(ui, group, stretch, commands);
        }
        window_bar::bar_ui(ui, group, (sight, stretch), *tile_window, commands);
    });
    widgets::page(ui, "run", |ui| {
        if !is_ribbon_pinned {
            ribbon_card(ui, group, stretch, commands);
        }
        charts_ui(ui, page, group, (sight, *response_lines), commands);
        tables_ui(ui, page, group, (sight, stretch, ghost), commands);
    });
}

/// Why the verdict is what it is, and all charts.
fn charts_ui(
    ui: &mut Ui,
    page: &mut Page,
    group: &mut ChartGroup,
    (sight, chosen): (&Sight<'_>, ResponseLines),
    commands: &mut Commands,
) {
    if let Source::Kept(run) = sight.source {
        verdict_ui(ui, run, &mut page.shows_all_reasons, &mut page.shows_meaning);
        if let Some(outcome) = run.precise().and_then(|precise| precise.diagnosis.search.as_ref()) {
            widgets::where_seen(ui, "search card", |ui| found_ui(ui, outcome));
        }
        if page.shows_meaning {
            // Not before there is something to see.
            if page.seeks_meaning && run.precise().is_some() {
                page.seeks_meaning = false;
                ui.scroll_to_cursor(Some(Align::Min));
            }
            let shows_all = &mut page.shows_all_findings;
            widgets::where_seen(ui, "meaning card", |ui| {
                meaning::meaning_ui(ui, run, group, shows_all, commands)
            });
        }
        if let Some(sides) = &run.summary.interleaved {
            let shows_steps = &mut page.shows_sides_of_steps;
            widgets::where_seen(ui, "sides card", |ui| sides::sides_ui(ui, sides, shows_steps));
        }
    }
    if let Some(search) = sight.search {
        standing_ui(ui, search);
    }
    let board = Board { sight, lines: &page.lines, revision: page.n_lines_made, chosen };
    board.ui(ui, group, &mut page.heatmap, commands);
    page.resources.ui(ui, sight, group);
}

/// The tables below the charts.
fn tables_ui(
    ui: &mut Ui,
    page: &mut Page,
    group: &mut ChartGroup,
    (sight, stretch, ghost): (&Sight<'_>, &Stretch, &Ghost),
    commands: &mut Commands,
) {
    let window = match (stretch.words(), sight.source) {
        (Some(selected), _) => selected,
        (None, Source::Live(_)) => "run so far".to_owned(),
        (None, Source::Kept(run)) => run.digest.window.clone(),
    };
    widgets::where_seen(ui, "thresholds card", |ui| {
        widgets::card(ui, |ui| {
            widgets::section_with(ui, "Thresholds", |ui| {
                ui.label(theme::small(ui, "each in its own window"))
            });
            thresholds::thresholds_ui(ui, sight, &mut page.limits, commands);
        });
    });
    widgets::where_seen(ui, "steps card", |ui| {
        widgets::card(ui, |ui| {
            widgets::section_with(ui, "Steps", |ui| ui.label(theme::small(ui, &window)));
            steps::steps_ui(ui, sight, ghost.changes(), &mut page.steps);
        });
    });
    if !page.lines.phases.is_empty() {
        widgets::where_seen(ui, "phases card", |ui| page.phases.ui(ui, sight, &window));
    }
    widgets::where_seen(ui, "errors card", |ui| {
        widgets::card(ui, |ui| {
            let window = if errors::counts_selection(sight) { &window } else { "whole run" };
            widgets::section_with(ui, "Errors", |ui| ui.label(theme::small(ui, window)));
            errors::errors_ui(ui, sight, &mut page.errors);
        });
    });
    widgets::where_seen(ui, "log card", |ui| {
        widgets::card(ui, |ui| log::log_ui(ui, sight, group, &mut page.log));
    });
    if let Source::Kept(run) = sight.source {
        widgets::where_seen(ui, "load card", |ui| {
            widgets::card(ui, |ui| {
                widgets::section_with(ui, "How the load was made", |ui| {
                    ui.label(theme::small(ui, "whole run"))
                });
                widgets::key_values(ui, "load facts", &load_facts(&run.record, &run.summary));
            });
        });
    }
}

/// Why the verdict is what it is, and what weakens the numbers: the first few, so that charts stay in sight.
fn verdict_ui(ui: &mut Ui, run: &LoadedRun, shows_all: &mut bool, shows_meaning: &mut bool) {
    let colors = theme::colors(ui);
    let is_said = |text: &str| run.summary.reasons.iter().any(|reason| reason.contains(text));
    let caveats = run.summary.caveats.iter().map(|caveat| &caveat.text).filter(|text| !is_said(text));
    let reasons = run.summary.reasons.iter().map(|reason| (reason, colors.text));
    let said: Vec<_> = reasons.chain(caveats.map(|text| (text, colors.muted))).collect();
    let n_more = said.len().saturating_sub(N_FIRST_REASONS);
    widgets::card(ui, |ui| {
        widgets::section_with(ui, "Verdict", |ui| {
            let label = if *shows_all { "Show fewer".to_owned() } else { format!("Show all {}", said.len()) };
            let meaning = meaning::toggle_words(run, *shows_meaning);
            if let Some(words) = meaning
                && widgets::button(ui, icons::ICON_LIGHTBULB, &words).clicked()
            {
                *shows_meaning = !*shows_meaning;
            }
            if n_more > 0 && widgets::link_button(ui, &label).clicked() {
                *shows_all = !*shows_all;
            }
        });
        let n_shown = if *shows_all { said.len() } else { N_FIRST_REASONS };
        for (text, color) in said.into_iter().take(n_shown) {
            ui.add(egui::Label::new(egui::RichText::new(text).color(color)).wrap());
        }
    });
}
