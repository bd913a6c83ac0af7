//! The least that can be done over reqwest: the same client, nothing recorded, nothing judged.

use std::cell::Cell;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use reqwest::header::{ACCEPT, USER_AGENT};
use reqwest::{Client, Url};
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;
use tokio::time::{Instant, timeout_at};

const N_USERS: usize = 64;

/// Asks for `url` without a pause for `secs`, and prints how many answers came.
pub fn run(url: &str, secs: &str) -> ExitCode {
    let (Ok(url), Ok(secs)) = (Url::parse(url), secs.parse()) else { return ExitCode::FAILURE };
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let n_answers = runtime.expect("a runtime can be made").block_on(ask(url, Duration::from_secs(secs)));
    println!("{n_answers}");
    ExitCode::SUCCESS
}

async fn ask(url: Url, duration: Duration) -> u64 {
    let client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .pool_idle_timeout(None)
        .http1_only()
        .build()
        .expect("a client can be made");
    let n_answers = Rc::new(Cell::new(0));
    let until = Instant::now() + duration;
    let mut users = Vec::new();
    for _ in 0..N_USERS {
        let (client, url, n_answers) = (client.clone(), url.clone(), Rc::clone(&n_answers));
        users.push(spawn_local(async move {
            while Instant::now() < until {
                let request = client.get(url.clone()).header(ACCEPT, "*/*").header(USER_AGENT, "bare");
                let Ok(mut response) = request.send().await else { return };
                while let Ok(Some(_)) = response.chunk().await {}
                n_answers.set(n_answers.get() + 1);
            }
        }));
    }
    for user in users {
        // One that does not end has met a server that does not answer.
        let _ = timeout_at(until + Duration::from_secs(5), user).await;
    }
    n_answers.get()
}
