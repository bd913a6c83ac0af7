//! Blocks as HTML elements: sections by their headings, tables that scroll alone, figures with their words.

use std::collections::BTreeMap;

use crate::report::chart::{Chart, SvgColors, draw, escaped, svg};
use crate::report::document::{Align, Block, Column, Mood, Table};

use super::class;

/// What a document comes to.
pub struct Parts {
    pub title: String,
    /// What stands before the first section.
    pub head: String,
    pub body: String,
    /// Name and words of each section.
    pub headings: Vec<(String, String)>,
}

/// Writes block after block.
#[derive(Default)]
pub struct Writer {
    title: String,
    head: String,
    body: String,
    headings: Vec<(String, String)>,
    is_in_section: bool,
    /// How often each name was given.
    names: BTreeMap<String, u32>,
}

impl Writer {
    pub fn block(&mut self, block: &Block) {
        let text = match block {
            Block::Heading { level: 1, text } if self.title.is_empty() => {
                self.title = text.clone();
                return;
            }
            Block::Heading { level, text } => self.heading(*level, text),
            Block::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
            Block::Lead(text) => format!("<p class=\"lead\">{}</p>\n", escaped(text)),
            Block::Bullets(items) => {
                let items: String =
                    items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
                format!("<ul>\n{items}</ul>\n")
            }
            Block::Table(table) => self::table(table),
            Block::Chart(chart) => self.chart(chart),
            Block::Code { language, text } => {
                format!(
                    "<pre><code class=\"language-{language}\">{}</code></pre>\n",
                    escaped(text.trim_end())
                )
            }
        };
        let place = if self.is_in_section { &mut self.body } else { &mut self.head };
        place.push_str(&text);
    }

    pub fn finish(mut self) -> Parts {
        if self.is_in_section {
            self.body.push_str("</section>\n");
        }
        Parts { title: self.title, head: self.head, body: self.body, headings: self.headings }
    }

    fn heading(&mut self, level: usize, text: &str) -> String {
        let id = self.name(&slug(text));
        let level = level.clamp(2, 6);
        let heading = format!("<h{level} id=\"{id}\">{}</h{level}>\n", escaped(text));
        if level > 2 {
            return heading;
        }
        let end = if self.is_in_section { "</section>\n" } else { "" };
        self.is_in_section = true;
        self.headings.push((id.clone(), text.to_owned()));
        format!("{end}<section aria-labelledby=\"{id}\">\n{heading}")
    }

    fn chart(&mut self, chart: &Chart) -> String {
        let id = self.name(&format!("chart-{}", slug(&chart.id)));
        let drawing = draw(chart, chart.size());
        let words = escaped(&chart.words);
        format!(
            "<figure>\n{}<figcaption>{words}</figcaption>\n</figure>\n",
            svg(&drawing, &id, SvgColors::OfPage)
        )
    }

    /// A name that no other place of the page has.
    fn name(&mut self, wish: &str) -> String {
        let n_given = self.names.entry(wish.to_owned()).or_default();
        *n_given += 1;
        // Words that end in a number could make the same name again; a name with two hyphens is no one's wish.
        if *n_given == 1 { wish.to_owned() } else { format!("{wish}--{n_given}") }
    }
}

/// Words as the name of a place: lower-case letters, digits and single hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "part".to_owned() } else { slug.to_owned() }
}

fn table(table: &Table) -> String {
    let class = |column: &Column| if column.align == Align::Right { " class=\"n\"" } else { "" };
    let head: String = table
        .columns
        .iter()
        .map(|column| format!("<th scope=\"col\"{}>{}</th>", class(column), escaped(&column.title)))
        .collect();
    let row = |row: &Vec<String>| {
        let cells: String = table
            .columns
            .iter()
            .zip(row)
            .enumerate()
            .map(|(index, (column, cell))| {
                // The first words of a row name it.
                match (index, column.align) {
                    (0, Align::Left) => format!("<th scope=\"row\">{}</th>", marked(cell)),
                    _ => format!("<td{}>{}</td>", class(column), marked(cell)),
                }
            })
            .collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = table.rows.iter().map(row).collect();
    let caption = if table.note.is_empty() {
        String::new()
    } else {
        format!("<caption>{}</caption>\n", escaped(&table.note))
    };
    let wide = if table.columns.len() > MANY_COLUMNS { " class=\"wide\"" } else { "" };
    format!(
        "<div class=\"scroll\">\n<table{wide}>\n{caption}<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n\
         </table>\n</div>\n"
    )
}

/// Tables with more columns are set in smaller letters on paper.
const MANY_COLUMNS: usize = 7;

/// Text of a cell; verdicts are told apart at a glance, by more than their colour.
fn marked(cell: &str) -> String {
    match Mood::of(cell) {
        Some(mood) => format!("<span class=\"{}\">{}</span>", class(mood), escaped(cell)),
        None => escaped(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_are_plain() {
        assert_eq!(slug("Results per service, against budget"), "results-per-service-against-budget");
        assert_eq!(slug("¡漢字!"), "part");
        let mut writer = Writer::default();
        assert_eq!([writer.name("a"), writer.name("a"), writer.name("a-2")], ["a", "a--2", "a-2"]);
    }
}
