//! A Prometheus server: asked by its query API once the run has ended, over the run's own seconds.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::http::{ApiAnswer, Endpoint};
use super::source::{Begun, Ended, ProbeError, RunStretch, Source};
use crate::metrics::ClockOffset;
use crate::model::{PrometheusProbe, QuerySeries};

/// The server refuses more than 11,000 points at once.
const MAX_POINTS: u32 = 10_000;

/// How much of a text that is no answer of the API is shown.
const MAX_SHOWN: usize = 200;

pub(super) struct PrometheusSource {
    endpoint: Endpoint,
    queries: Vec<QuerySeries>,
    clock: Option<ClockOffset>,
}

/// What the API answers with, whatever the request.
#[derive(Deserialize)]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    #[serde(default)]
    error: String,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct BuildInfo {
    version: String,
}

/// A moment in seconds since 1970, and the value as text: JSON knows no `NaN`.
type Point = (f64, String);

#[derive(Deserialize)]
struct Instant {
    result: Point,
}

#[derive(Deserialize)]
struct Ranges {
    result: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    values: Vec<Point>,
}

#[derive(Deserialize)]
struct Targets {
    #[serde(rename = "activeTargets")]
    active: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default, rename = "scrapeInterval")]
    scrape_interval: String,
}

impl PrometheusSource {
    /// Relative paths of certificates start at `files_root`.
    pub fn new(probe: &PrometheusProbe, files_root: Option<&Path>) -> Result<Self, ProbeError> {
        let endpoint = Endpoint::new(&probe.url, &probe.access, files_root)?;
        Ok(Self { endpoint, queries: probe.queries.clone(), clock: None })
    }

    async fn api<T: for<'de> Deserialize<'de>>(
        &mut self,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<(Envelope<T>, ApiAnswer), ProbeError> {
        let answer = self.endpoint.ask_api(path, parameters).await?;
        let read = serde_json::from_slice::<Envelope<T>>(&answer.body);
        match read {
            Ok(envelope) if envelope.status == "success" => Ok((envelope, answer)),
            Ok(envelope) => {
                let (kind, said) = (envelope.error_type, envelope.error);
                let text = format!("Prometheus refuses it: {said} ({kind}; {})", self.endpoint.shown());
                Err(ProbeError(text))
            }
            Err(_) if !answer.status.is_success() => {
                let said: String = String::from_utf8_lossy(&answer.body).chars().take(MAX_SHOWN).collect();
                let said = if said.trim_start().starts_with('<') { "" } else { said.trim() };
                Err(self.endpoint.refused(answer.status, said))
            }
            Err(error) => Err(ProbeError(format!(
                "it does not answer as Prometheus' API does: {error}; give the address without /api/v1 ({})",
                self.endpoint.shown()
            ))),
        }
    }

    /// The server's clock, by its own `time()`.
    async fn clock_now(&mut self) -> Result<ClockOffset, ProbeError> {
        let (envelope, answer) =
            self.api::<Instant>("api/v1/query", &[("query", "time()".to_owned())]).await?;
        let time = envelope.data.and_then(|data| data.result.1.parse::<f64>().ok());
        let time = time.ok_or_else(|| {
            ProbeError(format!("Prometheus does not say what time it is ({})", self.endpoint.shown()))
        })?;
        // Written in thousandths of a second.
        Ok(answer.exchange.offset(time, 1e-3))
    }

    /// The values of one query, by second of the run.
    async fn values(&mut self, place: usize, stretch: RunStretch) -> Result<Filled, ProbeError> {
        let query = self.queries[place].clone();
        let n_seconds = stretch.length.as_secs_f64().ceil() as u32;
        let ahead = self.clock.map_or(0.0, |clock| {
            // What is no surer than it is large says nothing.
            if clock.ahead_secs.abs() > clock.uncertainty_secs { clock.ahead_secs } else { 0.0 }
        });
        let start = stretch.started_at_unix.as_secs_f64() + ahead;
        let mut filled = Filled::default();
        let mut first = 0;
        while first < n_seconds {
            let last = (first + MAX_POINTS).min(n_seconds) - 1;
            // As of the end of each second.
            let moment = |second: u32| format!("{:.3}", start + f64::from(second) + 1.0);
            let parameters = [
                ("query", query.query.clone()),
                ("start", moment(first)),
                ("end", moment(last)),
                ("step", "1".to_owned()),
            ];
            let (envelope, _) = self.api::<Ranges>("api/v1/query_range", &parameters).await?;
            filled.warnings.extend(envelope.warnings);
            let mut ranges = envelope.data.map(|data| data.result).unwrap_or_default();
            if ranges.len() > 1 {
                return Err(ProbeError(format!(
                    "its query comes to {} time series and must come to one: choose labels, or add them up, such as sum({})",
                    ranges.len(),
                    query.query
                )));
            }
            let points = ranges.pop().map(|range| range.values).unwrap_or_default();
            filled.values.extend(points.iter().filter_map(|point| value_of(point, start, n_seconds)));
            first = last + 1;
        }
        Ok(filled)
    }

    /// A note where values stay the same for several seconds, because the server reads its targets less often.
    async fn scrape_note(&mut self) -> Option<String> {
        let parameters = [("state", "active".to_owned())];
        let (envelope, _) = self.api::<Targets>("api/v1/targets", &parameters).await.ok()?;
        let mut intervals: Vec<(Duration, String)> = Vec::new();
        for target in envelope.data?.active {
            if let Ok(interval) = crate::model::parse_duration(&target.scrape_interval) {
                intervals.push((interval, target.scrape_interval));
            }
        }
        intervals.sort();
        let ((shortest, _), (longest, text)) = (intervals.first()?, intervals.last()?);
        let also = if shortest == longest { "" } else { "up to " };
        (*longest > Duration::from_secs(1)).then(|| {
            format!(
                "Prometheus reads its targets every {also}{text}: values in between repeat the last one, and rates should cover at least four readings."
            )
        })
    }
}

/// What one query came to.
#[derive(Default)]
struct Filled {
    values: Vec<(u32, f64)>,
    warnings: Vec<String>,
}

/// To which second of a run a point belongs.
fn value_of(point: &Point, start: f64, n_seconds: u32) -> Option<(u32, f64)> {
    let second = (point.0 - start).round() - 1.0;
    let value: f64 = point.1.parse().ok()?;
    (value.is_finite() && second >= 0.0 && second < f64::from(n_seconds)).then_some((second as u32, value))
}

impl Source for PrometheusSource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        let (envelope, _) = self.api::<BuildInfo>("api/v1/status/buildinfo", &[]).await?;
        let version = envelope.data.map_or_else(String::new, |info| format!("Prometheus {}", info.version));
        self.clock = Some(self.clock_now().await?);
        Ok(Begun { version, clock: self.clock, notes: Vec::new() })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        Ok(vec![f64::NAN; self.queries.len()])
    }

    async fn end(&mut self, stretch: RunStretch) -> Result<Ended, ProbeError> {
        // Clocks drift: the one of now is nearer to the run than that of before.
        self.clock = Some(self.clock_now().await?);
        let mut ended = Ended::default();
        let mut failure = None;
        for place in 0..self.queries.len() {
            let name = self.queries[place].name.clone();
            match self.values(place, stretch).await {
                Ok(filled) => {
                    if filled.values.is_empty() {
                        ended
                            .notes
                            .push(format!("{name}: there is nothing in Prometheus for the time of the run."));
                    }
                    ended.notes.extend(filled.warnings.iter().map(|warning| format!("{name}: {warning}.")));
                    ended
                        .late
                        .extend(filled.values.into_iter().map(|(second, value)| (place, second, value)));
                }
                Err(error) => {
                    ended.notes.push(format!("{name}: {error}."));
                    failure.get_or_insert(ProbeError(format!("{name}: {error}")));
                }
            }
        }
        ended.notes.extend(self.scrape_note().await);
        match failure {
            Some(failure) if ended.late.is_empty() => Err(failure),
            _ => Ok(ended),
        }
    }

    fn bytes_read(&self) -> u64 {
        self.endpoint.bytes_read()
    }

    fn clock(&self) -> Option<ClockOffset> {
        self.clock
    }

    fn is_read_afterwards(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SeriesGroup, SeriesUnit};
    use crate::monitor::http::unix_now;
    use crate::monitor::testing::{respond, serve};

    const LENGTH: Duration = Duration::from_millis(3_500);
    const STARTED: f64 = 1_700_000_000.25;

    fn source(address: &str, queries: &[&str]) -> PrometheusSource {
        let query = |query: &&str| QuerySeries {
            name: (*query).into(),
            query: (*query).into(),
            unit: SeriesUnit::Number,
            group: SeriesGroup::Other,
        };
        let queries = queries.iter().map(query).collect();
        let probe = PrometheusProbe { url: format!("http://{address}/prom/"), queries, ..Default::default() };
        PrometheusSource::new(&probe, None).unwrap()
    }

    fn stretch() -> RunStretch {
        RunStretch { started_at_unix: Duration::from_secs_f64(STARTED), length: LENGTH }
    }

    /// A server whose clock is `ahead`.
    fn prometheus(ahead: f64) -> String {
        serve(move |head, stream| {
            let target = head.split(' ').nth(1).unwrap();
            let body = if target.starts_with("/prom/api/v1/status/buildinfo") {
                r#"{"status":"success","data":{"version":"2.42.0"}}"#.to_owned()
            } else if target.starts_with("/prom/api/v1/query?query=time") {
                let now = unix_now().as_secs_f64() + ahead;
                format!(r#"{{"status":"success","data":{{"resultType":"scalar","result":[{now},"{now}"]}}}}"#)
            } else if target.starts_with("/prom/api/v1/targets") {
                r#"{"status":"success","data":{"activeTargets":[{"scrapeInterval":"1s"},{"scrapeInterval":"15s"}]}}"#.to_owned()
            } else if target.contains("query=up") {
                // As of the end of each second, by the server's clock; one is missing, one is no number.
                assert!(
                    target.contains("step=1")
                        && target.contains(&format!("start={:.0}", (STARTED + ahead + 1.0).floor())),
                    "{target}"
                );
                let at = |second: f64| STARTED + ahead + 1.0 + second;
                format!(
                    r#"{{"status":"success","warnings":["slow"],"data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[[{},"5"],[{},"NaN"],[{},"7.5"]]}}]}}}}"#,
                    at(0.0),
                    at(1.0),
                    at(3.0)
                )
            } else if target.contains("query=many") {
                r#"{"status":"success","data":{"resultType":"matrix","result":[{"values":[]},{"values":[]}]}}"#.to_owned()
            } else if target.contains("query=nothing") {
                r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#.to_owned()
            } else {
                let body = r#"{"status":"error","errorType":"bad_data","error":"1:4: parse error: unclosed left parenthesis"}"#;
                return respond(stream, "400 Bad Request", "", body);
            };
            respond(stream, "200 OK", "Content-Type: application/json\r\n", &body);
        })
    }

    #[tokio::test]
    async fn the_run_is_filled_in_by_the_servers_own_clock() {
        for ahead in [0.0, 600.0] {
            // The clocks' offset is measured to a fraction of a second, which the test's server must not see.
            let mut source = source(&prometheus(ahead), &["up"]);
            let begun = source.begin().await.unwrap();
            assert_eq!(begun.version, "Prometheus 2.42.0");
            let clock = begun.clock.unwrap();
            assert!((clock.ahead_secs - ahead).abs() <= clock.uncertainty_secs + 0.01, "{clock:?}");
            let ended = source.end(stretch()).await.unwrap();
            assert_eq!(ended.late, [(0, 0, 5.0), (0, 3, 7.5)]);
            assert_eq!(ended.notes[0], "up: slow.");
            assert!(ended.notes[1].contains("up to 15s"), "{:?}", ended.notes);
        }
    }

    #[tokio::test]
    async fn one_query_that_cannot_be_answered_leaves_the_others_as_they_are() {
        let mut source = source(&prometheus(0.0), &["up", "many", "sum(", "nothing"]);
        source.begin().await.unwrap();
        let ended = source.end(stretch()).await.unwrap();
        assert_eq!(ended.late.len(), 2);
        let note =
            |words: &str| assert!(ended.notes.iter().any(|note| note.contains(words)), "{:?}", ended.notes);
        note("many: its query comes to 2 time series");
        note("sum(: Prometheus refuses it: 1:4: parse error: unclosed left parenthesis");
        note("nothing: there is nothing in Prometheus");
    }

    #[tokio::test]
    async fn a_refusal_of_all_queries_is_an_error_in_the_servers_words() {
        let mut source = source(&prometheus(0.0), &["sum("]);
        source.begin().await.unwrap();
        let error = source.end(stretch()).await.unwrap_err();
        assert!(error.0.contains("unclosed left parenthesis"), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_prometheus_is_told() {
        let page = serve(|_, stream| respond(stream, "200 OK", "", "<html>"));
        let error = source(&page, &[]).begin().await.unwrap_err();
        assert!(error.0.contains("not answer as Prometheus"), "{error}");
        let closed = serve(|_, stream| respond(stream, "403 Forbidden", "", ""));
        let error = source(&closed, &[]).begin().await.unwrap_err();
        assert!(error.0.contains("403"), "{error}");
        let missing = serve(|_, stream| respond(stream, "404 Not Found", "", "404 page not found"));
        let error = source(&missing, &[]).begin().await.unwrap_err();
        assert!(error.0.contains("404 page not found"), "{error}");
    }
}
