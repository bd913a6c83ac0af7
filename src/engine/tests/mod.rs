//! Semantics of the engine as a whole: in virtual time, over a real loopback connection, and against hostile servers.

mod answers;
mod exemplars;
mod feeding;
mod hostile;
mod interleaving;
mod live_control;
mod loopback;
mod pacing;
mod pausing;
mod requests;
mod simulation;
mod traffic;
mod virtual_time;
mod wire;
