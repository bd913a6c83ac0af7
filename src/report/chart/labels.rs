//! Labels that keep out of each other's way.

use super::Position;

/// Moves places on a line apart until each has its room, as little as can be, within two ends.
///
/// Places come back in the order in which they were given; where there is not room for all they overlap evenly.
// Neighbours that collide are put together as one block around the mean of where they want to be.
pub fn spread(wanted: &[f64], room: f64, (from, to): (f64, f64)) -> Vec<f64> {
    let n = wanted.len();
    if n == 0 {
        return Vec::new();
    }
    let room = if n > 1 { room.min((to - from) / (n - 1) as f64) } else { room };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    // Each block: its members' count, and the sum of where its first member would have to be.
    let mut blocks: Vec<(usize, f64)> = Vec::new();
    let start = |(count, sum): (usize, f64)| {
        let last = to - room * (count - 1) as f64;
        (sum / count as f64).min(last).max(from)
    };
    for index in &order {
        let mut block = (1, wanted[*index]);
        while let Some(before) = blocks.last().copied() {
            let before_end = start(before) + room * (before.0 - 1) as f64;
            if before_end + room <= start(block) + 1e-9 {
                break;
            }
            blocks.pop();
            block = (before.0 + block.0, before.1 + block.1 - room * (before.0 * block.0) as f64);
        }
        blocks.push(block);
    }
    let mut places = vec![0.0; n];
    let mut sorted = order.into_iter();
    for block in blocks {
        let first = start(block);
        for (place, index) in sorted.by_ref().take(block.0).enumerate() {
            places[index] = first + room * place as f64;
        }
    }
    places
}

/// What of the paper is taken.
#[derive(Debug, Default)]
pub struct Taken(Vec<(Position, Position)>);

impl Taken {
    /// Takes a rectangle, unless some of it is taken.
    pub fn take(&mut self, min: Position, max: Position) -> bool {
        let is_free = !self.0.iter().any(|(other_min, other_max)| {
            min.x < other_max.x && max.x > other_min.x && min.y < other_max.y && max.y > other_min.y
        });
        if is_free {
            self.block(min, max);
        }
        is_free
    }

    /// Takes a rectangle whatever lies there.
    pub fn block(&mut self, min: Position, max: Position) {
        self.0.push((min, max));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_no_further_than_they_must() {
        assert_eq!(spread(&[10.0, 50.0], 12.0, (0.0, 100.0)), [10.0, 50.0]);
        assert_eq!(spread(&[20.0, 20.0], 12.0, (0.0, 100.0)), [14.0, 26.0]);
        assert_eq!(spread(&[30.0, 20.0, 25.0], 12.0, (0.0, 100.0)), [37.0, 13.0, 25.0]);
        assert!(spread(&[], 12.0, (0.0, 1.0)).is_empty());
    }

    #[test]
    fn labels_stay_within_the_ends() {
        assert_eq!(spread(&[0.0, 0.0, 0.0], 10.0, (0.0, 100.0)), [0.0, 10.0, 20.0]);
        assert_eq!(spread(&[100.0, 100.0], 10.0, (0.0, 100.0)), [90.0, 100.0]);
        // Not room for all: they are squeezed evenly and stay within.
        assert_eq!(spread(&[5.0; 5], 10.0, (0.0, 20.0)), [0.0, 5.0, 10.0, 15.0, 20.0]);
    }

    #[test]
    fn blocks_that_meet_are_one() {
        let places = spread(&[10.0, 11.0, 24.0, 25.0], 10.0, (0.0, 100.0));
        for pair in places.windows(2) {
            assert!(pair[1] - pair[0] >= 10.0 - 1e-9, "{places:?}");
        }
        let mean = places.iter().sum::<f64>() / 4.0;
        assert!((mean - 17.5).abs() < 1e-9, "{places:?}");
    }

    #[test]
    fn what_is_taken_is_taken_once() {
        let at = |x, y| Position { x, y };
        let mut taken = Taken::default();
        assert!(taken.take(at(0.0, 0.0), at(10.0, 10.0)));
        assert!(!taken.take(at(5.0, 5.0), at(15.0, 15.0)));
        assert!(taken.take(at(10.0, 0.0), at(20.0, 10.0)));
    }
}
