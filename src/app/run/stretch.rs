//! The stretches of a run that numbers and tables cover, and their sums: made anew only when the run or a stretch changes.

use std::{ops::Range, time::Duration};

use super::{figures::Figures, sight::Sight};
use crate::humanize;
use crate::metrics::{RunId, WindowSums};

/// Seconds of the shortest window of the tiles.
const LAST_SECS: u32 = 5;

/// What the tiles of a live run cover while nothing is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TileWindow {
    #[default]
    LastSeconds,
    Stage,
    Run,
}

impl TileWindow {
    pub const CHOICES: [(Self, &str); 3] =
        [(Self::LastSeconds, "Last 5 s"), (Self::Stage, "This stage"), (Self::Run, "Run so far")];

    /// As it is kept among the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::LastSeconds => "last",
            Self::Stage => "stage",
            Self::Run => "run",
        }
    }

    pub fn named(name: &str) -> Self {
        let windows = Self::CHOICES.map(|(window, _)| window);
        windows.into_iter().find(|window| window.name() == name).unwrap_or_default()
    }

    /// The whole seconds of a live run that it covers; none where there are none yet.
    fn seconds(self, sight: &Sight<'_>) -> Option<Range<u32>> {
        let extent = sight.history.extent();
        let start = match self {
            Self::LastSeconds => extent.end.saturating_sub(LAST_SECS).max(extent.start),
            Self::Run => extent.start,
            Self::Stage => {
                let stage = sight.plan.stages().get(sight.plan.stage_at(sight.elapsed))?;
                // A second that the stage before shares is not the stage's.
                (stage.start.as_secs_f64().ceil() as u32).max(extent.start)
            }
        };
        (start < extent.end).then_some(start..extent.end)
    }

    /// The window in words.
    fn words(self, seconds: Option<&Range<u32>>) -> String {
        let length = seconds.map(|seconds| humanize::span(Duration::from_secs(seconds.len() as u64)));
        match (self, length) {
            (Self::Stage, None) => "no whole second of this stage yet".to_owned(),
            (_, None) => "no second measured yet".to_owned(),
            (Self::LastSeconds, Some(length)) => format!("last {length}"),
            (Self::Stage, Some(length)) => format!("this stage, {length}"),
            (Self::Run, Some(length)) => format!("run so far, {length}"),
        }
    }
}

/// The sums of one stretch.
#[derive(Default)]
struct Summed {
    made_of: Option<MadeOf>,
    sums: Option<WindowSums>,
    figures: Option<Figures>,
}

/// What sums were made from: closed seconds never change, so a stretch of them is summed up once.
#[derive(Clone, Debug, PartialEq)]
struct MadeOf {
    run_id: RunId,
    seconds: Range<u32>,
    /// How far it was measured.
    measured_end: u32,
}

impl MadeOf {
    fn new(sight: &Sight<'_>, seconds: Range<u32>) -> Self {
        let measured_end = sight.history.extent().end.min(seconds.end);
        Self { run_id: sight.run_id, seconds, measured_end }
    }
}

impl Summed {
    fn renew(&mut self, sight: &Sight<'_>, seconds: Range<u32>) {
        let made_of = Some(MadeOf::new(sight, seconds.clone()));
        if self.made_of != made_of {
            // A damaged second is told of when the run is opened; without it there is nothing to sum up.
            let mut sums = self.sums.take().unwrap_or_default();
            self.sums = sight.history.sum_up(seconds, &mut sums).ok().map(|()| sums);
            self.figures = self.sums.as_ref().map(|sums| Figures::new(sums, sight.scenario));
            self.made_of = made_of;
        }
    }
}

/// The sums of what is shown.
#[derive(Default)]
pub struct Stretch {
    /// What the analyst selected; none shows the whole of a live run, and a kept run's summary.
    selected: Option<Range<u32>>,
    /// What tables show.
    shown: Summed,
    /// What the tiles of a live run show while nothing is selected.
    recent: Summed,
    recent_words: String,
    /// The tiles show what the tables show.
    tiles_show_all: bool,
}

impl Stretch {
    /// Selects whole seconds, at least one.
    pub fn select(&mut self, from_secs: f64, to_secs: f64) {
        let (from, to) = (from_secs.min(to_secs).max(0.0).round(), from_secs.max(to_secs).round());
        self.selected = Some(from as u32..(to as u32).max(from as u32 + 1));
    }

    /// Shows everything again.
    pub fn clear(&mut self) {
        self.selected = None;
    }

    /// Sums up what is shown of this run, unless it is that of the last frame.
    pub fn renew(&mut self, sight: &Sight<'_>, tile_window: TileWindow) {
        let shown = match &self.selected {
            Some(selected) => selected.clone(),
            None if sight.is_live() => sight.history.extent(),
            None => {
                (self.shown, self.recent) = (Summed::default(), Summed::default());
                return;
            }
        };
        self.shown.renew(sight, shown);
        if self.selected.is_some() {
            self.recent = Summed::default();
            return;
        }
        let seconds = tile_window.seconds(sight);
        self.recent_words = tile_window.words(seconds.as_ref());
        self.tiles_show_all = seconds.is_some() && seconds.as_ref() == Some(&sight.history.extent());
        match seconds {
            // The tables' sums are the tiles' as well.
            Some(_) if self.tiles_show_all => self.recent = Summed::default(),
            Some(seconds) => self.recent.renew(sight, seconds),
            None => self.recent = Summed::default(),
        }
    }

    /// What tables show; none for a kept run without a selection.
    pub fn sums(&self) -> Option<&WindowSums> {
        self.shown.sums.as_ref()
    }

    /// The figures of what is selected.
    pub fn selected(&self) -> Option<&Figures> {
        self.selected.as_ref().and(self.shown.figures.as_ref())
    }

    /// The figures of the tiles, and their window in words; none for a kept run without a selection.
    pub fn of_tiles(&self) -> (Option<&Figures>, String) {
        match &self.selected {
            Some(seconds) => (self.shown.figures.as_ref(), clock_words(seconds)),
            None => {
                let figures = if self.tiles_show_all { &self.shown.figures } else { &self.recent.figures };
                (figures.as_ref(), self.recent_words.clone())
            }
        }
    }

    /// What is selected, in seconds from and to.
    pub fn selection(&self) -> Option<(u32, u32)> {
        self.selected.as_ref().map(|seconds| (seconds.start, seconds.end))
    }

    /// What is selected, in words.
    pub fn words(&self) -> Option<String> {
        let seconds = self.selected.as_ref()?;
        let length = Duration::from_secs(seconds.len() as u64);
        let measured = self.shown.figures.as_ref().map_or(Duration::ZERO, |figures| figures.span);
        let part = if measured.is_zero() {
            ", nothing of it measured".to_owned()
        } else if measured + Duration::from_millis(500) < length {
            format!(", {} of it measured", humanize::span(measured))
        } else {
            String::new()
        };
        Some(format!("requests that ended from {}, {}{part}", clock_words(seconds), humanize::span(length)))
    }
}

fn clock_words(seconds: &Range<u32>) -> String {
    let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
    format!("{} to {}", clock(seconds.start), clock(seconds.end))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::sample;
    use crate::app::{
        run::tiles,
        state::{LiveNow, LoadedRun},
    };

    /// The sample run after 12 seconds, in its second stage since 10 s.
    fn live() -> LiveNow {
        let mut record = sample::record(sample::scenario());
        record.intervals.truncate(12);
        let run = LoadedRun::new(record).unwrap();
        let mut now = tiles::tests::now(run.points.to_vec());
        Arc::make_mut(&mut now.snapshot).past = run.history;
        now
    }

    fn words_of(stretch: &mut Stretch, now: &LiveNow, window: TileWindow) -> String {
        stretch.renew(&Sight::live(now), window);
        let (figures, words) = stretch.of_tiles();
        format!("{words}: {:?}", figures.map(|figures| figures.seconds.clone()))
    }

    #[test]
    fn the_tiles_of_a_live_run_cover_what_was_chosen() {
        let (now, mut stretch) = (live(), Stretch::default());
        assert_eq!(words_of(&mut stretch, &now, TileWindow::LastSeconds), "last 5 s: Some(7..12)");
        assert_eq!(words_of(&mut stretch, &now, TileWindow::Stage), "this stage, 2 s: Some(10..12)");
        assert_eq!(words_of(&mut stretch, &now, TileWindow::Run), "run so far, 12 s: Some(0..12)");
        assert_eq!(stretch.sums().unwrap().seconds, 0..12, "tables show all of it");
        stretch.select(3.0, 5.0);
        assert_eq!(words_of(&mut stretch, &now, TileWindow::Run), "0:03 to 0:05: Some(3..5)");
        let nothing = tiles::tests::now(Vec::new());
        stretch.clear();
        assert_eq!(
            words_of(&mut stretch, &nothing, TileWindow::Stage),
            "no whole second of this stage yet: None"
        );
    }

    #[test]
    fn a_selection_says_its_length_and_how_much_of_it_was_measured() {
        let (now, mut stretch) = (live(), Stretch::default());
        let mut words = |from, to| {
            stretch.select(from, to);
            stretch.renew(&Sight::live(&now), TileWindow::Run);
            stretch.words().unwrap()
        };
        assert_eq!(words(2.0, 9.0), "requests that ended from 0:02 to 0:09, 7 s");
        assert_eq!(words(9.0, 40.0), "requests that ended from 0:09 to 0:40, 31 s, 3 s of it measured");
        assert!(words(20.0, 40.0).ends_with("20 s, nothing of it measured"));
    }

    #[test]
    fn windows_come_back_as_they_were_kept() {
        for (window, _) in TileWindow::CHOICES {
            assert_eq!(TileWindow::named(window.name()), window);
        }
        assert_eq!(TileWindow::named("?"), TileWindow::LastSeconds);
    }
}
