//! What the engine's tests share: small scenarios and the scripted transport.

use std::{cell::Cell, future::Future, pin::Pin, rc::Rc, time::Duration};

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::request::PreparedRequest;
use super::transport::{Answer, Exchange, Transport};
use crate::model::{
    Arrivals, Body, Journey, LoadModel, LoadProfile, Scenario, Shape, Stage, Step, ThinkTime,
};

pub fn step(path: &str) -> Step {
    Step {
        name: path.to_owned(),
        service: None,
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: vec![],
        body: Body::None,
        checks: vec![],
        extracts: vec![],
        timeout: None,
    }
}

pub fn open(max_users: u32) -> LoadModel {
    LoadModel::Open { arrivals: Arrivals::Constant, max_users, seed: 1 }
}

/// One journey of `paths` under ramps of (seconds, end level).
pub fn scenario(model: LoadModel, stages: &[(u64, f64)], paths: &[&str]) -> Scenario {
    let stage = |(seconds, end_level): &(u64, f64)| Stage {
        name: format!("to {end_level}"),
        duration: Duration::from_secs(*seconds),
        end_level: *end_level,
        shape: Shape::Ramp,
    };
    Scenario {
        name: "test".to_owned(),
        description: String::new(),
        base_url: "http://test".to_owned(),
        timeout: Duration::from_secs(10),
        variables: Default::default(),
        load: LoadProfile {
            model,
            warm_up: Duration::ZERO,
            graceful_stop: Duration::from_secs(30),
            stages: stages.iter().map(stage).collect(),
        },
        journeys: vec![Journey {
            name: "journey".to_owned(),
            weight: 1,
            think_time: ThinkTime::None,
            steps: paths.iter().map(|path| step(path)).collect(),
        }],
        services: vec![],
        thresholds: vec![],
    }
}

pub fn answer(status: u16, body: &'static str) -> Exchange {
    let answer = Answer {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from_static(body.as_bytes()),
        body_complete: true,
    };
    Exchange { bytes_sent: 100, bytes_received: 200, answer: Ok(answer) }
}

type Script = dyn Fn(&PreparedRequest, Duration) -> Pin<Box<dyn Future<Output = Exchange>>>;

/// Answers as its script says, which gets each request with the time it was sent.
#[derive(Clone)]
pub struct ScriptedTransport {
    pub started_at: Instant,
    pub script: Rc<Script>,
    pub n_received: Rc<Cell<u64>>,
}

impl ScriptedTransport {
    pub fn new<F: Future<Output = Exchange> + 'static>(
        started_at: Instant,
        script: impl Fn(&PreparedRequest, Duration) -> F + 'static,
    ) -> Self {
        let script: Rc<Script> = Rc::new(move |request, sent| Box::pin(script(request, sent)));
        Self { started_at, script, n_received: Rc::default() }
    }
}

impl Transport for ScriptedTransport {
    async fn exchange(&self, request: &PreparedRequest) -> Exchange {
        self.n_received.set(self.n_received.get() + 1);
        (self.script)(request, self.started_at.elapsed()).await
    }
}
