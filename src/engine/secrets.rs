//! Values that nobody may see: kept apart, and hidden in every text that leaves the engine.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::request::{QUERY, TARGET};
use super::tokens::Token;

/// What is shown in place of a secret.
pub const HIDDEN: &str = "•••";

/// The shortest beginning of a secret that is hidden where a text was cut within it.
const MIN_CUT: usize = 4;

/// Shorter ones occur by chance.
const MIN_CORE: usize = 6;

/// The values of a scenario's secrets, and every way in which a request writes them.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeMap<String, String>,
    /// What is hidden, the longest first: it may hold others.
    hidden: Vec<String>,
    tokens: Vec<Arc<Token>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.values.keys().map(|name| (name, Hidden))).finish()
    }
}

/// Stands for a value where a debugger asks.
pub(super) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl From<BTreeMap<String, String>> for Secrets {
    fn from(values: BTreeMap<String, String>) -> Self {
        let mut secrets = Self::default();
        for value in values.values() {
            secrets.hide(value);
            base64_cores(value).for_each(|core| secrets.hide(&core));
        }
        Self { values, ..secrets }
    }
}

impl Secrets {
    /// The values by the names of the secrets.
    pub(super) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Hides a text from now on, however a request writes it.
    pub(super) fn hide(&mut self, text: &str) {
        let encoded = |set| percent_encoding::utf8_percent_encode(text, set).to_string();
        let quoted = serde_json::Value::from(text).to_string();
        let form = encoded(QUERY).replace("%20", "+").replace('~', "%7E").replace("%2A", "*");
        let within_quotes = quoted[1..quoted.len() - 1].to_owned();
        // As URLs are shown once they were parsed.
        let in_url = encoded(TARGET).replace('\'', "%27");
        for written in [text.to_owned(), encoded(QUERY), encoded(TARGET), in_url, form, within_quotes] {
            if !written.is_empty() && !self.hidden.contains(&written) {
                self.hidden.push(written);
            }
        }
        self.hidden.sort_by_key(|written| std::cmp::Reverse(written.len()));
    }

    /// Hides what a token is at any moment from now on.
    pub(super) fn hide_token(&mut self, token: Arc<Token>) {
        self.tokens.push(token);
    }

    /// The text with each secret in it hidden.
    pub fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for written in &self.hidden {
            replace(&mut masked, written);
        }
        for token in &self.tokens {
            token.known().iter().for_each(|value| replace(&mut masked, value));
        }
        masked
    }

    /// The beginning of a longer text with each secret in it hidden, also one that goes on behind the cut.
    pub(super) fn masked_beginning<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = self.masked(text);
        let tokens: Vec<Arc<String>> = self.tokens.iter().flat_map(|token| token.known()).collect();
        let all = self.hidden.iter().chain(tokens.iter().map(|token| &**token));
        let n_cut = all.map(|secret| n_begun(&masked, secret)).max().unwrap_or(0);
        if n_cut > 0 {
            let kept = masked.len() - n_cut;
            masked = Cow::Owned(format!("{}{HIDDEN}", &masked[..kept]));
        }
        masked
    }
}

/// What the Base64 of anything shows of a secret within it, at each of the three places where it can begin.
fn base64_cores(secret: &str) -> impl Iterator<Item = String> {
    (0..3).filter_map(|n_before| {
        let bytes = [&[0; 2][..n_before], secret.as_bytes()].concat();
        let encoded = BASE64_STANDARD.encode(&bytes);
        // Each character holds six bits; those that it shares with what stands around are left out.
        let core = encoded.get((n_before * 8).div_ceil(6)..bytes.len() * 8 / 6)?;
        (core.len() >= MIN_CORE).then(|| core.to_owned())
    })
}

fn replace(text: &mut Cow<'_, str>, secret: &str) {
    if !secret.is_empty() && text.contains(secret) {
        *text = Cow::Owned(text.replace(secret, HIDDEN));
    }
}

/// How many bytes at the end of a text are the beginning of a secret.
fn n_begun(text: &str, secret: &str) -> usize {
    let longest = secret.len().saturating_sub(1).min(text.len());
    let is_begun = |n: &usize| text.as_bytes()[text.len() - n..] == secret.as_bytes()[..*n];
    (MIN_CUT..=longest).rev().filter(|n| secret.is_char_boundary(*n)).find(is_begun).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tokens::TokenRequest;

    fn secrets() -> Secrets {
        Secrets::from(BTreeMap::from([
            ("key".to_owned(), "p@ss \"word\"".to_owned()),
            ("pin".to_owned(), "word".to_owned()),
            ("empty".to_owned(), String::new()),
        ]))
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(secrets().masked(text), expected);
    }

    #[test]
    fn every_way_of_writing_a_secret_is_hidden() {
        check("GET /?key=p%40ss%20%22word%22&a=1", "GET /?key=•••&a=1");
        check("key=p%40ss+%22word%22", "key=•••");
        check(r#"{"key": "p@ss \"word\""}"#, r#"{"key": "•••"}"#);
        check("p@ss \"word\" and word", "••• and •••");
        check("nothing of it", "nothing of it");
    }

    #[test]
    fn credentials_in_base64_are_hidden_whoever_they_belong_to() {
        for user in ["me", "you", "they", "somebody"] {
            let encoded = BASE64_STANDARD.encode(format!("{user}:p@ss \"word\""));
            let masked = secrets().masked(&encoded).into_owned();
            assert!(masked.contains(HIDDEN), "{masked}");
            let shown: String = masked.split(HIDDEN).collect();
            assert!(shown.len() < encoded.len() - 12, "{masked}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_to_a_debugger() {
        assert_eq!(format!("{:?}", secrets()), r#"{"empty": •••, "key": •••, "pin": •••}"#);
    }

    #[test]
    fn a_secret_that_was_cut_is_hidden_too() {
        let beginning = |text: &str| secrets().masked_beginning(text).into_owned();
        assert_eq!(beginning("the key is p@ss \"wo"), "the key is •••");
        assert_eq!(beginning("the key is p@s"), "the key is p@s", "too short to tell");
        assert_eq!(beginning("the key is not here"), "the key is not here");
    }

    #[test]
    fn tokens_are_hidden_as_they_are_and_as_they_were() {
        let token = Arc::new(Token::new(TokenRequest::default()));
        let mut secrets = Secrets::default();
        secrets.hide_token(Arc::clone(&token));
        assert_eq!(secrets.masked("nothing yet"), "nothing yet");
        token.store("first".to_owned());
        token.store("second".to_owned());
        assert_eq!(secrets.masked("Bearer second after first"), "Bearer ••• after •••");
    }
}
