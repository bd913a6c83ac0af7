//! Warm-up and steady state: what was found, what a cut would change, and that nothing was cut.

use std::time::Duration;

use crate::analysis::{
    LevelSegment, MIN_POINTS, Reading, StageSteadiness, SteadinessClass, SteadinessFigures,
};
use crate::humanize;
use crate::report::document::{Document, Table};

use super::{Subject, printed};

/// Levels of one stage that are listed; of more, the longest.
const MAX_LEVELS: usize = 12;

pub fn write(document: &mut Document, subject: Subject) {
    let steadiness = &subject.paper.diagnosis.steadiness;
    if steadiness.sentence.is_empty() {
        return;
    }
    document.heading(2, "Warm-up and steady state");
    document.paragraph(steadiness.sentence.clone());
    if steadiness.stages.is_empty() {
        return;
    }
    document.table(stages(&steadiness.stages));
    let told = |stage: &StageSteadiness| {
        let sentence = (steadiness.stages.len() > 1).then(|| stage.sentence.clone());
        let words: Vec<String> = sentence.into_iter().chain(stage.advice.clone()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    document.bullets(steadiness.stages.iter().filter_map(told).collect());
    let cut: Vec<_> = steadiness
        .stages
        .iter()
        .filter_map(|stage| stage.with_cut.as_ref().map(|figures| (stage, figures)))
        .collect();
    if cut.is_empty() {
        document
            .paragraph("No figure, target or verdict of this report leaves anything out because of this.");
    } else {
        document.paragraph(
            "No figure, target or verdict of this report leaves anything out because of this; here is what the cut would \
             change.",
        );
        document.table(views(&cut));
    }
    let changed: Vec<&StageSteadiness> =
        steadiness.stages.iter().filter(|stage| stage.segments.len() > 1).collect();
    if !changed.is_empty() {
        document.heading(3, "Levels");
        document.table(levels(&changed));
    }
}

fn stages(stages: &[StageSteadiness]) -> Table {
    let note = format!(
        "Window: each stage that holds its level, its own warm-up included. Found in the median response time of each \
         second: changes of level by PELT (least length 5 s, a change worth 3 ln n variances of the noise), the cut also \
         by MSER-5. Steady means one level, give or take 2 % or its spread, over the last quarter at least. Fewer than \
         {MIN_POINTS} seconds are not looked into."
    );
    let titles = [
        "Stage",
        "Found",
        "From",
        "Until",
        "Seconds",
        "Last level",
        "Steady from",
        "MSER-5 keeps from",
        "Cut",
    ];
    let mut table = Table::new(note, &titles, 2);
    for stage in stages {
        let missing = || humanize::MISSING.to_owned();
        let at = |second: Option<u32>| second.map_or_else(missing, clock);
        let seconds = match stage.n_missing as u64 {
            0 => humanize::count(stage.n_points as u64),
            n => format!("{} ({} missing)", humanize::count(stage.n_points as u64), humanize::count(n)),
        };
        let mser = stage.mser.map_or_else(missing, |mser| {
            if mser.is_at_limit { "at its limit".to_owned() } else { clock(mser.from) }
        });
        let level = stage.last_level().filter(|_| stage.class != SteadinessClass::NeverSteady);
        let cut = if stage.cut.is_none() && stage.steady_from.is_some() {
            "none".to_owned()
        } else {
            at(stage.cut)
        };
        table.row([
            stage.name.clone(),
            stage.class.name().to_owned(),
            clock(stage.seconds.start),
            clock(stage.seconds.end),
            seconds,
            level.map_or_else(missing, humanize::latency),
            at(stage.steady_from),
            mser,
            cut,
        ]);
    }
    table
}

fn views(stages: &[(&StageSteadiness, &SteadinessFigures)]) -> Table {
    let note = "As counted: as in the results per stage. With the cut: requests that ended from then on. Percentiles of \
                response time from merged histograms.";
    let mut table = Table::new(note, &["Stage", "View", "Requests", "Failed", "p50", "p95", "p99"], 2);
    for (stage, with_cut) in stages {
        let from = stage.cut.map_or_else(String::new, clock);
        table.row(view(&stage.name, "as counted", &stage.as_counted));
        table.row(view(&stage.name, &format!("from {from} on"), with_cut));
    }
    table
}

fn view(stage: &str, words: &str, figures: &SteadinessFigures) -> [String; 7] {
    let reading = |reading: Option<Reading>| printed(reading);
    [
        stage.to_owned(),
        words.to_owned(),
        humanize::count(figures.n_requests),
        humanize::count(figures.n_errors),
        reading(figures.p50),
        reading(figures.p95),
        reading(figures.p99),
    ]
}

fn levels(stages: &[&StageSteadiness]) -> Table {
    let note = "Means of the medians of their seconds, which is a level and no percentile.";
    let mut table =
        Table::new(note, &["Stage", "From", "Until", "Level", "Is the last level"], 1).ending_in_words();
    for stage in stages {
        let shown = longest(&stage.segments);
        for segment in &shown {
            table.row([
                stage.name.clone(),
                clock(segment.seconds.start),
                clock(segment.seconds.end),
                humanize::latency(segment.level),
                if segment.is_last_level { "yes" } else { "no" }.to_owned(),
            ]);
        }
        let n_more = stage.segments.len() - shown.len();
        if n_more > 0 {
            let others = format!("{} (the {} shorter levels)", stage.name, humanize::count(n_more as u64));
            let missing = || humanize::MISSING.to_owned();
            table.row([others, missing(), missing(), missing(), missing()]);
        }
    }
    table
}

/// The longest levels in order of time; the last one among them.
fn longest(segments: &[LevelSegment]) -> Vec<&LevelSegment> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    let is_last = |index: usize| index + 1 == segments.len();
    order.sort_by_key(|index| (!is_last(*index), std::cmp::Reverse(segments[*index].seconds.len()), *index));
    order.truncate(MAX_LEVELS);
    order.sort_unstable();
    order.into_iter().map(|index| &segments[index]).collect()
}

fn clock(second: u32) -> String {
    humanize::clock(Duration::from_secs(second.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_levels_the_longest_and_the_last_are_listed() {
        let segment = |from: u32, until: u32| LevelSegment {
            seconds: from..until,
            level: Duration::from_millis(u64::from(from)),
            is_last_level: false,
        };
        let mut segments: Vec<LevelSegment> = (0..20).map(|n| segment(n * 10, n * 10 + 5 + n % 5)).collect();
        segments.push(segment(200, 205));
        let shown = longest(&segments);
        assert_eq!(shown.len(), MAX_LEVELS);
        assert!(shown.is_sorted_by_key(|segment| segment.seconds.start));
        assert_eq!(shown.last().unwrap().seconds, 200..205);
        assert!(shown[..MAX_LEVELS - 1].iter().all(|segment| segment.seconds.len() >= 7));
    }
}
