//! Settings: what this machine can do as a load generator, and the button that measures it.

use egui::Ui;
use egui_material_icons::icons;

use crate::app::{
    command::{Command, Commands},
    state::Machine,
    theme, widgets,
};
use crate::humanize;
use crate::launch::{CalibrationPart, KnownCalibration};
use crate::metrics::Calibration;

/// `refusal` says why nothing can be measured now.
pub fn machine_ui(ui: &mut Ui, machine: &Machine, refusal: Option<&str>, commands: &mut Commands) {
    widgets::section_with(ui, "This machine", |ui| {
        let button = ui
            .add_enabled_ui(refusal.is_none(), |ui| widgets::button(ui, icons::ICON_SPEED, "Calibrate"))
            .inner
            .on_hover_text("Measures for 16 seconds how fast this machine can make requests")
            .on_disabled_hover_text(refusal.unwrap_or_default());
        if button.clicked() {
            commands.push(Command::Calibrate);
        }
    });
    // Words and no spinner: what moves on screen would take from the very machine that is being measured.
    if let Some(part) = machine.measuring() {
        let n_parts = CalibrationPart::ALL.len();
        ui.label(format!(
            "Measuring, {} of {n_parts}: {}. Leave the machine alone for a moment.",
            part.number(),
            part.words()
        ));
        return;
    }
    match &machine.known {
        Some(KnownCalibration::Current(calibration)) => figures_ui(ui, calibration),
        Some(KnownCalibration::Stale(_)) => {
            ui.label(
                "The calibration that is kept is of another machine or version, and is not used. Calibrate again to \
                 know what this one can do.",
            );
        }
        Some(KnownCalibration::None) => {
            ui.label(
                "Not measured yet. A calibration tells how many requests per second this machine can make, and what \
                 of a reading is its own.",
            );
        }
        // Known in a moment.
        None => {}
    }
}

fn figures_ui(ui: &mut Ui, calibration: &Calibration) {
    let workers = humanize::counted(u64::from(calibration.n_workers), "worker");
    let pair = |median, tail, tail_name| {
        format!("{} median · {} {tail_name}", humanize::latency(median), humanize::latency(tail))
    };
    let rough = if calibration.quick { ", rough" } else { "" };
    widgets::key_values(
        ui,
        "machine",
        &[
            ("Floor of service time", pair(calibration.floor_p50, calibration.floor_p99_9, "p99.9")),
            ("Start lag", pair(calibration.start_lag_p50, calibration.start_lag_p99, "p99")),
            ("Ceiling of one worker", humanize::rate(calibration.requests_per_sec_per_worker)),
            ("Ceiling of all", format!("{} · {workers}", humanize::rate(calibration.requests_per_sec))),
            ("Processor time per request", processor_time(calibration)),
            ("Transport", calibration.transport.clone()),
            ("Measured", format!("{}{rough}", humanize::moment(calibration.measured_at_unix_millis))),
        ],
    );
    ui.label(theme::small(
        ui,
        "Against a target within this program that answers at once. Runs carry these figures, and plans are held \
         against them.",
    ));
}

fn processor_time(calibration: &Calibration) -> String {
    if calibration.cpu_per_request.is_zero() {
        humanize::MISSING.to_owned()
    } else {
        humanize::fine_time(calibration.cpu_per_request)
    }
}
