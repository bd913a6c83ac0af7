//! How requests travel: is it possible, and is it meant?

use super::{Findings, text};
use crate::model::problem::shown;
use crate::model::{Scenario, TlsOptions, TransportChoice};

const MAX_REDIRECTS: u32 = 50;

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let options = &scenario.transport;
    let beyond_wire = scenario.beyond_wire();
    if options.choice == TransportChoice::Wire && !beyond_wire.is_empty() {
        findings.error(
            "transport.use",
            format!("the transport `wire` does not do what is asked: {}", beyond_wire.join(", ")),
            "Set use = \"auto\" or \"reqwest\", or ask for less.",
        );
    }
    check_redirects("transport.redirects", options.max_redirects, findings);
    if let Some(Err(reason)) = options.proxy.as_deref().map(text::check_proxy) {
        findings.error(
            "transport.proxy",
            format!(
                "`{}` cannot be the proxy: {reason}",
                shown(options.proxy.as_deref().unwrap_or_default())
            ),
            "Write its URL, such as http://127.0.0.1:3128 or socks5://127.0.0.1:1080.",
        );
    }
    check_tls(&options.tls, findings);
}

pub(super) fn check_redirects(field: &str, max_redirects: u32, findings: &mut Findings) {
    if max_redirects > MAX_REDIRECTS {
        findings.error(
            field,
            format!("{max_redirects} redirects in a row are not followed"),
            "Choose a whole number from 0 to 50; 0 takes each answer as it is.",
        );
    }
}

fn check_tls(tls: &TlsOptions, findings: &mut Findings) {
    for (key, path) in [("ca", &tls.ca), ("certificate", &tls.certificate), ("key", &tls.key)] {
        if path.as_ref().is_some_and(|path| path.trim().is_empty() || path.chars().any(char::is_control)) {
            findings.error(
                format!("transport.{key}"),
                "this names no file",
                "Write the path of a PEM file, or remove the line.",
            );
        }
    }
    match (&tls.certificate, &tls.key) {
        (Some(_), None) => findings.error(
            "transport.certificate",
            "a client certificate without its key proves nothing",
            "Add key = \"client-key.pem\", the file of its private key.",
        ),
        (None, Some(_)) => findings.error(
            "transport.key",
            "a key is of no use without its certificate",
            "Add certificate = \"client.pem\", the file of the certificate it belongs to.",
        ),
        _ => {}
    }
    if !tls.verify {
        findings.warning(
            "transport.verify",
            if tls.ca.is_some() {
                "no server's certificate is verified, so anyone can answer in the target's place, and `ca` is not used"
            } else {
                "no server's certificate is verified, so anyone can answer in the target's place"
            },
            "Name the target's CA with ca = \"ca.pem\" instead, unless this is a test system.",
        );
    }
}
