//! What the analyst describes: scenario, load profile, journeys, checks, thresholds and the pure `Plan`.
//!
//! No disk, network, clock, thread or unseeded randomness: text comes in and goes out as strings.

mod data;
mod duration_text;
mod interleave;
mod json_path;
mod literal;
mod monitor;
mod monitor_series;
mod monitor_texts;
mod monitor_values;
mod plan;
mod plan_change;
mod problem;
pub mod profile;
mod sandbox_url;
pub mod sandbox_words;
mod scenario;
mod scenario_toml;
mod search;
mod service_levels;
mod step;
mod step_match;
mod template;
mod threshold;
mod transport;
mod validate;

pub use data::{AtEnd, Environment, FeedFormat, FeedOrder, Feeder, SecretSource};
pub use duration_text::{format_duration, parse_duration};
pub use interleave::{CANDIDATE_SUFFIX, Candidate, Interleave, Side};
pub use json_path::{JsonPlace, as_name, free_name, json_path, name_of_value};
pub use literal::{LiteralPlace, Reach, literal_to_variable, n_literals, name_of_literal};
pub use monitor::{
    Access, Bound, Combine, MetricReading, MetricSeries, MetricsProbe, Monitor, PostgresProbe, Probe,
    ProcessesProbe, PrometheusProbe, QuerySeries, RedisProbe, SeriesGroup, SeriesLimit, SeriesStatistic,
    SeriesUnit,
};
pub use monitor_series::{Aspect, SeriesDescription};
pub use plan::{
    BlockPair, IntendedStarts, Plan, PlannedStage, PlannedStart, Segment, StartClock, UserWindow,
};
pub use plan_change::{PlanChange, PlanChangeKind, PresentEnd};
pub use problem::{Problem, Severity, nearest};
pub use profile::{Arrivals, LoadModel, LoadProfile, Shape, Stage};
pub use sandbox_url::{SANDBOX_BASE_URL, SandboxUrl};
pub use scenario::{Journey, Scenario, Service, ThinkTime, log_normal_sigma};
pub use scenario_toml::{parse_draft, parse_scenario, parse_scenario_with, write_scenario};
pub use search::{SearchOptions, SearchStage};
pub use service_levels::{ClientErrors, ServiceLevelOptions};
pub use step::{
    Auth, Body, Check, ClientCredentials, Extract, ExtractSource, KeyPlace, Part, PartContent, Step,
};
pub use step_match::{StepKey, StepMatches};
pub use template::{Expression, FUNCTIONS, Function, TimeFormat, parse_expression, template_names};
pub use threshold::{Budget, Metric, Scope, Threshold, ThresholdSeverity, Unit, Window};
pub use transport::{
    ChosenTransport, Connections, HttpVersion, TlsOptions, TransportChoice, TransportKind, TransportOptions,
};
pub use validate::validate;
