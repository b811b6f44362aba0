//! The verdict on a number, in the layout of C.

use crate::status::Status;
use crate::text::Text;

/// What to do with a call, or with calls from and to a number.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// No list decides: the call goes on.
    Pass = 0,
    /// A list lets the call through.
    Allow = 1,
    /// A list bars the call.
    Deny = 2,
}

/// The verdict of lists on a number. The texts are valid until the next call of any function with the same
/// reader; `reason` is valid for ever.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// The SIP response to recommend for a barred call: 433, 603, 607 or 608; else 0.
    pub sip_code: u32,
    /// The reason phrase of that response; else empty.
    pub reason: Text,
    /// The list that decided; empty if no list did.
    pub list: Text,
    /// The canonical form of the number if a list decided; else empty, and empty in a batch.
    pub number: Text,
}

impl Verdict {
    pub(crate) const PASS: Self = Self {
        action: Action::Pass,
        sip_code: 0,
        reason: Text::NONE,
        list: Text::NONE,
        number: Text::NONE,
    };

    /// The answer when the question has failed.
    #[cold]
    pub(crate) fn on_error(action: Action) -> Self {
        let response = callbar::Response::Decline;
        if action == Action::Pass {
            return Self::PASS;
        }
        let (sip_code, reason) = (response.code().into(), Text::new(response.phrase()));
        Self { action, sip_code, reason, ..Self::PASS }
    }

    /// The verdict in the layout of C, without the number.
    #[inline]
    pub(crate) fn new(verdict: &callbar::Verdict<'_>) -> Result<Self, Status> {
        Ok(match verdict {
            callbar::Verdict::Pass => Self::PASS,
            callbar::Verdict::Allow(by) => {
                Self { action: Action::Allow, list: Text::new(&by.list.name), ..Self::PASS }
            }
            callbar::Verdict::Deny(by) => {
                let response = by.response();
                Self {
                    action: Action::Deny,
                    sip_code: response.code().into(),
                    reason: Text::new(response.phrase()),
                    list: Text::new(&by.list.name),
                    number: Text::NONE,
                }
            }
            // An action that this interface does not know yet
            _ => return Err(Status::Internal),
        })
    }
}
