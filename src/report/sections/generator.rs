//! How the load was made: transport, timer, workers, and what they cost.

use crate::analysis::load_facts;
use crate::report::{
    charts,
    document::{Document, Table},
};

use super::Subject;

pub fn write(document: &mut Document, Subject { record, summary, paper, .. }: Subject) {
    document.heading(3, "How the load was made");
    let charts = [charts::generator_use(paper), charts::start_lag(paper)];
    charts.into_iter().flatten().for_each(|chart| document.chart(chart));
    let mut table = Table::new("Window: whole run.", &["What", "Value"], 2);
    load_facts(record, summary).into_iter().for_each(|(what, value)| table.row([what.to_owned(), value]));
    document.table(table);
}
