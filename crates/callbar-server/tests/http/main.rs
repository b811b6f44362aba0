//! Prevents: an interface that does something else than its description says, or for somebody else.

mod bulk;
#[path = "../../../../tests/cases/mod.rs"]
mod cases;
#[path = "../../../callbar-store/tests/manager/clocked.rs"]
mod clocked;
mod clocked_server;
mod decide;
mod iletimerkezi;
mod isolation;
mod log;
mod native;
mod openapi;
mod sockets;
mod test_server;
mod webitel;
mod webitel_document;
mod webitel_expiry;
