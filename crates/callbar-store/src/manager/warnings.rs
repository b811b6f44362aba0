//! Warnings of entries that a list takes and that may not do what their writer expects.

use callbar::{Action, DialPlan, E164, shown};
use callbar_lists::{EntryKind, Warnings};

use crate::store::StoredDomain;

/// The shortest canonical form of an E.164 number that is no emergency number behind its calling code.
const NEVER_IN_DOUBT: usize = "+100000000".len();

/// A collector for a list of such a domain that says this.
pub(super) fn new_warnings(domain: &StoredDomain, action: Action) -> Warnings {
    Warnings::new(domain.emergency_exempt && action == Action::Deny)
}

/// Looks at an entry by its key and its text.
pub(super) fn look(
    warnings: &mut Warnings,
    plan: &DialPlan,
    key: &str,
    text: &str,
    line: Option<u64>,
) {
    if key.starts_with('+')
        && key.len() >= NEVER_IN_DOUBT
        && let Some(number) = shown(key)[1..].parse().ok().and_then(E164::new)
    {
        return warnings.look_number(text.as_bytes(), number);
    }
    warnings.look(plan, &EntryKind::read(plan, text.as_bytes()), text.as_bytes(), line);
}
