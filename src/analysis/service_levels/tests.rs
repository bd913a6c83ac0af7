//! Runs whose service levels are known.
