//! Tries a monitor out, for commands and the window: what answers, where its clock stands, what its series are now.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use super::exporter::FoundMetric;
use super::http::unix_now;
use super::mask::Mask;
use super::source::{ProbeError, RunStretch, Source as _};
use super::sources::AnySource;
use crate::metrics::ClockOffset;
use crate::model::{Monitor, SeriesDescription};

/// Between two readings: enough for rates to have grain.
const BETWEEN: Duration = Duration::from_millis(1000);

/// How far a server that is asked afterwards is looked back at.
const LOOK_BACK: Duration = Duration::from_secs(10);

/// What a trial may use.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// Where relative paths of certificates start: the scenario file's folder.
    pub files_root: Option<&'a Path>,
    /// Values that no text may show.
    pub secrets: &'a [String],
    /// How long it may take in all.
    pub patience: Duration,
}

/// A monitor that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionTest {
    /// Until it was reached; the readings come on top.
    pub took: Duration,
    /// What answered, such as `PostgreSQL 15.8`; empty where it did not say.
    pub version: String,
    pub clock: Option<ClockOffset>,
    /// Plain sentences on what cannot be had.
    pub notes: Vec<String>,
    /// Each series with its present value; none where there is none.
    pub values: Vec<(SeriesDescription, Option<f64>)>,
    /// What an exporter's page offers; empty for all else.
    pub found: Vec<FoundMetric>,
}

/// Reaches a monitor whose gaps are [`filled`](super::filled) and reads it twice, for rates; blocks for `patience` at most.
/// Its own passwords are hidden in all texts.
pub fn test_connection(monitor: &Monitor, patience: Duration) -> Result<ConnectionTest, ProbeError> {
    test_connection_with(monitor, &Trial { files_root: None, secrets: &[], patience })
}

/// The same where the monitor names files, or other secrets stand in it.
pub fn test_connection_with(monitor: &Monitor, trial: &Trial<'_>) -> Result<ConnectionTest, ProbeError> {
    let mask = Mask::new(trial.secrets, std::slice::from_ref(monitor));
    let tested = in_time(trial.patience, tried(monitor, AnySource::of(monitor, trial.files_root)));
    match tested {
        Ok(mut test) => {
            mask.hide_in(&mut test.version);
            test.notes.iter_mut().for_each(|note| mask.hide_in(note));
            Ok(test)
        }
        Err(error) => Err(ProbeError(mask.masked(&error.0).into_owned())),
    }
}

async fn tried(monitor: &Monitor, mut source: AnySource) -> Result<ConnectionTest, ProbeError> {
    let asked = Instant::now();
    let begun = source.begin().await?;
    let took = asked.elapsed();
    let mut notes = begun.notes;
    let described = monitor.series();
    let mut values = vec![f64::NAN; described.len()];
    if source.is_read_afterwards() {
        let started_at_unix = unix_now().saturating_sub(LOOK_BACK);
        let ended = source.end(RunStretch { started_at_unix, length: LOOK_BACK }).await?;
        // In the order of their seconds: the last stays.
        for (place, _, value) in ended.late {
            values[place] = value;
        }
        notes.extend(ended.notes);
    } else {
        tokio::time::sleep(BETWEEN).await;
        values = source.read().await?;
    }
    notes.extend(source.notes());
    let found = match &mut source {
        AnySource::Metrics(source) => source.found().await?,
        _ => Vec::new(),
    };
    let mut told: Vec<String> = Vec::new();
    notes.into_iter().for_each(|note| {
        if !told.contains(&note) {
            told.push(note);
        }
    });
    let finite = |value: f64| value.is_finite().then_some(value);
    Ok(ConnectionTest {
        took,
        version: begun.version,
        clock: source.clock().or(begun.clock),
        notes: told,
        values: described.into_iter().zip(values.into_iter().map(finite)).collect(),
        found,
    })
}

/// Runs a trial on the calling thread, and gives it up after its patience.
pub(super) fn in_time<T>(
    patience: Duration,
    trial: impl Future<Output = Result<T, ProbeError>>,
) -> Result<T, ProbeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| ProbeError(format!("this machine has no room for it: {error}")))?;
    let tried = runtime.block_on(async { tokio::time::timeout(patience, trial).await });
    // A look-up of a name may still be under way, which nothing can end.
    runtime.shutdown_background();
    tried.unwrap_or_else(|_| {
        Err(ProbeError(format!(
            "there was no complete answer within {} s; look at address, network and firewall",
            patience.as_secs_f64()
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricsProbe, Probe, RedisProbe};
    use crate::monitor::testing::{respond, serve};

    #[test]
    fn this_machine_can_be_tried_out() {
        let test = test_connection(&Monitor::new("m", Probe::Machine), Duration::from_secs(20)).unwrap();
        let value = |name: &str| test.values.iter().find(|(series, _)| series.name == name).unwrap().1;
        assert!(value("memory").is_some_and(|memory| memory > 0.0 && memory < 1.0), "{test:?}");
        assert!(value("CPU").is_some_and(|cpu| (0.0..=1.0).contains(&cpu)), "{test:?}");
        assert!(test.found.is_empty());
    }

    #[test]
    fn an_exporter_that_is_tried_out_offers_the_names_on_its_page() {
        let address = serve(|_, stream| respond(stream, "200 OK", "", "# TYPE a counter\na 2\nb 3\n"));
        let probe = MetricsProbe { url: format!("http://{address}/"), ..MetricsProbe::default() };
        let test =
            test_connection(&Monitor::new("m", Probe::Metrics(probe)), Duration::from_secs(20)).unwrap();
        let found: Vec<&str> = test.found.iter().map(|metric| metric.name.as_str()).collect();
        assert_eq!(found, ["a", "b"]);
    }

    #[test]
    fn what_cannot_be_reached_is_told_in_time_and_without_secrets() {
        let hanging = serve(|_, _| std::thread::park());
        let probe = MetricsProbe { url: format!("http://{hanging}/"), ..MetricsProbe::default() };
        let begun = Instant::now();
        let error = test_connection(&Monitor::new("m", Probe::Metrics(probe)), Duration::from_millis(300))
            .unwrap_err();
        assert!(error.0.contains("within 0.3 s") && begun.elapsed() < Duration::from_secs(5), "{error}");
        // Port 1 is nobody's.
        let probe = RedisProbe { url: "redis://127.0.0.1:1".into(), password: "topsecret".into() };
        let error =
            test_connection(&Monitor::new("m", Probe::Redis(probe)), Duration::from_secs(5)).unwrap_err();
        assert!(!error.0.contains("topsecret"), "{error}");
    }
}
