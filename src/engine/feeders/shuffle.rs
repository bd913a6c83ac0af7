//! Permutations of any number of rows without a table: a Feistel network that walks its cycles.
//!
//! Source: Black and Rogaway, Ciphers with Arbitrary Finite Domains, CT-RSA 2002 (their generalised Feistel
//! cipher over the next power of four, and cycle walking into the range).

const N_ROUNDS: u64 = 6;

/// One of the orders in which `0..n` can stand; which one depends on the key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permutation {
    n: u64,
    half_bits: u32,
    key: u64,
}

impl Permutation {
    pub fn new(n: u64, key: u64) -> Self {
        let bits = u64::BITS - n.saturating_sub(1).leading_zeros();
        Self { n, half_bits: bits.div_ceil(2).max(1), key }
    }

    /// What stands at a position below `n`.
    // The network permutes a range at most four times as large, so a walk takes fewer than four steps on average,
    // and it ends: it comes back to where it began at the latest.
    pub fn at(&self, position: u64) -> u64 {
        let mut value = self.step(position);
        while value >= self.n {
            value = self.step(value);
        }
        value
    }

    fn step(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..N_ROUNDS {
            let mixed = mix(right ^ self.key.wrapping_add(mix(round))) & mask;
            (left, right) = (right, left ^ mixed);
        }
        (left << self.half_bits) | right
    }
}

/// Scatters all bits of a number (the finalizer of SplitMix64).
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(n: u64, key: u64) -> Vec<u64> {
        let permutation = Permutation::new(n, key);
        (0..n).map(|position| permutation.at(position)).collect()
    }

    proptest! {
        #[test]
        fn every_number_comes_exactly_once(n in 1..3_000_u64, key: u64) {
            let mut numbers = all(n, key);
            numbers.sort_unstable();
            prop_assert_eq!(numbers, (0..n).collect::<Vec<_>>());
        }

        #[test]
        fn another_key_gives_another_order(n in 30..3_000_u64, key: u64) {
            prop_assert_ne!(all(n, key), all(n, key ^ 1));
        }

        #[test]
        fn huge_ranges_stay_in_range(n in 1_u64 << 40..1 << 62, key: u64, position: u64) {
            prop_assert!(Permutation::new(n, key).at(position % n) < n);
        }
    }

    #[test]
    fn each_number_stands_anywhere_equally_often() {
        let mut n_times = [[0_u32; 7]; 7];
        for key in 0..7_000 {
            let order = all(7, mix(key));
            order.iter().enumerate().for_each(|(position, number)| n_times[position][*number as usize] += 1);
        }
        for n_times in n_times.as_flattened() {
            // A thousand on average, with a standard deviation of 29.
            assert!((850..1_150).contains(n_times), "{n_times}");
        }
    }
}
