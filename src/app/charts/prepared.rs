//! A chart's series made ready for one width and zoom: worked out once, drawn in every frame.

use std::ops::RangeInclusive;

use super::{
    Chart, Look, Series,
    decimate::{Pieces, decimate},
    stack::{StackBar, stack},
};

/// What a chart draws until data, zoom, width or what is hidden changes.
pub(super) struct Prepared {
    revision: u64,
    range: RangeInclusive<f64>,
    n_columns: usize,
    hidden: Vec<bool>,
    /// The pieces of each series' line; empty for stacks and for what is hidden.
    pub lines: Vec<Pieces>,
    /// The bars of a stack, over its visible series.
    pub bars: Vec<StackBar>,
    /// The highest value to show; none where there is none.
    pub highest: Option<f64>,
}

impl Prepared {
    pub fn new(chart: &Chart<'_>, range: &RangeInclusive<f64>, n_columns: usize, hidden: Vec<bool>) -> Self {
        let visible: Vec<&Series> = chart
            .series
            .iter()
            .zip(&hidden)
            .filter(|(_, is_hidden)| !**is_hidden)
            .map(|(series, _)| series)
            .collect();
        let (mut lines, mut bars) = (Vec::new(), Vec::new());
        let highest = match chart.look {
            Look::Stack => {
                bars = stack(&visible, range, n_columns);
                bars.iter().filter_map(|bar| bar.tops.last().copied()).reduce(f64::max)
            }
            Look::Lines => {
                let prepare = |(series, is_hidden): (&Series, &bool)| {
                    if *is_hidden { Pieces::new() } else { decimate(&series.points, range, n_columns) }
                };
                lines = chart.series.iter().zip(&hidden).map(prepare).collect();
                let points = lines.iter().flatten().flatten();
                points.filter(|point| range.contains(&point.x)).map(|point| point.y).reduce(f64::max)
            }
        };
        Self { revision: chart.revision, range: range.clone(), n_columns, hidden, lines, bars, highest }
    }

    pub fn is_of(
        &self,
        revision: u64,
        range: &RangeInclusive<f64>,
        n_columns: usize,
        hidden: &[bool],
    ) -> bool {
        (self.revision, &self.range, self.n_columns) == (revision, range, n_columns) && self.hidden == hidden
    }
}
