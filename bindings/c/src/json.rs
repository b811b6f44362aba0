//! The JSON of readers: explanations of decisions and verdicts, and health; and how such a text is freed.

use std::ffi::{CString, c_char};

use crate::decide::{Call, with_call};
use crate::handle;
use crate::reader::{Reader, ThreadReader};
use crate::status::{Status, guard};
use crate::text;

/// Explains the verdict on a number as JSON: how it was read, all entries that matched, which one decided and
/// why, and the SIP response to recommend. Allocates; for people and tests, not for every call.
///
/// `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_explain(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    number: *const c_char,
    number_len: usize,
    json: *mut *mut c_char,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    guard(|| unsafe {
        text::give_json(json, || {
            let thread = handle::get_mut::<ThreadReader>(reader)?;
            let name = text::name(domain, domain_len)?;
            let number = text::bytes(number, number_len)?;
            let explained = thread.reader.explain(name, number);
            explained.map_err(|_| Status::UnknownDomain)
        })
    })
}

/// Explains the decision on a call as JSON: the questions that were asked, in order, with their answers.
/// The question whether the call is exempt is listed only if it is. Allocates; for people and tests, not
/// for every call.
///
/// `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_explain_call(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    call: *const Call,
    json: *mut *mut c_char,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    guard(|| unsafe {
        text::give_json(json, || {
            let thread = handle::get_mut::<ThreadReader>(reader)?;
            let name = text::name(domain, domain_len)?;
            with_call(call, |call| {
                let explained = thread.reader.explain_call(name, call);
                explained.map_err(|_| Status::UnknownDomain)
            })
        })
    })
}

/// As callbar_engine_health, for programs that have closed the engine. Takes locks; not for every call.
///
/// `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_reader_health(
    reader: *mut Reader,
    json: *mut *mut c_char,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    guard(|| unsafe {
        text::give_json(json, || handle::get_mut::<ThreadReader>(reader).map(|t| t.reader.health()))
    })
}

/// Frees a text that a function of this library gave as `*json`; NULL is no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_free(json: *mut c_char) {
    if !json.is_null() {
        // SAFETY: `give_json` made it of a CString, and the header says that it is given back once.
        drop(unsafe { CString::from_raw(json) });
    }
}
