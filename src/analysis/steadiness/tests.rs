//! Runs whose warm-up is known.
