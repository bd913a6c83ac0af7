//! The `[transport]` table, in and out: only what differs from the defaults is written.

use super::keys;
use super::reader::{Node, Reader};
use super::write::{Lines, text};
use crate::model::{Connections, HttpVersion, TlsOptions, TransportChoice, TransportOptions};

pub(super) fn read(reader: &mut Reader, root: &Node<'_>) -> TransportOptions {
    let defaults = TransportOptions::default();
    let remedy = "Write a [transport] table with lines such as cookies = true.";
    let Some(field) = reader.field(root, "transport") else { return defaults };
    let Some(node) = reader.table(&field, keys::TRANSPORT, remedy) else { return defaults };
    TransportOptions {
        choice: match reader.optional_word(&node, "use", keys::TRANSPORTS) {
            Some("wire") => TransportChoice::Wire,
            Some("reqwest") => TransportChoice::Reqwest,
            _ => TransportChoice::Auto,
        },
        http: match reader.optional_word(&node, "http", keys::HTTP_VERSIONS) {
            Some("2") => HttpVersion::Http2,
            _ => HttpVersion::Http1,
        },
        connections: match reader.optional_word(&node, "connections", keys::CONNECTIONS) {
            Some("pooled") => Connections::Pooled,
            Some("per_request") => Connections::PerRequest,
            _ => Connections::PerUser,
        },
        max_redirects: reader
            .optional_integer(&node, "redirects", "Choose a whole number from 0 to 50.")
            .unwrap_or(defaults.max_redirects),
        cookies: reader.optional_truth(&node, "cookies").unwrap_or(defaults.cookies),
        compression: reader.optional_truth(&node, "compression").unwrap_or(defaults.compression),
        proxy: reader.optional_text(&node, "proxy"),
        tls: TlsOptions {
            ca: path(reader, &node, "ca"),
            certificate: path(reader, &node, "certificate"),
            key: path(reader, &node, "key"),
            verify: reader.optional_truth(&node, "verify").unwrap_or(defaults.tls.verify),
        },
    }
}

/// A stand-in for what is no text keeps a certificate's key from being blamed.
fn path(reader: &mut Reader, node: &Node<'_>, key: &str) -> Option<String> {
    let field = reader.field(node, key)?;
    Some(reader.text(&field).unwrap_or_default())
}

pub(super) fn write(out: &mut Lines, options: &TransportOptions) {
    if *options == TransportOptions::default() {
        return;
    }
    out.header("[transport]");
    match options.choice {
        TransportChoice::Auto => {}
        TransportChoice::Wire => out.pair("use", text("wire")),
        TransportChoice::Reqwest => out.pair("use", text("reqwest")),
    }
    if options.http == HttpVersion::Http2 {
        out.pair("http", text("2"));
    }
    match options.connections {
        Connections::PerUser => {}
        Connections::Pooled => out.pair("connections", text("pooled")),
        Connections::PerRequest => out.pair("connections", text("per_request")),
    }
    if options.max_redirects > 0 {
        out.pair("redirects", options.max_redirects);
    }
    for (key, enabled) in [("cookies", options.cookies), ("compression", options.compression)] {
        if enabled {
            out.pair(key, true);
        }
    }
    let tls = &options.tls;
    let texts =
        [("proxy", &options.proxy), ("ca", &tls.ca), ("certificate", &tls.certificate), ("key", &tls.key)];
    for (key, value) in texts {
        if let Some(value) = value {
            out.pair(key, text(value));
        }
    }
    if !tls.verify {
        out.pair("verify", false);
    }
}
