//! The tables of a comparison: scopes and metrics with both sides, the changes judged together.

use crate::analysis::stats::holm;
use crate::metrics::HistogramError;
use crate::model::{Metric, Scenario, Scope};

use super::{
    CompareOptions,
    alignment::Common,
    change::{CandidateChange, ChangeVerdict, Evidence, Measured, change_of},
    measured::{ComparedRun, ScopeSample},
};

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowScope {
    /// All requests in all stretches that the runs have in common.
    Run,
    /// All requests of one stretch.
    Stage(String),
    Service(String),
    /// A step by the name that the baseline has for it, with the candidates' names where they are others.
    Step {
        name: String,
        also_known_as: Vec<String>,
    },
}

impl RowScope {
    /// What it is about, with its kind: `step List courses`.
    pub fn words(&self) -> String {
        match self {
            Self::Run => "the run".to_owned(),
            Self::Stage(name) => format!("stage {name}"),
            Self::Service(name) => format!("service {name}"),
            Self::Step { .. } => format!("step {}", self.name().unwrap_or_default()),
        }
    }

    /// Its name alone; none for the run as a whole.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Run => None,
            Self::Stage(name) | Self::Service(name) => Some(name.clone()),
            Self::Step { name, also_known_as } if also_known_as.is_empty() => Some(name.clone()),
            Self::Step { name, also_known_as } => Some(format!("{name} ({})", also_known_as.join(", "))),
        }
    }
}

/// A metric of a scope in the baseline and in each candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRow {
    pub scope: RowScope,
    pub metric: Metric,
    pub baseline: Option<Measured>,
    /// In the order of the candidates.
    pub candidates: Vec<CandidateChange>,
}

/// One side: a run, or repetitions of it.
pub(super) struct SideRuns<'a> {
    pub runs: Vec<PlacedRun<'a>>,
}

/// A run with what is needed to find in it what belongs to the baseline.
pub(super) struct PlacedRun<'a> {
    /// Among the runs of all sides.
    pub place: usize,
    pub run: &'a ComparedRun,
    /// Its steps by the baseline's index.
    pub steps: Vec<Option<usize>>,
}

/// What is asked of all sides for one scope.
struct Request<'a> {
    scope: RowScope,
    metrics: &'a [Metric],
    /// Places within the common stretches.
    stretches: Vec<usize>,
    /// The baseline's steps; none for a stage, which has all that each run sends.
    steps: Vec<usize>,
}

/// All rows: the run, its stages, services, steps.
pub(super) struct Tables<'a> {
    pub sides: &'a [SideRuns<'a>],
    pub common: &'a Common,
    pub options: &'a CompareOptions,
    pub is_cancelled: &'a dyn Fn() -> bool,
}

impl Tables<'_> {
    /// Those of the run as a whole stand on what each side shows of it; none where it was cancelled.
    pub fn rows(
        &self,
        baseline: &Scenario,
        of_run: &[Evidence],
    ) -> Result<Option<Vec<ComparisonRow>>, HistogramError> {
        let shared = self.shared_steps(baseline);
        let every_stretch: Vec<usize> = (0..self.common.stretches.len()).collect();
        let metrics = self.options.metrics();
        let mut tables: Vec<Vec<Request<'_>>> = Vec::new();
        if every_stretch.len() > 1 {
            let stage = |stretch: &usize| {
                let PlacedRun { run, .. } = &self.sides[0].runs[0];
                let name = run.stretches[self.common.stretches[*stretch][0]].name.clone();
                self.ask(RowScope::Stage(name), &metrics, &[*stretch], &[])
            };
            tables.push(every_stretch.iter().map(stage).collect());
        }
        let services = baseline.services.iter().map(|service| {
            let belongs = baseline.covered_steps(&Scope::Service(service.name.clone()));
            let steps: Vec<usize> = shared.iter().copied().filter(|step| belongs[*step]).collect();
            self.ask(RowScope::Service(service.name.clone()), &metrics, &every_stretch, &steps)
        });
        tables.push(services.filter(|request| !request.steps.is_empty()).collect());
        let steps = baseline.sent_steps().filter(|(index, _, _)| shared.contains(index));
        let steps = steps.map(|(index, _, step)| {
            let scope = RowScope::Step {
                name: step.name.clone(),
                also_known_as: self.other_names(index, &step.name),
            };
            self.ask(scope, &metrics, &every_stretch, &[index])
        });
        tables.push(steps.collect());
        let mut rows: Vec<_> = metrics.iter().map(|metric| row(&RowScope::Run, *metric, of_run)).collect();
        self.judge_all(&mut rows);
        for table in tables {
            match self.table(&table, of_run)? {
                Some(table) => rows.extend(table),
                None => return Ok(None),
            }
        }
        Ok(Some(rows))
    }

    /// Steps of the baseline that every run has.
    pub fn shared_steps(&self, baseline: &Scenario) -> Vec<usize> {
        let has_all = |index: &usize| {
            self.sides.iter().flat_map(|side| &side.runs).all(|run| run.steps[*index].is_some())
        };
        baseline.sent_steps().map(|(index, _, _)| index).filter(has_all).collect()
    }

    fn ask<'m>(
        &self,
        scope: RowScope,
        metrics: &'m [Metric],
        stretches: &[usize],
        steps: &[usize],
    ) -> Request<'m> {
        Request { scope, metrics, stretches: stretches.to_vec(), steps: steps.to_vec() }
    }

    fn other_names(&self, step: usize, name: &str) -> Vec<String> {
        let mut names = Vec::new();
        for PlacedRun { run, steps, .. } in self.sides.iter().flat_map(|side| &side.runs) {
            let other = steps[step].and_then(|index| run.start.scenario.steps().nth(index));
            if let Some((_, other)) =
                other.filter(|(_, other)| other.name != name && !names.contains(&other.name))
            {
                names.push(other.name.clone());
            }
        }
        names
    }

    /// The rows of one table; their p values are adjusted together.
    fn table(
        &self,
        requests: &[Request<'_>],
        of_run: &[Evidence],
    ) -> Result<Option<Vec<ComparisonRow>>, HistogramError> {
        let mut rows = Vec::new();
        for request in requests {
            if (self.is_cancelled)() {
                return Ok(None);
            }
            let sides = self.sides.iter().zip(of_run);
            let evidence: Vec<Evidence> = match request.scope {
                RowScope::Stage(_) => sides
                    .map(|(side, of_run)| self.evidence_of_stage(side, of_run, request.stretches[0]))
                    .collect::<Result<_, _>>()?,
                _ => sides.map(|(side, _)| self.evidence(side, request)).collect::<Result<_, _>>()?,
            };
            rows.extend(request.metrics.iter().map(|metric| row(&request.scope, *metric, &evidence)));
        }
        self.judge_all(&mut rows);
        Ok(Some(rows))
    }

    fn judge_all(&self, rows: &mut [ComparisonRow]) {
        (0..self.sides.len() - 1).for_each(|candidate| self.judge(rows, candidate));
    }

    /// What a side shows of a scope. The run as a whole counts each run's own steps, others those that all have.
    pub fn evidence_of_run(&self, side: &SideRuns<'_>) -> Result<Evidence, HistogramError> {
        let sample = |PlacedRun { place, run, .. }: &PlacedRun<'_>| {
            run.sample(&self.common.of_run(*place), &sent_steps(run))
        };
        side.runs.iter().map(sample).collect::<Result<Vec<_>, _>>().map(Evidence::of)
    }

    /// What a side shows of a stage, which is a stratum of what it shows of the run.
    fn evidence_of_stage(
        &self,
        side: &SideRuns<'_>,
        of_run: &Evidence,
        stratum: usize,
    ) -> Result<Evidence, HistogramError> {
        let sample = |(PlacedRun { place, run, .. }, all): (&PlacedRun<'_>, &ScopeSample)| {
            let stretch = self.common.stretches[stratum][*place];
            run.sample_of_stratum(stretch, &sent_steps(run), (all, stratum))
        };
        let runs = side.runs.iter().zip(of_run.samples());
        runs.map(sample).collect::<Result<Vec<_>, _>>().map(Evidence::of)
    }

    fn evidence(&self, side: &SideRuns<'_>, request: &Request<'_>) -> Result<Evidence, HistogramError> {
        let sample = |PlacedRun { place, run, steps }: &PlacedRun<'_>| {
            let own: Vec<usize> = request.steps.iter().filter_map(|step| steps[*step]).collect();
            let stretches: Vec<usize> =
                request.stretches.iter().map(|stretch| self.common.stretches[*stretch][*place]).collect();
            run.sample(&stretches, &own)
        };
        side.runs.iter().map(sample).collect::<Result<Vec<_>, _>>().map(Evidence::of)
    }

    fn judge(&self, rows: &mut [ComparisonRow], candidate: usize) {
        let change = |row: &ComparisonRow| row.candidates[candidate].change.and_then(|change| change.p_value);
        let tested: Vec<usize> = (0..rows.len()).filter(|row| change(&rows[*row]).is_some()).collect();
        let p_values: Vec<f64> = tested.iter().filter_map(|row| change(&rows[*row])).collect();
        for (row, adjusted) in tested.into_iter().zip(holm(&p_values)) {
            if let Some(change) = &mut rows[row].candidates[candidate].change {
                change.adjusted_p = Some(adjusted);
            }
        }
        for row in rows {
            let of_candidate = &mut row.candidates[candidate];
            of_candidate.verdict = of_candidate.change.map_or(ChangeVerdict::CannotTell, |change| {
                change.verdict(row.metric, self.options.smallest_relevant)
            });
        }
    }
}

/// All steps that a run sends, by their index.
fn sent_steps(run: &ComparedRun) -> Vec<usize> {
    run.start.scenario.sent_steps().map(|(index, _, _)| index).collect()
}

fn row(scope: &RowScope, metric: Metric, evidence: &[Evidence]) -> ComparisonRow {
    let baseline = (&evidence[0], evidence[0].measured(metric));
    let candidate = |candidate: &Evidence| {
        let measured = candidate.measured(metric);
        let change = change_of(metric, baseline, (candidate, measured));
        CandidateChange { measured, change, verdict: ChangeVerdict::CannotTell }
    };
    ComparisonRow {
        scope: scope.clone(),
        metric,
        baseline: baseline.1,
        candidates: evidence[1..].iter().map(candidate).collect(),
    }
}
