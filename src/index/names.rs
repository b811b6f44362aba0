//! The names that domains and lists may have: one rule for a store, a compiler and an index that is
//! opened.

use crate::{Error, Result, error::NameError};

/// The longest domain name in bytes, as in the DNS (RFC 1035, section 2.3.4, less the final dot).
pub const DOMAIN_NAME_MAX: usize = 253;
/// The longest name of a list in bytes.
pub const LIST_NAME_MAX: usize = 255;
/// The most lists of a domain, those that were dropped since it was last compiled included.
pub const LISTS_MAX: usize = 65_536;

/// Checks that a domain can have this name: 1 to [`DOMAIN_NAME_MAX`] bytes without white space and control characters.
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
    let reason = if name.is_empty() || name.len() > DOMAIN_NAME_MAX {
        NameError::DomainLength
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        NameError::DomainCharacters
    } else {
        return Ok(());
    };
    Err(Error::InvalidName { what: "domain", name: name.to_owned(), reason })
}

/// Checks that a list can have this name: 1 to [`LIST_NAME_MAX`] bytes without control characters, and not
/// `-`, which stands for no list in answers.
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
    let reason = if name.is_empty() || name.len() > LIST_NAME_MAX {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EntryError;
    use crate::index::note::TEXT_MAX;

    /// The reasons are constant texts, so nothing else binds the figures in them to the bounds.
    #[test]
    fn messages_name_the_bounds() {
        let names = |reason: &str, bound: usize| {
            let (thousands, rest) = (bound / 1_000, bound % 1_000);
            let figure =
                if thousands > 0 { format!("{thousands},{rest:03}") } else { rest.to_string() };
            assert!(reason.contains(&format!(" {figure} bytes")), "{reason}");
        };
        names(NameError::DomainLength.as_str(), DOMAIN_NAME_MAX);
        names(NameError::ListLength.as_str(), LIST_NAME_MAX);
        names(EntryError::TooLong.as_str(), TEXT_MAX);
        names(EntryError::LongNote.as_str(), TEXT_MAX);
        assert!(verify_list_name(&"x".repeat(LIST_NAME_MAX)).is_ok());
        assert!(verify_list_name(&"x".repeat(LIST_NAME_MAX + 1)).is_err());
    }
}
