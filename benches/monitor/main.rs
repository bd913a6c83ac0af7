//! What monitors cost: this machine, a process and an exporter's page of a thousand lines, fifty series once a second.
//! `cargo bench --bench monitor`. More than 1 % of a core is a failure.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use stagewright::metrics::{JournalError, MonitorFacts, SeriesInfo, SeriesPoint, WatchJournal};
use stagewright::model::{
    Combine, MetricReading, MetricSeries, MetricsProbe, Monitor, Probe, ProcessesProbe, SeriesGroup,
    SeriesUnit,
};
use stagewright::monitor::{self, WatchJob};

/// The program's own, so that costs are its costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_SERIES: usize = 50;
const MAX_SHARE: f64 = 0.01;

/// Disks and modes of the page: as many as make about a thousand lines.
const N_CPUS: usize = 8;
const N_DISKS: usize = 60;

fn main() {
    // `cargo test --benches` asks whether it runs, not how much it costs.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let load = Duration::from_secs(if is_bench { 60 } else { 2 });
    let monitors = monitors(&serve());
    let n_series: Vec<usize> = monitors.iter().map(|monitor| monitor.series().len()).collect();
    assert_eq!(n_series.iter().sum::<usize>(), N_SERIES);

    let ready =
        monitor::prepare(WatchJob { monitors, ..WatchJob::default() }).expect("a thread can be started");
    let kept = Kept::default();
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    let watch = ready.start(Box::new(kept.clone()), Instant::now(), unix, Arc::new(|| {}));
    thread::sleep(load);
    watch.finish(load);

    println!("| source | series | seconds read | median reading, ms | longest, ms | share of a core |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut all = 0.0;
    for (facts, n_series) in kept.0.lock().expect("nobody panicked").iter().zip(n_series) {
        assert!(facts.troubles.is_empty(), "{facts:?}");
        let cpu = facts.cost.cpu.expect("this system tells a thread's processor time");
        let share = cpu.as_secs_f64() / load.as_secs_f64();
        all += share;
        println!(
            "| {} | {n_series} | {} | {:.2} | {:.2} | {:.3} % |",
            facts.name,
            facts.n_read,
            facts.cost.median_reading.as_secs_f64() * 1e3,
            facts.cost.longest_reading.as_secs_f64() * 1e3,
            share * 100.0,
        );
    }
    println!("| all | {N_SERIES} | | | | {:.3} % |", all * 100.0);
    assert!(!is_bench || all <= MAX_SHARE, "monitors cost more than {} % of a core", MAX_SHARE * 100.0);
}

/// Keeps the last facts.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<MonitorFacts>>>);

impl WatchJournal for Kept {
    fn series(&mut self, _: &[SeriesInfo]) -> Result<(), JournalError> {
        Ok(())
    }

    fn points(&mut self, _: &[SeriesPoint]) -> Result<(), JournalError> {
        Ok(())
    }

    fn facts(&mut self, facts: &[MonitorFacts]) -> Result<(), JournalError> {
        *self.0.lock().expect("nobody panicked") = facts.to_vec();
        Ok(())
    }
}

fn monitors(address: &str) -> Vec<Monitor> {
    let own = ProcessesProbe { processes: vec![format!("pid:{}", std::process::id())] };
    let mut monitors =
        vec![Monitor::new("machine", Probe::Machine), Monitor::new("process", Probe::Processes(own))];
    let n_others: usize = monitors.iter().map(|monitor| monitor.series().len()).sum();
    let series = (0..N_SERIES - n_others).map(|n| {
        let (metric, labels, reading, combine) = match n {
            0 => (
                "node_cpu_seconds_total",
                vec![("mode", "idle".to_owned())],
                MetricReading::Complement,
                Combine::Mean,
            ),
            n if n % 2 == 0 => (
                "node_disk_io_time_seconds_total",
                vec![("device", format!("sd{n}"))],
                MetricReading::Declared,
                Combine::Max,
            ),
            _ => ("node_disk_read_bytes_total", Vec::new(), MetricReading::Declared, Combine::Sum),
        };
        MetricSeries {
            name: format!("series {n}"),
            metric: metric.to_owned(),
            labels: labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            reading,
            combine,
            unit: SeriesUnit::Number,
            group: SeriesGroup::Other,
        }
    });
    let probe = MetricsProbe {
        url: format!("http://{address}/metrics"),
        series: series.collect(),
        ..Default::default()
    };
    monitors.push(Monitor::new("exporter", Probe::Metrics(probe)));
    monitors
}

/// An exporter on loopback; returns its address. Its own cost is on threads of its own.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    thread::spawn(move || {
        for (n, stream) in listener.incoming().flatten().enumerate() {
            thread::spawn(move || answer(stream, n));
        }
    });
    address
}

/// Answers on a connection until it is closed.
fn answer(mut stream: TcpStream, n: usize) {
    let mut head = Vec::new();
    let mut part = [0; 4096];
    let mut n_answers = n;
    loop {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return,
            Ok(n_bytes) => head.extend_from_slice(&part[..n_bytes]),
        }
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            n_answers += 1;
            let page = page(n_answers as f64);
            let text = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
            if stream.write_all(text.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// About a thousand lines such as node_exporter writes.
fn page(n: f64) -> String {
    let mut page = String::new();
    // Writing to a text cannot fail.
    _ = writeln!(
        page,
        "# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.\n# TYPE node_cpu_seconds_total counter"
    );
    for cpu in 0..N_CPUS {
        for mode in ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"] {
            _ = writeln!(page, "node_cpu_seconds_total{{cpu=\"{cpu}\",mode=\"{mode}\"}} {}", n * 0.1);
        }
    }
    let kinds = [
        "io_now",
        "io_time_seconds_total",
        "io_time_weighted_seconds_total",
        "read_bytes_total",
        "read_time_seconds_total",
        "reads_completed_total",
        "reads_merged_total",
        "write_time_seconds_total",
        "writes_completed_total",
        "writes_merged_total",
        "written_bytes_total",
        "flush_requests_total",
        "discards_completed_total",
        "discarded_sectors_total",
        "discard_time_seconds_total",
    ];
    for kind in kinds {
        let declared = if kind.ends_with("_total") { "counter" } else { "gauge" };
        _ = writeln!(page, "# HELP node_disk_{kind} What disks did.\n# TYPE node_disk_{kind} {declared}");
        for disk in 0..N_DISKS {
            _ = writeln!(page, "node_disk_{kind}{{device=\"sd{disk}\"}} {}", n * 1234.5 + disk as f64);
        }
    }
    page
}
