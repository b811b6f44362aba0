//! Whom a text of a call speaks of, and what it may be read as.

use std::ops::ControlFlow;

use serde::Serialize;

use super::canonical::Number;

/// The two parties of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// Who calls (A-number).
    Caller,
    /// Who is called (B-number).
    Callee,
}

impl Party {
    /// `caller` or `callee`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Callee => "callee",
        }
    }
}

/// One way to read what a call says of a party.
pub(crate) struct Reading<'t> {
    pub(crate) number: Number,
    /// The host that it was written with; empty if there is none.
    pub(crate) host: &'t [u8],
}

/// Whoever is shown the readings, until it has seen enough.
pub(super) type Seen<B> = ControlFlow<B>;
