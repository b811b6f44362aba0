//! Prevents: a store that loses what it acknowledged, returns it wrong, or walks ten million rows for it.

#[path = "../../../../tests/child/mod.rs"]
mod child;

mod backup;
mod cleanup;
mod crash;
mod failures;
mod fixture;
mod model;
mod opening;
mod query_plans;
mod settings;
mod unexpired;
