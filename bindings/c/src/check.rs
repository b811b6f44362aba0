//! The question of a number: text in, verdict out.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use callbar::{Domain, DomainId, DomainKey, Entry, Match};

use crate::reader::{self, Reader, ThreadReader};
use crate::status::{Status, usable};
use crate::text::{self, Buffer, Text};
use crate::verdict::Verdict;

/// Gives the verdict of a domain's lists on a number outside a call, for instance one of a campaign: a user
/// part, a whole SIP, SIPS or tel URI or a name-addr header, in any bytes. For a call use callbar_decide.
///
/// Allocates nothing, takes no lock and makes no system call. Only the first check after a change does, to
/// take up the new lists.
///
/// On an error, the verdict is the answer that `on_error` of callbar_options asks for. Without a valid reader
/// it is CALLBAR_ACTION_PASS.
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

/// As callbar_check, with the id of a domain from callbar_domain.
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
    unsafe {
        reader::answer(reader, verdict, Verdict::on_error, |thread, verdict| {
            check(thread, key()?, number()?, verdict)
        })
    }
}

/// Writes the verdict directly where C wants it.
#[inline]
fn check(
    thread: &mut ThreadReader,
    key: impl DomainKey,
    number: &[u8],
    verdict: &mut MaybeUninit<Verdict>,
) -> Result<(), Status> {
    let ThreadReader { reader, number: buffer, .. } = thread;
    let domain = reader.snapshot().domain(key).map_err(|_| Status::UnknownDomain)?;
    let answer = domain.check(number);
    let verdict = verdict.write(Verdict::new(&answer)?);
    if let Some(by) = answer.decided_by() {
        verdict.number = canonical(by, domain, number, buffer);
    }
    Ok(())
}

/// The canonical form of the number in question.
#[inline]
fn canonical(by: &Match<'_>, domain: Domain<'_>, asked: &[u8], buffer: &mut Buffer) -> Text {
    match &by.entry {
        Entry::Number(number) => buffer.write(number),
        // A pattern, a class, or another kind of entry that holds the number
        _ => buffer.write(&domain.plan().number(asked)),
    }
}
