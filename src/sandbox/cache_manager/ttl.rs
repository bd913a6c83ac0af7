//! How long kept answers stay good, by four classes.

use std::time::Duration;

/// For how long a value may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TtlClass {
    /// One minute: balances, searches.
    Short,
    /// Five minutes: lists that change now and then.
    Medium,
    /// One hour: single things that rarely change.
    Long,
    /// One day: what hardly ever changes.
    VeryLong,
}

impl TtlClass {
    pub const ALL: [Self; 4] = [Self::Short, Self::Medium, Self::Long, Self::VeryLong];

    pub const fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Short => 60,
            Self::Medium => 5 * 60,
            Self::Long => 60 * 60,
            Self::VeryLong => 24 * 60 * 60,
        })
    }
}

impl From<TtlClass> for Duration {
    fn from(class: TtlClass) -> Self {
        class.duration()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_last_a_minute_five_an_hour_and_a_day() {
        assert_eq!(TtlClass::ALL.map(|class| class.duration().as_secs()), [60, 300, 3_600, 86_400]);
    }
}
