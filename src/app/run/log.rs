//! The log of a run: what happened and what was noted, in order of time; each entry leads to its place on the charts.

use std::time::Duration;

use egui::{Color32, Label, Sense, Ui, WidgetInfo};
use egui_material_icons::{MaterialIcon, icons};

use super::sight::Sight;
use crate::app::{
    charts::ChartGroup,
    theme::{self, Colors, Weight, size, space},
    widgets,
};
use crate::humanize;
use crate::metrics::Annotation;
use crate::model::{PlanChange, PlanChangeKind};

/// How much of the run before and after an entry its click selects, in seconds.
const AROUND_SECS: f64 = 5.0;
/// The log scrolls on its own from this height on.
const MAX_HEIGHT: f32 = 320.0;

/// What the log remembers between frames.
#[derive(Default)]
pub struct LogView {
    notes_only: bool,
}

/// What an entry of the log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    Paused,
    Resumed,
    Skipped,
    Extended,
    Edited,
    Stopped,
    Aborted,
    /// A threshold ended the run.
    Breached,
    /// The analyst's words, or the engine's about something rare.
    Note,
}

impl LogKind {
    /// What an entry tells of: the change of the plan at its very moment, the run's end, or else a note.
    // Of how a run ended only the words are kept. A note in just these words shows with their icon.
    pub fn of(entry: &Annotation, changes: &[PlanChange]) -> Self {
        if let Some(change) = changes.iter().find(|change| change.at == entry.at) {
            return Self::of_change(&change.kind);
        }
        let is_breach =
            entry.text.contains(" missed its limit for ") && entry.text.contains("without a break");
        match entry.text.as_str() {
            "Stopped" => Self::Stopped,
            "Aborted" => Self::Aborted,
            _ if is_breach => Self::Breached,
            _ => Self::Note,
        }
    }

    fn of_change(kind: &PlanChangeKind) -> Self {
        match kind {
            PlanChangeKind::Pause => Self::Paused,
            PlanChangeKind::Resume => Self::Resumed,
            PlanChangeKind::SkipStage => Self::Skipped,
            PlanChangeKind::ExtendStage(_) => Self::Extended,
            PlanChangeKind::ReplaceFuture(_) | PlanChangeKind::Redraw { .. } => Self::Edited,
        }
    }

    fn look(self, colors: &Colors) -> (MaterialIcon, Color32) {
        match self {
            Self::Paused => (icons::ICON_PAUSE, colors.warn),
            Self::Resumed => (icons::ICON_PLAY_ARROW, colors.ok),
            Self::Skipped => (icons::ICON_SKIP_NEXT, colors.info),
            Self::Extended => (icons::ICON_MORE_TIME, colors.info),
            Self::Edited => (icons::ICON_SHOW_CHART, colors.info),
            Self::Stopped => (icons::ICON_STOP, colors.warn),
            Self::Aborted => (icons::ICON_CANCEL, colors.warn),
            Self::Breached => (icons::ICON_GPP_BAD, colors.fail),
            Self::Note => (icons::ICON_STICKY_NOTE_2, colors.accent_text),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Paused => "Paused",
            Self::Resumed => "Resumed",
            Self::Skipped => "Stage skipped",
            Self::Extended => "Stage extended",
            Self::Edited => "Future edited",
            Self::Stopped => "Stopped",
            Self::Aborted => "Aborted",
            Self::Breached => "Ended by threshold",
            Self::Note => "Note",
        }
    }
}

/// The entries in order of time.
fn entries<'a>(
    annotations: &'a [Annotation],
    changes: &[PlanChange],
    notes_only: bool,
) -> Vec<(LogKind, &'a Annotation)> {
    let with_kind = annotations.iter().map(|entry| (LogKind::of(entry, changes), entry));
    let mut entries: Vec<_> = with_kind.filter(|(kind, _)| !notes_only || *kind == LogKind::Note).collect();
    entries.sort_by_key(|(_, entry)| entry.at);
    entries
}

/// Draws the log with its heading; an entry under the pointer shows on all charts, a click selects around it.
pub fn log_ui(ui: &mut Ui, sight: &Sight<'_>, group: &mut ChartGroup, view: &mut LogView) {
    widgets::section_with(ui, "Log", |ui| {
        if !sight.annotations.is_empty() {
            widgets::segments(ui, &mut view.notes_only, &[(true, "Notes only"), (false, "Everything")]);
        }
    });
    let entries = entries(sight.annotations, sight.plan_changes, view.notes_only);
    if entries.is_empty() {
        ui.label(theme::muted(ui, empty_words(sight, view)));
        return;
    }
    // The page below has no height left to give, so that the least is said too.
    let scroll = egui::ScrollArea::vertical().id_salt("log").auto_shrink([false, true]);
    scroll.max_height(MAX_HEIGHT).min_scrolled_height(MAX_HEIGHT).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (kind, entry) in entries {
            entry_ui(ui, group, kind, entry);
        }
    });
}

fn empty_words(sight: &Sight<'_>, view: &LogView) -> &'static str {
    match (sight.annotations.is_empty(), sight.is_live()) {
        (true, true) => "Nothing happened yet. Press N to note what you see or do: it stays with the run.",
        (true, false) => "Nothing was noted, and nothing in the plan was changed",
        (false, _) if view.notes_only => "No notes among what happened",
        (false, _) => "Nothing to show",
    }
}

fn entry_ui(ui: &mut Ui, group: &mut ChartGroup, kind: LogKind, entry: &Annotation) {
    let colors = theme::colors(ui);
    let ground = ui.painter().add(egui::Shape::Noop);
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.add_space(space::XS);
        let clock = humanize::clock(entry.at);
        ui.add_sized(
            [52.0, 26.0],
            Label::new(theme::text(clock, size::BODY, Weight::Medium).color(colors.muted)),
        );
        let (icon, color) = kind.look(colors);
        ui.label(egui::RichText::new(icon.codepoint).font(theme::icon_font(17.0)).color(color))
            .on_hover_text(kind.name());
        ui.add(Label::new(&entry.text).wrap());
        ui.allocate_space(egui::vec2(ui.available_width(), 0.0));
    });
    let id = ui.scope_id().with(("entry", entry.at, &entry.text));
    let response = ui.interact(row.response.rect, id, Sense::click());
    let name = format!("{} at {}: {}", kind.name(), humanize::clock(entry.at), entry.text);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    if response.hovered() || response.has_focus() {
        group.point_at(entry.at.as_secs_f64());
        let fill = egui::Shape::rect_filled(row.response.rect, theme::CORNERS, colors.hover);
        ui.painter().set(ground, fill);
    }
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    if response.on_hover_text("Shows on all charts; a click selects the ten seconds around it").clicked() {
        select_around(group, entry.at);
    }
}

fn select_around(group: &mut ChartGroup, at: Duration) {
    let at_secs = at.as_secs_f64();
    group.select((at_secs - AROUND_SECS).max(0.0), at_secs + AROUND_SECS);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(secs: u64, text: &str) -> Annotation {
        Annotation { at: Duration::from_secs(secs), text: text.to_owned() }
    }

    fn change(secs: u64, kind: PlanChangeKind) -> PlanChange {
        PlanChange { at: Duration::from_secs(secs), kind }
    }

    #[test]
    fn what_happened_is_told_from_notes() {
        let changes = [
            change(3, PlanChangeKind::SkipStage),
            change(4, PlanChangeKind::ExtendStage(Duration::from_secs(30))),
            change(5, PlanChangeKind::ReplaceFuture(Vec::new())),
        ];
        let kind = |secs, text: &str| LogKind::of(&entry(secs, text), &changes);
        assert_eq!(kind(3, "Skipped the rest of Ramp-up"), LogKind::Skipped);
        assert_eq!(kind(4, "Extended Sustain by 30s"), LogKind::Extended);
        assert_eq!(kind(5, "Spike was dropped"), LogKind::Edited);
        assert_eq!(kind(6, "Node 2 was dropped"), LogKind::Note);
        assert_eq!((kind(7, "Stopped"), kind(8, "Aborted")), (LogKind::Stopped, LogKind::Aborted));
        let breach =
            "P95 response time of the run (steady stages) missed its limit for 4 s without a break: 74.0 ms.";
        assert_eq!(kind(9, breach), LogKind::Breached);
    }

    #[test]
    fn entries_stand_in_order_of_time_and_notes_can_stand_alone() {
        // A change of the plan is written down a moment before it takes effect.
        let annotations = [entry(9, "Paused"), entry(8, "cache cleared"), entry(12, "Resumed after 3s")];
        let changes = [change(9, PlanChangeKind::Pause), change(12, PlanChangeKind::Resume)];
        let texts = |notes_only: bool| -> Vec<&str> {
            entries(&annotations, &changes, notes_only).iter().map(|(_, entry)| entry.text.as_str()).collect()
        };
        assert_eq!(texts(false), ["cache cleared", "Paused", "Resumed after 3s"]);
        assert_eq!(texts(true), ["cache cleared"]);
    }

    #[test]
    fn a_click_selects_the_seconds_around() {
        let mut group = ChartGroup::selecting();
        group.extent_secs = 60.0;
        select_around(&mut group, Duration::from_millis(20_300));
        assert_eq!(group.selection(), Some((15.0, 25.0)));
        select_around(&mut group, Duration::from_secs(1));
        assert_eq!(group.selection(), Some((0.0, 6.0)));
    }
}
