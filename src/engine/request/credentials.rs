//! How requests prove who sends them: as a header or a parameter, with gaps where values vary.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderName};

use super::text::{Place, Text, TextReader};
use super::{Setting, Unsendable, absolute_url, header_name};
use crate::engine::tokens::TokenRequest;
use crate::model::{Auth, ClientCredentials, KeyPlace};

/// Where a request carries its credentials.
pub(super) enum Credentials<'a> {
    None,
    Header(HeaderName, Text),
    Query(&'a str, Text),
}

impl<'a> Credentials<'a> {
    pub fn read(setting: &Setting<'a>, reader: &mut TextReader<'_, '_>) -> Result<Self, Unsendable> {
        Ok(match setting.auth {
            Auth::None => Self::None,
            Auth::Basic { user, password } => {
                let mut pair = reader.read(user, Place::Body)?;
                pair.push(":");
                pair.append(reader.read(password, Place::Body)?);
                if let Some(pair) = pair.literal() {
                    reader.supplies.secrets.hide(&BASE64_STANDARD.encode(pair));
                }
                Self::Header(AUTHORIZATION, Text::of_base64("Basic ", pair))
            }
            Auth::Bearer { token } => {
                let mut value = Text::of("Bearer ");
                value.append(reader.read(token, Place::Header)?);
                Self::Header(AUTHORIZATION, value)
            }
            Auth::ApiKey { place: KeyPlace::Header, name, value } => {
                Self::Header(header_name(name)?, reader.read(value, Place::Header)?)
            }
            Auth::ApiKey { place: KeyPlace::Query, name, value } => {
                Self::Query(name, reader.read(value, Place::Query)?)
            }
            Auth::OAuth2(credentials) => {
                let request = token_request(credentials, setting.base_url, reader)?;
                Self::Header(AUTHORIZATION, Text::of_token("Bearer ", reader.supplies.token(request)))
            }
        })
    }
}

/// What a token is asked for with; values of answers cannot be in it, since it is asked for before the first.
fn token_request(
    credentials: &ClientCredentials,
    base_url: &str,
    reader: &mut TextReader<'_, '_>,
) -> Result<TokenRequest, Unsendable> {
    let mut constant = |what: &str, text: &str| {
        let read = reader.read(text, Place::Body)?;
        let literal = read.literal().map(str::to_owned);
        literal.ok_or_else(|| {
            Unsendable(format!(
                "the {what} of its token holds a value that is not known before the run; use variables or secrets"
            ))
        })
    };
    let path = constant("URL", &credentials.token_url)?;
    let request = TokenRequest {
        url: absolute_url(base_url, &path),
        client_id: constant("client id", &credentials.client_id)?,
        client_secret: constant("client secret", &credentials.client_secret)?,
        scope: credentials.scope.as_deref().map(|scope| constant("scope", scope)).transpose()?,
    };
    Url::parse(&request.url)
        .map_err(|error| Unsendable(format!("`{}` is no URL for a token: {error}", request.url)))?;
    Ok(request)
}
