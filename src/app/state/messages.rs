//! What the window says: short notices that fade, and troubles that stay until they are dismissed.

use std::time::{Duration, Instant};

/// How long a notice is shown.
const NOTICE_TIME: Duration = Duration::from_secs(5);

/// The tone of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Info,
    Ok,
    Fail,
}

/// One thing said.
#[derive(Clone, Debug)]
pub struct Message {
    /// Names the message in [`Command::DismissMessage`](crate::app::command::Command).
    pub number: usize,
    pub tone: Tone,
    pub text: String,
    said_at: Instant,
}

/// All that is being said.
#[derive(Debug, Default)]
pub struct Messages {
    shown: Vec<Message>,
    last: Option<String>,
    n_said: usize,
}

impl Messages {
    /// Only for the status bar.
    pub fn note(&mut self, text: impl Into<String>) {
        self.last = Some(text.into());
    }

    pub fn info(&mut self, text: impl Into<String>) {
        self.say(Tone::Info, text.into());
    }

    pub fn ok(&mut self, text: impl Into<String>) {
        self.say(Tone::Ok, text.into());
    }

    /// Stays until it is dismissed.
    pub fn fail(&mut self, text: impl Into<String>) {
        self.say(Tone::Fail, text.into());
    }

    fn say(&mut self, tone: Tone, text: String) {
        self.last = Some(text.clone());
        // The same words twice say no more.
        self.shown.retain(|message| message.text != text);
        self.shown.push(Message { number: self.n_said, tone, text, said_at: Instant::now() });
        self.n_said += 1;
    }

    pub fn dismiss(&mut self, number: usize) {
        self.shown.retain(|message| message.number != number);
    }

    /// Drops notices whose time is over; returns when the next one's is.
    pub fn fade(&mut self) -> Option<Duration> {
        self.shown.retain(|message| message.tone == Tone::Fail || message.said_at.elapsed() < NOTICE_TIME);
        self.shown
            .iter()
            .filter(|message| message.tone != Tone::Fail)
            .map(|message| NOTICE_TIME.saturating_sub(message.said_at.elapsed()))
            .min()
    }

    pub fn shown(&self) -> &[Message] {
        &self.shown
    }

    /// The last thing said, for the status bar.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }
}
