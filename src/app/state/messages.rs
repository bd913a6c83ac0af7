//! What the window says: short notices that fade, and troubles that stay until they are dismissed.

use std::time::{Duration, Instant};

use crate::app::command::Command;

/// How long a notice is shown.
const NOTICE_TIME: Duration = Duration::from_secs(5);
/// How long an offer is shown.
const OFFER_TIME: Duration = Duration::from_secs(20);

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
    /// What can be done about it: a button's words and its command.
    pub offer: Option<(&'static str, Command)>,
    said_at: Instant,
}

impl Message {
    /// How much longer it is shown; none for one that stays.
    fn time_left(&self) -> Option<Duration> {
        let time = if self.offer.is_some() { OFFER_TIME } else { NOTICE_TIME };
        (self.tone != Tone::Fail).then(|| time.saturating_sub(self.said_at.elapsed()))
    }
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
        self.say(Tone::Info, text.into(), None);
    }

    pub fn ok(&mut self, text: impl Into<String>) {
        self.say(Tone::Ok, text.into(), None);
    }

    /// Stays until it is dismissed.
    pub fn fail(&mut self, text: impl Into<String>) {
        self.say(Tone::Fail, text.into(), None);
    }

    /// Stays until it is dismissed, with a button that does something about it.
    pub fn fail_with(&mut self, text: impl Into<String>, offer: (&'static str, Command)) {
        self.say(Tone::Fail, text.into(), Some(offer));
    }

    /// A notice with a button that does something about it.
    pub fn offer(&mut self, text: impl Into<String>, offer: (&'static str, Command)) {
        self.say(Tone::Info, text.into(), Some(offer));
    }

    fn say(&mut self, tone: Tone, text: String, offer: Option<(&'static str, Command)>) {
        self.last = Some(text.clone());
        // The same words twice say no more.
        self.shown.retain(|message| message.text != text);
        self.shown.push(Message { number: self.n_said, tone, text, offer, said_at: Instant::now() });
        self.n_said += 1;
    }

    pub fn dismiss(&mut self, number: usize) {
        self.shown.retain(|message| message.number != number);
    }

    /// Takes back notices that offer this, as it can be done no longer.
    pub fn withdraw(&mut self, is_over: impl Fn(&Command) -> bool) {
        self.shown.retain(|message| !message.offer.as_ref().is_some_and(|(_, command)| is_over(command)));
    }

    /// Drops notices whose time is over; returns when the next one's is.
    pub fn fade(&mut self) -> Option<Duration> {
        self.shown.retain(|message| message.time_left() != Some(Duration::ZERO));
        self.shown.iter().filter_map(Message::time_left).min()
    }

    pub fn shown(&self) -> &[Message] {
        &self.shown
    }

    /// The last thing said, for the status bar.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }
}
