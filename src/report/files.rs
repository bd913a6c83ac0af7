//! A report as files: one that is opened, and what lies beside it.

use std::path::{Path, PathBuf};

use super::{
    Paper, Variant,
    chart::{Chart, SvgColors, draw, svg},
    document,
    document::{Block, Document},
    markdown,
};
use crate::metrics::HistogramError;

/// In what form a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Markdown, with its charts as SVG files in a folder beside it.
    Markdown,
    /// One HTML file that holds everything.
    Html,
    Json,
    /// One line per second, and beside it all stages, steps, services, error groups and what monitors read.
    Csv,
    /// Limits as JUnit XML.
    Junit,
}

/// A file to be written, by its path from the folder of the first one; folders are parted by `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Format {
    pub const ALL: [Self; 5] = [Self::Markdown, Self::Html, Self::Json, Self::Csv, Self::Junit];

    /// The ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Junit => "xml",
        }
    }

    /// The format that a file's ending stands for, in capitals or not.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "markdown" => Some(Self::Markdown),
            "htm" => Some(Self::Html),
            ending => Self::ALL.into_iter().find(|format| format.ending() == ending),
        }
    }
}

/// The files of a report in a format; `file_name` is the first one's, and the others are named after it.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn files(paper: &Paper<'_>, format: Format, file_name: &str) -> Result<Vec<NewFile>, HistogramError> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let first = |text: String| NewFile { path: file_name.to_owned(), bytes: text.into_bytes() };
    Ok(match format {
        // A comment is posted as it is, without files beside it.
        Format::Markdown if paper.options.variant == Variant::PullRequest => {
            vec![first(super::markdown(paper))]
        }
        Format::Markdown => markdown_files(&document(paper), file_name, &super::made_of_comment(paper)),
        Format::Html => vec![first(super::html(paper))],
        Format::Json => vec![first(format!("{:#}\n", super::json(paper)))],
        Format::Csv => {
            let beside = |name: &str, text: String| NewFile {
                path: format!("{stem}-{name}.csv"),
                bytes: text.into_bytes(),
            };
            let mut files = vec![first(super::csv(paper)?), beside("results", super::results_csv(paper))];
            files.extend(super::errors_csv(paper).map(|text| beside("errors", text)));
            files.extend(super::resources_csv(paper).map(|text| beside("resources", text)));
            files
        }
        Format::Junit => vec![first(super::junit(paper))],
    })
}

/// The same files with their places, where the first one is to lie at `path`.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn files_at(
    paper: &Paper<'_>,
    format: Format,
    path: &Path,
) -> Result<Vec<(PathBuf, Vec<u8>)>, HistogramError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The first as it was named: a name need not be text.
    let place = |(index, file): (usize, NewFile)| match index {
        0 => (path.to_path_buf(), file.bytes),
        _ => (path.with_file_name(&file.path), file.bytes),
    };
    Ok(files(paper, format, &name)?.into_iter().enumerate().map(place).collect())
}

/// A document as Markdown with its charts beside it; each file ends in the same words.
fn markdown_files(document: &Document, file_name: &str, end: &str) -> Vec<NewFile> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let folder = format!("{stem}-charts");
    let mut charts: Vec<NewFile> = Vec::new();
    let mut named = |chart: &Chart| {
        let path = free_path(&folder, &chart.id, &charts);
        let drawing = draw(chart, chart.size());
        let text = svg(&drawing, &name_of(&path), SvgColors::Fixed) + end.trim_start();
        charts.push(NewFile { path: path.clone(), bytes: text.into_bytes() });
        path
    };
    let paths: Vec<Option<String>> = document
        .blocks
        .iter()
        .map(|block| match block {
            Block::Chart(chart) => Some(named(chart)),
            _ => None,
        })
        .collect();
    let text = markdown::write_with_images(document, &paths) + end;
    let mut files = vec![NewFile { path: file_name.to_owned(), bytes: text.into_bytes() }];
    files.append(&mut charts);
    files
}

/// The name of a chart's file without folder and ending.
fn name_of(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.trim_end_matches(".svg").to_owned()
}

/// A path that no chart has yet.
fn free_path(folder: &str, id: &str, taken: &[NewFile]) -> String {
    let path = |number: usize| match number {
        1 => format!("{folder}/{id}.svg"),
        number => format!("{folder}/{id}-{number}.svg"),
    };
    let is_free = |path: &String| !taken.iter().any(|file| file.path == *path);
    (1..).map(path).find(is_free).unwrap_or_else(|| path(1))
}
