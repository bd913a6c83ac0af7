//! Names under which answers are kept: parts joined by colons, each escaped, so that different questions never share one.

use std::fmt::{Display, Write as _};

/// Written for a part that was not given; no part that was given is written like it.
const ABSENT: &str = "~";

/// A page of the list of courses, with the fields that were asked for.
pub fn course_list(page: u32, size: u32, fields: Option<&str>) -> String {
    Key::of("courses").and("list").and(page).and(size).and_maybe(fields).done()
}

/// One course.
pub fn course(course_id: impl Display, fields: Option<&str>) -> String {
    Key::of("courses").and("one").and(course_id).and_maybe(fields).done()
}

/// The wallet of a user.
pub fn wallet(user_id: impl Display) -> String {
    Key::of("wallets").and(user_id).done()
}

/// A user.
pub fn user(user_id: impl Display) -> String {
    Key::of("users").and(user_id).done()
}

/// A page of the jobs that a search found.
pub fn job_search(query: &str, page: u32, size: u32, fields: Option<&str>) -> String {
    Key::of("jobs").and("search").and(query).and(page).and(size).and_maybe(fields).done()
}

/// A key that grows by parts.
#[derive(Clone, Debug)]
pub struct Key(String);

impl Key {
    /// The first part: what kind of thing this is, and what patterns such as `courses:*` begin with.
    pub fn of(kind: &str) -> Self {
        let mut key = Self(String::with_capacity(48));
        key.push(kind);
        key
    }

    #[must_use]
    pub fn and(mut self, part: impl Display) -> Self {
        self.0.push(':');
        // Writing into a text cannot fail.
        let _ = write!(Escaping(&mut self), "{part}");
        self
    }

    #[must_use]
    pub fn and_maybe(mut self, part: Option<impl Display>) -> Self {
        match part {
            Some(part) => self.and(part),
            None => {
                self.0.push(':');
                self.0.push_str(ABSENT);
                self
            }
        }
    }

    pub fn done(self) -> String {
        self.0
    }

    // Colons divide parts, and patterns read stars and question marks; the rest could stay, but so keys stay readable anywhere.
    fn push(&mut self, part: &str) {
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b',' | b'=' => {
                    self.0.push(char::from(byte));
                }
                _ => {
                    let _ = write!(self.0, "%{byte:02X}");
                }
            }
        }
    }
}

struct Escaping<'a>(&'a mut Key);

impl std::fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_can_be_read() {
        assert_eq!(course_list(2, 10, Some("id,title")), "courses:list:2:10:id,title");
        assert_eq!(course_list(2, 10, None), "courses:list:2:10:~");
        assert_eq!(course(7, None), "courses:one:7:~");
        assert_eq!(wallet("ada"), "wallets:ada");
        assert_eq!(user(12), "users:12");
        assert_eq!(job_search("test engineer", 1, 20, None), "jobs:search:test%20engineer:1:20:~");
    }

    #[test]
    fn what_divides_or_matches_is_escaped() {
        assert_eq!(wallet("a:b*?[c]\\~%"), "wallets:a%3Ab%2A%3F%5Bc%5D%5C%7E%25");
        assert_ne!(course_list(1, 10, Some("~")), course_list(1, 10, None));
        assert_ne!(course_list(1, 10, Some("")), course_list(1, 10, None));
        assert_ne!(Key::of("a").and("b:c").done(), Key::of("a").and("b").and("c").done());
    }

    proptest! {
        #[test]
        fn different_searches_have_different_keys(
            one in (".*", 0u32..3, proptest::option::of(".*")),
            other in (".*", 0u32..3, proptest::option::of(".*")),
        ) {
            let key = |(query, page, fields): &(String, u32, Option<String>)| job_search(query, *page, 20, fields.as_deref());
            prop_assert_eq!(key(&one) == key(&other), one == other);
        }
    }
}
