//! Which part of a list is asked for.

/// A page of so many items, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    pub page: u32,
    pub size: u32,
}

impl Pages {
    /// Larger pages are cut to this.
    pub const MAX_SIZE: u32 = 100;

    /// The page asked for; says what of it cannot be.
    pub fn new(page: Option<u32>, size: Option<u32>, usual_size: u32) -> Result<Self, String> {
        let (page, size) = (page.unwrap_or(1), size.unwrap_or(usual_size));
        if page == 0 {
            return Err("pages count from 1".to_owned());
        }
        if size == 0 {
            return Err("a page has at least one item".to_owned());
        }
        Ok(Self { page, size: size.min(Self::MAX_SIZE) })
    }

    /// Items before the page.
    pub fn offset(self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.size)
    }

    /// Items on the page.
    pub fn limit(self) -> i64 {
        i64::from(self.size)
    }

    /// How many pages there are of so many items.
    pub fn n_pages(self, n_items: i64) -> i64 {
        (n_items + self.limit() - 1) / self.limit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap() {
        let page = |page| Pages::new(Some(page), None, 10).unwrap();
        assert_eq!((page(1).offset(), page(1).limit()), (0, 10));
        assert_eq!(page(3).offset(), 20);
        assert_eq!((page(1).n_pages(400), page(1).n_pages(401), page(1).n_pages(0)), (40, 41, 0));
        assert_eq!(Pages::new(Some(u32::MAX), Some(u32::MAX), 10).unwrap().size, Pages::MAX_SIZE);
    }

    #[test]
    fn pages_that_cannot_be_are_told() {
        assert!(Pages::new(Some(0), None, 10).is_err());
        assert!(Pages::new(None, Some(0), 10).is_err());
    }
}
