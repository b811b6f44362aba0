//! Texts: pointers and lengths from C, which are bounded before anything is read, and those for C.

use std::ffi::{CString, c_char};
use std::{fmt, ptr, slice};

use callbar::Number;

use crate::status::{Status, usable};

/// A text: `len` bytes from `at` on, without a NUL behind them. Print it with "%.*s".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Its first byte; NULL if there is no text.
    pub at: *const c_char,
    /// Its length in bytes.
    pub len: usize,
}

impl Text {
    pub(crate) const NONE: Self = Self { at: ptr::null(), len: 0 };

    #[inline]
    pub(crate) fn new(text: &str) -> Self {
        Self { at: text.as_ptr().cast(), len: text.len() }
    }
}

/// The longest text that is read: more than a SIP message has. A greater length was never set, or is -1.
pub(crate) const LEN_MAX: usize = 1 << 20;

/// The bytes of a text.
///
/// # Safety
/// `at` is null or points to `len` bytes that stay as they are for `'a`.
#[inline]
pub(crate) unsafe fn bytes<'a>(at: *const c_char, len: usize) -> Result<&'a [u8], Status> {
    if at.is_null() {
        return Err(Status::BadPointer);
    }
    if len > LEN_MAX {
        return Err(Status::BadLength);
    }
    // SAFETY: not null, and short; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(at.cast(), len) })
}

/// The name of a domain.
///
/// # Safety
/// As [`bytes`].
#[inline]
pub(crate) unsafe fn name<'a>(at: *const c_char, len: usize) -> Result<&'a str, Status> {
    // SAFETY: the caller's promise is passed on.
    let bytes = unsafe { bytes(at, len) }?;
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8. Nearly all names are, and this test takes a third of the time.
        return Ok(unsafe { str::from_utf8_unchecked(bytes) });
    }
    str::from_utf8(bytes).map_err(|_| Status::BadUtf8)
}

/// Gives out a value as JSON.
///
/// # Safety
/// `json` is null or may be written to.
pub(crate) unsafe fn give_json<T: serde::Serialize>(
    json: *mut *mut c_char,
    value: impl FnOnce() -> Result<T, Status>,
) -> Result<(), Status> {
    usable(json)?;
    // SAFETY: not null, aligned, and the caller promises that it may be written to.
    unsafe { json.write(ptr::null_mut()) };
    // A path in it may not be UTF-8. JSON escapes a NUL, so the text has none.
    let text = serde_json::to_string(&value()?).map_err(|_| Status::BadUtf8)?;
    let text = CString::new(text).map_err(|_| Status::Internal)?;
    // SAFETY: as above.
    unsafe { json.write(text.into_raw()) };
    Ok(())
}

/// Room for a canonical number: three bytes for each of the most bytes that it may have.
const ROOM: usize = 1 + 3 * callbar::Text::MAX + 64;

/// The digits of a group, and the groups of any integer.
const GROUP: usize = 8;
const GROUPS: usize = 3;

/// The digits of 0 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut value = 0;
    while value < 100 {
        pairs[value] = [b'0' + value as u8 / 10, b'0' + value as u8 % 10];
        value += 1;
    }
    pairs
};

/// The digits of 0 to 99,999,999, with leading zeros. Its divisions do not wait for each other.
#[inline]
fn digits_of(value: u32) -> [u8; GROUP] {
    let (high, low) = (value / 10_000, value % 10_000);
    let mut digits = [0; GROUP];
    for (room, pair) in
        digits.chunks_exact_mut(2).zip([high / 100, high % 100, low / 100, low % 100])
    {
        room.copy_from_slice(&PAIRS[pair as usize % 100]);
    }
    digits
}

/// The number of leading zeros.
#[inline]
fn zeros_before(digits: [u8; GROUP]) -> usize {
    let zeros = u64::from_be_bytes([b'0'; GROUP]);
    ((u64::from_be_bytes(digits) ^ zeros).leading_zeros() / u8::BITS) as usize
}

/// Where a reader writes the canonical number of its last answer.
pub(crate) struct Buffer {
    len: usize,
    bytes: [u8; ROOM],
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { len: 0, bytes: [0; ROOM] }
    }

    /// Writes a number, in place of the one before.
    #[inline]
    pub(crate) fn write(&mut self, number: &Number) -> Text {
        if let Number::E164(e164) = number {
            return self.write_e164(e164.get());
        }
        self.len = 0;
        // It never fails: text that does not fit is left out.
        let _ = fmt::write(self, format_args!("{number}"));
        Text { at: self.bytes.as_ptr().cast(), len: self.len }
    }

    /// This happens for every listed number, so it is fast: a number has one to three groups, which do not wait
    /// for each other either.
    #[inline]
    fn write_e164(&mut self, value: u64) -> Text {
        const SIZE: u64 = 100_000_000;
        let (room, _) = self.bytes.split_at_mut(1 + GROUPS * GROUP);
        let groups = [value / SIZE / SIZE, value / SIZE % SIZE, value % SIZE];
        let groups = groups.map(|group| digits_of(group as u32));
        for (room, group) in room[1..].chunks_exact_mut(GROUP).zip(groups) {
            room.copy_from_slice(&group);
        }
        let zeros = groups.map(zeros_before);
        let front = if zeros[0] < GROUP {
            zeros[0]
        } else if zeros[1] < GROUP {
            GROUP + zeros[1]
        } else {
            2 * GROUP + zeros[2].min(GROUP - 1)
        };
        room[front] = b'+';
        let text = &room[front..];
        Text { at: text.as_ptr().cast(), len: text.len() }
    }
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + text.len()) {
            room.copy_from_slice(text.as_bytes());
            self.len += text.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: &Number) -> String {
        let mut buffer = Buffer::new();
        let Text { at, len } = buffer.write(number);
        let start = at.addr() - buffer.bytes.as_ptr().addr();
        String::from_utf8(buffer.bytes[start..start + len].to_vec()).expect("UTF-8")
    }

    #[test]
    fn numbers_are_written_as_everywhere() {
        let plan = callbar::DialPlan::new("TR").expect("region");
        let longest = "%ff".repeat(callbar::Text::MAX);
        for text in [
            "05050047824",
            "+12125550100",
            "+2907001",
            "112",
            "*67",
            "alice",
            "anonymous",
            "sip:%ff%fe@a",
            &longest,
        ] {
            let number = plan.number(text.as_bytes());
            assert_eq!(written(&number), number.to_string(), "{text}");
        }
        for power in 3..19 {
            let ten = 10_u64.pow(power);
            for value in [ten - 1, ten, ten + 7, ten / 7 * 6] {
                let number = Number::E164(callbar::E164::new(value).expect("two digits or more"));
                assert_eq!(written(&number), format!("+{value}"));
            }
        }
        assert!(written(&plan.number(format!("sip:{longest}@a").as_bytes())).len() > 300);
    }
}
