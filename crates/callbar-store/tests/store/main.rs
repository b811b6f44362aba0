//! Prevents: a store that loses what it acknowledged, tells it wrong, or walks ten million rows for it.

#[path = "../../../../tests/child/mod.rs"]
mod child;

mod backup;
mod common;
mod crash;
mod failures;
mod live;
mod model;
mod opening;
mod parties;
mod plans;
mod sweeps;
