//! One run in the list, with what can be done with it.

use egui::{
    Align, Button, Color32, Label, Layout, Popup, Rect, Response, RichText, Role, Ui, UiBuilder, Vec2,
    WidgetInfo, vec2,
};
use egui_extras::TableRow;
use egui_material_icons::{MaterialIcon, icons};

use super::{
    in_place::{Editing, Part, in_place_ui, run_name, shown_labels},
    list::Offers,
    selection::{Selection, delete_question},
    table::Cell,
};
use crate::app::{
    command::{Command, Commands, Purpose},
    theme::{self, Weight, size, space},
    widgets::{self, table},
};
use crate::humanize;
use crate::metrics::{Finish, RunDigest, RunId, Standing};
use crate::store::RunListing;

/// Room before tags and note, so that they do not touch the numbers.
pub const WORDS_INSET: f32 = 14.0;
const THUMBNAIL: Vec2 = vec2(46.0, 26.0);
/// Widths that units of numbers take, so that the numbers themselves line up.
const UNIT_WIDTH: f32 = 22.0;
const SHORT_UNIT_WIDTH: f32 = 14.0;

/// Labels beside tags take this much room, or none.
const LEAST_FOR_LABELS: f32 = 60.0;
/// Room between a scenario's words and what follows.
const GAP: f32 = 10.0;

/// What rows share while they are drawn.
pub struct Rows<'a> {
    pub selection: &'a Selection,
    pub edit: &'a mut Editing,
    pub offers: &'a Offers,
    /// The run whose check box was clicked, and whether all up to it are meant.
    pub clicked: Option<(RunId, bool)>,
    pub commands: &'a mut Commands,
}

/// Draws the cells of a run.
pub fn row_ui(row: &mut TableRow<'_, '_>, rows: &mut Rows<'_>, listing: &RunListing, cells: &[Cell]) {
    let has_labels = cells.contains(&Cell::Labels);
    for cell in cells {
        row.col(|ui| cell_ui(ui, *cell, rows, listing, has_labels));
    }
}

fn cell_ui(ui: &mut Ui, cell: Cell, rows: &mut Rows<'_>, listing: &RunListing, has_labels: bool) {
    match cell {
        Cell::Select => select_ui(ui, rows, listing),
        Cell::Star => star_ui(ui, listing, rows.commands),
        Cell::Run => run_ui(ui, rows, listing),
        Cell::Scenario => scenario_ui(ui, listing),
        Cell::Verdict => verdict_ui(ui, listing),
        Cell::P95 => p95_ui(ui, listing),
        Cell::Throughput => {
            number_ui(ui, listing, SHORT_UNIT_WIDTH, |digest| {
                Some(humanize::rate(digest.throughput_per_sec))
            });
        }
        Cell::ErrorShare => {
            number_ui(ui, listing, SHORT_UNIT_WIDTH, |digest| digest.error_ratio.map(humanize::percent));
        }
        Cell::Requests => number_ui(ui, listing, 0.0, |digest| Some(humanize::count(digest.n_requests))),
        Cell::Size => _ = table::quantity(ui, &humanize::bytes(listing.n_bytes), UNIT_WIDTH),
        Cell::Labels => labels_ui(ui, rows, listing),
        Cell::Words => words_ui(ui, rows, listing, has_labels),
        Cell::Actions => actions_ui(ui, rows, listing),
    }
}

fn select_ui(ui: &mut Ui, rows: &mut Rows<'_>, listing: &RunListing) {
    let run_id = listing.run_id;
    let mut is_selected = rows.selection.contains(run_id);
    let response = ui.checkbox(&mut is_selected, "");
    response.widget_info(|| {
        WidgetInfo::selected(Role::CheckBox, true, is_selected, format!("Select run {run_id}"))
    });
    if response.changed() {
        rows.clicked = Some((run_id, ui.input(|input| input.modifiers.shift)));
    }
}

fn star_ui(ui: &mut Ui, listing: &RunListing, commands: &mut Commands) {
    let run_id = listing.run_id;
    let colors = theme::colors(ui);
    let (name, color) = if listing.is_starred {
        (format!("Take the star from run {run_id}"), colors.warn)
    } else {
        (format!("Star run {run_id}"), colors.border_strong)
    };
    if quiet_button(ui, icons::ICON_STAR, &name, color).clicked() {
        commands.push(Command::StarRuns(vec![run_id], !listing.is_starred));
    }
}

/// Whether the pointer is over this row, and over nothing that lies upon it.
fn is_pointed_at(ui: &Ui) -> bool {
    let Some(at) = ui.input(|input| input.pointer.hover_pos()) else { return false };
    ui.max_rect().y_range().contains(at.y)
        && ui.ctx().layer_id_at(at).is_none_or(|layer| layer == ui.layer_id())
}

/// An icon without a frame in a colour of its own.
fn quiet_button(ui: &mut Ui, icon: MaterialIcon, name: &str, color: Color32) -> Response {
    let icon = RichText::new(icon.codepoint).font(theme::icon_font(17.0)).color(color);
    let button = Button::new(icon).frame_when_inactive(false).min_size(Vec2::splat(theme::CONTROL_HEIGHT));
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = Vec2::splat(4.0);
            ui.add(button)
        })
        .inner;
    widgets::named(response, name).on_hover_text(name)
}

/// Two lines, one upon the other, in the middle of the row.
fn two_lines(ui: &mut Ui) -> [Ui; 2] {
    let middle = ui.max_rect().center().y;
    [line(ui, middle - 20.0, 21.0), line(ui, middle + 1.0, 18.0)]
}

/// One line over the width of the cell.
fn line(ui: &mut Ui, top: f32, height: f32) -> Ui {
    let line = Rect::from_x_y_ranges(ui.max_rect().x_range(), top..=top + height);
    ui.new_child(UiBuilder::new().max_rect(line).layout(Layout::left_to_right(Align::Center)))
}

/// Name or number with when it began; a pencil gives it another name.
fn run_ui(ui: &mut Ui, rows: &mut Rows<'_>, listing: &RunListing) {
    let run_id = listing.run_id;
    if rows.edit.is_of(run_id, Part::Name) {
        in_place_ui(ui, rows.edit, (listing, Part::Name, 22.0), rows.commands, |_, _| {});
        return;
    }
    let moment = humanize::moment(listing.started_at_unix_millis);
    let short = moment.trim_end_matches(" UTC");
    let name = run_name(listing);
    let is_hovered = is_pointed_at(ui);
    let [mut upper, mut lower] = two_lines(ui);
    let number = format!("Run {run_id}");
    if link_ui(&mut upper, name.unwrap_or(&number), &number).clicked() {
        rows.commands.push(Command::OpenRun(run_id));
    }
    pencil_ui(&mut upper, rows.edit, listing, is_hovered);
    let words = match name {
        Some(_) => format!("{number}  ·  {}", short.split(' ').next().unwrap_or(short)),
        None => short.to_owned(),
    };
    let words = theme::small(&lower, words);
    let words = Label::new(words).truncate().show_tooltip_when_elided(false);
    lower.add(words).on_hover_text(moment.as_str());
}

/// A run's name that opens it, with room for the pencil beside it.
fn link_ui(ui: &mut Ui, words: &str, number: &str) -> Response {
    ui.spacing_mut().item_spacing.x = 2.0;
    ui.spacing_mut().button_padding = Vec2::ZERO;
    ui.spacing_mut().interact_size.y = 18.0;
    let color = theme::colors(ui).accent_text;
    let words = theme::text(words, size::BODY, Weight::Medium).color(color);
    let width = ui.available_width() - 26.0;
    let link = ui.scope(|ui| {
        ui.set_max_width(width);
        ui.add(Button::new(words).frame_when_inactive(false).truncate())
    });
    widgets::named(link.inner, number).on_hover_text(format!("Opens r{}", &number[1..]))
}

/// Shows over its row, and while it has the keyboard.
fn pencil_ui(ui: &mut Ui, edit: &mut Editing, listing: &RunListing, is_hovered: bool) {
    let name = format!("Name of run {}", listing.run_id);
    let id = ui.next_auto_id();
    let is_focused = ui.memory(|memory| memory.has_focus(id));
    let color = if is_hovered || is_focused { theme::colors(ui).muted } else { Color32::TRANSPARENT };
    let icon = RichText::new(icons::ICON_EDIT.codepoint).font(theme::icon_font(14.0)).color(color);
    let response = ui.add(Button::new(icon).frame_when_inactive(false).min_size(Vec2::splat(20.0)));
    edit.hand_back(&response, listing.run_id, Part::Name);
    if widgets::named(response, &name).on_hover_text("Gives the run a name").clicked() {
        edit.begin(listing, Part::Name);
    }
}

/// The load profile, the scenario's name and where it ran.
fn scenario_ui(ui: &mut Ui, listing: &RunListing) {
    let (rect, _) = ui.allocate_exact_size(THUMBNAIL, egui::Sense::hover());
    widgets::profile_sketch(ui, rect, &listing.profile);
    ui.add_space(space::S);
    let room = ui.available_rect_before_wrap();
    let room = room.with_max_x(room.right() - GAP);
    let mut words = ui.new_child(UiBuilder::new().max_rect(room));
    let [mut upper, mut lower] = two_lines(&mut words);
    let name = Label::new(&listing.scenario_name).truncate().show_tooltip_when_elided(false);
    upper.add(name).on_hover_text(&listing.scenario_name);
    let place = theme::small(&lower, listing.place());
    let place = Label::new(place).truncate().show_tooltip_when_elided(false);
    lower.add(place).on_hover_text(&listing.base_url);
}

fn verdict_ui(ui: &mut Ui, listing: &RunListing) {
    let Some(digest) = &listing.digest else {
        ui.label(theme::small(ui, second_words(listing).unwrap_or("not summed up")));
        return;
    };
    let Some(words) = second_words(listing) else {
        let middle = ui.max_rect().center().y;
        widgets::verdict_pill(&mut line(ui, middle - 10.5, 21.0), digest.verdict);
        return;
    };
    let [mut upper, mut lower] = two_lines(ui);
    widgets::verdict_pill(&mut upper, digest.verdict);
    lower.add_space(2.0);
    let words = theme::small(&lower, words).color(second_color(&lower, listing));
    lower.add(Label::new(words).truncate());
}

/// What is to be said beside the verdict: how the run ended, or that its numbers are not to be trusted.
fn second_words(listing: &RunListing) -> Option<&'static str> {
    Some(match (listing.finish, quality_of(listing)) {
        (Finish::Running, _) => "under way",
        (Finish::Aborted, _) => "aborted",
        (Finish::Interrupted, _) => "interrupted",
        (Finish::Breached, _) => "ended by threshold",
        (_, Some(Standing::Invalid)) => "invalid measurement",
        (Finish::Stopped, _) => "stopped early",
        (_, Some(Standing::Weak)) => "weak measurement",
        (Finish::Completed, _) => return None,
    })
}

fn second_color(ui: &Ui, listing: &RunListing) -> Color32 {
    let colors = theme::colors(ui);
    match (listing.finish, quality_of(listing)) {
        (Finish::Interrupted, _) | (_, Some(Standing::Invalid)) => colors.fail,
        (Finish::Aborted | Finish::Breached, _) | (_, Some(Standing::Weak)) => colors.warn,
        _ => colors.muted,
    }
}

fn quality_of(listing: &RunListing) -> Option<Standing> {
    listing.digest.as_ref().and_then(|digest| digest.quality)
}

fn number_ui(ui: &mut Ui, listing: &RunListing, unit_width: f32, words: fn(&RunDigest) -> Option<String>) {
    let digest = listing.digest.as_ref();
    let text = digest.and_then(words).unwrap_or_else(|| humanize::MISSING.to_owned());
    let response = table::quantity(ui, &text, unit_width);
    if let Some(digest) = digest {
        response.on_hover_text_at_pointer(format!("Window: {}", digest.window));
    }
}

/// The percentile above its interval, where that is kept.
fn p95_ui(ui: &mut Ui, listing: &RunListing) {
    let words: fn(&RunDigest) -> Option<String> = |digest| digest.p95_reading().map(|reading| reading.text());
    let kept =
        listing.digest.as_ref().and_then(|digest| Some((digest, words(digest)?, digest.p95_interval?)));
    let Some((digest, text, interval)) = kept else {
        return number_ui(ui, listing, UNIT_WIDTH, words);
    };
    let [mut upper, mut lower] = two_lines(ui);
    table::quantity(&mut upper, &text, UNIT_WIDTH);
    lower.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let bounds = theme::small(ui, interval.short_text()).color(theme::colors(ui).faint);
        ui.add(Label::new(bounds).extend());
    });
    ui.response().on_hover_text_at_pointer(format!(
        "Window: {}\np95 with 95 % confidence: {}\n{}",
        digest.window,
        interval.text(),
        interval.evidence_words()
    ));
}

fn labels_ui(ui: &mut Ui, rows: &mut Rows<'_>, listing: &RunListing) {
    ui.add_space(WORDS_INSET);
    in_place_ui(ui, rows.edit, (listing, Part::Labels, 28.0), rows.commands, |ui, is_hovered| {
        let words: Vec<String> = shown_labels(listing).map(|(key, value)| format!("{key} {value}")).collect();
        line_ui(ui, &words.join("  ·  "), Part::Labels, is_hovered);
    });
}

/// A line of words, or what may be written there while the pointer is over it.
fn line_ui(ui: &mut Ui, words: &str, part: Part, is_hovered: bool) {
    let colors = theme::colors(ui);
    let (words, color) = if !words.is_empty() {
        (words, colors.muted)
    } else if is_hovered {
        (part.hint(), colors.faint)
    } else {
        return;
    };
    let text = theme::text(words, size::SMALL, Weight::Regular).color(color);
    ui.add(Label::new(text).truncate());
}

/// Tags above, note below; labels among the tags where they have no column.
fn words_ui(ui: &mut Ui, rows: &mut Rows<'_>, listing: &RunListing, has_labels: bool) {
    let rect = ui.max_rect().with_min_x(ui.max_rect().left() + WORDS_INSET);
    let mut words = ui.new_child(UiBuilder::new().max_rect(rect));
    let is_labels = rows.edit.is_of(listing.run_id, Part::Labels);
    let upper = if is_labels && !has_labels { Part::Labels } else { Part::Tags };
    let [mut above, mut below] = two_lines(&mut words);
    let cell = (listing, upper, 21.0);
    in_place_ui(&mut above, rows.edit, cell, rows.commands, |ui, is_hovered| {
        tags_ui(ui, listing, has_labels, is_hovered);
    });
    let cell = (listing, Part::Note, 18.0);
    in_place_ui(&mut below, rows.edit, cell, rows.commands, |ui, is_hovered| {
        line_ui(ui, &listing.note, Part::Note, is_hovered);
    });
}

fn tags_ui(ui: &mut Ui, listing: &RunListing, has_labels: bool, is_hovered: bool) {
    ui.spacing_mut().item_spacing.x = space::XS;
    for tag in &listing.tags {
        widgets::chip(ui, tag);
    }
    if has_labels {
        if listing.tags.is_empty() {
            line_ui(ui, "", Part::Tags, is_hovered);
        }
        return;
    }
    let labels: Vec<String> = shown_labels(listing).map(|(key, value)| format!("{key} {value}")).collect();
    let has_room = listing.tags.is_empty() || ui.available_width() > LEAST_FOR_LABELS;
    if has_room {
        line_ui(ui, &labels.join("  ·  "), Part::Tags, is_hovered);
    }
}

fn actions_ui(ui: &mut Ui, rows: &mut Rows<'_>, listing: &RunListing) {
    let run_id = listing.run_id;
    let colors = theme::colors(ui);
    let color = if is_pointed_at(ui) { colors.muted } else { colors.border_strong };
    ui.spacing_mut().item_spacing.x = 0.0;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        more_ui(ui, listing, color, rows);
        if quiet_button(ui, icons::ICON_DESCRIPTION, &format!("Report on run {run_id}"), color).clicked() {
            rows.commands.push(Command::ShowReport(run_id));
        }
        compare_ui(ui, rows, listing, color);
        baseline_ui(ui, listing, color, rows.commands);
    });
}

/// Compares with the baseline of the same scenario, if there is one.
fn compare_ui(ui: &mut Ui, rows: &mut Rows<'_>, listing: &RunListing, color: Color32) {
    let run_id = listing.run_id;
    let baseline = rows.offers.baseline_of(listing);
    let why_not = "No other run of this scenario is the baseline; set one with the flag";
    let name = format!("Compare run {run_id}");
    let response = ui
        .add_enabled_ui(baseline.is_some(), |ui| quiet_button(ui, icons::ICON_COMPARE_ARROWS, &name, color))
        .inner
        .on_disabled_hover_text(why_not);
    if let (Some(baseline), true) = (baseline, response.clicked()) {
        rows.commands.push(Command::Compare(vec![baseline, run_id]));
    }
}

fn baseline_ui(ui: &mut Ui, listing: &RunListing, color: Color32, commands: &mut Commands) {
    let run_id = listing.run_id;
    let (name, color) = if listing.is_baseline {
        (format!("Run {run_id} is the baseline"), theme::colors(ui).accent_text)
    } else {
        (format!("Set run {run_id} as baseline"), color)
    };
    if quiet_button(ui, icons::ICON_FLAG, &name, color).clicked() {
        commands.push(Command::MarkBaseline(run_id, !listing.is_baseline));
    }
}

/// What is done less often, in a menu.
fn more_ui(ui: &mut Ui, listing: &RunListing, color: Color32, rows: &mut Rows<'_>) {
    let run_id = listing.run_id;
    let response = quiet_button(ui, icons::ICON_MORE_VERT, &format!("More for run {run_id}"), color);
    Popup::menu(&response).show(|ui| {
        let mut entry = |icon, words: String| widgets::menu_entry(ui, icon, &words).clicked();
        if entry(icons::ICON_SHOW_CHART, "Trend of this scenario".to_owned()) {
            rows.commands.push(Command::ShowTrend(Some(listing.scenario_name.clone())));
        }
        if entry(icons::ICON_EDIT, format!("Edit labels of run {run_id}")) {
            rows.edit.begin(listing, Part::Labels);
        }
        if entry(icons::ICON_FILE_DOWNLOAD, format!("Export run {run_id}…")) {
            rows.commands.push(Command::BrowseFor(Purpose::ExportRun(run_id)));
        }
        if entry(icons::ICON_DELETE, format!("Delete run {run_id}…")) {
            rows.commands.push(Command::Ask(Box::new(delete_question(&[listing]))));
        }
    });
}
