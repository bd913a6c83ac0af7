//! The names that a scenario file knows, table by table.

pub(super) const ROOT: &[&str] = &[
    "format",
    "name",
    "description",
    "base_url",
    "timeout",
    "variables",
    "transport",
    "load",
    "journeys",
    "services",
    "thresholds",
];
pub(super) const TRANSPORT: &[&str] = &[
    "use",
    "http",
    "connections",
    "redirects",
    "cookies",
    "compression",
    "proxy",
    "ca",
    "certificate",
    "key",
    "verify",
];
pub(super) const LOAD: &[&str] =
    &["model", "warm_up", "graceful_stop", "max_users", "arrivals", "seed", "stages"];
pub(super) const STAGE: &[&str] = &["name", "duration", "users", "rate", "shape"];
pub(super) const JOURNEY: &[&str] = &["name", "weight", "think_time", "pacing", "steps"];
pub(super) const THINK_TIME: &[&str] = &["fixed", "uniform", "normal", "log_normal"];
pub(super) const NORMAL: &[&str] = &["mean", "std_dev"];
pub(super) const LOG_NORMAL: &[&str] = &["median", "p95"];
pub(super) const STEP: &[&str] =
    &["name", "service", "method", "path", "headers", "body", "timeout", "checks", "extract"];
pub(super) const BODY: &[&str] = &["json", "text"];
pub(super) const CHECK: &[&str] =
    &["status", "body_contains", "jsonpath", "exists", "equals", "header", "contains", "max_duration"];
pub(super) const EXTRACT: &[&str] = &["name", "jsonpath"];
pub(super) const SERVICE: &[&str] = &["name", "budget"];
pub(super) const THRESHOLD: &[&str] = &["metric", "scope", "limit", "window", "severity", "abort_after"];

pub(super) const TRANSPORTS: &[&str] = &["auto", "wire", "reqwest"];
pub(super) const HTTP_VERSIONS: &[&str] = &["1.1", "2"];
pub(super) const CONNECTIONS: &[&str] = &["per_user", "pooled", "per_request"];
pub(super) const MODELS: &[&str] = &["closed", "open"];
pub(super) const ARRIVALS: &[&str] = &["constant", "poisson"];
pub(super) const SHAPES: &[&str] = &["ramp", "step"];
pub(super) const SEVERITIES: &[&str] = &["must", "should", "info"];
