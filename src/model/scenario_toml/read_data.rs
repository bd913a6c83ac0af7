//! From document to scenario: variables, secrets, environments and feeders.

use std::collections::BTreeMap;

use super::keys;
use super::reader::{Field, Node, Reader};
use crate::model::{AtEnd, Environment, FeedFormat, FeedOrder, Feeder, SecretSource};

const SECRET_REMEDY: &str = "Say where its value is: token = { env = \"SHOP_TOKEN\" }, or { keyring = \"shop\", user = \"analyst\" }.";

pub(super) fn variables(reader: &mut Reader, parent: &Node<'_>) -> BTreeMap<String, String> {
    let Some(field) = reader.field(parent, "variables") else { return BTreeMap::new() };
    let remedy = "Write a [variables] table with lines such as user = \"analyst\".";
    let Some(node) = reader.free_table(&field, remedy) else { return BTreeMap::new() };
    let mut variables = BTreeMap::new();
    for name in node.keys() {
        let Some(field) = reader.field(&node, name) else { continue };
        // A stand-in keeps the steps that use the variable from being blamed.
        variables.insert(name.to_owned(), reader.loose_text(&field).unwrap_or_default());
    }
    variables
}

pub(super) fn secrets(reader: &mut Reader, root: &Node<'_>) -> BTreeMap<String, SecretSource> {
    let Some(field) = reader.field(root, "secrets") else { return BTreeMap::new() };
    let Some(node) = reader.free_table(&field, SECRET_REMEDY) else { return BTreeMap::new() };
    let mut secrets = BTreeMap::new();
    for name in node.keys() {
        let Some(field) = reader.field(&node, name) else { continue };
        // A stand-in keeps the steps that use the secret from being blamed.
        let source = secret(reader, &field).unwrap_or_else(|| SecretSource::Env(name.to_owned()));
        secrets.insert(name.to_owned(), source);
    }
    secrets
}

fn secret(reader: &mut Reader, field: &Field<'_>) -> Option<SecretSource> {
    if field.item.is_str() {
        // The value itself is not repeated in the message.
        reader.error(&field.path, "a secret's value must not stand in a scenario file", SECRET_REMEDY);
        return None;
    }
    let node = reader.table(field, keys::SECRET, SECRET_REMEDY)?;
    match (node.has("env"), node.has("keyring")) {
        (true, false) => {
            if let Some(user) = reader.field(&node, "user") {
                reader.error(&user.path, "`user` belongs to `keyring`", SECRET_REMEDY);
            }
            reader.optional_text(&node, "env").map(SecretSource::Env)
        }
        (false, true) => {
            let service = reader.optional_text(&node, "keyring");
            let user = reader.required_text(&node, "user", SECRET_REMEDY);
            Some(SecretSource::Keyring { service: service?, user: user? })
        }
        _ => {
            reader.error(&field.path, "a secret comes either from `env` or from `keyring`", SECRET_REMEDY);
            None
        }
    }
}

pub(super) fn environments(reader: &mut Reader, root: &Node<'_>) -> Vec<Environment> {
    let remedy = "Write each environment as an [[environments]] table with name, base_url and variables.";
    let nodes = reader.tables(root, "environments", keys::ENVIRONMENT, remedy);
    let environment = |node: &Node<'_>| Environment {
        name: reader
            .required_text(node, "name", "Add a line such as name = \"staging\".")
            .unwrap_or_default(),
        base_url: reader.optional_text(node, "base_url"),
        variables: variables(reader, node),
    };
    nodes.iter().map(environment).collect()
}

pub(super) fn feeders(reader: &mut Reader, root: &Node<'_>) -> Vec<Feeder> {
    let remedy = "Write each feeder as a [[feeders]] table with name and file.";
    let nodes = reader.tables(root, "feeders", keys::FEEDER, remedy);
    nodes.iter().map(|node| feeder(reader, node)).collect()
}

fn feeder(reader: &mut Reader, node: &Node<'_>) -> Feeder {
    let name = reader.required_text(node, "name", "Add a line such as name = \"users\".");
    let file = reader.required_text(node, "file", "Add a line such as file = \"users.csv\".");
    let format = reader.optional_word(node, "format", keys::FEED_FORMATS).map(|word| match word {
        "json_lines" => FeedFormat::JsonLines,
        _ => FeedFormat::Csv,
    });
    let order = match reader.optional_word(node, "order", keys::FEED_ORDERS) {
        Some("shuffled") => FeedOrder::Shuffled,
        Some("random") => FeedOrder::Random,
        Some("unique") => FeedOrder::Unique,
        _ => FeedOrder::Sequential,
    };
    let at_end = match reader.optional_word(node, "at_end", keys::AT_ENDS) {
        Some("stop") => AtEnd::Stop,
        Some("wrap") => AtEnd::Wrap,
        Some("error") => AtEnd::Error,
        _ => order.default_end(),
    };
    Feeder { name: name.unwrap_or_default(), file: file.unwrap_or_default(), format, order, at_end }
}
