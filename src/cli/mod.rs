//! The headless commands: reads the command line, walks the road, says what came of it.
//!
//! Knows no window. Figures come from `analysis` and `humanize`, so that they equal those of the report.

mod args;
mod calibrate;
mod capacity;
mod compare;
mod compare_args;
mod exit;
mod filter_args;
mod history_args;
mod interrupt;
mod latencies;
mod levels_csv;
mod monitors;
mod noise;
mod out;
mod presets;
mod repeat;
mod report;
mod report_args;
mod report_texts;
mod run;
mod runs;
mod sandbox;
mod sandbox_args;
mod scenario_file;
mod search;
mod search_args;
mod send;
mod send_json;
mod series_csv;
mod stats;
mod summary_text;
mod summed_up;
mod tables;
mod trend;
mod validate;
mod verify;
mod view;
mod what_if;
mod what_if_args;

use std::{
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser as _;

use crate::engine;
use crate::store::{Library, OwnPresets, default_library_path};

use args::{Command, CommandLine};
use exit::{CliError, Exit};
use out::complain;

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// The window, with another library than the default, and the file for what each frame cost.
    Window { library: Option<PathBuf>, frame_log: Option<PathBuf> },
    /// A headless command.
    Command(Box<Request>),
}

/// A headless command with what all commands share.
#[derive(Debug)]
pub struct Request {
    library: Option<PathBuf>,
    command: Command,
}

/// Reads the command line; an error has been explained already.
pub fn parse() -> Result<Invocation, ExitCode> {
    match CommandLine::try_parse() {
        Ok(CommandLine { library, frame_log, command: None }) => {
            Ok(Invocation::Window { library, frame_log })
        }
        Ok(CommandLine { library, command: Some(command), .. }) => {
            Ok(Invocation::Command(Box::new(Request { library, command })))
        }
        Err(answer) => {
            let exit = if answer.use_stderr() { Exit::BadInput } else { Exit::Pass };
            // Nobody listens: nothing can be done about it.
            let _ = answer.print();
            Err(exit.into())
        }
    }
}

/// Does what a headless command asks for, and says in words and exit code how it went.
pub fn obey(request: Request) -> ExitCode {
    panic::set_hook(Box::new(explain_fault));
    // Connections are open files, at the generator's end and at the sandbox's.
    engine::raise_open_files();
    unless_it_panics(|| match dispatch(&request) {
        Ok(exit) => exit,
        Err(error) => {
            complain(&format!("error: {error}"));
            error.exit()
        }
    })
    .into()
}

/// Says that this build has no window, and what it has.
pub fn explain_missing_window() -> ExitCode {
    complain(
        "This build of Stagewright has no window; use a command: `stagewright run quickstart` does the main job, \
         `stagewright --help` lists run, search, validate, send, monitors, runs, compare, trend, noise, stats, capacity, what-if, \
         report, calibrate, sandbox and presets.",
    );
    Exit::BadInput.into()
}

fn dispatch(request: &Request) -> Result<Exit, CliError> {
    let place = LibraryPlace(request.library.as_deref());
    match &request.command {
        Command::Run(args) => run::run(args, place),
        Command::Search(args) => search::search(args, place),
        Command::Validate(args) => validate::validate(args, place),
        Command::Send(args) => send::send(args, place),
        Command::Monitors(args) => monitors::monitors(args, place),
        Command::Runs(command) => runs::obey(command, place),
        Command::Compare(args) => compare::compare(args, place),
        Command::Trend(args) => trend::trend(args, place),
        Command::Noise(args) => noise::noise(args, place),
        Command::Stats(args) => stats::stats(args),
        Command::Capacity(args) => capacity::capacity(args, place),
        Command::WhatIf(args) => what_if::what_if(args, place),
        Command::Report(args) => report::report(args, place),
        Command::Calibrate(args) => calibrate::calibrate(args, place),
        Command::Sandbox(args) => sandbox::serve(args),
        Command::Presets(command) => presets::obey(command, place),
    }
}

/// Where the run library is, or will be.
#[derive(Clone, Copy)]
struct LibraryPlace<'a>(Option<&'a Path>);

impl LibraryPlace<'_> {
    fn path(self) -> Result<PathBuf, CliError> {
        match self.0 {
            Some(path) => Ok(path.to_owned()),
            None => Ok(default_library_path()?),
        }
    }

    /// The analyst's own presets, which lie beside the library.
    fn own_presets(self) -> Result<OwnPresets, CliError> {
        Ok(OwnPresets::beside(&self.path()?))
    }

    /// The library, if there is one: asking for runs must not create it.
    fn open_existing(self) -> Result<Option<Library>, CliError> {
        let path = self.path()?;
        if path.exists() { Ok(Some(Library::open(&path)?)) } else { Ok(None) }
    }

    /// The library, where there must be one.
    fn open(self) -> Result<Library, CliError> {
        self.open_existing()?.ok_or_else(|| {
            let path = self.path().unwrap_or_default();
            CliError::BadInput(format!(
                "there are no runs yet; start one with `stagewright run quickstart`, or name another library with \
                 --library: {}",
                path.display()
            ))
        })
    }
}

fn unless_it_panics(work: impl FnOnce() -> Exit) -> Exit {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Fault)
}

fn explain_fault(info: &PanicHookInfo<'_>) {
    let what = info.payload_as_str().unwrap_or("no further words");
    let place =
        info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    complain(&format!(
        "error: Stagewright itself failed: {what}{place}. Runs are kept up to their last finished second, see \
         `stagewright runs list`. Please try again, and report this message if it comes back."
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_as_an_internal_fault() {
        assert_eq!(unless_it_panics(|| panic!("on purpose")), Exit::Fault);
        assert_eq!(unless_it_panics(|| Exit::Pass), Exit::Pass);
    }

    #[test]
    fn asking_for_runs_does_not_create_a_library() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("library.sqlite");
        assert!(LibraryPlace(Some(&path)).open_existing().unwrap().is_none());
        let message = LibraryPlace(Some(&path)).open().err().unwrap().to_string();
        assert!(message.contains("stagewright run quickstart"), "{message}");
        assert!(!path.exists());
    }
}
