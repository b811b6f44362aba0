//! Numbers added by interfaces that know nothing else of an entry.

use super::app::App;
use super::credential::Principal;
use callbar::Outcome;
use callbar_store::{NewNote, Operation, Result};

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
    entry: NewNote,
) -> Result<bool> {
    let entry = NewNote { keep: true, ..entry };
    let add = Operation::Add { domain, list, entry, make_list: true };
    Ok(app.change(principal, add).await? == Outcome::Added)
}
