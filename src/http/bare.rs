//! Numbers added by interfaces that know nothing of an entry but its number.

use super::app::App;
use super::auth::Principal;
use crate::manager::{NewNote, Operation};
use crate::store::StoredEntry;
use crate::{Error, Outcome, Result};

/// Puts a number on a list, which is made if it does not exist. Whether it was not there before.
///
/// An entry that is there stays as it is: with its way of writing, its reason, its source and its
/// expiry. One that has expired, but was not removed yet, is made anew.
///
/// # Errors
/// Those of [`App::apply`].
pub(super) async fn add(
    app: &App,
    principal: &Principal,
    domain: String,
    list: String,
    number: String,
) -> Result<bool> {
    let there = match app.manager().entry(&domain, &list, &number) {
        Err(Error::UnknownList { .. }) => None,
        found => found?,
    };
    let now = app.manager().now();
    let live = there.filter(|entry| is_live(entry, now));
    let was_there = live.is_some();
    let entry = again(number, live, now);
    let add = Operation::Add { domain, list, entry, make_list: true };
    let outcome = app.change(principal, add).await?;
    Ok(!was_there && outcome != Outcome::Unchanged)
}

/// Whether an entry exists; one that has expired stays in the store for some minutes.
pub(super) fn is_live(entry: &StoredEntry, now: u64) -> bool {
    entry.expires.is_none_or(|expires| expires > now)
}

fn again(number: String, live: Option<StoredEntry>, now: u64) -> NewNote {
    match live {
        Some(StoredEntry { expires, reason, source, .. }) => {
            NewNote { number, expires, reason, source, ..NewNote::default() }
        }
        None => NewNote { number, created: Some(now), ..NewNote::default() },
    }
}
