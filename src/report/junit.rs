//! Limits and the measurement's quality as JUnit XML.

use super::Provenance;
use crate::analysis::{Reading, Standing, Summary, ThresholdVerdict, limit_words, metric_words, scope_words};
use crate::humanize;
use crate::metrics::RunRecord;
use crate::model::ThresholdSeverity;

/// One test case.
struct Case {
    group: &'static str,
    name: String,
    ending: Ending,
}

/// How a test case ended, with its message.
enum Ending {
    Passed,
    Failed(String),
    Skipped(String),
}

/// A suite of one case per limit, and one for the measurement itself.
pub fn suite(record: &RunRecord, summary: &Summary, provenance: &Provenance) -> String {
    let mut cases = vec![measurement(summary)];
    cases.extend(thresholds(summary));
    cases.extend(budgets(summary));
    cases.extend(series_limits(summary));
    let count =
        |is_counted: fn(&Ending) -> bool| cases.iter().filter(|case| is_counted(&case.ending)).count();
    let attributes = format!(
        // Jenkins refuses a suite that does not say how many errors it has.
        "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\"",
        escaped(&record.start.scenario.name),
        cases.len(),
        count(|ending| matches!(ending, Ending::Failed(_))),
        count(|ending| matches!(ending, Ending::Skipped(_))),
        record.end.load_duration.as_secs_f64()
    );
    let lines: String = cases.iter().map(line).collect();
    let made_of = escaped(&provenance.line());
    let property = format!("    <properties><property name=\"made_of\" value=\"{made_of}\"/></properties>\n");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite {attributes}>\n{property}{lines}  \
         </testsuite>\n</testsuites>\n"
    )
}

fn measurement(summary: &Summary) -> Case {
    let ending = match summary.quality.standing {
        Standing::Invalid => Ending::Failed(summary.quality.invalid_texts().collect::<Vec<_>>().join(" ")),
        Standing::Valid | Standing::Weak => Ending::Passed,
    };
    Case { group: "measurement", name: "the measurement describes the target".to_owned(), ending }
}

fn thresholds(summary: &Summary) -> impl Iterator<Item = Case> + '_ {
    summary.thresholds.iter().map(|result| {
        let threshold = &result.threshold;
        let name = format!(
            "{} of {} {} ({})",
            metric_words(threshold.metric),
            scope_words(&threshold.scope),
            limit_words(threshold.metric, threshold.limit),
            result.window_words
        );
        let ending = unless_must(ending(result.verdict, result.reading()), threshold.severity);
        Case { group: "thresholds", name, ending }
    })
}

// What is no must does not fail a pipeline.
fn unless_must(ending: Ending, severity: ThresholdSeverity) -> Ending {
    match ending {
        Ending::Failed(message) if severity != ThresholdSeverity::Must => Ending::Skipped(message),
        ending => ending,
    }
}

fn series_limits(summary: &Summary) -> impl Iterator<Item = Case> + '_ {
    summary.watched.results.iter().map(|result| {
        let name = format!("{} {} ({})", result.subject(), result.limit_words(), result.window_words);
        let ending = match result.verdict {
            ThresholdVerdict::Pass => Ending::Passed,
            ThresholdVerdict::Fail => Ending::Failed(format!("measured {}", result.actual_text())),
            ThresholdVerdict::NotEnoughData => {
                Ending::Skipped(format!("not enough data, measured {}", result.actual_text()))
            }
        };
        Case { group: "resource limits", name, ending: unless_must(ending, result.limit.severity) }
    })
}

fn budgets(summary: &Summary) -> impl Iterator<Item = Case> + '_ {
    summary.budgets.iter().map(|result| {
        let metric = result.budget.metric;
        let limit = limit_words(metric, result.budget.limit);
        let name = format!("{} of service {} {limit}", metric_words(metric), result.service);
        Case { group: "budgets", name, ending: ending(result.verdict, result.reading()) }
    })
}

fn ending(verdict: ThresholdVerdict, reading: Option<Reading>) -> Ending {
    let measured = reading.map_or_else(|| humanize::MISSING.to_owned(), |reading| reading.text());
    match verdict {
        ThresholdVerdict::Pass => Ending::Passed,
        ThresholdVerdict::Fail => Ending::Failed(format!("measured {measured}")),
        ThresholdVerdict::NotEnoughData => Ending::Skipped(format!("not enough data, measured {measured}")),
    }
}

fn line(case: &Case) -> String {
    let head = format!("    <testcase classname=\"{}\" name=\"{}\"", case.group, escaped(&case.name));
    match &case.ending {
        Ending::Passed => format!("{head}/>\n"),
        Ending::Failed(message) => format!("{head}><failure message=\"{}\"/></testcase>\n", escaped(message)),
        Ending::Skipped(message) => {
            format!("{head}><skipped message=\"{}\"/></testcase>\n", escaped(message))
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write the others.
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Diagnosis, sample, summarize};
    use crate::model::Metric;
    use crate::report::Paper;

    #[test]
    fn limits_become_test_cases() {
        let mut scenario = sample::scenario();
        scenario.name = "Tom & \"Jerry\"".to_owned();
        let mut should = sample::must(Metric::Max, 0.001);
        should.severity = ThresholdSeverity::Should;
        scenario.thresholds =
            vec![sample::must(Metric::Quantile(0.95), 0.1), sample::must(Metric::Throughput, 1e3), should];
        scenario.services[0].budgets = vec![sample::budget_p95(10)];
        let record = sample::record(scenario);
        let (summary, diagnosis) = (summarize(&record).unwrap(), Diagnosis::default());
        let provenance = Provenance::of(&Paper::new(&record, &summary, &diagnosis));
        insta::assert_snapshot!(suite(&record, &summary, &provenance));
    }
}
