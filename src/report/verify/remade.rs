//! A report made again in the form in which it was given, with the files that lie beside it.

use super::WrittenAs;
use crate::metrics::HistogramError;
use crate::report::{self, Format, NewFile, Paper};

/// What a run gives for a given report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remade {
    pub text: String,
    /// Files that the report names: they have to be there.
    pub shown: Vec<NewFile>,
    /// Files that may lie beside it.
    pub beside: Vec<NewFile>,
}

/// The report of a paper in the form of a given one; none where a run gives no such file.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn remade(paper: &Paper<'_>, given: &str) -> Result<Option<Remade>, HistogramError> {
    let alone = |text: String| Some(Remade { text, shown: Vec::new(), beside: Vec::new() });
    Ok(match WrittenAs::of(given) {
        WrittenAs::Html => alone(report::html(paper)),
        WrittenAs::Json => alone(format!("{:#}\n", report::json(paper))),
        WrittenAs::Junit => alone(report::junit(paper)),
        WrittenAs::Csv => table(paper, given)?,
        WrittenAs::Svg => chart(paper, given)?,
        WrittenAs::Markdown => match folder_of_charts(given) {
            None => alone(report::markdown(paper)),
            Some(stem) => {
                let (text, shown) = split(report::files(paper, Format::Markdown, &format!("{stem}.md"))?);
                Some(Remade { text, shown, beside: Vec::new() })
            }
        },
    })
}

/// The first file's text, and the others.
fn split(mut files: Vec<NewFile>) -> (String, Vec<NewFile>) {
    let first = files.remove(0);
    (String::from_utf8_lossy(&first.bytes).into_owned(), files)
}

/// The name, without its ending, of the report that a text with charts was written as.
fn folder_of_charts(given: &str) -> Option<String> {
    given.match_indices("](").find_map(|(at, opened)| {
        let target = given[at + opened.len()..].split(')').next()?;
        let target = percent_encoding::percent_decode_str(target).decode_utf8().ok()?;
        let (folder, file) = target.rsplit_once('/')?;
        let is_chart = file.ends_with(".svg") && !folder.contains('/');
        folder.strip_suffix("-charts").filter(|_| is_chart).map(str::to_owned)
    })
}

/// One of the tables that lie beside each other.
fn table(paper: &Paper<'_>, given: &str) -> Result<Option<Remade>, HistogramError> {
    let head =
        |text: &str| text.split(',').next().unwrap_or_default().trim_start_matches('\u{feff}').to_owned();
    let (first, others) = split(report::files(paper, Format::Csv, "report.csv")?);
    if head(given) == head(&first) {
        return Ok(Some(Remade { text: first, shown: Vec::new(), beside: others }));
    }
    let text = |file: &NewFile| String::from_utf8_lossy(&file.bytes).into_owned();
    let found = others.iter().map(text).find(|text| head(given) == head(text));
    Ok(found.map(|text| Remade { text, shown: Vec::new(), beside: Vec::new() }))
}

/// A chart, told by its name.
fn chart(paper: &Paper<'_>, given: &str) -> Result<Option<Remade>, HistogramError> {
    let name = |text: &str| Some(text.split_once("aria-labelledby=\"")?.1.split_once('"')?.0.to_owned());
    let wanted = name(given);
    let charts = split(report::files(paper, Format::Markdown, "report.md")?).1;
    let texts = charts.iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let found = texts.into_iter().find(|text| wanted.is_some() && name(text) == wanted);
    Ok(found.map(|text| Remade { text, shown: Vec::new(), beside: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::tests::{Known, eventful};
    use crate::report::verify::{differences, provenance_of};

    #[test]
    fn a_report_with_charts_is_told_by_their_folder() {
        assert_eq!(folder_of_charts("![a](My%20run-charts/load.svg)").as_deref(), Some("My run"));
        assert_eq!(folder_of_charts("[a](b) and ![a](x-charts/load.svg)").as_deref(), Some("x"));
        for text in
            ["no image", "![a](load.svg)", "![a](x-charts/load.png)", "![a](y/x-charts/load.svg)", "]("]
        {
            assert_eq!(folder_of_charts(text), None, "{text}");
        }
    }

    #[test]
    fn every_file_of_every_format_is_made_again_and_a_changed_digit_is_found() {
        let known = Known::of(eventful());
        let paper = known.paper();
        let mut n_files = 0;
        for format in Format::ALL {
            for file in report::files(&paper, format, &format!("my run.{}", format.ending())).unwrap() {
                let text = String::from_utf8(file.bytes).unwrap();
                assert!(provenance_of(&text).is_some_and(|made_of| made_of.is_sealed()), "{}", file.path);
                let again = remade(&paper, &text).unwrap().unwrap_or_else(|| panic!("{}", file.path)).text;
                assert_eq!(differences(&text, &again), [], "{}", file.path);
                // Every digit would take long; those at some hundred places stand for them.
                let digits: Vec<usize> = text
                    .bytes()
                    .enumerate()
                    .filter(|(_, byte)| byte.is_ascii_digit())
                    .map(|(at, _)| at)
                    .collect();
                for at in digits.iter().step_by(digits.len() / 12 + 1) {
                    let mut bytes = text.clone().into_bytes();
                    bytes[*at] = if bytes[*at] == b'9' { b'8' } else { bytes[*at] + 1 };
                    let changed = String::from_utf8(bytes).unwrap();
                    assert_ne!(differences(&changed, &again), [], "{} at {at}", file.path);
                }
                n_files += 1;
            }
        }
        assert!(n_files > 12, "{n_files}");
    }
}
