//! How much further a share varies between blocks of time than it would between independent requests.

/// In how many requests of a block something was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareCount {
    pub n_hits: u64,
    pub n: u64,
}

impl ShareCount {
    pub fn share(&self) -> f64 {
        self.n_hits as f64 / self.n as f64
    }
}

/// How much further a share varies than that of independent requests would.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispersion {
    /// Its variance ÷ the binomial one, at least 1: so many requests tell as much as one independent request.
    pub phi: f64,
    /// The degrees of freedom that the variance is known with.
    pub degrees: f64,
}

/// The dispersion of a share among `n` requests, from blocks by stratum; none without two blocks of one stratum.
// One stratum: phi = max(1, sum (k_b - p n_b)^2 / ((m-1) p (1-p) mean n_b)), with p the stratum's own share. Strata
// add their variances, and Satterthwaite's rule their degrees of freedom. A stratum of one block is taken to vary
// as the others do.
pub fn dispersion(strata: &[Vec<ShareCount>], n: u64, share: f64) -> Option<Dispersion> {
    let (mut variance, mut squares_by_degrees, mut all_degrees, mut n_known) = (0.0, 0.0, 0.0, 0.0);
    for blocks in strata.iter().filter(|blocks| blocks.len() >= 2) {
        let n_stratum = blocks.iter().map(|block| block.n as f64).sum::<f64>();
        let own_share = blocks.iter().map(|block| block.n_hits as f64).sum::<f64>() / n_stratum;
        let squares: f64 =
            blocks.iter().map(|block| (block.n_hits as f64 - own_share * block.n as f64).powi(2)).sum();
        let n_free = blocks.len() as f64 - 1.0;
        let of_stratum = squares * blocks.len() as f64 / n_free;
        variance += of_stratum;
        squares_by_degrees += of_stratum * of_stratum / n_free;
        all_degrees += n_free;
        n_known += n_stratum;
    }
    if n == 0 || n_known == 0.0 {
        return None;
    }
    let degrees = if variance > 0.0 { variance * variance / squares_by_degrees } else { all_degrees };
    let binomial = n_known * share * (1.0 - share);
    let phi = if binomial > 0.0 { (variance / binomial).max(1.0) } else { 1.0 };
    Some(Dispersion { phi, degrees })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(counts: &[(u64, u64)]) -> Vec<ShareCount> {
        counts.iter().map(|(n_hits, n)| ShareCount { n_hits: *n_hits, n: *n }).collect()
    }

    #[test]
    fn one_stratum_is_the_formula_of_overdispersion() {
        // p = .5, n = 100: squares 4 · 25 = 100 over 3 · .25 · 100 = 75.
        let strata = [blocks(&[(45, 100), (55, 100), (45, 100), (55, 100)])];
        let found = dispersion(&strata, 400, 0.5).unwrap();
        assert!((found.phi - 100.0 / 75.0).abs() < 1e-12, "{found:?}");
        assert!((found.degrees - 3.0).abs() < 1e-12);
    }

    #[test]
    fn steadier_than_independent_counts_as_independent() {
        let steady = [blocks(&[(50, 100); 10])];
        assert_eq!(dispersion(&steady, 1_000, 0.5), Some(Dispersion { phi: 1.0, degrees: 9.0 }));
    }

    #[test]
    fn different_levels_of_two_stages_are_no_dispersion() {
        let strata = [blocks(&[(10, 100); 10]), blocks(&[(90, 100); 10])];
        let found = dispersion(&strata, 2_000, 0.5).unwrap();
        assert_eq!(found, Dispersion { phi: 1.0, degrees: 18.0 });
    }

    #[test]
    fn equal_strata_double_the_degrees_and_keep_phi() {
        let stratum = blocks(&[(30, 100), (70, 100), (30, 100), (70, 100)]);
        let one = dispersion(std::slice::from_ref(&stratum), 400, 0.5).unwrap();
        let two = dispersion(&[stratum.clone(), stratum.clone()], 800, 0.5).unwrap();
        assert!((one.phi - two.phi).abs() < 1e-12 && (two.degrees - 6.0).abs() < 1e-12, "{two:?}");
        // A stratum of one block varies as the others do.
        let three = dispersion(&[stratum.clone(), stratum, blocks(&[(50, 100)])], 900, 0.5).unwrap();
        assert_eq!(three, two);
    }

    #[test]
    fn one_block_tells_nothing_of_dispersion() {
        assert_eq!(dispersion(&[blocks(&[(5, 10)])], 10, 0.5), None);
        assert_eq!(dispersion(&[], 0, 0.5), None);
    }

    #[test]
    fn a_share_of_nothing_does_not_vary() {
        assert_eq!(dispersion(&[blocks(&[(0, 10); 4])], 40, 0.0).unwrap().phi, 1.0);
    }
}
