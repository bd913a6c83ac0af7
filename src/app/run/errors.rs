//! Failed requests by what they have in common, with the requests and answers that were kept of them.

use std::time::Duration;

use egui::{CollapsingHeader, Frame, Label, Margin, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};
use egui_material_icons::icons;

use super::sight::{Sight, Source};
use crate::app::{
    theme::{self, Weight, size, space},
    widgets,
};
use crate::humanize;
use crate::metrics::{ErrorExemplar, ErrorGroup, ExemplarText, Outcome, WindowSums};
use crate::model::Scenario;

/// Groups shown at first; a target that answers with a number in each error can make thousands.
const N_SHOWN: usize = 20;
const COUNT_WIDTH: f32 = 68.0;
const SPAN_WIDTH: f32 = 150.0;
/// Requests and answers scroll on their own from this height on.
const EXEMPLAR_HEIGHT: f32 = 190.0;
/// From this width on, request and answer stand side by side.
const SIDE_BY_SIDE_FROM: f32 = 720.0;
/// How much of a group shows that the selection does not touch.
const DIMMED: f32 = 0.45;

/// What the card remembers between frames.
#[derive(Default)]
pub struct ErrorsView {
    shows_all: bool,
}

/// Draws the error groups, the most frequent first; each opens to the requests that were kept.
pub fn errors_ui(ui: &mut Ui, sight: &Sight<'_>, view: &mut ErrorsView) {
    if sight.error_groups.is_empty() {
        let words = if sight.is_live() { "No errors so far" } else { "No errors in this run" };
        ui.label(theme::muted(ui, words));
        return;
    }
    if let (Some(selection), Some(sums)) = (sight.selection, sight.sums) {
        ui.add(Label::new(selection_words(selection, sums, counts_selection(sight))).wrap());
    }
    let groups = shown_groups(sight);
    let n_shown = if view.shows_all { groups.len() } else { N_SHOWN.min(groups.len()) };
    for shown in &groups[..n_shown] {
        ui.scope(|ui| {
            if !shown.is_seen {
                ui.multiply_opacity(DIMMED);
            }
            group_ui(ui, sight, shown);
        });
    }
    if n_shown < groups.len() {
        let label = format!("Show all {} groups", humanize::count(groups.len() as u64));
        view.shows_all = widgets::link_button(ui, &label).clicked();
    }
}

/// A group with what it comes to in what is shown.
struct ShownGroup<'a> {
    group: &'a ErrorGroup,
    n_errors: u64,
    /// Of so many requests.
    n_requests: u64,
    /// These requests in words.
    requests: &'static str,
    /// Whether it was seen in the selected stretch.
    is_seen: bool,
}

/// The groups, the most frequent first: by the selected stretch, or by the whole run where that is all that is known.
fn shown_groups<'a>(sight: &Sight<'a>) -> Vec<ShownGroup<'a>> {
    let selected = sight.selection.zip(sight.sums);
    let counts_selection = counts_selection(sight);
    let n_selected = selected.map_or(0, |(_, sums)| sums.counters().n_requests());
    let shown = |(index, group): (usize, &'a ErrorGroup)| match selected {
        Some((_, sums)) if counts_selection => {
            let n_errors = sums.n_by_group.get(index).copied().unwrap_or(0);
            let (n_requests, requests) = (n_selected, "these requests");
            ShownGroup { group, n_errors, n_requests, requests, is_seen: n_errors > 0 }
        }
        _ => {
            let is_seen = selected.is_none_or(|(selection, _)| touches(group, selection));
            let (n_requests, requests) = (n_requests(sight), "all requests");
            ShownGroup { group, n_errors: group.n_errors, n_requests, requests, is_seen }
        }
    };
    let mut groups: Vec<_> = sight.error_groups.iter().enumerate().map(shown).collect();
    groups
        .sort_by(|a, b| b.n_errors.cmp(&a.n_errors).then_with(|| a.group.signature.cmp(&b.group.signature)));
    groups
}

/// Whether groups count the selected stretch, and not the whole run.
pub fn counts_selection(sight: &Sight<'_>) -> bool {
    let is_told_by_second = match sight.source {
        Source::Live(_) => true,
        Source::Kept(run) => run.tells_errors_by_second,
    };
    sight.selection.is_some() && sight.sums.is_some() && is_told_by_second
}

/// What failed within the selected stretch, and what the groups below it do not say.
fn selection_words((from, to): (u32, u32), sums: &WindowSums, counts_selection: bool) -> String {
    let counters = sums.counters();
    let failed = Outcome::ALL.into_iter().filter(|outcome| !outcome.is_ok() && counters.n_of(*outcome) > 0);
    let of_each: Vec<String> = failed
        .map(|outcome| format!("{} {}", humanize::count(counters.n_of(outcome)), outcome.name()))
        .collect();
    let found = if of_each.is_empty() { "no errors".to_owned() } else { of_each.join(", ") };
    let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
    let groups = if counts_selection {
        "Groups count this stretch"
    } else {
        "Groups count the whole run, because this run did not keep them second by second"
    };
    format!(
        "From {} to {}: {found}, of {}. {groups}; those that were not seen in it are dimmed.",
        clock(from),
        clock(to),
        humanize::counted(counters.n_requests(), "request")
    )
}

/// Whether a group was seen from before the end of the stretch to after its beginning.
fn touches(group: &ErrorGroup, (from, to): (u32, u32)) -> bool {
    let (from, to) = (Duration::from_secs(from.into()), Duration::from_secs(to.into()));
    group.first_seen < to && group.last_seen >= from
}

fn n_requests(sight: &Sight<'_>) -> u64 {
    match sight.source {
        Source::Live(snapshot) => snapshot.n_requests,
        Source::Kept(run) => run.summary.whole.stats.counters.n_requests(),
    }
}

fn step_name<'a>(scenario: &'a Scenario, group: &ErrorGroup) -> &'a str {
    scenario.steps().nth(usize::from(group.step)).map_or("", |(_, step)| step.name.as_str())
}

/// Kind, share and time of a group in words.
fn detail_words(shown: &ShownGroup<'_>) -> String {
    let ShownGroup { group, n_requests, requests, .. } = *shown;
    let (first, last) = (humanize::clock(group.first_seen), humanize::clock(group.last_seen));
    let seen =
        if first == last { format!("seen at {first}") } else { format!("seen from {first} to {last}") };
    // A snapshot's count can be a moment ahead of its groups, never behind them.
    let share = (n_requests > 0).then(|| {
        let ratio = shown.n_errors as f64 / n_requests as f64;
        format!("{} of {requests}  ·  ", humanize::percent(ratio))
    });
    format!("{share}{kind} error  ·  {seen}", share = share.unwrap_or_default(), kind = group.outcome.name())
}

fn group_ui(ui: &mut Ui, sight: &Sight<'_>, shown: &ShownGroup<'_>) {
    let group = shown.group;
    let colors = theme::colors(ui);
    let step = step_name(sight.scenario, group);
    let width = (ui.available_width() - COUNT_WIDTH - SPAN_WIDTH - 2.0 * space::S).max(160.0);
    let has_span = ui.available_width() >= COUNT_WIDTH + SPAN_WIDTH + 320.0;
    let mut is_open = false;
    let salt = (group.step, group.outcome.name(), &group.signature);
    let id = ui.make_persistent_id(salt);
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(
            vec2(COUNT_WIDTH, theme::CONTROL_HEIGHT),
            egui::Layout::right_to_left(egui::Align::Center),
            |ui| {
                widgets::badge(ui, &humanize::count(shown.n_errors), colors.fail, colors.fail_soft);
            },
        );
        ui.vertical(|ui| {
            ui.set_width(if has_span { width } else { ui.available_width() });
            ui.spacing_mut().item_spacing.y = 0.0;
            let title = theme::text(format!("{}  ·  {step}", group.signature), size::BODY, Weight::Medium);
            let head = CollapsingHeader::new(title).id_salt(id).show(ui, |_| {});
            is_open = head.openness > 0.5;
            let words = theme::small(ui, detail_words(shown));
            ui.spacing_mut().interact_size.y = 0.0;
            ui.horizontal(|ui| {
                ui.add_space(18.0);
                ui.add(Label::new(words).truncate());
            });
        });
        if has_span {
            span_ui(ui, sight, group);
        }
    });
    if is_open {
        exemplars_ui(ui, group);
    }
}

/// When the group was seen, on the time of the whole run.
fn span_ui(ui: &mut Ui, sight: &Sight<'_>, group: &ErrorGroup) {
    let (rect, response) = ui.allocate_exact_size(vec2(SPAN_WIDTH, theme::CONTROL_HEIGHT), Sense::hover());
    let colors = theme::colors(ui);
    let end = sight.plan.duration().max(sight.elapsed).max(group.last_seen).as_secs_f64().max(1.0);
    let at = |secs: f64| rect.left() + rect.width() * (secs / end) as f32;
    let y = rect.center().y;
    if let Some((from, to)) = sight.selection {
        let shade = Rect::from_x_y_ranges(at(from.into())..=at(to.into()), rect.y_range());
        ui.painter().rect_filled(shade, 2.0, colors.accent.gamma_multiply(0.18));
    }
    let track = Rect::from_x_y_ranges(rect.x_range(), y - 1.0..=y + 1.0);
    ui.painter().rect_filled(track, 1.0, colors.border);
    let (first, last) = (at(group.first_seen.as_secs_f64()), at(group.last_seen.as_secs_f64()));
    let seen = Rect::from_min_max(pos2(first - 1.5, y - 3.0), pos2(last + 1.5, y + 3.0));
    ui.painter().rect_filled(seen.intersect(rect.expand(2.0)), 3.0, colors.fail);
    response.on_hover_text("From the first to the last of these errors, on the time of the whole run");
}

fn exemplars_ui(ui: &mut Ui, group: &ErrorGroup) {
    ui.horizontal_top(|ui| {
        ui.add_space(COUNT_WIDTH + space::S);
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            let words = match group.exemplars.len() {
                0 => "No request of this group was kept".to_owned(),
                n => format!("The first {} of this group", humanize::counted(n as u64, "request")),
            };
            ui.label(theme::small(ui, words));
            for (index, exemplar) in group.exemplars.iter().enumerate() {
                exemplar_ui(ui, exemplar, (index, &group.signature));
            }
            ui.add_space(space::S);
        });
    });
}

fn exemplar_ui(ui: &mut Ui, exemplar: &ErrorExemplar, (index, signature): (usize, &str)) {
    let colors = theme::colors(ui);
    let ground = Frame::new().fill(colors.raised).corner_radius(theme::CORNERS);
    ground.inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(theme::small(ui, humanize::clock(exemplar.at)));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let name = format!("Copy request {} of {signature}", index + 1);
                if widgets::icon_button(ui, icons::ICON_CONTENT_COPY, &name).clicked() {
                    ui.copy_text(exemplar_text(exemplar));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let request = RichText::new(&exemplar.request).font(theme::mono());
                    ui.add(Label::new(request).truncate().selectable(true));
                });
            });
        });
        // Runs from before requests and answers were kept have only words.
        if exemplar.answer.is_none() && !exemplar.detail.is_empty() {
            ui.add(Label::new(RichText::new(&exemplar.detail).font(theme::mono())).wrap().selectable(true));
        }
        let parts = [("Sent", &exemplar.sent), ("Answer", &exemplar.answer)];
        let parts: Vec<_> =
            parts.into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?))).collect();
        let is_wide = ui.available_width() >= SIDE_BY_SIDE_FROM;
        for row in parts.chunks(if is_wide { 2 } else { 1 }) {
            ui.columns(row.len(), |columns| {
                for (ui, (name, part)) in columns.iter_mut().zip(row) {
                    part_ui(ui, name, part, index);
                }
            });
        }
    });
}

/// A request or an answer as it went over the line, within a bounded height.
fn part_ui(ui: &mut Ui, name: &str, part: &ExemplarText, index: usize) {
    ui.label(theme::text(name, size::SMALL, Weight::SemiBold).color(theme::colors(ui).muted));
    // A row has no height of its own to give, so that the least is said too.
    let scroll = ScrollArea::vertical().id_salt((name, index));
    let scroll = scroll.max_height(EXEMPLAR_HEIGHT).min_scrolled_height(EXEMPLAR_HEIGHT);
    scroll.auto_shrink([false, true]).show(ui, |ui| {
        ui.add(Label::new(RichText::new(part_text(part)).font(theme::mono())).wrap().selectable(true));
    });
    if let Some(words) = cut_words(part) {
        ui.label(theme::small(ui, words));
    }
}

fn part_text(part: &ExemplarText) -> String {
    let gap = if part.head.is_empty() || part.body.is_empty() { "" } else { "\n\n" };
    format!("{}{gap}{}", part.head.trim_end(), part.body)
}

/// How much of the body is not kept.
fn cut_words(part: &ExemplarText) -> Option<String> {
    let kept = part.body.len() as u64;
    let whole = humanize::bytes(part.body_bytes);
    match kept {
        _ if kept >= part.body_bytes => None,
        0 => Some(format!("Body of {whole}, which is not kept")),
        kept => Some(format!("First {} of a body of {whole}", humanize::bytes(kept))),
    }
}

/// Everything kept of a request, as one text.
fn exemplar_text(exemplar: &ErrorExemplar) -> String {
    let head = format!("{} at {}\n{}", exemplar.request, humanize::clock(exemplar.at), exemplar.detail);
    let parts = [&exemplar.sent, &exemplar.answer].into_iter().flatten().map(part_text);
    std::iter::once(head).chain(parts).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::app::state::LoadedRun;
    use crate::metrics::{GroupErrors, KeptRun, Packer};

    fn group(first: u64, last: u64) -> ErrorGroup {
        ErrorGroup {
            step: 1,
            outcome: Outcome::Status,
            signature: "HTTP 503".to_owned(),
            n_errors: 2,
            first_seen: Duration::from_millis(first),
            last_seen: Duration::from_millis(last),
            exemplars: Vec::new(),
        }
    }

    #[test]
    fn a_group_belongs_to_the_stretches_that_it_was_seen_in() {
        let group = group(12_500, 20_000);
        let touched =
            [(0, 12), (0, 13), (15, 16), (20, 30), (21, 30)].map(|selection| touches(&group, selection));
        assert_eq!(touched, [false, true, true, true, false]);
    }

    /// The sample run with two groups, as this version keeps it or as earlier ones did.
    fn run_with_errors(by_second: bool) -> LoadedRun {
        let mut record = sample::record(sample::scenario());
        record.error_groups = vec![group(3_000, 9_000), group(3_000, 12_500)];
        record.error_groups[1].signature = "HTTP 500".to_owned();
        (record.error_groups[0].n_errors, record.error_groups[1].n_errors) = (6, 9);
        let mut intervals = sample::intervals(&record);
        if by_second {
            for (second, group, n_errors) in [(3, 0, 4), (3, 1, 1), (8, 0, 2), (9, 1, 8)] {
                intervals[second].errors.push(GroupErrors { group, n_errors });
            }
        }
        let mut packer = Packer::new(record.start.scenario.n_steps());
        intervals.into_iter().for_each(|interval| packer.push(interval).unwrap());
        let (overview, history) = packer.finish();
        LoadedRun::new(KeptRun { record: overview.complete(record), history }).unwrap()
    }

    #[test]
    fn groups_count_the_selected_stretch_where_the_run_tells_it() {
        let shown = |run: &LoadedRun, selection: Option<(u32, u32)>| {
            let sums = selection.map(|(from, to)| run.history.sums(from..to).unwrap());
            let sight = Sight::kept(run).with_sums(sums.as_ref()).with_selection(selection);
            let groups = shown_groups(&sight);
            groups
                .iter()
                .map(|shown| (shown.group.signature.clone(), shown.n_errors, shown.is_seen))
                .collect()
        };
        let check = |shown: Vec<(String, u64, bool)>, expected: [(&str, u64, bool); 2]| {
            assert_eq!(shown, expected.map(|(signature, n, is_seen)| (signature.to_owned(), n, is_seen)));
        };
        let run = run_with_errors(true);
        check(shown(&run, None), [("HTTP 500", 9, true), ("HTTP 503", 6, true)]);
        check(shown(&run, Some((0, 9))), [("HTTP 503", 6, true), ("HTTP 500", 1, true)]);
        check(shown(&run, Some((9, 20))), [("HTTP 500", 8, true), ("HTTP 503", 0, false)]);
        let old = run_with_errors(false);
        check(shown(&old, Some((10, 20))), [("HTTP 500", 9, true), ("HTTP 503", 6, false)]);
    }

    #[test]
    fn groups_say_their_share_and_when_they_were_seen() {
        let words = |group: &ErrorGroup, n_requests| {
            detail_words(&ShownGroup {
                group,
                n_errors: 2,
                n_requests,
                requests: "all requests",
                is_seen: true,
            })
        };
        assert_eq!(
            words(&group(12_500, 20_000), 800),
            "0.25 % of all requests  ·  status error  ·  seen from 0:12 to 0:20"
        );
        assert_eq!(words(&group(12_500, 12_900), 0), "status error  ·  seen at 0:12");
    }

    #[test]
    fn errors_of_a_selection_are_exact_and_groups_say_that_they_are_not() {
        let mut record = sample::record(sample::scenario());
        let failed = |outcome, n| vec![(outcome, Duration::from_millis(5)); n];
        sample::add(&mut record, 12, 1, &failed(Outcome::Status, 2));
        sample::add(&mut record, 13, 0, &failed(Outcome::Timeout, 3));
        sample::add(&mut record, 20, 0, &failed(Outcome::Timeout, 9));
        let run = LoadedRun::new(record).unwrap();
        let words = selection_words((12, 14), &run.history.sums(12..14).unwrap(), false);
        assert!(words.starts_with("From 0:12 to 0:14: "), "{words}");
        assert!(
            words.contains("3 timeout") && words.contains("2 status") && words.contains("of 85 requests")
        );
        assert!(words.contains("Groups count the whole run"));
        let words = selection_words((0, 5), &run.history.sums(0..5).unwrap(), true);
        assert!(words.contains("no errors, of 200 requests"), "{words}");
    }

    #[test]
    fn an_exemplar_is_copied_as_a_whole_and_says_what_is_missing() {
        let part = |head: &str, body: &str, body_bytes| {
            Some(ExemplarText { head: head.to_owned(), body: body.to_owned(), body_bytes })
        };
        let exemplar = ErrorExemplar {
            at: Duration::from_secs(72),
            request: "POST /orders".to_owned(),
            detail: "HTTP 503".to_owned(),
            sent: part("POST /orders HTTP/1.1\nhost: a", "{}", 2),
            answer: part("HTTP/1.1 503 Service Unavailable", "<html>", 4_096),
        };
        assert_eq!(
            exemplar_text(&exemplar),
            "POST /orders at 1:12\nHTTP 503\n\nPOST /orders HTTP/1.1\nhost: a\n\n{}\n\nHTTP/1.1 503 Service \
             Unavailable\n\n<html>"
        );
        assert_eq!(cut_words(exemplar.answer.as_ref().unwrap()).unwrap(), "First 6 B of a body of 4.0 KiB");
        assert_eq!(cut_words(exemplar.sent.as_ref().unwrap()), None);
    }
}
