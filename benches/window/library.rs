//! A library of 10,000 runs: what listing them, scrolling through them, searching and sorting them costs.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use egui::{Event, Modifiers, vec2};
use stagewright::{
    app::command::{Command, View},
    metrics::{Journal as _, PercentileInterval, RunDigest, RunEnd, RunId, RunStart, Standing, Verdict},
    model::Scenario,
    store::{Library, RunListing},
};

use super::desk::Desk;
use super::scenarios::with_steps;

/// What was found, in the order in which it was measured.
pub struct Found {
    pub listed: Duration,
    pub first: Duration,
    pub scrolled: Vec<Duration>,
    pub searched: Vec<Duration>,
    pub sorted: Vec<Duration>,
}

/// Words that fewer and fewer runs have; each letter is one frame with the list worked out anew.
const SEARCHES: [&str; 4] = ["nightly", "commit=c0ffee12", "checkout 7 fail", "no run has these words"];

pub fn measure(n_runs: usize, n_frames: usize) -> Found {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    write(folder.path(), n_runs);
    let listed = list(folder.path(), n_runs);
    let mut desk = Desk::new(folder.path());
    desk.obey(Command::Show(View::Settings));
    // What is read in the background comes before the screen is looked at.
    desk.settle_for(Duration::from_secs(3));
    desk.obey_unsettled(Command::Show(View::History));
    let first = desk.draw(Vec::new());
    desk.settle();
    let newest = format!("Run {n_runs}");
    let over = desk.place_of(&newest).expect("the newest run is on top") + vec2(60.0, 90.0);
    let scrolled = desk.scroll(over, n_frames, 180.0, (300, 400));
    let searched = search(&mut desk);
    let sorted = sort(&mut desk);
    Found { listed, first, scrolled, searched, sorted }
}

/// Reading the list alone, without a window.
fn list(folder: &Path, n_runs: usize) -> Duration {
    let begun = Instant::now();
    let library = Library::open(&folder.join("library.sqlite")).expect("the library is there");
    let listings: Vec<RunListing> = library.runs().expect("the library is sound");
    assert_eq!(listings.len(), n_runs);
    begun.elapsed()
}

/// Types each search letter by letter.
fn search(desk: &mut Desk) -> Vec<Duration> {
    desk.click("Search runs");
    let mut costs = Vec::new();
    for words in SEARCHES {
        let select_all = Event::Key {
            key: egui::Key::A,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        };
        desk.draw(vec![Event::ModifiersChanged(Modifiers::COMMAND), select_all]);
        desk.draw(vec![Event::ModifiersChanged(Modifiers::NONE)]);
        costs.extend(words.chars().map(|letter| desk.draw(vec![Event::Text(letter.to_string())])));
    }
    desk.click("Clear");
    costs
}

/// Sorts by each column, both ways.
fn sort(desk: &mut Desk) -> Vec<Duration> {
    let heads = ["Scenario", "p95", "Throughput", "Errors", "Run"];
    heads.iter().flat_map(|head| desk.time_clicks(&format!("Sort by {head}"), 2)).collect()
}

/// Writes short runs through the library's own door.
fn write(folder: &Path, n_runs: usize) {
    let library = Library::open(&folder.join("library.sqlite")).expect("a library can be made");
    let begun = Instant::now();
    for number in 0..n_runs {
        let start = start(number);
        let writer = library.begin_run(&start).expect("the library takes a run");
        let run_id = writer.run_id();
        finish(writer);
        library.keep_digest(run_id, &digest(number)).expect("there is room");
        mark(&library, run_id, number);
    }
    eprintln!("{n_runs} runs written in {:.0} s", begun.elapsed().as_secs_f64());
}

fn start(number: usize) -> RunStart {
    let mut scenario: Scenario = with_steps(10);
    scenario.name =
        ["Checkout", "Search", "Login", "Catalogue"][number % 4].to_owned() + &format!(" {}", number % 9);
    RunStart {
        labels: [("commit".to_owned(), format!("c0ffee{number}")), ("build".to_owned(), number.to_string())]
            .into(),
        ..RunStart::new(scenario, 1_760_000_000_000 + number as i64 * 600_000)
    }
}

fn finish(mut writer: stagewright::store::RunWriter) {
    let end = RunEnd::completed(Duration::from_secs(60));
    writer.finish(&end).expect("there is room");
}

fn digest(number: usize) -> RunDigest {
    let millis = |base: usize| Some(Duration::from_micros((base * 1_000 + number * 37 % 9_000) as u64));
    RunDigest {
        verdict: [Verdict::Pass, Verdict::Pass, Verdict::Fail, Verdict::Inconclusive][number % 4],
        window: "steady stages".to_owned(),
        n_requests: 60_000 + number as u64,
        p95: millis(40),
        throughput_per_sec: 900.0 + (number % 300) as f64,
        error_ratio: Some((number % 50) as f64 / 5_000.0),
        mean: millis(12),
        p50: millis(10),
        p90: millis(30),
        p99: millis(80),
        quality: Some([Standing::Valid, Standing::Valid, Standing::Weak][number % 3]),
        p95_interval: Some(PercentileInterval {
            quantile: 0.95,
            n_samples: 60_000,
            n_effective: 6_000.0,
            low: millis(39),
            high: millis(42),
        }),
        p95_beyond: None,
    }
}

fn mark(library: &Library, run_id: RunId, number: usize) {
    if number.is_multiple_of(3) {
        library.add_tag(run_id, "nightly").expect("there is room");
    }
    if number.is_multiple_of(10) {
        library.replace_note(run_id, "after the cache fix, with twice the users").expect("there is room");
    }
}
