//! What is asked of a model: the change, and what is known of the queue; each figure as sure as whoever gives it.

use serde::{Deserialize, Serialize};

use super::queueing::MAX_WORKERS;

/// A figure that somebody gives, as sure as they are of it: one value, or from here to there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputRange {
    pub low: f64,
    pub high: f64,
}

impl InputRange {
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The lower one first.
    pub fn between(one: f64, other: f64) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    pub fn middle(self) -> f64 {
        if self.is_exact() { self.low } else { (self.low + self.high) / 2.0 }
    }

    pub fn is_exact(self) -> bool {
        self.low == self.high
    }
}

/// What would be different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A cache in front of the workers.
    Cache {
        /// The share of requests that it answers.
        hit_ratio: InputRange,
        /// What a hit takes.
        hit_secs: InputRange,
        /// What looking it up adds to a miss.
        lookup_secs: InputRange,
    },
    /// Smaller answers.
    Payload {
        /// Size afterwards ÷ size before.
        size_ratio: InputRange,
        /// What each transfer gets.
        bits_per_sec: InputRange,
        rtt_secs: InputRange,
        /// What is sent before the first acknowledgement.
        initial_window_bytes: f64,
        /// Processor time that compressing an answer adds at the target.
        compression_secs: InputRange,
    },
    /// A call, or the whole work for a request, takes 1/s of its time.
    Faster { speed_up: InputRange, call: CallTime },
    /// Another number of workers.
    Workers { to: InputRange },
    /// So many times the requests.
    Traffic { times: InputRange },
}

/// Which part of a request's time gets faster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum CallTime {
    /// All of it.
    Whole,
    /// A call that takes this share of the mean.
    Share { ratio: InputRange },
    /// A call whose own times are those of a step that was measured in the same window.
    Step { name: String },
}

/// What is known of the queue that the changed requests wait in; what is not given is estimated from a stage of low
/// load, where the run has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Requests worked on at once.
    pub workers: Option<InputRange>,
    /// Mean time that a request holds a worker.
    pub service_secs: Option<InputRange>,
    /// Squared coefficient of variation of that time: 0 constant, 1 exponential.
    pub cs_squared: Option<InputRange>,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    Share,
    Secs,
    BitsPerSec,
    Times,
    Workers,
    Number,
}

/// One figure that was given, with its name for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub name: &'static str,
    pub range: InputRange,
    pub quantity: Quantity,
}

/// The change with one value for each figure.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ChangeAt {
    Cache { hit_ratio: f64, hit_secs: f64, lookup_secs: f64 },
    Payload(PayloadAt),
    Faster { speed_up: f64, call: CallAt },
    Workers { to: u32 },
    Traffic { times: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PayloadAt {
    pub size_ratio: f64,
    pub bits_per_sec: f64,
    pub rtt_secs: f64,
    pub initial_window_bytes: f64,
    pub compression_secs: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum CallAt {
    Whole,
    Share(f64),
    /// The times of the step that was measured.
    Measured,
}

/// What is known of the queue, with one value for each figure that was given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct QueueAt {
    pub workers: Option<u32>,
    pub service_secs: Option<f64>,
    pub cs_squared: Option<f64>,
}

impl Change {
    /// The bytes that TCP sends before the first acknowledgement: ten segments (RFC 6928).
    pub const INITIAL_WINDOW_BYTES: f64 = 14_600.0;

    /// Its figures, in the order in which [`Change::at`] takes them.
    pub fn inputs(&self) -> Vec<Input> {
        let input = |name, range: &InputRange, quantity| Input { name, range: *range, quantity };
        match self {
            Self::Cache { hit_ratio, hit_secs, lookup_secs } => vec![
                input("hit share", hit_ratio, Quantity::Share),
                input("time of a hit", hit_secs, Quantity::Secs),
                input("lookup that a miss pays", lookup_secs, Quantity::Secs),
            ],
            Self::Payload { size_ratio, bits_per_sec, rtt_secs, compression_secs, .. } => vec![
                input("size afterwards ÷ before", size_ratio, Quantity::Share),
                input("bandwidth of a transfer", bits_per_sec, Quantity::BitsPerSec),
                input("round trip", rtt_secs, Quantity::Secs),
                input("time to compress an answer", compression_secs, Quantity::Secs),
            ],
            Self::Faster { speed_up, call } => {
                let mut inputs = vec![input("speed-up", speed_up, Quantity::Times)];
                if let CallTime::Share { ratio } = call {
                    inputs.push(input("share of the time that the call takes", ratio, Quantity::Share));
                }
                inputs
            }
            Self::Workers { to } => vec![input("workers afterwards", to, Quantity::Workers)],
            Self::Traffic { times } => vec![input("requests afterwards ÷ now", times, Quantity::Times)],
        }
    }

    /// The change with the values that are taken from its ranges, one after the other.
    pub(super) fn at(&self, take: &mut dyn FnMut(InputRange) -> f64) -> ChangeAt {
        match self {
            Self::Cache { hit_ratio, hit_secs, lookup_secs } => ChangeAt::Cache {
                hit_ratio: take(*hit_ratio),
                hit_secs: take(*hit_secs),
                lookup_secs: take(*lookup_secs),
            },
            Self::Payload { size_ratio, bits_per_sec, rtt_secs, initial_window_bytes, compression_secs } => {
                ChangeAt::Payload(PayloadAt {
                    size_ratio: take(*size_ratio),
                    bits_per_sec: take(*bits_per_sec),
                    rtt_secs: take(*rtt_secs),
                    compression_secs: take(*compression_secs),
                    initial_window_bytes: *initial_window_bytes,
                })
            }
            Self::Faster { speed_up, call } => ChangeAt::Faster {
                speed_up: take(*speed_up),
                call: match call {
                    CallTime::Whole => CallAt::Whole,
                    CallTime::Share { ratio } => CallAt::Share(take(*ratio)),
                    CallTime::Step { .. } => CallAt::Measured,
                },
            },
            Self::Workers { to } => ChangeAt::Workers { to: whole(take(*to)) },
            Self::Traffic { times } => ChangeAt::Traffic { times: take(*times) },
        }
    }

    /// What of its figures cannot be, in words.
    pub fn problem(&self) -> Option<String> {
        let checked = |range: &InputRange, fits: fn(f64) -> bool, words: &str| {
            (!(fits(range.low) && fits(range.high))).then(|| words.to_owned())
        };
        let is_time = |secs: f64| (0.0..=3_600.0).contains(&secs);
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        let above = |value: f64| value > 0.0 && value.is_finite();
        match self {
            Self::Cache { hit_ratio, hit_secs, lookup_secs } => {
                checked(hit_ratio, is_share, "the hit share lies between 0 and 1, such as 0.6")
                    .or_else(|| checked(hit_secs, is_time, "a hit takes from 0 to an hour, such as 2ms"))
                    .or_else(|| {
                        checked(lookup_secs, is_time, "a lookup takes from 0 to an hour, such as 1ms")
                    })
            }
            Self::Payload { size_ratio, bits_per_sec, rtt_secs, initial_window_bytes, compression_secs } => {
                let window = InputRange::exactly(*initial_window_bytes);
                checked(
                    size_ratio,
                    is_share,
                    "the size afterwards ÷ before lies between 0 and 1, such as 0.3",
                )
                .or_else(|| checked(bits_per_sec, above, "the bandwidth is above 0, such as 10Mbit"))
                .or_else(|| checked(rtt_secs, is_time, "a round trip takes from 0 to an hour, such as 20ms"))
                .or_else(|| {
                    checked(compression_secs, is_time, "compressing takes from 0 to an hour, such as 1ms")
                })
                .or_else(|| checked(&window, above, "the initial window is above 0 bytes, such as 14600"))
            }
            Self::Faster { speed_up, call } => {
                let speeds = |times: f64| (1.0..=1e6).contains(&times);
                let share = match call {
                    CallTime::Share { ratio } => checked(
                        ratio,
                        is_share,
                        "the call's share of the time lies between 0 and 1, such as 0.4",
                    ),
                    CallTime::Whole | CallTime::Step { .. } => None,
                };
                checked(speed_up, speeds, "a speed-up is 1 or more: 2 means half the time").or(share)
            }
            Self::Workers { to } => {
                let is_number = |workers: f64| (1.0..=f64::from(MAX_WORKERS)).contains(&workers);
                checked(to, is_number, "the number of workers lies between 1 and 10000")
            }
            Self::Traffic { times } => {
                let is_factor = |times: f64| (0.001..=1e3).contains(&times);
                checked(times, is_factor, "the traffic is multiplied by 0.001 to 1000, such as 1.5")
            }
        }
    }

    /// Whether it is nothing but another load, so that without a queue there is nothing to be said.
    pub fn is_of_the_queue_alone(&self) -> bool {
        matches!(self, Self::Workers { .. } | Self::Traffic { .. })
    }
}

impl Queue {
    /// The figures that were given, in the order in which [`Queue::at`] takes them.
    pub fn inputs(&self) -> Vec<Input> {
        let given = [
            ("workers", self.workers, Quantity::Workers),
            ("service time", self.service_secs, Quantity::Secs),
            ("Cs², the variation of service times", self.cs_squared, Quantity::Number),
        ];
        let input = |(name, range, quantity): (_, Option<InputRange>, _)| {
            range.map(|range| Input { name, range, quantity })
        };
        given.into_iter().filter_map(input).collect()
    }

    /// What of its figures cannot be, in words.
    pub fn problem(&self) -> Option<String> {
        let fails = |range: Option<InputRange>, fits: fn(f64) -> bool| {
            range.is_some_and(|range| !(fits(range.low) && fits(range.high)))
        };
        if fails(self.workers, |workers| (1.0..=f64::from(MAX_WORKERS)).contains(&workers)) {
            return Some("the number of workers lies between 1 and 10000".to_owned());
        }
        if fails(self.service_secs, |secs| secs > 0.0 && secs <= 3_600.0) {
            return Some("a service time lies above 0 and up to an hour, such as 20ms".to_owned());
        }
        fails(self.cs_squared, |variation| (0.0..=25.0).contains(&variation))
            .then(|| "Cs² lies between 0 (constant) and 25; 1 is exponential".to_owned())
    }

    pub(super) fn at(&self, take: &mut dyn FnMut(InputRange) -> f64) -> QueueAt {
        QueueAt {
            workers: self.workers.map(|range| whole(take(range))),
            service_secs: self.service_secs.map(&mut *take),
            cs_squared: self.cs_squared.map(take),
        }
    }
}

/// Workers are whole.
fn whole(value: f64) -> u32 {
    (value.round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Change; 6] {
        let range = InputRange::between(3.0, 2.0);
        [
            Change::Cache { hit_ratio: range, hit_secs: range, lookup_secs: range },
            Change::Payload {
                size_ratio: range,
                bits_per_sec: range,
                rtt_secs: range,
                initial_window_bytes: Change::INITIAL_WINDOW_BYTES,
                compression_secs: range,
            },
            Change::Faster { speed_up: range, call: CallTime::Whole },
            Change::Faster { speed_up: range, call: CallTime::Share { ratio: range } },
            Change::Workers { to: range },
            Change::Traffic { times: range },
        ]
    }

    #[test]
    fn every_figure_is_taken_once_and_has_a_name() {
        for change in all() {
            let mut taken = Vec::new();
            change.at(&mut |range| {
                taken.push(range);
                range.middle()
            });
            let named: Vec<InputRange> = change.inputs().iter().map(|input| input.range).collect();
            assert_eq!(taken, named, "{change:?}");
        }
        let queue = Queue { workers: Some(InputRange::exactly(4.0)), ..Queue::default() };
        assert_eq!(queue.at(&mut InputRange::middle.clone()).workers, Some(4));
        assert_eq!((queue.inputs().len(), Queue::default().inputs().len()), (1, 0));
    }

    #[test]
    fn figures_that_cannot_be_are_told_in_words() {
        let at = InputRange::exactly;
        let cache = |hit_ratio, hit_secs| Change::Cache { hit_ratio, hit_secs, lookup_secs: at(0.0) };
        let faster = |times, call| Change::Faster { speed_up: at(times), call };
        assert_eq!(cache(InputRange::between(0.5, 0.7), at(0.002)).problem(), None);
        for (bad, word) in [
            (cache(InputRange::between(0.5, 1.2), at(0.002)), "hit share"),
            (cache(at(f64::NAN), at(0.002)), "hit share"),
            (cache(at(0.5), at(-1.0)), "hit"),
            (faster(0.5, CallTime::Whole), "1 or more"),
            (faster(2.0, CallTime::Share { ratio: at(1.5) }), "share of the time"),
            (Change::Workers { to: at(0.0) }, "workers"),
            (Change::Traffic { times: at(f64::INFINITY) }, "traffic"),
        ] {
            assert!(bad.problem().is_some_and(|words| words.contains(word)), "{bad:?}");
        }
        let queue = |service_secs| Queue { service_secs: Some(at(service_secs)), ..Queue::default() };
        assert!(queue(0.02).problem().is_none() && queue(0.0).problem().is_some());
    }

    #[test]
    fn a_change_reads_back_equal_from_what_is_kept() {
        for change in all() {
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change, "{text}");
        }
    }

    #[test]
    fn a_range_has_its_lower_end_first_and_an_exact_value_is_its_middle() {
        assert_eq!(InputRange::between(3.0, 1.0), InputRange { low: 1.0, high: 3.0 });
        assert_eq!(InputRange::between(3.0, 1.0).middle(), 2.0);
        assert_eq!(InputRange::exactly(0.1).middle(), 0.1);
    }
}
