//! Whatever holds lists and judges numbers: a published domain, or lists made for one command.

use callbar::{DialPlan, Domain, Index, Number, Verdict};

/// Lists that numbers are judged by, for as long as `'a`.
pub(crate) trait Judge<'a>: Copy + Sync {
    /// The plan that numbers are read by.
    fn plan(self) -> &'a DialPlan;
    /// The verdict on a canonical number.
    fn check_number(self, number: &Number) -> Verdict<'a>;
}

impl<'a> Judge<'a> for Domain<'a> {
    fn plan(self) -> &'a DialPlan {
        Domain::plan(self)
    }

    #[inline]
    fn check_number(self, number: &Number) -> Verdict<'a> {
        Domain::check_number(self, number)
    }
}

impl<'a, D: AsRef<[u8]> + Sync> Judge<'a> for &'a Index<D> {
    fn plan(self) -> &'a DialPlan {
        Index::plan(self)
    }

    #[inline]
    fn check_number(self, number: &Number) -> Verdict<'a> {
        Index::check_number(self, number)
    }
}
