//! The words of `what-if`: the changes that it knows, and figures that may be ranges.

use std::str::FromStr;

use clap::{Args, Subcommand};

use super::args::RunReference;
use crate::analysis::what_if::{CallTime, Change, InputRange, Queue, Subject};
use crate::model::{Scope, Window, parse_duration};

const AFTER_HELP: &str = "\
Every figure may be a range: --hit 0.5..0.7, --hit-latency 1ms..3ms. The answer has two lines: the queue stays as it \
is, and the queue follows the formulas of M/M/c (M/G/1 for one worker). The second needs --workers and --service-time, or a run with a stage \
at half the rate or less, which tells both.
Exit codes: 0 a projection · 2 the model does not hold, and why · 3 bad input.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP, subcommand_required = true)]
pub struct WhatIfArgs {
    /// The run to start from: a number, `latest` or `baseline`
    pub run: Option<RunReference>,
    #[command(subcommand)]
    pub ask: WhatIfCommand,
}

/// What would be different.
#[derive(Debug, Subcommand)]
pub enum WhatIfCommand {
    /// A cache in front of the workers
    Cache(CacheArgs),
    /// Smaller answers
    Payload(PayloadArgs),
    /// A step, or a call within it, that takes less time
    Faster(FasterArgs),
    /// Another number of workers
    Workers(WorkersArgs),
    /// More or fewer requests
    Traffic(TrafficArgs),
    /// The projections that are kept with a run, and earlier ones beside what it measured
    List(WhatIfListArgs),
}

#[derive(Debug, Args)]
pub struct CacheArgs {
    /// The share of requests that the cache answers
    #[arg(long, value_name = "SHARE")]
    pub hit: ShareRange,
    /// What a hit takes
    #[arg(long, value_name = "TIME")]
    pub hit_latency: TimeRange,
    /// What looking it up adds to a miss
    #[arg(long, value_name = "TIME", default_value = "0")]
    pub lookup: TimeRange,
    #[command(flatten)]
    pub queue: QueueArgs,
    #[command(flatten)]
    pub of: OfArgs,
}

#[derive(Debug, Args)]
pub struct PayloadArgs {
    /// Size afterwards ÷ size before
    #[arg(long, value_name = "SHARE")]
    pub ratio: ShareRange,
    /// What a single transfer gets, such as 10Mbit or 1MB
    #[arg(long, value_name = "RATE")]
    pub bandwidth: BandwidthRange,
    /// A round trip between client and target
    #[arg(long, value_name = "TIME")]
    pub rtt: TimeRange,
    /// Processor time that compressing an answer adds at the target
    #[arg(long, value_name = "TIME", default_value = "0")]
    pub compression: TimeRange,
    /// Bytes that are sent before the first acknowledgement
    #[arg(long, value_name = "BYTES", default_value_t = Change::INITIAL_WINDOW_BYTES)]
    pub initial_window: f64,
    #[command(flatten)]
    pub queue: QueueArgs,
    #[command(flatten)]
    pub of: OfArgs,
}

#[derive(Debug, Args)]
pub struct FasterArgs {
    /// How many times as fast: 2 takes half the time
    #[arg(long, value_name = "TIMES")]
    pub speed_up: FactorRange,
    /// Only a call within gets faster, which takes this share of the time
    #[arg(long, value_name = "SHARE")]
    pub share: Option<ShareRange>,
    /// Only a call within gets faster, which takes what this step was measured to take
    #[arg(long, value_name = "STEP", conflicts_with = "share")]
    pub call: Option<String>,
    #[command(flatten)]
    pub queue: QueueArgs,
    #[command(flatten)]
    pub of: OfArgs,
}

#[derive(Debug, Args)]
pub struct WorkersArgs {
    /// Requests that are worked on at once, now [default: estimated from a stage of low load]
    #[arg(long, value_name = "N")]
    pub from: Option<CountRange>,
    /// And afterwards
    #[arg(long, value_name = "N")]
    pub to: CountRange,
    /// How long a request holds a worker, on average [default: estimated from a stage of low load]
    #[arg(long, value_name = "TIME")]
    pub service_time: Option<TimeRange>,
    /// How service times vary: 0 constant, 1 exponential [default: 1, or as estimated]
    #[arg(long, value_name = "CS2")]
    pub cs2: Option<FactorRange>,
    #[command(flatten)]
    pub of: OfArgs,
}

#[derive(Debug, Args)]
pub struct TrafficArgs {
    /// Requests afterwards ÷ requests now; a held stage of the run has to have measured that rate
    #[arg(long, value_name = "TIMES")]
    pub times: FactorRange,
    #[command(flatten)]
    pub queue: QueueArgs,
    #[command(flatten)]
    pub of: OfArgs,
}

#[derive(Debug, Args)]
pub struct WhatIfListArgs {
    /// A number, `latest` or `baseline`
    pub of_run: Option<RunReference>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// What is known of the queue.
#[derive(Debug, Args)]
pub struct QueueArgs {
    /// Requests that are worked on at once [default: estimated from a stage of low load]
    #[arg(long, value_name = "N")]
    pub workers: Option<CountRange>,
    /// How long a request holds a worker, on average [default: estimated from a stage of low load]
    #[arg(long, value_name = "TIME")]
    pub service_time: Option<TimeRange>,
    /// How service times vary: 0 constant, 1 exponential [default: 1, or as estimated]
    #[arg(long, value_name = "CS2")]
    pub cs2: Option<FactorRange>,
}

/// Which requests, which window, and what becomes of the answer.
#[derive(Debug, Args)]
pub struct OfArgs {
    /// The step that would be changed [default: all requests]
    #[arg(long, value_name = "NAME")]
    pub step: Option<String>,
    /// The service that would be changed
    #[arg(long, value_name = "NAME", conflicts_with = "step")]
    pub service: Option<String>,
    /// Whose percentiles are told: run, service:NAME or step:NAME [default: what would be changed]
    #[arg(long, value_name = "SCOPE")]
    pub of: Option<Scope>,
    /// The stage that it starts from [default: the window of the run's headline numbers]
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
    /// Keep it with the run: reports of later runs set it beside what they measured
    #[arg(long)]
    pub keep: bool,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// A share or shares from 0 to 1, also in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareRange(pub InputRange);

/// Times in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeRange(pub InputRange);

/// Bandwidths in bits per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandwidthRange(pub InputRange);

/// Numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FactorRange(pub InputRange);

/// Whole numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountRange(pub InputRange);

impl WhatIfCommand {
    /// The change that is asked about, with what is known of the queue; none for the list.
    pub fn asked(&self) -> Option<(Change, Queue, &OfArgs)> {
        Some(match self {
            Self::Cache(args) => (
                Change::Cache {
                    hit_ratio: args.hit.0,
                    hit_secs: args.hit_latency.0,
                    lookup_secs: args.lookup.0,
                },
                args.queue.queue(),
                &args.of,
            ),
            Self::Payload(args) => (
                Change::Payload {
                    size_ratio: args.ratio.0,
                    bits_per_sec: args.bandwidth.0,
                    rtt_secs: args.rtt.0,
                    initial_window_bytes: args.initial_window,
                    compression_secs: args.compression.0,
                },
                args.queue.queue(),
                &args.of,
            ),
            Self::Faster(args) => (
                Change::Faster { speed_up: args.speed_up.0, call: args.call_time() },
                args.queue.queue(),
                &args.of,
            ),
            Self::Workers(args) => {
                (Change::Workers { to: args.to.0 }, queue(args.from, args.service_time, args.cs2), &args.of)
            }
            Self::Traffic(args) => (Change::Traffic { times: args.times.0 }, args.queue.queue(), &args.of),
            Self::List(_) => return None,
        })
    }
}

impl FasterArgs {
    fn call_time(&self) -> CallTime {
        match (&self.call, self.share) {
            (Some(name), _) => CallTime::Step { name: name.clone() },
            (None, Some(ShareRange(ratio))) => CallTime::Share { ratio },
            (None, None) => CallTime::Whole,
        }
    }
}

impl QueueArgs {
    fn queue(&self) -> Queue {
        queue(self.workers, self.service_time, self.cs2)
    }
}

fn queue(workers: Option<CountRange>, service_time: Option<TimeRange>, cs2: Option<FactorRange>) -> Queue {
    Queue {
        workers: workers.map(|range| range.0),
        service_secs: service_time.map(|range| range.0),
        cs_squared: cs2.map(|range| range.0),
    }
}

impl OfArgs {
    /// What the change is about.
    pub fn subject(&self, change: &Change) -> Subject {
        let changed = match (&self.step, &self.service) {
            (Some(step), _) => Scope::Step(step.clone()),
            (None, Some(service)) => Scope::Service(service.clone()),
            (None, None) => Scope::Run,
        };
        Subject {
            scope: self.of.clone().unwrap_or_else(|| changed.clone()),
            changed,
            window: self.stage.clone().map(Window::Stage),
            call: match change {
                Change::Faster { call: CallTime::Step { name }, .. } => Some(name.clone()),
                _ => None,
            },
        }
    }
}

/// One value, or two with `..` between them.
fn range(text: &str, read: impl Fn(&str) -> Result<f64, String>) -> Result<InputRange, String> {
    match text.split_once("..") {
        None => Ok(InputRange::exactly(read(text.trim())?)),
        Some((low, high)) => Ok(InputRange::between(read(low.trim())?, read(high.trim())?)),
    }
}

fn number(text: &str, example: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("`{text}` is no number: write one such as {example}, or a range of two"))
}

fn share(text: &str) -> Result<f64, String> {
    let (digits, of) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits.trim_end(), 100.0));
    let share = number(digits, "0.6 or 60%, 0.5..0.7")? / of;
    match (0.0..=1.0).contains(&share) {
        true => Ok(share),
        false => Err(format!("`{text}` is no share: it lies between 0 and 1, such as 0.6 or 60%")),
    }
}

/// Bits per second; `10Mbit`, `10Mbit/s` or `1MB`.
fn bandwidth(text: &str) -> Result<f64, String> {
    const UNITS: [(&str, f64); 7] =
        [("kbit", 1e3), ("Mbit", 1e6), ("Gbit", 1e9), ("kB", 8e3), ("MB", 8e6), ("GB", 8e9), ("bit", 1.0)];
    let plain = text.strip_suffix("/s").unwrap_or(text).trim_end();
    let found = UNITS.iter().find_map(|(unit, bits)| Some((plain.strip_suffix(unit)?.trim_end(), bits)));
    let (digits, bits) = found.ok_or_else(|| {
        format!(
            "`{text}` is no bandwidth: write one such as 10Mbit, 500kbit or 1MB, or a range 10Mbit..100Mbit"
        )
    })?;
    Ok(number(digits, "10Mbit")? * bits)
}

impl FromStr for ShareRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        range(text, share).map(Self)
    }
}

impl FromStr for TimeRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        range(text, |text| parse_duration(text).map(|time| time.as_secs_f64())).map(Self)
    }
}

impl FromStr for BandwidthRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        range(text, bandwidth).map(Self)
    }
}

impl FromStr for FactorRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        range(text, |text| number(text, "1.5, 1.5..2")).map(Self)
    }
}

impl FromStr for CountRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = |text: &str| match text.parse::<u32>() {
            Ok(count) if count > 0 => Ok(f64::from(count)),
            _ => Err(format!("`{text}` is no number of workers: write one such as 4, or a range 4..6")),
        };
        range(text, whole).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Command, CommandLine};

    fn asked(line: &str) -> Result<WhatIfArgs, clap::Error> {
        match CommandLine::try_parse_from(line.split(' '))?.command {
            Some(Command::WhatIf(args)) => Ok(*args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_run_stands_before_the_change_or_behind_the_list() {
        let cache =
            asked("stagewright what-if 7 cache --hit 0.5..0.7 --hit-latency 1ms..3ms --step Sign --keep");
        let cache = cache.unwrap();
        assert_eq!(cache.run.as_ref().map(|run| run.0.as_str()), Some("7"));
        let (change, queue, of) = cache.ask.asked().unwrap();
        let Change::Cache { hit_ratio, hit_secs, lookup_secs } = &change else { panic!("{change:?}") };
        assert_eq!(*hit_ratio, InputRange::between(0.5, 0.7));
        assert_eq!((hit_secs.low, lookup_secs.high, of.keep), (0.001, 0.0, true));
        assert_eq!(queue, Queue::default());
        assert_eq!(of.subject(&change), Subject::of(Scope::Step("Sign".to_owned())));
        for line in ["stagewright what-if list 7", "stagewright what-if 7 list --json"] {
            let args = asked(line).unwrap();
            assert!(args.ask.asked().is_none(), "{line}");
        }
        assert!(asked("stagewright what-if 7").is_err());
    }

    #[test]
    fn each_change_has_its_figures() {
        let change =
            |line: &str| asked(&format!("stagewright what-if 7 {line}")).unwrap().ask.asked().unwrap().0;
        let exactly = InputRange::exactly;
        assert_eq!(
            change("workers --from 4 --to 8 --service-time 20ms"),
            Change::Workers { to: exactly(8.0) }
        );
        assert_eq!(change("traffic --times 1.5 --workers 4"), Change::Traffic { times: exactly(1.5) });
        let call = CallTime::Share { ratio: exactly(0.4) };
        assert_eq!(
            change("faster --speed-up 2 --share 40%"),
            Change::Faster { speed_up: exactly(2.0), call }
        );
        let Change::Payload { bits_per_sec, initial_window_bytes, .. } =
            change("payload --ratio 0.3 --bandwidth 10Mbit..1Gbit/s --rtt 20ms")
        else {
            panic!("no payload")
        };
        assert_eq!((bits_per_sec, initial_window_bytes), (InputRange::between(1e7, 1e9), 14_600.0));
        let queue = asked("stagewright what-if 7 workers --from 4..6 --to 8 --cs2 0.5").unwrap();
        let queue = queue.ask.asked().unwrap().1;
        assert_eq!(
            (queue.workers, queue.cs_squared),
            (Some(InputRange::between(4.0, 6.0)), Some(exactly(0.5)))
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_how_to_write_it() {
        fn check<T: FromStr<Err = String>>(text: &str, words: &str) {
            let message = text.parse::<T>().err().unwrap_or_else(|| panic!("{text} was read"));
            assert!(message.contains(words), "{text}: {message}");
        }
        check::<ShareRange>("1.5", "between 0 and 1");
        check::<ShareRange>("0.5..much", "`much` is no number");
        check::<ShareRange>("NaN", "no number");
        check::<TimeRange>("fast", "no duration");
        check::<BandwidthRange>("10", "such as 10Mbit");
        check::<BandwidthRange>("xMbit", "no number");
        check::<CountRange>("0", "no number of workers");
        check::<CountRange>("4.5", "no number of workers");
        assert_eq!("1MB".parse(), Ok(BandwidthRange(InputRange::exactly(8e6))));
        assert_eq!("50 %".parse(), Ok(ShareRange(InputRange::exactly(0.5))));
    }
}
