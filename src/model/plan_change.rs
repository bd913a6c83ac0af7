//! What the user changes in a plan while its run goes on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Stage;

/// A change of the plan from a moment of the run on; what was planned before that moment stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanChange {
    /// Since the start of the run.
    pub at: Duration,
    pub kind: PlanChangeKind,
}

/// What is changed; durations are the run's own, never multiplied by its time scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeKind {
    /// The level is nought until the plan is resumed; the present stage goes on where it stopped.
    Pause,
    Resume,
    /// The present stage ends here and the next begins.
    SkipStage,
    /// The present stage ends later: a held level is held longer, a ramp reaches its level later.
    ExtendStage(Duration),
    /// These stages follow the present one, in place of those not yet reached.
    ReplaceFuture(Vec<Stage>),
    /// The present stage goes straight to another end from here on, if one is given, and these stages follow it.
    Redraw {
        present: Option<PresentEnd>,
        stages: Vec<Stage>,
    },
}

/// Where the present stage is to end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresentEnd {
    /// How long after the change, pauses left out.
    // Not a moment of the run: while it is paused nobody knows when the plan goes on.
    pub left: Duration,
    pub level: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_changes_of_every_kind_stay_readable() {
        let stages = r#"[{"name":"End","duration":{"secs":5,"nanos":0},"end_level":3.0,"shape":"step"}]"#;
        let present = r#"{"left":{"secs":2,"nanos":500000000},"level":7.5}"#;
        for kind in [
            r#""pause""#.to_owned(),
            r#""resume""#.to_owned(),
            r#""skip_stage""#.to_owned(),
            r#"{"extend_stage":{"secs":30,"nanos":0}}"#.to_owned(),
            format!(r#"{{"replace_future":{stages}}}"#),
            format!(r#"{{"redraw":{{"present":null,"stages":{stages}}}}}"#),
            format!(r#"{{"redraw":{{"present":{present},"stages":[]}}}}"#),
        ] {
            let text = format!(r#"{{"at":{{"secs":12,"nanos":0}},"kind":{kind}}}"#);
            let change: PlanChange = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&change).unwrap(), text);
        }
    }
}
