//! Patterns over keys: `*` stands for any run of bytes, `?` for one; everything else for itself.

/// Which keys an invalidation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Box<[u8]>);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().into())
    }

    /// Whether the whole key is as the pattern says.
    // Goes back to the last star only: any earlier one has taken what it needed, so this is quadratic at worst.
    pub fn matches(&self, key: &str) -> bool {
        let (pattern, key) = (&*self.0, key.as_bytes());
        let (mut at_pattern, mut at_key) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while at_key < key.len() {
            match pattern.get(at_pattern) {
                Some(b'*') => {
                    last_star = Some((at_pattern, at_key));
                    at_pattern += 1;
                }
                Some(&byte) if byte == b'?' || byte == key[at_key] => {
                    at_pattern += 1;
                    at_key += 1;
                }
                _ => {
                    let Some((star, taken)) = last_star else { return false };
                    last_star = Some((star, taken + 1));
                    at_pattern = star + 1;
                    at_key = taken + 1;
                }
            }
        }
        pattern[at_pattern..].iter().all(|byte| *byte == b'*')
    }

    /// The same as Redis reads patterns, where brackets and backslashes mean something too; `prefix` stands for itself.
    pub(super) fn for_redis(&self, prefix: &str) -> Vec<u8> {
        let mut glob = prefix.as_bytes().to_vec();
        for &byte in &self.0 {
            if matches!(byte, b'[' | b']' | b'\\') {
                glob.push(b'\\');
            }
            glob.push(byte);
        }
        glob
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let pattern = Pattern::new(pattern);
        for key in matching {
            assert!(pattern.matches(key), "{pattern:?} {key}");
        }
        for key in others {
            assert!(!pattern.matches(key), "{pattern:?} {key}");
        }
    }

    #[test]
    fn a_star_takes_any_run_and_a_question_mark_one_byte() {
        check(
            "courses:*",
            &["courses:", "courses:list:1", "courses:a:b"],
            &["course:1", "courses", "xcourses:1"],
        );
        check("*:1", &["a:1", ":1", "a:1:1"], &["a:11", "1"]);
        check("a?c", &["abc", "a*c"], &["ac", "abbc"]);
        check("a*b*c", &["abc", "aXbYc", "abcbc"], &["ab", "acb"]);
        check("", &[""], &["a"]);
        check("*", &["", "anything"], &[]);
    }

    #[test]
    fn brackets_and_backslashes_stand_for_themselves() {
        check("[ab]\\*", &["[ab]\\x"], &["a\\x", "[ab]*"]);
        assert_eq!(Pattern::new("[a]\\*?").for_redis("p:"), b"p:\\[a\\]\\\\*?");
    }

    #[test]
    fn many_stars_do_not_explode() {
        check(&"a*".repeat(60), &[], &[&format!("{}b", "b".repeat(2_000))]);
        check(&format!("{}b", "*a".repeat(60)), &[], &[&"a".repeat(2_000)]);
    }
}
