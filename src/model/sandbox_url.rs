//! Base URLs that ask for the built-in target, and what they ask it to be like.

use super::nearest;
use super::sandbox_words::{SANDBOX_WORDS, SandboxWord};

/// The base URL that asks for the built-in target.
pub const SANDBOX_BASE_URL: &str = "sandbox:";

/// What a base URL asks of the built-in target: `sandbox:`, or `sandbox:?workers=4&service_time=20ms`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SandboxUrl {
    wishes: Vec<(&'static str, String)>,
}

impl SandboxUrl {
    /// What a base URL asks for; none where it names another target.
    pub fn parse(base_url: &str) -> Option<Result<Self, String>> {
        let rest = base_url.strip_prefix(SANDBOX_BASE_URL)?;
        Some(match rest.strip_prefix('?') {
            Some(query) => read(query).map(|wishes| Self { wishes }),
            None if rest.is_empty() => Ok(Self::default()),
            None => {
                Err("only `?` with what is asked of it may stand behind `sandbox:`, such as `?slower=0.1`"
                    .to_owned())
            }
        })
    }

    /// What a base URL that can be used asks for.
    pub fn of(base_url: &str) -> Option<Self> {
        Self::parse(base_url)?.ok()
    }

    /// What is asked for, each by its name with its value as written, which is empty where there is none.
    pub fn wishes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.wishes.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

fn read(query: &str) -> Result<Vec<(&'static str, String)>, String> {
    let mut wishes: Vec<(&'static str, String)> = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let word = SANDBOX_WORDS.iter().find(|word| word.name == name).ok_or_else(|| unknown(name))?;
        if wishes.iter().any(|(known, _)| *known == name) {
            return Err(format!("its `{name}` stands there twice"));
        }
        (word.check)(value).map_err(|why| format!("its `{name}` cannot be `{value}`: {why}"))?;
        wishes.push((word.name, value.to_owned()));
    }
    let is_asked = |name: &str| wishes.iter().any(|(known, _)| *known == name);
    let lacking = |word: &&SandboxWord| is_asked(word.name) && word.needs.is_some_and(|name| !is_asked(name));
    match SANDBOX_WORDS.iter().find(lacking) {
        Some(SandboxWord { name, needs: Some(needed), .. }) => {
            Err(format!("its `{name}` says nothing without `{needed}`"))
        }
        _ => Ok(wishes),
    }
}

fn unknown(name: &str) -> String {
    let names = SANDBOX_WORDS.iter().map(|word| word.name);
    match nearest(name, names.clone()) {
        Some(near) => format!("the sandbox knows no `{name}`; did you mean `{near}`?"),
        None => {
            format!("the sandbox knows no `{name}`; it knows {}", names.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base_url: &str, expected: &[(&str, &str)]) {
        let wish = SandboxUrl::parse(base_url).expect("a sandbox").expect(base_url);
        assert_eq!(wish.wishes().collect::<Vec<_>>(), expected, "{base_url}");
    }

    #[track_caller]
    fn refuse(base_url: &str, part: &str) {
        let why = SandboxUrl::parse(base_url).expect("a sandbox").expect_err(base_url);
        assert!(why.contains(part), "{base_url}: {why}");
        assert_eq!(SandboxUrl::of(base_url), None);
    }

    #[test]
    fn a_sandbox_is_asked_for_as_it_is_or_otherwise() {
        check("sandbox:", &[]);
        check("sandbox:?slower=0.1", &[("slower", "0.1")]);
        check(
            "sandbox:?workers=4&service_time=20ms&stall=10s/1s&close",
            &[("workers", "4"), ("service_time", "20ms"), ("stall", "10s/1s"), ("close", "")],
        );
        check("sandbox:?cache_latency=1ms&cache=0.6", &[("cache_latency", "1ms"), ("cache", "0.6")]);
        assert_eq!(SandboxUrl::parse("http://127.0.0.1"), None);
    }

    #[test]
    fn what_cannot_be_asked_for_is_named_with_its_remedy() {
        for share in ["2", "-0.1", "NaN", ""] {
            refuse(&format!("sandbox:?slower={share}"), "0 to 1");
        }
        refuse("sandbox:4600", "?slower=");
        refuse("sandbox:?faster=1", "error_share, seed, workers");
        refuse("sandbox:?worker=4", "`workers`");
        refuse("sandbox:?", "knows no ``");
        refuse("sandbox:?workers=4&workers=5", "twice");
        refuse("sandbox:?workers=4&service_time=fast", "`service_time` cannot be `fast`");
        refuse("sandbox:?cache_latency=1ms", "without `cache`");
        refuse("sandbox:?bandwidth=1MB/s", "without `body`");
        refuse("sandbox:?close=yes", "without a value");
    }
}
