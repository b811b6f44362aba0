//! Warnings of entries that a list takes and that may not do what their writer expects.

use callbar::Action;
use callbar_lists::Warnings;

use crate::store::StoredDomain;

/// A collector for a list of such a domain with this action.
pub(super) fn new_warnings(domain: &StoredDomain, action: Action) -> Warnings {
    Warnings::new(domain.emergency_exempt && action == Action::Deny)
}
