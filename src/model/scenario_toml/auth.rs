//! How requests prove who sends them, in and out; the same table stands at the top and in a step.

use super::keys;
use super::reader::{Field, Node, Reader};
use super::write::text;
use crate::model::{Auth, ClientCredentials, KeyPlace};

const REMEDY: &str = "Write \"none\", { bearer = \"{{token}}\" }, { basic = { user = \"…\", password = \"{{password}}\" } }, \
                      { api_key = { header = \"x-api-key\", value = \"{{key}}\" } } or { oauth2 = { token_url = \"/token\", \
                      client_id = \"…\", client_secret = \"{{secret}}\" } }.";

/// The `auth` of a table, if it has one.
pub(super) fn read(reader: &mut Reader, parent: &Node<'_>) -> Option<Auth> {
    let field = reader.field(parent, "auth")?;
    if field.item.is_str() {
        reader.word(&field, &["none"]);
        return Some(Auth::None);
    }
    let node = reader.table(&field, keys::AUTH, REMEDY)?;
    let keys = node.keys();
    let [key] = keys[..] else {
        reader.error(&field.path, "`auth` is one of its kinds, no more and no less", REMEDY);
        return None;
    };
    let kind = reader.field(&node, key)?;
    match key {
        "basic" => basic(reader, &kind),
        "bearer" => reader.text(&kind).map(|token| Auth::Bearer { token }),
        "api_key" => api_key(reader, &kind),
        "oauth2" => oauth2(reader, &kind),
        // Reported as unknown above.
        _ => None,
    }
}

fn basic(reader: &mut Reader, field: &Field<'_>) -> Option<Auth> {
    let node = reader.table(field, keys::BASIC, REMEDY)?;
    let user = reader.required_text(&node, "user", REMEDY);
    let password = reader.required_text(&node, "password", REMEDY);
    Some(Auth::Basic { user: user?, password: password? })
}

fn api_key(reader: &mut Reader, field: &Field<'_>) -> Option<Auth> {
    let node = reader.table(field, keys::API_KEY, REMEDY)?;
    let value = reader.required_text(&node, "value", REMEDY);
    let (place, name) = match (node.has("header"), node.has("query")) {
        (true, false) => (KeyPlace::Header, reader.optional_text(&node, "header")),
        (false, true) => (KeyPlace::Query, reader.optional_text(&node, "query")),
        _ => {
            reader.error(&field.path, "an API key stands either in a `header` or in the `query`", REMEDY);
            return None;
        }
    };
    Some(Auth::ApiKey { place, name: name?, value: value? })
}

fn oauth2(reader: &mut Reader, field: &Field<'_>) -> Option<Auth> {
    let node = reader.table(field, keys::OAUTH2, REMEDY)?;
    let mut required = |key| reader.required_text(&node, key, REMEDY);
    let (token_url, client_id, client_secret) =
        (required("token_url"), required("client_id"), required("client_secret"));
    let scope = reader.optional_text(&node, "scope");
    Some(Auth::OAuth2(ClientCredentials {
        token_url: token_url?,
        client_id: client_id?,
        client_secret: client_secret?,
        scope,
    }))
}

/// The value of `auth`.
pub(super) fn value(auth: &Auth) -> String {
    match auth {
        Auth::None => text("none"),
        Auth::Basic { user, password } => {
            format!("{{ basic = {{ user = {}, password = {} }} }}", text(user), text(password))
        }
        Auth::Bearer { token } => format!("{{ bearer = {} }}", text(token)),
        Auth::ApiKey { place, name, value } => {
            let place = match place {
                KeyPlace::Header => "header",
                KeyPlace::Query => "query",
            };
            format!("{{ api_key = {{ {place} = {}, value = {} }} }}", text(name), text(value))
        }
        Auth::OAuth2(ClientCredentials { token_url, client_id, client_secret, scope }) => {
            let scope = scope.as_ref().map_or_else(String::new, |scope| format!(", scope = {}", text(scope)));
            format!(
                "{{ oauth2 = {{ token_url = {}, client_id = {}, client_secret = {}{scope} }} }}",
                text(token_url),
                text(client_id),
                text(client_secret)
            )
        }
    }
}
