//! The rounds in paused time, with sources that do as they are told.
