//! What of a long profile has room on the screen: the curve by pixel columns, handles by their distance. Pure.

use egui::Pos2;

/// A curve with no more than four corners per pixel column: first, lowest, highest, last.
pub(super) fn thinned(corners: impl Iterator<Item = (Pos2, usize)>) -> Vec<(Pos2, usize)> {
    let mut kept: Vec<(Pos2, usize)> = Vec::new();
    let mut column: Vec<(Pos2, usize)> = Vec::new();
    for corner in corners {
        if column.first().is_some_and(|first| first.0.x.floor() != corner.0.x.floor()) {
            flush(&mut column, &mut kept);
        }
        column.push(corner);
    }
    flush(&mut column, &mut kept);
    kept
}

fn flush(column: &mut Vec<(Pos2, usize)>, kept: &mut Vec<(Pos2, usize)>) {
    if column.len() <= 4 {
        kept.append(column);
        return;
    }
    let by_height = |a: &usize, b: &usize| column[*a].0.y.total_cmp(&column[*b].0.y);
    let all = 0..column.len();
    let mut chosen = [
        0,
        all.clone().min_by(by_height).unwrap_or(0),
        all.clone().max_by(by_height).unwrap_or(0),
        column.len() - 1,
    ];
    chosen.sort_unstable();
    kept.extend(chosen.map(|index| column[index]));
    column.clear();
}

/// The points that get a handle: those with room, and whatever the closure keeps in any case.
pub(in crate::app) fn with_room(
    points: impl Iterator<Item = (usize, Pos2)>,
    least_distance: f32,
    is_kept: impl Fn(usize, Pos2) -> bool,
) -> Vec<(usize, Pos2)> {
    /// A curve that goes up and down within one column shows so many of its points.
    const MAX_PER_COLUMN: usize = 3;
    let mut chosen: Vec<(usize, Pos2)> = Vec::new();
    // The last point that had room, with its number within its column.
    let mut last: Option<(Pos2, usize)> = None;
    for (index, at) in points {
        let nth = match last {
            None => Some(0),
            Some((before, _)) if (at.x - before.x).abs() >= least_distance => Some(0),
            Some((before, nth)) => {
                (before.distance(at) >= least_distance && nth + 1 < MAX_PER_COLUMN).then_some(nth + 1)
            }
        };
        if let Some(nth) = nth {
            let column = last.filter(|_| nth > 0).map_or(at.x, |(before, _)| before.x);
            last = Some((Pos2::new(column, at.y), nth));
        }
        if nth.is_some() || is_kept(index, at) {
            chosen.push((index, at));
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dense_curve_keeps_its_peaks_and_a_sparse_one_is_whole() {
        let dense = (0..5_000_usize).map(|index| {
            let height = if index == 2_345 { 99.0 } else { (index % 7) as f32 };
            (Pos2::new(index as f32 / 50.0, height), index)
        });
        let kept = thinned(dense);
        assert!(kept.len() <= 404, "{}", kept.len());
        assert!(kept.iter().any(|(at, _)| at.y == 99.0), "the one peak is there");
        assert!(kept.is_sorted_by_key(|(_, index)| *index));
        let sparse = [(Pos2::new(0.0, 1.0), 0), (Pos2::new(9.0, 5.0), 0), (Pos2::new(9.0, 1.0), 1)];
        assert_eq!(thinned(sparse.into_iter()), sparse);
    }

    #[test]
    fn crowded_points_show_only_where_there_is_room_or_interest() {
        let points = (0..100_usize).map(|index| (index, Pos2::new(index as f32, 0.0)));
        let chosen = with_room(points, 10.0, |index, _| index == 55);
        let indexes: Vec<usize> = chosen.iter().map(|(index, _)| *index).collect();
        assert_eq!(indexes, [0, 10, 20, 30, 40, 50, 55, 60, 70, 80, 90]);
        let zigzag = (0..100_usize).map(|index| (index, Pos2::new(index as f32, 50.0 * (index % 2) as f32)));
        assert_eq!(with_room(zigzag, 10.0, |_, _| false).len(), 30);
        let jump = [Pos2::new(5.0, 0.0), Pos2::new(5.0, 80.0), Pos2::new(5.0, 82.0)].into_iter().enumerate();
        assert_eq!(with_room(jump, 10.0, |_, _| false).len(), 2);
    }
}
