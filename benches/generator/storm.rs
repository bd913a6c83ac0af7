//! An error storm: what failed requests cost beside successful ones, and whether memory stays where it was.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::machine::{Memory, cpu_of_children};
use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table;
use crate::target::Target;

const PER_SEC: u32 = 5_000;
const TIMEOUT: &str = "timeout = \"500ms\"\n";
const UNMET: &str = "checks = [{ status = 200 }, { body_contains = \"nothing of the kind\" }]\n";

/// A kind of storm.
struct Kind {
    name: &'static str,
    path: &'static str,
    step: &'static str,
    /// Whether anybody listens.
    listens: bool,
}

const KINDS: [Kind; 6] = [
    Kind { name: "none: all succeed", path: "/ok", step: "", listens: true },
    Kind { name: "status 500, each body another", path: "/failing", step: "", listens: true },
    Kind { name: "600 kinds of status", path: "/codes", step: "", listens: true },
    Kind { name: "a check fails", path: "/ok", step: UNMET, listens: true },
    Kind { name: "connection refused", path: "/", step: "", listens: false },
    Kind { name: "no answer within 500 ms", path: "/never", step: TIMEOUT, listens: true },
];

/// Prints one row per kind.
pub fn measure(extent: Extent) {
    let duration = extent.secs(10, 60);
    let rows: Vec<_> = KINDS.iter().map(|kind| row(kind, duration)).collect();
    let sentence = format!(
        "{PER_SEC}/s for {} s, one worker on one processor, every request fails. Resident memory of the whole process. Asked \
         for: as many sent as planned, memory at the end that of the beginning.",
        duration.as_secs()
    );
    let early = format!("at {} s, MiB", early(duration).as_secs());
    let columns = [
        "storm",
        "sent ÷ planned",
        "failed",
        "groups",
        "CPU per request, µs",
        &early,
        "at the end, MiB",
        "start lag",
    ];
    table::print("Error storm", &sentence, &columns, &rows);
}

fn early(duration: Duration) -> Duration {
    duration / 6
}

fn row(kind: &Kind, duration: Duration) -> Vec<String> {
    eprintln!("storm: {}, {} s", kind.name, duration.as_secs());
    let target = kind.listens.then(Target::storm);
    let base_url = target.as_ref().map_or_else(nobody, |target| target.base_url.clone());
    let load = Load::Rate { per_sec: PER_SEC, max_users: 6_000, duration };
    let before = cpu_of_children();
    let (report, memory) =
        Ours { path: kind.path, step: kind.step, ..Ours::new(&base_url, load) }.run_watched();
    let cpu = cpu_of_children() - before;
    let at = |time: Duration| {
        let seen: Option<&Memory> = memory.iter().take_while(|memory| memory.at <= time).last();
        seen.map_or(f64::NAN, |memory| memory.resident_bytes as f64 / (1024.0 * 1024.0))
    };
    let planned = f64::from(PER_SEC) * duration.as_secs_f64();
    let groups = report.0.pointer("/error_groups").and_then(serde_json::Value::as_array);
    vec![
        kind.name.to_owned(),
        format!("{:.4}", report.number("/load/n_requests_sent") / planned),
        format!("{:.1} %", 100.0 * report.number("/whole_run/n_errors") / report.n_requests() as f64),
        groups.map_or_else(|| "–".to_owned(), |groups| groups.len().to_string()),
        format!("{:.1}", cpu.as_secs_f64() * 1e6 / report.n_requests() as f64),
        format!("{:.1}", at(early(duration))),
        format!("{:.1}", at(duration)),
        report.check("start lag"),
    ]
}

/// An address at which nobody listens any more once a run has looked whether somebody does.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || listener.accept());
    format!("http://{address}")
}

/// Answers until its standard input ends.
pub fn serve() -> ExitCode {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    println!("http://{}", listener.local_addr().expect("it is bound"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A refusal to start one more thread would only close this connection.
            let _ = thread::Builder::new().stack_size(64 * 1024).spawn(move || converse(stream));
        }
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    ExitCode::SUCCESS
}

fn converse(mut stream: TcpStream) {
    static N_ANSWERED: AtomicU64 = AtomicU64::new(0);
    let Ok(read) = stream.try_clone() else { return };
    let mut lines = BufReader::new(read).lines().map_while(Result::ok);
    loop {
        let mut head = lines.by_ref().take_while(|line| !line.is_empty());
        let Some(first) = head.next() else { return };
        head.for_each(drop);
        let n = N_ANSWERED.fetch_add(1, Ordering::Relaxed);
        let status = match first.split(' ').nth(1) {
            Some("/never") => continue,
            Some("/failing") => 500,
            Some("/codes") => 400 + n % 600,
            _ => 200,
        };
        let body = format!("{{\"request\": {n}, \"text\": \"{}\"}}", "words ".repeat(40));
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status} Storm\r\nx-request: {n}\r\ncontent-length: {length}\r\n\r\n{body}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
