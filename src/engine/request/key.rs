//! What a request asks for, as two numbers: equal ones ask for the same thing, as the same user or whoever asks.
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

/// Headers that say in which form something is asked for, and not by whom.
const FORMS: [HeaderName; 3] = [ACCEPT, ACCEPT_LANGUAGE, RANGE];

/// How the key of a step's requests is made.
#[derive(Clone, Default)]
pub(in crate::engine) struct KeyRecipe {
    is_cacheable: bool,
    /// Of what stays the same for all requests of the step.
    seed: u64,
    /// Of what says who asks and stays the same; 0 where nothing does.
    who: u64,
    /// Headers that vary and count.
    varying: Vec<Varying>,
}

/// A header whose value differs from request to request.
#[derive(Clone)]
struct Varying {
    name: HeaderName,
    /// The same as a head writes it, from the end of the line before.
    needle: Box<[u8]>,
    /// Whether it says who asks, and not in which form.
    is_who: bool,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct RequestKey {
    /// Equal for requests of the same thing by the same user.
    pub own: u64,
    /// Equal for requests of the same thing, whoever asks; `own` itself where nothing says who does.
    pub shared: u64,
}

impl KeyRecipe {
    /// The recipe for requests of these headers; `key_header` is the one that proves who sends them, where that is not
    /// a usual one.
    pub fn new(method: &Method, headers: &[(HeaderName, Text)], key_header: Option<&HeaderName>) -> Self {
        let mut recipe = Self {
            is_cacheable: *method == Method::GET || *method == Method::HEAD,
            seed: folded(0, method.as_str().as_bytes()),
            ..Self::default()
        };
        for (name, text) in headers.iter().filter(|(name, _)| counts(name) || key_header == Some(name)) {
            let is_who = !FORMS.contains(name);
            match text.literal() {
                Some(value) => {
                    let seed = if is_who { &mut recipe.who } else { &mut recipe.seed };
                    *seed = folded(folded(*seed, name.as_str().as_bytes()), value.as_bytes());
                }
                None => recipe.varying.push(Varying {
                    name: name.clone(),
                    needle: format!("\r\n{name}: ").into_bytes().into(),
                    is_who,
                }),
            }
        }
        recipe
    }

    /// The same for requests that prove in another way who sends them.
    pub fn with_credentials(mut self, value: &[u8]) -> Self {
        self.who = folded(self.who, value);
        self
    }

    /// The key of a request; none for one whose answer no cache keeps.
    pub fn of_request(&self, url: &Url, headers: &HeaderMap, body: Option<&[u8]>) -> Option<RequestKey> {
        if !self.is_cacheable {
            return None;
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let mut key = self.begun(host, url.port_or_known_default().unwrap_or_default());
        key = folded(key, url.path().as_bytes());
        key = url.query().map_or(key, |query| folded(key, query.as_bytes()));
        key = body.map_or(key, |body| folded(key, body));
        Some(self.finished(key, |header, key| {
            headers.get_all(&header.name).iter().fold(key, |key, value| folded(key, value.as_bytes()))
        }))
    }

    /// The key of a request whose head is `head`, as HTTP/1.1 writes it.
    pub fn of_bytes(&self, host: &str, port: u16, head: &[u8], body: Option<&[u8]>) -> Option<RequestKey> {
        if !self.is_cacheable {
            return None;
        }
        let mut key = self.begun(host, port);
        let target = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let mut parts = target.splitn(2, |byte| *byte == b'?');
        key = parts.by_ref().fold(key, folded);
        key = body.map_or(key, |body| folded(key, body));
        Some(self.finished(key, |Varying { needle, .. }, key| {
            let values = memmem::find_iter(head, needle).map(|at| &head[at + needle.len()..]);
            values.fold(key, |key, rest| folded(key, &rest[..line_length(rest)]))
        }))
    }

    /// Both keys, by that of target and body and by what adds the values of a header to a key.
    fn finished(&self, key: u64, add: impl Fn(&Varying, u64) -> u64) -> RequestKey {
        let added = |key, is_who| {
            let headers = self.varying.iter().filter(|header| header.is_who == is_who);
            headers.fold(key, |key, header| add(header, key))
        };
        let shared = added(key, false);
        let mine = if self.who == 0 { shared } else { folded(shared, &self.who.to_le_bytes()) };
        RequestKey { own: added(mine, true), shared }
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
    [AUTHORIZATION, COOKIE].contains(name)
        || FORMS.contains(name)
        || IDENTITIES.iter().any(|part| name.as_str().contains(part))
}

#[cfg(test)]
mod tests {
    use super::super::{StepRequest, Wants};
    use super::*;
    use crate::engine::testing::{prepared, step, with_filling};
    use crate::engine::wire::WireRequest;
    use crate::model::{Auth, Body, Step};

    /// The key of the same thing as asked by the same user.
    fn key(step: &Step, value: &str) -> Option<u64> {
        keys(step, value).map(|key| key.own)
    }

    /// The keys of a step's request with a value in its gaps, as both transports make them.
    fn keys(step: &Step, value: &str) -> Option<RequestKey> {
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
    fn whoever_asks_a_shared_key_is_that_of_the_thing_in_its_form() {
        let asking =
            |name: &str, value: &str| keys(&with_headers("/list", &[(name, "{{id}}")]), value).unwrap();
        let plain = keys(&step("/list"), "").unwrap();
        assert_eq!(plain.own, plain.shared);
        for name in ["authorization", "cookie", "x-session"] {
            let (ann, bob) = (asking(name, "ann"), asking(name, "bob"));
            assert!(ann.own != bob.own && ann.own != ann.shared, "{name}");
            assert_eq!(ann.shared, bob.shared, "{name}");
        }
        assert_ne!(asking("accept-language", "de").shared, asking("accept-language", "en").shared);
        // One user alone is somebody too.
        let always_ann = keys(&with_headers("/list", &[("authorization", "ann")]), "").unwrap();
        assert!(always_ann.own != plain.own && always_ann.shared == plain.shared);
        let by_url = |user: &str| keys(&step(&format!("http://{user}:pw@localhost:1/list")), "").unwrap();
        assert_eq!(by_url("ann").shared, by_url("bob").shared);
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
