//! What a run's own traffic looked like: sampled answers while it goes on, and what an audit made of them.
//!
//! Bodies are held in memory for the audit alone and are never kept: an audit holds sizes, counts and names.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What workers set aside of their traffic; bounded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficSample {
    /// Whole answers of each step, a few of them.
    pub answers: Vec<SampledAnswer>,
    /// The requests of the followed keys, in no order.
    pub lookups: Vec<Lookup>,
    /// The same of requests that say who sends them, by keys that leave that out.
    pub shared_lookups: Vec<Lookup>,
    /// Which share of all keys was followed, of the step where that was least: keys are chosen by their hash, all
    /// requests of a chosen key are there or counted.
    pub key_ratio: f64,
}

/// One answer, whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampledAnswer {
    /// Index into all steps of the scenario.
    pub step: u16,
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it came over the wire: still compressed where it was.
    pub body: Vec<u8>,
    /// Size of the whole body; larger than `body` where that was cut.
    pub body_bytes: u64,
}

/// One request that a cache could have served, and what it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    pub step: u16,
    /// Of method, URL and body, and of the identity that was sent unless it is left out: equal keys ask for the same
    /// thing.
    pub key: u64,
    /// Of the answer's body.
    pub answer: u64,
    /// Since the start of the run.
    pub at_millis: u32,
    pub body_bytes: u32,
    /// Requests of its key that it stands for: itself, and those since the one before that were only counted.
    pub n_requests: u32,
}

/// What the audit of a run's traffic found; holds no bodies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrafficAudit {
    pub steps: Vec<StepTraffic>,
    pub key_ratio: f64,
}

/// The traffic of one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepTraffic {
    /// Index into all steps of the scenario.
    pub step: u16,
    pub payload: Option<PayloadFacts>,
    pub cache: Option<CacheFacts>,
    /// By name; bounded.
    #[serde(default)]
    pub timings: Vec<TimingFacts>,
}

/// What the sampled answers of a step were made of. Sizes are means per answer, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PayloadFacts {
    pub n_answers: u64,
    /// As it came over the wire.
    pub wire_bytes: f64,
    /// Unpacked.
    pub plain_bytes: f64,
    /// The encoding that most answers had; empty for none.
    pub encoding: String,
    /// What it would take when packed: by `gzip`, `br`, `zstd`.
    pub packed_bytes: BTreeMap<String, f64>,
    /// Time that packing one answer took on this machine, by encoding.
    pub packing_time: BTreeMap<String, Duration>,
    /// What null fields take.
    pub null_bytes: f64,
    /// Paths of fields that are null in most answers, bounded.
    pub null_fields: Vec<String>,
    /// What strings beyond the bound take beyond it.
    pub long_string_bytes: f64,
    pub long_fields: Vec<String>,
    /// What strings take that stood in the same answer before.
    pub repeated_bytes: f64,
    pub repeated_fields: Vec<String>,
    /// Arrays that want paging: path, and mean number of items.
    pub long_arrays: Vec<(String, f64)>,
    /// Fields that no later step, check or extract of the scenario uses, with their bytes; the largest, bounded.
    pub unused_fields: Vec<(String, f64)>,
    pub unused_bytes: f64,
}

/// How cacheable the answers of a step were.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CacheFacts {
    /// Of requests of the same thing by the same user, as a cache of each user would see them.
    #[serde(flatten)]
    pub own: Repeats,
    /// Of requests of the same thing whoever asks, as one cache for all users would see them; none where nothing in the
    /// requests says who asks, as both are the same then.
    #[serde(default)]
    pub shared: Option<Repeats>,
    /// The share of sampled answers with each header.
    pub etag_ratio: f64,
    pub last_modified_ratio: f64,
    pub cache_control_ratio: f64,
    /// The most common value of `Cache-Control`; empty for none.
    pub cache_control: String,
}

/// How often the same was asked for, and answered the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Repeats {
    /// Requests of sampled keys, and how many keys those were.
    pub n_lookups: u64,
    pub n_keys: u64,
    /// Requests whose key was asked for before and got the same answer.
    pub n_same: u64,
    /// Requests whose key was asked for before and got another answer.
    pub n_changed: u64,
    /// For each time to live in seconds: requests that a cache of that time would have served, and how many of them
    /// with an answer that was no longer the present one.
    pub by_ttl: Vec<TtlFacts>,
}

/// A part of a request's time at the target, as its answers tell it in `Server-Timing`.
// <https://www.w3.org/TR/server-timing/>
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimingFacts {
    pub name: String,
    /// Sampled answers that tell its time.
    pub n_answers: u64,
    /// Mean of those times.
    pub took: Duration,
    /// Mean number that its description begins with, as in `db;dur=22.5;desc="11 statements"`; none where it has none.
    pub number: Option<f64>,
}

/// What a cache of one time to live would have done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TtlFacts {
    pub ttl_secs: u32,
    pub n_served: u64,
    pub n_stale: u64,
}
