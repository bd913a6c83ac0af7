//! What the window sees: renewed without copying a long run's values each second.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::metrics::{LiveWatch, MonitorFacts, ResourceSeries, SeriesInfo, SeriesPoint, Watched};

/// Takes turns between two copies: while one is shown, the other catches up on what came since it was.
// A copy of two hours of fifty series has 3 MB: too much for a source's cost of a thousandth of a core.
pub(super) struct Published {
    live: Arc<ArcSwap<LiveWatch>>,
    series: Vec<SeriesInfo>,
    spare: Option<Arc<LiveWatch>>,
    /// What the spare copy lacks: the points of the shown one, and of those before where it was made anew.
    missing: Vec<SeriesPoint>,
}

impl Published {
    pub fn new(live: Arc<ArcSwap<LiveWatch>>, series: Vec<SeriesInfo>) -> Self {
        Self { live, series, spare: None, missing: Vec::new() }
    }

    /// Shows new points, facts and troubles.
    pub fn renew(
        &mut self,
        points: &[SeriesPoint],
        monitors: Vec<MonitorFacts>,
        troubles: Vec<Option<String>>,
    ) {
        let mut watched = self.spare_watched();
        for point in self.missing.iter().chain(points) {
            if let Some(series) = watched.series.get_mut(point.series as usize) {
                series.set(point.second, point.value);
            }
        }
        watched.monitors = monitors;
        let shown = Arc::new(LiveWatch { watched: Arc::new(watched), troubles });
        self.spare = Some(self.live.swap(shown));
        self.missing = points.to_vec();
    }

    /// The copy that is shown no more, unless somebody still holds it: then a copy of the one that is.
    fn spare_watched(&mut self) -> Watched {
        let spare = self.spare.take().and_then(Arc::into_inner);
        let free = spare.and_then(|live| Arc::into_inner(live.watched));
        let mut watched = free.unwrap_or_else(|| {
            // The shown one has all points but the new ones; points that it has may be set again.
            Watched::clone(&self.live.load().watched)
        });
        if watched.series.is_empty() {
            let empty = |info: &SeriesInfo| ResourceSeries { info: info.clone(), values: Vec::new() };
            watched.series = self.series.iter().map(empty).collect();
        }
        watched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Aspect, SeriesGroup, SeriesUnit};

    #[test]
    fn each_renewal_shows_all_points_whether_somebody_holds_an_old_one_or_not() {
        let live = Arc::new(ArcSwap::from_pointee(LiveWatch::default()));
        let info = SeriesInfo {
            monitor: "m".into(),
            name: "s".into(),
            unit: SeriesUnit::Number,
            group: SeriesGroup::Other,
            aspect: Aspect::Other,
            meaning: String::new(),
        };
        let mut published = Published::new(Arc::clone(&live), vec![info]);
        let mut held = Vec::new();
        for second in 0..9_u32 {
            let value = f64::from(second);
            published.renew(&[SeriesPoint { series: 0, second, value }], Vec::new(), Vec::new());
            let expected: Vec<f64> = (0..=second).map(f64::from).collect();
            assert_eq!(live.load().watched.series[0].values, expected);
            if second % 3 == 1 {
                held.push(live.load_full());
            }
        }
        assert_eq!(held[0].watched.series[0].values, [0.0, 1.0], "what somebody holds never changes");
    }
}
