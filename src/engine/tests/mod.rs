//! Semantics of the engine as a whole: in virtual time, and over a real loopback connection.

mod loopback;
mod virtual_time;
mod wire;
