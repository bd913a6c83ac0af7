//! One request of a journey: what is sent, how it proves itself, what must hold, what is taken out.

use std::time::Duration;

/// One request within an iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: String,
    /// Whether it is sent; one that is switched off keeps its place in the file.
    pub enabled: bool,
    pub service: Option<String>,
    /// HTTP method in capitals.
    pub method: String,
    /// Path and query below the base URL, or a whole `http(s)://` URL.
    pub path: String,
    /// Added to the path's own query, percent-encoded, in order.
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    /// Overrides the scenario's.
    pub auth: Option<Auth>,
    pub checks: Vec<Check>,
    pub extracts: Vec<Extract>,
    /// Overrides the scenario's timeout.
    pub timeout: Option<Duration>,
    /// Overrides how many redirects the transport follows.
    pub max_redirects: Option<u32>,
}

/// What a step sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    None,
    Text(String),
    /// Sent with `content-type: application/json` unless the step sets one.
    Json(String),
    /// Fields as a browser's form sends them, `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
    /// The bytes of a file, whose relative path starts at the scenario file's folder.
    File(String),
}

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub name: String,
    pub content: PartContent,
    pub content_type: Option<String>,
}

/// What a part of a multipart body holds.
#[derive(Clone, Debug, PartialEq)]
pub enum PartContent {
    Text(String),
    /// The bytes of a file, whose relative path starts at the scenario file's folder.
    File(String),
}

/// How a request proves who sends it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Auth {
    #[default]
    None,
    Basic {
        user: String,
        password: String,
    },
    Bearer {
        token: String,
    },
    ApiKey {
        place: KeyPlace,
        name: String,
        value: String,
    },
    /// OAuth 2.0 client credentials (RFC 6749 §4.4); the token is fetched once and used until it expires.
    OAuth2(ClientCredentials),
}

/// Where an API key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    Header,
    Query,
}

/// What a token is fetched with.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCredentials {
    /// A path below the base URL, or a whole URL.
    pub token_url: String,
    pub client_id: String,
    pub client_secret: String,
    pub scope: Option<String>,
}

/// An assertion on one response; failing does not stop the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    Status(u16),
    BodyContains(String),
    /// A regular expression that matches somewhere in the body.
    BodyMatches(String),
    JsonPathExists(String),
    JsonPathEquals {
        path: String,
        value: String,
    },
    HeaderContains {
        name: String,
        text: String,
    },
    /// Size of the body in bytes, as it came.
    Size {
        min: Option<u64>,
        max: Option<u64>,
    },
    /// Service time at most this.
    MaxDuration(Duration),
}

/// Takes a value out of a response into a variable of this virtual user.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    pub name: String,
    pub source: ExtractSource,
}

/// Where in a response a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExtractSource {
    JsonPath(String),
    /// The first group of a regular expression, or its whole match where it has no group.
    Regex(String),
    /// The value of a header.
    Header(String),
    /// The value of a cookie that the answer sets.
    Cookie(String),
}

impl Step {
    /// A request for `path` with nothing to it: no service, headers, body, checks or extracts.
    pub fn get(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            enabled: true,
            service: None,
            method: "GET".to_owned(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
            auth: None,
            checks: Vec::new(),
            extracts: Vec::new(),
            timeout: None,
            max_redirects: None,
        }
    }

    /// Every text of the request that may hold `{{…}}`, with its field's name within the step.
    pub fn templates(&self) -> Vec<(String, &str)> {
        let mut texts = vec![("path".to_owned(), self.path.as_str())];
        texts.extend(self.query.iter().map(|(name, value)| (format!("query.{name}"), value.as_str())));
        texts.extend(self.headers.iter().map(|(name, value)| (format!("headers.{name}"), value.as_str())));
        match &self.body {
            Body::None | Body::File(_) => {}
            Body::Text(text) => texts.push(("body.text".to_owned(), text)),
            Body::Json(text) => texts.push(("body.json".to_owned(), text)),
            Body::Form(fields) => {
                texts
                    .extend(fields.iter().map(|(name, value)| (format!("body.form.{name}"), value.as_str())));
            }
            Body::Multipart(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    if let PartContent::Text(text) = &part.content {
                        texts.push((format!("body.multipart[{index}].value"), text));
                    }
                }
            }
        }
        if let Some(auth) = &self.auth {
            texts.extend(auth.templates().into_iter().map(|(key, text)| (format!("auth.{key}"), text)));
        }
        texts
    }

    /// The texts of [`Self::templates`], to be changed.
    pub fn templates_mut(&mut self) -> Vec<&mut String> {
        let mut texts = vec![&mut self.path];
        texts.extend(self.query.iter_mut().chain(&mut self.headers).map(|(_, value)| value));
        match &mut self.body {
            Body::None | Body::File(_) => {}
            Body::Text(text) | Body::Json(text) => texts.push(text),
            Body::Form(fields) => texts.extend(fields.iter_mut().map(|(_, value)| value)),
            Body::Multipart(parts) => {
                texts.extend(parts.iter_mut().filter_map(|part| match &mut part.content {
                    PartContent::Text(text) => Some(text),
                    PartContent::File(_) => None,
                }));
            }
        }
        texts.extend(self.auth.iter_mut().flat_map(Auth::templates_mut));
        texts
    }
}

impl Auth {
    /// Every text that may hold `{{…}}`, with its field's name.
    pub fn templates(&self) -> Vec<(String, &str)> {
        let texts: &[(&str, &str)] = match self {
            Self::None => &[],
            Self::Basic { user, password } => &[("basic.user", user), ("basic.password", password)],
            Self::Bearer { token } => &[("bearer", token)],
            Self::ApiKey { value, .. } => &[("api_key.value", value)],
            Self::OAuth2(credentials) => &[
                ("oauth2.token_url", &credentials.token_url),
                ("oauth2.client_id", &credentials.client_id),
                ("oauth2.client_secret", &credentials.client_secret),
                ("oauth2.scope", credentials.scope.as_deref().unwrap_or_default()),
            ],
        };
        texts.iter().map(|(key, text)| ((*key).to_owned(), *text)).collect()
    }

    /// The texts of [`Self::templates`], to be changed.
    pub fn templates_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::None => Vec::new(),
            Self::Basic { user, password } => vec![user, password],
            Self::Bearer { token } => vec![token],
            Self::ApiKey { value, .. } => vec![value],
            Self::OAuth2(credentials) => {
                let mut texts = vec![
                    &mut credentials.token_url,
                    &mut credentials.client_id,
                    &mut credentials.client_secret,
                ];
                texts.extend(&mut credentials.scope);
                texts
            }
        }
    }
}
