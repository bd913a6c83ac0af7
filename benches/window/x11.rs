//! An X server without a screen, and what a person and a window manager do with a window there.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, InputFocus, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MapState, PropMode, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

const KEYSYM_R: u32 = 0x72;
const KEYSYM_CONTROL: u32 = 0xffe3;

/// Draws in software; ends when dropped.
pub struct XServer {
    child: Child,
    pub display: String,
}

impl XServer {
    pub fn start() -> Self {
        let mut child = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (Debian package xvfb)");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output is piped");
        BufReader::new(out).read_line(&mut line).expect("Xvfb names its display");
        Self { child, display: format!(":{}", line.trim()) }
    }
}

impl Drop for XServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The screen of an X server.
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    pub fn connect(x_server: &XServer) -> Self {
        let (connection, screen) =
            x11rb::connect(Some(&x_server.display)).expect("the X server takes a connection");
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    /// The program's window among helpers of a pixel, once it is shown.
    pub fn largest_window(&self) -> Option<Window> {
        let area = |window: Window| {
            let attributes = self.connection.get_window_attributes(window).ok()?.reply().ok()?;
            let size = self.connection.get_geometry(window).ok()?.reply().ok()?;
            let area = u32::from(size.width) * u32::from(size.height);
            (attributes.map_state == MapState::VIEWABLE && area > 1).then_some(area)
        };
        let tree = self.connection.query_tree(self.root).ok()?.reply().ok()?;
        tree.children
            .into_iter()
            .filter_map(|window| Some((area(window)?, window)))
            .max()
            .map(|(_, window)| window)
    }

    pub fn give_keyboard(&self, window: Window) {
        let asked = self.connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME);
        asked.expect("the X server is there").check().expect("the window is shown");
    }

    pub fn press_control_r(&mut self) {
        let [control, r] = [KEYSYM_CONTROL, KEYSYM_R].map(|keysym| self.key_code(keysym));
        for (kind, key) in [
            (KEY_PRESS_EVENT, control),
            (KEY_PRESS_EVENT, r),
            (KEY_RELEASE_EVENT, r),
            (KEY_RELEASE_EVENT, control),
        ] {
            self.connection
                .xtest_fake_input(kind, key, 0, self.root, 0, 0, 0)
                .expect("the X server takes keys");
        }
        self.connection.flush().expect("the X server is there");
    }

    fn key_code(&self, keysym: u32) -> u8 {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let asked = self.connection.get_keyboard_mapping(first, last - first + 1);
        let mapping = asked.expect("the X server is there").reply().expect("it has a keyboard");
        let per_key = usize::from(mapping.keysyms_per_keycode);
        let found = mapping.keysyms.chunks(per_key).position(|keysyms| keysyms.contains(&keysym));
        first + found.expect("the keyboard has this key") as u8
    }

    /// Minimises a window as window managers do: it is unmapped, and told that it is hidden.
    pub fn hide(&self, window: Window) {
        let [state, hidden] = ["_NET_WM_STATE", "_NET_WM_STATE_HIDDEN"].map(|name| self.atom(name));
        let told =
            self.connection.change_property32(PropMode::APPEND, window, state, AtomEnum::ATOM, &[hidden]);
        told.expect("the X server is there").check().expect("the window takes a property");
        let unmapped = self.connection.unmap_window(window).expect("the X server is there");
        unmapped.check().expect("the window can be hidden");
    }

    /// Closes a window as by the cross in its corner, if it is still there.
    pub fn close(&self, window: Window) {
        let [protocols, delete] = ["WM_PROTOCOLS", "WM_DELETE_WINDOW"].map(|name| self.atom(name));
        let message = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
        let sent = self.connection.send_event(false, window, EventMask::NO_EVENT, message);
        let _ = sent.expect("the X server is there").check();
    }

    fn atom(&self, name: &str) -> u32 {
        let asked = self.connection.intern_atom(false, name.as_bytes()).expect("the X server is there");
        asked.reply().expect("names are known").atom
    }
}
