//! From the text of a call to its number: header, address, user, characters, digits.
//!
//! `header` finds the addresses in a header and `uri` the user and host in an address. `parse` makes the one
//! number of a text. `readings` finds every number that servers may make of it. `withheld` knows how callers
//! hide their number.

pub(super) mod header;
pub(super) mod parse;
pub(super) mod readings;
pub(super) mod uri;
pub(super) mod withheld;
