//! The tests of the whole program: they start the real binary.

mod sandbox;
