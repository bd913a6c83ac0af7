//! The window as eframe sees it: `logic` receives and saves, `ui` draws and then obeys.

use std::path::PathBuf;

use egui::{CentralPanel, Context, RawInput, Ui, ViewportCommand, Visuals};

use super::{
    actions,
    command::{Commands, View},
    compare::compare_ui,
    design::{Desk, design_ui},
    history::history_ui,
    report::report_ui,
    run::run_ui,
    sandbox_panel::sandbox_panel_ui,
    settings::settings_ui,
    shell::{self, Dialog},
    state::{OpenedLibrary, State},
    theme::{self, GlyphMaker},
    tour::tour_ui,
};

/// The application behind the window.
pub struct StagewrightApp {
    state: State,
    commands: Commands,
    /// None where nobody waits for a first frame.
    glyphs: Option<GlyphMaker>,
}

impl StagewrightApp {
    pub fn new(ctx: &Context, library: PathBuf) -> Self {
        Self::of(ctx, OpenedLibrary::open(library))
    }

    /// With a library that is open already.
    pub fn of(ctx: &Context, library: OpenedLibrary) -> Self {
        theme::install(ctx);
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        Self { state: State::of(ctx, library), commands: Commands::default(), glyphs: None }
    }

    /// Writes what each frame costs into this file, if there is one, when the window is closed.
    pub fn logging_frames(mut self, path: Option<PathBuf>) -> Self {
        path.into_iter().for_each(|path| self.state.pacer.keep_log(path));
        self
    }

    /// Draws letters before they are needed, while no run is under way.
    pub fn preparing_glyphs(mut self) -> Self {
        self.glyphs = Some(GlyphMaker::default());
        self
    }

    /// Does at once what a view would ask for: the door for whoever drives the window without eyes.
    pub fn obey(&mut self, ctx: &Context, command: super::command::Command) {
        self.state.obey(ctx, command);
    }

    fn screen_ui(&mut self, ui: &mut Ui) {
        let (state, commands) = (&mut self.state, &mut self.commands);
        match state.view {
            View::Design => {
                let desk = Desk {
                    bench: &state.bench,
                    run_state: &state.run_state,
                    shelf: &state.shelf,
                    machine: &state.machine,
                    once: &state.once,
                    tests: &state.probe_tests,
                };
                design_ui(ui, &mut state.design, &desk, commands)
            }
            View::Run => {
                run_ui(ui, &mut state.run, &state.run_state, &state.bench, &state.shelf, commands);
            }
            View::History => history_ui(ui, &mut state.history, &state.shelf, commands),
            View::Compare => compare_ui(ui, &mut state.compare, &state.shelf, commands),
            View::Report => report_ui(ui, &mut state.report, &state.shelf, commands),
            View::Settings => {
                settings_ui(ui, state, commands);
            }
        }
    }

    fn obey_all(&mut self, ctx: &Context) {
        let mut any = false;
        for command in self.commands.take() {
            self.state.obey(ctx, command);
            any = true;
        }
        if any {
            ctx.request_repaint();
        }
    }

    #[cfg(test)]
    pub fn state(&self) -> &State {
        &self.state
    }

    #[cfg(test)]
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl eframe::App for StagewrightApp {
    // The first that is called when the window wakes, seen or unseen.
    fn raw_input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        let is_visible = input.viewport().visible().unwrap_or(true);
        self.state.pacer.begin(is_visible, self.state.run_state.is_busy());
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let state = &mut self.state;
        while let Some(outcome) = state.jobs.next() {
            state.receive(outcome);
        }
        state.watch_run();
        state.once.take_steps();
        while let Some(news) = state.file_watch.next() {
            state.receive_file_news(news);
        }
        state.file_watch.follow(&state.bench);
        state.show_file_change();
        let queue_wait = state.follow_queue(ctx);
        state.follow_tour();
        let sandbox_wait = state.follow_sandbox();
        let waits = [
            queue_wait,
            sandbox_wait,
            state.messages.fade(),
            state.edit_keeper.keep(&state.bench, &mut state.jobs, false),
            state.run_state.is_busy().then(|| state.pacer.pace().wait()),
        ];
        if let Some(wait) = waits.into_iter().flatten().min() {
            ctx.request_repaint_after(wait);
        }
        let is_to_ask = state.run_state.is_busy() || (state.queue.goes_on() && state.closing.is_none());
        if ctx.input(|input| input.viewport().close_requested()) && is_to_ask {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            if state.closing.is_none() {
                state.dialog = Some(Dialog::Closing);
            }
        } else if state.closing.is_some() && !state.run_state.is_busy() {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.state.pacer.draws();
        let is_free = self.state.dialog.is_none() && !self.state.gallery.is_open;
        if is_free {
            for command in actions::pressed(ui.ctx()) {
                self.commands.push(command);
            }
        }
        shell::rail_ui(ui, &self.state, &mut self.commands);
        shell::top_bar_ui(ui, &self.state, &mut self.commands);
        shell::status_bar_ui(ui, &self.state, &mut self.commands);
        tour_ui(ui, &self.state.tour, &mut self.commands);
        sandbox_panel_ui(ui, &mut self.state, &mut self.commands);
        // The page has its colour already: see `clear_color`.
        let screen = CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.screen_ui(ui));
        shell::gallery_ui(ui, &mut self.state, &mut self.commands);
        shell::palette_ui(ui, &mut self.state, &mut self.commands);
        shell::dialog_ui(ui, &mut self.state, &mut self.commands);
        let corner = screen.response.rect.right_bottom();
        shell::toasts_ui(ui, &self.state.messages, corner, &mut self.commands);
        if self.state.frame_costs_shown {
            shell::frame_costs_ui(ui, &self.state.pacer, &mut self.commands);
        }
        let ctx = ui.ctx().clone();
        if let Some(glyphs) = &mut self.glyphs
            && !self.state.run_state.is_busy()
            && glyphs.make_some(&ctx)
        {
            ctx.request_repaint();
        }
        self.obey_all(&ctx);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let state = &mut self.state;
        if let Err(error) = state.pacer.finish() {
            eprintln!("What frames cost was not written: {error}");
        }
        state.edit_keeper.keep(&state.bench, &mut state.jobs, true);
        state.sandbox.stop();
        state.jobs.finish();
    }

    /// What is cleared needs no painting: a layer less over the whole window.
    fn clear_color(&self, visuals: &Visuals) -> [f32; 4] {
        theme::colors_of(visuals).page.to_normalized_gamma_f32()
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}
