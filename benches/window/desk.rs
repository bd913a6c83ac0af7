//! The window without a display: frames are asked for one by one and timed.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use eframe::App as _;
use egui::{
    Context, Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, TouchPhase,
    accesskit::{Node, TreeUpdate},
    vec2,
};
use stagewright::app::{StagewrightApp, command::Command};

const FRAMES_PER_SEC: f64 = 60.0;

/// A window of 1280 by 800 points.
pub struct Desk {
    ctx: Context,
    frame: eframe::Frame,
    app: StagewrightApp,
    n_frames: u64,
}

impl Desk {
    pub fn new(folder: &Path) -> Self {
        let ctx = Context::default();
        let app = StagewrightApp::new(&ctx, folder.join("library.sqlite"));
        let mut desk = Self { ctx, frame: eframe::Frame::_new_kittest(), app, n_frames: 0 };
        desk.settle();
        desk
    }

    /// Does what a button would ask for.
    pub fn obey(&mut self, command: Command) {
        self.app.obey(&self.ctx, command);
        self.settle();
    }

    /// Closes the window; what was open is found again by the next one with the same library.
    pub fn leave(mut self) {
        self.app.on_exit(None);
    }

    /// Does what a button would ask for, and tells how long it took until a frame showed this text.
    pub fn time_until(&mut self, command: Command, text: &str) -> Duration {
        self.ctx.enable_accesskit();
        self.draw(Vec::new());
        let begun = Instant::now();
        self.app.obey(&self.ctx, command);
        loop {
            let (_, tree) = self.draw_with(Vec::new());
            let nodes = tree.map(|tree| tree.nodes).unwrap_or_default();
            if nodes.iter().any(|(_, node)| node.label() == Some(text) || node.value() == Some(text)) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "«{text}» never came");
            std::thread::sleep(Duration::from_millis(1));
        }
        let took = begun.elapsed();
        self.ctx.disable_accesskit();
        took
    }

    /// Does what a button would ask for; the next frame is the first that shows it.
    pub fn obey_unsettled(&mut self, command: Command) {
        self.app.obey(&self.ctx, command);
    }

    /// Draws for so long.
    pub fn settle_for(&mut self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.settle();
        }
    }

    /// Draws until what jobs bring has come.
    pub fn settle(&mut self) {
        for _ in 0..20 {
            self.draw(Vec::new());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Draws one frame with these events, and tells how long that took.
    pub fn draw(&mut self, events: Vec<Event>) -> Duration {
        self.draw_with(events).0
    }

    fn draw_with(&mut self, events: Vec<Event>) -> (Duration, Option<TreeUpdate>) {
        self.n_frames += 1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1280.0, 800.0))),
            time: Some(self.n_frames as f64 / FRAMES_PER_SEC),
            focused: true,
            events,
            ..RawInput::default()
        };
        let begun = Instant::now();
        let (app, frame) = (&mut self.app, &mut self.frame);
        let mut output = self.ctx.run_ui(input, |ui| {
            let ctx = ui.ctx().clone();
            app.logic(&ctx, frame);
            app.ui(ui, frame);
        });
        let shapes = std::mem::take(&mut output.shapes);
        std::hint::black_box(self.ctx.tessellate(shapes, output.pixels_per_point));
        let cost = begun.elapsed();
        // Nobody paints here, and textures must not be dropped unseen.
        output.textures_delta.clear();
        (cost, output.platform_output.accesskit_update.take())
    }

    /// The middle of the widget with this name, as a screen reader is told.
    pub fn place_of(&mut self, label: &str) -> Option<Pos2> {
        self.ctx.enable_accesskit();
        self.draw(Vec::new());
        let (_, tree) = self.draw_with(Vec::new());
        self.ctx.disable_accesskit();
        let tree = tree?;
        let is_it = |node: &Node| node.label() == Some(label) || node.value() == Some(label);
        let (_, node) = tree.nodes.iter().find(|(_, node)| is_it(node))?;
        let bounds = node.bounds()?;
        Some(Pos2::new(((bounds.x0 + bounds.x1) / 2.0) as f32, ((bounds.y0 + bounds.y1) / 2.0) as f32))
    }

    /// Turns the wheel by so many points in each frame, down for most of each round and up again for the rest.
    pub fn scroll(
        &mut self,
        over: Pos2,
        n_frames: usize,
        points: f32,
        (n_down, n_round): (usize, usize),
    ) -> Vec<Duration> {
        self.draw(vec![Event::PointerMoved(over)]);
        let wheel = |frame: usize| Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, if frame % n_round < n_down { -points } else { points }),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        };
        (0..n_frames).map(|frame| self.draw(vec![wheel(frame)])).collect()
    }

    /// Clicks so many times, and tells what the frame after each click took.
    pub fn time_clicks(&mut self, label: &str, n_clicks: usize) -> Vec<Duration> {
        let at = self.place_of(label).unwrap_or_else(|| panic!("there is no «{label}» in the window"));
        let click = |_| {
            self.draw(vec![Event::PointerMoved(at)]);
            self.draw(vec![button(at, true)]);
            self.draw(vec![button(at, false)])
        };
        (0..n_clicks).map(click).collect()
    }

    pub fn click(&mut self, label: &str) {
        let at = self.place_of(label).unwrap_or_else(|| panic!("there is no «{label}» in the window"));
        self.draw(vec![Event::PointerMoved(at)]);
        self.draw(vec![button(at, true)]);
        self.draw(vec![button(at, false)]);
        self.settle();
    }
}

pub fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}
