//! The production-readiness checklist: each row derived, with what it rests on, and a last line that never says ready
//! where something that it takes was not shown.

use crate::humanize;
use crate::metrics::{RunRecord, Verdict};
use crate::model::{Metric, ThresholdSeverity};

use super::{
    BudgetResult, Capacity, ObjectiveSource, SeriesResult, ServiceLevels, Standing, Steadiness,
    SteadinessClass, Summary, ThresholdResult, ThresholdVerdict,
    capacity::SloCapacity,
    comparison::{ChangeVerdict, Comparison, RowScope},
    findings::{Finding, Rule},
    is_loopback,
    limits::MACHINE_CPU,
    watched,
    words::{listed, unfinished_words},
};

/// What has to hold before a target goes into production, and how far this run shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checklist {
    pub rows: Vec<ChecklistRow>,
    pub readiness: Readiness,
    /// Why, in a sentence or two.
    pub why: String,
}

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq)]
pub struct ChecklistRow {
    pub item: ChecklistItem,
    pub state: ItemState,
    /// What the state rests on, a sentence or two.
    pub rests_on: String,
    /// Whether nothing is ready without it.
    pub is_needed: bool,
}

/// What has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChecklistItem {
    Targets,
    Errors,
    Availability,
    Stable,
    LongEnough,
    Capacity,
    Resources,
    Measurement,
    Repeated,
}

/// How far an item holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    Yes,
    No,
    /// The run does not tell.
    NotShown,
}

/// What the checklist comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    NotReady,
    #[default]
    CannotBeTold,
}

/// A run with all that the checklist is drawn from.
#[derive(Clone, Copy)]
pub struct Checked<'a> {
    pub record: &'a RunRecord,
    pub summary: &'a Summary,
    pub capacity: &'a Capacity,
    pub steadiness: &'a Steadiness,
    pub service_levels: &'a ServiceLevels,
    pub findings: &'a [Finding],
}

impl ChecklistItem {
    pub const ALL: [Self; 9] = [
        Self::Targets,
        Self::Errors,
        Self::Availability,
        Self::Stable,
        Self::LongEnough,
        Self::Capacity,
        Self::Resources,
        Self::Measurement,
        Self::Repeated,
    ];

    /// The words for screen and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Targets => "All must targets and budgets are met",
            Self::Errors => "Error rates are within their limits",
            Self::Availability => "Availability is as promised",
            Self::Stable => "Stable under load",
            Self::LongEnough => "The run was long enough",
            Self::Capacity => "Capacity is shown",
            Self::Resources => "Resources of the target are healthy",
            Self::Measurement => "The measurement is valid",
            Self::Repeated => "Repeated, or compared with a baseline",
        }
    }

    /// The word for files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Targets => "targets",
            Self::Errors => "errors",
            Self::Availability => "availability",
            Self::Stable => "stable",
            Self::LongEnough => "long-enough",
            Self::Capacity => "capacity",
            Self::Resources => "resources",
            Self::Measurement => "measurement",
            Self::Repeated => "repeated",
        }
    }

    /// The same within a sentence, after `that`.
    pub fn clause(self) -> &'static str {
        match self {
            Self::Targets => "all must targets and budgets are met",
            Self::Errors => "error rates are within their limits",
            Self::Availability => "availability is as promised",
            Self::Stable => "the target is stable under load",
            Self::LongEnough => "the run was long enough",
            Self::Capacity => "its capacity is enough",
            Self::Resources => "its resources are healthy",
            Self::Measurement => "the measurement is valid",
            Self::Repeated => "other runs come out alike",
        }
    }
}

impl ItemState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotShown => "not shown",
        }
    }
}

impl Readiness {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::NotReady => "Not ready",
            Self::CannotBeTold => "Cannot be told",
        }
    }

    /// The word for files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
            Self::CannotBeTold => "cannot-be-told",
        }
    }
}

impl Default for Checklist {
    fn default() -> Self {
        let why = "No run was looked at.".to_owned();
        Self { rows: Vec::new(), readiness: Readiness::CannotBeTold, why }
    }
}

impl Checklist {
    pub fn new(run: &Checked<'_>) -> Self {
        let rows: Vec<ChecklistRow> = ChecklistItem::ALL.into_iter().map(|item| row(run, item)).collect();
        Self::of_rows(rows, run.summary)
    }

    /// The same beside a comparison of the run, which may be its baseline or its candidate.
    pub fn beside(&self, comparison: &Comparison, summary: &Summary) -> Self {
        let rows = self.rows.iter().map(|row| match row.item {
            ChecklistItem::Repeated => compared(comparison),
            _ => row.clone(),
        });
        Self::of_rows(rows.collect(), summary)
    }

    fn of_rows(rows: Vec<ChecklistRow>, summary: &Summary) -> Self {
        let (readiness, why) = readiness(&rows, summary);
        Self { rows, readiness, why }
    }

    /// What it comes to, and why: `Ready for production? Not ready: …`.
    pub fn sentence(&self) -> String {
        format!("Ready for production? {}: {}", self.readiness.name(), self.why)
    }
}

fn readiness(rows: &[ChecklistRow], summary: &Summary) -> (Readiness, String) {
    let named = |state: ItemState, is_needed: bool| -> Vec<String> {
        let of_state = rows.iter().filter(|row| row.state == state && (row.is_needed || !is_needed));
        of_state.map(|row| row.item.clause().to_owned()).collect()
    };
    let (failed, missing) = (named(ItemState::No, false), named(ItemState::NotShown, true));
    if summary.verdict == Verdict::Inconclusive {
        let reason = summary.reasons.first().cloned().unwrap_or_default();
        return (Readiness::CannotBeTold, format!("the run carries no verdict. {reason}"));
    }
    if !failed.is_empty() || summary.verdict == Verdict::Fail {
        let what = if failed.is_empty() {
            "the run failed".to_owned()
        } else {
            format!("it does not hold that {}", listed(&failed))
        };
        return (Readiness::NotReady, format!("{what}."));
    }
    let wished = rows.iter().filter(|row| row.state == ItemState::NotShown && !row.is_needed);
    let open: Vec<String> = wished.map(|row| row.item.clause().to_owned()).collect();
    let open = match open.as_slice() {
        [] => String::new(),
        open => format!(" Good to know, and not shown either: that {}.", listed(open)),
    };
    if !missing.is_empty() {
        return (Readiness::CannotBeTold, format!("it is not shown that {}.{open}", listed(&missing)));
    }
    (Readiness::Ready, format!("all that it takes was shown for the load of this run.{open}"))
}

fn row(run: &Checked<'_>, item: ChecklistItem) -> ChecklistRow {
    let (state, rests_on) = match item {
        ChecklistItem::Targets => targets(run.summary),
        ChecklistItem::Errors => errors(run),
        ChecklistItem::Availability => availability(run),
        ChecklistItem::Stable => stable(run),
        ChecklistItem::LongEnough => long_enough(run),
        ChecklistItem::Capacity => capacity(run.capacity),
        ChecklistItem::Resources => resources(run),
        ChecklistItem::Measurement => measurement(run.summary),
        ChecklistItem::Repeated => repeated(run),
    };
    ChecklistRow { item, state, rests_on, is_needed: is_needed(run, item) }
}

// What the target has in use is rarely known, unless somebody set a limit; nor is how far runs differ, and an availability that nobody promised is no
// reason against a target; the last line says what is not shown of them.
fn is_needed(run: &Checked<'_>, item: ChecklistItem) -> bool {
    match item {
        ChecklistItem::Resources => run.summary.watched.results.iter().any(SeriesResult::is_must),
        ChecklistItem::Repeated => false,
        ChecklistItem::Availability => run.service_levels.objective.source != ObjectiveSource::Default,
        _ => true,
    }
}

fn targets(summary: &Summary) -> (ItemState, String) {
    let musts = summary.thresholds.iter().filter(|result| is_must(result)).map(|result| result.verdict);
    let verdicts: Vec<ThresholdVerdict> =
        musts.chain(summary.budgets.iter().map(|result: &BudgetResult| result.verdict)).collect();
    let n_of = |verdict| verdicts.iter().filter(|found| **found == verdict).count() as u64;
    let n_all = verdicts.len() as u64;
    let (missed, undecided) = (n_of(ThresholdVerdict::Fail), n_of(ThresholdVerdict::NotEnoughData));
    let of_all = |n: u64, what: &str| {
        let all = if n_all == 1 { "must target or budget" } else { "must targets and budgets" };
        format!("{} of {} {all} {what}.", humanize::count(n), humanize::count(n_all))
    };
    match (n_all, missed, undecided) {
        (0, _, _) => (ItemState::NotShown, "The scenario sets no must target and no budget.".to_owned()),
        (n, 0, 0) => (ItemState::Yes, of_all(n, "met")),
        (_, 0, n) => (ItemState::NotShown, of_all(n, "cannot be judged: too little was measured")),
        (_, n, _) => (ItemState::No, of_all(n, "missed")),
    }
}

fn is_must(result: &ThresholdResult) -> bool {
    result.threshold.severity == ThresholdSeverity::Must
}

fn errors(run: &Checked<'_>) -> (ItemState, String) {
    let summary = run.summary;
    let measured = summary.headline.stats.counters.error_ratio().map(humanize::percent);
    let measured = measured.unwrap_or_else(|| "nothing".to_owned());
    if let Some(cliff) = finding(run, Rule::ErrorCliff) {
        return (ItemState::No, cliff.claim.clone());
    }
    let limits = summary.thresholds.iter().filter(|result| {
        matches!(result.threshold.metric, Metric::ErrorShare | Metric::Availability)
            && result.threshold.severity != ThresholdSeverity::Info
    });
    let verdicts: Vec<ThresholdVerdict> = limits.map(|result| result.verdict).collect();
    let failed = format!("{measured} of the requests failed ({})", summary.headline_words);
    if verdicts.contains(&ThresholdVerdict::Fail) {
        (ItemState::No, format!("{failed}, more than the limit."))
    } else if verdicts.is_empty() || verdicts.contains(&ThresholdVerdict::NotEnoughData) {
        (ItemState::NotShown, format!("{failed}, and no limit decides whether that is too many."))
    } else {
        (ItemState::Yes, format!("{failed}, within the limit."))
    }
}

fn availability(run: &Checked<'_>) -> (ItemState, String) {
    let levels = run.service_levels;
    let Some(requests) = &levels.requests else {
        return (ItemState::NotShown, "No valid request was measured.".to_owned());
    };
    let (available, ratio) = (requests.availability(), levels.objective.ratio);
    let objective = format!("{} {}", humanize::percent(ratio), levels.objective.source.words());
    let bounds = requests.interval.map(|(low, high)| {
        format!(", 95 % interval {} to {}", humanize::percent(low), humanize::percent(high))
    });
    let measured = format!(
        "{} of valid requests were good{}; the objective is {objective}.",
        humanize::percent(available),
        bounds.unwrap_or_default()
    );
    let state = match requests.interval {
        Some((low, _)) if low >= ratio => ItemState::Yes,
        Some((_, high)) if high < ratio && levels.objective.source != ObjectiveSource::Default => {
            ItemState::No
        }
        _ => ItemState::NotShown,
    };
    (state, measured)
}

fn stable(run: &Checked<'_>) -> (ItemState, String) {
    let unstable = [Rule::QueueingOnset, Rule::LatencyTrend, Rule::NeverSteady, Rule::RetryStorm];
    if let Some(found) = run.findings.iter().find(|finding| unstable.contains(&finding.rule)) {
        return (ItemState::No, found.claim.clone());
    }
    let told = run.steadiness.stages.iter().filter(|stage| stage.class != SteadinessClass::TooShort).count();
    if told == 0 {
        return (ItemState::NotShown, run.steadiness.sentence.clone());
    }
    // A stage without a level of its own shows no stability, even where no rule names a cause.
    let is_steady = run.steadiness.stages.iter().all(|stage| stage.class != SteadinessClass::NeverSteady);
    let state = if is_steady { ItemState::Yes } else { ItemState::NotShown };
    (state, format!("{} No queue, trend or storm was found.", run.steadiness.sentence))
}

fn long_enough(run: &Checked<'_>) -> (ItemState, String) {
    let summary = run.summary;
    if let Some(words) = unfinished_words(run.record.end.finish) {
        return (ItemState::No, words.to_owned());
    }
    // The strictest percentile that is judged, or p95 where none is.
    let judged = summary.thresholds.iter().filter_map(|result| match result.threshold.metric {
        Metric::Quantile(quantile) if is_must(result) => Some(quantile),
        _ => None,
    });
    let quantile = judged.max_by(f64::total_cmp).unwrap_or(0.95);
    let metric = Metric::Quantile(quantile);
    let length = humanize::span(summary.headline.duration);
    match summary.headline_intervals.at(metric) {
        Some(interval) if interval.high.is_some() => (
            ItemState::Yes,
            format!("{length} counted; {metric} lies within {} at 95 % confidence.", interval.text()),
        ),
        Some(_) => {
            (ItemState::No, format!("{length} counted, which leaves {metric} without an upper bound."))
        }
        None => (ItemState::NotShown, format!("{length} counted; there is no interval for {metric}.")),
    }
}

fn capacity(capacity: &Capacity) -> (ItemState, String) {
    let sentence = capacity.slo_sentence();
    match (&capacity.slo, capacity.headroom) {
        (SloCapacity::Reached(_), Some(headroom)) => {
            let state = if headroom.ratio >= 0.0 { ItemState::Yes } else { ItemState::No };
            (state, capacity.headroom_sentence().unwrap_or(sentence))
        }
        (SloCapacity::Reached(_), None) => (ItemState::Yes, sentence),
        (SloCapacity::BelowLowest { .. }, _) => (ItemState::No, sentence),
        (SloCapacity::Unknown, _) => (ItemState::NotShown, "No capacity was worked out.".to_owned()),
        _ => (ItemState::NotShown, sentence),
    }
}

fn resources(run: &Checked<'_>) -> (ItemState, String) {
    if let Some(found) = finding(run, Rule::ResourceCeiling) {
        return (ItemState::No, found.claim.clone());
    }
    if let Some(shown) = watched::health(run.record, &run.summary.watched) {
        return shown;
    }
    if !is_loopback(&run.record.start.base_url) {
        return (ItemState::NotShown, "No resource of the target was measured.".to_owned());
    }
    let ratios = run.record.points.iter().filter_map(|point| point.host.map(|host| host.machine_cpu_ratio));
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    let Some(peak) = ratios.last() else {
        return (ItemState::NotShown, "The machine could not be read.".to_owned());
    };
    // A second in twenty may be a burst.
    let usual = ratios[(ratios.len() - 1) * 19 / 20];
    if MACHINE_CPU.weight(usual).is_some() {
        let usual = humanize::percent(usual);
        let words = format!(
            "The machine that generator and target share was nearly used up, by either of them: its CPU was at least {usual} \
             in one of 20 seconds."
        );
        return (ItemState::NotShown, words);
    }
    let words = format!(
        "Nothing of the machine that generator and target share was used up; its CPU was at most {} in 19 of 20 seconds, and \
         {} at most.",
        humanize::percent(usual),
        humanize::percent(*peak)
    );
    (ItemState::Yes, words)
}

fn measurement(summary: &Summary) -> (ItemState, String) {
    let first = summary.caveats.iter().find(|caveat| Standing::from(caveat.weight) != Standing::Valid);
    let first = first.map(|caveat| caveat.text.clone()).unwrap_or_default();
    match summary.quality.standing {
        Standing::Valid => {
            (ItemState::Yes, "The self-checks found nothing that weakens the numbers.".to_owned())
        }
        Standing::Weak => (ItemState::NotShown, format!("The measurement is weak. {first}")),
        Standing::Invalid => (ItemState::No, format!("The measurement is invalid. {first}")),
    }
}

/// Labels of a run that is one of several alike, as repeated runs get them.
const REPETITION: &str = "repetition";

fn repeated(run: &Checked<'_>) -> (ItemState, String) {
    if let Some(sides) = &run.summary.interleaved {
        return (ItemState::Yes, format!("Baseline and candidate took turns. {}", sides.sentence));
    }
    match run.record.start.labels.get(REPETITION) {
        Some(repetition) => (
            ItemState::Yes,
            format!(
                "It is repetition {repetition} of a series; the comparison of the series says how far they differ."
            ),
        ),
        None => (
            ItemState::NotShown,
            "It is a single run beside no other: how far runs differ by themselves is not known.".to_owned(),
        ),
    }
}

fn compared(comparison: &Comparison) -> ChecklistRow {
    let of_run = comparison.rows.iter().filter(|row| row.scope == RowScope::Run);
    let is_worse =
        of_run.flat_map(|row| &row.candidates).any(|change| change.verdict == ChangeVerdict::Worse);
    let state = if is_worse { ItemState::No } else { ItemState::Yes };
    let rests_on = comparison.sentences.join(" ");
    ChecklistRow { item: ChecklistItem::Repeated, state, rests_on, is_needed: false }
}

fn finding<'a>(run: &Checked<'a>, rule: Rule) -> Option<&'a Finding> {
    run.findings.iter().find(|finding| finding.rule == rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::comparison::{CompareOptions, ComparedRun, Side, Stretches, compare};
    use crate::analysis::findings::made::{Answer, Asked, Made, Random, around};
    use crate::analysis::{Diagnosis, sample, summarize_precisely};
    use crate::metrics::{Finish, KeptRun};

    fn checklist(run: &KeptRun) -> (Checklist, Summary) {
        let summary = summarize_precisely(run).unwrap();
        let checklist = Diagnosis::new(&run.record, &run.history, &summary).unwrap().checklist;
        assert_eq!(checklist.rows.len(), ChecklistItem::ALL.len());
        assert!(checklist.rows.iter().all(|row| !row.rests_on.is_empty()), "{checklist:#?}");
        (checklist, summary)
    }

    fn state(checklist: &Checklist, item: ChecklistItem) -> ItemState {
        checklist.rows.iter().find(|row| row.item == item).unwrap().state
    }

    fn with_targets() -> Made {
        let mut made = Made::open(&[(60, 20.0), (240, 40.0)]);
        made.scenario.thresholds = vec![
            sample::must(Metric::Quantile(0.95), 0.1),
            sample::must(Metric::ErrorShare, 0.01),
            sample::must(Metric::Availability, 0.99),
        ];
        made
    }

    fn sound(_: &Asked, random: &mut Random) -> Answer {
        Answer::after(around(random, 0.02))
    }

    #[test]
    fn a_sound_run_that_shows_all_that_it_takes_is_ready_and_says_what_is_not_shown() {
        let (checklist, _) = checklist(&with_targets().run(&mut sound));
        assert_eq!(checklist.readiness, Readiness::Ready, "{checklist:#?}");
        assert!(
            checklist.why.contains("not shown either: that its resources are healthy"),
            "{}",
            checklist.why
        );
        assert_eq!(state(&checklist, ChecklistItem::Resources), ItemState::NotShown);
        assert_eq!(state(&checklist, ChecklistItem::Repeated), ItemState::NotShown);
    }

    #[test]
    fn a_missed_target_is_not_ready() {
        let mut made = with_targets();
        made.scenario.thresholds[0].limit = 0.03;
        let (checklist, _) = checklist(&made.run(&mut sound));
        assert_eq!(checklist.readiness, Readiness::NotReady, "{checklist:#?}");
        assert_eq!(state(&checklist, ChecklistItem::Targets), ItemState::No);
        assert_eq!(state(&checklist, ChecklistItem::Errors), ItemState::Yes);
    }

    #[test]
    fn a_run_without_a_verdict_is_never_ready() {
        let mut run = with_targets().run(&mut sound);
        run.record.end.finish = Finish::Stopped;
        let (checklist, summary) = checklist(&run);
        assert_eq!((summary.verdict, checklist.readiness), (Verdict::Inconclusive, Readiness::CannotBeTold));
        assert!(checklist.why.contains("no verdict"), "{}", checklist.why);
        let mut late = with_targets();
        late.start_lag = 0.05;
        assert_ne!(self::checklist(&late.run(&mut sound)).0.readiness, Readiness::Ready);
    }

    #[test]
    fn without_targets_readiness_cannot_be_told() {
        let (checklist, _) = checklist(&Made::open(&[(120, 30.0)]).run(&mut sound));
        assert_eq!(checklist.readiness, Readiness::CannotBeTold, "{checklist:#?}");
        assert!(checklist.why.contains("all must targets and budgets are met"), "{}", checklist.why);
    }

    #[test]
    fn latency_that_climbs_is_not_stable() {
        let mut leaking = |asked: &Asked, random: &mut Random| {
            Answer::after(around(random, 0.02 * (1.0 + asked.at / 400.0)))
        };
        let mut made = with_targets();
        made.scenario.load.stages[1].duration = std::time::Duration::from_secs(500);
        let (checklist, _) = checklist(&made.run(&mut leaking));
        assert_eq!(state(&checklist, ChecklistItem::Stable), ItemState::No, "{checklist:#?}");
    }

    #[test]
    fn limits_on_what_monitors_read_say_whether_resources_are_healthy() {
        let of = |record: crate::metrics::RunRecord| {
            let (checklist, _) = checklist(&KeptRun::from(record));
            let row = checklist.rows.iter().find(|row| row.item == ChecklistItem::Resources).unwrap();
            (row.state, row.rests_on.clone(), row.is_needed)
        };
        let mut record = sample::watched();
        let (state, words, is_needed) = of(record.clone());
        assert!(state == ItemState::Yes && is_needed, "{words}");
        assert_eq!(words, "All 2 limits on what monitors read hold.", "the machine is not the target's");
        record.start.base_url = "http://127.0.0.1:4600".to_owned();
        let words = of(record.clone()).1;
        assert!(words.ends_with("the most was CPU (machine), at 60 % in 19 of 20 seconds."), "{words}");
        record.start.scenario.monitors[0].limits[0].bound = crate::model::Bound::AtMost(0.5);
        assert_eq!(of(record.clone()).0, ItemState::No);
        record.start.scenario.monitors[0].limits.clear();
        let mut watched = (*record.watched).clone();
        watched.series[0].values.iter_mut().for_each(|value| *value = 0.97);
        record.watched = watched.into();
        let (state, words, _) = of(record);
        assert_eq!(state, ItemState::NotShown, "{words}");
        assert!(words.starts_with("Something was nearly used up: CPU (machine)"), "{words}");
    }

    #[test]
    fn a_comparison_shows_whether_the_run_is_worse() {
        let side = |run: &KeptRun| {
            let summary = summarize_precisely(run).unwrap();
            let compared = ComparedRun::new(&run.record, &summary, &run.history, &Stretches::Held).unwrap();
            Side { runs: vec![compared] }
        };
        let mut slower = |_: &Asked, random: &mut Random| Answer::after(around(random, 0.03));
        let (base, candidate) = (with_targets().run(&mut sound), with_targets().run(&mut slower));
        let sides = [side(&base), side(&candidate)];
        let comparison = compare(&sides, &CompareOptions::default(), &|| false).unwrap().unwrap();
        let (checklist, summary) = checklist(&candidate);
        let beside = checklist.beside(&comparison, &summary);
        assert_eq!(state(&beside, ChecklistItem::Repeated), ItemState::No);
        assert_eq!(beside.readiness, Readiness::NotReady);
    }
}
