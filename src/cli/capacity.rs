//! `capacity`: what a run's target can bear, or the scalability law over a file of levels.

use std::path::Path;

use crate::analysis::capacity::{Capacity, Concurrency, Scaling};
use crate::report::{self, Align, Table};

use super::{
    LibraryPlace,
    exit::{CliError, Exit},
    history_args::{CapacityArgs, LatencyUnit},
    levels_csv::read_levels,
    out::{print, print_json},
    summed_up::SummedUp,
    tables::table,
};

/// Tells the capacity of a run, or how throughput grows by a file.
pub fn capacity(args: &CapacityArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    match (&args.csv, &args.run) {
        (Some(path), _) => of_file(path, args)?,
        (None, Some(run)) => {
            let library = place.open()?;
            of_run(&SummedUp::load(&library, library.resolve(&run.0)?)?, args)?;
        }
        (None, None) => {
            return Err(CliError::BadInput("name a run, or a file of levels with --csv".to_owned()));
        }
    }
    Ok(Exit::Pass)
}

fn of_run(run: &SummedUp, args: &CapacityArgs) -> Result<(), CliError> {
    let scenario = &run.record.start.scenario;
    let mut capacity = run.diagnosis.capacity.clone();
    if let Some(demand) = args.demand {
        capacity = capacity.with_demand(demand.0, scenario);
    }
    if args.json {
        let mut value = report::capacity_json(&capacity);
        value["run_id"] = run.record.run_id.0.into();
        value["scenario"] = scenario.name.clone().into();
        return print_json(&value);
    }
    print(&run_text(&format!("Capacity of run {}, {}", run.record.run_id, scenario.name), &capacity))
}

fn run_text(title: &str, capacity: &Capacity) -> String {
    let mut text = lines(title, capacity.sentences().iter().chain(&capacity.notes));
    let has_levels = !capacity.levels.is_empty();
    let levels = has_levels.then(|| report::levels_table(capacity, |_| true));
    let found = [report::capacity_table(capacity), levels, report::usl_table(&capacity.scaling)];
    text += &tables_text(found.into_iter().flatten());
    text
}

fn of_file(path: &Path, args: &CapacityArgs) -> Result<(), CliError> {
    let unit = args.unit.unwrap_or(LatencyUnit::Ms);
    let scaling = Scaling::new(Concurrency::Stated, read_levels(path, unit.secs())?);
    if let Err(refusal) = scaling.usl {
        return Err(CliError::BadInput(format!(
            "no scalability curve can be fitted: {}: {}",
            refusal.words(),
            path.display()
        )));
    }
    if args.json {
        let mut value = report::scaling_json(&scaling);
        value["file"] = path.display().to_string().into();
        return print_json(&value);
    }
    let sentences: Vec<String> =
        [scaling.usl_sentence()].into_iter().chain(scaling.knee_sentence()).collect();
    let mut text = lines(&format!("Scalability by {}", path.display()), &sentences);
    text += &tables_text([report::points_table(&scaling)].into_iter().chain(report::usl_table(&scaling)));
    print(&text)
}

fn lines<'a>(title: &str, sentences: impl IntoIterator<Item = &'a String>) -> String {
    let mut text = format!("{title}\n");
    for sentence in sentences {
        text += &format!("  • {sentence}\n");
    }
    text
}

/// Tables of a report for a terminal, each under its note.
fn tables_text(tables: impl Iterator<Item = Table>) -> String {
    let text = |found: Table| {
        let titles: Vec<&str> = found.columns.iter().map(|column| column.title.as_str()).collect();
        let is_number = |index: &usize| found.columns[*index].align == Align::Right;
        let first = (0..titles.len()).find(is_number).unwrap_or(titles.len());
        let end = (0..titles.len()).rev().find(is_number).map_or(first, |last| last + 1);
        format!("\n{}\n{}\n", found.note, table(&titles, first..end, found.rows.clone()))
    };
    tables.map(text).collect()
}
