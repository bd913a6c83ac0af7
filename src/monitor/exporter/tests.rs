//! Exporters on loopback that say what they are told to.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::model::{Access, Combine, MetricReading, SeriesGroup, SeriesUnit};
use crate::monitor::testing::{respond, serve};

const TEXT: &str = "Content-Type: text/plain; version=0.0.4\r\n";

fn series(metric: &str, reading: MetricReading) -> MetricSeries {
    MetricSeries {
        name: metric.into(),
        metric: metric.into(),
        labels: Vec::new(),
        reading,
        combine: Combine::Sum,
        unit: SeriesUnit::Number,
        group: SeriesGroup::Other,
    }
}

fn probe(url: String, series: Vec<MetricSeries>) -> MetricsProbe {
    MetricsProbe { url, series, ..MetricsProbe::default() }
}

fn source(url: String, series: Vec<MetricSeries>) -> ExporterSource {
    ExporterSource::new(&probe(url, series), None).unwrap()
}

/// Whatever a request is, so it is answered.
fn says(status: &'static str, headers: &'static str, body: &'static str) -> String {
    let address = serve(move |_, stream| respond(stream, status, headers, body));
    format!("http://{address}/metrics")
}

async fn refusal(url: String) -> String {
    source(url, Vec::new()).begin().await.unwrap_err().0
}

#[tokio::test]
async fn chosen_series_are_read_counters_become_rates_and_one_that_begins_anew_is_no_fall() {
    let n = AtomicU32::new(0);
    let address = serve(move |head, stream| {
        assert!(head.contains("application/openmetrics-text"), "{head}");
        let n = n.fetch_add(1, Ordering::Relaxed);
        let (time, total) = [(10.0, 100.0), (11.0, 140.0), (12.0, 30.0)][n as usize];
        let body = format!(
            "# TYPE a counter\na_total {total} {time}\n# TYPE g gauge\ng {n}\nshop_build_info{{version=\"1.2\"}} 1\n# EOF\n"
        );
        respond(stream, "200 OK", "Content-Type: application/openmetrics-text; version=1.0.0\r\n", &body);
    });
    let wanted = ["a_total", "g", "absent"].map(|metric| series(metric, MetricReading::Declared));
    let mut source = source(format!("http://{address}/metrics"), wanted.into());
    let begun = source.begin().await.unwrap();
    assert_eq!(begun.version, "shop 1.2");
    assert_eq!(source.notes(), ["absent: there is no sample absent on the page."]);
    let first = source.read().await.unwrap();
    assert_eq!((first[0], first[1]), (40.0, 1.0));
    assert!(first[2].is_nan());
    assert_eq!(source.read().await.unwrap()[..2], [30.0, 2.0]);
    assert!(source.bytes_read() > 200);
}

#[tokio::test]
async fn malformed_lines_are_skipped_and_told_with_the_first_of_them() {
    let url = says("200 OK", TEXT, "g 1\nthis is nonsense\n{\ng2 5\n");
    let mut source = source(url, vec![series("g2", MetricReading::Value)]);
    source.begin().await.unwrap();
    assert_eq!(source.read().await.unwrap(), [5.0]);
    let notes = Source::notes(&source);
    assert!(notes[0].starts_with("2 lines") && notes[0].contains("line 2:"), "{notes:?}");
}

#[tokio::test]
async fn what_is_no_page_of_metrics_is_told_in_plain_words() {
    let html =
        refusal(says("200 OK", "Content-Type: text/html\r\n", "<html><body>Hello</body></html>")).await;
    assert!(html.contains("web page") && html.contains("/metrics"), "{html}");
    let html = refusal(says("200 OK", "", "\n<!DOCTYPE html>")).await;
    assert!(html.contains("web page"), "{html}");
    let json = refusal(says("200 OK", "Content-Type: application/json\r\n", "{\"a\": 1}")).await;
    assert!(json.contains("something else than metrics") && json.contains("line 1"), "{json}");
    let missing = refusal(says("404 Not Found", TEXT, "no such page")).await;
    assert!(missing.contains("404") && missing.contains("no such page"), "{missing}");
    let failing = refusal(says("500 Internal Server Error", "", "<html>")).await;
    assert!(
        failing.contains("500") && failing.contains("its log") && !failing.contains("<html>"),
        "{failing}"
    );
    for url in ["ftp://127.0.0.1/", "127.0.0.1:9100", ""] {
        let refused = ExporterSource::new(&probe(url.to_owned(), Vec::new()), None).err().unwrap();
        assert!(refused.0.contains("such as http://"), "{refused}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_right_one() {
    let address =
        serve(|head, stream| match head.to_lowercase().contains("authorization: basic bwu6cmlnahq=") {
            true => respond(stream, "200 OK", TEXT, "g 1\n"),
            false => respond(stream, "401 Unauthorized", "WWW-Authenticate: Basic\r\n", ""),
        });
    let url = format!("http://{address}/metrics");
    let with = |password: &str| {
        let access = Access { user: "me".into(), password: password.into(), ..Access::default() };
        let probe = MetricsProbe { access, ..probe(url.clone(), Vec::new()) };
        ExporterSource::new(&probe, None).unwrap()
    };
    assert!(with("right").begin().await.is_ok());
    let wrong = with("wrong").begin().await.unwrap_err().0;
    assert!(wrong.contains("401") && wrong.contains("does not accept the credentials"), "{wrong}");
    assert!(!wrong.contains("wrong"), "{wrong}");
    let none = refusal(url).await;
    assert!(none.contains("asks for credentials"), "{none}");
}

#[tokio::test]
async fn nobody_there_no_such_host_and_no_http() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let refused = refusal(format!("http://me:secret@127.0.0.1:{port}/metrics")).await;
    assert!(refused.contains("refused") && refused.contains("/metrics)"), "{refused}");
    assert!(!refused.contains("secret"), "{refused}");
    let unknown = refusal("http://no-such-host.invalid/metrics".to_owned()).await;
    assert!(unknown.contains("no host of that name"), "{unknown}");
    let address = serve(|_, stream| _ = stream.write_all(b"-ERR unknown command\r\n"));
    let other = refusal(format!("http://{address}/")).await;
    assert!(other.contains("server for HTTP"), "{other}");
}

/// A server that answers in plain text to whatever it is sent.
fn plain_text() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut part = [0; 4096];
            if stream.read(&mut part).is_ok() {
                _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            }
        }
    });
    format!("http://{address}/metrics")
}

/// A server for HTTPS whose certificate nobody vouches for, and that certificate.
fn https() -> (String, String) {
    let made =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(session, stream);
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let body = "g 7\n";
                _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.conn.send_close_notify();
                _ = stream.flush();
            }
        }
    });
    (format!("https://{address}/metrics"), made.cert.pem())
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_and_one_with_its_ca_is_not() {
    let (url, pem) = https();
    let untrusted = refusal(url.clone()).await;
    assert!(untrusted.contains("not trusted") && untrusted.contains("`ca`"), "{untrusted}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
    let with_ca = |ca: &str| {
        let access = Access { ca: ca.to_owned(), ..Access::default() };
        let probe = MetricsProbe { access, ..probe(url.clone(), vec![series("g", MetricReading::Value)]) };
        ExporterSource::new(&probe, Some(folder.path()))
    };
    let mut source = with_ca("ca.pem").unwrap();
    source.begin().await.unwrap();
    assert_eq!(source.read().await.unwrap(), [7.0]);
    let missing = with_ca("other.pem").err().unwrap().0;
    assert!(missing.contains("other.pem") && missing.contains("scenario file's folder"), "{missing}");
    let no_tls = refusal(plain_text().replace("http://", "https://")).await;
    assert!(no_tls.contains("does not speak TLS"), "{no_tls}");
}

#[tokio::test]
async fn a_server_that_hangs_or_drips_is_given_up_by_whoever_waits_and_is_read_again() {
    let n = AtomicU32::new(0);
    let address = serve(move |_, stream| match n.fetch_add(1, Ordering::Relaxed) {
        // Never a head.
        0 => std::thread::park(),
        // A head, and then a byte now and then, for ever.
        1 => {
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            while stream.write_all(b"#").is_ok() {
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
        _ => respond(stream, "200 OK", TEXT, "g 3\n"),
    });
    let mut source = source(format!("http://{address}/metrics"), vec![series("g", MetricReading::Value)]);
    for _ in 0..2 {
        let given_up = tokio::time::timeout(Duration::from_millis(150), source.begin()).await;
        assert!(given_up.is_err());
    }
    source.begin().await.unwrap();
    assert_eq!(source.read().await.unwrap(), [3.0]);
}

#[tokio::test]
async fn fifty_megabytes_are_read_and_only_the_chosen_series_take_room() {
    const N_BYTES: usize = 50_000_000;
    let line = "some_metric_of_a_large_page{instance=\"127.0.0.1:9090\",handler=\"/api/v1/write\",code=\"200\"} 12345.678\n";
    let n_lines = N_BYTES / line.len();
    let address = serve(move |_, stream| {
        let last = "wanted 17\n";
        let length = n_lines * line.len() + last.len();
        _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        let many = line.repeat(1000);
        for n in (0..n_lines).step_by(1000) {
            let count = (n_lines - n).min(1000);
            if stream.write_all(&many.as_bytes()[..count * line.len()]).is_err() {
                return;
            }
        }
        _ = stream.write_all(last.as_bytes());
    });
    let mut source =
        source(format!("http://{address}/metrics"), vec![series("wanted", MetricReading::Value)]);
    let begun = Instant::now();
    source.begin().await.unwrap();
    assert_eq!(source.before.as_ref().unwrap().found[0].values.len(), 1);
    assert_eq!(source.before.as_ref().unwrap().n_samples, n_lines as u64 + 1);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_page_without_end_is_refused_at_64_megabytes() {
    let address = serve(|_, stream| {
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let comment = format!("# {}\n", "x".repeat(65_000));
        while stream.write_all(comment.as_bytes()).is_ok() {}
    });
    let refusal = refusal(format!("http://{address}/metrics")).await;
    assert!(refusal.contains("more than 64 MB"), "{refusal}");
}

#[tokio::test]
async fn the_exporters_own_time_tells_its_clock_better_than_the_date_of_its_answer() {
    let unix = || crate::monitor::http::unix_now().as_secs_f64();
    let address = serve(move |_, stream| {
        respond(stream, "200 OK", TEXT, &format!("node_time_seconds {}\n", unix() + 5.0));
    });
    let mut exact = source(format!("http://{address}/metrics"), Vec::new());
    let clock = exact.begin().await.unwrap().clock.unwrap();
    assert!((clock.ahead_secs - 5.0).abs() <= clock.uncertainty_secs + 0.01, "{clock:?}");
    assert!(clock.uncertainty_secs < 0.5, "{clock:?}");
    let url = says("200 OK", "Date: Fri, 27 Nov 2020 08:00:00 GMT\r\n", "g 1\n");
    let mut dated = source(url, Vec::new());
    let clock = dated.begin().await.unwrap().clock.unwrap();
    let ahead = 1_606_464_000.0 - unix();
    assert!((clock.ahead_secs - ahead).abs() < 3.0 && clock.uncertainty_secs >= 0.5, "{clock:?} {ahead}");
}

#[test]
fn looks_at_a_clock_of_whole_seconds_narrow_where_it_stands() {
    let clock = |ahead_secs: f64, uncertainty_secs: f64| ClockOffset { ahead_secs, uncertainty_secs };
    let narrower = narrowed(Some(clock(0.0, 0.5)), clock(0.8, 0.5));
    assert!((narrower.ahead_secs - 0.4).abs() < 1e-9 && (narrower.uncertainty_secs - 0.1).abs() < 1e-9);
    let set = clock(90.0, 0.5);
    assert_eq!(narrowed(Some(narrower), set), set);
}

#[test]
fn what_a_page_offers_can_be_listed() {
    let url = says("200 OK", TEXT, "# HELP a What it counts.\n# TYPE a counter\na{x=\"1\"} 2\nb 3\n");
    let secrets = ["topsecret".to_owned()];
    let trial = Trial { files_root: None, secrets: &secrets, patience: Duration::from_secs(10) };
    let found = series_on_page(&probe(url, Vec::new()), &trial).unwrap();
    assert_eq!(found.iter().map(|metric| &*metric.name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((&*found[0].kind, &*found[0].help), ("counter", "What it counts."));
    let hanging = serve(|_, _| std::thread::park());
    let trial = Trial { patience: Duration::from_millis(200), ..trial };
    let refusal =
        series_on_page(&probe(format!("http://{hanging}/topsecret"), Vec::new()), &trial).unwrap_err();
    assert!(refusal.0.contains("within 0.2 s"), "{refusal}");
    let refused = says("404 Not Found", "", "").replace("/metrics", "/?key=topsecret");
    let trial = Trial { patience: Duration::from_secs(10), ..trial };
    let refusal = series_on_page(&probe(refused, Vec::new()), &trial).unwrap_err();
    assert!(refusal.0.contains("key=•••"), "{refusal}");
}
