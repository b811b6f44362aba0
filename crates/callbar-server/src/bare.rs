//! Numbers added by interfaces that know nothing else of an entry.

use super::app::App;
use super::credential::Principal;
use callbar::Outcome;
use callbar_store::{NewEntry, Operation, Result};

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
    entry: NewEntry,
) -> Result<bool> {
    let entry = NewEntry { keep: true, ..entry };
    let add = Operation::add_creating_list(domain, list, entry);
    Ok(app.change(principal, add).await? == Outcome::Added)
}
