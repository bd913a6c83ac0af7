//! Semantics of the engine as a whole: in virtual time, and over a real loopback connection.

mod live_control;
mod loopback;
mod pacing;
mod simulation;
mod virtual_time;
mod wire;
