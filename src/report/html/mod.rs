//! A document as one HTML file: nothing outside is asked for, no script, both themes, and pages that print well.

mod blocks;
mod sheet;
mod style;

use self::blocks::Writer;
use super::chart::{DARK, LIGHT, escaped};
use super::document::{Document, Mood};

/// What a page says beside its document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Stands out beside the title; none where there is no verdict.
    pub badge: Option<Badge>,
    /// Whether it is made for a single sheet: no contents, small margins.
    pub is_one_sheet: bool,
    /// A comment at the end, for programs; holds no `--`.
    pub comment: String,
}

/// A verdict to be seen at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Badge {
    pub text: String,
    pub mood: Mood,
}

/// The class that a mood's words have.
fn class(mood: Mood) -> &'static str {
    match mood {
        Mood::Good => "good",
        Mood::Doubtful => "doubtful",
        Mood::Bad => "bad",
    }
}

/// The browser is told to ask for nothing, whatever the text holds.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The document as an HTML file.
pub fn write(document: &Document, page: &Page) -> String {
    let mut writer = Writer::default();
    document.blocks.iter().for_each(|block| writer.block(block));
    let parts = writer.finish();
    let badge = page.badge.as_ref().map_or_else(String::new, |badge| {
        format!("<p class=\"badge {}\">{}</p>\n", class(badge.mood), escaped(&badge.text))
    });
    let contents = if page.is_one_sheet { String::new() } else { contents(&parts.headings) };
    let sheet = match page.is_one_sheet {
        true => format!(" class=\"sheet\" style=\"--print-size:{:.1}pt\"", sheet::print_size(document)),
        false => String::new(),
    };
    let comment = if page.comment.is_empty() { String::new() } else { format!("{}\n", page.comment) };
    format!(
        "<!doctype html>\n<html lang=\"en\"{sheet}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         <header>\n{badge}<h1>{}</h1>\n{}</header>\n{contents}<main>\n{}</main>\n</body>\n</html>\n{comment}",
        escaped(&parts.title),
        style::sheet(&LIGHT.css_variables(), &DARK.css_variables()),
        escaped(&parts.title),
        parts.head,
        parts.body
    )
}

/// Links to the sections; none where there is only one.
fn contents(headings: &[(String, String)]) -> String {
    if headings.len() < 2 {
        return String::new();
    }
    let entry = |(id, text): &(String, String)| format!("<li><a href=\"#{id}\">{}</a></li>\n", escaped(text));
    let entries: String = headings.iter().map(entry).collect();
    format!("<nav aria-label=\"Contents\">\n<h2>Contents</h2>\n<ol>\n{entries}</ol>\n</nav>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Axis, Chart, Hue, Quantity, Shape};
    use crate::report::document::Table;

    fn document() -> Document {
        let mut document = Document::default();
        document.heading(1, "Report <of> \"A & B\"");
        document.paragraph("Run 7 </main><script>alert(1)</script>");
        document.lead("Verdict: PASS");
        document.heading(2, "Results");
        let mut table = Table::new("Window: <steady>", &["Step", "p95", "Status"], 1).ending_in_words();
        table.row(["List | all".to_owned(), "42.1 ms".to_owned(), "Fail".to_owned()]);
        document.table(table);
        document.heading(3, "Detail");
        document.bullets(vec!["one".to_owned(), "two & three".to_owned()]);
        document.heading(2, "Results");
        let mut chart = Chart { words: "It rises.".to_owned(), ..Chart::new("p95", "p95 over time") };
        (chart.x, chart.y) = (Axis::time(10.0), Axis::of("", Quantity::Latency));
        chart.add("p95", Hue::Series(0), Shape::line([(0.0, 0.01), (10.0, 0.02)]));
        document.chart(chart.clone());
        document.chart(chart);
        document.code("toml", "a = \"</code>\"");
        document
    }

    #[test]
    fn a_page_reads_like_this() {
        let page = Page {
            badge: Some(Badge { text: "PASS".to_owned(), mood: Mood::Good }),
            comment: "<!-- made -->".to_owned(),
            ..Page::default()
        };
        let text = write(&document(), &page);
        let from = text.find("<body>").unwrap();
        insta::assert_snapshot!(&text[from..]);
    }

    #[test]
    fn text_cannot_break_out_and_every_place_has_one_name() {
        let text = write(&document(), &Page::default());
        assert!(!text.contains("<script"), "{text}");
        let ids: Vec<&str> =
            text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{ids:?}");
        for reference in text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(distinct.contains(reference), "{reference}");
        }
        assert!(
            !text.contains("http://")
                || text.matches("http://").count() == text.matches("http://www.w3.org/2000/svg").count()
        );
    }
}
