//! Comparing 2 and 8 runs in the real window, on runs written through the store's door.

use std::path::{Path, PathBuf};
use std::time::Duration;

use egui::{Pos2, Vec2};
use stagewright::metrics::{
    IntervalRow, IntervalStats, Journal as _, LatencyHistogram, LoadStats, Outcome, RunEnd, RunStart,
    StepStats,
};
use stagewright::model::{Journey, LoadModel, LoadProfile, Plan, Scenario, Shape, Stage, Step};
use stagewright::store::Library;

use crate::driver::{Window, has, turn};

const N_RUNS: u64 = 8;
const N_SECONDS: u32 = 60;
const N_PER_SECOND: u64 = 60;

#[test]
fn an_analyst_compares_two_and_eight_runs_in_the_window() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    write(&path);
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&path, &shots);
    window.click("Compare");
    window.screenshot("compare-empty");
    window.click("Compare run 8 with run 7");
    window.wait_for("the sentence", |widgets| has(widgets, "Run 8 is worse than run 7"));
    window.screenshot("compare-two");
    window.click("Time");
    window.wait_for("the comparison by time", |widgets| has(widgets, "by time since the start"));
    window.screenshot("compare-two-by-time");
    window.click("Rate");
    window.wait_for("the window of the other alignment", |widgets| has(widgets, "Window: steady stages"));
    window.screenshot("compare-two-by-rate");
    window.click("Stage");
    window.wait_for("the comparison by stage", |widgets| has(widgets, "by stage of the baseline"));

    window.click("History");
    for run in 1..=N_RUNS {
        window.click(&format!("Select run {run}"));
    }
    window.click("How much they differ…");
    window.wait_for("what eight runs show", |widgets| has(widgets, "8 runs a side show changes from"));
    window.screenshot("noise");
    window.click("Close");
    window.click("Compare selected runs");
    window.wait_for("all seven candidates", |widgets| {
        (2..=N_RUNS).all(|run| has(widgets, &format!("Sort by Run {run}")))
    });
    window.wait_for("what even runs came to", |widgets| has(widgets, "Run 4 is worse than run 1"));
    for theme in ["Light", "Dark"] {
        window.click("Settings");
        window.click(theme);
        window.click("Compare");
        window.find("Sort by Run 8");
        window.screenshot(&format!("compare-eight-{}", theme.to_lowercase()));
        let at = window.find("Time").rect.center();
        scroll_by(&mut window, at, -1_000.0);
        window.screenshot(&format!("compare-eight-charts-{}", theme.to_lowercase()));
        scroll_by(&mut window, at, 5_000.0);
    }
    window.click("Make run 2 the baseline");
    window.wait_for("the other baseline", |widgets| has(widgets, "Run 1 is better than run 2"));
}

fn scroll_by(window: &mut Window, at: Pos2, points: f32) {
    window.move_to(at);
    window.apply(vec![egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    }]);
    std::thread::sleep(Duration::from_millis(600));
}

/// Each even run takes a fifth longer.
fn write(path: &Path) {
    let library = Library::open(path).unwrap();
    for run in 1..=N_RUNS {
        let start = start(run);
        let plan = Plan::new(&start.scenario, 1.0);
        let mut random = run.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut writer = library.begin_run(&start).unwrap();
        for second in 0..N_SECONDS {
            let from = Duration::from_secs(second.into());
            let factor = if run.is_multiple_of(2) { 1.2 } else { 1.0 };
            let rows = (0..2).map(|step| IntervalRow {
                segment: plan.segment_at(from),
                step,
                stats: stats(&mut random, factor * f64::from(step + 1)).encode(),
            });
            let load = LoadStats {
                span: Duration::from_secs(1),
                asked_level: 50.0,
                n_sent: 2 * N_PER_SECOND,
                n_users: 50,
                start_lag: LatencyHistogram::default().encode(),
                ..LoadStats::default()
            };
            let interval = IntervalStats { second, rows: rows.collect(), errors: Vec::new(), load };
            writer.interval(&interval, &[]).unwrap();
        }
        writer.finish(&RunEnd::completed(Duration::from_secs(N_SECONDS.into()))).unwrap();
    }
}

/// Response times around 20 ms, times a factor.
fn stats(random: &mut u64, factor: f64) -> StepStats {
    let mut stats = StepStats::default();
    for _ in 0..N_PER_SECOND {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (*random >> 33) as f64 / f64::from(1u32 << 31);
        let latency = Duration::from_secs_f64(0.02 * factor * (0.7 + 0.6 * share));
        stats.counters.n_by_outcome[Outcome::Ok as usize] += 1;
        stats.counters.n_by_status_class[2] += 1;
        stats.response_time.record(latency);
        stats.service_time.record(latency);
    }
    stats
}

fn start(run: u64) -> RunStart {
    let stage = Stage {
        name: "Hold".into(),
        duration: Duration::from_secs(N_SECONDS.into()),
        end_level: 50.0,
        shape: Shape::Step,
    };
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: vec![stage],
    };
    let mut scenario = Scenario::new("Checkout", "http://127.0.0.1:9", load);
    let steps = vec![Step::get("Browse", "/"), Step::get("Pay", "/pay")];
    scenario.journeys = vec![Journey { steps, ..Journey::new("Shop") }];
    RunStart::new(scenario, 1_795_000_000_000 + run as i64 * 3_600_000)
}
