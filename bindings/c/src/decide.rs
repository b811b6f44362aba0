//! The question of a call: headers in, decision out.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use callbar::{DomainId, DomainKey, Entry};

use crate::reader::{self, Reader, ThreadReader};
use crate::status::{Status, sized, usable};
use crate::text::{self, Buffer, Text};
use crate::verdict::{Action, Verdict};

const MAX_VALUES: usize = callbar::Call::MAX_VALUES;

/// The headers of a call that name its parties. Set `size`, and the fields of missing headers to 0. Each text
/// is a whole header value as it was received, in any bytes; `at` is NULL if the call has no such header.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// sizeof(callbar_call)
    pub size: u32,
    /// The request URI or the value of To, whichever the server routes the call by.
    pub callee: Text,
    /// The value of From.
    pub from: Text,
    /// The values of P-Asserted-Identity, then of P-Preferred-Identity, if the peer is trusted to assert.
    pub asserted: *const Text,
    /// The number of these values: 64 at most. One value may hold several addresses, with commas between
    /// them.
    pub asserted_count: usize,
    /// The values of Remote-Party-ID, with their parameters.
    pub remote_party: *const Text,
    /// The number of these values: 64 at most.
    pub remote_party_count: usize,
    /// The value of Privacy; several may be joined by `;` or `,`.
    pub privacy: Text,
}

/// A party of a call.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Neither.
    None = 0,
    /// Who calls.
    Caller = 1,
    /// Who is called.
    Callee = 2,
}

/// Whether a call is barred, and how to answer it. Set `size` before the question. The texts are valid until
/// the next call of any function with the same reader; `reason` is valid for ever.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// sizeof(callbar_decision)
    pub size: u32,
    /// What to do.
    pub action: Action,
    /// The party whose number is on the list that decided; CALLBAR_PARTY_NONE if no list decided.
    pub party: Party,
    /// 1 for an emergency call, which goes on even if a list denies a party; else 0.
    pub exempt: u32,
    /// 1 if the callee holds digits and is not plainly one number; else 0, and 0 for an emergency call.
    /// A strict server refuses such calls with 484 (Address Incomplete).
    pub ambiguous: u32,
    /// The SIP response to recommend for a barred call: 400, 433, 603, 607 or 608; else 0.
    pub sip_code: u32,
    /// The reason phrase of that response; else empty.
    pub reason: Text,
    /// The list that decided; empty if no list did.
    pub list: Text,
    /// The entry on it, in canonical form; empty if no list decided.
    pub entry: Text,
}

impl Decision {
    /// The decision on a call when the question has failed.
    #[cold]
    fn on_error(action: Action) -> Self {
        Self::new(Verdict::on_error(action))
    }

    /// The decision on a call with too many values of a header.
    #[cold]
    fn bad_request() -> Self {
        let (sip_code, reason) = (400, Text::new("Bad Request"));
        Self { sip_code, reason, ..Self::on_error(Action::Deny) }
    }

    /// A decision without a party.
    #[inline]
    fn new(Verdict { action, sip_code, reason, list, .. }: Verdict) -> Self {
        let (size, party, entry) = (size_of::<Self>() as u32, Party::None, Text::NONE);
        Self { size, action, party, exempt: 0, ambiguous: 0, sip_code, reason, list, entry }
    }
}

/// Decides whether a call is barred, and how to answer it. Asks the lists of a domain about both parties.
/// This is the question of a routing process.
///
/// The order of the questions is fixed, and the first deny decides:
///
/// 1. Is it an emergency call? Such a call goes on, whoever makes it. The settings of the domain can switch
///    this off.
/// 2. All asserted identities, then all of Remote-Party-ID, then From. If lists allow one identity of a kind
///    and deny none of it, the kinds after it are not asked.
/// 3. If no list has allowed the caller: is the identity withheld, by Privacy or by Remote-Party-ID? Then the
///    caller is in the class `anonymous`.
/// 4. The callee. It is asked also if a list allowed the caller.
///
/// Allocates nothing, takes no lock and makes no system call. Only the first question after a change does,
/// to take up the new lists.
///
/// On an error, the decision is the one that `on_error` of callbar_options asks for, with
/// CALLBAR_PARTY_NONE. Without a valid reader it is CALLBAR_ACTION_PASS. A decision whose `size` is wrong
/// stays as it is. A call with more than 64 values of a header is CALLBAR_STATUS_BAD_LENGTH and always denied
/// with 400 (Bad Request), because the caller chose their number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_decide(
    reader: *mut Reader,
    domain: *const c_char,
    domain_len: usize,
    call: *const Call,
    decision: *mut Decision,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    unsafe { answer(reader, || text::name(domain, domain_len), call, decision) }
}

/// As callbar_decide, with the id of a domain from callbar_domain.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn callbar_decide_id(
    reader: *mut Reader,
    id: u32,
    call: *const Call,
    decision: *mut Decision,
) -> Status {
    // SAFETY: the header says what the pointers point to.
    unsafe { answer(reader, || Ok(DomainId::from_raw(id)), call, decision) }
}

/// # Safety
/// `reader` is null or a handle that no other thread uses; `call` and `decision` are null or have as
/// many bytes as their first four say, and four at least; `decision` may be written to.
#[inline]
unsafe fn answer<K: DomainKey>(
    reader: *mut Reader,
    key: impl FnOnce() -> Result<K, Status>,
    call: *const Call,
    decision: *mut Decision,
) -> Status {
    // SAFETY: the caller's promise is passed on.
    if let Err(status) = unsafe { sized(decision) } {
        return status;
    }
    // SAFETY: not null, aligned, and it has all its bytes, by its size.
    let decision = unsafe { &mut *decision.cast::<MaybeUninit<Decision>>() };
    // SAFETY: the caller's promise is passed on.
    let (status, is_overfull) = unsafe {
        let status = reader::answer(reader, decision, Decision::on_error, |thread, decision| {
            let key = key()?;
            with_call(call, |call| decide(thread, key, call, decision))
        });
        (status, status == Status::BadLength && is_overfull(call))
    };
    if is_overfull {
        // The caller chooses how many headers a call has: that must not make it pass.
        decision.write(Decision::bad_request());
    }
    status
}

/// Reports whether a header of the call has too many values.
///
/// # Safety
/// As [`with_call`].
#[cold]
unsafe fn is_overfull(call: *const Call) -> bool {
    // SAFETY: the caller's promise is passed on; once its size is checked it has all its bytes.
    unsafe {
        sized(call).is_ok()
            && ((*call).asserted_count > MAX_VALUES || (*call).remote_party_count > MAX_VALUES)
    }
}

#[inline]
fn decide(
    thread: &mut ThreadReader,
    key: impl DomainKey,
    call: &callbar::Call<'_>,
    to: &mut MaybeUninit<Decision>,
) -> Result<(), Status> {
    let ThreadReader { reader, number: buffer, .. } = thread;
    let domain = reader.snapshot().domain(key).map_err(|_| Status::UnknownDomain)?;
    let answer = domain.decide(call);
    let decision = to.write(Decision::new(Verdict::new(&answer.verdict)?));
    decision.exempt = answer.exempt.into();
    decision.ambiguous = answer.ambiguous.into();
    decision.party = match answer.party {
        None => Party::None,
        Some(callbar::Party::Caller) => Party::Caller,
        Some(callbar::Party::Callee) => Party::Callee,
    };
    if let Some(entry) = answer.entry() {
        decision.entry = canonical(entry, buffer)?;
    }
    Ok(())
}

/// An entry in canonical form: a number is written to the buffer, the others exist as text.
#[inline]
fn canonical(entry: &Entry<'_>, buffer: &mut Buffer) -> Result<Text, Status> {
    match entry {
        Entry::Number(number) => Ok(buffer.write(number)),
        Entry::Pattern(text) => Ok(Text::new(text)),
        Entry::Class(class) => Ok(Text::new(class.as_str())),
        // A kind of entry that this interface does not know yet
        _ => Err(Status::Internal),
    }
}

/// Reads a call, and asks something about it.
///
/// # Safety
/// `call` is null or has as many bytes as its first four say, and four at least; its texts and arrays
/// may be read.
#[inline]
pub(crate) unsafe fn with_call<T>(
    call: *const Call,
    ask: impl FnOnce(&callbar::Call<'_>) -> Result<T, Status>,
) -> Result<T, Status> {
    let (mut asserted, mut remote_party) = (None, None);
    // SAFETY: the caller's promise is passed on. Once its size is checked it has all its bytes, and any
    // bits are integers and pointers.
    unsafe {
        sized(call)?;
        let call = &*call;
        ask(&callbar::Call {
            callee: header(call.callee)?,
            from: header(call.from)?,
            asserted: headers(call.asserted, call.asserted_count, &mut asserted)?,
            remote_party: headers(call.remote_party, call.remote_party_count, &mut remote_party)?,
            privacy: header(call.privacy)?,
        })
    }
}

/// A header that a call may have.
///
/// # Safety
/// As [`text::bytes`].
#[inline]
unsafe fn header<'c>(text: Text) -> Result<Option<&'c [u8]>, Status> {
    if text.at.is_null() && text.len == 0 {
        return Ok(None);
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { text::bytes(text.at, text.len) }.map(Some)
}

/// The values of a header, in `room`, which stays untouched if there are none.
///
/// # Safety
/// `at` is null or points to `count` texts; these as [`text::bytes`].
#[inline]
unsafe fn headers<'c, 'r>(
    at: *const Text,
    count: usize,
    room: &'r mut Option<[&'c [u8]; MAX_VALUES]>,
) -> Result<&'r [&'c [u8]], Status> {
    if count == 0 {
        return Ok(&[]);
    }
    if count > MAX_VALUES {
        return Err(Status::BadLength);
    }
    usable(at)?;
    let values = &mut room.insert([&[]; MAX_VALUES])[..count];
    // SAFETY: not null, aligned, not too long; the rest is the caller's promise.
    let texts = unsafe { std::slice::from_raw_parts(at, count) };
    for (value, text) in values.iter_mut().zip(texts) {
        // SAFETY: the caller's promise is passed on.
        *value = unsafe { text::bytes(text.at, text.len) }?;
    }
    Ok(values)
}
