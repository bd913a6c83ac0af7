//! Drives the real window: its own X server, widgets found by label, true pointer and key events.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use egui::{
    Event, Key, Modifiers, PointerButton, Pos2, Rect,
    accesskit::{Node, Role},
};
use egui_inspection::{Request, Response, protocol};

/// Longest wait for anything that takes no load to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// No window has more widgets to walk through.
const MOST_TABS: usize = 400;

/// Windows draw in software, which takes all that a small machine has: one test at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Waits for the tests before; it is this one's turn until what is returned is dropped.
pub fn turn() -> MutexGuard<'static, ()> {
    // A test that failed leaves nothing behind that could be broken.
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A window under test with its X server; both end when dropped.
pub struct Window {
    stream: TcpStream,
    program: Child,
    x_server: Child,
    screenshots: PathBuf,
}

/// One widget of the window.
#[derive(Clone, Debug)]
pub struct Widget {
    pub label: String,
    pub value: String,
    pub role: Role,
    pub rect: Rect,
}

fn button(at: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

/// Whether any widget says this, as its label or its value.
pub fn has(widgets: &[Widget], text: &str) -> bool {
    widgets.iter().any(|widget| widget.label.contains(text) || widget.value.contains(text))
}

impl Window {
    /// Opens the program's window with its own library.
    pub fn open(library: &Path, screenshots: &Path) -> Self {
        let (x_server, display) = start_x_server();
        let port = free_port();
        let program = Command::new(env!("CARGO_BIN_EXE_stagewright"))
            .arg("--library")
            .arg(library)
            .env("DISPLAY", &display)
            .env_remove("WAYLAND_DISPLAY")
            .env("EGUI_INSPECTION", format!("127.0.0.1:{port}"))
            .spawn()
            .expect("the program starts");
        let stream = connect(port);
        let mut window = Self { stream, program, x_server, screenshots: screenshots.to_owned() };
        std::fs::create_dir_all(screenshots).expect("the folder for screenshots can be made");
        window.wait_for("the rail", |widgets| widgets.iter().any(|widget| widget.label == "Design"));
        give_keyboard(&display);
        window
    }

    /// Ends the program as by `kill -9`.
    pub fn kill(mut self) {
        self.program.kill().expect("the program is there to be killed");
        self.program.wait().expect("a killed program ends");
    }

    fn ask(&mut self, request: &Request) -> Response {
        protocol::write_message(&self.stream, request).expect("the window takes a request");
        protocol::read_message(&self.stream).expect("the window answers")
    }

    pub fn apply(&mut self, events: Vec<Event>) {
        let Response::Done = self.ask(&Request::ApplyEvents { events }) else {
            panic!("the window did not take the events");
        };
    }

    /// All widgets with their place in the window.
    pub fn widgets(&mut self) -> Vec<Widget> {
        let Response::Tree { accesskit: Some(tree), .. } = self.ask(&Request::GetTree) else {
            panic!("the window has no widget tree");
        };
        tree.nodes.iter().map(|(_, node)| widget(node)).collect()
    }

    /// Waits until `is_met` holds for the widgets, and returns them.
    pub fn wait_for(&mut self, what: &str, is_met: impl Fn(&[Widget]) -> bool) -> Vec<Widget> {
        self.wait_within(PATIENCE, what, is_met)
    }

    pub fn wait_within(
        &mut self,
        patience: Duration,
        what: &str,
        is_met: impl Fn(&[Widget]) -> bool,
    ) -> Vec<Widget> {
        let since = Instant::now();
        loop {
            let widgets = self.widgets();
            if is_met(&widgets) {
                return widgets;
            }
            if since.elapsed() >= patience {
                self.screenshot("missing");
                let there: Vec<_> = widgets
                    .iter()
                    .filter(|widget| !widget.label.is_empty() || !widget.value.is_empty())
                    .map(|widget| format!("{:?} «{}» «{}»", widget.role, widget.label, widget.value))
                    .collect();
                panic!("{what} did not appear within {patience:?}; there are:\n{}", there.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The first widget whose label is `label`, once it is there.
    pub fn find(&mut self, label: &str) -> Widget {
        let widgets = self.wait_for(&format!("«{label}»"), |widgets| {
            widgets.iter().any(|widget| widget.label == label && widget.rect.area() > 0.0)
        });
        widgets
            .into_iter()
            .find(|widget| widget.label == label && widget.rect.area() > 0.0)
            .expect("just seen")
    }

    pub fn click(&mut self, label: &str) {
        let at = self.find(label).rect.center();
        self.click_at(at);
    }

    /// Clicks the first widget whose label contains `text`.
    pub fn click_containing(&mut self, text: &str) {
        let is_it = |widget: &&Widget| widget.label.contains(text) && widget.rect.area() > 0.0;
        let widgets =
            self.wait_for(&format!("«…{text}…»"), |widgets| widgets.iter().any(|w| is_it(&w)));
        let at = widgets.iter().find(is_it).expect("just seen").rect.center();
        self.click_at(at);
    }

    /// The label that starts with `start`.
    pub fn label_starting(&mut self, start: &str) -> String {
        let widgets = self.widgets();
        let found = widgets.into_iter().find(|widget| widget.label.starts_with(start));
        found.unwrap_or_else(|| panic!("no label starts with «{start}»")).label
    }

    pub fn click_at(&mut self, at: Pos2) {
        self.move_to(at);
        self.press_and_let_go(at);
    }

    pub fn double_click_at(&mut self, at: Pos2) {
        self.click_at(at);
        self.press_and_let_go(at);
    }

    /// Within one frame: a window that draws its first frames slowly would take a press of 0.8 s for no click.
    fn press_and_let_go(&mut self, at: Pos2) {
        self.apply([true, false].map(|pressed| button(at, pressed)).to_vec());
    }

    /// Clicks while the modifiers are held.
    pub fn click_with(&mut self, at: Pos2, modifiers: Modifiers) {
        self.hold(modifiers);
        self.click_at(at);
        self.hold(Modifiers::NONE);
    }

    /// Presses at one place, moves in ten steps and lets go at the other.
    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.drag_with(from, to, 10, Modifiers::NONE);
    }

    /// Presses at one place, moves in so many steps while the modifiers are held, and lets go at the other.
    pub fn drag_with(&mut self, from: Pos2, to: Pos2, n_steps: usize, modifiers: Modifiers) {
        self.move_to(from);
        self.hold(modifiers);
        self.button(from, true);
        for step in 1..=n_steps {
            self.move_to(from.lerp(to, step as f32 / n_steps as f32));
        }
        self.button(to, false);
        self.hold(Modifiers::NONE);
    }

    fn hold(&mut self, modifiers: Modifiers) {
        self.apply(vec![Event::ModifiersChanged(modifiers)]);
    }

    /// Presses Tab until the widget with this label has the focus.
    pub fn tab_to(&mut self, label: &str) {
        for _ in 0..MOST_TABS {
            if self.focused_label() == label {
                return;
            }
            self.key(Key::Tab, Modifiers::NONE);
        }
        panic!("«{label}» cannot be reached by the keyboard; now at «{}»", self.focused_label());
    }

    /// Waits until the widget with this label has the keyboard.
    pub fn wait_for_focus(&mut self, label: &str) {
        let since = Instant::now();
        while self.focused_label() != label {
            assert!(since.elapsed() < PATIENCE, "«{label}» did not get the keyboard");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn focused_label(&mut self) -> String {
        let Response::Tree { accesskit: Some(tree), .. } = self.ask(&Request::GetTree) else {
            panic!("the window has no widget tree");
        };
        let focused = tree.nodes.iter().find(|(id, _)| *id == tree.focus);
        focused.and_then(|(_, node)| node.label()).unwrap_or_default().to_owned()
    }

    /// Replaces the text of the field that has the focus.
    pub fn type_over(&mut self, text: &str) {
        self.key(Key::A, Modifiers::COMMAND);
        self.apply(vec![Event::Text(text.to_owned())]);
        self.key(Key::Enter, Modifiers::NONE);
    }

    /// Whether a text with these very words stands in the window.
    pub fn shows(&mut self, words: &str) -> bool {
        self.widgets().iter().any(|widget| widget.label == words || widget.value == words)
    }

    /// The place of the widget whose label starts with `start`.
    pub fn rect_starting(&mut self, start: &str) -> Rect {
        let found = self.widgets().into_iter().find(|widget| widget.label.starts_with(start));
        found.unwrap_or_else(|| panic!("no label starts with «{start}»")).rect
    }

    pub fn move_to(&mut self, at: Pos2) {
        self.apply(vec![Event::PointerMoved(at)]);
    }

    fn button(&mut self, at: Pos2, pressed: bool) {
        self.apply(vec![button(at, pressed)]);
    }

    pub fn key(&mut self, key: Key, modifiers: Modifiers) {
        if modifiers != Modifiers::NONE {
            self.hold(modifiers);
        }
        for pressed in [true, false] {
            self.apply(vec![Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }]);
        }
        if modifiers != Modifiers::NONE {
            self.hold(Modifiers::NONE);
        }
    }

    /// Replaces the text of the field with this label.
    pub fn fill(&mut self, label: &str, text: &str) {
        self.click(label);
        self.type_over(text);
    }

    /// Takes a picture of the window and keeps it as `NAME.png`.
    pub fn screenshot(&mut self, name: &str) {
        let png = self.png();
        std::fs::write(self.screenshots.join(format!("{name}.png")), png)
            .expect("a screenshot can be written");
    }

    /// The window's present pixels.
    pub fn picture(&mut self) -> image::RgbaImage {
        image::load_from_memory(&self.png()).expect("the window sends a picture").into_rgba8()
    }

    fn png(&mut self) -> Vec<u8> {
        self.ask(&Request::Settle { max_steps: 20 });
        match self.ask(&Request::GetScreenshot { pixels_per_point: None }) {
            Response::Screenshot(png) => png.bytes,
            other => panic!("the window sends no picture: {other:?}"),
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        for child in [&mut self.program, &mut self.x_server] {
            // Both may be gone already; then there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A widget with its rectangle in window points.
fn widget(node: &Node) -> Widget {
    let bounds = node.bounds().unwrap_or_default();
    Widget {
        label: node.label().unwrap_or_default().to_owned(),
        value: node.value().unwrap_or_default().to_owned(),
        role: node.role(),
        rect: Rect::from_min_max(
            Pos2::new(bounds.x0 as f32, bounds.y0 as f32),
            Pos2::new(bounds.x1 as f32, bounds.y1 as f32),
        ),
    }
}

/// Starts an X server on a display of its own choice.
fn start_x_server() -> (Child, String) {
    let mut x_server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed (Debian package xvfb)");
    let mut line = String::new();
    let mut stdout = BufReader::new(x_server.stdout.take().expect("its output is piped"));
    stdout.read_line(&mut line).expect("Xvfb names its display");
    (x_server, format!(":{}", line.trim()))
}

/// Gives the program's window the keyboard, as a window manager would.
fn give_keyboard(display: &str) {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::{ConnectionExt as _, InputFocus, MapState};
    let (connection, screen) = x11rb::connect(Some(display)).expect("the X server takes a connection");
    let root = connection.setup().roots[screen].root;
    // Beside the window there are helpers of a pixel.
    let area = |window: u32| {
        let attributes = connection.get_window_attributes(window).ok()?.reply().ok()?;
        let size = connection.get_geometry(window).ok()?.reply().ok()?;
        (attributes.map_state == MapState::VIEWABLE).then(|| u32::from(size.width) * u32::from(size.height))
    };
    let since = Instant::now();
    loop {
        let tree = connection.query_tree(root).expect("the X server is there").reply();
        let windows = tree.expect("the root has windows").children;
        let window = windows.into_iter().filter_map(|window| Some((area(window)?, window))).max();
        if let Some((_, window)) = window {
            let asked = connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME);
            let taken = asked.is_ok_and(|cookie| cookie.check().is_ok());
            let focus = connection.get_input_focus().expect("the X server is there").reply();
            if taken && focus.is_ok_and(|focus| focus.focus == window) {
                return;
            }
        }
        assert!(since.elapsed() < PATIENCE, "the window does not take the keyboard");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    listener.local_addr().expect("a bound listener has an address").port()
}

fn connect(port: u16) -> TcpStream {
    let since = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(mut stream) => {
                let mut handshake = [0; 8];
                stream.read_exact(&mut handshake).expect("the window greets");
                protocol::decode_handshake(handshake).expect("the window speaks the protocol");
                return stream;
            }
            Err(error) if since.elapsed() > PATIENCE => panic!("the window did not open: {error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
