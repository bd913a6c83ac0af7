//! Whether the ways in which requests prove themselves can be sent.

use super::{Findings, text};
use crate::model::problem::shown;
use crate::model::{Auth, KeyPlace};

pub(super) fn check(field: &str, auth: &Auth, findings: &mut Findings) {
    match auth {
        Auth::None => {}
        Auth::Basic { user, .. } => {
            if user.contains(':') {
                findings.error(
                    format!("{field}.basic.user"),
                    "a user's name with `:` in it cannot be told from its password",
                    "Remove the colon.",
                );
            }
        }
        Auth::Bearer { token } => not_empty(format!("{field}.bearer"), token, "token", findings),
        Auth::ApiKey { place, name, value } => {
            let is_wrong = match place {
                KeyPlace::Header => !text::is_token(name),
                KeyPlace::Query => name.is_empty(),
            };
            if is_wrong {
                findings.error(
                    format!("{field}.api_key"),
                    format!("`{}` cannot be the name of an API key", shown(name)),
                    "Write the name that the target expects, such as x-api-key.",
                );
            }
            not_empty(format!("{field}.api_key.value"), value, "API key", findings);
        }
        Auth::OAuth2(credentials) => {
            let field = format!("{field}.oauth2");
            if let Err(reason) = text::check_path(&credentials.token_url) {
                findings.error(
                    format!("{field}.token_url"),
                    format!("`{}` cannot be asked for a token: {reason}", shown(&credentials.token_url)),
                    "Write a path below the base URL such as /oauth/token, or a whole URL.",
                );
            }
            not_empty(format!("{field}.client_id"), &credentials.client_id, "client id", findings);
            not_empty(
                format!("{field}.client_secret"),
                &credentials.client_secret,
                "client secret",
                findings,
            );
        }
    }
}

fn not_empty(field: String, value: &str, what: &str, findings: &mut Findings) {
    if value.is_empty() {
        findings.error(
            field,
            format!("the {what} is empty"),
            "Write it as {{name}}, and define it under [secrets].",
        );
    }
}
