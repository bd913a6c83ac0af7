//! `calibrate`: measures what this machine can do and keeps it; and what that means for a plan, before it runs.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use crate::engine;
use crate::humanize;
use crate::launch::{
    self, Advice, CalibrateError, CalibrateOptions, CalibrationPart, KnownCalibration, keep_calibration,
    known_calibration,
};
use crate::metrics::Calibration;
use crate::model::{Scenario, TransportChoice};
use crate::store::Library;

use super::{
    LibraryPlace,
    args::{CalibrateArgs, CalibrateTransport},
    exit::{CliError, Exit},
    out::{complain, print, print_json},
    tables::table,
};

/// From this share of a reading on, the floor is a caveat of a run.
const READINGS_PER_FLOOR: u32 = 10;

/// Measures this machine and keeps what was measured.
pub fn calibrate(args: &CalibrateArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    // Opened first: nobody wants to wait for figures that cannot be kept.
    let library = Library::open(&place.path()?)?;
    let options = CalibrateOptions { transport: choice(args.transport), quick: args.quick };
    let calibration = launch::calibrate(options, |part| complain(&part_words(part, args.quick)))?;
    keep_calibration(&library, &calibration)?;
    if args.json {
        print_json(&calibration_json(&calibration, &library))?;
    } else {
        print(&calibration_text(&calibration, library.path()))?;
    }
    Ok(Exit::Pass)
}

/// Says on standard error what is known of this machine and a plan, where there is something to say.
// Advice must not keep anything from running: a library that cannot be read says so where it is needed.
pub fn advise(scenario: &Scenario, time_scale: f64, place: LibraryPlace<'_>) {
    match advice(scenario, time_scale, place) {
        Some(Advice::Warning(text)) => complain(&format!("warning: {text}.")),
        Some(Advice::Hint(text)) => complain(&format!("hint: {text}.")),
        None => {}
    }
}

/// As [`advise`], for programs.
pub fn advice_json(scenario: &Scenario, place: LibraryPlace<'_>) -> Value {
    advice(scenario, 1.0, place).map_or(Value::Null, |advice| match advice {
        Advice::Warning(text) => json!({ "severity": "warning", "message": text }),
        Advice::Hint(text) => json!({ "severity": "hint", "message": text }),
    })
}

fn advice(scenario: &Scenario, time_scale: f64, place: LibraryPlace<'_>) -> Option<Advice> {
    let transport = engine::facts(scenario, None).transport;
    let known = match place.open_existing().ok()? {
        Some(library) => known_calibration(&library, &transport).ok()?,
        None => KnownCalibration::None,
    };
    launch::advice(&known, scenario, time_scale)
}

fn choice(transport: CalibrateTransport) -> TransportChoice {
    match transport {
        CalibrateTransport::Auto => TransportChoice::Auto,
        CalibrateTransport::Wire => TransportChoice::Wire,
        CalibrateTransport::Reqwest => TransportChoice::Reqwest,
    }
}

fn part_words(part: CalibrationPart, quick: bool) -> String {
    let n_parts = CalibrationPart::ALL.len();
    let span = humanize::span(part.duration(quick));
    format!("{} of {n_parts}: {}, {span} …", part.number(), part.words())
}

fn calibration_text(calibration: &Calibration, library: &Path) -> String {
    let latency = humanize::latency;
    let row = |figure: &str, value: String, meaning: &str| vec![figure.to_owned(), value, meaning.to_owned()];
    let cpu = calibration.cpu_per_request;
    let rows = [
        row("Floor, median", latency(calibration.floor_p50), "service time of a target that answers at once"),
        row("Floor, p99.9", latency(calibration.floor_p99_9), "the same, one request in a thousand"),
        row("Start lag, median", latency(calibration.start_lag_p50), "how late requests leave at 200/s"),
        row("Start lag, p99", latency(calibration.start_lag_p99), "the same, one request in a hundred"),
        row(
            "Ceiling of one worker",
            humanize::rate(calibration.requests_per_sec_per_worker),
            "requests, 64 users without think time",
        ),
        row(
            &format!("Ceiling of {}", humanize::counted(u64::from(calibration.n_workers), "worker")),
            humanize::rate(calibration.requests_per_sec),
            "requests of all workers that a run may get here",
        ),
        row(
            "Processor time per request",
            if cpu.is_zero() { humanize::MISSING.to_owned() } else { humanize::fine_time(cpu) },
            "of a worker",
        ),
    ];
    let table = table(&["Figure", "Value", "Meaning"], 1..2, rows);
    let rough = if calibration.quick { ", measured for a second each: rough" } else { "" };
    format!(
        "This machine with the {} transport{rough}\n{table}\n\
         Service times below {} are to a good part this machine's own; requests at more than {} are more than it \
         makes.\nThe target of this measurement ran on the same machine; one elsewhere leaves the generator more.\n\
         Kept in {}; runs carry it from now on.\n",
        calibration.transport,
        latency(calibration.floor_p50 * READINGS_PER_FLOOR),
        humanize::rate(calibration.requests_per_sec),
        library.display()
    )
}

fn calibration_json(calibration: &Calibration, library: &Library) -> Value {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let cpu = calibration.cpu_per_request;
    json!({
        "measured_at_unix_millis": calibration.measured_at_unix_millis,
        "machine": calibration.machine,
        "transport": calibration.transport,
        "quick": calibration.quick,
        "floor_p50_micros": micros(calibration.floor_p50),
        "floor_p99_9_micros": micros(calibration.floor_p99_9),
        "start_lag_p50_micros": micros(calibration.start_lag_p50),
        "start_lag_p99_micros": micros(calibration.start_lag_p99),
        "requests_per_sec_per_worker": calibration.requests_per_sec_per_worker,
        "requests_per_sec": calibration.requests_per_sec,
        "n_workers": calibration.n_workers,
        "cpu_per_request_micros": (!cpu.is_zero()).then(|| micros(cpu)),
        "library": library.path(),
    })
}

impl From<CalibrateError> for CliError {
    fn from(error: CalibrateError) -> Self {
        Self::Fault(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_with_their_units_and_a_quick_calibration_says_that_it_is_rough() {
        let mut calibration = Calibration {
            transport: "wire".to_owned(),
            requests_per_sec_per_worker: 101_234.0,
            requests_per_sec: 150_000.0,
            n_workers: 2,
            cpu_per_request: Duration::from_nanos(4_620),
            floor_p50: Duration::from_micros(38),
            ..Calibration::default()
        };
        let text = calibration_text(&calibration, Path::new("library.sqlite"));
        for part in
            ["38 µs", "101,234/s", "Ceiling of 2 workers", "4.62 µs", "below 380 µs", "library.sqlite"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("rough"), "{text}");
        calibration.quick = true;
        calibration.cpu_per_request = Duration::ZERO;
        let text = calibration_text(&calibration, Path::new("library.sqlite"));
        assert!(text.contains("rough") && text.contains(humanize::MISSING), "{text}");
    }

    #[test]
    fn the_parts_of_a_calibration_are_counted() {
        let words = part_words(CalibrationPart::AllWorkers, false);
        assert_eq!(words, "3 of 3: the ceiling of all workers, 5 s …");
    }
}
