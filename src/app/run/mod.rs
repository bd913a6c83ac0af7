//! The Run screen: a run under way, or a kept one in the same terms.

mod errors;
mod facts;
mod lines;
mod phases;
mod ribbon;
mod sight;
mod steps;
mod stretch;
mod tiles;

pub use lines::{Place, RunLines, frame_group, over_time};

use egui::{Align, Key, Layout, Ui};
use egui_material_icons::icons;

use self::ribbon::RibbonView;
use self::sight::{Sight, Source};
use self::stretch::Stretch;
use super::{
    charts::{Chart, ChartGroup, ChartUnit, Series, chart_ui},
    command::{Command, Commands, View},
    state::{LiveNow, LoadedRun, RunState, Shelf, Workbench},
    theme::{self, Weight, size, space},
    widgets::{self, table::Sorting},
};
use crate::{
    analysis::load_facts,
    humanize,
    metrics::{Finish, RunId},
};

/// From this width on, charts stand in two columns.
const TWO_COLUMNS_FROM: f32 = 900.0;
const NOTE_FIELD: &str = "Note at this moment";

/// What the Run screen remembers between frames.
pub struct RunView {
    /// The kept run to show; none shows the run under way.
    pub shown: Option<RunId>,
    /// The run that charts were last drawn for.
    drawn: Option<RunId>,
    group: ChartGroup,
    lines: RunLines,
    stretch: Stretch,
    /// Of the data that `lines` were made from.
    revision: Option<u64>,
    sorting: Option<Sorting<steps::StepColumn>>,
    ribbon: RibbonView,
    note: String,
}

impl Default for RunView {
    fn default() -> Self {
        Self {
            shown: None,
            drawn: None,
            group: ChartGroup::selecting(),
            lines: RunLines::default(),
            stretch: Stretch::default(),
            revision: None,
            sorting: None,
            ribbon: RibbonView::default(),
            note: String::new(),
        }
    }
}

impl RunView {
    /// Makes the charts' series anew if the run has something new.
    fn renew(&mut self, sight: &Sight<'_>) {
        if self.drawn != Some(sight.run_id) {
            self.group.clear_selection();
        }
        match self.group.selection() {
            Some((from, to)) => self.stretch.select(from, to),
            None => self.stretch.clear(),
        }
        self.stretch.renew(sight);
        let revision = sight.revision();
        if self.revision == Some(revision) {
            return;
        }
        self.revision = Some(revision);
        if self.drawn.replace(sight.run_id) != Some(sight.run_id) {
            self.group.reset();
        }
        self.lines = RunLines::new(sight.scenario, sight.points);
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
                sight_ui(ui, view, &Sight::kept(run), commands, |ui, _, commands| {
                    kept_head_ui(ui, run, is_busy, commands)
                });
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
            sight_ui(ui, view, &Sight::live(now), commands, |ui, note, commands| {
                live_head_ui(ui, now, note, commands)
            });
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

/// Head, numbers and ribbon stay in place; charts and tables scroll below them.
fn sight_ui(
    ui: &mut Ui,
    view: &mut RunView,
    sight: &Sight<'_>,
    commands: &mut Commands,
    head: impl FnOnce(&mut Ui, &mut String, &mut Commands),
) {
    view.renew(sight);
    let RunView { group, lines, revision, stretch, sorting, ribbon, note, .. } = view;
    let sight = &sight.with_sums(stretch.sums());
    group.begin_frame();
    // The page below gives room to its scroll bar; the head lines up with it.
    let bar_width = ui.spacing().scroll.allocated_width();
    let right = (space::L + bar_width) as i8;
    let margin = egui::Margin { bottom: 0, right, ..egui::Margin::same(space::L as i8) };
    egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        head(ui, note, commands);
        tiles::tiles_ui(ui, sight);
        widgets::card(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::small(ui, ribbon::progress_words(sight)));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add(egui::Label::new(theme::small(ui, facts::fact_words(sight))).truncate());
                });
            });
            ribbon::ribbon_ui(ui, ribbon, group, sight, commands);
        });
    });
    widgets::page(ui, "run", |ui| {
        if let Source::Kept(run) = sight.source {
            findings_ui(ui, run);
        }
        charts_ui(ui, group, lines, revision.unwrap_or(0));
        widgets::card(ui, |ui| {
            let selected = stretch.words();
            let window = match (&selected, sight.source) {
                (Some(selected), _) => selected,
                (None, Source::Live(_)) => "run so far",
                (None, Source::Kept(run)) => &run.digest.window,
            };
            widgets::section_with(ui, "Steps", |ui| ui.label(theme::small(ui, window)));
            steps::steps_ui(ui, sight, sorting);
        });
        if let Source::Kept(run) = sight.source {
            phases::phases_ui(ui, run);
        }
        widgets::card(ui, |ui| {
            widgets::section_with(ui, "Errors", |ui| ui.label(theme::small(ui, "whole run")));
            errors::errors_ui(ui, sight);
        });
        widgets::card(ui, |ui| {
            widgets::section(ui, "Notes and events");
            errors::notes_ui(ui, sight);
        });
        if let Source::Kept(run) = sight.source {
            widgets::card(ui, |ui| {
                widgets::section_with(ui, "How the load was made", |ui| {
                    ui.label(theme::small(ui, "whole run"))
                });
                widgets::key_values(ui, "load facts", &load_facts(&run.record, &run.summary));
            });
        }
    });
}

/// Name of the run under way, and the field for a note.
fn live_head_ui(ui: &mut Ui, now: &LiveNow, note: &mut String, commands: &mut Commands) {
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        ui.label(theme::text(format!("Run {}", now.run_id), size::HEADING, Weight::SemiBold));
        match now.snapshot.paused_since() {
            Some(since) => {
                let words = format!("PAUSED since {}", humanize::clock(since));
                widgets::badge(ui, &words, colors.warn, colors.warn_soft)
                    .on_hover_text("Nothing is sent until the load is resumed; connections are kept, and no response time holds the pause");
            }
            None => _ = widgets::badge(ui, "UNDER WAY", colors.info, colors.info_soft),
        }
        if let Some(trouble) = &now.snapshot.journal_trouble {
            widgets::badge(ui, "NOT KEPT", colors.fail, colors.fail_soft).on_hover_text(trouble);
            ui.add(egui::Label::new(egui::RichText::new(trouble).color(colors.fail)).truncate());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let can_add = !note.trim().is_empty();
            let button = ui
                .add_enabled_ui(can_add, |ui| widgets::button(ui, icons::ICON_ADD_COMMENT, "Add note"))
                .inner
                .on_disabled_hover_text("Write the note first (key N)");
            let wants_note = !ui.ctx().text_edit_focused()
                && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::N));
            let field = widgets::hinted_field(ui, NOTE_FIELD, note, 240.0);
            if wants_note {
                field.request_focus();
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if can_add && (entered || button.clicked()) {
                commands.push(Command::Annotate(std::mem::take(note).trim().to_owned()));
            }
        });
    });
}

/// Name, verdict and end of a kept run, and where to go from it.
fn kept_head_ui(ui: &mut Ui, run: &LoadedRun, is_busy: bool, commands: &mut Commands) {
    let run_id = run.record.run_id;
    let start = &run.record.start;
    ui.horizontal(|ui| {
        ui.label(theme::text(format!("Run {run_id}"), size::HEADING, Weight::SemiBold));
        widgets::verdict_pill(ui, run.summary.verdict);
        finish_badge_ui(ui, run.record.end.finish);
        let name = &start.scenario.name;
        let words = format!("{name}  ·  {}", humanize::moment(start.started_at_unix_millis));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::button(ui, icons::ICON_DESCRIPTION, "Report").clicked() {
                commands.push(Command::ShowReport(run_id));
            }
            if is_busy && widgets::button(ui, icons::ICON_MONITORING, "Back to the run under way").clicked() {
                commands.push(Command::ShowLiveRun);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(theme::muted(ui, words)).truncate());
            });
        });
    });
}

/// How a run ended, unless it ended by its plan.
pub fn finish_badge_ui(ui: &mut Ui, finish: Finish) {
    let colors = theme::colors(ui);
    let (word, color, ground) = match finish {
        Finish::Completed => return,
        Finish::Running => ("RUNNING", colors.info, colors.info_soft),
        Finish::Stopped => ("STOPPED", colors.warn, colors.warn_soft),
        Finish::Aborted => ("ABORTED", colors.warn, colors.warn_soft),
        Finish::Breached => ("ENDED BY THRESHOLD", colors.warn, colors.warn_soft),
        Finish::Interrupted => ("INTERRUPTED", colors.fail, colors.fail_soft),
    };
    widgets::badge(ui, word, color, ground);
}

/// Why the verdict is what it is, and what weakens the numbers.
fn findings_ui(ui: &mut Ui, run: &LoadedRun) {
    let colors = theme::colors(ui);
    widgets::card(ui, |ui| {
        widgets::section(ui, "Verdict");
        for reason in &run.summary.reasons {
            ui.add(egui::Label::new(reason).wrap());
        }
        let is_said = |text: &str| run.summary.reasons.iter().any(|reason| reason.contains(text));
        for caveat in run.summary.caveats.iter().filter(|caveat| !is_said(&caveat.text)) {
            let text = egui::RichText::new(&caveat.text).color(colors.muted);
            ui.add(egui::Label::new(text).wrap());
        }
    });
}

fn charts_ui(ui: &mut Ui, group: &mut ChartGroup, lines: &RunLines, revision: u64) {
    let nothing_yet = "Nothing measured yet";
    let chart = |id, title, unit, series, empty_text| Chart {
        id,
        title,
        unit,
        series,
        targets: &[],
        revision,
        empty_text,
    };
    let rate: &[Series] = &lines.rate;
    let charts = [
        chart("rate", "Requests per second", ChartUnit::PerSecond, rate, nothing_yet),
        Chart {
            targets: &lines.latency_targets,
            ..chart(
                "latency",
                "Response time",
                ChartUnit::Seconds,
                &lines.latency,
                "No successful request yet",
            )
        },
        chart("load", "Users and requests in flight", ChartUnit::Count, &lines.load, nothing_yet),
        chart("errors", "Errors in each second", ChartUnit::Count, &lines.errors, "No errors"),
        chart("lag", "Generator: start lag", ChartUnit::Seconds, &lines.lag, "No start lag measured"),
        chart("cpu", "Generator: processor", ChartUnit::Ratio, &lines.cpu, "The processor was not read"),
    ];
    if group.is_zoomed() {
        zoom_bar_ui(ui, group);
    }
    let n_columns = if ui.available_width() >= TWO_COLUMNS_FROM { 2 } else { 1 };
    for row in charts.chunks(n_columns) {
        ui.columns(n_columns, |columns| {
            for (ui, chart) in columns.iter_mut().zip(row) {
                widgets::card(ui, |ui| chart_ui(ui, group, chart));
            }
        });
    }
}

/// Which stretch is shown, and the way back to all of it.
pub fn zoom_bar_ui(ui: &mut Ui, group: &mut ChartGroup) {
    let range = group.range();
    let clock = |secs: f64| humanize::clock(std::time::Duration::from_secs_f64(secs));
    ui.horizontal(|ui| {
        ui.label(theme::muted(
            ui,
            format!("Charts show {} to {}", clock(*range.start()), clock(*range.end())),
        ));
        if widgets::link_button(ui, "Show all").clicked() {
            group.reset_zoom();
        }
    });
}
