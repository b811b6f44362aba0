//! Handles: what the pointers of C point to.
//!
//! A handle is a small shell around its contents, with a magic word that names its kind. Closing it frees the
//! contents and keeps the shell, some 24 bytes. So a handle that is used after its close, or closed twice, is
//! recognised by its word, and never points into other memory.

use std::sync::Mutex;

use crate::status::{Status, usable};

/// A kind of handle. Its magic word is unlike any text or small integer.
pub(crate) trait HandleKind {
    const MAGIC: u64;
    /// The type that the header names.
    type Opaque;
}

/// The word of a closed handle of any kind.
const CLOSED: u64 = 0xC105_ED00_CA11_BA20;

#[repr(C)]
struct Shell<T> {
    magic: u64,
    contents: Option<Box<T>>,
}

/// All shells, so that leak checkers find a pointer to each.
static SHELLS: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// A new handle.
pub(crate) fn open<T: HandleKind>(contents: T) -> *mut T::Opaque {
    let shell = Box::leak(Box::new(Shell { magic: T::MAGIC, contents: Some(Box::new(contents)) }));
    let at: *mut Shell<T> = shell;
    SHELLS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(at.expose_provenance());
    at.cast()
}

/// The contents of a handle, shared.
///
/// # Safety
/// `handle` is null or points to 8 bytes that may be read; nobody closes it meanwhile.
#[inline]
pub(crate) unsafe fn get<'a, T: HandleKind>(handle: *const T::Opaque) -> Result<&'a T, Status> {
    let shell = checked::<T>(handle)?;
    // SAFETY: the word is that of a shell of `T`, and shells are never freed. That nobody closes it
    // is the caller's promise.
    unsafe { (*shell).contents.as_deref() }.ok_or(Status::BadHandle)
}

/// The contents of a handle that one thread owns.
///
/// # Safety
/// As [`get`], and no other thread uses the handle meanwhile.
#[inline]
pub(crate) unsafe fn get_mut<'a, T: HandleKind>(
    handle: *mut T::Opaque,
) -> Result<&'a mut T, Status> {
    let shell = checked::<T>(handle)?.cast_mut();
    // SAFETY: as in `get`; the only one that uses it is the caller.
    unsafe { (*shell).contents.as_deref_mut() }.ok_or(Status::BadHandle)
}

/// Frees the contents of a handle. NULL is no error, as with `free`.
///
/// # Safety
/// As [`get_mut`].
pub(crate) unsafe fn close<T: HandleKind>(handle: *mut T::Opaque) -> Result<(), Status> {
    if handle.is_null() {
        return Ok(());
    }
    let shell = checked::<T>(handle)?.cast_mut();
    // SAFETY: as in `get_mut`.
    let contents = unsafe {
        (*shell).magic = CLOSED;
        (*shell).contents.take()
    };
    drop(contents);
    Ok(())
}

/// The shell behind a handle, if it is one of `T` and open.
#[inline]
fn checked<T: HandleKind>(handle: *const T::Opaque) -> Result<*const Shell<T>, Status> {
    let shell: *const Shell<T> = handle.cast();
    usable(shell)?;
    // SAFETY: not null, aligned, and 8 bytes that may be read, by the promise of all callers. Their
    // type is `u64` in a shell of any kind.
    let magic = unsafe { shell.cast::<u64>().read() };
    if magic == T::MAGIC { Ok(shell) } else { Err(Status::BadHandle) }
}
