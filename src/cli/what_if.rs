//! `what-if`: what a change would bring by a model, kept with the run, and set beside what later runs measure.

use crate::analysis::what_if::{
    Base, BaseError, KeptProjections, LABEL, Line, NumberedProjection, PredictedAndMeasured, PredictedRow,
    Projection, Projections, Sensitivity, percentile_words, project,
};
use crate::analysis::{capitalized, summarize_precisely};
use crate::humanize;
use crate::launch::{keep_projection, projections_of};
use crate::metrics::RunId;
use crate::model::Metric;
use crate::report;
use crate::store::Library;

use super::{
    LibraryPlace,
    args::RunReference,
    exit::{CliError, Exit},
    out::{print, print_json},
    summed_up::SummedUp,
    tables::table,
    what_if_args::{WhatIfArgs, WhatIfCommand, WhatIfListArgs},
};

/// The percentile that bars are drawn for.
const BARS_OF: f64 = 0.95;

/// The longest bar.
const BAR_WIDTH: f64 = 24.0;

/// Says what a change would bring; exit code 2 where the model does not hold.
pub fn what_if(args: &WhatIfArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    if let WhatIfCommand::List(list) = &args.ask {
        return self::list(args.run.as_ref(), list, place);
    }
    let Some((change, queue, of)) = args.ask.asked() else { return Ok(Exit::BadInput) };
    if let Some(problem) = change.problem().or_else(|| queue.problem()) {
        return Err(CliError::BadInput(problem));
    }
    let run = args.run.as_ref().ok_or_else(no_run)?;
    let library = place.open()?;
    let run = library.open_run(library.resolve(&run.0)?)?;
    let summary = summarize_precisely(&run)?;
    let base = Base::new(&run, &summary, &of.subject(&change))?;
    let projection = project(&base, &change, &queue);
    let number = match of.keep && !projection.is_refused() {
        true => Some(keep_projection(&library, &projection)?),
        false => None,
    };
    if of.json {
        print_json(&report::projection_json(&projection))?;
    } else {
        print(&projection_lines(&projection))?;
        let run_id = projection.run_id;
        match number {
            Some(number) => print(&format!(
                "\nKept as projection {number} of run {run_id}: reports of later runs of {} set it beside what they measured.\n",
                projection.scenario
            ))?,
            None if of.keep => print("\nNothing was kept: there is no projection.\n")?,
            None => {}
        }
    }
    Ok(if projection.is_refused() { Exit::Inconclusive } else { Exit::Pass })
}

fn no_run() -> CliError {
    CliError::BadInput(
        "name the run before the change, such as `stagewright what-if latest cache --hit 0.5 --hit-latency 2ms`".to_owned(),
    )
}

impl From<BaseError> for CliError {
    fn from(error: BaseError) -> Self {
        match error {
            BaseError::Damaged(error) => error.into(),
            BaseError::Unknown(words) => Self::BadInput(words),
        }
    }
}

/// A projection for a terminal.
fn projection_lines(projection: &Projection) -> String {
    let mut text = format!("{}. {LABEL}\n{}\n", projection.title(), projection.inputs_words());
    let is_told = projection.speaking_line().is_some();
    if is_told {
        text += &format!("{}\n\n{}\n", projection.scope_words(), percentiles(projection));
        text += "Measured: 95 % interval in brackets; projected: p5 to p95.\n";
        text += &format!("\n{}\n", projection.sentence());
        text += &projection.queue_words().map(|words| format!("{words}\n")).unwrap_or_default();
        text += &sensitivity(projection);
    }
    if !projection.refusals.is_empty() {
        text += "\nNot told\n";
    }
    for refusal in &projection.refusals {
        let line = refusal.line.map(|line| format!("{}: ", capitalized(line.name()))).unwrap_or_default();
        text += &format!("  • {line}{}\n", refusal.text);
    }
    if is_told {
        text += "\nWhat it takes for granted\n";
        for case in &projection.cases {
            text += &format!("  • {}: {}\n", capitalized(&case.name), case.meaning);
        }
        for said in &projection.assumptions {
            text += &format!("  • {said}\n");
        }
    }
    text
}

fn percentiles(projection: &Projection) -> String {
    let heads = projection.percentile_heads();
    let header: Vec<&str> = heads.iter().map(String::as_str).collect();
    table(&header, 1..header.len(), projection.percentile_rows()).to_string()
}

/// Bars as long as each figure moves a percentile from one end to the other.
fn sensitivity(projection: &Projection) -> String {
    let longest = projection.sensitivity.iter().map(|moved| moved.reach(BARS_OF)).fold(0.0, f64::max);
    let line = projection.speaking_line().map_or("", Line::name);
    let mut text = format!(
        "\nHow far each figure moves {} ({line}), all others in the middle\n",
        Metric::Quantile(BARS_OF)
    );
    let rows = projection.sensitivity.iter().map(|moved: &Sensitivity| {
        let length = if longest > 0.0 { (moved.reach(BARS_OF) / longest * BAR_WIDTH).round() } else { 0.0 };
        vec![moved.input_text(), moved.moved_text(BARS_OF), "█".repeat(length as usize)]
    });
    text += &format!("{}\n", table(&["Figure", "From end to end", "How far"], 1..2, rows));
    text
}

fn list(
    before: Option<&RunReference>,
    args: &WhatIfListArgs,
    place: LibraryPlace<'_>,
) -> Result<Exit, CliError> {
    let reference = args.of_run.as_ref().or(before).ok_or_else(|| {
        CliError::BadInput(
            "name the run whose projections are listed, such as `stagewright what-if list latest`".to_owned(),
        )
    })?;
    let library = place.open()?;
    let run_id = library.resolve(&reference.0)?;
    if args.json {
        let run = SummedUp::load(&library, run_id)?;
        print_json(&report::json(&run.paper())["projections"])?;
        return Ok(Exit::Pass);
    }
    print(&list_lines(&library, run_id)?)?;
    Ok(Exit::Pass)
}

fn list_lines(library: &Library, run_id: RunId) -> Result<String, CliError> {
    let Projections { own, measured, notes } = beside(library, run_id)?;
    let mut text = match own.len() {
        0 => format!("Run {run_id} has no projections of its own.\n"),
        n => format!("{} from run {run_id}. {LABEL}\n", humanize::counted(n as u64, "projection")),
    };
    for NumberedProjection { number, projection, .. } in &own {
        text += &format!(
            "  {number}. {}. {}\n     {}\n",
            projection.title(),
            projection.inputs_words(),
            projection.sentence()
        );
    }
    if !measured.is_empty() {
        text += "\nPredicted before, measured now\n";
    }
    for one in &measured {
        let PredictedAndMeasured { predicted, sentence, obstacle, .. } = one;
        text += &format!(
            "  Run {}, projection {}: {}. {}\n     {sentence}\n",
            predicted.run_id,
            predicted.number,
            predicted.projection.title(),
            predicted.projection.inputs_words()
        );
        if let Some(obstacle) = obstacle.as_ref().filter(|obstacle| *obstacle != sentence) {
            text += &format!("     {obstacle}\n");
        }
        if !one.rows.is_empty() {
            let header = ["Percentile", "Line", "Predicted", "Measured now", "Now is"];
            text += &format!("{}\n", table(&header, 2..4, one.rows.iter().map(measured_row)));
        }
    }
    notes.iter().for_each(|note| text += &format!("  • {note}\n"));
    Ok(text)
}

fn measured_row(row: &PredictedRow) -> Vec<String> {
    vec![
        percentile_words(row.quantile),
        row.line.name().to_owned(),
        row.predicted.text(),
        row.measured_text(),
        row.agreement.words().to_owned(),
    ]
}

fn beside(library: &Library, run_id: RunId) -> Result<Projections, CliError> {
    let kept: KeptProjections = projections_of(library, run_id)?;
    let run = library.open_run(run_id)?;
    let summary = summarize_precisely(&run)?;
    Ok(kept.beside(&run, &summary)?)
}
