//! What this machine was measured to do: kept with the library, held against plans before they run.

use crate::analysis::peak_requests_per_sec;
use crate::humanize;
use crate::metrics::{Calibration, Environment};
use crate::model::{Plan, Scenario};
use crate::monitor;
use crate::store::{Library, StoreError};

/// Below this rate any machine will do, and nobody needs to be told to measure theirs.
const WORTH_A_CALIBRATION_PER_SEC: f64 = 2_000.0;

/// What the library knows of this machine, for one transport.
#[derive(Clone, Debug, PartialEq)]
pub enum KnownCalibration {
    None,
    /// Of another machine or another version of this program: not used.
    Stale(Calibration),
    Current(Calibration),
}

/// What is to be said before a plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The plan asks for more than this machine makes.
    Warning(String),
    /// It is not known whether it does.
    Hint(String),
}

impl KnownCalibration {
    /// The calibration, if it holds here and now.
    pub fn current(self) -> Option<Calibration> {
        match self {
            Self::Current(calibration) => Some(calibration),
            Self::Stale(_) | Self::None => None,
        }
    }

    fn of(kept: Option<Calibration>, machine: &str) -> Self {
        match kept {
            None => Self::None,
            Some(calibration) if calibration.machine == machine => Self::Current(calibration),
            Some(calibration) => Self::Stale(calibration),
        }
    }
}

/// Keeps a calibration in place of the one before for the same transport.
pub fn keep_calibration(library: &Library, calibration: &Calibration) -> Result<(), StoreError> {
    let text = serde_json::to_string(calibration).expect("numbers and texts can always be written as JSON");
    library.keep_setting(&key(&calibration.transport), &text)
}

/// What the library knows of this machine, for a transport by its name.
pub fn known_calibration(library: &Library, transport: &str) -> Result<KnownCalibration, StoreError> {
    // One that cannot be read was kept by a version that wrote it otherwise, and does not hold for this one.
    let kept = library.setting(&key(transport))?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(KnownCalibration::of(kept, &this_machine()))
}

/// What is to be said of a plan of the open model before it runs; `scenario` is valid.
pub fn advice(known: &KnownCalibration, scenario: &Scenario, time_scale: f64) -> Option<Advice> {
    let peak = peak_requests_per_sec(scenario, &Plan::new(scenario, time_scale))?;
    let asked = humanize::rate(peak);
    match known {
        KnownCalibration::Current(calibration) if peak > calibration.requests_per_sec => {
            let most = humanize::rate(calibration.requests_per_sec);
            Some(Advice::Warning(format!(
                "the plan asks for requests at up to {asked}, and this machine was measured to make at most {most} \
                 against a target that answers at once. Expect it to fall behind; ask for less, or use a faster \
                 machine"
            )))
        }
        KnownCalibration::Current(_) => None,
        _ if peak <= WORTH_A_CALIBRATION_PER_SEC => None,
        KnownCalibration::Stale(_) => Some(Advice::Hint(format!(
            "the plan asks for requests at up to {asked}; the calibration that is kept is of another machine or \
             version and is not used. `stagewright calibrate` measures this one in 20 s"
        ))),
        KnownCalibration::None => Some(Advice::Hint(format!(
            "the plan asks for requests at up to {asked}; whether this machine can make them is not known. \
             `stagewright calibrate` measures it in 20 s"
        ))),
    }
}

/// The machine and program that a calibration holds for, as text.
pub(super) fn this_machine() -> String {
    machine_text(&monitor::environment())
}

fn machine_text(environment: &Environment) -> String {
    let Environment { host_name, cpu, n_cpus, os, stagewright_version, .. } = environment;
    // A build for debugging is several times slower.
    let build = if cfg!(debug_assertions) { ", debug build" } else { "" };
    format!("{host_name}: {n_cpus} × {cpu}, {os}, Stagewright {stagewright_version}{build}")
}

fn key(transport: &str) -> String {
    format!("calibration.{transport}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parse_scenario;

    fn calibration(transport: &str, requests_per_sec: f64) -> Calibration {
        Calibration {
            machine: this_machine(),
            transport: transport.to_owned(),
            requests_per_sec,
            ..Calibration::default()
        }
    }

    #[test]
    fn a_calibration_is_kept_for_its_transport_and_holds_for_its_machine() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library.sqlite")).unwrap();
        assert_eq!(known_calibration(&library, "wire").unwrap(), KnownCalibration::None);
        let here = calibration("wire", 50_000.0);
        keep_calibration(&library, &here).unwrap();
        assert_eq!(known_calibration(&library, "wire").unwrap().current(), Some(here.clone()));
        assert_eq!(known_calibration(&library, "reqwest").unwrap(), KnownCalibration::None);
        let elsewhere = Calibration { machine: "another".to_owned(), ..here };
        keep_calibration(&library, &elsewhere).unwrap();
        assert_eq!(known_calibration(&library, "wire").unwrap(), KnownCalibration::Stale(elsewhere));
        library.keep_setting(&key("wire"), "not JSON").unwrap();
        assert_eq!(known_calibration(&library, "wire").unwrap(), KnownCalibration::None);
    }

    #[test]
    fn another_version_or_processor_is_another_machine() {
        let here = Environment { cpu: "A".to_owned(), n_cpus: 8, ..Environment::default() };
        let check = |other: Environment| assert_ne!(machine_text(&here), machine_text(&other));
        check(Environment { n_cpus: 4, ..here.clone() });
        check(Environment { cpu: "B".to_owned(), ..here.clone() });
        check(Environment { stagewright_version: "9".to_owned(), ..here.clone() });
    }

    #[test]
    fn advice_depends_on_what_is_asked_and_what_is_known() {
        let check = |known: KnownCalibration, rate: u32, expected: &str| {
            let text = format!(
                "format = 1\nname = \"a\"\nbase_url = \"sandbox:\"\n[load]\nmodel = \"open\"\n\
                 [[load.stages]]\nname = \"a\"\nduration = \"1s\"\nrate = {rate}\nshape = \"step\"\n\
                 [[journeys]]\nname = \"a\"\n[[journeys.steps]]\nname = \"a\"\npath = \"/\"\n"
            );
            let (scenario, _) = parse_scenario(&text).unwrap();
            let words = match advice(&known, &scenario, 1.0) {
                None => String::new(),
                Some(Advice::Warning(text)) => format!("warning: {text}"),
                Some(Advice::Hint(text)) => format!("hint: {text}"),
            };
            assert!(words.contains(expected) && words.is_empty() == expected.is_empty(), "{rate}: {words}");
        };
        let current = || KnownCalibration::Current(calibration("wire", 50_000.0));
        check(current(), 49_000, "");
        check(current(), 51_000, "warning: the plan asks for requests at up to 51,000/s");
        check(KnownCalibration::None, 2_000, "");
        check(KnownCalibration::None, 3_000, "hint: the plan asks for requests at up to 3,000/s");
        check(KnownCalibration::Stale(calibration("wire", 1.0)), 2_000, "");
        check(KnownCalibration::Stale(calibration("wire", 1.0)), 3_000, "another machine or version");
    }
}
