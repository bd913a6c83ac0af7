//! What the window knows of this machine as a load generator.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Jobs, Outcome, Slot};
use crate::{
    engine,
    launch::{
        self, Advice, CalibrateOptions, CalibrationPart, KnownCalibration, calibrated_transport,
        keep_calibration, known_calibration,
    },
    metrics::Calibration,
    model::Scenario,
};

/// What this machine was measured to do, and how far a measurement under way is.
#[derive(Default)]
pub struct Machine {
    /// None until the library was asked.
    pub known: Option<KnownCalibration>,
    under_way: Option<Arc<AtomicUsize>>,
}

impl Machine {
    /// Asks the library.
    pub fn look_up(jobs: &mut Jobs) {
        jobs.on_library(Slot::Machine, |library| {
            let transport = calibrated_transport(CalibrateOptions::default());
            Outcome::MachineKnown(known_calibration(library, &transport).map_err(|error| error.to_string()))
        });
    }

    /// The part that is being measured; none when nothing is.
    pub fn measuring(&self) -> Option<CalibrationPart> {
        let index = self.under_way.as_ref()?.load(Ordering::Relaxed);
        CalibrationPart::ALL.get(index).copied()
    }

    /// Measures on a thread of its own.
    pub fn calibrate(&mut self, jobs: &mut Jobs) {
        let part_index = Arc::new(AtomicUsize::new(0));
        self.under_way = Some(Arc::clone(&part_index));
        let ctx = jobs.ctx().clone();
        jobs.spawn(Slot::Machine, move || {
            let measured = launch::calibrate(CalibrateOptions::default(), |part| {
                part_index.store(part.number() - 1, Ordering::Relaxed);
                ctx.request_repaint();
            });
            Outcome::Calibrated(measured.map_err(|error| error.to_string()))
        });
    }

    /// Takes a finished measurement in and keeps it.
    pub fn take(&mut self, measured: Result<Calibration, String>, jobs: &mut Jobs) -> Result<(), String> {
        self.under_way = None;
        let calibration = measured?;
        self.known = Some(KnownCalibration::Current(calibration.clone()));
        jobs.change(move |library| keep_calibration(library, &calibration).map(|()| None));
        Ok(())
    }

    /// The requests per second that this machine was measured to make over the scenario's transport.
    pub fn requests_per_sec(&self, scenario: &Scenario) -> Option<f64> {
        Some(self.calibration(scenario)?.requests_per_sec)
    }

    /// Why a scenario is likely to be too much for this machine.
    pub fn warning(&self, scenario: &Scenario) -> Option<String> {
        self.calibration(scenario)?;
        match launch::advice(self.known.as_ref()?, scenario, 1.0)? {
            Advice::Warning(text) => Some(text),
            Advice::Hint(_) => None,
        }
    }

    /// The calibration that holds for this machine and the scenario's transport.
    fn calibration(&self, scenario: &Scenario) -> Option<&Calibration> {
        let KnownCalibration::Current(calibration) = self.known.as_ref()? else { return None };
        (calibration.transport == engine::facts(scenario, None).transport).then_some(calibration)
    }
}
