//! The status that every function returns, and the border that no panic crosses.

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a call of a function ended.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Success.
    Ok = 0,
    /// A pointer is NULL or not aligned for its type.
    BadPointer = 1,
    /// A handle is of another kind, or it was closed.
    BadHandle = 2,
    /// A length is more than 1,048,576 bytes, which no text has: it was never set, or is -1. Or a count is
    /// more than memory holds, or more than the 64 values that a header of a call may have.
    BadLength = 3,
    /// The name of a domain is not UTF-8.
    BadUtf8 = 4,
    /// An option has a value that does not exist, or the `size` of a struct is not its sizeof.
    BadOption = 5,
    /// The directory has no such domain, or its files could not be loaded: see callbar_engine_health.
    UnknownDomain = 6,
    /// The data directory cannot be opened.
    CannotOpen = 7,
    /// A defect of callbar. The handle can still be used.
    Internal = 8,
}

/// What each status says, in the order of their numbers.
const MESSAGES: [(Status, &CStr); 9] = [
    (Status::Ok, c"success"),
    (Status::BadPointer, c"a pointer is NULL or not aligned"),
    (Status::BadHandle, c"no handle of this kind, or a closed one"),
    (Status::BadLength, c"a length or a count is too large"),
    (Status::BadUtf8, c"the name of the domain is not UTF-8"),
    (Status::BadOption, c"no such option, or a wrong size: set size to the sizeof of the struct"),
    (
        Status::UnknownDomain,
        c"no such domain: make it, or correct the name; health lists the domains that could not be loaded",
    ),
    (Status::CannotOpen, c"the data directory cannot be opened"),
    (Status::Internal, c"a defect of callbar: please report it"),
];

/// Describes a status in a few words, also an unknown one. Never NULL, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn callbar_status_message(status: i32) -> *const c_char {
    let known = MESSAGES.iter().find(|(known, _)| *known as i32 == status);
    known.map_or(c"no such status", |(_, message)| message).as_ptr()
}

/// Runs `body`. A panic becomes a status, because unwinding into C would end the process and its calls.
#[inline]
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Status>) -> Status {
    match shielded(body) {
        Ok(()) => Status::Ok,
        Err(status) => status,
    }
}

/// The same for a part of a function that goes on afterwards.
#[inline]
pub(crate) fn shielded<T>(body: impl FnOnce() -> Result<T, Status>) -> Result<T, Status> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(Err(Status::Internal))
}

/// Checks a pointer to a `T` whose first field must hold the size of a `T`.
///
/// # Safety
/// `at` is null or points to four bytes at least.
#[inline]
pub(crate) unsafe fn sized<T>(at: *const T) -> Result<(), Status> {
    usable(at)?;
    // SAFETY: not null and aligned; the size comes first, and is read by itself.
    let size = unsafe { at.cast::<u32>().read() };
    if size as usize == size_of::<T>() { Ok(()) } else { Err(Status::BadOption) }
}

/// Checks that a pointer may point to a `T`.
#[inline]
pub(crate) fn usable<T>(at: *const T) -> Result<(), Status> {
    if at.is_null() || !at.is_aligned() { Err(Status::BadPointer) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status() {
        assert_eq!(guard(|| panic!("on purpose")), Status::Internal);
        assert_eq!(guard(|| Ok(())), Status::Ok);
        assert_eq!(guard(|| Err(Status::BadUtf8)), Status::BadUtf8);
    }

    #[test]
    fn every_status_has_a_message_of_its_own() {
        for (at, &(status, message)) in MESSAGES.iter().enumerate() {
            assert_eq!(status as usize, at);
            assert_eq!(MESSAGES.iter().filter(|(_, other)| *other == message).count(), 1);
        }
    }
}
