//! The profile as text: copied from in three formats, and applied from in any of them.

use egui::{ScrollArea, Ui};
use egui_material_icons::icons;

use super::{
    canvas::CanvasView,
    tools::{Doing, form_ui},
};
use crate::{
    app::{
        theme,
        widgets::{self, segments, text_area},
    },
    humanize,
    model::{
        LoadProfile, Stage,
        profile::text::{Format, ProfileText, read, write},
    },
};

const ROWS: usize = 5;
const MAX_HEIGHT: f32 = 150.0;

/// The text that is being read or written.
#[derive(Debug)]
pub struct TextPanel {
    format: Format,
    text: String,
    losses: Vec<String>,
    /// What the text was written from, and how it reads without an edit.
    written: Option<(Vec<Stage>, Format, String)>,
    /// How the text reads; kept, as long texts take their time.
    read: Option<(String, Result<ProfileText, String>)>,
}

impl Default for TextPanel {
    fn default() -> Self {
        Self { format: Format::Short, text: String::new(), losses: Vec::new(), written: None, read: None }
    }
}

/// Replaces the profile by a pasted one, or says why not.
pub fn paste(view: &mut CanvasView, profile: &mut LoadProfile, text: &str) {
    match read(text).and_then(|read| Ok((read.applied(profile)?, read))) {
        Ok((changed, read)) => {
            *profile = changed;
            view.selected = None;
            view.show_all();
            view.say(format!("Pasted {}", reading_words(&read, profile)), false);
        }
        Err(trouble) => view.say(format!("Nothing was pasted. {trouble}"), true),
    }
}

/// What a text was read as, with everything that was not taken.
fn reading_words(read: &ProfileText, changed: &LoadProfile) -> String {
    let is_open = changed.model.is_open();
    let mut words = format!(
        "{} from {}: {}, peak {}.",
        humanize::counted(changed.stages.len() as u64, "stage"),
        read.format.name(),
        humanize::span(changed.duration()),
        humanize::level(changed.peak(), is_open),
    );
    if read.model.is_some() {
        words += if is_open { " Sets the open model." } else { " Sets the closed model." };
    }
    for note in &read.notes {
        words += " ";
        words += note;
    }
    words
}

impl TextPanel {
    pub fn ui(&mut self, ui: &mut Ui, load: &LoadProfile) -> Doing {
        form_ui(ui, "The profile as text", "Apply text", |ui| {
            let formats = Format::ALL.map(|format| (format, format.name()));
            ui.horizontal_wrapped(|ui| {
                segments(ui, &mut self.format, &formats);
                if widgets::button(ui, icons::ICON_CONTENT_COPY, "Copy text").clicked() {
                    ui.ctx().copy_text(self.text.clone());
                }
            });
            self.write_anew(load);
            let hint = "Write or paste any of the three: 1m:50, 3m:50!, \"Peak\" 1m:100 (! jumps at once) · k6 stages or options · \
                        seconds,level per line";
            ui.label(theme::small(ui, hint));
            ScrollArea::vertical().max_height(MAX_HEIGHT).show(ui, |ui| {
                text_area(ui, "Profile as text", &mut self.text, ROWS);
            });
            let (changed, words) = self.reading(load)?;
            ui.label(theme::small(ui, words));
            Ok((changed, None))
        })
    }

    /// Follows the profile and the chosen format, unless the text was edited or is to be kept.
    fn write_anew(&mut self, load: &LoadProfile) {
        let is_edited = self.written.as_ref().is_some_and(|(_, _, text)| *text != self.text);
        let is_fresh = self.written.as_ref().is_some_and(|(stages, format, _)| {
            *format == self.format && (is_edited || *stages == load.stages)
        });
        if is_fresh {
            return;
        }
        // Another format of an edited text: what was edited is written in it, if it can be read.
        let edited = if is_edited { self.reading(load).ok().map(|(changed, _)| changed) } else { None };
        let source = edited.as_ref().unwrap_or(load);
        let written = write(source, self.format);
        let baseline = if edited.is_some() { write(load, self.format).text } else { written.text.clone() };
        (self.text, self.losses) = (written.text, written.losses);
        self.written = Some((load.stages.clone(), self.format, baseline));
    }

    fn reading(&mut self, load: &LoadProfile) -> Result<(LoadProfile, String), String> {
        if self.read.as_ref().is_none_or(|(text, _)| *text != self.text) {
            self.read = Some((self.text.clone(), read(&self.text)));
        }
        let Some((_, outcome)) = &self.read else { return Err(String::new()) };
        let read = outcome.as_ref().map_err(Clone::clone)?;
        let changed = read.applied(load)?;
        let is_as_written = self.written.as_ref().is_some_and(|(_, _, text)| *text == self.text);
        let words = if is_as_written {
            let losses = self.losses.join(" ");
            format!("This is the profile as it is. {losses}")
        } else {
            reading_words(read, &changed)
        };
        Ok((changed, words))
    }
}
