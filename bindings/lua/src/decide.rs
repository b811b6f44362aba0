//! `reader:decide`: the question of a call.
#![allow(unsafe_code, reason = "each block says why it may")]

use std::ffi::{CStr, c_int};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use callbar::{LIST_NAME_MAX, NotFound, Party, Response};
use mlua::ffi;

use crate::block::{self, BAD_NAME, Block, Copied, DEFECT};
use crate::call::{CallTable, MESSAGE_MAX, Refusal};

/// Longer than every canonical entry.
const ENTRY_MAX: usize = 512;

/// A decision that borrows nothing.
struct DecideAnswer {
    action: &'static str,
    party: Option<Party>,
    response: Option<Response>,
    is_exempt: bool,
    is_ambiguous: bool,
}

/// The texts of a decision, copied from the index.
struct DecisionTexts {
    list: Copied<LIST_NAME_MAX>,
    entry: Copied<ENTRY_MAX>,
}

/// `decide(self, domain, call)`
pub(crate) unsafe extern "C-unwind" fn decide(state: *mut ffi::lua_State) -> c_int {
    let mut given = CallTable::default();
    let mut texts = DecisionTexts { list: Copied::new(), entry: Copied::new() };
    let answer = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: Lua gives the state that it calls with, and room for 20 values; the strings and the
        // table stay on its stack.
        let (block, domain) = unsafe { (block::current(state), block::string(state, 2)) };
        let domain = domain.ok_or(Refusal::Field("domain", "a string"))?;
        // SAFETY: as above.
        unsafe { given.read(state, 3) }?;
        answer(block, domain, &given, &mut texts)
    }));
    // SAFETY: as above; nothing here needs to be dropped.
    unsafe {
        match answer.unwrap_or(Err(Refusal::Message(DEFECT))) {
            Ok(answer) => {
                push_answer(state, &answer, &texts);
                1
            }
            Err(refusal) => {
                let mut message = Copied::<MESSAGE_MAX>::new();
                // It never fails: text that does not fit is left out.
                let _ = write!(message, "{refusal}");
                block::refuse(state, message.as_bytes())
            }
        }
    }
}

/// The decision, or a refusal.
#[inline]
fn answer<'l>(
    block: Option<&Block>,
    domain: &[u8],
    given: &CallTable<'l>,
    texts: &mut DecisionTexts,
) -> Result<DecideAnswer, Refusal<'l>> {
    let mut reader = block::reader(block)?;
    let name = str::from_utf8(domain).map_err(|_| BAD_NAME)?;
    let domain = reader.snapshot().domain(name).map_err(NotFound::as_str)?;
    Ok(given.with(|call| {
        let decision = domain.decide(call);
        if let Some(by) = decision.decided_by() {
            texts.list.push(by.list.name.as_bytes());
            // It never fails: text that does not fit is left out.
            let _ = write!(texts.entry, "{}", by.entry);
        }
        DecideAnswer {
            action: decision.action(),
            party: decision.party,
            response: decision.response(),
            is_exempt: decision.exempt,
            is_ambiguous: decision.ambiguous,
        }
    }))
}

/// Pushes the table of a decision. It has no fields for missing values.
///
/// # Safety
/// `state` is one that Lua called a function with, and has room for four values.
#[inline]
unsafe fn push_answer(state: *mut ffi::lua_State, answer: &DecideAnswer, texts: &DecisionTexts) {
    let fields = if answer.party.is_some() { 7 } else { 3 };
    // SAFETY: the caller's promise; the texts outlive the calls, which copy them.
    unsafe {
        ffi::lua_createtable(state, 0, fields);
        set_text(state, c"action", answer.action.as_bytes());
        set_flag(state, c"exempt", answer.is_exempt);
        set_flag(state, c"ambiguous", answer.is_ambiguous);
        let Some(party) = answer.party else { return };
        set_text(state, c"party", party.as_str().as_bytes());
        set_text(state, c"list", texts.list.as_bytes());
        set_text(state, c"entry", texts.entry.as_bytes());
        let Some(response) = answer.response else { return };
        ffi::lua_createtable(state, 0, 2);
        ffi::lua_pushinteger(state, response.code().into());
        ffi::lua_setfield(state, -2, c"code".as_ptr());
        set_text(state, c"phrase", response.phrase().as_bytes());
        ffi::lua_setfield(state, -2, c"response".as_ptr());
    }
}

/// # Safety
/// A table is on top of the stack, which has room for two more values.
#[inline]
unsafe fn set_text(state: *mut ffi::lua_State, name: &CStr, text: &[u8]) {
    // SAFETY: the caller's promise.
    unsafe {
        block::push(state, text);
        ffi::lua_setfield(state, -2, name.as_ptr());
    }
}

/// # Safety
/// As [`set_text`].
#[inline]
unsafe fn set_flag(state: *mut ffi::lua_State, name: &CStr, flag: bool) {
    // SAFETY: the caller's promise.
    unsafe {
        ffi::lua_pushboolean(state, flag.into());
        ffi::lua_setfield(state, -2, name.as_ptr());
    }
}
