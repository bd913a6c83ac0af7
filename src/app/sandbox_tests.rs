//! The Sandbox panel by label and role, on a stand-in that says and takes what a sandbox does.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
};

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, View},
    sandbox_panel::SandboxCommand,
    tests::Window,
};
use crate::sandbox::{SandboxChange, SandboxState};

/// Answers `/control` as a sandbox does; its thread ends with the tests.
pub(super) struct StandIn {
    pub base_url: String,
    state: Arc<Mutex<SandboxState>>,
}

impl StandIn {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(SandboxState::default()));
        let of_thread = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &mut of_thread.lock().unwrap());
            }
        });
        Self { base_url, state }
    }

    pub fn state(&self) -> MutexGuard<'_, SandboxState> {
        self.state.lock().unwrap()
    }
}

fn answer(stream: TcpStream, state: &mut SandboxState) {
    let mut reader = BufReader::new(&stream);
    let (mut first, mut n_body) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(length) = line.to_lowercase().strip_prefix("content-length:") {
            n_body = length.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; n_body];
    reader.read_exact(&mut body).unwrap();
    if first.starts_with("POST") {
        let change: SandboxChange = serde_json::from_slice(&body).unwrap();
        state.error_ratio = change.error_ratio.unwrap_or(state.error_ratio);
        state.switches = change.switches.of(state.switches);
    }
    let text = serde_json::to_string(state).unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    let length = text.len();
    // Whoever asked may be gone.
    let _ = write!(&stream, "{head}\r\ncontent-length: {length}\r\n\r\n{text}");
}

impl Window {
    /// The window's own sandbox is the stand-in.
    pub fn stand(&mut self, stand_in: &StandIn) {
        let state = self.harness.state_mut().state_mut();
        state.sandbox.stand(stand_in.base_url.clone(), None);
        self.wait_for("what the sandbox is like", |state| {
            state.sandbox.standing().is_some_and(|up| up.state().is_some())
        });
    }

    fn open_panel(&mut self) {
        self.obey(Command::Sandbox(SandboxCommand::TogglePanel));
    }
}

#[test]
fn the_panel_says_why_it_cannot_start_with_what_is_written() {
    let mut window = Window::open();
    window.open_panel();
    assert!(window.shows("STOPPED") && window.shows("It stays up between runs"));
    window.fill("Workers of the queue", "none");
    assert!(window.shows("Workers of the queue: use a whole number"));
    let refusal = window.state().refusal(&Command::Sandbox(SandboxCommand::Start));
    assert!(refusal.is_some_and(|why| why.contains("such as 4")));
    window.click("Close the Sandbox panel");
    assert!(!window.shows("STOPPED"));
}

#[test]
fn switches_and_error_share_change_the_sandbox_and_its_counts_show() {
    let stand_in = StandIn::start();
    {
        let mut state = stand_in.state();
        (state.n_received, state.n_statements) = (12_345, 678);
        state.n_received_by_route.insert("GET /education/courses".to_owned(), 4_321);
    }
    let mut window = Window::open();
    window.open_panel();
    window.stand(&stand_in);
    for words in ["UP", "12,345", "678", "education", "4,321", stand_in.base_url.as_str()] {
        assert!(window.shows(words), "{words}");
    }
    assert!(window.shows(&format!("{}/admin", stand_in.base_url)));
    window.harness.get_by_role_and_label(Role::CheckBox, "Cache manager").click();
    window.harness.run_ok();
    window.wait_for("the switch", |state| {
        let said = state.sandbox.standing().and_then(|up| up.state());
        said.is_some_and(|said| said.switches.cache_manager)
    });
    assert!(stand_in.state().switches.cache_manager);
    window.fill("Error share from now on", "0.05");
    window.click("Apply");
    window.wait_for("the error share", |state| {
        let said = state.sandbox.standing().and_then(|up| up.state());
        said.is_some_and(|said| said.error_ratio == 0.05)
    });
    assert!(stand_in.state().switches.cache_manager, "what is not named stays");
    window.click("Stop the sandbox");
    assert!(window.state().sandbox.standing().is_none() && window.shows("STOPPED"));
}

#[test]
fn a_sandbox_that_falls_silent_is_told_with_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut window = Window::open();
    window.open_panel();
    window.harness.state_mut().state_mut().sandbox.stand(base_url, None);
    window.wait_for("the silence", |state| state.sandbox.standing().is_some_and(|up| up.trouble().is_some()));
    assert!(window.shows("NO ANSWER") && window.shows("Stop it, and start it again"));
}

#[test]
fn the_open_scenario_is_pointed_at_the_sandbox_by_one_step_that_can_be_undone() {
    let stand_in = StandIn::start();
    let mut window = Window::with_preset("quickstart");
    window.edit(1, |scenario| scenario.base_url = "http://10.0.0.7".to_owned());
    window.stand(&stand_in);
    window.open_panel();
    assert!(!window.state().scenario_uses_sandbox());
    window.click("Use it for this scenario");
    assert_eq!(window.scenario().base_url, "sandbox:");
    assert!(
        window.state().scenario_uses_sandbox() && window.shows("and their labels say what was switched on")
    );
    window.obey(Command::Undo);
    assert_eq!(window.scenario().base_url, "http://10.0.0.7");
    window.edit(2, |scenario| scenario.base_url = "sandbox:?workers=2".to_owned());
    assert!(!window.state().scenario_uses_sandbox(), "that one asks for another");
}

#[test]
fn the_target_in_the_top_bar_leads_to_the_panel() {
    let mut window = Window::with_preset("quickstart");
    window.click("Target: the sandbox");
    assert!(window.state().sandbox.is_open);
    window.obey(Command::Show(View::Settings));
    window.click("Sandbox panel");
    assert!(!window.state().sandbox.is_open);
}
