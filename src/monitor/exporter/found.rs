//! What can be chosen from an exporter's page: names, kinds, meanings and labels, bounded in number.

use std::collections::BTreeMap;

use super::line::Line;

const MAX_METRICS: usize = 5_000;
const MAX_LABEL_SETS: usize = 30;
const MAX_HELP: usize = 300;

/// The samples of one name on an exporter's page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundMetric {
    /// As it stands on the page.
    pub name: String,
    /// What the page declares it to be, such as `counter`; empty where it does not.
    pub kind: String,
    /// What the page says that it means; empty where it does not.
    pub help: String,
    pub n_samples: u64,
    /// The labels of the first samples.
    pub label_sets: Vec<Vec<(String, String)>>,
}

/// What a page was found to hold so far.
#[derive(Default)]
pub(super) struct Finds {
    /// By declared name, which may lack an ending that samples have.
    declared: BTreeMap<String, (String, String)>,
    metrics: BTreeMap<String, FoundMetric>,
}

/// What samples may have behind the name that is declared.
const ENDINGS: [&str; 5] = ["_total", "_count", "_sum", "_bucket", "_created"];

impl Finds {
    pub fn take(&mut self, line: Line<'_>) {
        let declared = &mut self.declared;
        match line {
            Line::Type { name, kind } if declared.len() < MAX_METRICS => {
                declared.entry(name.into_owned()).or_default().0 = kind.to_owned();
            }
            Line::Help { name, text } if declared.len() < MAX_METRICS => {
                declared.entry(name.into_owned()).or_default().1 = text.chars().take(MAX_HELP).collect();
            }
            Line::Sample(sample) => {
                if self.metrics.len() >= MAX_METRICS && !self.metrics.contains_key(&*sample.name) {
                    return;
                }
                if !self.metrics.contains_key(&*sample.name) {
                    let name = sample.name.clone().into_owned();
                    self.metrics.insert(name.clone(), FoundMetric { name, ..FoundMetric::default() });
                }
                let Some(metric) = self.metrics.get_mut(&*sample.name) else { return };
                metric.n_samples += 1;
                if metric.label_sets.len() < MAX_LABEL_SETS {
                    let labels = sample.labels().map(|(name, value)| (name.into_owned(), value.into_owned()));
                    metric.label_sets.push(labels.collect());
                }
            }
            Line::Type { .. } | Line::Help { .. } | Line::Nothing | Line::End => {}
        }
    }

    /// By name.
    pub fn metrics(self) -> Vec<FoundMetric> {
        let of = |mut metric: FoundMetric| {
            let without_ending = ENDINGS.iter().find_map(|ending| metric.name.strip_suffix(ending));
            let declared = self.declared.get(&metric.name);
            let declared = declared.or_else(|| self.declared.get(without_ending?));
            if let Some((kind, help)) = declared {
                metric.kind.clone_from(kind);
                metric.help.clone_from(help);
            }
            metric
        };
        self.metrics.into_values().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::exporter::lines::Lines;

    #[test]
    fn names_are_found_with_what_the_page_says_of_them() {
        let mut text =
            "# HELP h How long.\n# TYPE h histogram\nh_count{a=\"1\"} 1\nh_sum{a=\"1\"} 2\n".to_owned();
        for n in 0..50 {
            text.push_str(&format!("# TYPE g gauge\ng{{n=\"{n}\"}} 1\n"));
        }
        let (mut finds, mut lines) = (Finds::default(), Lines::default());
        lines.feed(text.as_bytes(), &mut |line| finds.take(line));
        let metrics = finds.metrics();
        assert_eq!(metrics.iter().map(|metric| &*metric.name).collect::<Vec<_>>(), ["g", "h_count", "h_sum"]);
        assert_eq!(
            (metrics[0].n_samples, metrics[0].label_sets.len(), &*metrics[0].kind),
            (50, MAX_LABEL_SETS, "gauge")
        );
        assert_eq!((&*metrics[1].kind, &*metrics[1].help), ("histogram", "How long."));
        assert_eq!(metrics[1].label_sets, [[("a".to_owned(), "1".to_owned())]]);
    }
}
