//! The reader of the fast functions, and bytes from and to Lua's stack, through Lua's own C interface.
//!
//! The safe layer would keep a reference to each argument and result, which adds 250 ns and more to a check.
//! This costs no more than a Lua function written in C.
//!
//! The reader lies in a block of memory that Lua owns. Only the functions made here refer to it, as their
//! first upvalue. When nothing refers to a block any more, Lua calls [`end`] and frees it.
//!
//! **Invariant:** where Lua may raise an error, and so leave the function by `longjmp`, nothing is alive
//! that must be dropped, and no reader is borrowed. So an answer is copied before the first of its
//! strings is made. A finaliser that runs meanwhile may check and decide as well.
#![allow(unsafe_code, reason = "each block says why it may")]

use std::cell::{RefCell, RefMut};
use std::ffi::c_int;
use std::{fmt, slice};

use callbar::Reader;
use mlua::{Function, Lua, ffi};

use crate::{check, decide};

/// A reader in a block; `None` after [`end`].
pub(crate) type Block = RefCell<Option<Reader>>;

// Lua promises that its blocks are aligned for a double and for a pointer.
const _: () = assert!(align_of::<Block>() <= 8);

pub(crate) const BAD_NAME: &str = "the name of the domain is not UTF-8";
pub(crate) const DEFECT: &str = "a defect of callbar: please report it";

/// The functions `check` and `decide` around one reader.
pub(crate) fn functions(lua: &Lua, reader: Reader) -> mlua::Result<(Function, Function)> {
    // SAFETY: it takes nothing from the stack and leaves two functions on it. An error of Lua, when memory
    // runs out, leaks the reader at worst.
    unsafe {
        lua.exec_raw((), move |state| {
            let block = ffi::lua_newuserdata(state, size_of::<Block>()).cast::<Block>();
            block.write(RefCell::new(Some(reader)));
            ffi::lua_createtable(state, 0, 1);
            ffi::lua_pushcclosure(state, end, 0);
            ffi::lua_setfield(state, -2, c"__gc".as_ptr());
            ffi::lua_setmetatable(state, -2);
            ffi::lua_pushvalue(state, -1);
            ffi::lua_pushcclosure(state, check::check, 1);
            ffi::lua_insert(state, -2);
            ffi::lua_pushcclosure(state, decide::decide, 1);
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

/// The block of the function that runs.
///
/// # Safety
/// `state` is one that Lua called `check` or `decide` with, and the block is not used after that.
#[inline]
pub(crate) unsafe fn current<'l>(state: *mut ffi::lua_State) -> Option<&'l Block> {
    // SAFETY: the first upvalue of these two is a block of `functions`, which stays as long as they do.
    unsafe { ffi::lua_touserdata(state, ffi::lua_upvalueindex(1)).cast::<Block>().as_ref() }
}

/// The reader in a block.
#[inline]
pub(crate) fn reader(block: Option<&Block>) -> Result<RefMut<'_, Reader>, &'static str> {
    block
        .and_then(|block| RefMut::filter_map(block.try_borrow_mut().ok()?, Option::as_mut).ok())
        .ok_or("the reader is closed")
}

/// The bytes of a value on the stack, if it is a string. A Lua number is refused, because a long one has lost
/// its last digits.
///
/// # Safety
/// `state` is one that Lua called a function with; the string stays on the stack, or in a table on it,
/// for `'l`.
#[inline]
pub(crate) unsafe fn string<'l>(state: *mut ffi::lua_State, at: c_int) -> Option<&'l [u8]> {
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

/// Puts a string on the stack.
///
/// # Safety
/// `state` is one that Lua called a function with, and has room for a value.
#[inline]
pub(crate) unsafe fn push(state: *mut ffi::lua_State, text: &[u8]) {
    // SAFETY: the caller's promise; Lua copies the bytes.
    unsafe { ffi::lua_pushlstring(state, text.as_ptr().cast(), text.len()) };
}

/// Returns nil and a message.
///
/// # Safety
/// `state` is one that Lua called a function with, and has room for two values.
#[cold]
pub(crate) unsafe fn refuse(state: *mut ffi::lua_State, message: &[u8]) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        ffi::lua_pushnil(state);
        push(state, message);
    }
    2
}

/// A copy of a text, cut off if it does not fit. Need not be dropped.
pub(crate) struct Copied<const N: usize> {
    len: usize,
    bytes: [u8; N],
}

impl<const N: usize> Copied<N> {
    pub(crate) const fn new() -> Self {
        Self { len: 0, bytes: [0; N] }
    }

    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        let room = &mut self.bytes[self.len..];
        let len = text.len().min(room.len());
        room[..len].copy_from_slice(&text[..len]);
        self.len += len;
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<const N: usize> fmt::Write for Copied<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}
