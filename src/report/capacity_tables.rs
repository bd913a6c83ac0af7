//! Tables of a capacity, for the report and the terminal.

use crate::analysis::capacity::{CAPACITY_NOTE, Capacity, Coefficient, Concurrency, Level, Scaling, Usl};
use crate::analysis::stats::Estimate;
use crate::humanize;

use super::document::Table;

/// The capacity in requests, iterations and users, with what is left of it; none where there is no single number.
pub fn capacity_table(capacity: &Capacity) -> Option<Table> {
    let estimate = capacity.estimate()?;
    let at_least = if estimate.is_at_least() { "≥ " } else { "" };
    let note = format!(
        "Window: stage {}, the highest level that met the targets.{} The lower bound is the capacity to plan with; \
         headroom is 1 − demand ÷ lower bound.",
        capacity.levels[estimate.met].name,
        if estimate.is_at_least() { " «≥»: where the capacity ends was not seen." } else { "" }
    );
    let titles = ["What", "Capacity", "95 % lower bound", "Demand", "Headroom"];
    let mut table = Table::new(note, &titles, 1);
    let missing = || humanize::MISSING.to_owned();
    let headroom = capacity.headroom.map_or_else(missing, |headroom| headroom.text());
    let mut row = |what: &str, figure: Estimate, demand: Option<f64>, text: fn(f64) -> String| {
        table.row([
            what.to_owned(),
            format!("{at_least}{}", text(figure.value)),
            figure.low.map_or_else(missing, text),
            demand.map_or_else(missing, text),
            demand.map_or_else(missing, |_| headroom.clone()),
        ]);
    };
    if let Some(found) = &capacity.users {
        let whole = |users: f64| humanize::count(users.max(0.0).floor() as u64);
        row("Users at once", found.users(), found.demand_users, whole);
    }
    let demand = capacity.demand.map(|demand| demand.requests_per_sec);
    row("Requests per second", estimate.requests_per_sec, demand, humanize::rate);
    if let Some(found) = &capacity.users {
        let demand = found.demand_iterations_per_sec;
        row("Iterations per second", found.iterations_per_sec, demand, humanize::rate);
    }
    Some(table)
}

/// A row for each level that is to be shown: what was asked for, what came of it, and whether its targets were met.
pub fn levels_table(capacity: &Capacity, is_shown: impl Fn(&Level) -> bool) -> Table {
    let n_left_out = capacity.levels.iter().filter(|level| !is_shown(level)).count();
    let left_out = match n_left_out {
        0 => String::new(),
        n => format!(" {} are left out.", humanize::counted(n as u64, "further level")),
    };
    let titles =
        ["Stage", "Offered", "Achieved", "p50", "p95", "p99", "Error share", "In flight, mean", "Targets"];
    let note = format!("{CAPACITY_NOTE}{}{left_out}", capacity.in_flight_note());
    let mut table = Table::new(note, &titles, 1).ending_in_words();
    for level in capacity.levels.iter().filter(|level| is_shown(level)) {
        let [p50, p95, p99] = level.percentiles.map(|percentile| percentile.text());
        table.row([
            level.name.clone(),
            level.offered_words(capacity.is_open),
            level.achieved_text(),
            p50,
            p95,
            p99,
            level.errors_text(),
            level.in_flight_text(),
            level.verdict_words(),
        ]);
    }
    table
}

/// The fitted curve's parameters and what follows from them; none where there is no curve.
pub fn usl_table(scaling: &Scaling) -> Option<Table> {
    let usl = scaling.usl.as_ref().ok()?;
    let note = format!(
        "Model, not measured: X(N) = γ N ÷ (1 + α (N − 1) + β N (N − 1)), fitted to {} of {} different levels by least \
         squares. N: {}; X: successful requests per second. Intervals by Student's t with n − 3 degrees of freedom, of \
         the peak by bootstrap.",
        humanize::counted(usl.n_points as u64, "point"),
        usl.n_levels,
        scaling.concurrency.words()
    );
    let mut table = Table::new(note, &["Figure", "Value", "95 % interval", "Meaning"], 1).ending_in_words();
    let mut row = |figure: &str, value: String, interval: Option<String>, meaning: &str| {
        let interval = interval.unwrap_or_else(|| humanize::MISSING.to_owned());
        table.row([figure.to_owned(), value, interval, meaning.to_owned()]);
    };
    let interval = |coefficient: &Coefficient, text: fn(f64) -> String| {
        coefficient.interval.map(|(low, high)| format!("{} to {}", text(low), text(high)))
    };
    let number: fn(f64) -> String = humanize::number;
    row(
        "α, contention",
        number(usl.contention.value),
        interval(&usl.contention, number),
        "share of the work that waits for its turn",
    );
    row(
        "β, coherency",
        number(usl.coherency.value),
        interval(&usl.coherency, number),
        "what each needs of each other; bends the curve down",
    );
    row(
        "γ, throughput of one",
        humanize::rate(usl.of_one.value),
        interval(&usl.of_one, signed_rate),
        "at N = 1",
    );
    peak_rows(usl, scaling.concurrency, &mut row);
    row("R²", number(usl.r_squared), None, "share of the points' variance that the curve explains");
    row(
        "Residual",
        humanize::rate(usl.residual_per_sec),
        None,
        "standard deviation of the points around the curve",
    );
    Some(table)
}

fn peak_rows(usl: &Usl, concurrency: Concurrency, row: &mut impl FnMut(&str, String, Option<String>, &str)) {
    match usl.peak {
        Some(peak) => {
            let meaning = if peak.is_extrapolated {
                "beyond 1.5 times the highest level: not seen"
            } else {
                "where throughput is highest, √((1 − α) ÷ β)"
            };
            row("Peak at", concurrency.text(peak.concurrency), Some(peak.interval_words()), meaning);
            row("Throughput at the peak", humanize::rate(peak.throughput_per_sec), None, "by the curve");
        }
        None => row("Peak at", "none".to_owned(), None, "β is nothing: the curve only levels out"),
    }
    if let Some(limit) = usl.limit_per_sec {
        row("Limit by contention alone", humanize::rate(limit), None, "γ ÷ α, were there no coherency");
    }
    if let Some(optimum) = usl.optimum {
        row(
            "Optimum",
            concurrency.text(optimum),
            None,
            "1 ÷ α: beyond it contention takes more than it gives",
        );
    }
}

fn signed_rate(per_sec: f64) -> String {
    format!("{}/s", humanize::number(per_sec))
}

/// The points that a curve is fitted to, as a file says them.
pub fn points_table(scaling: &Scaling) -> Table {
    let has_latency = scaling.points.iter().any(|point| point.latency_secs.is_some());
    let titles: &[&str] = if has_latency {
        &["Concurrency", "Throughput", "By the curve", "Latency"]
    } else {
        &["Concurrency", "Throughput", "By the curve"]
    };
    let mut table = Table::new("As the file says.", titles, 0);
    for point in &scaling.points {
        let fitted = scaling.usl.as_ref().map(|usl| humanize::rate(usl.throughput_at(point.concurrency)));
        let mut cells = vec![
            humanize::number(point.concurrency),
            humanize::rate(point.throughput.value),
            fitted.unwrap_or_else(|_| humanize::MISSING.to_owned()),
        ];
        if has_latency {
            cells.push(
                point.latency_secs.map_or_else(|| humanize::MISSING.to_owned(), humanize::latency_secs),
            );
        }
        table.row(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::analysis::sample::{self, HeldLevel, held};
    use crate::analysis::{Diagnosis, summarize_precisely};
    use crate::metrics::{KeptRun, RunRecord};
    use crate::model::{Metric, Scenario, ThinkTime};
    use crate::report::{Block, Document, Paper, ReportOptions, Section, charts, document, json, markdown};

    const P95: Metric = Metric::Quantile(0.95);

    fn levels(figures: &[(f64, u64, f64)]) -> Vec<HeldLevel> {
        let level = |(level, n_per_second, mean_millis): &(f64, u64, f64)| HeldLevel {
            level: *level,
            n_per_second: *n_per_second,
            mean_millis: *mean_millis,
            one_fails_in: 0,
        };
        figures.iter().map(level).collect()
    }

    /// Six rates, of which the highest but one comes near the limit and the highest misses it.
    fn open() -> RunRecord {
        let thresholds = vec![
            sample::must(P95, 0.05),
            sample::must(Metric::ErrorShare, 0.01),
            sample::must(Metric::Throughput, 300.0),
        ];
        let mut scenario = Scenario { thresholds, ..sample::open_scenario() };
        scenario.journeys[0].think_time = ThinkTime::Fixed(Duration::from_millis(500));
        let rates = [
            (50.0, 50, 5.0),
            (100.0, 100, 5.5),
            (150.0, 150, 6.0),
            (200.0, 200, 7.0),
            (250.0, 250, 16.4),
            (300.0, 280, 60.0),
        ];
        held(scenario, 20, &levels(&rates))
    }

    /// Three numbers of users, all well within the limit.
    fn closed() -> RunRecord {
        let mut scenario = Scenario { thresholds: vec![sample::must(P95, 0.5)], ..sample::scenario() };
        scenario.journeys[0].think_time = ThinkTime::Fixed(Duration::from_millis(98));
        held(scenario, 20, &levels(&[(10.0, 50, 4.0), (20.0, 100, 5.0), (40.0, 190, 6.0)]))
    }

    fn section(record: RunRecord) -> (Document, serde_json::Value) {
        let run = KeptRun::from(record);
        let summary = summarize_precisely(&run).unwrap();
        let diagnosis = Diagnosis::new(&run.record, &run.history, &summary).unwrap();
        let options = ReportOptions::default().with(&[Section::Capacity]);
        let paper = Paper { options, ..Paper::new(&run.record, &summary, &diagnosis) };
        (document(&paper), json(&paper)["capacity"].clone())
    }

    /// The section without its charts, which formats draw each in their own way.
    fn text(record: RunRecord) -> String {
        let (mut document, _) = section(record);
        document.blocks.retain(|block| !matches!(block, Block::Chart(_)));
        let text = markdown::write(&document);
        let from = text.find("## ").unwrap();
        let until = text.find("\n## How to verify").unwrap_or(text.len());
        text[from..until].to_owned()
    }

    #[test]
    fn the_capacity_of_an_open_run_reads_like_this() {
        insta::assert_snapshot!(text(open()));
    }

    #[test]
    fn the_capacity_of_a_closed_run_whose_end_was_not_seen_reads_like_this() {
        insta::assert_snapshot!(text(closed()));
    }

    #[test]
    fn a_run_without_held_levels_has_one_sentence() {
        let mut scenario = sample::scenario();
        scenario.load.stages.remove(1);
        let text = text(sample::record(scenario));
        assert!(text.starts_with("## Scaling capacity and headroom\n\n**No stage held its level"), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }

    #[test]
    fn charts_and_json_tell_what_the_tables_tell() {
        let (document, value) = section(open());
        let drawn: Vec<_> = document
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Chart(chart) => Some(chart),
                _ => None,
            })
            .collect();
        let ids: Vec<&str> = drawn.iter().map(|chart| chart.id.as_str()).collect();
        assert_eq!(ids, ["latency-at-throughput", "scalability"]);
        assert_eq!(drawn[0].targets.len(), 1);
        assert_eq!(drawn[0].targets[0].label, "p95 ≤ 50 ms");
        assert!(drawn[0].marks[0].label.starts_with("capacity 400/s"), "{:?}", drawn[0].marks);
        assert!(drawn[0].words.starts_with("Latency against the rate"), "{}", drawn[0].words);
        assert_eq!(value["verdict"], "reached");
        assert_eq!((&value["met_level"], &value["missed_level"]), (&"At 200".into(), &"At 300".into()));
        assert_eq!(value["requests_per_sec"]["low"], 400.0);
        assert_eq!(value["headroom_ratio"], 0.25);
        assert_eq!(value["demand"]["source"], "threshold");
        assert_eq!(value["levels"][4]["verdict"], "undecided");
        assert_eq!(value["levels"][0]["response_time"]["p95"]["is_hidden_by_timeouts"], false);
        assert_eq!(value["scaling"]["concurrency"], "mean_in_flight");
        assert_eq!(value["scaling"]["usl"]["n_levels"], 6);
        assert!(value["scaling"]["usl"]["refused"].is_null());
    }

    #[test]
    fn the_same_run_has_the_same_capacity_to_the_last_digit() {
        assert_eq!(section(open()).1.to_string(), section(open()).1.to_string());
    }

    #[test]
    fn a_long_run_shows_the_levels_that_tell_most() {
        let many: Vec<(f64, u64, f64)> = (1..=60).map(|level| (f64::from(level), 2, 5.0)).collect();
        let scenario = Scenario { thresholds: vec![sample::must(P95, 0.5)], ..sample::open_scenario() };
        let text = text(held(scenario, 2, &levels(&many)));
        assert!(text.contains("20 further levels are left out."), "{text}");
        assert!(text.contains("| At 1 ") && text.contains("| At 60 "), "{text}");
    }

    #[test]
    fn charts_of_nothing_are_none() {
        let nothing = Capacity::default();
        assert!(charts::latency_at_throughput(&nothing).is_none());
        assert!(charts::scalability(&nothing.scaling).is_none());
        assert!(capacity_table(&nothing).is_none() && usl_table(&nothing.scaling).is_none());
    }
}
