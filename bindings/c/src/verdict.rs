//! The answer to a number, in C's layout.

use crate::text::Text;

/// What to do with a call, or with calls from and to a number.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// No list says anything.
    Pass = 0,
    /// A list says to let the call through.
    Allow = 1,
    /// A list says to bar the call.
    Deny = 2,
}

/// What lists say of a number. Its texts stay until the next call of any function with the same
/// reader; `reason` stays for ever.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// The SIP response to recommend for a barred call: 433, 603, 607 or 608; else 0.
    pub sip_code: u32,
    /// The reason phrase of that response; else nothing.
    pub reason: Text,
    /// The list that decided; nothing if none did.
    pub list: Text,
    /// The canonical form of the number, if a list decided; else nothing, and nothing in a batch.
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

    /// The answer about a number that cannot be judged.
    #[cold]
    pub(crate) fn on_error(action: Action) -> Self {
        let response = callbar::Response::Decline;
        if action == Action::Pass {
            return Self::PASS;
        }
        let (sip_code, reason) = (response.code().into(), Text::new(response.phrase()));
        Self { action, sip_code, reason, ..Self::PASS }
    }

    /// The verdict in C's layout, without the number.
    #[inline]
    pub(crate) fn new(verdict: &callbar::Verdict<'_>) -> Self {
        match verdict {
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
        }
    }
}
