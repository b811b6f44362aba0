//! callbar for C: the engine behind opaque handles, for processes that route calls.
//!
//! Promises: every error is a status; no panic leaves the library; a question allocates nothing, takes no
//! lock and makes no system call; a caller's mistake that the library can notice is a status too, also the
//! use of a closed handle.
//!
//! It only reads: the command or the server of callbar writes the data directory. `include/callbar.h` is
//! made from this crate for C programmers, so the documentation of exported items uses their words.
//!
//! | file | holds |
//! | --- | --- |
//! | `status` | what functions return, and the border that no panic crosses |
//! | `handle` | handles, and how a wrong one is recognised |
//! | `text` | texts that come in, and texts that go out |
//! | `engine`, `reader` | open, close, health; the handle of a thread |
//! | `decide` | the question of a call |
//! | `verdict`, `check`, `batch` | the questions of numbers, and the answer |
//! | `json` | explanations and health |
#![allow(unsafe_code, reason = "the one border with C; each block says why it may")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header says in the words of C what callers keep"
)]
#![allow(clippy::doc_markdown, reason = "backticks would be noise in the header")]

mod batch;
mod check;
mod decide;
mod engine;
mod handle;
mod json;
mod reader;
mod status;
mod text;
mod verdict;

use std::ffi::{CStr, c_char};

pub use batch::callbar_check_batch;
pub use check::{callbar_check, callbar_check_id};
pub use decide::{Call, Decision, Party, callbar_decide, callbar_decide_id};
pub use engine::{
    CALLBAR_LOAD_HEAP, CALLBAR_LOAD_MAP, Engine, Options, callbar_engine_close,
    callbar_engine_health, callbar_engine_open, callbar_engine_refresh,
};
pub use json::{callbar_explain, callbar_explain_call, callbar_free, callbar_reader_health};
pub use reader::{Reader, callbar_domain, callbar_reader_close, callbar_reader_open};
pub use status::{Status, callbar_status_message};
pub use text::Text;
pub use verdict::{Action, Verdict};

/// The version of this interface. It grows when a program that was compiled with an older header would no
/// longer work.
pub const CALLBAR_ABI_VERSION: u32 = 1;

/// The CALLBAR_ABI_VERSION of the library. Compare it with that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn callbar_abi_version() -> u32 {
    CALLBAR_ABI_VERSION
}

/// The release, "0.1.0". Never NULL, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn callbar_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}
