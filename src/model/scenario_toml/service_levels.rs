//! The `[service_levels]` table, in and out: only what differs from the defaults is written.

use super::keys;
use super::read;
use super::reader::{Node, Reader};
use super::write::{Lines, duration, share, text};
use crate::model::{ClientErrors, ServiceLevelOptions};

const REMEDY: &str =
    "Write a [service_levels] table with lines such as availability = \"99.9%\" and apdex = \"100ms\".";

pub(super) fn read(reader: &mut Reader, root: &Node<'_>) -> ServiceLevelOptions {
    let defaults = ServiceLevelOptions::default();
    let Some(field) = reader.field(root, "service_levels") else { return defaults };
    let Some(node) = reader.table(&field, keys::SERVICE_LEVELS, REMEDY) else { return defaults };
    ServiceLevelOptions {
        availability: read::optional_share(reader, &node, "availability"),
        period: reader.optional_duration(&node, "period").unwrap_or(defaults.period),
        apdex: reader.optional_duration(&node, "apdex"),
        client_errors: match reader.optional_word(&node, "client_errors", keys::CLIENT_ERRORS) {
            Some("good") => ClientErrors::Good,
            Some("excluded") => ClientErrors::Excluded,
            _ => ClientErrors::Bad,
        },
        exclude_steps: match reader.field(&node, "exclude_steps") {
            Some(field) => reader.loose_texts(&field),
            None => Vec::new(),
        },
        window_error_share: read::optional_share(reader, &node, "window_error_share")
            .unwrap_or(defaults.window_error_share),
    }
}

pub(super) fn write(out: &mut Lines, options: &ServiceLevelOptions) {
    let defaults = ServiceLevelOptions::default();
    if *options == defaults {
        return;
    }
    out.header("[service_levels]");
    if let Some(availability) = options.availability {
        out.pair("availability", share(availability));
    }
    if options.period != defaults.period {
        out.pair("period", duration(options.period));
    }
    if let Some(apdex) = options.apdex {
        out.pair("apdex", duration(apdex));
    }
    if options.client_errors != defaults.client_errors {
        out.pair("client_errors", text(options.client_errors.name()));
    }
    if !options.exclude_steps.is_empty() {
        let names: Vec<String> = options.exclude_steps.iter().map(|name| text(name)).collect();
        out.pair("exclude_steps", format!("[{}]", names.join(", ")));
    }
    if options.window_error_share != defaults.window_error_share {
        out.pair("window_error_share", share(options.window_error_share));
    }
}
