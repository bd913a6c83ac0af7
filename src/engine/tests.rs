//! Semantics of the engine, in virtual time.
