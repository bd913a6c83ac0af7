//! The words of `report`.

use std::{convert::Infallible, path::PathBuf, str::FromStr};

use clap::Args;

use super::args::{ReportFormat, RunReference};
use crate::report::{Section, Variant};

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ReportArgs {
    /// The run: a number, `latest` or `baseline`
    pub run: Option<RunReference>,
    /// Format [default: by the output's ending, else md]
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// The same as --format json; with --verify, the answer as JSON
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Write to a file instead; .md, .html, .json, .csv or .xml (repeatable); charts and tables go beside it
    #[arg(short, long = "output", value_name = "FILE")]
    pub outputs: Vec<PathBuf>,
    #[command(flatten)]
    pub contents: ContentArgs,
    #[command(flatten)]
    pub words: WordArgs,
    #[command(flatten)]
    pub templates: TemplateArgs,
    /// Make these reports again from their runs, and name every place that differs
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["format", "outputs", "template"])]
    pub verify: Vec<PathBuf>,
}

/// What a report holds.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Contents")]
pub struct ContentArgs {
    /// full, one-page, or pull-request: a comment of at most 65,000 letters [default: as kept with the run, else full]
    #[arg(long)]
    pub variant: Option<Variant>,
    /// Only these sections, such as summary,steps,appendix
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub sections: Vec<Section>,
    /// All sections but these
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "sections")]
    pub without: Vec<Section>,
    /// Put a comparison with this run into the report
    #[arg(long, value_name = "RUN")]
    pub against: Option<RunReference>,
}

/// The analyst's words; what is given is kept with the run.
#[derive(Debug, Default, Args)]
#[command(
    next_help_heading = "Your words (kept with the run; an empty text takes them away, @FILE reads a file)"
)]
pub struct WordArgs {
    #[arg(long, value_name = "TEXT")]
    pub title: Option<Words>,
    #[arg(long, value_name = "TEXT")]
    pub author: Option<Words>,
    /// For whom the report is
    #[arg(long, value_name = "TEXT")]
    pub audience: Option<Words>,
    /// Behind the summary that is derived from the run
    #[arg(long, value_name = "TEXT")]
    pub summary: Option<Words>,
    /// A section of their own
    #[arg(long, value_name = "TEXT")]
    pub notes: Option<Words>,
    /// Who approved the report of this run, and on which terms
    #[arg(long, value_name = "TEXT")]
    pub approval: Option<Words>,
    /// Take all words, also those on recommendations and checklist, from this file, and keep them with the run
    #[arg(long, value_name = "FILE.toml")]
    pub texts: Option<PathBuf>,
    /// Write all words into a new file, to edit them there
    #[arg(long, value_name = "FILE.toml")]
    pub write_texts: Option<PathBuf>,
}

/// Templates of the user's own.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Templates")]
pub struct TemplateArgs {
    /// Write the report by this template instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "json"])]
    pub template: Option<PathBuf>,
    /// Use the templates of this folder in the place of those of the program
    /// [default: the folder report-templates beside the library]
    #[arg(long, value_name = "FOLDER")]
    pub templates_from: Option<PathBuf>,
    /// Write the program's templates into a folder, to edit them there
    #[arg(
        long = "templates",
        value_name = "FOLDER",
        conflicts_with_all = ["run", "format", "json", "outputs", "verify", "template", "templates_from"]
    )]
    pub write_to: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Figures in your words can be asked for by name: {{p95}}, {{error_share of stage NAME}}; --write-texts lists the names. Later \
runs of the scenario start from your words; sentences whose numbers have changed since are flagged in the report.
--verify: exit code 0 when everything is as the run gives it, 1 when anything differs, 3 when it is no report of a run here.
Examples:
  stagewright report latest -o report.md -o report.json
  stagewright report 12 --summary @summary.txt --author 'A. Analyst' -o report.md
  stagewright report --verify report.md";

/// A text of the analyst's, or the file that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    Text(String),
    File(PathBuf),
}

impl FromStr for Words {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('@') {
            // `@@` begins a text with one.
            Some(rest) if rest.starts_with('@') => Self::Text(rest.to_owned()),
            Some(path) if !path.is_empty() => Self::File(PathBuf::from(path)),
            _ => Self::Text(text.to_owned()),
        })
    }
}

impl WordArgs {
    /// Whether any words are to be kept.
    pub fn is_empty(&self) -> bool {
        let Self { title, author, audience, summary, notes, approval, texts, write_texts: _ } = self;
        [title, author, audience, summary, notes, approval].iter().all(|words| words.is_none())
            && texts.is_none()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Command, CommandLine};

    fn parse(line: &str) -> Result<ReportArgs, String> {
        match CommandLine::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?.command {
            Some(Command::Report(args)) => Ok(*args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_are_texts_or_files() {
        assert_eq!("a".parse(), Ok(Words::Text("a".to_owned())));
        assert_eq!("@a.md".parse(), Ok(Words::File("a.md".into())));
        assert_eq!("@@a".parse(), Ok(Words::Text("@a".to_owned())));
        assert_eq!("@".parse(), Ok(Words::Text("@".to_owned())));
    }

    #[test]
    fn a_report_has_outputs_sections_and_a_variant() {
        let args = parse("stagewright report 12 -o a.md -o b.json --variant one-page --without steps,phases")
            .unwrap();
        assert_eq!((args.outputs.len(), args.contents.variant), (2, Some(Variant::OnePage)));
        assert_eq!(args.contents.without, [Section::Steps, Section::Phases]);
        let message = parse("stagewright report 12 --sections stpes").unwrap_err();
        assert!(message.contains("did you mean `steps`"), "{message}");
        let message = parse("stagewright report 12 --variant short").unwrap_err();
        assert!(message.contains("full, one-page, pull-request"), "{message}");
    }

    #[test]
    fn what_cannot_go_together_is_refused() {
        for line in [
            "report 1 --verify a.md -o b.md",
            "report 1 --sections steps --without steps",
            "report 1 --templates folder",
            "report 1 --template a.md --json",
        ] {
            assert!(parse(&format!("stagewright {line}")).is_err(), "{line}");
        }
        assert_eq!(parse("stagewright report --verify a.md b.json --json").unwrap().verify.len(), 2);
    }
}
