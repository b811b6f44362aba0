//! What the store keeps of those who may change it, and of what they did.

use super::{CredentialRow, DomainRow};

/// Declares words that are kept as text.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $word:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$of])* $word,)*
        }

        impl $name {
            /// The word for it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                }
            }

            /// What this word is for; `None` if it is no such word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($text => Some(Self::$word),)*
                    _ => None,
                }
            }
        }
    )*};
}

words! {
    /// Whose way of authenticating a credential follows.
    CredentialKind {
        /// A key that accompanies a token: Webitel's.
        Webitel = "webitel",
        /// A key with a hash: iletimerkezi's.
        Iletimerkezi = "iletimerkezi",
        /// A bearer token: callbar's own.
        Native = "native",
    }
    /// What a credential allows.
    Role {
        /// Everything, credentials included.
        Admin = "admin",
        /// Reading, and changing lists and entries.
        Editor = "editor",
        /// Reading.
        Reader = "reader",
    }
}

/// A credential that is to be made.
#[derive(Clone, Copy)]
pub struct NewCredential<'a> {
    /// Its kind.
    pub kind: CredentialKind,
    /// What it is found by; unique among all of them, no secret.
    pub key: &'a str,
    /// The hash of its secret, in bytes that the store does not read.
    pub secret: &'a [u8],
    /// What the secret was hashed with.
    pub salt: &'a [u8],
    /// The one domain it is good for; `None` for all.
    pub domain: Option<DomainRow>,
    /// The name of the one list it is good for, which need not exist; `None` for all.
    pub list: Option<&'a str>,
    /// What it allows.
    pub role: Role,
    /// What people call it.
    pub label: &'a str,
}

/// A credential. Comparing secrets, in constant time, is its reader's business.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its row.
    pub row: CredentialRow,
    /// Its kind.
    pub kind: CredentialKind,
    /// What it is found by.
    pub key: String,
    /// The hash of its secret.
    pub secret: Vec<u8>,
    /// What the secret was hashed with.
    pub salt: Vec<u8>,
    /// The one domain it is good for; `None` for all.
    pub domain: Option<DomainRow>,
    /// The name of the one list it is good for; `None` for all.
    pub list: Option<String>,
    /// What it allows.
    pub role: Role,
    /// What people call it.
    pub label: String,
    /// When it was made.
    pub created: u64,
    /// Since when it is good for nothing.
    pub revoked: Option<u64>,
}

/// A line for the log of changes. Names are kept as they are then, whatever becomes of their owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEvent<'a> {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Who did it.
    pub who: &'a str,
    /// What was done.
    pub what: &'a str,
    /// In which domain.
    pub domain: Option<&'a str>,
    /// To which list.
    pub list: Option<&'a str>,
    /// To which number, or other thing.
    pub subject: Option<&'a str>,
    /// What else there is to say.
    pub detail: Option<&'a str>,
}

/// A line of the log of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number; later lines have greater ones.
    pub id: u64,
    /// When, in seconds since 1970.
    pub at: u64,
    /// Who did it.
    pub who: String,
    /// What was done.
    pub what: String,
    /// In which domain.
    pub domain: Option<String>,
    /// To which list.
    pub list: Option<String>,
    /// To which number, or other thing.
    pub subject: Option<String>,
    /// What else there is to say.
    pub detail: Option<String>,
}
