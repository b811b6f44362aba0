//! `reader:check`: the one function that every call goes through, in terms of Lua's own C interface.
//!
//! The safe layer would keep a reference to each argument and result: 250 ns and more on top of the
//! check. This is the price of a Lua function written in C instead.
//!
//! The reader lies in a block of memory that Lua owns and that only functions made here refer to, as
//! their first upvalue. Lua frees a block when nothing refers to it, after it has called [`end`].
//!
//! **Invariant:** where Lua may raise an error, and so leave the function by `longjmp`, nothing is
//! alive that must be dropped, and no reader is borrowed.
#![allow(unsafe_code, reason = "each block says why it may")]

use std::cell::RefCell;
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use callbar::{Reader, Response};
use mlua::{Function, Lua, ffi};

/// A reader in a block; none after Lua has ended it.
type Block = RefCell<Option<Reader>>;

// What Lua promises for the blocks that it gives: the alignment of a double and of a pointer.
const _: () = assert!(align_of::<Block>() <= 8);

const NO_DOMAIN: &str = "no such domain: make it, or correct the name; reader:health() tells of those \
                         that could not be loaded";

/// The longest name of a list.
const NAME_MAX: usize = 255;

/// A verdict with nothing borrowed. The name of its list is copied, for the list may be gone when
/// Lua has made the first string.
struct Answer {
    action: &'static str,
    response: Option<Response>,
    /// No list if it is 0.
    list_len: usize,
}

/// The function `check` around a reader.
pub(crate) fn function(lua: &Lua, reader: Reader) -> mlua::Result<Function> {
    // SAFETY: it takes nothing from the stack and leaves one function on it. An error of Lua, for
    // want of memory, leaks the reader at worst.
    unsafe {
        lua.exec_raw((), move |state| {
            let block = ffi::lua_newuserdata(state, size_of::<Block>()).cast::<Block>();
            block.write(RefCell::new(Some(reader)));
            ffi::lua_createtable(state, 0, 1);
            ffi::lua_pushcclosure(state, end, 0);
            ffi::lua_setfield(state, -2, c"__gc".as_ptr());
            ffi::lua_setmetatable(state, -2);
            ffi::lua_pushcclosure(state, check, 1);
        })
    }
}

/// Drops the reader of a block that nothing refers to any more.
unsafe extern "C-unwind" fn end(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: Lua calls it with the block that has the metatable, whose memory stays until later.
    let block = unsafe { ffi::lua_touserdata(state, 1).cast::<Block>().as_ref() };
    if let Some(mut reader) = block.and_then(|block| block.try_borrow_mut().ok()) {
        drop(reader.take());
    }
    0
}

/// `check(self, domain, number)`
unsafe extern "C-unwind" fn check(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: the first upvalue is the block of `function`, in this function alone.
    let block =
        unsafe { ffi::lua_touserdata(state, ffi::lua_upvalueindex(1)).cast::<Block>().as_ref() };
    // SAFETY: Lua gives the state that it calls with; the strings stay on its stack.
    let asked = unsafe { (string(state, 2), string(state, 3)) };
    let mut list = [0; NAME_MAX];
    let answer = catch_unwind(AssertUnwindSafe(|| answer(block, asked, &mut list)));
    let answer = answer.unwrap_or(Err("a defect of callbar: please report it"));
    // SAFETY: a function has room for 20 values; neither variant needs to be dropped.
    unsafe {
        match answer {
            Ok(answer) => {
                push_answer(state, &answer, list.get(..answer.list_len).unwrap_or_default())
            }
            Err(message) => {
                ffi::lua_pushnil(state);
                push(state, message.as_bytes());
                2
            }
        }
    }
}

/// The verdict, or why there is none.
#[inline]
fn answer(
    block: Option<&Block>,
    asked: (Option<&[u8]>, Option<&[u8]>),
    list: &mut [u8; NAME_MAX],
) -> Result<Answer, &'static str> {
    // Other things than strings are told, not guessed at: a long number that is no string has lost
    // its last digits.
    let (Some(domain), Some(number)) = asked else {
        return Err("domain and number must be strings");
    };
    let mut reader = block.and_then(|block| block.try_borrow_mut().ok());
    let Some(reader) = reader.as_deref_mut().and_then(Option::as_mut) else {
        return Err("the reader is closed");
    };
    let name = str::from_utf8(domain).map_err(|_| "the name of the domain is not UTF-8")?;
    let verdict = reader.check(name, number).map_err(|_| NO_DOMAIN)?;
    let name = verdict.decided_by().map_or(&[][..], |by| by.list.name.as_bytes());
    let list_len = name.len().min(NAME_MAX);
    list[..list_len].copy_from_slice(&name[..list_len]);
    Ok(Answer { action: verdict.as_str(), response: verdict.response(), list_len })
}

/// Action, list, reason phrase and SIP code: as many as there are.
///
/// # Safety
/// `state` is one that Lua called a function with, and has room for four values.
#[inline]
unsafe fn push_answer(state: *mut ffi::lua_State, answer: &Answer, list: &[u8]) -> c_int {
    // SAFETY: the caller's promise; the texts outlive the calls, which copy them.
    unsafe {
        push(state, answer.action.as_bytes());
        if list.is_empty() {
            return 1;
        }
        push(state, list);
        let Some(response) = answer.response else { return 2 };
        push(state, response.phrase().as_bytes());
        ffi::lua_pushinteger(state, response.code().into());
        4
    }
}

/// The bytes of an argument, if it is a string.
///
/// # Safety
/// As [`push_answer`]; the string stays on the stack for `'a`.
#[inline]
unsafe fn string<'a>(state: *mut ffi::lua_State, at: c_int) -> Option<&'a [u8]> {
    let mut len = 0;
    // SAFETY: of a string, it gives a pointer to `len` bytes and allocates nothing.
    unsafe {
        if ffi::lua_type(state, at) != ffi::LUA_TSTRING {
            return None;
        }
        let bytes = ffi::lua_tolstring(state, at, &raw mut len);
        (!bytes.is_null()).then(|| slice::from_raw_parts(bytes.cast(), len))
    }
}

/// # Safety
/// As [`push_answer`].
#[inline]
unsafe fn push(state: *mut ffi::lua_State, text: &[u8]) {
    // SAFETY: the caller's promise; Lua copies the bytes.
    unsafe { ffi::lua_pushlstring(state, text.as_ptr().cast(), text.len()) };
}
