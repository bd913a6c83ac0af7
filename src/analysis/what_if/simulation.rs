//! What models are worth: queues that are known are simulated before and after a change.
