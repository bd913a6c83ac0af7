//! Which rows iterations get, over one worker and several, in virtual time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tempfile::TempDir;

use super::simulation::{MS, Simulated, Simulation, ok_after, steps};
use crate::engine::feeders::{Feeders, Shortage};
use crate::engine::job::{PreparedJob, seed};
use crate::engine::request::Supplies;
use crate::engine::testing::{open, scenario, step};
use crate::engine::{EngineError, RunJob};
use crate::metrics::{LoadStats, Outcome};
use crate::model::{AtEnd, FeedOrder, Feeder, Journey, LoadModel, Scenario};

const N_ROWS: usize = 20;

/// Ten arrivals per second for five seconds, or five users who iterate ten times a second for five seconds.
fn fifty(model: LoadModel) -> Scenario {
    let level = if model.is_open() { 10.0 } else { 5.0 };
    let mut described = steps(scenario(model, &[(5, level)], &["/{{rows.user}}/{{ rows.n }}"]));
    if !described.load.model.is_open() {
        described.journeys[0].pacing = Some(500 * MS);
    }
    described
}

fn fed(mut described: Scenario, order: FeedOrder, at_end: AtEnd) -> Scenario {
    described.feeders =
        vec![Feeder { name: "rows".into(), file: "rows.csv".into(), format: None, order, at_end }];
    described
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..N_ROWS).map(|n| format!("user{n},{n}\n")).collect();
    std::fs::write(folder.path().join("rows.csv"), format!("user,n\n{rows}")).unwrap();
    folder
}

struct Fed {
    simulated: Simulated,
    /// The rows of the requests, in the order in which they were sent.
    rows: Vec<usize>,
}

async fn run(described: Scenario, n_workers: usize, by_position: bool) -> Fed {
    let folder = folder();
    let rows = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&rows);
    let mut simulation = Simulation::of(described).on_workers(n_workers).fed_from(folder.path());
    if by_position {
        simulation = simulation.fed_by_position();
    }
    let simulated = simulation
        .run(move |request, _| {
            let (user, n) = request.url.path()[1..].split_once('/').unwrap();
            assert_eq!(user, format!("user{n}"), "values of one row belong together");
            seen.borrow_mut().push(n.parse().unwrap());
            ok_after(5 * MS)
        })
        .await;
    Fed { simulated, rows: Rc::unwrap_or_clone(rows).into_inner() }
}

/// How often each row was sent, for each way to run it: models, workers, files held and on disk.
async fn each_way(order: FeedOrder, at_end: AtEnd, check: impl Fn(&Fed, LoadModel)) {
    for model in [open(10), LoadModel::Closed] {
        for n_workers in [1, 3] {
            for by_position in [false, true] {
                let described = fed(fifty(model.clone()), order, at_end);
                check(&run(described, n_workers, by_position).await, model.clone());
            }
        }
    }
}

fn n_times(rows: &[usize]) -> Vec<usize> {
    (0..N_ROWS).map(|row| rows.iter().filter(|seen| **seen == row).count()).collect()
}

/// Twenty rows for fifty iterations: the first ten come a third time.
fn in_order() -> Vec<usize> {
    (0..N_ROWS).cycle().take(50).collect()
}

#[tokio::test(start_paused = true)]
async fn sequential_rows_come_in_order_and_again() {
    each_way(FeedOrder::Sequential, AtEnd::Wrap, |fed, _| {
        assert_eq!(fed.rows, in_order());
        assert_eq!(fed.simulated.sum(|load| load.n_completed), 50);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn each_pass_of_shuffled_rows_has_each_row_once_in_an_order_of_its_own() {
    each_way(FeedOrder::Shuffled, AtEnd::Wrap, |fed, _| {
        let passes: Vec<_> = fed.rows.chunks(N_ROWS).collect();
        assert_eq!((n_times(passes[0]), n_times(passes[1])), (vec![1; N_ROWS], vec![1; N_ROWS]));
        assert!(passes[0] != passes[1] && passes[0] != &in_order()[..N_ROWS]);
        assert!(n_times(passes[2]).iter().all(|n| *n <= 1) && passes[2].len() == 10);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_load_ends_with_the_last_row() {
    for order in [FeedOrder::Sequential, FeedOrder::Shuffled] {
        each_way(order, AtEnd::Stop, |fed, model| {
            assert_eq!(n_times(&fed.rows), [1; N_ROWS]);
            let [Shortage::Over(words)] = &fed.simulated.shortages[..] else {
                panic!("{:?}", fed.simulated.shortages)
            };
            assert_eq!(words, "Feeder `rows` has no more rows; the load ends");
            assert!(fed.simulated.ended_at() < 2_150 * MS, "{:?}", fed.simulated.ended_at());
            let load = |count: fn(&LoadStats) -> u64| fed.simulated.sum(count);
            assert_eq!((load(|load| load.n_started), load(|load| load.n_completed)), (20, 20));
            let n_due = load(|load| load.n_due);
            assert_eq!(n_due, if model.is_open() { 20 } else { 0 }, "what had no row was not due");
            assert_eq!(fed.simulated.errors, []);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn iterations_without_a_row_are_errors_of_their_first_step() {
    for order in [FeedOrder::Sequential, FeedOrder::Shuffled] {
        each_way(order, AtEnd::Error, |fed, _| {
            assert_eq!(n_times(&fed.rows), [1; N_ROWS]);
            let [group] = &fed.simulated.errors[..] else { panic!("{:?}", fed.simulated.errors) };
            assert_eq!((group.step, group.outcome, group.n_errors), (0, Outcome::Check, 30));
            assert_eq!(group.signature, "feeder `rows` has no row left");
            assert_eq!(fed.simulated.sum(|load| load.n_started), 50);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn random_rows_repeat_with_the_seed() {
    each_way(FeedOrder::Random, AtEnd::Wrap, |fed, _| {
        assert_eq!(fed.rows.len(), 50);
        let n_seen = n_times(&fed.rows).iter().filter(|n| **n > 0).count();
        assert!((10..=20).contains(&n_seen), "{n_seen}");
    })
    .await;
    let mut drawn = Vec::new();
    for n_workers in [1, 3] {
        let mut rows = run(fed(fifty(open(10)), FeedOrder::Random, AtEnd::Wrap), n_workers, false).await.rows;
        rows.sort_unstable();
        drawn.push(rows);
    }
    assert_eq!(drawn[0], drawn[1], "what an iteration draws depends on its number only");
}

#[tokio::test(start_paused = true)]
async fn unique_rows_stay_with_their_users() {
    each_way(FeedOrder::Unique, AtEnd::Stop, |fed, model| {
        // Answers come at once: under the open model one user of each worker does it all.
        let times = n_times(&fed.rows);
        if model.is_open() {
            assert!(times[3..].iter().all(|n| *n == 0) && times.iter().sum::<usize>() == 50, "{times:?}");
        } else {
            assert_eq!((&times[..5], &times[5..]), (&[10; 5][..], &[0; 15][..]));
        }
        assert_eq!(fed.simulated.shortages, []);
    })
    .await;
}

/// More users at once than rows, each busy for a second.
fn crowd(model: LoadModel, at_end: AtEnd) -> Scenario {
    let mut described = fed(fifty(model), FeedOrder::Unique, at_end);
    described.load.stages[0].end_level = 30.0;
    described.journeys[0].pacing = None;
    described
}

#[tokio::test(start_paused = true)]
async fn users_without_a_row_of_their_own_do_not_start() {
    for model in [open(40), LoadModel::Closed] {
        for n_workers in [1, 3] {
            let folder = folder();
            let busy = Rc::new(RefCell::new(BTreeMap::<String, u32>::new()));
            let (on, most) = (Rc::clone(&busy), Rc::new(RefCell::new(0)));
            let most_busy = Rc::clone(&most);
            let simulated = Simulation::of(crowd(model.clone(), AtEnd::Stop))
                .on_workers(n_workers)
                .fed_from(folder.path())
                .run(move |request, _| {
                    let (on, row) = (Rc::clone(&on), request.url.path().to_owned());
                    let n_users =
                        on.borrow_mut().entry(row.clone()).and_modify(|n| *n += 1).or_insert(1).to_owned();
                    assert_eq!(n_users, 1, "two users at once have {row}");
                    let n_busy = on.borrow().values().filter(|n| **n > 0).count();
                    most_busy.replace_with(|most| n_busy.max(*most));
                    async move {
                        let exchange = ok_after(1_000 * MS).await;
                        on.borrow_mut().entry(row).and_modify(|n| *n -= 1);
                        exchange
                    }
                })
                .await;
            assert_eq!((busy.borrow().len(), *most.borrow()), (N_ROWS, N_ROWS));
            let words = "Feeder `rows` has 20 rows for a user each; further users do not start";
            assert_eq!(simulated.shortages, [Shortage::FewerUsers(words.to_owned())]);
            let n_dropped = simulated.sum(|load| load.n_dropped);
            assert_eq!(n_dropped > 0, model.is_open(), "{n_dropped} had nobody to walk them");
            assert!(simulated.ended_at() >= 5_000 * MS);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn users_without_a_row_of_their_own_are_errors_where_that_is_asked_for() {
    let fed = run(crowd(LoadModel::Closed, AtEnd::Error), 3, false).await;
    assert!(n_times(&fed.rows).iter().all(|n| *n > 0));
    let [group] = &fed.simulated.errors[..] else { panic!("{:?}", fed.simulated.errors) };
    assert_eq!(group.signature, "feeder `rows` has no row for this user");
}

#[tokio::test(start_paused = true)]
async fn journeys_take_rows_of_the_feeders_that_their_steps_use_and_of_no_others() {
    let mut described = fed(fifty(open(10)), FeedOrder::Sequential, AtEnd::Wrap);
    described.journeys[0].steps.push(step("/again/{{rows.user}}"));
    described.journeys.push(Journey { steps: vec![step("/user0/0")], ..Journey::new("without") });
    let mut off = step("/{{rows.user}}");
    off.enabled = false;
    described.journeys[1].steps.push(off);
    let folder = folder();
    let rows = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&rows);
    Simulation::of(described)
        .fed_from(folder.path())
        .run(move |request, _| {
            seen.borrow_mut().push(request.url.path().to_owned());
            ok_after(MS)
        })
        .await;
    let mut fed: Vec<_> = rows.borrow().iter().filter(|path| *path != "/user0/0").cloned().collect();
    // The first row has the path of the other journey.
    fed.retain(|path| !path.ends_with("user0"));
    let mut expected: Vec<String> = Vec::new();
    let n_fed = rows.borrow().iter().filter(|path| path.starts_with("/again")).count();
    for row in (0..n_fed).map(|n| n % N_ROWS).filter(|row| *row > 0) {
        expected.extend([format!("/user{row}/{row}"), format!("/again/user{row}")]);
    }
    assert!(n_fed > 10 && n_fed < 40, "{n_fed}");
    assert_eq!(fed, expected);
}

fn refusal(rows: &str, file: &str, path: &str) -> EngineError {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), rows).unwrap();
    let mut scenario = fed(fifty(open(10)), FeedOrder::Sequential, AtEnd::Wrap);
    scenario.feeders[0].file = file.to_owned();
    scenario.journeys[0].steps = vec![step(path)];
    let files_root = Some(folder.path().to_owned());
    let job = RunJob {
        scenario,
        time_scale: 1.0,
        base_url: "http://test".into(),
        candidate_base_url: None,
        files_root,
        secrets: BTreeMap::new(),
        n_workers: None,
    };
    let mut feeders = Feeders::new(&job, seed(&job.scenario));
    PreparedJob::new(&job, &mut Supplies::default(), &mut feeders).err().expect("it was not refused")
}

#[test]
fn what_cannot_be_fed_is_refused_before_the_run() {
    let check = |rows, file, path, words: &str| {
        let refusal = refusal(rows, file, path).to_string();
        assert!(refusal.contains(words), "{refusal}");
    };
    let path = "/{{rows.user}}";
    check(
        "name,user_id\na,1\n",
        "rows.csv",
        "/{{rows.usr_id}}",
        "no column `usr_id`. Did you mean {{rows.user_id}}?",
    );
    check("name,id\na,1\n", "rows.csv", path, "no column `user`. It has name, id.");
    check("user,n\na\n", "rows.csv", path, "line 2: it has 1 field, and the header names 2.");
    check("{\"user\":1}\n{}\n", "rows.jsonl", path, "line 2: it has no `user`. Write the field");
    check("", "rows.csv", path, "feeder `rows` cannot be used: it is empty.");
}
