//! What one virtual user keeps between its requests.

use std::rc::Rc;

use reqwest::header::{COOKIE, HeaderMap, HeaderValue};

use super::cookies::Cookies;
use crate::engine::request::PreparedRequest;

/// A user's cookies, and what its newest exchange sent beyond the request that it was given.
#[derive(Default)]
pub(in crate::engine) struct Session {
    pub cookies: Cookies,
    /// The cookies that its newest request was sent with; shares their text.
    cookie_sent: Option<HeaderValue>,
    /// The request that the newest redirect led to.
    pub followed: Option<Rc<PreparedRequest>>,
}

impl Session {
    /// Forgets the exchange before.
    pub fn begin(&mut self) {
        self.cookie_sent = None;
        self.followed = None;
    }

    /// Notes the cookies of a request that is about to be sent.
    pub fn note_cookie(&mut self, headers: &HeaderMap) {
        self.cookie_sent = headers.get(COOKIE).cloned();
    }

    /// Adds the cookies of the newest request to its other headers.
    pub fn add_cookie_to(&self, headers: &mut HeaderMap) {
        if let Some(cookie) = &self.cookie_sent {
            headers.insert(COOKIE, cookie.clone());
        }
    }
}
