//! What an open window takes from a run at full tilt: the same run headless, in a visible window and in a hidden one.
//!
//! One worker, its target, the X server and the software renderer share two processors.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_setaffinity};
use stagewright::metrics::{Finish, RunId};
use stagewright::model::Scenario;
use stagewright::store::Library;

use super::desk::Desk;
use super::scenarios;
use super::x11::{Screen, XServer};

const PROGRAM: &str = env!("CARGO_BIN_EXE_stagewright");
const RUN_SECS: u64 = 15;
/// The first seconds open connections and windows, the last one ends early.
const COUNTED_SECS: std::ops::Range<u32> = 3..RUN_SECS as u32 - 1;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Headless,
    Visible,
    Hidden,
}

const FACES: [Face; 3] = [Face::Headless, Face::Visible, Face::Hidden];

/// A frame that was drawn while the run was under way, in milliseconds.
struct Frame {
    main_thread: f64,
    painters: f64,
}

struct Measured {
    per_sec: f64,
    frames: Vec<Frame>,
}

pub fn run(n_rounds: usize) {
    let mut two = CpuSet::new();
    [0, 1].into_iter().for_each(|cpu| two.set(cpu));
    sched_setaffinity(None, &two).expect("there are two processors");
    let target = Target::start();
    let x_server = XServer::start();
    let scenario = scenarios::at_full_tilt(&target.base_url, Duration::from_secs(RUN_SECS));
    let mut measured: [Vec<Measured>; 3] = Default::default();
    for round in 0..n_rounds {
        for turn in 0..FACES.len() {
            // Each face comes first, second and third alike.
            let index = (round + turn) % FACES.len();
            measured[index].push(measure(FACES[index], &scenario, &x_server));
        }
    }
    print_rates(&measured);
    print_frames(&measured[1], &measured[2]);
}

fn measure(face: Face, scenario: &Scenario, x_server: &XServer) -> Measured {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let library = folder.path().join("library.sqlite");
    let frame_log = folder.path().join("frames.csv");
    match face {
        Face::Headless => run_headless(scenario, folder.path(), &library),
        Face::Visible | Face::Hidden => {
            leave_on_desk(scenario, folder.path());
            let program = Command::new(PROGRAM)
                .arg("--library")
                .arg(&library)
                .arg("--frame-log")
                .arg(&frame_log)
                .env("DISPLAY", &x_server.display)
                .env_remove("WAYLAND_DISPLAY")
                .spawn();
            drive(program.expect("the program starts"), face, &library, x_server);
        }
    }
    Measured { per_sec: throughput(&library), frames: frames(&frame_log) }
}

fn run_headless(scenario: &Scenario, folder: &Path, library: &Path) {
    let file = folder.join("scenario.toml");
    fs::write(&file, stagewright::model::write_scenario(scenario, None)).expect("it can be written");
    let mut command = Command::new(PROGRAM);
    command.arg("run").arg(file).args(["--quiet", "--workers", "1", "--library"]).arg(library);
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(output.status.code() < Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the next window finds open.
fn leave_on_desk(scenario: &Scenario, folder: &Path) {
    use stagewright::app::command::Command;
    let mut desk = Desk::new(folder);
    desk.obey(Command::NewScenario);
    desk.obey(Command::Edit { scenario: Box::new(scenario.clone()), step: 0 });
    desk.leave();
}

/// Starts the run by its shortcut, waits for its end and closes the window.
fn drive(mut program: Child, face: Face, library: &Path, x_server: &XServer) {
    let mut screen = Screen::connect(x_server);
    let window = wait_for("the window", || screen.largest_window());
    // It is restored and drawn by then.
    sleep(Duration::from_secs(2));
    screen.give_keyboard(window);
    let run_id = wait_for("the run", || {
        screen.press_control_r();
        sleep(Duration::from_secs(1));
        newest_run(library).map(|(run_id, _)| run_id)
    });
    if face == Face::Hidden {
        screen.hide(window);
    }
    wait_for("the end of the run", || {
        newest_run(library).filter(|(newest, finish)| *newest == run_id && *finish != Finish::Running)
    });
    wait_for("the end of the window", || {
        let ended = program.try_wait().expect("a child can be waited for");
        // Asked for while the run's end is still being told, it asks back and has to be asked again.
        if ended.is_none() {
            screen.close(window);
        }
        ended
    });
}

fn newest_run(library: &Path) -> Option<(RunId, Finish)> {
    let runs = Library::open(library).ok()?.runs().ok()?;
    runs.first().map(|run| (run.run_id, run.finish))
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "{what} did not come");
        sleep(Duration::from_millis(500));
    }
}

fn throughput(library: &Path) -> f64 {
    let kept = Library::open(library).expect("the library is there");
    let run_id = kept.runs().expect("it lists its runs")[0].run_id;
    let run = kept.open_run(run_id).expect("the run is kept");
    let sums = run.history.sums(COUNTED_SECS).expect("its seconds are whole");
    sums.aggregate(sums.all()).throughput_per_sec().expect("something was measured")
}

fn frames(log: &Path) -> Vec<Frame> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let frame = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let millis = |field: &str| field.parse::<f64>().ok().map(|micros| micros / 1_000.0);
        let is_under_way = *fields.get(3)? == "true";
        is_under_way.then_some(Frame { main_thread: millis(fields[1])?, painters: millis(fields[2])? })
    };
    text.lines().skip(1).filter_map(frame).collect()
}

fn print_rates(measured: &[Vec<Measured>; 3]) {
    let rates = |index: usize| measured[index].iter().map(|run| run.per_sec).collect::<Vec<_>>();
    let headless = quantile(&rates(0), 0.5);
    println!("| run | requests per second, median (least – most) | of headless | asked for |");
    println!("| --- | ---: | ---: | --- |");
    for (index, (name, limit)) in
        [("headless", None), ("window visible", Some(0.90)), ("window hidden", Some(0.98))]
            .into_iter()
            .enumerate()
    {
        let rates = rates(index);
        let ratio = quantile(&rates, 0.5) / headless;
        let asked =
            limit.map_or_else(String::new, |limit| format!("≥ {limit:.2}: {}", standing(ratio >= limit)));
        println!(
            "| {name} | {:.0} ({:.0} – {:.0}) | {ratio:.3} | {asked} |",
            quantile(&rates, 0.5),
            quantile(&rates, 0.0),
            quantile(&rates, 1.0)
        );
    }
}

fn print_frames(visible: &[Measured], hidden: &[Measured]) {
    println!();
    println!(
        "| window | frames per second | its thread p50, ms | p99, ms | painting p50, ms | share of a processor | asked for |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | --- |");
    for (name, runs) in [("visible", visible), ("hidden", hidden)] {
        let frames: Vec<&Frame> = runs.iter().flat_map(|run| &run.frames).collect();
        let secs = (RUN_SECS as usize * runs.len()) as f64;
        let of = |part: fn(&Frame) -> f64| frames.iter().map(|frame| part(frame)).collect::<Vec<_>>();
        let (main_thread, painters) = (of(|frame| frame.main_thread), of(|frame| frame.painters));
        let share = of(|frame| frame.main_thread + frame.painters).iter().sum::<f64>() / 10.0 / secs;
        let p99 = quantile(&main_thread, 0.99);
        let asked =
            if name == "visible" { format!("p99 ≤ 8 ms: {}", standing(p99 <= 8.0)) } else { String::new() };
        println!(
            "| {name} | {:.1} | {:.2} | {p99:.2} | {:.1} | {share:.1} % | {asked} |",
            frames.len() as f64 / secs,
            quantile(&main_thread, 0.5),
            quantile(&painters, 0.5),
        );
    }
}

fn standing(holds: bool) -> &'static str {
    if holds { "holds" } else { "misses" }
}

/// By nearest rank; the median of an even number is the lower one.
fn quantile(values: &[f64], quantile: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() as f64 * quantile).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
}

/// Answers at once, and ends when dropped.
struct Target {
    child: Child,
    base_url: String,
}

impl Target {
    fn start() -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["sandbox", "--null", "--port", "0", "--exit-with-parent"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("the target says where it listens");
        let base_url = line.split_whitespace().last().expect("the target listens").to_owned();
        Self { child, base_url }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // It ends when its standard input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
