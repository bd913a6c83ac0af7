//! What a request asks for, as one number: equal numbers ask for the same thing as the same user.
//!
//! Of method, host, target and body, and of the headers that say who asks and in which form. What differs from request
//! to request for no such reason, as the number of a trace does, is left out.

use memchr::memmem;
use reqwest::{
    Method, Url,
    header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, RANGE},
};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::text::Text;

/// Parts of names of headers that say who asks.
const IDENTITIES: [&str; 6] = ["auth", "token", "session", "api-key", "apikey", "user-id"];

/// How the key of a step's requests is made.
#[derive(Clone, Default)]
pub(in crate::engine) struct KeyRecipe {
    is_cachable: bool,
    /// Of what stays the same for all requests of the step.
    seed: u64,
    /// Headers that vary and count.
    varying: Vec<HeaderName>,
    /// The same as a head writes them, from the end of the line before.
    needles: Vec<Box<[u8]>>,
}

impl KeyRecipe {
    /// The recipe for requests of these headers; `key_header` is the one that proves who sends them, where that is not
    /// a usual one.
    pub fn new(method: &Method, headers: &[(HeaderName, Text)], key_header: Option<&HeaderName>) -> Self {
        let mut recipe = Self {
            is_cachable: *method == Method::GET || *method == Method::HEAD,
            seed: folded(0, method.as_str().as_bytes()),
            ..Self::default()
        };
        for (name, text) in headers.iter().filter(|(name, _)| counts(name) || key_header == Some(name)) {
            match text.literal() {
                Some(value) => {
                    recipe.seed = folded(recipe.seed, name.as_str().as_bytes());
                    recipe.seed = folded(recipe.seed, value.as_bytes());
                }
                None => {
                    recipe.needles.push(format!("\r\n{name}: ").into_bytes().into());
                    recipe.varying.push(name.clone());
                }
            }
        }
        recipe
    }

    /// The same for requests that prove in another way who sends them.
    pub fn with_credentials(mut self, value: &[u8]) -> Self {
        self.seed = folded(self.seed, value);
        self
    }

    /// The key of a request; none for one whose answer no cache keeps.
    pub fn of_request(&self, url: &Url, headers: &HeaderMap, body: Option<&[u8]>) -> Option<u64> {
        if !self.is_cachable {
            return None;
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let mut key = self.begun(host, url.port_or_known_default().unwrap_or_default());
        key = folded(key, url.path().as_bytes());
        key = url.query().map_or(key, |query| folded(key, query.as_bytes()));
        for name in &self.varying {
            key = headers.get_all(name).iter().fold(key, |key, value| folded(key, value.as_bytes()));
        }
        Some(body.map_or(key, |body| folded(key, body)))
    }

    /// The key of a request whose head is `head`, as HTTP/1.1 writes it.
    pub fn of_bytes(&self, host: &str, port: u16, head: &[u8], body: Option<&[u8]>) -> Option<u64> {
        if !self.is_cachable {
            return None;
        }
        let mut key = self.begun(host, port);
        let target = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let mut parts = target.splitn(2, |byte| *byte == b'?');
        key = parts.by_ref().fold(key, folded);
        for needle in &self.needles {
            let values = memmem::find_iter(head, needle).map(|at| &head[at + needle.len()..]);
            key = values.fold(key, |key, rest| folded(key, &rest[..line_length(rest)]));
        }
        Some(body.map_or(key, |body| folded(key, body)))
    }

    fn begun(&self, host: &str, port: u16) -> u64 {
        folded(self.seed ^ u64::from(port), host.as_bytes())
    }
}

/// A key with one part more.
pub(in crate::engine) fn folded(key: u64, part: &[u8]) -> u64 {
    xxh3_64_with_seed(part, key)
}

fn line_length(rest: &[u8]) -> usize {
    memchr::memchr(b'\r', rest).unwrap_or(rest.len())
}

/// Whether a header says who asks, or in which form.
fn counts(name: &HeaderName) -> bool {
    [AUTHORIZATION, COOKIE, ACCEPT, ACCEPT_LANGUAGE, RANGE].contains(name)
        || IDENTITIES.iter().any(|part| name.as_str().contains(part))
}

#[cfg(test)]
mod tests {
    use super::super::{StepRequest, Wants};
    use crate::engine::testing::{prepared, step, with_filling};
    use crate::engine::wire::WireRequest;
    use crate::model::{Auth, Body, Step};

    /// The key of a step's request with a value in its gaps, as both transports make it.
    fn key(step: &Step, value: &str) -> Option<u64> {
        let request = prepared(step, "http://localhost:1/api", Wants::default(), &["id"]);
        let values = vec![Some(value.to_owned())];
        let built = with_filling(&values, |filling| request.fill(filling).unwrap().into_owned());
        let key = built.lookup_key;
        assert_eq!(WireRequest::of(&built).unwrap().lookup_key, key);
        if let StepRequest::Gapped(_, Some(template)) = &request {
            let patched = with_filling(&values, |filling| template.fill(filling).unwrap());
            assert_eq!(patched.lookup_key, key);
        }
        key
    }

    fn with_headers(path: &str, headers: &[(&str, &str)]) -> Step {
        let mut step = step(path);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        step.headers = headers.iter().map(owned).collect();
        step
    }

    #[test]
    fn equal_requests_have_equal_keys_and_others_have_others() {
        let list = key(&step("/list?page=1"), "");
        assert!(list.is_some());
        assert_eq!(list, key(&step("/list?page=1"), "other"));
        assert_ne!(list, key(&step("/list?page=2"), ""));
        assert_ne!(list, key(&step("/list"), ""));
        assert_eq!(key(&step("/list?page={{id}}"), "1"), list);
        assert_ne!(key(&step("/{{id}}"), "a"), key(&step("/{{id}}"), "b"));
    }

    #[test]
    fn only_what_a_cache_keeps_has_a_key() {
        let with_method = |method: &str| Step { method: method.to_owned(), ..step("/x") };
        assert_eq!([key(&with_method("POST"), ""), key(&with_method("DELETE"), "")], [None, None]);
        let head = key(&with_method("HEAD"), "");
        assert!(head.is_some() && head != key(&step("/x"), ""));
    }

    #[test]
    fn who_asks_counts_and_the_number_of_a_trace_does_not() {
        let asking = |name: &str, value: &str| key(&with_headers("/me", &[(name, "{{id}}")]), value);
        for name in ["authorization", "Cookie", "x-session", "X-Api-Key", "accept-language"] {
            assert_ne!(asking(name, "ann"), asking(name, "bob"), "{name}");
            assert_eq!(asking(name, "ann"), asking(name, "ann"), "{name}");
        }
        assert_eq!(asking("x-request-id", "1"), asking("x-request-id", "2"));
        let with_key = |value: &str| {
            let place = crate::model::KeyPlace::Header;
            let auth = Auth::ApiKey { place, name: "x-mine".into(), value: "{{id}}".into() };
            key(&Step { auth: Some(auth), ..step("/me") }, value)
        };
        assert_ne!(with_key("ann"), with_key("bob"));
        let of_url = |user: &str| key(&step(&format!("http://{user}:pw@localhost/{{{{id}}}}")), "x");
        assert_ne!(of_url("ann"), of_url("bob"));
    }

    #[test]
    fn a_body_counts_where_it_is_asked_with() {
        let asking = |body: &str| key(&Step { body: Body::Text(body.into()), ..step("/search") }, "x");
        assert_ne!(asking("{{id}}"), asking("y"));
        assert_eq!(asking("{{id}}"), asking("x"));
    }
}
