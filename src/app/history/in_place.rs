//! A text of the list that turns into a field where it stands: a click or Enter opens it, Enter keeps, Escape leaves.

use egui::{
    Id, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::app::{
    command::{Command, Commands},
    state::Shelf,
    theme, widgets,
};
use crate::metrics::{RunId, RunLabels};
use crate::store::RunListing;

/// The label that holds a run's own name.
pub const NAME_LABEL: &str = "name";

/// What of a run is edited in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Name,
    Tags,
    Labels,
    Note,
}

/// What is being edited in the list.
#[derive(Debug, Default)]
pub struct Editing {
    field: Option<Field>,
    /// The text that gets the keyboard back from its field.
    back_at: Option<(RunId, Part)>,
}

/// What is being written.
#[derive(Debug)]
struct Field {
    run_id: RunId,
    part: Part,
    text: String,
    /// Set until the field has the keyboard.
    is_new: bool,
    /// Whether the field was drawn in this frame.
    is_seen: bool,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Tags => "Tags",
            Self::Labels => "Labels",
            Self::Note => "Note",
        }
    }

    /// How it is written.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Name => "A name for this run",
            Self::Tags => "Tags, with commas between them",
            Self::Labels => "Labels such as commit=1a2b3c, build=7",
            Self::Note => "A note on this run",
        }
    }

    /// What the field starts with.
    fn text(self, listing: &RunListing) -> String {
        match self {
            Self::Name => run_name(listing).unwrap_or_default().to_owned(),
            Self::Tags => listing.tags.join(", "),
            Self::Labels => shown_labels(listing)
                .map(|(key, value)| format!("{key}={value}"))
                .collect::<Vec<_>>()
                .join(", "),
            Self::Note => listing.note.clone(),
        }
    }

    /// The command that keeps what was written; none where that is what there is, or the reason why it cannot be.
    fn command(self, listing: &RunListing, text: &str) -> Result<Option<Command>, String> {
        let (run_id, text) = (listing.run_id, text.trim());
        if text == self.text(listing) {
            return Ok(None);
        }
        Ok(Some(match self {
            Self::Name => {
                let mut labels = listing.labels.clone();
                labels.remove(NAME_LABEL);
                if !text.is_empty() {
                    labels.insert(NAME_LABEL.to_owned(), text.to_owned());
                }
                Command::ReplaceLabels(run_id, labels)
            }
            Self::Tags => Command::ReplaceTags(run_id, read_tags(text)),
            Self::Labels => {
                let mut labels = read_labels(text)?;
                labels.extend(run_name(listing).map(|name| (NAME_LABEL.to_owned(), name.to_owned())));
                Command::ReplaceLabels(run_id, labels)
            }
            Self::Note => Command::ReplaceNote(run_id, text.to_owned()),
        }))
    }
}

/// The name that a run was given.
pub fn run_name(listing: &RunListing) -> Option<&str> {
    listing.labels.get(NAME_LABEL).map(String::as_str).filter(|name| !name.is_empty())
}

/// All labels but the name, which stands elsewhere.
pub fn shown_labels(listing: &RunListing) -> impl Iterator<Item = (&str, &str)> {
    let labels = listing.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    labels.filter(|(key, _)| *key != NAME_LABEL)
}

fn read_tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> =
        text.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    tags.sort();
    tags.dedup();
    tags
}

fn read_labels(text: &str) -> Result<RunLabels, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                Ok((key.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(format!("«{part}» is no label: write KEY=VALUE, with commas between labels")),
        })
        .collect()
}

impl Editing {
    pub fn begin(&mut self, listing: &RunListing, part: Part) {
        let (run_id, text) = (listing.run_id, part.text(listing));
        self.field = Some(Field { run_id, part, text, is_new: true, is_seen: true });
    }

    /// Whether this part of this run is being written.
    pub fn is_of(&self, run_id: RunId, part: Part) -> bool {
        self.field.as_ref().is_some_and(|field| (field.run_id, field.part) == (run_id, part))
    }

    /// Gives the keyboard back to what opened the field, if this is it.
    pub fn hand_back(&mut self, response: &Response, run_id: RunId, part: Part) {
        if self.back_at.take_if(|back_at| *back_at == (run_id, part)).is_some() {
            response.request_focus();
        }
    }

    /// Before the rows are drawn.
    pub fn begin_frame(&mut self) {
        self.field.iter_mut().for_each(|field| field.is_seen = false);
    }

    /// What was written is kept when its row is scrolled out of sight, as whenever the field is left but by Escape.
    pub fn end_frame(&mut self, shelf: &Shelf, commands: &mut Commands) {
        if let Some(left) = self.field.take_if(|field| !field.is_seen && !field.is_new)
            && let Some(listing) = shelf.listing(left.run_id)
            && let Ok(Some(command)) = left.part.command(listing, &left.text)
        {
            commands.push(command);
        }
    }
}

/// A text over the full width that `draw` shows until it is edited.
pub fn in_place_ui(
    ui: &mut Ui,
    edit: &mut Editing,
    (listing, part, height): (&RunListing, Part, f32),
    commands: &mut Commands,
    draw: impl FnOnce(&mut Ui, bool),
) {
    let name = format!("{} of run {}", part.name(), listing.run_id);
    if edit.is_of(listing.run_id, part) {
        field_ui(ui, edit, &name, listing, commands);
        return;
    }
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() || response.has_focus() {
        outline_ui(ui, &response, rect);
    }
    let inner = rect.shrink2(vec2(4.0, 0.0));
    let mut content = ui.new_child(UiBuilder::new().max_rect(inner).layout(*ui.layout()));
    content.set_clip_rect(inner.intersect(ui.clip_rect()));
    draw(&mut content, response.hovered() || response.has_focus());
    if response.clicked() {
        edit.begin(listing, part);
    }
    edit.hand_back(&response, listing.run_id, part);
    response.on_hover_cursor(egui::CursorIcon::Text);
}

fn outline_ui(ui: &Ui, response: &Response, rect: Rect) {
    let colors = theme::colors(ui);
    let color = if response.has_focus() { colors.accent_text } else { colors.border_strong };
    ui.painter().rect_stroke(rect, 4.0, Stroke::new(1.0, color), StrokeKind::Inside);
}

fn field_ui(ui: &mut Ui, edit: &mut Editing, name: &str, listing: &RunListing, commands: &mut Commands) {
    let Some(writing) = &mut edit.field else { return };
    let part = writing.part;
    writing.is_seen = true;
    let problem = part.command(listing, &writing.text).err();
    let colors = theme::colors(ui);
    let hint = theme::small(ui, part.hint()).color(colors.faint);
    let mut field = TextEdit::singleline(&mut writing.text)
        .id(Id::unique(("in place", writing.run_id, part)))
        .hint_text(hint)
        .font(theme::font(theme::size::SMALL, theme::Weight::Regular))
        .desired_width(ui.available_width())
        .margin(egui::Margin::symmetric(4, 2));
    if problem.is_some() {
        field = field.text_color(colors.fail);
    }
    let response = ui.add(field);
    widgets::name_field(&response, name, &writing.text);
    if std::mem::take(&mut writing.is_new) {
        response.request_focus();
        return;
    }
    if let Some(problem) = &problem {
        response.show_tooltip_text(problem);
    }
    if !response.lost_focus() {
        return;
    }
    let (is_dropped, is_entered) =
        ui.input(|input| (input.key_pressed(Key::Escape), input.key_pressed(Key::Enter)));
    if problem.is_some() && !is_dropped {
        // What cannot be kept stays to be put right.
        writing.is_new = is_entered;
        return;
    }
    edit.back_at = (is_dropped || is_entered).then_some((listing.run_id, part));
    if let Some(left) = edit.field.take()
        && !is_dropped
        && let Ok(Some(command)) = part.command(listing, &left.text)
    {
        commands.push(command);
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::listing;
    use super::*;

    #[test]
    fn tags_and_labels_are_read_with_commas_between_them() {
        assert_eq!(read_tags(" nightly, cache ,,nightly"), ["cache", "nightly"]);
        let labels = read_labels("commit=1a2b, build = 7").unwrap();
        assert_eq!(labels, RunLabels::from([("build".into(), "7".into()), ("commit".into(), "1a2b".into())]));
        assert!(read_labels("commit").is_err() && read_labels("=7").is_err());
    }

    #[test]
    fn the_name_is_a_label_that_editing_the_others_leaves_alone() {
        let mut run = listing(1, "Search", None);
        let Ok(Some(Command::ReplaceLabels(_, labels))) = Part::Name.command(&run, " Before the fix ") else {
            panic!("a name is a change");
        };
        run.labels = labels;
        assert_eq!(run_name(&run), Some("Before the fix"));
        assert_eq!(Part::Labels.text(&run), "commit=c0ffee1");
        let Ok(Some(Command::ReplaceLabels(_, labels))) = Part::Labels.command(&run, "build=7") else {
            panic!("other labels are a change");
        };
        assert_eq!(labels.get(NAME_LABEL).map(String::as_str), Some("Before the fix"));
        assert_eq!(labels.len(), 2);
    }

    #[test]
    fn what_was_not_changed_asks_for_nothing() {
        let run = listing(1, "Search", None);
        for part in [Part::Name, Part::Tags, Part::Labels, Part::Note] {
            assert_eq!(part.command(&run, &part.text(&run)), Ok(None), "{part:?}");
        }
    }
}
