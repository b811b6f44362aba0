//! Prevents the call path from touching the heap: no text makes [`callbar::DialPlan`] allocate.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use callbar::DialPlan;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, with a count for each thread.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came; counting does not allocate.
#[allow(unsafe_code, reason = "only an allocator can count allocations")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One text of every kind, and the edges of lengths.
const TEXTS: [&str; 39] = [
    "+905050047824",
    "905050047824",
    "05050047824",
    "5050047824",
    "00905050047824",
    "0505 004 78 24",
    "+90 (505) 004-78.24",
    "sip:+905050047824@gw;user=phone",
    "tel:+905050047824;ext=3",
    "\"Name <x>\" <sip:+905050047824:pw@h;user=phone?x=y>;tag=z",
    "%2B90%35050047824",
    "\u{FF0B}\u{669}\u{660}5050047824",
    "tel:5050047824;phone-context=+90",
    "tel:7042;phone-context=example.com",
    "911",
    "0000",
    "+90505",
    "+999123456789",
    "90505004782499999999999999999999999999999999999999999999",
    "*67",
    "99#05050047824",
    "alice",
    "sip:alice%20smith;day=tuesday@a.com",
    "anonymous",
    "sip:anonymous@anonymous.invalid",
    "",
    "1-800-FLOWERS",
    "Tel: 0505 004 78 24 ext. 3",
    "+",
    "\u{7f}\u{0}%00%ff",
    "+3758102469989",
    "01115212345678",
    "4641234",
    "<<<\"\"\"@@@;;;:::",
    "URN:service:sos.police",
    "0505*",
    "sip:0505%20004%20XX%20XX@gw",
    "05050000000 - 05050009999",
    "+90505X1-+2*",
];

#[test]
fn no_text_allocates() {
    let plain = ["TR", "US", "AR", "AG", "RU", "BY"].map(|region| DialPlan::new(region).unwrap());
    let special = DialPlan::new("TR")
        .and_then(|plan| plan.with_international_prefix("010"))
        .and_then(|plan| plan.with_technical_prefix("99#"))
        .unwrap()
        .with_plain_e164(true);
    let long = "x".repeat(100_000);
    for plan in plain.iter().chain([&special]) {
        for text in TEXTS.iter().copied().chain([long.as_str()]) {
            let before = ALLOCATIONS.with(Cell::get);
            let call = plan.number(text.as_bytes());
            let entry = plan.entry(text.as_bytes());
            std::hint::black_box((plan.class(&call), plan.is_emergency(&call)));
            let pattern = plan.pattern(text.as_bytes());
            std::hint::black_box(pattern.is_some_and(|pattern| {
                pattern.is_ok_and(|pattern| pattern.holds(b"905050047824").is_some())
            }));
            let after = ALLOCATIONS.with(Cell::get);
            assert_eq!(before, after, "{text:?} in {}: {call:?}, {entry:?}", plan.region());
        }
    }
}

#[test]
fn the_count_counts() {
    let before = ALLOCATIONS.with(Cell::get);
    std::hint::black_box(Box::new(1));
    assert_eq!(ALLOCATIONS.with(Cell::get), before + 1);
}
