//! The table of a call: reads it from Lua's stack without a copy, and refuses likely mistakes.
//!
//! Nothing here allocates in Lua or raises an error. So no finaliser runs meanwhile, and the strings stay in
//! place as long as the table is on the stack.
#![allow(unsafe_code, reason = "each block says why it may")]

use std::ffi::c_int;
use std::fmt;

use callbar::Call;
use mlua::{Lua, Value, ffi};

use crate::block;

const KNOWN: &str = "callee, from, asserted, remote_party and privacy";

/// Why a question has no answer.
pub(crate) enum Refusal<'l> {
    Message(&'static str),
    /// A field of the wrong type.
    Field(&'static str, &'static str),
    /// A field that does not hold the values of a header.
    Values(&'static str),
    /// A name that no field has.
    Unknown(&'l [u8]),
    /// A field without a name.
    Nameless,
    /// No field.
    Empty,
}

impl From<&'static str> for Refusal<'_> {
    fn from(message: &'static str) -> Self {
        Self::Message(message)
    }
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => f.write_str(message),
            Self::Field(name, what) => write!(f, "{name} must be {what}"),
            Self::Values(name) => write!(
                f,
                "{name} must be a string or an array of strings, without holes and of {} at most",
                Call::MAX_VALUES
            ),
            Self::Unknown(name) => {
                // The room is small, and the message must end with the known fields.
                let name = name.get(..LONGEST_NAME).unwrap_or(name);
                write!(f, "a call has no field {}: it has {KNOWN}", name.escape_ascii())
            }
            Self::Nameless => write!(f, "the fields of a call have names: {KNOWN}"),
            Self::Empty => write!(f, "the call is empty: it has {KNOWN}"),
        }
    }
}

/// How much of an unknown name the message shows.
const LONGEST_NAME: usize = 30;

/// Room for every message.
pub(crate) const MESSAGE_MAX: usize = 255;

/// The texts of a call, in the memory of Lua.
#[derive(Default)]
pub(crate) struct CallTable<'l> {
    callee: Option<&'l [u8]>,
    from: Option<&'l [u8]>,
    privacy: Option<&'l [u8]>,
    asserted: Option<HeaderValues<'l>>,
    remote_party: Option<HeaderValues<'l>>,
}

/// The values of a header.
struct HeaderValues<'l> {
    count: usize,
    texts: [&'l [u8]; Call::MAX_VALUES],
}

impl<'l> CallTable<'l> {
    /// Reads a table on the stack.
    ///
    /// # Safety
    /// `state` is one that Lua called a function with; `at` is counted from below and stays there for
    /// `'l`; the stack has room for four values. Values that are left on it are of no use.
    pub(crate) unsafe fn read(
        &mut self,
        state: *mut ffi::lua_State,
        at: c_int,
    ) -> Result<(), Refusal<'l>> {
        // SAFETY: the caller's promise. Only the table's own keys are given back to `lua_next`.
        unsafe {
            if ffi::lua_type(state, at) != ffi::LUA_TTABLE {
                return Err(Refusal::Field("the call", "a table"));
            }
            ffi::lua_pushnil(state);
            while ffi::lua_next(state, at) != 0 {
                match block::string(state, -2).ok_or(Refusal::Nameless)? {
                    b"callee" => self.callee = Some(text(state, "callee")?),
                    b"from" => self.from = Some(text(state, "from")?),
                    b"privacy" => self.privacy = Some(text(state, "privacy")?),
                    b"asserted" => read_values(&mut self.asserted, state, "asserted")?,
                    b"remote_party" => read_values(&mut self.remote_party, state, "remote_party")?,
                    unknown => return Err(Refusal::Unknown(unknown)),
                }
                ffi::lua_pop(state, 1);
            }
        }
        if self.with(|call| *call == Call::default()) { Err(Refusal::Empty) } else { Ok(()) }
    }

    #[inline]
    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Call<'_>) -> T) -> T {
        let &Self { callee, from, privacy, .. } = self;
        let asserted = self.asserted.as_ref().map_or(&[][..], HeaderValues::values);
        let remote_party = self.remote_party.as_ref().map_or(&[][..], HeaderValues::values);
        ask(&Call { callee, from, asserted, remote_party, privacy })
    }
}

impl<'l> HeaderValues<'l> {
    fn values(&self) -> &[&'l [u8]] {
        &self.texts[..self.count]
    }
}

/// Reads the array, or the one string, on top of the stack.
///
/// # Safety
/// As [`CallTable::read`]; the stack has room for two values.
unsafe fn read_values<'l>(
    to: &mut Option<HeaderValues<'l>>,
    state: *mut ffi::lua_State,
    name: &'static str,
) -> Result<(), Refusal<'l>> {
    let refused = Refusal::Values(name);
    let values = to.insert(HeaderValues { count: 0, texts: [&[]; Call::MAX_VALUES] });
    // SAFETY: the caller's promise. The string stays in the table of the call, and so do those of
    // the array.
    unsafe {
        if let Some(text) = block::string(state, -1) {
            (values.texts[0], values.count) = (text, 1);
            return Ok(());
        }
        if ffi::lua_type(state, -1) != ffi::LUA_TTABLE {
            return Err(refused);
        }
        let mut last = 0;
        ffi::lua_pushnil(state);
        while ffi::lua_next(state, -2) != 0 {
            let (Some(at), Some(text)) = (place(state, -2), block::string(state, -1)) else {
                return Err(refused);
            };
            values.texts[at] = text;
            values.count += 1;
            last = last.max(at + 1);
            ffi::lua_pop(state, 1);
        }
        if last == values.count { Ok(()) } else { Err(refused) }
    }
}

/// The string on top of the stack.
///
/// # Safety
/// As [`CallTable::read`].
unsafe fn text<'l>(
    state: *mut ffi::lua_State,
    name: &'static str,
) -> Result<&'l [u8], Refusal<'l>> {
    // SAFETY: the caller's promise; the string stays in the table of the call.
    unsafe { block::string(state, -1) }.ok_or(Refusal::Field(name, "a string"))
}

/// The index in [`HeaderValues`] for a key of an array.
///
/// # Safety
/// As [`CallTable::read`].
unsafe fn place(state: *mut ffi::lua_State, at: c_int) -> Option<usize> {
    // SAFETY: the caller's promise; of a number, it is given back as it is.
    unsafe {
        if ffi::lua_type(state, at) != ffi::LUA_TNUMBER {
            return None;
        }
        let mut is_integer = 0;
        let key = ffi::lua_tointegerx(state, at, &raw mut is_integer);
        let place = usize::try_from(key).ok()?.checked_sub(1)?;
        (is_integer != 0 && place < Call::MAX_VALUES).then_some(place)
    }
}

/// Reads a call from the safe layer, and asks something about it.
pub(crate) fn with<T>(
    lua: &Lua,
    call: &Value,
    ask: impl FnOnce(&Call<'_>) -> T,
) -> mlua::Result<Result<T, String>> {
    let mut asked = Err(String::new());
    // SAFETY: the call is at 1 and stays there until the end; mlua keeps room for the values of a
    // function. Nothing in it raises an error.
    unsafe {
        lua.exec_raw::<()>(call, |state| {
            let mut given = CallTable::default();
            let read = given.read(state, 1).map_err(|refusal| refusal.to_string());
            asked = read.map(|()| given.with(ask));
            ffi::lua_settop(state, 0);
        })
    }?;
    Ok(asked)
}
