//! The texts of monitors that may hold `{{…}}`.

use super::{Access, Probe};

impl Probe {
    /// All texts in which variables and secrets may stand.
    pub fn templates(&self) -> Vec<&str> {
        match self {
            Self::Machine => Vec::new(),
            Self::Processes(probe) => probe.processes.iter().map(String::as_str).collect(),
            Self::Metrics(probe) => {
                let labels = probe.series.iter().flat_map(|series| &series.labels);
                let labels = labels.map(|(_, value)| value.as_str());
                [probe.url.as_str()].into_iter().chain(probe.access.templates()).chain(labels).collect()
            }
            Self::Prometheus(probe) => {
                let queries = probe.queries.iter().map(|query| query.query.as_str());
                [probe.url.as_str()].into_iter().chain(probe.access.templates()).chain(queries).collect()
            }
            Self::Postgres(probe) => vec![&probe.url, &probe.password],
            Self::Redis(probe) => vec![&probe.url, &probe.password],
        }
    }

    /// The same, to be changed.
    pub fn templates_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Machine => Vec::new(),
            Self::Processes(probe) => probe.processes.iter_mut().collect(),
            Self::Metrics(probe) => {
                let labels = probe.series.iter_mut().flat_map(|series| &mut series.labels);
                let labels = labels.map(|(_, value)| value);
                [&mut probe.url].into_iter().chain(probe.access.templates_mut()).chain(labels).collect()
            }
            Self::Prometheus(probe) => {
                let queries = probe.queries.iter_mut().map(|query| &mut query.query);
                [&mut probe.url].into_iter().chain(probe.access.templates_mut()).chain(queries).collect()
            }
            Self::Postgres(probe) => vec![&mut probe.url, &mut probe.password],
            Self::Redis(probe) => vec![&mut probe.url, &mut probe.password],
        }
    }
}

impl Access {
    fn templates(&self) -> [&str; 4] {
        [&self.bearer, &self.user, &self.password, &self.ca]
    }

    fn templates_mut(&mut self) -> [&mut String; 4] {
        [&mut self.bearer, &mut self.user, &mut self.password, &mut self.ca]
    }
}
