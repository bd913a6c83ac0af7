//! Base URLs that ask for the built-in target, and what they ask it to be like.

/// The base URL that asks for the built-in target.
pub const SANDBOX_BASE_URL: &str = "sandbox:";

/// What a base URL asks of the built-in target: `sandbox:`, or `sandbox:?slower=0.1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SandboxUrl {
    /// Share by which every answer takes longer, 0 to 1.
    pub slower_ratio: f64,
}

impl SandboxUrl {
    /// What a base URL asks for; none where it names another target.
    pub fn parse(base_url: &str) -> Option<Result<Self, &'static str>> {
        let wish = base_url.strip_prefix(SANDBOX_BASE_URL)?;
        if wish.is_empty() {
            return Some(Ok(Self::default()));
        }
        let Some(share) = wish.strip_prefix("?slower=") else {
            return Some(Err("all that may stand behind `sandbox:` is `?slower=` with a share"));
        };
        let slower_ratio = share.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        Some(
            slower_ratio
                .map(|slower_ratio| Self { slower_ratio })
                .ok_or("its share is no number from 0 to 1"),
        )
    }

    /// What a base URL that can be used asks for.
    pub fn of(base_url: &str) -> Option<Self> {
        Self::parse(base_url)?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_asked_for_as_it_is_or_slower() {
        let slower = |base_url| SandboxUrl::parse(base_url).map(|wish| wish.map(|wish| wish.slower_ratio));
        assert_eq!(slower("sandbox:"), Some(Ok(0.0)));
        assert_eq!(slower("sandbox:?slower=0.1"), Some(Ok(0.1)));
        assert_eq!(slower("http://127.0.0.1"), None);
        for wrong in ["sandbox:?slower=2", "sandbox:?slower=-0.1", "sandbox:?slower=NaN", "sandbox:?slower="]
        {
            assert!(
                slower(wrong).is_some_and(|wish| wish.is_err_and(|why| why.contains("0 to 1"))),
                "{wrong}"
            );
        }
        assert!(
            slower("sandbox:?faster=1").is_some_and(|wish| wish.is_err_and(|why| why.contains("?slower=")))
        );
    }
}
