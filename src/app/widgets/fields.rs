//! Fields to write into.

use egui::{Id, Response, TextEdit, Ui, WidgetInfo};

use crate::app::theme;

/// A field's name above it.
pub fn labelled<R>(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = theme::space::XS;
        ui.label(theme::small(ui, label));
        add(ui)
    })
    .inner
}

/// Gives a text field the name by which screen readers and tests know it.
pub fn name_field(response: &Response, name: &str, value: &str) {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo {
        label: Some(name.to_owned()),
        ..WidgetInfo::text_edit(enabled, value, value, "")
    });
}

/// One line of text under a name that screen readers say.
pub fn text_field(ui: &mut Ui, name: &str, text: &mut String, width: f32) -> Response {
    let response =
        ui.add(TextEdit::singleline(text).desired_width(width).margin(egui::Margin::symmetric(8, 5)));
    name_field(&response, name, text);
    response
}

/// A field with a hint of its own; screen readers say its whole name.
pub fn titled_field(ui: &mut Ui, (name, hint): (&str, &str), text: &mut String, width: f32) -> Response {
    let hint = theme::muted(ui, hint).color(theme::colors(ui).faint);
    let field = TextEdit::singleline(text).id_salt(name).hint_text(hint).desired_width(width);
    let response = ui.add(field.margin(egui::Margin::symmetric(8, 5)));
    name_field(&response, name, text);
    response
}

/// A field whose name shows inside it while it is empty.
pub fn hinted_field(ui: &mut Ui, name: &str, text: &mut String, width: f32) -> Response {
    let hint = theme::muted(ui, name).color(theme::colors(ui).faint);
    // A salt of its own keeps the focus when something appears before the field.
    let field = TextEdit::singleline(text).id_salt(name).hint_text(hint).desired_width(width);
    let response = ui.add(field.margin(egui::Margin::symmetric(8, 5)));
    name_field(&response, name, text);
    response
}

/// Several lines of text.
pub fn text_area(ui: &mut Ui, name: &str, text: &mut String, rows: usize) -> Response {
    let response = ui.add(
        TextEdit::multiline(text)
            .desired_width(f32::INFINITY)
            .desired_rows(rows)
            .margin(egui::Margin::symmetric(8, 6)),
    );
    name_field(&response, name, text);
    response
}

/// What is being written into a [`parsed_field`] while it does not say the value.
#[derive(Clone, Default)]
struct Writing {
    text: String,
    /// The value's text when writing began; when it is another, the value was changed elsewhere.
    value_text: String,
}

/// A field for a value that people write as text; text that cannot be read shows why and changes nothing.
pub fn parsed_field<T>(
    ui: &mut Ui,
    name: &str,
    value: &mut T,
    width: f32,
    format: impl Fn(&T) -> String,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Response {
    let id: Id = ui.make_persistent_id(("parsed", name));
    let value_text = format(value);
    let kept = ui.data(|data| data.get_temp::<Writing>(id)).filter(|kept| kept.value_text == value_text);
    let mut text = kept.as_ref().map_or_else(|| value_text.clone(), |kept| kept.text.clone());
    let problem = kept.as_ref().and_then(|kept| parse(&kept.text).err());
    let colors = theme::colors(ui);
    let mut edit =
        TextEdit::singleline(&mut text).id(id).desired_width(width).margin(egui::Margin::symmetric(8, 5));
    if problem.is_some() {
        edit = edit.text_color(colors.fail).background_color(colors.fail_soft);
    }
    let edit = edit.min_size(least(width));
    let response = match &problem {
        None => ui.add(edit),
        Some(problem) => ui.vertical(|ui| with_problem_ui(ui, edit, width, problem)).inner,
    };
    name_field(&response, name, &text);
    if response.changed() {
        if let Ok(read) = parse(&text) {
            *value = read;
        }
        let writing = Writing { text, value_text: format(value) };
        ui.data_mut(|data| data.insert_temp(id, writing));
    } else if problem.is_none() && !response.has_focus() {
        ui.data_mut(|data| data.remove::<Writing>(id));
    }
    response
}

fn with_problem_ui(ui: &mut Ui, edit: TextEdit<'_>, width: f32, problem: &str) -> Response {
    ui.spacing_mut().item_spacing.y = 2.0;
    let response = ui.add(edit);
    ui.set_max_width(width.max(150.0));
    ui.label(theme::small(ui, problem).color(theme::colors(ui).fail));
    response
}

/// A field keeps its width in rows and grids that would squeeze it.
pub fn least(width: f32) -> egui::Vec2 {
    egui::vec2(if width.is_finite() { width } else { 0.0 }, 0.0)
}

/// The heads of a form's columns, by their widths, above rows of fields that begin `indent` from the left.
pub fn heads(ui: &mut Ui, indent: f32, heads: &[(&str, f32)]) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.add_space(indent);
        for (head, width) in heads {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(*width, 16.0), egui::Sense::hover());
            let font = theme::font(theme::size::SMALL, theme::Weight::Medium);
            let color = theme::colors(ui).muted;
            ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, *head, font, color);
        }
    });
}
