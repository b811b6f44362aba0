//! The question of a call: text in, verdict out.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use callbar::{Domain, DomainId, DomainKey, Entry, Match};

use crate::handle;
use crate::reader::{Reader, Thread};
use crate::status::{Status, guard, shielded, usable};
use crate::text::{self, Buffer, Text};
use crate::verdict::{Action, Verdict};

/// What the lists of a domain say about a call from or to a number: a user part, a whole SIP, SIPS
/// or tel URI or a name-addr header, any bytes.
///
/// Allocates nothing, takes no lock and makes no system call, but for the first check after a
/// change, which picks up the new lists.
///
/// On an error the verdict is the answer that `on_error` of callbar_options asks for; without a
/// reader nobody knows it, and it is CALLBAR_ACTION_PASS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_check(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    number: *const c_char,
    number_len: usize,
    verdict: *mut Verdict,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    unsafe {
        let name = || text::name(domain, domain_len);
        answer(reader, verdict, name, || text::bytes(number, number_len))
    }
}

/// As callbar_check, of a domain by its id from callbar_domain.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_check_id(
    reader: *mut Reader,
    id: u32,
    number: *const c_char,
    number_len: usize,
    verdict: *mut Verdict,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    unsafe {
        let id = || Ok(DomainId::from_raw(id));
        answer(reader, verdict, id, || text::bytes(number, number_len))
    }
}

/// Whether a call to this number must go on whoever makes it: an emergency number of the domain's
/// region, unless the domain says that it exempts none. Ask it of the callee before anything else:
/// callbar_check of the caller knows nothing of whom the call is for.
///
/// `*exempt` is 1 or 0, and 0 on an error. Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_exempts(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    number: *const c_char,
    number_len: usize,
    exempt: *mut i32,
) -> Status {
    guard(|| {
        usable(exempt)?;
        // SAFETY: not null, aligned, and the header says that it may be written to.
        unsafe { exempt.write(0) };
        // SAFETY: the header says what the pointers point to.
        let (thread, name, number) = unsafe {
            let thread = handle::get_mut::<Thread>(reader)?;
            (thread, text::name(domain, domain_len)?, text::bytes(number, number_len)?)
        };
        let domain = thread.reader.snapshot().domain(name).map_err(|_| Status::UnknownDomain)?;
        // SAFETY: as above.
        unsafe { exempt.write(domain.exempts(number).into()) };
        Ok(())
    })
}

/// # Safety
/// `reader` is null or a handle that no other thread uses; `verdict` is null or may be written to.
#[inline]
unsafe fn answer<'a, K: DomainKey>(
    reader: *mut Reader,
    verdict: *mut Verdict,
    key: impl FnOnce() -> Result<K, Status>,
    number: impl FnOnce() -> Result<&'a [u8], Status>,
) -> Status {
    if let Err(status) = usable(verdict) {
        return status;
    }
    // SAFETY: not null, aligned, and the caller promises that it may be written to.
    let verdict = unsafe { &mut *verdict.cast::<MaybeUninit<Verdict>>() };
    // SAFETY: the caller's promise is passed on.
    let thread = unsafe { handle::get_mut::<Thread>(reader) };
    let on_error = thread.as_ref().map_or(Action::Pass, |thread| thread.on_error);
    // All that may panic; where it does, the verdict is written here all the same.
    match shielded(|| check(thread?, key()?, number()?, verdict)) {
        Ok(()) => Status::Ok,
        Err(status) => {
            verdict.write(Verdict::on_error(on_error));
            status
        }
    }
}

/// Writes the verdict where C wants it, and nowhere else before.
#[inline]
fn check(
    thread: &mut Thread,
    key: impl DomainKey,
    number: &[u8],
    verdict: &mut MaybeUninit<Verdict>,
) -> Result<(), Status> {
    let Thread { reader, number: buffer, .. } = thread;
    let domain = reader.snapshot().domain(key).map_err(|_| Status::UnknownDomain)?;
    let answer = domain.check(number);
    let verdict = verdict.write(Verdict::of(&answer));
    if let Some(by) = answer.decided_by() {
        verdict.number = canonical(by, domain, number, buffer);
    }
    Ok(())
}

/// The canonical form of what was asked for.
#[inline]
fn canonical(by: &Match<'_>, domain: Domain<'_>, asked: &[u8], buffer: &mut Buffer) -> Text {
    match &by.entry {
        Entry::Number(number) => buffer.write(number),
        Entry::Pattern(_) | Entry::Class(_) => buffer.write(&domain.plan().number(asked)),
    }
}
