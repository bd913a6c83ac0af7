//! Models against what is known, refusals, and what is kept.
