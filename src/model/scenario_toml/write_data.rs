//! From variables, secrets, environments and feeders to canonical text.

use std::collections::BTreeMap;

use super::write::{Lines, key, text};
use crate::model::{AtEnd, Environment, FeedFormat, FeedOrder, Feeder, Scenario, SecretSource};

pub(super) fn data(out: &mut Lines, scenario: &Scenario) {
    if !scenario.variables.is_empty() {
        out.header("[variables]");
        variables(out, &scenario.variables);
    }
    if !scenario.secrets.is_empty() {
        out.header("[secrets]");
        for (name, source) in &scenario.secrets {
            out.pair(&key(name), secret(source));
        }
    }
    for environment in &scenario.environments {
        self::environment(out, environment);
    }
    for feeder in &scenario.feeders {
        self::feeder(out, feeder);
    }
}

fn variables(out: &mut Lines, variables: &BTreeMap<String, String>) {
    for (name, value) in variables {
        out.pair(&key(name), text(value));
    }
}

fn secret(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(name) => format!("{{ env = {} }}", text(name)),
        SecretSource::Keyring { service, user } => {
            format!("{{ keyring = {}, user = {} }}", text(service), text(user))
        }
    }
}

fn environment(out: &mut Lines, environment: &Environment) {
    out.header("[[environments]]");
    out.pair("name", text(&environment.name));
    if let Some(base_url) = &environment.base_url {
        out.pair("base_url", text(base_url));
    }
    if !environment.variables.is_empty() {
        out.header("[environments.variables]");
        variables(out, &environment.variables);
    }
}

fn feeder(out: &mut Lines, feeder: &Feeder) {
    out.header("[[feeders]]");
    out.pair("name", text(&feeder.name));
    out.pair("file", text(&feeder.file));
    if let Some(format) = feeder.format {
        let word = match format {
            FeedFormat::Csv => "csv",
            FeedFormat::JsonLines => "json_lines",
        };
        out.pair("format", text(word));
    }
    let order = match feeder.order {
        FeedOrder::Sequential => None,
        FeedOrder::Shuffled => Some("shuffled"),
        FeedOrder::Random => Some("random"),
        FeedOrder::Unique => Some("unique"),
    };
    if let Some(order) = order {
        out.pair("order", text(order));
    }
    if feeder.at_end != feeder.order.default_end() {
        let word = match feeder.at_end {
            AtEnd::Stop => "stop",
            AtEnd::Wrap => "wrap",
            AtEnd::Error => "error",
        };
        out.pair("at_end", text(word));
    }
}
