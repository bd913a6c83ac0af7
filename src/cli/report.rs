//! `report`: the document of a kept run.

use super::{
    LibraryPlace,
    args::{ReportArgs, ReportFormat},
    exit::{CliError, Exit},
    out::print,
    summed_up::{SummedUp, report_text, write_report},
};

/// Writes the report of a run to standard output or a file.
pub fn report(args: &ReportArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let format = format(args)?;
    let library = place.open()?;
    let run = SummedUp::load(&library, library.resolve(&args.run.0)?)?;
    match &args.output {
        None => print(&report_text(&run.paper(), format)?)?,
        Some(path) => {
            write_report(&run.paper(), format, path)?;
            print(&format!("Report: {}\n", path.display()))?;
        }
    }
    Ok(Exit::Pass)
}

/// The format asked for; else that of the output's ending; else Markdown.
fn format(args: &ReportArgs) -> Result<ReportFormat, CliError> {
    match (args.format, args.json, &args.output) {
        (Some(format), ..) => Ok(format),
        (None, true, _) => Ok(ReportFormat::Json),
        (None, false, Some(path)) => ReportFormat::of(path).map_err(CliError::BadInput),
        (None, false, None) => Ok(ReportFormat::Md),
    }
}
