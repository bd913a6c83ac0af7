//! What is to be done to an answer, by the platform's choice and by what a request asks for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{FieldSelection, Page};

/// What is to be done to an answer. The default leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayloadOptions {
    /// Where the list of an answer is whose fields are chosen and which is paged; None where the answer itself is it.
    pub list_field: Option<&'static str>,
    pub fields: Option<FieldSelection>,
    pub page: Option<Page>,
    pub null_removal: bool,
    pub max_string_chars: Option<usize>,
    pub compression: bool,
}

const DEFAULT_PAGE_SIZE: usize = 20;

impl PayloadOptions {
    /// Everything that the client need not ask for: no nulls, strings of at most so many characters, compressed.
    pub fn thrifty(max_string_chars: usize) -> Self {
        Self {
            null_removal: true,
            max_string_chars: Some(max_string_chars),
            compression: true,
            ..Self::default()
        }
    }

    /// The same, with the fields and the page that a query asks for: `fields=id,title&page=2&size=10`.
    pub fn asked_by(mut self, query: Option<&str>) -> Result<Self, String> {
        let (mut number, mut size) = (None, None);
        for (name, value) in query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "fields" => self.fields = Some(FieldSelection::parse(&decoded(value)?)?),
                "page" => number = Some(number_of(name, value)?),
                "size" => size = Some(number_of(name, value)?),
                _ => {}
            }
        }
        if number.is_some() || size.is_some() {
            self.page = Some(Page::new(number.unwrap_or(1), size.unwrap_or(DEFAULT_PAGE_SIZE))?);
        }
        Ok(self)
    }
}

fn decoded(value: &str) -> Result<Cow<'_, str>, String> {
    percent_decode_str(value).decode_utf8().map_err(|_| "fields cannot be read: not UTF-8".to_owned())
}

fn number_of(name: &str, value: &str) -> Result<usize, String> {
    value.parse().map_err(|_| format!("{name} is not a whole number: {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_for_fields_and_a_page() {
        let asked =
            PayloadOptions::thrifty(100).asked_by(Some("q=x&fields=id%2Ctitle&page=2&size=5")).unwrap();
        assert_eq!(asked.fields, Some(FieldSelection::parse("id,title").unwrap()));
        assert_eq!(asked.page, Some(Page::new(2, 5).unwrap()));
        assert!(asked.null_removal && asked.compression);
        let asked = PayloadOptions::default().asked_by(Some("size=5")).unwrap();
        assert_eq!(asked.page, Some(Page::new(1, 5).unwrap()));
    }

    #[test]
    fn a_query_that_asks_for_nothing_changes_nothing() {
        for query in [None, Some(""), Some("q=fields"), Some("page")] {
            assert_eq!(PayloadOptions::default().asked_by(query).unwrap(), PayloadOptions::default());
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for query in
            ["fields=", "fields=%FF", "page=0", "page=x", "size=0", "size=-1", "page=99999999999999999999"]
        {
            assert!(PayloadOptions::default().asked_by(Some(query)).is_err(), "{query}");
        }
    }
}
