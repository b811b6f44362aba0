//! The handle of a thread, and the look-up of domains.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use callbar::DomainId;

use crate::engine::{Engine, OpenEngine};
use crate::handle::{self, HandleKind};
use crate::status::{Status, guard, shielded, usable};
use crate::text::{self, Buffer};
use crate::verdict::Action;

/// A thread's handle on an engine. Open one for each routing thread or forked worker, and use it on one thread
/// at a time. It may outlive its engine.
///
/// In a forked worker open engine and reader after the fork. A reader that was open before serves parent and
/// child, each with its own copy.
///
/// A reader keeps the lists of its last check in memory, also after they were replaced.
pub struct Reader {
    _opaque: (),
}

/// What a reader handle holds.
pub(crate) struct ThreadReader {
    pub(crate) reader: callbar::Reader,
    /// The answer to a question that has failed.
    pub(crate) on_error: Action,
    /// Holds the number of the last answer.
    pub(crate) number: Buffer,
}

impl HandleKind for ThreadReader {
    const MAGIC: u64 = 0x9EAD_E900_CA11_BA20;
    type Opaque = Reader;
}

/// Asks a reader. On an error or a panic, `to` becomes what `on_error` makes of the action in the options of
/// the reader.
///
/// # Safety
/// `reader` is null or a handle that no other thread uses.
#[inline]
pub(crate) unsafe fn answer<T>(
    reader: *mut Reader,
    to: &mut MaybeUninit<T>,
    on_error: fn(Action) -> T,
    ask: impl FnOnce(&mut ThreadReader, &mut MaybeUninit<T>) -> Result<(), Status>,
) -> Status {
    // SAFETY: the caller's promise is passed on.
    let thread = unsafe { handle::get_mut::<ThreadReader>(reader) };
    let action = thread.as_ref().map_or(Action::Pass, |thread| thread.on_error);
    match shielded(|| ask(thread?, to)) {
        Ok(()) => Status::Ok,
        Err(status) => {
            to.write(on_error(action));
            status
        }
    }
}

/// Opens a reader. On any error `*reader` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_reader_open(
    engine: *const Engine,
    reader: *mut *mut Reader,
) -> Status {
    guard(|| {
        usable(reader)?;
        // SAFETY: not null, aligned, and the header says that it may be written to.
        unsafe { reader.write(std::ptr::null_mut()) };
        // SAFETY: the header says that it is an engine.
        let OpenEngine { engine, on_error } = unsafe { handle::get::<OpenEngine>(engine) }?;
        let thread =
            ThreadReader { reader: engine.reader(), on_error: *on_error, number: Buffer::new() };
        // SAFETY: as above.
        unsafe { reader.write(handle::open(thread)) };
        Ok(())
    })
}

/// Closes a reader; NULL is no error. The texts of its last answer are no longer valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_reader_close(reader: *mut Reader) -> Status {
    // SAFETY: the header says that it is a reader that nobody uses at this moment.
    guard(|| unsafe { handle::close::<ThreadReader>(reader) })
}

/// Looks up the id of a domain, for callbar_decide_id and callbar_check_id. That saves the look-up of its name
/// at each call, 10 to 20 ns.
///
/// The id is valid for all readers of the engine as long as there is one, also after new lists were published.
/// In another engine it means another domain or none. On any error `*id` stays as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_domain(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    id: *mut u32,
) -> Status {
    guard(|| {
        usable(id)?;
        // SAFETY: the header says what `reader` and `domain` point to.
        let (thread, name) =
            unsafe { (handle::get_mut::<ThreadReader>(reader)?, text::name(domain, domain_len)?) };
        let found = thread.reader.snapshot().id(name).ok_or(Status::UnknownDomain)?;
        // SAFETY: not null, aligned, and the header says that it may be written to.
        unsafe { id.write(DomainId::to_raw(found)) };
        Ok(())
    })
}
