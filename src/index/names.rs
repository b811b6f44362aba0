//! What domains and lists may be called: one rule for who compiles an index and who opens one.

use crate::{Error, Result};

/// The longest domain name in bytes, as in the DNS (RFC 1035, section 2.3.4, less the final dot).
pub(crate) const DOMAIN_MAX: usize = 253;
/// The longest name of a list in bytes.
const LIST_MAX: usize = 255;
/// The most lists of a domain.
pub const LISTS_MAX: usize = 65_536;

/// Says what is wrong with a domain's name.
pub(super) fn check_domain(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > DOMAIN_MAX {
        return Err("must have 1 to 253 bytes, such as my.example");
    }
    if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("holds white space or control characters");
    }
    Ok(())
}

/// Says what is wrong with a list's name.
pub(super) fn check_list(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > LIST_MAX {
        return Err("must have 1 to 255 bytes");
    }
    if name.contains(char::is_control) {
        return Err("holds control characters");
    }
    if name == "-" {
        return Err("stands for no list in answers; choose another");
    }
    Ok(())
}

/// Refuses a name that no index can have, before it is in the store.
///
/// # Errors
/// [`Error::InvalidName`]
pub fn verify_list(name: &str) -> Result<()> {
    let invalid = |reason| Error::InvalidName { what: "list", name: name.to_owned(), reason };
    check_list(name).map_err(invalid)
}

/// As [`verify_list`], of a domain's name.
///
/// # Errors
/// [`Error::InvalidName`]
pub fn verify_domain(name: &str) -> Result<()> {
    let invalid = |reason| Error::InvalidName { what: "domain", name: name.to_owned(), reason };
    check_domain(name).map_err(invalid)
}
