//! The cookies of one virtual user.

use crate::engine::request::folded;
use cookie_store::{CookieStore, RawCookie};
use reqwest::Url;
use reqwest::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

/// Cookies that servers have set; takes no memory before the first.
#[derive(Default)]
pub(in crate::engine) struct Cookies(Option<Box<CookieStore>>);

impl Cookies {
    /// Adds those for `url` to a request's headers, unless the step says which cookies to send.
    pub fn add_to(&self, headers: &mut HeaderMap, url: &Url) {
        let Some(store) = self.0.as_ref().filter(|_| !headers.contains_key(COOKIE)) else { return };
        let mut text = String::new();
        for (name, value) in store.get_request_values(url) {
            let separator = if text.is_empty() { "" } else { "; " };
            text.extend([separator, name, "=", value]);
        }
        // A value that HTTP does not allow cannot have come over HTTP.
        if let (false, Ok(value)) = (text.is_empty(), HeaderValue::try_from(text)) {
            headers.insert(COOKIE, value);
        }
    }

    /// The key of a request for `url` with these cookies: they say who asks.
    pub fn folded(&self, key: u64, url: &Url) -> u64 {
        let Some(store) = &self.0 else { return key };
        let values = store.get_request_values(url);
        values.fold(key, |key, (name, value)| folded(folded(key, name.as_bytes()), value.as_bytes()))
    }

    /// Keeps those that an answer from `url` sets.
    pub fn take_from(&mut self, headers: &HeaderMap, url: &Url) {
        let mut set = headers.get_all(SET_COOKIE).into_iter().peekable();
        if set.peek().is_none() {
            return;
        }
        let parsed = set.filter_map(|value| {
            let text = std::str::from_utf8(value.as_bytes()).ok()?;
            RawCookie::parse(text).ok().map(RawCookie::into_owned)
        });
        self.0.get_or_insert_default().store_response_cookies(parsed, url);
    }
}
