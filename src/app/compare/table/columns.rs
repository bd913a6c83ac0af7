//! Where the columns of the table stand: with one candidate all figures have their own, with several each has one.

use egui::{Rangef, Rect};

use crate::app::widgets::table::{ColumnPlan, fitting, total_width};

/// Least width of the column that names rows.
const LEAST_LABEL: f32 = 158.0;
/// The most that it takes of what is left.
const MOST_LABEL: f32 = 320.0;
/// The most that the picture takes.
const MOST_PICTURE: f32 = 620.0;

/// A column beside the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Baseline,
    Candidate,
    Change(usize),
    Interval,
    Picture,
    Verdict,
}

/// The columns that there is room for.
#[derive(Clone, Debug)]
pub struct Columns {
    pub label: Rangef,
    pub columns: Vec<(Column, Rangef)>,
    pub width: f32,
    /// Whether there is one candidate, whose figures have columns of their own.
    pub is_single: bool,
}

impl Columns {
    pub fn fitting(n_candidates: usize, room: f32) -> Self {
        let plan = |column, width, rank| ColumnPlan::new(column, "", width, rank, "");
        let is_single = n_candidates == 1;
        let all: Vec<ColumnPlan<Column>> = if is_single {
            vec![
                plan(Column::Baseline, 152.0, 3),
                plan(Column::Candidate, 152.0, 2),
                plan(Column::Change(0), 82.0, 0),
                plan(Column::Interval, 148.0, 4),
                plan(Column::Picture, 150.0, 1),
                plan(Column::Verdict, 104.0, 0),
            ]
        } else {
            let changes = (0..n_candidates).map(|candidate| plan(Column::Change(candidate), 86.0, 0));
            std::iter::once(plan(Column::Baseline, 92.0, 1))
                .chain(changes)
                .chain([plan(Column::Picture, 150.0, 2)])
                .collect()
        };
        let shown = fitting(&all, LEAST_LABEL, room);
        let spare = (room - LEAST_LABEL - total_width(&shown)).max(0.0);
        let has_picture = shown.iter().any(|plan| plan.column == Column::Picture);
        let for_picture = if has_picture { (spare * 0.6).min(MOST_PICTURE) } else { 0.0 };
        let for_label = (spare - for_picture).min(MOST_LABEL - LEAST_LABEL);
        let label = Rangef::new(0.0, LEAST_LABEL + for_label);
        // What nobody needs widens the figures.
        let n_figures = shown.iter().filter(|plan| plan.column != Column::Picture).count().max(1) as f32;
        let more = ((spare - for_picture - for_label) / n_figures).clamp(0.0, 40.0);
        let mut left = label.max;
        let place = |plan: &ColumnPlan<Column>| {
            let width = plan.width + if plan.column == Column::Picture { for_picture } else { more };
            let range = Rangef::new(left, left + width);
            left = range.max;
            (plan.column, range)
        };
        let columns: Vec<(Column, Rangef)> = shown.iter().map(place).collect();
        let width = columns.last().map_or(label.max, |(_, range)| range.max);
        Self { label, columns, width, is_single }
    }

    /// The cells of a row, from the left.
    pub fn cells(&self, row: Rect) -> impl Iterator<Item = (Column, Rect)> {
        self.columns.iter().map(move |(column, range)| (*column, cell(row, *range)))
    }

    pub fn label_cell(&self, row: Rect) -> Rect {
        cell(row, self.label)
    }

    /// The column at a place of a row.
    pub fn at(&self, row: Rect, x: f32) -> Option<Column> {
        let found = self.columns.iter().find(|(_, range)| range.contains(x - row.left()));
        found.map(|(column, _)| *column)
    }
}

fn cell(row: Rect, range: Rangef) -> Rect {
    Rect::from_x_y_ranges(Rangef::new(row.left() + range.min, row.left() + range.max), row.y_range())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(n_candidates: usize, room: f32) -> Vec<Column> {
        Columns::fitting(n_candidates, room).columns.iter().map(|(column, _)| *column).collect()
    }

    #[test]
    fn change_and_verdict_stay_whatever_the_room() {
        assert_eq!(shown(1, 1_000.0).len(), 6);
        assert_eq!(shown(1, 300.0), [Column::Change(0), Column::Verdict]);
        assert_eq!(shown(7, 1_050.0).len(), 9);
        assert!(!shown(7, 900.0).contains(&Column::Picture));
    }

    #[test]
    fn columns_take_the_room_there_is() {
        for room in [950.0, 1_240.0, 1_500.0] {
            let width = Columns::fitting(1, room).width;
            assert!(width <= room + 0.1 && width > room - 60.0, "{width} of {room}");
        }
    }
}
