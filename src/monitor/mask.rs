//! Hides secrets in every text that a monitor hands out.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::metrics::MonitorFacts;
use crate::model::{Access, Monitor, Probe};

/// What is shown in place of a secret; the same as in requests.
pub(super) const HIDDEN: &str = "•••";

/// Knows what must not be shown.
#[derive(Clone, Default)]
pub(super) struct Mask {
    /// The longest first: it may hold others.
    hidden: Vec<String>,
}

impl Mask {
    /// Hides the given values, and what the monitors themselves give as passwords.
    pub fn new(secrets: &[String], monitors: &[Monitor]) -> Self {
        let mut mask = Self::default();
        secrets.iter().for_each(|secret| mask.hide(secret));
        for monitor in monitors {
            match &monitor.probe {
                Probe::Machine | Probe::Processes(_) => {}
                Probe::Metrics(probe) => mask.hide_access(&probe.access),
                Probe::Prometheus(probe) => mask.hide_access(&probe.access),
                Probe::Postgres(probe) => mask.hide(&probe.password),
                Probe::Redis(probe) => mask.hide(&probe.password),
            }
            if let Some(password) = password_within(monitor.probe.url()) {
                mask.hide(password);
            }
        }
        mask.hidden.sort_by_key(|written| std::cmp::Reverse(written.len()));
        mask
    }

    fn hide_access(&mut self, access: &Access) {
        self.hide(&access.bearer);
        self.hide(&access.password);
    }

    fn hide(&mut self, secret: &str) {
        let quoted = serde_json::Value::from(secret).to_string();
        let within_quotes = quoted[1..quoted.len() - 1].to_owned();
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        for written in [secret.to_owned(), within_quotes, encoded] {
            if !written.is_empty() && !self.hidden.contains(&written) {
                self.hidden.push(written);
            }
        }
    }

    /// The text with each secret in it hidden.
    pub fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for secret in &self.hidden {
            if masked.contains(secret.as_str()) {
                masked = Cow::Owned(masked.replace(secret.as_str(), HIDDEN));
            }
        }
        masked
    }

    pub fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.masked(text) {
            *text = masked;
        }
    }

    /// Hides secrets in all that a monitor says of itself; its name is the analyst's own.
    pub fn hide_in_facts(&self, facts: &mut MonitorFacts) {
        self.hide_in(&mut facts.address);
        self.hide_in(&mut facts.version);
        facts.troubles.iter_mut().for_each(|trouble| self.hide_in(&mut trouble.text));
        facts.notes.iter_mut().for_each(|note| self.hide_in(note));
        facts.statements.iter_mut().for_each(|statement| self.hide_in(&mut statement.text));
        facts.commands.iter_mut().for_each(|command| self.hide_in(&mut command.name));
        for figure in &mut facts.totals {
            self.hide_in(&mut figure.name);
            self.hide_in(&mut figure.meaning);
        }
    }
}

/// The password in a URL such as `http://user:password@host/`.
fn password_within(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (credentials, _) = authority.rsplit_once('@')?;
    credentials.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MetricsProbe, RedisProbe};

    #[test]
    fn given_secrets_and_passwords_of_probes_are_hidden_however_they_are_written() {
        let access = Access { password: "pa\"ss".into(), user: "me".into(), ..Access::default() };
        let probe =
            MetricsProbe { url: "http://me:in%2Furl@h/metrics".into(), access, ..MetricsProbe::default() };
        let redis = RedisProbe { url: "redis://h".into(), password: "p w".into() };
        let monitors = [Monitor::new("a", Probe::Metrics(probe)), Monitor::new("b", Probe::Redis(redis))];
        let mask = Mask::new(&["topsecret".to_owned(), "topsecret-2".to_owned(), String::new()], &monitors);
        let text = r#"topsecret-2 topsecret pa"ss {"a": "pa\"ss"} p%20w http://me:in%2Furl@h/metrics"#;
        assert_eq!(mask.masked(text), r#"••• ••• ••• {"a": "•••"} ••• http://me:•••@h/metrics"#);
        assert_eq!(mask.masked("nothing of it"), "nothing of it");
    }
}
