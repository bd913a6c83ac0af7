//! `send`: one iteration, or one step of it, with everything shown.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use console::style;
use tokio_util::sync::CancellationToken;

use crate::analysis::{asked_words, found_words, source_words};
use crate::engine::OnceEnd;
use crate::humanize;
use crate::launch::{self, SendOnce};
use crate::metrics::{SentRequest, ShownBody, StepExchange};
use crate::model::Scenario;

use super::{
    LibraryPlace,
    args::{Assignment, SendArgs, SetupArgs},
    exit::{CliError, Exit},
    interrupt::Interrupts,
    out::{print, print_json},
    scenario_file::{list_problems, read, refusal},
    send_json::exchanges_json,
};

/// As much of a body is printed; `--json` gives all that was kept.
const MAX_PRINTED: usize = 4_000;

/// Sends once, and shows each step as it comes.
pub fn send(args: &SendArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let scenario = read_sendable(args, place)?;
    let (journey, step) = chosen(&scenario, args)?;
    let values = values(&scenario, &args.variables)?;
    let transport = scenario.resolved().chosen_transport();
    if !args.json {
        print(&format!(
            "journey {}, one iteration over {}; think times are left out\n",
            scenario.journeys[journey].name,
            transport.kind.name()
        ))?;
    }
    let cancel = CancellationToken::new();
    let interrupts = Interrupts::listen(thread::current())?;
    let _watcher = Watcher::start(interrupts.clone(), cancel.clone());
    let files_root = Path::new(&args.scenario).parent().map(Path::to_owned);
    let once = SendOnce { scenario, files_root, journey, step, values, cancel };
    let mut steps = Vec::new();
    let mut printed = Ok(());
    let end = launch::send_once(once, |exchange| {
        if !args.json && printed.is_ok() {
            printed = print(&step_text(&exchange));
        }
        steps.push(exchange);
    })?;
    printed?;
    if args.json {
        print_json(&exchanges_json(&steps))?;
    }
    Ok(match end {
        OnceEnd::Cancelled => Exit::Interrupted,
        OnceEnd::Completed if steps.iter().all(StepExchange::is_ok) => Exit::Pass,
        OnceEnd::Completed => Exit::Fail,
    })
}

/// Turns Ctrl-C into the end of what is in flight.
struct Watcher;

impl Watcher {
    fn start(interrupts: Interrupts, cancel: CancellationToken) -> Self {
        // Ends with the program, like whoever listens for Ctrl-C.
        thread::spawn(move || {
            while interrupts.n_interrupts() == 0 {
                thread::park_timeout(std::time::Duration::from_millis(50));
            }
            cancel.cancel();
        });
        Self
    }
}

/// The scenario in its environment; its problems are listed where it has errors.
// Values given are not set here: some are of variables that only a step would extract.
fn read_sendable(args: &SendArgs, place: LibraryPlace<'_>) -> Result<Scenario, CliError> {
    let setup = SetupArgs { environment: args.environment.clone(), ..SetupArgs::default() };
    let read = read(&args.scenario, &place.own_presets()?, &setup)?;
    read.scenario.ok_or_else(|| {
        list_problems(&args.scenario, &read.problems);
        refusal(&args.scenario, &read.problems)
    })
}

fn chosen(scenario: &Scenario, args: &SendArgs) -> Result<(usize, Option<usize>), CliError> {
    let journeys: Vec<_> = scenario.journeys.iter().map(|journey| journey.name.as_str()).collect();
    let journey = match &args.journey {
        Some(name) => {
            let index = journeys.iter().position(|known| known == name);
            index.ok_or_else(|| unknown("--journey", name, "journey", &journeys))?
        }
        None => {
            let holds = |index: &usize| match &args.step {
                Some(step) => scenario.journeys[*index].steps.iter().any(|known| known.name == *step),
                None => scenario.journeys[*index].enabled,
            };
            let first = (0..journeys.len()).find(holds);
            first.or_else(|| (!journeys.is_empty()).then_some(0)).ok_or_else(|| {
                CliError::BadInput("the scenario has no journey; add one with a step".to_owned())
            })?
        }
    };
    let Some(name) = &args.step else { return Ok((journey, None)) };
    let steps: Vec<_> = scenario.journeys[journey].steps.iter().map(|step| step.name.as_str()).collect();
    let step = steps.iter().position(|known| known == name);
    step.map(|step| (journey, Some(step))).ok_or_else(|| unknown("--step", name, "step", &steps))
}

/// The values given on the command line, which must be of variables that the scenario knows.
fn values(scenario: &Scenario, given: &[Assignment]) -> Result<BTreeMap<String, String>, CliError> {
    let resolved = scenario.resolved();
    let extracted =
        scenario.steps().flat_map(|(_, step)| &step.extracts).map(|extract| extract.name.as_str());
    let known: Vec<_> = resolved.variables.keys().map(String::as_str).chain(extracted).collect();
    given
        .iter()
        .map(|Assignment { name, value }| {
            if known.contains(&name.as_str()) {
                Ok((name.clone(), value.clone()))
            } else {
                Err(unknown("--var", name, "variable", &known))
            }
        })
        .collect()
}

fn unknown(option: &str, name: &str, what: &str, known: &[&str]) -> CliError {
    let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
    CliError::BadInput(match nearest {
        None => format!("{option} {name}: the scenario has no {what}"),
        Some(nearest) => format!(
            "{option} {name}: the scenario has no such {what}. Did you mean `{nearest}`? It has: {}",
            known.join(", ")
        ),
    })
}

fn step_text(exchange: &StepExchange) -> String {
    let verdict = if exchange.is_ok() { style("ok").green() } else { style("FAILED").red().bold() };
    let mut text = format!("\n{verdict}  {}  {}\n", style(&exchange.name).bold(), headline(exchange));
    if let Some(failure) = &exchange.failure {
        text += &format!("  {}\n", style(&failure.signature).red());
        if !failure.detail.is_empty() {
            text += &indented(&failure.detail);
        }
    }
    for request in &exchange.requests {
        text += &request_text(request);
    }
    if let Some(answer) = &exchange.answer {
        text += &format!("  < {}\n", style(format!("HTTP {}", answer.status)).bold());
        text += &message_text('<', &answer.headers, &answer.body);
    }
    for check in &exchange.checks {
        let mark = if check.passed { style("✓").green() } else { style("✗").red() };
        text += &format!("  {mark} {}: {}\n", asked_words(&check.asked), found_words(&check.found));
    }
    for extract in &exchange.extracts {
        let source = source_words(&extract.source);
        let left_out = if extract.taken { "" } else { " (not taken)" };
        text += &format!("  {} = {}{left_out}, from {source}\n", extract.name, found_words(&extract.found));
    }
    text
}

/// Time and phases of a step in one line.
fn headline(exchange: &StepExchange) -> String {
    if exchange.requests.is_empty() {
        return "not sent".to_owned();
    }
    let phases: Vec<_> = exchange
        .phases
        .iter()
        .map(|(phase, time)| format!("{} {}", phase.name(), humanize::latency(*time)))
        .collect();
    let time = humanize::latency(exchange.service_time);
    if phases.is_empty() { time } else { format!("{time} ({})", phases.join(", ")) }
}

fn request_text(request: &SentRequest) -> String {
    let line = style(format!("{} {}", request.method, request.url)).bold();
    let mut text = format!("  > {line}\n{}", message_text('>', &request.headers, &request.body));
    if let Some(status) = request.redirected_by {
        text += &format!("  < HTTP {status}, which leads to\n");
    }
    text
}

fn message_text(side: char, headers: &[(String, String)], body: &ShownBody) -> String {
    let mut text: String =
        headers.iter().map(|(name, value)| format!("  {side} {name}: {value}\n")).collect();
    match &body.text {
        _ if body.n_bytes == 0 => {}
        None => text += &format!("    {}, no text\n", humanize::bytes(body.n_bytes)),
        Some(whole) => {
            let printed = &whole[..whole.floor_char_boundary(MAX_PRINTED)];
            text += &indented(printed);
            if printed.len() < whole.len() || !body.complete {
                text += &format!("    … {} in all; --json gives more\n", humanize::bytes(body.n_bytes));
            }
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
