//! Several questions asked at once: p values adjusted so that chance answers one of them wrongly in 5 % at most.

/// Adjusted p values in the order of `p_values`, by Holm's steps down.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let (mut adjusted, mut highest) = (vec![1.0; p_values.len()], 0.0f64);
    for (step, index) in order.into_iter().enumerate() {
        let n_left = (p_values.len() - step) as f64;
        highest = highest.max((p_values[index] * n_left).min(1.0));
        adjusted[index] = highest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_down_from_the_smallest_and_never_back() {
        // 4 · .01, 3 · .02 = .06, 2 · .03 = .06, then .04 rises to .06.
        let adjusted = holm(&[0.04, 0.01, 0.03, 0.02]);
        let rounded: Vec<f64> = adjusted.iter().map(|p| (p * 1e9).round() / 1e9).collect();
        assert_eq!(rounded, [0.06, 0.04, 0.06, 0.06]);
    }

    #[test]
    fn nothing_exceeds_one_and_one_question_stays_as_it_is() {
        assert_eq!(holm(&[0.7, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[0.03]), [0.03]);
        assert!(holm(&[]).is_empty());
    }
}
