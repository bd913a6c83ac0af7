//! Tokens of OAuth 2.0 client credentials (RFC 6749 §4.4): one for all workers, renewed in the background.

mod fetch;
mod renewal;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::prelude::{BASE64_STANDARD, Engine as _};

pub(super) use renewal::{TokenDesk, Tokens};

use super::request::Place;
use super::secrets::Hidden;

/// What a token is asked for with; the same is asked once.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct TokenRequest {
    /// A whole URL.
    pub url: String,
    pub client_id: String,
    pub client_secret: String,
    pub scope: Option<String>,
}

/// A token as all workers see it; empty before it is there.
pub(super) struct Token {
    pub request: TokenRequest,
    current: ArcSwap<String>,
    /// Answers to the one before may still come.
    previous: ArcSwap<String>,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest").field("url", &self.url).field("client_secret", &Hidden).finish()
    }
}

impl TokenRequest {
    /// Id and secret as the header has them (RFC 6749 §2.3.1).
    pub fn basic_credentials(&self) -> String {
        let form = |text: &str| Place::Form.written(text).into_owned();
        BASE64_STANDARD.encode(format!("{}:{}", form(&self.client_id), form(&self.client_secret)))
    }
}

impl Token {
    pub fn new(request: TokenRequest) -> Self {
        Self { request, current: ArcSwap::default(), previous: ArcSwap::default() }
    }

    /// The token of this moment.
    pub fn load(&self) -> arc_swap::Guard<Arc<String>> {
        self.current.load()
    }

    pub fn store(&self, token: String) {
        self.previous.store(self.current.swap(Arc::new(token)));
    }

    /// The token and the one before, as far as there are some.
    pub fn known(&self) -> [Arc<String>; 2] {
        [self.current.load_full(), self.previous.load_full()]
    }
}
