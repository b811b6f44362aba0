//! Calls with three identities of the caller and a callee.

use std::hint::black_box;
use std::ops::Range;

use callbar::{Call, DomainId, Reader};

use super::numbers::Texts;
use super::timing::fence;

/// How many numbers a call has.
pub(crate) const PARTIES: usize = 4;

/// Calls of different parties, as header values.
pub(crate) struct Calls {
    callees: Texts,
    froms: Texts,
    asserted: Texts,
    preferred: Texts,
}

impl Calls {
    /// The first call takes the first number of each quarter, the second call the second, and so on.
    pub(crate) fn new(numbers: &[u64]) -> Self {
        let count = numbers.len() / PARTIES;
        let quarter = |at: usize, form: fn(u64) -> String| {
            Texts::written(&numbers[at * count..][..count], form)
        };
        Self {
            callees: quarter(0, |n| format!("sip:+{n}@pbx.example;user=phone")),
            froms: quarter(1, |n| format!("\"Caller\" <sip:+{n}@gw.example>;tag=a6c85cf")),
            asserted: quarter(2, |n| format!("<sip:+{n}@ims.example>")),
            preferred: quarter(3, |n| format!("<tel:+{n}>")),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.callees.len()
    }

    /// Decides these calls, one at a time: the next decision begins when the last has ended.
    #[inline]
    pub(crate) fn decide(&self, calls: Range<usize>, reader: &mut Reader, domain: DomainId) {
        let callers = self.asserted.range(calls.clone()).zip(self.preferred.range(calls.clone()));
        for ((callee, from), (first, second)) in
            self.callees.range(calls.clone()).zip(self.froms.range(calls)).zip(callers)
        {
            let call = Call {
                callee: Some(callee),
                from: Some(from),
                asserted: &[first, second],
                ..Call::default()
            };
            black_box(reader.decide(domain, &call).is_ok_and(|decision| decision.is_deny()));
            fence();
        }
    }
}
