//! The engine as C has it: a data directory, open for any number of readers.

use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use callbar::LoadMode;

use crate::handle::{self, HandleKind};
use crate::status::{Status, guard, sized, usable};
use crate::text;
use crate::verdict::Action;

/// A data directory that is open. Any number of threads may use it at the same time.
///
/// A process that forks opens it in each child. An engine that was opened before the fork serves the child as
/// well, if no other thread of the parent was inside the library at that moment.
pub struct Engine {
    _opaque: (),
}

/// How a data directory is opened. Set `size`, and the rest to 0 for the defaults.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// sizeof(callbar_options)
    pub size: u32,
    /// CALLBAR_LOAD_MAP or CALLBAR_LOAD_HEAP.
    pub load_mode: u32,
    /// The answer to a question that has failed: CALLBAR_ACTION_PASS or CALLBAR_ACTION_DENY.
    pub on_error: i32,
    /// Not 0: domains whose files are damaged are left out, and callbar_engine_health lists them.
    /// 0: such a domain stops the directory from being opened.
    pub sound_only: u32,
}

/// Long files are mapped, and all processes of the machine share them.
pub const CALLBAR_LOAD_MAP: u32 = 0;
/// All files are read into the memory of this process. Use it if somebody might shorten a file in place.
pub const CALLBAR_LOAD_HEAP: u32 = 1;

/// What an engine handle holds.
pub(crate) struct OpenEngine {
    pub(crate) engine: callbar::Engine,
    pub(crate) on_error: Action,
}

impl HandleKind for OpenEngine {
    const MAGIC: u64 = 0xE116_19E5_CA11_BA20;
    type Opaque = Engine;
}

/// Opens a data directory, which must exist.
///
/// `options` may be NULL. If it fails, the reason is written to `why`, which has `why_size` bytes with the NUL,
/// unless `why` is NULL. On any error `*engine` is NULL.
///
/// Reads and verifies every byte of every file: a second or so for 5 GB in the page cache.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_engine_open(
    dir: *const c_char,
    dir_len: usize,
    options: *const Options,
    engine: *mut *mut Engine,
    why: *mut c_char,
    why_size: usize,
) -> Status {
    guard(|| {
        let write_why = |message: &str| {
            // SAFETY: `why` is null or has `why_size` bytes to write to, says the header.
            unsafe { copy_out(message, why, why_size) }
        };
        write_why("");
        usable(engine)?;
        // SAFETY: not null, aligned, and the header says that it may be written to.
        unsafe { engine.write(std::ptr::null_mut()) };
        // SAFETY: the header says what `options` and `dir` point to.
        let (options, dir) = unsafe { (read_options(options)?, text::bytes(dir, dir_len)?) };
        let opened = options.open(Path::new(OsStr::from_bytes(dir)));
        let opened = opened.map_err(|error| {
            write_why(&error.to_line());
            Status::CannotOpen
        })?;
        // SAFETY: as above.
        unsafe { engine.write(handle::open(opened)) };
        Ok(())
    })
}

/// Closes an engine; NULL is no error. Its readers go on, and see changes as before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_engine_close(engine: *mut Engine) -> Status {
    // SAFETY: the header says that it is an engine that nobody uses at this moment.
    guard(|| unsafe { handle::close::<OpenEngine>(engine) })
}

/// Reports what an operator should know as JSON: files that cannot be used, subscriptions to domains that are
/// not loaded, whether changes of other processes are seen. Takes locks; not for every call.
///
/// `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_engine_health(
    engine: *const Engine,
    json: *mut *mut c_char,
) -> Status {
    // SAFETY: the header says what `engine` and `json` point to.
    guard(|| unsafe {
        text::give_json(json, || handle::get::<OpenEngine>(engine).map(|o| o.engine.health()))
    })
}

/// Looks at the whole directory again: at files that could not be used or that were replaced, for instance by
/// a restored backup. Takes some 50 ms with 10,000 domains. Checks go on meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_engine_refresh(engine: *const Engine) -> Status {
    guard(|| {
        // SAFETY: the header says that it is an engine.
        let opened = unsafe { handle::get::<OpenEngine>(engine) }?;
        opened.engine.refresh();
        Ok(())
    })
}

/// Options that were validated.
struct ValidOptions {
    mode: LoadMode,
    on_error: Action,
    sound_only: bool,
}

impl ValidOptions {
    fn open(self, dir: &Path) -> callbar::Result<OpenEngine> {
        let engine = if self.sound_only {
            callbar::Engine::open_sound(dir, self.mode)?.0
        } else {
            callbar::Engine::open_with(dir, self.mode)?
        };
        Ok(OpenEngine { engine, on_error: self.on_error })
    }
}

/// # Safety
/// `options` is null or points to as many bytes as its first four say, and to four at least.
unsafe fn read_options(options: *const Options) -> Result<ValidOptions, Status> {
    let defaults = ValidOptions { mode: LoadMode::Map, on_error: Action::Pass, sound_only: false };
    if options.is_null() {
        return Ok(defaults);
    }
    // SAFETY: the caller's promise. By its size it has all its bytes; any bits are integers.
    let options = unsafe {
        sized(options)?;
        options.read()
    };
    let mode = match options.load_mode {
        CALLBAR_LOAD_MAP => LoadMode::Map,
        CALLBAR_LOAD_HEAP => LoadMode::Heap,
        _ => return Err(Status::BadOption),
    };
    let on_error = [Action::Pass, Action::Deny]
        .into_iter()
        .find(|&action| action as i32 == options.on_error)
        .ok_or(Status::BadOption)?;
    Ok(ValidOptions { mode, on_error, sound_only: options.sound_only != 0 })
}

/// Copies as much of a message as fits, and a NUL.
///
/// # Safety
/// `to` is null or has `size` bytes that may be written to.
unsafe fn copy_out(message: &str, to: *mut c_char, size: usize) {
    let Some(room) = size.checked_sub(1).filter(|_| !to.is_null()) else { return };
    let len = message.floor_char_boundary(room);
    // SAFETY: `len` and the NUL are no more than `size`; a message is no caller's memory.
    unsafe {
        message.as_ptr().copy_to_nonoverlapping(to.cast(), len);
        to.add(len).write(0);
    }
}
