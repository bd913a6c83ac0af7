//! The window: views borrow state and queue [`Command`](command::Command)s; one dispatcher obeys.

mod actions;
mod c_heap;
#[cfg(test)]
mod canvas_tests;
mod charts;
pub mod command;
mod compare;
#[cfg(test)]
mod compare_tests;
#[cfg(test)]
mod data_tests;
mod design;
#[cfg(test)]
mod design_tests;
mod dispatch;
#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod editor_tests;
mod files;
mod history;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod interleave_tests;
#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod monitor_tests;
#[cfg(test)]
mod once_tests;
mod own_presets;
mod pacing;
#[cfg(test)]
mod preset_tests;
#[cfg(test)]
mod queue_tests;
mod queueing;
mod receive;
mod report;
#[cfg(test)]
mod resource_tests;
mod run;
#[cfg(test)]
mod run_table_tests;
#[cfg(test)]
mod run_tests;
mod running;
mod runs;
mod sandbox_panel;
#[cfg(test)]
mod sandbox_tests;
#[cfg(test)]
mod screen_tests;
mod search;
mod sending;
#[cfg(test)]
mod service_levels_tests;
mod settings;
mod shell;
mod state;
#[cfg(test)]
mod tests;
pub mod theme;
mod tour;
#[cfg(test)]
mod tour_tests;
mod trend;
#[cfg(test)]
mod trend_tests;
mod what_if;
mod widgets;
mod window;

use std::{
    panic::AssertUnwindSafe,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

pub use window::StagewrightApp;

use state::OpenedLibrary;

use crate::{engine, store};

/// Bad surroundings, as for the headless commands.
const EXIT_UNUSABLE: u8 = 3;
/// A fault of the program, as for the headless commands.
const EXIT_FAULT: u8 = 4;

/// Opens the window and returns when it is closed; `frame_log` is where to write what each frame cost.
pub fn run(library: Option<PathBuf>, frame_log: Option<PathBuf>) -> ExitCode {
    let library = match library.map_or_else(store::default_library_path, Ok) {
        Ok(path) => path,
        Err(error) => return refuse(&error.to_string()),
    };
    // Runs are made from here, and connections are open files.
    engine::raise_open_files();
    c_heap::keep_between_frames();
    if cfg!(target_os = "linux") && !has_display() {
        return refuse("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)");
    }
    // A missing system library makes a dependency panic while the window opens; its words say which one.
    // They are for one sentence of ours, so the hook that prints them stays away until the window is there.
    let usual_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let opened = Arc::new(AtomicBool::new(false));
    let note_opened = {
        let opened = Arc::clone(&opened);
        move || {
            opened.store(true, Ordering::Relaxed);
            std::panic::set_hook(usual_hook);
        }
    };
    match std::panic::catch_unwind(AssertUnwindSafe(move || open(library, frame_log, note_opened))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => refuse(plain_words(&error.to_string())),
        Err(_) if opened.load(Ordering::Relaxed) => {
            eprintln!(
                "The window ended by a fault of the program, described above. The open scenario and all finished \
                 seconds of a run are kept: start again to go on."
            );
            ExitCode::from(EXIT_FAULT)
        }
        Err(panic) => refuse(panic_words(panic.as_ref())),
    }
}

fn open(library: PathBuf, frame_log: Option<PathBuf>, note_opened: impl FnOnce()) -> eframe::Result {
    let persistence_path = library.with_extension("window.ron");
    let library = OpenedLibrary::open(library);
    let scale = library.scale();
    let viewport = egui::ViewportBuilder::default()
        .with_title("Stagewright")
        .with_app_id("stagewright")
        .with_inner_size(egui::vec2(1280.0, 800.0) / scale)
        .with_min_inner_size(egui::vec2(960.0, 620.0) / scale);
    let options = eframe::NativeOptions {
        viewport,
        // Beside the library, so that windows of different libraries do not share their place.
        persistence_path: Some(persistence_path),
        // Nothing here fades over so many pixels that bands would show; without a graphics card it is the dearest
        // part of a frame.
        dithering: false,
        ..eframe::NativeOptions::default()
    };
    let create: eframe::AppCreator<'_> = Box::new(|cc| {
        note_opened();
        Ok(Box::new(StagewrightApp::of(&cc.egui_ctx, library).logging_frames(frame_log).preparing_glyphs()))
    });
    eframe::run_native_ext("Stagewright", options, Some(context(scale)), create)
}

/// As eframe makes it, but with a scale from the beginning: the kept size of a window is in points of that scale.
fn context(scale: f32) -> egui::Context {
    let ctx = egui::Context::default();
    ctx.set_embed_viewports(false);
    ctx.options_mut(|options| {
        options.max_passes = const { std::num::NonZeroUsize::new(2).unwrap() };
        options.zoom_factor = scale;
    });
    ctx
}

/// The window system's errors begin with a place in its source, which helps nobody here.
fn plain_words(error: &str) -> &str {
    match error.rsplit_once(".rs:") {
        Some((_, rest)) => rest.split_once(": ").map_or(error, |(_, words)| words),
        None => error,
    }
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn refuse(reason: &str) -> ExitCode {
    let reason = reason.trim_end_matches('.');
    eprintln!(
        "The window cannot open: {reason}. Without a window, `stagewright run SCENARIO` does the same work, \
         for example `stagewright run quickstart`."
    );
    ExitCode::from(EXIT_UNUSABLE)
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the window system failed")
}
