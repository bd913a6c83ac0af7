//! One page of a list instead of all of it.

use serde_json::{Value, json};

const MAX_SIZE: usize = 1_000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    number: usize,
    size: usize,
}

/// Items of a page, and how many there are in all.
#[derive(Clone, Debug, PartialEq)]
pub struct PageOfItems {
    pub items: Vec<Value>,
    pub total: usize,
    pub page: Page,
}

impl Page {
    /// Pages count from 1.
    pub fn new(number: usize, size: usize) -> Result<Self, String> {
        if number == 0 {
            return Err("pages count from 1".to_owned());
        }
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(format!("a page has between 1 and {MAX_SIZE} items"));
        }
        Ok(Self { number, size })
    }

    pub fn number(self) -> usize {
        self.number
    }

    pub fn size(self) -> usize {
        self.size
    }

    /// How many items come before it.
    pub fn offset(self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    /// How many pages a list has.
    pub fn n_pages(self, total: usize) -> usize {
        total.div_ceil(self.size)
    }
}

/// The items of a page; none beyond the last.
pub fn paginate(mut items: Vec<Value>, page: Page) -> PageOfItems {
    let total = items.len();
    let start = page.offset().min(total);
    items.truncate(start.saturating_add(page.size));
    items.drain(..start);
    PageOfItems { items, total, page }
}

/// Pages a list, or the list under a field of an object, beside which it is told how many there are in all.
///
/// An answer that says on which page it is was paged where it was made: it stays as it is.
pub(super) fn paginate_answer(answer: &mut Value, list_field: Option<&str>, page: Page) {
    match answer {
        Value::Array(items) => {
            let paged = paginate(std::mem::take(items), page);
            *answer = json!({
                "page": page.number,
                "size": page.size,
                "n_pages": page.n_pages(paged.total),
                "total": paged.total,
                "items": paged.items,
            });
        }
        Value::Object(object) => {
            let Some(field) = list_field else { return };
            if object.contains_key("page") {
                return;
            }
            let Some(Value::Array(items)) = object.get_mut(field) else { return };
            let paged = paginate(std::mem::take(items), page);
            *items = paged.items;
            object.insert("page".to_owned(), page.number.into());
            object.insert("size".to_owned(), page.size.into());
            object.insert("n_pages".to_owned(), page.n_pages(paged.total).into());
            object.insert("total".to_owned(), paged.total.into());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(n: usize) -> Vec<Value> {
        (1..=n).map(Value::from).collect()
    }

    fn check(n: usize, number: usize, size: usize, expected: &[usize]) {
        let paged = paginate(list(n), Page::new(number, size).unwrap());
        assert_eq!(paged.items, expected.iter().map(|item| Value::from(*item)).collect::<Vec<_>>());
        assert_eq!(paged.total, n);
    }

    #[test]
    fn a_page_has_its_items_and_the_total() {
        check(10, 1, 4, &[1, 2, 3, 4]);
        check(10, 3, 4, &[9, 10]);
        check(10, 4, 4, &[]);
        check(0, 1, 4, &[]);
        check(3, usize::MAX, 1_000, &[]);
    }

    #[test]
    fn pages_that_cannot_be_are_refused() {
        for (number, size) in [(0, 10), (1, 0), (1, 1_001)] {
            assert!(Page::new(number, size).is_err(), "{number} {size}");
        }
    }

    #[test]
    fn lists_alone_and_within_objects_are_paged() {
        let page = Page::new(2, 2).unwrap();
        let mut alone = json!([1, 2, 3, 4, 5]);
        paginate_answer(&mut alone, None, page);
        assert_eq!(alone, json!({ "page": 2, "size": 2, "n_pages": 3, "total": 5, "items": [3, 4] }));
        let mut within = json!({ "query": "x", "jobs": [1, 2, 3] });
        paginate_answer(&mut within, Some("jobs"), page);
        assert_eq!(
            within,
            json!({ "query": "x", "jobs": [3], "page": 2, "size": 2, "n_pages": 2, "total": 3 })
        );
    }

    #[test]
    fn what_is_no_list_or_paged_already_stays() {
        let page = Page::new(2, 2).unwrap();
        for answer in
            [json!({ "page": 2, "items": [3, 4, 5] }), json!({ "items": 7 }), json!("text"), json!({})]
        {
            let mut paged = answer.clone();
            paginate_answer(&mut paged, Some("items"), page);
            assert_eq!(paged, answer);
        }
    }

    proptest! {
        #[test]
        fn all_pages_together_are_the_list(n in 0_usize..60, size in 1_usize..12) {
            let n_pages = Page::new(1, size).unwrap().n_pages(n);
            let together: Vec<Value> =
                (1..=n_pages).flat_map(|number| paginate(list(n), Page::new(number, size).unwrap()).items).collect();
            prop_assert_eq!(together, list(n));
        }
    }
}
