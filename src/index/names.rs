//! The names that domains and lists may have: one rule for a store, a compiler and an index that is
//! opened.

use crate::{Error, Result, error::NameError};

/// The longest domain name in bytes, as in the DNS (RFC 1035, section 2.3.4, less the final dot).
pub(crate) const DOMAIN_MAX: usize = 253;
/// The longest name of a list in bytes.
const LIST_MAX: usize = 255;
/// The most lists of a domain, those that were dropped since it was last compiled included.
pub const LISTS_MAX: usize = 65_536;

/// Checks that a domain can have this name: 1 to 253 bytes without white space and control characters.
///
/// # Errors
/// [`Error::InvalidName`]
///
/// # Examples
/// ```
/// assert!(callbar::verify_domain_name("my.example").is_ok());
/// assert!(callbar::verify_domain_name("my example").is_err());
/// ```
pub fn verify_domain_name(name: &str) -> Result<()> {
    let reason = if name.is_empty() || name.len() > DOMAIN_MAX {
        NameError::DomainLength
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        NameError::DomainCharacters
    } else {
        return Ok(());
    };
    Err(Error::InvalidName { what: "domain", name: name.to_owned(), reason })
}

/// Checks that a list can have this name: 1 to 255 bytes without control characters, and not `-`, which
/// stands for no list in answers.
///
/// # Errors
/// [`Error::InvalidName`]
///
/// # Examples
/// ```
/// assert!(callbar::verify_list_name("do not call").is_ok());
/// assert!(callbar::verify_list_name("-").is_err());
/// ```
pub fn verify_list_name(name: &str) -> Result<()> {
    let reason = if name.is_empty() || name.len() > LIST_MAX {
        NameError::ListLength
    } else if name.contains(char::is_control) {
        NameError::ListCharacters
    } else if name == "-" {
        NameError::ListDash
    } else {
        return Ok(());
    };
    Err(Error::InvalidName { what: "list", name: name.to_owned(), reason })
}
