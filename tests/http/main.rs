//! Prevents: an interface that does something else than its description says, or for somebody else.
#![cfg(feature = "http")]

mod api_desk;
mod bulk;
#[path = "../cases/mod.rs"]
mod cases;
#[path = "../common/clocked.rs"]
mod clocked;
mod decide;
mod desk;
mod iletimerkezi;
mod isolation;
mod log;
mod native;
mod openapi;
mod sockets;
mod webitel;
mod webitel_document;
mod webitel_expiry;
