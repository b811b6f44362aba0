//! `reader:check`: the verdict on one number.
#![allow(unsafe_code, reason = "each block says why it may")]

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};

use callbar::{LIST_NAME_MAX, NotFound, Response};
use mlua::ffi;

use crate::block::{self, BAD_NAME, Block, Copied, DEFECT};

/// A verdict that borrows nothing.
struct CheckAnswer {
    action: &'static str,
    response: Option<Response>,
}

/// `check(self, domain, number)`
pub(crate) unsafe extern "C-unwind" fn check(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: Lua gives the state that it calls with; the strings stay on its stack.
    let (block, asked) =
        unsafe { (block::current(state), (block::string(state, 2), block::string(state, 3))) };
    let mut list = Copied::new();
    let answer = catch_unwind(AssertUnwindSafe(|| answer(block, asked, &mut list)));
    // SAFETY: a function has room for 20 values; nothing here needs to be dropped.
    unsafe {
        match answer.unwrap_or(Err(DEFECT)) {
            Ok(answer) => push_answer(state, &answer, list.as_bytes()),
            Err(message) => block::refuse(state, message.as_bytes()),
        }
    }
}

/// The verdict and the list that decided, or an error message.
#[inline]
fn answer(
    block: Option<&Block>,
    asked: (Option<&[u8]>, Option<&[u8]>),
    list: &mut Copied<LIST_NAME_MAX>,
) -> Result<CheckAnswer, &'static str> {
    let (Some(domain), Some(number)) = asked else {
        return Err("domain and number must be strings");
    };
    let mut reader = block::reader(block)?;
    let name = str::from_utf8(domain).map_err(|_| BAD_NAME)?;
    let verdict = reader.check(name, number).map_err(NotFound::as_str)?;
    if let Some(by) = verdict.decided_by() {
        list.push(by.list.name.as_bytes());
    }
    Ok(CheckAnswer { action: verdict.as_str(), response: verdict.response() })
}

/// Pushes action, list, reason phrase and SIP code, as many as the verdict has. Returns how many.
///
/// # Safety
/// `state` is one that Lua called a function with, and has room for four values.
#[inline]
unsafe fn push_answer(state: *mut ffi::lua_State, answer: &CheckAnswer, list: &[u8]) -> c_int {
    // SAFETY: the caller's promise; the texts outlive the calls, which copy them.
    unsafe {
        block::push(state, answer.action.as_bytes());
        if list.is_empty() {
            return 1;
        }
        block::push(state, list);
        let Some(response) = answer.response else { return 2 };
        block::push(state, response.phrase().as_bytes());
        ffi::lua_pushinteger(state, response.code().into());
        4
    }
}
