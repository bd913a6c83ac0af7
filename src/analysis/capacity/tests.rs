//! Capacity of hand-made runs whose every figure is known.
