//! Reads the text of an entry: its key, why it is refused, and what its writer should be warned of.

use super::limits;
use crate::store::StoredDomain;
use crate::{Error, Result};
use callbar::{Action, DialPlan, EntryError, EntryKey};
use callbar_lists::Warnings;

/// Reads an entry for a list with this action.
///
/// # Errors
/// [`callbar::Error::InvalidEntry`]
pub(super) fn parse(
    plan: &DialPlan,
    number: &str,
    action: Action,
    allow_broad: bool,
) -> Result<EntryKey> {
    let key = EntryKey::parse(number.as_bytes(), plan);
    let key = key.and_then(|key| key.permit(action, allow_broad).map(|()| key));
    key.map_err(|reason| invalid_entry(number, reason))
}

/// Reads an entry that is looked up or removed: no list refuses it.
///
/// # Errors
/// [`callbar::Error::InvalidEntry`]
pub(super) fn parse_any(plan: &DialPlan, number: &str) -> Result<EntryKey> {
    parse(plan, number, Action::Allow, true)
}

pub(super) fn invalid_entry(number: &str, reason: EntryError) -> Error {
    Error::Engine(callbar::Error::InvalidEntry { text: limits::shortened(number), reason })
}

/// Collects warnings about entries that a list of this domain with this action takes.
pub(super) fn new_warnings(domain: &StoredDomain, action: Action) -> Warnings {
    Warnings::new(domain.emergency_exempt && action == Action::Deny)
}
