//! What both benches need: numbers that look like real ones, their written forms, clocks.
//!
//! Nothing here knows of callbar. Everything is deterministic: the same size gives the same
//! numbers on every machine.

pub(crate) mod numbers;
pub(crate) mod timing;
