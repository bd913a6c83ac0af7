//! The sandbox that this window started: whether it is up, what it said last, and what it is to be started with.

use std::time::{Duration, Instant};

use crate::{
    model::sandbox_words as words,
    sandbox::{SandboxProcess, SandboxState},
};

/// How often it is asked while somebody looks.
pub const ASK_EVERY: Duration = Duration::from_secs(1);

/// What the window holds of its sandbox.
#[derive(Default)]
pub struct SandboxDesk {
    /// Whether the panel shows.
    pub is_open: bool,
    pub form: StartForm,
    /// The error share as it is being written.
    pub error_share: String,
    standing: Standing,
    /// When it was asked last, or is being asked.
    asked_at: Option<Instant>,
    /// Why it did not start, or ended.
    trouble: Option<String>,
}

#[derive(Default)]
enum Standing {
    #[default]
    Down,
    Starting,
    Up(Box<UpSandbox>),
}

/// A sandbox that is up.
pub struct UpSandbox {
    base_url: String,
    /// Ends it when dropped; none where it belongs to somebody else, as in tests.
    _process: Option<SandboxProcess>,
    said: Option<Said>,
    /// The requests that it received per second between the last two answers.
    received_per_sec: Option<f64>,
    /// Why it did not answer last.
    trouble: Option<String>,
}

struct Said {
    state: SandboxState,
    at: Instant,
}

impl SandboxDesk {
    pub fn standing(&self) -> Option<&UpSandbox> {
        match &self.standing {
            Standing::Up(up) => Some(up),
            Standing::Down | Standing::Starting => None,
        }
    }

    pub fn is_starting(&self) -> bool {
        matches!(self.standing, Standing::Starting)
    }

    /// Where it listens, if it is up.
    pub fn base_url(&self) -> Option<&str> {
        self.standing().map(UpSandbox::base_url)
    }

    /// Why it did not start, or ended.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub fn begin(&mut self) {
        self.standing = Standing::Starting;
        self.trouble = None;
    }

    /// Takes the process over that was started, unless it is not wanted any more.
    pub fn started(&mut self, process: Result<SandboxProcess, String>) {
        if !self.is_starting() {
            return;
        }
        match process {
            Ok(process) => self.stand(process.base_url().to_owned(), Some(process)),
            Err(error) => {
                self.standing = Standing::Down;
                self.trouble = Some(error);
            }
        }
    }

    /// One is up at this address.
    pub fn stand(&mut self, base_url: String, process: Option<SandboxProcess>) {
        let up = UpSandbox { base_url, _process: process, said: None, received_per_sec: None, trouble: None };
        self.standing = Standing::Up(Box::new(up));
        (self.asked_at, self.trouble) = (None, None);
        self.error_share.clear();
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.standing = Standing::Down;
        self.trouble = None;
    }

    /// When it is to be asked next; none where nothing is up.
    pub fn ask_in(&self, now: Instant) -> Option<Duration> {
        self.standing()?;
        Some(self.asked_at.map_or(Duration::ZERO, |at| ASK_EVERY.saturating_sub(now.duration_since(at))))
    }

    pub fn note_asked(&mut self, now: Instant) {
        self.asked_at = Some(now);
    }

    /// Takes in what the sandbox at an address said; returns why it did not do so for the first time.
    pub fn heard(
        &mut self,
        base_url: &str,
        said: Result<SandboxState, String>,
        now: Instant,
    ) -> Option<String> {
        let Standing::Up(up) = &mut self.standing else { return None };
        if up.base_url != base_url {
            return None;
        }
        match said {
            Ok(state) => {
                let before = up.said.as_ref().map(|said| (said.state.n_received, said.at));
                up.received_per_sec = before.and_then(|(n_before, at)| {
                    let secs = now.duration_since(at).as_secs_f64();
                    (secs > 0.0).then(|| state.n_received.saturating_sub(n_before) as f64 / secs)
                });
                up.said = Some(Said { state, at: now });
                up.trouble = None;
                None
            }
            Err(why) => {
                let is_news = up.trouble.is_none();
                up.trouble = Some(why.clone());
                is_news.then_some(why)
            }
        }
    }
}

impl UpSandbox {
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where its switches and counts can be seen in a browser.
    pub fn admin_url(&self) -> String {
        format!("{}/admin", self.base_url)
    }

    /// What it said last; none until it did.
    pub fn state(&self) -> Option<&SandboxState> {
        self.said.as_ref().map(|said| &said.state)
    }

    pub fn received_per_sec(&self) -> Option<f64> {
        self.received_per_sec
    }

    /// Why it did not answer last.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

/// What a sandbox is to be started with, as it is written; empty is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartForm {
    pub workers: String,
    pub service_time: String,
    pub slower: String,
    pub error_share: String,
    pub postgres: String,
    pub redis: String,
}

impl StartForm {
    /// Its fields: name, hint, and the text.
    pub fn fields(&mut self) -> [(&'static str, &'static str, &mut String); 6] {
        [
            ("Workers of the queue", "4", &mut self.workers),
            ("Service time of the queue", "20ms", &mut self.service_time),
            ("Slower by a share", "0", &mut self.slower),
            ("Error share", "0", &mut self.error_share),
            ("PostgreSQL", "SQLite, built in", &mut self.postgres),
            ("Redis", "in memory", &mut self.redis),
        ]
    }

    /// What is asked of the sandbox; the error names the field and says what can stand there.
    pub fn wishes(&self) -> Result<Vec<(&'static str, String)>, String> {
        let mut wishes = Vec::new();
        let mut wish =
            |field: &str, word: &'static str, text: &str, check: &dyn Fn(&str) -> Result<(), String>| {
                let text = text.trim();
                if text.is_empty() {
                    return Ok::<(), String>(());
                }
                check(text).map_err(|why| format!("{field}: {why}"))?;
                wishes.push((word, text.to_owned()));
                Ok(())
            };
        wish("Workers of the queue", "workers", &self.workers, &|text| words::workers(text).map(drop))?;
        wish("Service time of the queue", "service_time", &self.service_time, &|text| {
            words::service_time(text).map(drop)
        })?;
        wish("Slower by a share", "slower", &self.slower, &|text| words::share(text).map(drop))?;
        wish("Error share", "error_share", &self.error_share, &|text| words::share(text).map(drop))?;
        let url = |schemes: &'static [&'static str]| {
            move |text: &str| {
                let is_one = schemes.iter().any(|scheme| text.starts_with(scheme));
                if is_one {
                    Ok(())
                } else {
                    Err(format!("write a URL that begins with {}", schemes.join(" or ")))
                }
            }
        };
        wish("PostgreSQL", "postgres", &self.postgres, &url(&["postgres://", "postgresql://"]))?;
        wish("Redis", "redis", &self.redis, &url(&["redis://", "rediss://"]))?;
        Ok(wishes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:9";

    fn state(n_received: u64) -> SandboxState {
        SandboxState { n_received, ..SandboxState::default() }
    }

    #[test]
    fn it_is_asked_once_a_second_and_its_rate_is_that_between_two_answers() {
        let (mut desk, start) = (SandboxDesk::default(), Instant::now());
        assert_eq!(desk.ask_in(start), None, "nothing is up");
        desk.stand(URL.to_owned(), None);
        assert_eq!(desk.ask_in(start), Some(Duration::ZERO));
        desk.note_asked(start);
        assert_eq!(desk.ask_in(start + Duration::from_millis(400)), Some(Duration::from_millis(600)));
        desk.heard(URL, Ok(state(100)), start);
        assert_eq!(desk.standing().unwrap().received_per_sec(), None, "one answer tells no rate");
        desk.heard(URL, Ok(state(150)), start + Duration::from_millis(500));
        assert_eq!(desk.standing().unwrap().received_per_sec(), Some(100.0));
    }

    #[test]
    fn silence_is_told_once_and_stale_answers_say_nothing() {
        let (mut desk, now) = (SandboxDesk::default(), Instant::now());
        desk.stand(URL.to_owned(), None);
        assert_eq!(desk.heard(URL, Err("refused".to_owned()), now).as_deref(), Some("refused"));
        assert_eq!(desk.heard(URL, Err("refused".to_owned()), now), None);
        assert_eq!(desk.standing().unwrap().trouble(), Some("refused"));
        desk.heard("http://127.0.0.1:8", Ok(state(7)), now);
        assert!(desk.standing().unwrap().state().is_none(), "that was another one");
        desk.stop();
        assert_eq!(desk.heard(URL, Ok(state(7)), now), None);
        assert!(desk.standing().is_none());
    }

    #[test]
    fn a_start_that_failed_or_is_not_wanted_leaves_nothing_up() {
        let mut desk = SandboxDesk::default();
        desk.begin();
        assert!(desk.is_starting());
        desk.started(Err("no room".to_owned()));
        assert_eq!((desk.trouble(), desk.is_starting()), (Some("no room"), false));
        desk.begin();
        desk.stop();
        desk.started(Err("late".to_owned()));
        assert_eq!(desk.trouble(), None);
    }

    #[test]
    fn what_is_written_becomes_wishes_or_a_reason() {
        let mut form = StartForm::default();
        assert_eq!(form.wishes(), Ok(Vec::new()), "empty fields are as usual");
        (form.workers, form.redis) = (" 8 ".to_owned(), "redis://127.0.0.1:6379".to_owned());
        let redis = ("redis", "redis://127.0.0.1:6379".to_owned());
        assert_eq!(form.wishes(), Ok(vec![("workers", "8".to_owned()), redis]));
        form.postgres = "localhost".to_owned();
        assert!(
            form.wishes().unwrap_err().starts_with("PostgreSQL: write a URL that begins with postgres://")
        );
        form.slower = "much".to_owned();
        assert!(form.wishes().unwrap_err().starts_with("Slower by a share: use a number from 0 to 1"));
    }
}
