//! The run's thresholds, live and kept: what each is about, how it stands, by how much, and what would end the run.

use std::time::Duration;

use egui::{Align, Color32, Layout, Ui};
use egui_extras::{Column, TableBuilder};
use egui_material_icons::{MaterialIcon, icons};

use super::sight::{ShownKey, Sight, Source};
use crate::analysis::{
    Margin, Reading, ThresholdVerdict, capitalized, limit_words, metric_words, scope_words, shortest_timeout,
    window_words,
};
use crate::app::{
    command::{Command, Commands},
    theme::{self, Colors, Weight, size, space},
    widgets::{
        self,
        table::{self, ColumnPlan, HEAD_HEIGHT},
    },
};
use crate::humanize::{self, MISSING};
use crate::metrics::{Finish, ThresholdLive, ThresholdState, WindowSums};
use crate::model::{Threshold, ThresholdSeverity};

const ROW_HEIGHT: f32 = 40.0;
/// The least that a threshold in words gets.
const SUBJECT_WIDTH: f32 = 230.0;

/// A column after the threshold's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LimitColumn {
    State,
    Limit,
    Now,
    Selected,
    Margin,
    MissedFor,
    Ends,
}

const COLUMNS: [ColumnPlan<LimitColumn>; 7] = [
    ColumnPlan::new(
        LimitColumn::State,
        "State",
        128.0,
        0,
        "Whether the limit is kept by all that was measured in its window",
    ),
    ColumnPlan::new(LimitColumn::Limit, "Limit", 86.0, 0, "The most, or the least, that is allowed"),
    ColumnPlan::new(
        LimitColumn::Now,
        "So far",
        78.0,
        0,
        "By all that was measured in the threshold's window",
    ),
    ColumnPlan::new(
        LimitColumn::Selected,
        "In selection",
        86.0,
        0,
        "By the requests that ended within the selected stretch, whatever their stage",
    ),
    ColumnPlan::new(
        LimitColumn::Margin,
        "Margin",
        176.0,
        1,
        "How far the value is from the limit, and as a share of the limit",
    ),
    ColumnPlan::new(
        LimitColumn::MissedFor,
        "Missed for",
        84.0,
        3,
        "How long the limit was missed in all, pauses left out",
    ),
    ColumnPlan::new(
        LimitColumn::Ends,
        "Ends the run",
        126.0,
        2,
        "Thresholds with «abort after» end the run once they were missed that long without a break",
    ),
];

/// One threshold in words.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRow {
    /// `P95 response time of the run`.
    pub subject: String,
    /// Window and severity.
    pub detail: String,
    pub state: ThresholdState,
    pub severity: ThresholdSeverity,
    pub state_words: &'static str,
    pub limit: String,
    pub now: String,
    /// By the selected stretch alone; none without one.
    pub selected: Option<String>,
    pub margin: String,
    /// Empty where nobody kept it.
    pub missed_for: String,
    pub ends: String,
    /// Whether the run is about to be ended.
    pub is_ending: bool,
}

/// The table with what it remembers between frames.
#[derive(Default)]
pub struct LimitsTable {
    shown: Option<(ShownKey, Vec<LimitRow>)>,
}

/// How a threshold stands, live or kept.
struct Standing {
    state: ThresholdState,
    actual: Option<f64>,
    is_censored: bool,
    patience: Option<Duration>,
    live: Option<ThresholdLive>,
}

/// Every threshold of the run, in the order of the scenario.
pub fn limit_rows(sight: &Sight<'_>) -> Vec<LimitRow> {
    let thresholds = sight.scenario.thresholds.iter().enumerate();
    thresholds.map(|(index, threshold)| limit_row(sight, threshold, &standing(sight, index))).collect()
}

fn standing(sight: &Sight<'_>, index: usize) -> Standing {
    match sight.source {
        Source::Live(snapshot) => {
            let live = snapshot.thresholds.get(index).cloned();
            Standing {
                state: live.as_ref().map_or(ThresholdState::NoData, |live| live.state),
                actual: live.as_ref().and_then(|live| live.actual),
                is_censored: live.as_ref().is_some_and(|live| live.is_censored),
                patience: live.as_ref().and_then(|live| live.patience),
                live,
            }
        }
        Source::Kept(run) => {
            let result = run.summary.thresholds.get(index);
            let start = &run.record.start;
            Standing {
                state: match result.map(|result| result.verdict) {
                    Some(ThresholdVerdict::Pass) => ThresholdState::Met,
                    Some(ThresholdVerdict::Fail) => ThresholdState::Missed,
                    Some(ThresholdVerdict::NotEnoughData) | None => ThresholdState::NoData,
                },
                actual: result.and_then(|result| result.actual),
                is_censored: result.is_some_and(|result| result.is_censored),
                patience: sight.scenario.thresholds[index]
                    .abort_after
                    .map(|after| after.mul_f64(start.time_scale)),
                live: None,
            }
        }
    }
}

fn limit_row(sight: &Sight<'_>, threshold: &Threshold, standing: &Standing) -> LimitRow {
    let metric = threshold.metric;
    let reading = standing.actual.map(|value| Reading { metric, value, is_censored: standing.is_censored });
    let is_known = standing.state != ThresholdState::NoData;
    let margin = reading.filter(|_| is_known).map(|reading| Margin::of(reading, threshold.limit).text());
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| MISSING.to_owned());
    let selected = sight.sums.filter(|_| sight.selection.is_some());
    let missed_for = standing.live.as_ref().map(|live| live.missed_for);
    let ends_in = standing.live.as_ref().and_then(|live| live.ends_in);
    LimitRow {
        subject: format!("{} of {}", capitalized(&metric_words(metric)), scope_words(&threshold.scope)),
        detail: format!(
            "{} · {}",
            severity_words(threshold.severity),
            window_words(&threshold.window, sight.plan)
        ),
        state: standing.state,
        severity: threshold.severity,
        state_words: state_words(standing.state, sight.is_live(), standing.actual.is_some()),
        limit: limit_words(metric, threshold.limit),
        now: or_missing(reading.map(|reading| reading.text())),
        selected: selected.map(|sums| or_missing(selected_text(sight, threshold, sums))),
        margin: or_missing(margin),
        missed_for: or_missing(missed_for.filter(|time| !time.is_zero()).map(humanize::span)),
        ends: ends_words(sight, standing.patience, ends_in),
        is_ending: ends_in.is_some(),
    }
}

/// The metric of what ended within the selected stretch.
fn selected_text(sight: &Sight<'_>, threshold: &Threshold, sums: &WindowSums) -> Option<String> {
    let covered = sight.scenario.covered_steps(&threshold.scope);
    let stats = sums.of_steps(|step| covered.get(step) == Some(&true));
    let timeout = shortest_timeout(sight.scenario);
    Reading::of(&sums.aggregate(stats), threshold.metric, timeout).map(|reading| reading.text())
}

fn state_words(state: ThresholdState, is_live: bool, is_measured: bool) -> &'static str {
    match (state, is_live, is_measured) {
        (ThresholdState::Met, true, _) => "Met so far",
        (ThresholdState::Met, false, _) => "Met",
        (ThresholdState::Missed, ..) => "Missed",
        (ThresholdState::NoData, _, true) => "Too few requests",
        (ThresholdState::NoData, true, false) => "Nothing yet",
        (ThresholdState::NoData, false, false) => "Nothing measured",
    }
}

fn severity_words(severity: ThresholdSeverity) -> &'static str {
    match severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "for information",
    }
}

/// What a miss does to the run.
fn ends_words(sight: &Sight<'_>, patience: Option<Duration>, ends_in: Option<Duration>) -> String {
    let Some(patience) = patience else { return "never".to_owned() };
    match (sight.source, ends_in) {
        (Source::Live(_), Some(left)) if left.is_zero() => "ends it now".to_owned(),
        (Source::Live(_), Some(left)) => format!("in {}", humanize::span(left)),
        _ => format!("after {}", humanize::span(patience)),
    }
}

/// Draws the table, or says what thresholds are good for.
pub fn thresholds_ui(ui: &mut Ui, sight: &Sight<'_>, table: &mut LimitsTable, commands: &mut Commands) {
    if sight.scenario.thresholds.is_empty() {
        return empty_ui(ui, sight, commands);
    }
    let key = sight.shown_key();
    let shown = match table.shown.take() {
        Some((of, rows)) if of == key => rows,
        _ => limit_rows(sight),
    };
    table_ui(ui, sight, &shown);
    table.shown = Some((key, shown));
}

fn empty_ui(ui: &mut Ui, sight: &Sight<'_>, commands: &mut Commands) {
    let words = if sight.is_live() {
        "This run has no targets, so it will carry no verdict of its own. Set limits such as «p95 ≤ 200 ms» or \
         «error share ≤ 1 %» on the Design screen, or derive them from a kept run; one with «abort after» ends a \
         run that is beyond saving."
    } else {
        "This run had no targets. Set limits such as «p95 ≤ 200 ms» or «error share ≤ 1 %» on the Design screen, \
         or derive them from this run."
    };
    ui.add(egui::Label::new(theme::muted(ui, words)).wrap());
    if widgets::link_button(ui, "Set targets").clicked() {
        commands.push(Command::ShowProblem("thresholds".to_owned()));
    }
}

fn table_ui(ui: &mut Ui, sight: &Sight<'_>, rows: &[LimitRow]) {
    let is_shown = |plan: &ColumnPlan<LimitColumn>| match plan.column {
        LimitColumn::Selected => rows.iter().any(|row| row.selected.is_some()),
        LimitColumn::MissedFor => sight.is_live(),
        _ => true,
    };
    let available: Vec<_> = COLUMNS.into_iter().filter(is_shown).collect();
    let columns = table::fitting(&available, SUBJECT_WIDTH, ui.available_width());
    let least_width = SUBJECT_WIDTH + table::total_width(&columns);
    egui::ScrollArea::horizontal().id_salt("thresholds").show(ui, |ui| {
        ui.set_min_width(least_width);
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        let mut builder = TableBuilder::new(ui)
            .id_salt(("thresholds", columns.len()))
            .striped(false)
            .vscroll(false)
            .cell_layout(Layout::left_to_right(Align::Center))
            .column(Column::remainder().at_least(SUBJECT_WIDTH).clip(true));
        for plan in &columns {
            builder = builder.column(Column::exact(plan.width));
        }
        let drawn = builder.header(HEAD_HEIGHT, |mut head| {
            head.col(|ui| table::head(ui, "Threshold", false));
            for plan in &columns {
                let label = head_label(plan, sight);
                head.col(|ui| {
                    let is_number = plan.column != LimitColumn::State;
                    table::hinted_head(ui, label, plan.hint, is_number);
                });
            }
        });
        drawn.body(|body| {
            body.rows(ROW_HEIGHT, rows.len(), |mut line| {
                let row = &rows[line.index()];
                line.set_overline(line.index() > 0);
                line.col(|ui| subject_ui(ui, row));
                for plan in &columns {
                    line.col(|ui| cell_ui(ui, row, plan.column));
                }
            });
        });
    });
}

fn head_label(plan: &ColumnPlan<LimitColumn>, sight: &Sight<'_>) -> &'static str {
    match plan.column {
        LimitColumn::Now if !sight.is_live() => "Measured",
        LimitColumn::Ends if is_breached(sight) => "Ended the run",
        _ => plan.label,
    }
}

fn is_breached(sight: &Sight<'_>) -> bool {
    matches!(sight.source, Source::Kept(run) if run.record.end.finish == Finish::Breached)
}

fn subject_ui(ui: &mut Ui, row: &LimitRow) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.add_space(3.0);
        ui.add(egui::Label::new(theme::text(&row.subject, size::BODY, Weight::Medium)).truncate());
        ui.add(egui::Label::new(theme::small(ui, &row.detail)).truncate());
    });
}

fn cell_ui(ui: &mut Ui, row: &LimitRow, column: LimitColumn) {
    let colors = theme::colors(ui);
    let (icon, color) = state_look(row, colors);
    let is_missed = row.state == ThresholdState::Missed;
    let text = match column {
        LimitColumn::State => return state_ui(ui, row.state_words, icon, color),
        LimitColumn::Limit => &row.limit,
        LimitColumn::Now => &row.now,
        LimitColumn::Selected => row.selected.as_deref().unwrap_or(MISSING),
        LimitColumn::Margin => &row.margin,
        LimitColumn::MissedFor => &row.missed_for,
        LimitColumn::Ends => &row.ends,
    };
    let is_strong = column == LimitColumn::Now || column == LimitColumn::Ends && row.is_ending;
    let color = match column {
        LimitColumn::Now | LimitColumn::Margin if is_missed => color,
        LimitColumn::Ends if row.is_ending => colors.fail,
        LimitColumn::Ends => colors.muted,
        _ => colors.text,
    };
    let weight = if is_strong { Weight::SemiBold } else { Weight::Regular };
    let text = theme::text(text, size::BODY, weight).color(color);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        // Bold letters are cut at the very edge.
        ui.add_space(1.0);
        ui.add(egui::Label::new(text).extend());
    });
}

/// Icon, word and colour say the same.
fn state_ui(ui: &mut Ui, words: &str, icon: MaterialIcon, color: Color32) {
    ui.spacing_mut().item_spacing.x = space::XS;
    ui.label(egui::RichText::new(icon.codepoint).font(theme::icon_font(17.0)).color(color));
    ui.add(egui::Label::new(theme::text(words, size::BODY, Weight::Medium).color(color)).extend());
}

fn state_look(row: &LimitRow, colors: &Colors) -> (MaterialIcon, Color32) {
    match (row.state, row.severity) {
        (ThresholdState::Met, _) => (icons::ICON_CHECK_CIRCLE, colors.ok),
        (ThresholdState::Missed, ThresholdSeverity::Must) => (icons::ICON_CANCEL, colors.fail),
        (ThresholdState::Missed, ThresholdSeverity::Should) => (icons::ICON_WARNING, colors.warn),
        (ThresholdState::Missed, ThresholdSeverity::Info) => (icons::ICON_INFO, colors.info),
        (ThresholdState::NoData, _) => (icons::ICON_PENDING, colors.muted),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::sample;
    use crate::app::state::{LiveNow, LoadedRun};
    use crate::metrics::{LiveSnapshot, Phase, RunId};
    use crate::model::{Metric, Plan, Scenario, Scope, Window};

    const P95: Metric = Metric::Quantile(0.95);

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn scenario() -> Scenario {
        let mut scenario = sample::scenario();
        let must = sample::must(P95, 0.05);
        scenario.thresholds = vec![
            Threshold { abort_after: Some(secs(10)), ..must.clone() },
            Threshold { limit: 0.1, severity: ThresholdSeverity::Should, ..must.clone() },
            Threshold { scope: Scope::Service("auth".to_owned()), window: Window::Run, ..must },
        ];
        scenario
    }

    fn live(threshold: ThresholdLive) -> LiveNow {
        let scenario = Arc::new(scenario());
        let plan = Arc::new(Plan::new(&scenario, 1.0));
        let snapshot = LiveSnapshot {
            phase: Phase::Running,
            finish: None,
            elapsed: secs(14),
            plan,
            stage: 1,
            history: Arc::default(),
            past: Arc::default(),
            recent: Arc::default(),
            thresholds: Arc::new(vec![threshold]),
            error_groups: Arc::default(),
            annotations: Arc::default(),
            plan_changes: Arc::default(),
            n_requests: 0,
            n_errors: 0,
            n_started: 0,
            n_dropped: 0,
            n_users: 0,
            n_in_flight: 0,
            journal_trouble: None,
        };
        LiveNow::new(RunId(1), scenario, Arc::new(snapshot))
    }

    #[test]
    fn a_live_threshold_says_how_it_stands_and_what_would_end_the_run() {
        let met = ThresholdLive {
            threshold: 0,
            actual: Some(0.0312),
            is_censored: false,
            state: ThresholdState::Met,
            missed_since: None,
            missed_for: secs(2),
            patience: Some(secs(10)),
            ends_in: None,
        };
        let now = live(met.clone());
        let rows = limit_rows(&Sight::live(&now));
        let row = &rows[0];
        assert_eq!(row.subject, "P95 response time of the run");
        assert_eq!(row.detail, "must · steady stages, warm-up left out");
        assert_eq!([row.limit.as_str(), &row.now, row.state_words], ["≤ 50 ms", "31.2 ms", "Met so far"]);
        assert_eq!((row.margin.as_str(), row.missed_for.as_str()), ("18.8 ms to spare (37.6 %)", "2 s"));
        assert_eq!((row.ends.as_str(), row.is_ending, row.selected.clone()), ("after 10 s", false, None));
        // The others have not been looked at yet.
        assert_eq!(
            (rows[1].state_words, rows[1].now.as_str(), rows[1].ends.as_str()),
            ("Nothing yet", "–", "never")
        );
        let missed = ThresholdLive {
            actual: Some(30.0),
            is_censored: true,
            state: ThresholdState::Missed,
            missed_since: Some(secs(11)),
            ends_in: Some(secs(7)),
            ..met
        };
        let now = live(missed);
        let row = &limit_rows(&Sight::live(&now))[0];
        assert_eq!((row.state_words, row.now.as_str(), row.ends.as_str()), ("Missed", "> 30.0 s", "in 7 s"));
        assert!(row.is_ending && row.margin.ends_with(" over (600 × limit)"), "{}", row.margin);
    }

    #[test]
    fn a_kept_run_shows_the_summarys_verdicts_and_a_selection_its_own_value() {
        let run = LoadedRun::new(sample::record(scenario())).unwrap();
        let rows = limit_rows(&Sight::kept(&run));
        let of = |row: &LimitRow| (row.state, row.now.clone());
        for (row, result) in rows.iter().zip(&run.summary.thresholds) {
            assert_eq!(row.now, result.reading().unwrap().text());
            assert_eq!((row.state == ThresholdState::Met), (result.verdict == ThresholdVerdict::Pass));
        }
        assert_eq!(of(&rows[0]), (ThresholdState::Missed, "74.0 ms".to_owned()));
        assert_eq!((rows[1].state_words, rows[0].ends.as_str()), ("Met", "after 10 s"));
        let sums = run.history.sums(12..14).unwrap();
        let selecting = Sight::kept(&run).with_sums(Some(&sums)).with_selection(Some((12, 14)));
        let auth = sums.steps[1].response_time.quantile(0.95).map(humanize::latency);
        assert_eq!(limit_rows(&selecting)[2].selected, auth);
    }
}
