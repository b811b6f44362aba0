//! The SIP responses that a barred call may be answered with.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A final response to the INVITE of a barred call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// 433, for callers who withhold their number (RFC 5079).
    AnonymityDisallowed,
    /// 603, for no reason told (RFC 3261, section 21.6.2).
    Decline,
    /// 607, the called party does not want calls from this caller (RFC 8197).
    Unwanted,
    /// 608, an intermediary rejects the call, not the called party (RFC 8688).
    Rejected,
}

impl Response {
    /// The response of this status code.
    #[must_use]
    pub fn of_code(code: u16) -> Option<Self> {
        [Self::AnonymityDisallowed, Self::Decline, Self::Unwanted, Self::Rejected]
            .into_iter()
            .find(|response| response.code() == code)
    }

    /// The status code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::AnonymityDisallowed => 433,
            Self::Decline => 603,
            Self::Unwanted => 607,
            Self::Rejected => 608,
        }
    }

    /// The reason phrase of its RFC.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::AnonymityDisallowed => "Anonymity Disallowed",
            Self::Decline => "Decline",
            Self::Unwanted => "Unwanted",
            Self::Rejected => "Rejected",
        }
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Response", 2)?;
        fields.serialize_field("code", &self.code())?;
        fields.serialize_field("phrase", self.phrase())?;
        fields.end()
    }
}
