//! Values that functions of a template draw for each request, written without a `String` in between.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::Rng as _;

use super::Filling;
use crate::model::TimeFormat;

/// A function that gives another value for each request.
#[derive(Clone)]
pub(in crate::engine) enum Draw {
    Uuid,
    RandomInt {
        min: i64,
        max: i64,
    },
    Now(TimeFormat),
    /// Shared by all workers of a run.
    Counter(Arc<AtomicU64>),
}

/// A value that was drawn; the longest is a UUID.
pub(in crate::engine) struct Drawn {
    text: [u8; MAX_DRAWN],
    length: usize,
}

const MAX_DRAWN: usize = 40;

impl Draw {
    pub fn draw(&self, filling: &mut Filling<'_>) -> Drawn {
        match self {
            Self::Uuid => uuid(filling.random.random()),
            Self::RandomInt { min, max } => {
                Drawn::of(format_args!("{}", filling.random.random_range(*min..=*max)))
            }
            Self::Now(format) => {
                let now = (filling.clock)();
                match format {
                    TimeFormat::Iso => Drawn::of(format_args!("{now:.3}")),
                    TimeFormat::Unix => Drawn::of(format_args!("{}", now.as_second())),
                    TimeFormat::UnixMillis => Drawn::of(format_args!("{}", now.as_millisecond())),
                }
            }
            // Order among other memory does not matter: each value is given out once.
            Self::Counter(count) => Drawn::of(format_args!("{}", count.fetch_add(1, Ordering::Relaxed) + 1)),
        }
    }
}

impl Drawn {
    fn of(value: std::fmt::Arguments<'_>) -> Self {
        let mut text = [0; MAX_DRAWN];
        let mut rest = text.as_mut_slice();
        // Numbers have at most 20 digits and times of years up to 9999 have 24 characters.
        let _ = rest.write_fmt(value);
        let length = MAX_DRAWN - rest.len();
        Self { text, length }
    }

    pub fn as_str(&self) -> &str {
        // ASCII only.
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

/// A UUID of version 4 (RFC 9562 §5.4) out of random bits.
fn uuid(bits: u128) -> Drawn {
    const VERSION: u128 = 0x4 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let bits = bits & !(0xF << 76) & !(0b11 << 62) | VERSION | VARIANT;
    let part = |shift: u32, n_bits: u32| (bits >> shift) & ((1 << n_bits) - 1);
    Drawn::of(format_args!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 32),
        part(80, 16),
        part(64, 16),
        part(48, 16),
        part(0, 48)
    ))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn drawn(draw: &Draw, seed: u64) -> String {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let values = Vec::new();
        let clock = || jiff::Timestamp::from_millisecond(1_764_059_400_120).unwrap();
        let mut filling = Filling { values: &values, random: &mut random, clock };
        draw.draw(&mut filling).as_str().to_owned()
    }

    #[test]
    fn a_uuid_is_one_of_version_4_and_follows_from_the_seed() {
        for seed in 0..100 {
            let uuid = drawn(&Draw::Uuid, seed);
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
            let digits: Vec<char> = uuid.chars().collect();
            assert_eq!((digits[14], "89ab".contains(digits[19])), ('4', true), "{uuid}");
            assert_eq!(uuid, drawn(&Draw::Uuid, seed));
        }
        assert_ne!(drawn(&Draw::Uuid, 1), drawn(&Draw::Uuid, 2));
    }

    #[test]
    fn both_bounds_of_a_random_number_come_up() {
        let numbers = |min, max| (0..200).map(move |seed| drawn(&Draw::RandomInt { min, max }, seed));
        let mut seen: Vec<i64> = numbers(-1, 1).map(|text| text.parse().unwrap()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [-1, 0, 1]);
        assert!(numbers(i64::MIN, i64::MIN).all(|text| text == i64::MIN.to_string()));
    }

    #[test]
    fn times_are_written_in_three_ways() {
        let now = |format| drawn(&Draw::Now(format), 0);
        assert_eq!(now(TimeFormat::Iso), "2025-11-25T08:30:00.120Z");
        assert_eq!(now(TimeFormat::Unix), "1764059400");
        assert_eq!(now(TimeFormat::UnixMillis), "1764059400120");
    }

    #[test]
    fn a_counter_counts_from_one() {
        let counter = Draw::Counter(Arc::default());
        assert_eq!([drawn(&counter, 0), drawn(&counter, 0), drawn(&counter, 0)], ["1", "2", "3"]);
    }
}
