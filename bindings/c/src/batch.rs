//! Many numbers against one snapshot.

use std::ffi::c_char;
use std::slice;

use crate::handle;
use crate::reader::{Reader, ThreadReader};
use crate::status::{Status, guard, shielded, usable};
use crate::text::{self, Text};
use crate::verdict::Verdict;

/// Numbers that are asked at once: enough for their cache misses to overlap, and few enough for the stack.
const BATCH: usize = 64;

/// Checks `count` numbers against the same lists: `verdicts[i]` answers `numbers[i]`, and `verdicts` has room
/// for `count` of them. Faster than one at a time where the lists exceed the caches; 64 numbers are enough
/// for that. Allocates nothing. For numbers outside a call, as callbar_check; for a call use callbar_decide.
///
/// On an error, every verdict is the answer that `on_error` of callbar_options asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_check_batch(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    numbers: *const Text,
    count: usize,
    verdicts: *mut Verdict,
) -> Status {
    guard(|| {
        usable(numbers)?;
        usable(verdicts)?;
        if count > isize::MAX as usize / size_of::<Verdict>() {
            return Err(Status::BadLength);
        }
        // SAFETY: not null, aligned, not too long; the header says that there are `count` of them.
        let numbers = unsafe { slice::from_raw_parts(numbers, count) };
        // SAFETY: as above, and their bits are overwritten before they are read.
        let verdicts = unsafe { slice::from_raw_parts_mut(verdicts.cast(), count) };
        // SAFETY: the header says that it is a reader that no other thread uses.
        let thread = unsafe { handle::get_mut::<ThreadReader>(reader) };
        let on_error = thread.as_ref().map_or(Verdict::PASS, |t| Verdict::on_error(t.on_error));
        // SAFETY: the header says what `domain` and the numbers point to.
        let answered = thread.and_then(|thread| {
            shielded(|| unsafe { answer(thread, domain, domain_len, numbers, verdicts) })
        });
        if answered.is_err() {
            verdicts.fill(std::mem::MaybeUninit::new(on_error));
        }
        answered
    })
}

/// # Safety
/// The texts are null or may be read.
unsafe fn answer(
    thread: &mut ThreadReader,
    domain: *const c_char,
    domain_len: usize,
    numbers: &[Text],
    verdicts: &mut [std::mem::MaybeUninit<Verdict>],
) -> Result<(), Status> {
    // SAFETY: the caller's promise is passed on.
    let name = unsafe { text::name(domain, domain_len) }?;
    let domain = thread.reader.snapshot().domain(name).map_err(|_| Status::UnknownDomain)?;
    for (numbers, verdicts) in numbers.chunks(BATCH).zip(verdicts.chunks_mut(BATCH)) {
        let mut texts: [&[u8]; BATCH] = [&[]; BATCH];
        for (text, number) in texts.iter_mut().zip(numbers) {
            // SAFETY: the caller's promise is passed on.
            *text = unsafe { text::bytes(number.at, number.len) }?;
        }
        let mut answers = [const { callbar::Verdict::Pass }; BATCH];
        domain.check_batch(&texts[..numbers.len()], &mut answers);
        for (verdict, answer) in verdicts.iter_mut().zip(&answers) {
            verdict.write(Verdict::new(answer)?);
        }
    }
    Ok(())
}
