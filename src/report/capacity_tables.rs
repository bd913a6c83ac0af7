//! Tables of a capacity, for the report and the terminal.

use crate::analysis::capacity::{
    CAPACITY_NOTE, Capacity, Coefficient, Concurrency, Level, Scaling, UsersSupported, Usl,
};
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
    if let Some(UsersSupported {
        users, iterations_per_sec, demand_users, demand_iterations_per_sec, ..
    }) = &capacity.users
    {
        row("Users at once", *users, *demand_users, |users| humanize::count(users.max(0.0).floor() as u64));
        let demand = capacity.demand.map(|demand| demand.requests_per_sec);
        row("Requests per second", estimate.requests_per_sec, demand, humanize::rate);
        row("Iterations per second", *iterations_per_sec, *demand_iterations_per_sec, humanize::rate);
    } else {
        let demand = capacity.demand.map(|demand| demand.requests_per_sec);
        row("Requests per second", estimate.requests_per_sec, demand, humanize::rate);
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
