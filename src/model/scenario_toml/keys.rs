//! The names that a scenario file knows, table by table.

pub(super) const ROOT: &[&str] = &[
    "format",
    "name",
    "description",
    "base_url",
    "timeout",
    "environment",
    "variables",
    "secrets",
    "auth",
    "environments",
    "feeders",
    "transport",
    "interleave",
    "search",
    "load",
    "journeys",
    "services",
    "thresholds",
    "service_levels",
    "monitors",
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
pub(super) const INTERLEAVE: &[&str] = &["candidate", "block", "seed"];
pub(super) const CANDIDATE: &[&str] = &["base_url", "environment"];
pub(super) const SEARCH: &[&str] = &["start", "max", "hold", "settle", "confirm", "resolution", "max_probes"];
pub(super) const LOAD: &[&str] =
    &["model", "warm_up", "graceful_stop", "max_users", "arrivals", "seed", "stages"];
pub(super) const STAGE: &[&str] = &["name", "duration", "users", "rate", "shape"];
pub(super) const JOURNEY: &[&str] = &["name", "enabled", "weight", "think_time", "pacing", "steps"];
pub(super) const THINK_TIME: &[&str] = &["fixed", "uniform", "normal", "log_normal"];
pub(super) const NORMAL: &[&str] = &["mean", "std_dev"];
pub(super) const LOG_NORMAL: &[&str] = &["median", "p95"];
pub(super) const STEP: &[&str] = &[
    "name",
    "enabled",
    "service",
    "method",
    "path",
    "query",
    "headers",
    "body",
    "auth",
    "timeout",
    "redirects",
    "checks",
    "extract",
];
pub(super) const BODY: &[&str] = &["json", "text", "form", "multipart", "file"];
pub(super) const PART: &[&str] = &["name", "value", "file", "content_type"];
pub(super) const AUTH: &[&str] = &["basic", "bearer", "api_key", "oauth2"];
pub(super) const BASIC: &[&str] = &["user", "password"];
pub(super) const API_KEY: &[&str] = &["header", "query", "value"];
pub(super) const OAUTH2: &[&str] = &["token_url", "client_id", "client_secret", "scope"];
pub(super) const CHECK: &[&str] = &[
    "status",
    "body_contains",
    "regex",
    "jsonpath",
    "exists",
    "equals",
    "header",
    "contains",
    "min_size",
    "max_size",
    "max_duration",
];
pub(super) const EXTRACT: &[&str] = &["name", "jsonpath", "regex", "header", "cookie"];
pub(super) const SECRET: &[&str] = &["env", "keyring", "user"];
pub(super) const ENVIRONMENT: &[&str] = &["name", "base_url", "variables"];
pub(super) const FEEDER: &[&str] = &["name", "file", "format", "order", "at_end"];
pub(super) const SERVICE: &[&str] = &["name", "budget"];
pub(super) const THRESHOLD: &[&str] = &["metric", "scope", "limit", "window", "severity", "abort_after"];
pub(super) const SERVICE_LEVELS: &[&str] =
    &["availability", "period", "apdex", "client_errors", "exclude_steps", "window_error_share"];

pub(super) const MONITOR: &[&str] = &[
    "name",
    "kind",
    "enabled",
    "processes",
    "url",
    "bearer",
    "user",
    "password",
    "ca",
    "pool_size",
    "slow_statement",
    "series",
    "limits",
];
pub(super) const METRIC_SERIES: &[&str] =
    &["name", "metric", "labels", "reading", "growth_per", "value_per", "combine", "unit", "group"];
pub(super) const QUERY_SERIES: &[&str] = &["name", "query", "unit", "group"];
pub(super) const SERIES_LIMIT: &[&str] = &["series", "at_most", "at_least", "statistic", "severity"];

pub(super) const READINGS: &[&str] = &["value", "rate", "complement"];
pub(super) const TRANSPORTS: &[&str] = &["auto", "wire", "reqwest"];
pub(super) const HTTP_VERSIONS: &[&str] = &["1.1", "2"];
pub(super) const CONNECTIONS: &[&str] = &["per_user", "pooled", "per_request"];
pub(super) const FEED_FORMATS: &[&str] = &["csv", "json_lines"];
pub(super) const FEED_ORDERS: &[&str] = &["sequential", "shuffled", "random", "unique"];
pub(super) const AT_ENDS: &[&str] = &["stop", "wrap", "error"];
pub(super) const MODELS: &[&str] = &["closed", "open"];
pub(super) const ARRIVALS: &[&str] = &["constant", "poisson"];
pub(super) const SHAPES: &[&str] = &["ramp", "step"];
pub(super) const SEVERITIES: &[&str] = &["must", "should", "info"];
pub(super) const CLIENT_ERRORS: &[&str] = &["bad", "good", "excluded"];
